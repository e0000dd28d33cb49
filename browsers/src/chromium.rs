//! Chromium: how it is started, and what it is told to do over DevTools.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use tokio::process::Command;

use crate::devtools::DevTools;
use crate::process::{self, Process};

/// Nothing but loopback is reached, and no other work of the browser disturbs.
const FLAGS: [&str; 13] = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--disable-breakpad",
];

/// A running Chromium, with a profile of its own.
pub(crate) struct Chromium {
    process: Process,
    pub(crate) devtools: DevTools,
}

impl Chromium {
    /// Starts it and connects to it.
    ///
    /// # Errors
    /// When it cannot be started, or is no Chromium.
    pub(crate) async fn start(browser: &Path) -> anyhow::Result<Chromium> {
        let folder = process::folder()?;
        let mut command = Command::new(browser);
        command.args(FLAGS).arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
        if rustix::process::geteuid().is_root() {
            // Chromium does not start for root with its sandbox.
            command.arg("--no-sandbox");
        }
        command.arg("about:blank");
        let (process, url) = Process::start(command, folder, "DevTools listening on ").await?;
        Ok(Chromium { process, devtools: DevTools::connect(&url).await? })
    }

    /// Name and version, as the browser tells them.
    pub(crate) async fn product(&mut self) -> anyhow::Result<String> {
        let version = self.devtools.call(None, "Browser.getVersion", json!({})).await?;
        Ok(version["product"].as_str().unwrap_or("unknown").to_owned())
    }

    /// Opens a blank page in a context of its own, in which `script` runs before any script of a document. Gives its
    /// session.
    pub(crate) async fn open(&mut self, script: &str) -> anyhow::Result<String> {
        let devtools = &mut self.devtools;
        let context = devtools.call(None, "Target.createBrowserContext", json!({ "disposeOnDetach": true })).await?;
        let page = json!({ "url": "about:blank", "browserContextId": context["browserContextId"], "newWindow": true });
        let target = devtools.call(None, "Target.createTarget", page).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = devtools.call(None, "Target.attachToTarget", attach).await?;
        let session = attached["sessionId"].as_str().context("the browser gives no session")?.to_owned();
        devtools.call(Some(&session), "Network.enable", json!({})).await?;
        // Without it no script is put into a page.
        devtools.call(Some(&session), "Page.enable", json!({})).await?;
        devtools.call(Some(&session), "Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await?;
        Ok(session)
    }

    /// Goes to an address.
    pub(crate) async fn go(&mut self, session: &str, url: &str) -> anyhow::Result<()> {
        let went = self.devtools.call(Some(session), "Page.navigate", json!({ "url": url })).await?;
        match went["errorText"].as_str() {
            None => Ok(()),
            Some(error) => anyhow::bail!("the browser cannot open {url}: {error}"),
        }
    }

    /// The text that an expression gives, or a promise of it.
    pub(crate) async fn evaluate(&mut self, session: &str, expression: &str) -> anyhow::Result<String> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let evaluated = self.devtools.call(Some(session), "Runtime.evaluate", params).await?;
        if let Some(thrown) = evaluated.get("exceptionDetails") {
            let description = [&thrown["exception"]["description"], &thrown["text"]];
            anyhow::bail!("the page throws: {}", description.iter().find_map(|text| text.as_str()).unwrap_or("?"));
        }
        evaluated["result"]["value"].as_str().map(str::to_owned).context("the page does not tell")
    }

    /// Asks it to end, and waits until it is gone.
    pub(crate) async fn end(mut self) {
        // Whatever it answers: dropped, it is killed.
        let _ = self.devtools.call(None, "Browser.close", json!({})).await;
        self.process.end().await;
    }
}
