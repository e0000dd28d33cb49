//! The real thing: every transport in a headless Chromium, and in a Firefox where it is installed, their heads held against
//! the server's own books.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use feedbench_record::Transport;
use feedbench_record::browsers::{Family, Order, Outcome, Pair};
use feedbench_record::transport::Manner;

/// The command and the browser; `None` where one of them is missing, with the reason printed. Firefox may be missing.
fn needed(family: Family) -> Option<(PathBuf, PathBuf)> {
    let feedbench = Path::new(env!("CARGO_BIN_EXE_feedbench-browsers")).with_file_name("feedbench");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let browser = std::env::split_paths(&path).map(|folder| folder.join(family.id())).find(|file| file.is_file());
    let missing = match (&browser, feedbench.is_file()) {
        (Some(_), true) => None,
        (None, _) => Some(format!("{family} is not installed")),
        (_, false) => Some("feedbench is not built (cargo build -p feedbench)".to_owned()),
    };
    if let Some(reason) = &missing {
        let may_be_missing = family == Family::Firefox && browser.is_none();
        assert!(may_be_missing || std::env::var("FEEDBENCH_REQUIRE_ALL").as_deref() != Ok("1"), "{reason}");
        println!("SKIPPED: {reason}");
    }
    browser.filter(|_| missing.is_none()).map(|browser| (feedbench, browser))
}

/// The driver, with every temporary file in a folder of its own.
fn driver(feedbench: &Path, family: Family, browser: &Path, transport: Transport, temporary: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedbench-browsers"));
    command.arg("--feedbench").arg(feedbench).args(["--family", family.id(), "--browser"]).arg(browser);
    command.args(["--transport", transport.id(), "--clients", "2", "--rate", "10", "--arrivals", "fixed"]);
    command.args(["--payload", "100", "--interval", "300", "--hold", "5000", "--duration", "2000"]);
    command.args(["--headers", family.id(), "--ends-with-input"]).env("TMPDIR", temporary);
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

fn measure(feedbench: &Path, family: Family, browser: &Path, transport: Transport) -> Pair {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = driver(feedbench, family, browser, transport, temporary.path()).spawn().unwrap();
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert!(output.status.success(), "{transport}: {}", String::from_utf8_lossy(&output.stderr));
    nothing_is_left(temporary.path());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What holds for each browser and transport.
fn is_as_the_server_has_it(pair: &Pair) {
    let (transport, browser, bytes) = (pair.transport, &pair.browser, pair.browser.bytes);
    assert_eq!((browser.lost, browser.duplicated, browser.hidden), (0, 0, 0), "{transport}");
    assert!(browser.delivered > 0, "{transport}");
    assert_eq!(browser.latency.count(), browser.delivered, "{transport}");
    assert!(bytes.events >= browser.delivered, "{transport}: {bytes:?}");

    let witness = browser.witness.unwrap();
    assert!(witness.compared > 0, "{transport}: no head was found at the server");
    assert_eq!(witness.equal, witness.compared, "{transport}: {witness:?}");
    assert_eq!(browser.request.as_ref().unwrap().order, Order::Wire, "{transport}");
    assert!(browser.answer.as_ref().unwrap().text.ends_with("\r\n\r\n"), "{transport}");
    let mysterious: Vec<_> =
        pair.fields.iter().filter(|field| field.outcome() != Outcome::Same && field.cause.is_none()).collect();
    assert!(!pair.fields.is_empty() && mysterious.is_empty(), "{transport}: {mysterious:?}");
    assert_eq!(bytes.opening.is_some(), transport.manner() == Manner::Pushed, "{transport}");

    // An event is its text of 100 bytes and what frames it; a poll's event pays for heads, too.
    if let Some(per_event) = bytes.per_event {
        match transport.manner() {
            Manner::Pushed => assert!((102.0..200.0).contains(&per_event), "{transport}: {per_event}"),
            Manner::Asks | Manner::Waits => assert!(per_event > 102.0, "{transport}: {per_event}"),
        }
    }
    let imitation = pair.imitation.as_ref().unwrap();
    assert!(imitation.delivered.unwrap() > 0 && imitation.latency.is_some(), "{transport}");
}

#[test]
fn every_transport_is_told_byte_by_byte_as_the_server_has_it() {
    let Some((feedbench, chromium)) = needed(Family::Chromium) else { return };
    for transport in Transport::ALL {
        let pair = measure(&feedbench, Family::Chromium, &chromium, transport);
        is_as_the_server_has_it(&pair);
        let bytes = pair.browser.bytes;
        // On a busy machine a page may ask once more while its server ends: then the bytes are not all known.
        assert_eq!(bytes.per_event.is_some(), bytes.unfinished == 0, "{transport}: {bytes:?}");
        assert_eq!(bytes.frames.unwrap().received > 0, transport == Transport::WebSocket, "{transport}");
    }
}

#[test]
fn firefox_tells_the_same_but_for_messages_of_a_websocket() {
    let Some((feedbench, firefox)) = needed(Family::Firefox) else { return };
    for transport in Transport::ALL {
        let pair = measure(&feedbench, Family::Firefox, &firefox, transport);
        is_as_the_server_has_it(&pair);
        assert!(pair.browser.product.starts_with("Firefox/"), "{}", pair.browser.product);
        let bytes = pair.browser.bytes;
        let is_told = transport != Transport::WebSocket;
        let is_known = is_told && bytes.unfinished == 0;
        assert_eq!((bytes.frames.is_some(), bytes.per_event.is_some()), (is_told, is_known), "{transport}: {bytes:?}");
    }
}

#[test]
fn whoever_ends_its_input_leaves_no_browser_and_no_folder_behind() {
    for family in Family::ALL {
        let Some((feedbench, browser)) = needed(family) else { continue };
        let temporary = tempfile::tempdir().unwrap();
        let mut child = driver(&feedbench, family, &browser, Transport::Sse, temporary.path()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        // The driver's own arguments do not name the folder, the browser's do.
        while processes_with(temporary.path()) < 2 {
            assert!(Instant::now() < deadline, "{family} does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{family}");
        nothing_is_left(temporary.path());
    }
}

#[test]
fn what_is_no_browser_is_told_in_one_line() {
    let Some((feedbench, _)) = needed(Family::Chromium) else { return };
    for family in Family::ALL {
        let temporary = tempfile::tempdir().unwrap();
        let mut driver = driver(&feedbench, family, Path::new("/bin/false"), Transport::Sse, temporary.path());
        let mut child = driver.spawn().unwrap();
        let input = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(input);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.lines().count() == 1 && errors.contains("the browser ended before it listened"), "{errors}");
        nothing_is_left(temporary.path());
    }
}
