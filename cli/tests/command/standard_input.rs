//! Standard input as the feed of a run: read once, and published by every server at the same intended instants.

use std::io::Write as _;
use std::process::{ChildStdin, Stdio};
use std::time::Duration;

use crate::common::{Outcome, demand_integrity, errors, feedbench};
use feedbench_record::Record;
use feedbench_record::scenario::Source;
use feedbench_record::verdict::Code;

/// The record of a run whose standard input is what `write` writes, and what the command said.
fn run(more: &[&str], write: fn(ChildStdin)) -> (Record, String) {
    let out = tempfile::tempdir().unwrap();
    let mut child = feedbench(&["run", "--json", "--feed", "-", "--clients", "12", "--warmup", "300ms"])
        .args(["--out", out.path().to_str().unwrap()])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || write(stdin));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let outcome = Outcome::of(&output);
    (outcome.records[0].clone(), errors(&output))
}

/// A line every 10 ms, until nobody reads them any more.
fn for_ever(mut stdin: ChildStdin) {
    for number in 0.. {
        if writeln!(stdin, "line {number} with \"quotes\"").is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_lines_are_published_by_one_server_or_by_several_until_the_window_is_over() {
    for more in
        [&["--transport", "polling", "--interval", "200ms"][..], &["--transport", "sse", "--server-shards", "3"]]
    {
        let (record, _) = run(&[more, &["--duration", "2s"]].concat(), for_ever);
        demand_integrity(&record);
        assert_eq!((record.scenario.source, record.interrupted), (Source::Stdin, false));
        let events = record.events_in_window.unwrap();
        assert!(events > 10, "{events}");
        assert_eq!((record.counts.expected, record.counts.lost), (Some(events * 12), Some(0)));
        assert_eq!(record.window.seconds(), 2.0);
    }
}

#[test]
fn an_input_that_ends_early_ends_the_window_and_no_cell_is_called_stopped() {
    for pairs in ["1", "2"] {
        let few = |mut stdin: ChildStdin| {
            for number in 0..250 {
                writeln!(stdin, "{number}").unwrap();
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        let (record, _) = run(&["--transport", "websocket", "--duration", "60s", "--server-shards", pairs], few);
        demand_integrity(&record);
        assert!(!record.interrupted && record.window.seconds() < 60.0, "{}", record.window.seconds());
        assert!(record.verdict.reasons.iter().all(|reason| reason.code != Code::Interrupted));
        assert_eq!(record.counts.lost, Some(0));
        // All that was written was read, and nobody has missed any of it.
        assert_eq!((record.cell_counts.expected, record.cell_counts.delivered), (Some(250 * 12), 250 * 12));
    }
}

#[test]
fn a_line_that_is_too_long_is_named_once_and_the_rest_is_published() {
    let (record, told) = run(&["--transport", "websocket", "--duration", "1s", "--server-shards", "2"], |mut stdin| {
        stdin.write_all(&[b'x'; 300_000]).unwrap();
        stdin.write_all(b"\n").unwrap();
        for_ever(stdin);
    });
    assert_eq!(told.matches("line 1 of the input skipped").count(), 1, "{told}");
    assert!(record.counts.delivered > 0 && record.counts.lost == Some(0));
}

#[test]
fn an_input_that_ends_before_the_window_measures_nothing_and_says_so() {
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["run", "--feed", "-", "--transport", "sse", "--clients", "5", "--duration", "1s"])
        .args(["--out", out.path().to_str().unwrap()])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("standard input ended before") && told.lines().count() == 1, "{told}");
}
