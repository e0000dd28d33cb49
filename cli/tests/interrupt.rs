//! Ctrl-C and the parent's death: what was measured is written, and no process is left behind.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Outcome, children_of, feedbench, wait_until_gone};
use feedbench_record::verdict::Code;
use rustix::process::{Pid, Signal, kill_process};

fn start(duration: &str, out: &std::path::Path) -> Child {
    feedbench(&[
        "run",
        "--json",
        "--transport",
        "websocket,sse",
        "--clients",
        "20",
        "--rate",
        "50",
        "--warmup",
        "100ms",
    ])
    .args(["--duration", duration, "--out", out.to_str().unwrap()])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap()
}

/// The command's two children, once both are there.
fn both_children(parent: &Child) -> Vec<u32> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let children = children_of(parent.id());
        if children.len() == 2 {
            return children;
        }
        assert!(Instant::now() < deadline, "the children never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the load generator has held its clients for a while: its window has begun.
fn wait_for_the_window(children: &[u32]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let sockets =
        |process: &u32| std::fs::read_dir(format!("/proc/{process}/fd")).map(Iterator::count).unwrap_or_default();
    while !children.iter().all(|child| sockets(child) > 20) {
        assert!(Instant::now() < deadline, "the clients never connected");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Idle second, warm-up and a part of the window.
    std::thread::sleep(Duration::from_millis(2_500));
}

fn signal(process: &Child, signal: Signal) {
    kill_process(Pid::from_raw(process.id() as i32).unwrap(), signal).unwrap();
}

#[test]
fn ctrl_c_in_the_window_writes_what_was_measured_and_marks_it() {
    let out = tempfile::tempdir().unwrap();
    let parent = start("60s", out.path());
    let children = both_children(&parent);
    wait_for_the_window(&children);
    signal(&parent, Signal::INT);
    let outcome = Outcome::of(&parent.wait_with_output().unwrap());
    wait_until_gone(&children);
    assert_eq!(outcome.status, 130);
    assert!(outcome.summary.interrupted);
    assert_eq!(outcome.records.len(), 1, "the second cell never began");
    let record = &outcome.records[0];
    assert!(record.interrupted && record.counts.delivered > 0);
    assert!(record.verdict.reasons.iter().any(|reason| reason.code == Code::Interrupted));
    common::demand_integrity(record);
    let dir = std::path::PathBuf::from(outcome.summary.dir.unwrap());
    assert!(dir.join("report.html").exists());
}

#[test]
fn ctrl_c_before_the_window_leaves_no_record_and_no_process() {
    let out = tempfile::tempdir().unwrap();
    let parent = start("60s", out.path());
    let children = both_children(&parent);
    signal(&parent, Signal::INT);
    let outcome = Outcome::of(&parent.wait_with_output().unwrap());
    wait_until_gone(&children);
    assert_eq!((outcome.status, outcome.records.len()), (130, 0));
    assert!(outcome.summary.interrupted);
}

#[test]
fn a_killed_parent_leaves_no_process_behind() {
    let out = tempfile::tempdir().unwrap();
    let mut parent = start("60s", out.path());
    let children = both_children(&parent);
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_until_gone(&children);
}

#[test]
fn a_dead_child_is_named_and_the_other_one_ends() {
    let out = tempfile::tempdir().unwrap();
    let parent = start("60s", out.path());
    let children = both_children(&parent);
    wait_for_the_window(&children);
    kill_process(Pid::from_raw(children[0] as i32).unwrap(), Signal::KILL).unwrap();
    let output = parent.wait_with_output().unwrap();
    wait_until_gone(&children);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::errors(&output).contains("process ended by itself"), "{}", common::errors(&output));
}

#[test]
fn no_process_is_left_after_success() {
    let out = tempfile::tempdir().unwrap();
    let parent = start("200ms", out.path());
    let children = both_children(&parent);
    let output = parent.wait_with_output().unwrap();
    wait_until_gone(&children);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", common::errors(&output));
}
