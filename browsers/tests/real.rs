//! The real thing: every transport in a headless Chromium, its heads held against the server's own books.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use feedbench_record::Transport;
use feedbench_record::browsers::{Order, Outcome, Pair};
use feedbench_record::transport::Manner;

/// The command and the browser; `None` where one of them is missing, with the reason printed.
fn needed() -> Option<(PathBuf, PathBuf)> {
    let feedbench = Path::new(env!("CARGO_BIN_EXE_feedbench-browsers")).with_file_name("feedbench");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let chromium = std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|file| file.is_file());
    let missing = match (&chromium, feedbench.is_file()) {
        (Some(_), true) => None,
        (None, _) => Some("chromium is not installed"),
        (_, false) => Some("feedbench is not built (cargo build -p feedbench)"),
    };
    if let Some(reason) = missing {
        assert!(std::env::var("FEEDBENCH_REQUIRE_ALL").as_deref() != Ok("1"), "{reason}");
        println!("SKIPPED: {reason}");
    }
    chromium.filter(|_| missing.is_none()).map(|chromium| (feedbench, chromium))
}

/// The driver, with every temporary file in a folder of its own.
fn driver(feedbench: &Path, chromium: &Path, transport: Transport, temporary: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedbench-browsers"));
    command.arg("--feedbench").arg(feedbench).arg("--browser").arg(chromium);
    command.args(["--transport", transport.id(), "--clients", "2", "--rate", "10", "--arrivals", "fixed"]);
    command.args(["--payload", "100", "--interval", "300", "--hold", "5000", "--duration", "2000"]);
    command.args(["--headers", "chromium", "--ends-with-input"]).env("TMPDIR", temporary);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Whose arguments name this folder, or who lives in it.
fn processes_with(folder: &Path) -> usize {
    let name = folder.to_str().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let command_lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    command_lines.filter(|line| String::from_utf8_lossy(line).contains(name)).count()
}

fn nothing_is_left(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while processes_with(folder) > 0 {
        assert!(Instant::now() < deadline, "processes of the browser are left");
        std::thread::sleep(Duration::from_millis(50));
    }
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

fn measure(feedbench: &Path, chromium: &Path, transport: Transport) -> Pair {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = driver(feedbench, chromium, transport, temporary.path()).spawn().unwrap();
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert!(output.status.success(), "{transport}: {}", String::from_utf8_lossy(&output.stderr));
    nothing_is_left(temporary.path());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_transport_is_told_byte_by_byte_as_the_server_has_it() {
    let Some((feedbench, chromium)) = needed() else { return };
    for transport in Transport::ALL {
        let pair = measure(&feedbench, &chromium, transport);
        let (browser, bytes) = (&pair.browser, pair.browser.bytes);
        assert_eq!((browser.lost, browser.duplicated, browser.hidden), (0, 0, 0), "{transport}");
        assert!(browser.delivered > 0 && browser.latency.count() == browser.delivered, "{transport}");
        assert!(bytes.events >= browser.delivered && bytes.unfinished == 0, "{transport}: {bytes:?}");

        let witness = browser.witness.unwrap();
        assert!(witness.compared > 0, "{transport}: no head was found at the server");
        assert_eq!(witness.equal, witness.compared, "{transport}: {witness:?}");
        assert_eq!(browser.request.as_ref().unwrap().order, Order::Wire, "{transport}");
        assert!(browser.answer.as_ref().unwrap().text.ends_with("\r\n\r\n"), "{transport}");
        let mysterious: Vec<_> =
            pair.fields.iter().filter(|field| field.outcome() != Outcome::Same && field.cause.is_none()).collect();
        assert!(!pair.fields.is_empty() && mysterious.is_empty(), "{transport}: {mysterious:?}");

        // An event is its text of 100 bytes and what frames it; a poll's event pays for heads, too.
        let per_event = bytes.per_event.unwrap();
        match transport.manner() {
            Manner::Pushed => assert!((102.0..200.0).contains(&per_event), "{transport}: {per_event}"),
            Manner::Asks | Manner::Waits => assert!(per_event > 102.0, "{transport}: {per_event}"),
        }
        assert_eq!(bytes.opening.is_some(), transport.manner() == Manner::Pushed, "{transport}");
        assert_eq!(bytes.frames.received > 0, transport == Transport::WebSocket, "{transport}");
        let imitation = pair.imitation.unwrap();
        assert!(imitation.delivered.unwrap() > 0 && imitation.latency.is_some(), "{transport}");
    }
}

#[test]
fn whoever_ends_its_input_leaves_no_browser_and_no_folder_behind() {
    let Some((feedbench, chromium)) = needed() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let mut child = driver(&feedbench, &chromium, Transport::Sse, temporary.path()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    // Its processes are more than the driver's own one, whose arguments do not name the folder.
    while processes_with(temporary.path()) < 2 {
        assert!(Instant::now() < deadline, "the browser does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    nothing_is_left(temporary.path());
}

#[test]
fn what_is_no_browser_is_told_in_one_line() {
    let Some((feedbench, _)) = needed() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let mut child = driver(&feedbench, Path::new("/bin/false"), Transport::Sse, temporary.path()).spawn().unwrap();
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.lines().count() == 1 && errors.contains("the browser ended before it listened"), "{errors}");
    nothing_is_left(temporary.path());
}
