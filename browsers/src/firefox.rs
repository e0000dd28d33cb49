//! Firefox: how it is started, and what it is told to do over WebDriver BiDi.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use tokio::process::Command;

use crate::bidi::{self, BiDi};
use crate::process::{self, Process};

const FLAGS: [&str; 4] = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile"];

/// Nothing but loopback is reached: names are not looked up, and what is not on loopback goes to a proxy that is not there.
/// No other work of the browser disturbs. It speaks English, as the header profile does. Values as in a script.
const PREFERENCES: [(&str, &str); 20] = [
    ("network.dns.disabled", "true"),
    ("network.proxy.type", "1"),
    ("network.proxy.http", "'127.0.0.1'"),
    ("network.proxy.http_port", "9"),
    ("network.proxy.ssl", "'127.0.0.1'"),
    ("network.proxy.ssl_port", "9"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("app.normandy.enabled", "false"),
    ("app.update.disabledForTesting", "true"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.topsites.contile.enabled", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("extensions.update.enabled", "false"),
    ("messaging-system.rsexperimentloader.enabled", "false"),
    ("services.settings.server", "'data:,'"),
    ("toolkit.telemetry.enabled", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("intl.locale.requested", "'en-US'"),
];

/// A running Firefox, with a profile of its own.
pub(crate) struct Firefox {
    process: Process,
    pub(crate) bidi: BiDi,
}

impl Firefox {
    /// Starts it and connects to it.
    ///
    /// # Errors
    /// When it cannot be started, or is no Firefox.
    pub(crate) async fn start(browser: &Path) -> anyhow::Result<Firefox> {
        let folder = process::folder()?;
        let profile = folder.path().join("profile");
        let preferences = PREFERENCES.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "user_pref('{name}', {value});");
            text
        });
        std::fs::create_dir(&profile)
            .and_then(|()| std::fs::write(profile.join("user.js"), preferences))
            .context("cannot write a profile")?;
        let mut command = Command::new(browser);
        command.args(FLAGS).arg(&profile);
        // Firefox does not start for root in a home of somebody else.
        command.env("HOME", folder.path()).env("MOZ_CRASHREPORTER_DISABLE", "1");
        if rustix::process::geteuid().is_root() {
            // Its sandbox does not run for root.
            command.env("MOZ_DISABLE_CONTENT_SANDBOX", "1");
        }
        let (process, url) = Process::start(command, folder, "WebDriver BiDi listening on ").await?;
        Ok(Firefox { process, bidi: BiDi::connect(&url).await? })
    }

    /// Opens a blank page in a user context of its own, in which `script` runs before any script of a document. Gives its
    /// context.
    pub(crate) async fn open(&mut self, script: &str) -> anyhow::Result<String> {
        let user = self.bidi.call("browser.createUserContext", json!({})).await?;
        // A tab behind another one is hidden, a window is not.
        let page = json!({ "type": "window", "userContext": user["userContext"] });
        let created = self.bidi.call("browsingContext.create", page).await?;
        let context = created["context"].as_str().context("the browser gives no context")?.to_owned();
        let preload = json!({ "functionDeclaration": format!("() => {{ {script} }}"), "contexts": [context] });
        self.bidi.call("script.addPreloadScript", preload).await?;
        Ok(context)
    }

    /// Goes to an address.
    pub(crate) async fn go(&mut self, context: &str, url: &str) -> anyhow::Result<()> {
        // A frame that streams may keep a page from ever being complete.
        let how = json!({ "context": context, "url": url, "wait": "interactive" });
        self.bidi.call("browsingContext.navigate", how).await.map(|_| ())
    }

    /// The text that an expression gives, or a promise of it.
    pub(crate) async fn evaluate(&mut self, context: &str, expression: &str) -> anyhow::Result<String> {
        let what = json!({ "expression": expression, "target": { "context": context }, "awaitPromise": true });
        bidi::text_of(&self.bidi.call("script.evaluate", what).await?)
    }

    /// Asks it to end, and waits until it is gone.
    pub(crate) async fn end(mut self) {
        // Whatever it answers: dropped, it is killed.
        let _ = self.bidi.call("browser.close", json!({})).await;
        self.process.end().await;
    }
}
