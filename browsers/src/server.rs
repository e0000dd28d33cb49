//! A fresh server for one measurement.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::args::Arguments;

/// How long it may take to listen.
const READY: Duration = Duration::from_secs(20);
/// How long it may take to end the feed.
const END: Duration = Duration::from_secs(20);

/// A running `feedbench serve`. Dropped, it is killed.
pub(crate) struct Server {
    process: Child,
    /// Host and port.
    host: String,
    /// Held open: a server whose standard output is closed would get an error when it writes to it.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it on free ports of loopback, and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started, or ends.
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Server> {
        let mut process = Command::new(&arguments.feedbench)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--rate", &arguments.rate.to_string(), "--arrivals", &arguments.arrivals])
            .args(["--payload", &arguments.payload.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", arguments.feedbench.display()))?;
        let mut stdout = BufReader::new(process.stdout.take().context("the server has no standard output")?);
        match timeout(READY, address(&mut stdout)).await.context("the server does not say where it listens")? {
            Ok(host) => Ok(Server { process, host, _stdout: stdout }),
            Err(error) => {
                let output = process.wait_with_output().await?;
                let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(if reason.is_empty() { error } else { anyhow::anyhow!(reason) })
            }
        }
    }

    /// Host and port of its main port, as `127.0.0.1:8080`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Asks it to end: it ends the feed, and every stream with it. Returns at once.
    pub(crate) fn ask_to_end(&self) {
        if let Some(pid) = self.process.id().and_then(|id| Pid::from_raw(id as i32)) {
            // Already gone is as good.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Waits until it is gone.
    ///
    /// # Errors
    /// When it does not end by itself.
    pub(crate) async fn gone(mut self) -> anyhow::Result<()> {
        match timeout(END, self.process.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => bail!("the server does not end"),
        }
    }
}

/// Where it says that it serves.
async fn address(stdout: &mut BufReader<ChildStdout>) -> anyhow::Result<String> {
    let mut line = String::new();
    while stdout.read_line(&mut line).await? > 0 {
        if let Some(host) = line.split_whitespace().find_map(|word| word.strip_prefix("http://")) {
            return Ok(host.trim_end_matches('/').to_owned());
        }
        line.clear();
    }
    bail!("the server ended before it listened")
}
