//! The browser's process, its profile and its end.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::devtools::DevTools;

/// How long it may take to start.
const READY: Duration = Duration::from_secs(60);
/// How long it may take to end by itself.
const END: Duration = Duration::from_secs(5);

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

/// A running Chromium without a window, with a profile of its own. Dropped, it is killed with all its processes, and the
/// profile is removed.
pub(crate) struct Chromium {
    process: Child,
    group: Option<Pid>,
    profile: Option<TempDir>,
}

impl Chromium {
    /// Starts it and connects to it.
    ///
    /// # Errors
    /// When it cannot be started, or is no Chromium.
    pub(crate) async fn start(browser: &Path) -> anyhow::Result<(Chromium, DevTools)> {
        let profile = TempDir::with_prefix("feedbench-browser-").context("cannot make a folder for a profile")?;
        let mut command = Command::new(browser);
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().join("profile").display()));
        // What it leaves behind when it is killed goes with its profile.
        command.env("TMPDIR", profile.path());
        if rustix::process::geteuid().is_root() {
            // Chromium does not start for root with its sandbox.
            command.arg("--no-sandbox");
        }
        command.arg("about:blank").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start the browser {}", browser.display()))?;
        let group = process.id().and_then(|id| Pid::from_raw(id as i32));
        let stderr = process.stderr.take().context("the browser has no standard error")?;
        let chromium = Chromium { process, group, profile: Some(profile) };
        let url = timeout(READY, address(stderr)).await.context("the browser does not say where it listens")??;
        let devtools = DevTools::connect(&url).await?;
        Ok((chromium, devtools))
    }

    /// Asks it to end, and waits until it is gone.
    pub(crate) async fn end(mut self, mut devtools: DevTools) {
        // Whatever it answers: dropped, it is killed.
        let _ = devtools.call(None, "Browser.close", serde_json::json!({})).await;
        let _ = timeout(END, self.process.wait()).await;
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // Already gone is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let Some(profile) = self.profile.take().map(TempDir::keep) else { return };
        // Its last processes may write while the folder is removed.
        for _ in 0..50 {
            match std::fs::remove_dir_all(&profile) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                _ => return,
            }
        }
        eprintln!("feedbench-browsers: the browser's folder {} cannot be removed", profile.display());
    }
}

/// The address that Chromium tells on its standard error, which is then read on and forgotten.
async fn address(stderr: impl AsyncRead + Unpin + Send + 'static) -> anyhow::Result<String> {
    let mut lines = BufReader::new(stderr).lines();
    let mut last = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.strip_prefix("DevTools listening on ") {
            let url = url.trim().to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(url);
        }
        last = line;
    }
    bail!("the browser ended before it listened: {last:.200}")
}
