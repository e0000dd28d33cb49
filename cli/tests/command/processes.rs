//! The processes of a run: each side on its own cores, and none of them left behind, whatever happens.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Outcome, children_of, demand_integrity, errors, feedbench, wait_until_gone};
use feedbench_record::verdict::Code;
use rustix::process::{Pid, Signal, kill_process};

fn start(duration: &str, out: &std::path::Path) -> Child {
    start_with(duration, out, &[])
}

fn start_with(duration: &str, out: &std::path::Path, options: &[&str]) -> Child {
    feedbench(&["run", "--json", "--rate", "50", "--warmup", "100ms"])
        .args(["--duration", duration, "--out", out.to_str().unwrap()])
        .args(if options.contains(&"--transport") { &[][..] } else { &["--transport", "websocket,sse"] })
        .args(if options.contains(&"--clients") { &[][..] } else { &["--clients", "20"] })
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The command's two children, once both are there.
fn both_children(parent: &Child) -> Vec<u32> {
    all_children(parent, 2)
}

/// The command's children, once so many are there.
fn all_children(parent: &Child, number: usize) -> Vec<u32> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let children = children_of(parent.id());
        if children.len() == number {
            return children;
        }
        assert!(Instant::now() < deadline, "the children never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the load generator has held its clients for a while: its window has begun.
fn wait_for_the_window(children: &[u32]) {
    wait_for_the_window_of(children, 20);
}

fn wait_for_the_window_of(children: &[u32], clients: usize) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let sockets =
        |process: &u32| std::fs::read_dir(format!("/proc/{process}/fd")).map(Iterator::count).unwrap_or_default();
    while !children.iter().all(|child| sockets(child) > clients) {
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
    demand_integrity(record);
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
    assert!(errors(&output).contains("process ended by itself"), "{}", errors(&output));
}

/// Is the process a server?
fn is_server(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap().contains("server-child")
}

/// The records that were kept of a cell's shards.
fn shards_kept(outcome: &Outcome) -> usize {
    let folder = std::path::Path::new(outcome.summary.dir.as_ref().unwrap()).join("shards");
    std::fs::read_dir(folder).map(Iterator::count).unwrap_or_default()
}

#[test]
fn a_shard_that_dies_is_named_and_the_others_are_measured_to_their_end() {
    for kill_server in [true, false] {
        let out = tempfile::tempdir().unwrap();
        let parent = start_with("4s", out.path(), &["--server-shards", "3", "--transport", "sse", "--clients", "30"]);
        let children = all_children(&parent, 6);
        wait_for_the_window_of(&children, 10);
        let killed = children.iter().find(|&&child| is_server(child) == kill_server).unwrap();
        kill_process(Pid::from_raw(*killed as i32).unwrap(), Signal::KILL).unwrap();
        let outcome = Outcome::of(&parent.wait_with_output().unwrap());
        wait_until_gone(&children);
        assert_eq!(outcome.status, 3);
        let record = &outcome.records[0];
        let lost: Vec<_> = record.verdict.reasons.iter().filter(|reason| reason.code == Code::ShardLost).collect();
        let side = if kill_server { "the server process" } else { "the load generator process" };
        assert_eq!(lost.len(), 1, "{:?}", record.verdict);
        for says in ["shard ", " of 3", side, "SIGKILL", "10 clients"] {
            assert!(lost[0].text.contains(says), "{}", lost[0].text);
        }
        assert_eq!((record.scenario.clients, record.processes.server, shards_kept(&outcome)), (20, 2, 2));
        assert!(!record.interrupted && record.counts.delivered > 0 && record.counts.lost == Some(0));
    }
}

#[test]
fn ctrl_c_in_a_split_cell_writes_what_was_measured_and_leaves_no_process() {
    let out = tempfile::tempdir().unwrap();
    let parent = start_with("60s", out.path(), &["--server-shards", "3", "--clients", "30"]);
    let children = all_children(&parent, 6);
    wait_for_the_window_of(&children, 10);
    signal(&parent, Signal::INT);
    let outcome = Outcome::of(&parent.wait_with_output().unwrap());
    wait_until_gone(&children);
    assert_eq!((outcome.status, outcome.records.len(), shards_kept(&outcome)), (130, 1, 3));
    let record = &outcome.records[0];
    assert!(record.interrupted && record.counts.delivered > 0 && record.processes.loadgen == 3);
    demand_integrity(record);
}

#[test]
fn ctrl_c_in_the_ramp_of_a_split_cell_and_a_killed_parent_leave_no_process() {
    for gently in [true, false] {
        let out = tempfile::tempdir().unwrap();
        let mut parent = start_with("60s", out.path(), &["--server-shards", "3", "--clients", "30"]);
        let children = all_children(&parent, 6);
        if gently {
            signal(&parent, Signal::INT);
            let outcome = Outcome::of(&parent.wait_with_output().unwrap());
            assert_eq!((outcome.status, outcome.records.len()), (130, 0));
        } else {
            parent.kill().unwrap();
            parent.wait().unwrap();
        }
        wait_until_gone(&children);
    }
}

/// The cores that a process may use, as the kernel lists them.
fn cores_of(process: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim().to_owned()
}

#[test]
fn each_side_keeps_to_its_own_half_of_the_cores_unless_told_otherwise() {
    let all = cores_of(std::process::id());
    if std::thread::available_parallelism().unwrap().get() < 2 {
        println!("skipped: one core has no halves");
        return;
    }
    for (options, pinned) in [(&[][..], true), (&["--no-pin"], false)] {
        let out = tempfile::tempdir().unwrap();
        let parent = start_with("60s", out.path(), options);
        let children = both_children(&parent);
        wait_for_the_window(&children);
        let cores: Vec<_> = children.iter().map(|&child| cores_of(child)).collect();
        signal(&parent, Signal::TERM);
        let outcome = Outcome::of(&parent.wait_with_output().unwrap());
        assert_eq!(outcome.records[0].scenario.pinned, pinned);
        if pinned {
            assert!(cores[0] != cores[1] && !cores.contains(&all), "{cores:?} of {all}");
        } else {
            assert_eq!(cores, [all.as_str(), &all]);
        }
    }
}

#[test]
fn no_process_is_left_after_success() {
    let out = tempfile::tempdir().unwrap();
    let parent = start("200ms", out.path());
    let children = both_children(&parent);
    let output = parent.wait_with_output().unwrap();
    wait_until_gone(&children);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", errors(&output));
}
