//! `--rate 0` through the real command: what a client costs while nothing is published, on every transport.

use crate::common::{Outcome, demand_integrity, errors, feedbench};
use feedbench_record::transport::Manner;
use feedbench_record::verdict::{Code, Workload};
use feedbench_record::{Transport, schema};

/// Silent, with a heartbeat, a poll and a hold several times in the window.
const SUITE: &str = "name = \"silence\"\nabout = \"x\"\nclients = [3]\n[scenario]\nrate_per_s = 0\nidle_ms = 100\n\
                     warmup_ms = 100\nwindow_ms = 1000\ninterval_ms = 200\nhold_ms = 250\nheartbeat_ms = 150\n";

fn run(options: &[&str]) -> (Outcome, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("silence.toml");
    std::fs::write(&suite, SUITE).unwrap();
    let output = feedbench(&["run", "--json", "--suite", suite.to_str().unwrap()])
        .args(["--out", dir.path().join("results").to_str().unwrap()])
        .args(options)
        .output()
        .unwrap();
    let outcome = Outcome::of(&output);
    assert!(matches!(outcome.status, 0 | 3), "{}", errors(&output));
    (outcome, dir)
}

#[test]
fn a_silent_feed_costs_bytes_and_cpu_a_minute_and_nothing_an_event() {
    let (outcome, _dir) = run(&[]);
    assert_eq!(outcome.records.len(), Transport::ALL.len());
    let validator = jsonschema::validator_for(&schema::summary()).unwrap();
    assert!(validator.is_valid(&serde_json::to_value(&outcome.summary).unwrap()));
    for (record, cell) in outcome.records.iter().zip(&outcome.summary.cells) {
        demand_integrity(record);
        let id = &record.id;
        assert_eq!(record.verdict.workload, Workload::Idle, "{id}");
        assert!(record.verdict.reasons.iter().all(|reason| reason.code != Code::WindowTooShort), "{id}");
        assert_eq!(
            (record.events_in_window, record.counts.expected, record.cell_counts.lost),
            (Some(0), Some(0), Some(0))
        );
        assert_eq!((cell.delivered, cell.latency_us), (0, None), "{id}");
        assert!(record.histograms.delivery_latency.is_none() && record.latency_absent.is_some(), "{id}");
        assert!(record.bytes.agreement.compared_with_kernel >= 3, "{id}");
        let per_event = &cell.bytes_per_event;
        assert_eq!((per_event.total, per_event.ip, cell.cpu_us_per_event.server), (None, None, None), "{id}");
        let idle = cell.idle.unwrap();
        let (bytes, on_ip) = (idle.bytes_per_client_minute.unwrap(), idle.ip_bytes_per_client_minute.unwrap());
        assert!(bytes > 0.0 && on_ip > bytes, "{id}: {bytes} bytes, {on_ip} on IP");
        assert!(idle.cpu_us_per_client_minute.server.is_some() && idle.cpu_us_per_client_minute.loadgen.is_some());
        let polls = record.polls.map(|polls| (polls.total > 0, polls.empty == polls.total));
        let asks_or_waits = record.transport.manner() != Manner::Pushed;
        assert_eq!(polls, asks_or_waits.then_some((true, true)), "{id}: every poll is empty");
        let heartbeats = record.bytes.loadgen.ledger.unwrap().heartbeats.count;
        assert_eq!(heartbeats > 0, !asks_or_waits, "{id}");
    }
}

#[test]
fn the_bytes_of_the_seconds_are_all_that_moved_since_the_window_began() {
    let (outcome, _dir) = run(&["--transport", "polling,websocket", "--rate", "20", "--connection", "keep-alive"]);
    for record in &outcome.records {
        demand_integrity(record);
        let of_seconds: u64 = record.seconds.iter().map(|second| second.bytes.unwrap()).sum();
        let (in_window, end) = (record.bytes.in_window.unwrap(), &record.bytes.loadgen);
        assert!(of_seconds >= in_window && of_seconds < end.up + end.down, "{}: {of_seconds}, {in_window}", record.id);
        assert!(record.seconds.iter().map(|second| second.delivered).sum::<u64>() > 0, "{}", record.id);
    }
}

#[test]
fn a_window_without_two_heartbeats_is_too_short() {
    let (outcome, _dir) = run(&["--transport", "sse", "--heartbeat", "600ms"]);
    let record = &outcome.records[0];
    assert_eq!(outcome.status, 3);
    let reason = record.verdict.reasons.iter().find(|reason| reason.code == Code::WindowTooShort).unwrap();
    assert!(reason.text.contains("heartbeats") && reason.text.contains("1200 ms"), "{}", reason.text);
}
