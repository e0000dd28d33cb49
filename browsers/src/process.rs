//! A browser's process, its profile and its end.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long it may take to start.
const READY: Duration = Duration::from_secs(60);
/// How long it may take to end by itself.
const END: Duration = Duration::from_secs(5);

/// An empty folder for all that a browser writes. Dropped, it is removed.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn folder() -> anyhow::Result<TempDir> {
    TempDir::with_prefix("feedbench-browser-").context("cannot make a folder for a profile")
}

/// A running browser without a window. Dropped, it is killed with all its processes, and its folder is removed.
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    folder: Option<TempDir>,
}

impl Process {
    /// Starts it, and waits until it says where it listens: behind `mark`, on its standard error.
    ///
    /// # Errors
    /// When it cannot be started, or ends.
    pub(crate) async fn start(mut command: Command, folder: TempDir, mark: &str) -> anyhow::Result<(Process, String)> {
        // What it leaves behind when it is killed goes with its folder.
        command.env("TMPDIR", folder.path());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start the browser {}", program(&command).display()))?;
        let group = child.id().and_then(|id| Pid::from_raw(id as i32));
        let stderr = child.stderr.take().context("the browser has no standard error")?;
        let process = Process { child, group, folder: Some(folder) };
        let url =
            timeout(READY, address(stderr, mark)).await.context("the browser does not say where it listens")??;
        Ok((process, url))
    }

    /// Waits until it is gone; past its time it is killed.
    pub(crate) async fn end(mut self) {
        let _ = timeout(END, self.child.wait()).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // Already gone is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let Some(folder) = self.folder.take().map(TempDir::keep) else { return };
        // Its last processes may write while the folder is removed.
        for _ in 0..50 {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                _ => return,
            }
        }
        eprintln!("feedbench-browsers: the browser's folder {} cannot be removed", folder.display());
    }
}

fn program(command: &Command) -> &Path {
    Path::new(command.as_std().get_program())
}

/// The address that the browser tells, on a line that is then read on and forgotten.
async fn address(stderr: impl AsyncRead + Unpin + Send + 'static, mark: &str) -> anyhow::Result<String> {
    let mut lines = BufReader::new(stderr).lines();
    let mut last = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.strip_prefix(mark) {
            let url = url.trim().to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(url);
        }
        last = line;
    }
    bail!("the browser ended before it listened: {last:.200}")
}
