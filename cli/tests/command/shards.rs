//! A cell that is split over several pairs of processes: one record that is exactly the sum of its parts, and the same
//! feed for every client as in one pair.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Outcome, demand_integrity, errors, feedbench};
use feedbench_record::transport::Manner;
use feedbench_record::{Histogram, Record, Transport};
use serde_json::Value;

/// A small run into `out`.
fn run(out: &Path, more: &[&str]) -> Outcome {
    let mut arguments = vec!["run", "--json", "--out", out.to_str().unwrap(), "--rate", "20", "--interval", "200ms"];
    arguments.extend(["--warmup", "300ms", "--duration", "1500ms"]);
    arguments.extend(more);
    let output = feedbench(&arguments).output().unwrap();
    let outcome = Outcome::of(&output);
    assert!(matches!(outcome.status, 0 | 3), "status {}: {}", outcome.status, errors(&output));
    outcome
}

/// The records of a run's shards, by their names.
fn parts(outcome: &Outcome) -> Vec<(String, Record)> {
    let folder = PathBuf::from(outcome.summary.dir.as_ref().unwrap()).join("shards");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())).collect()
}

/// What is not a sum: what was chosen, what belongs to the machine, instants, and what only one of them has.
const NO_SUM: [&str; 17] = [
    "id",
    "scenario",
    "started_at",
    "tool",
    "machine",
    "window",
    "events_in_window",
    "own_events_in_window",
    "kernel",
    "shards",
    "verdict",
    "schema",
    "repetition",
    "heartbeat",
    "cores",
    "cores_busy_us",
    "second",
];

/// Demands that every number of `sum` is the sum of those of the parts.
fn demand_sum(path: &str, sum: &Value, parts: &[&Value]) {
    if sum.get("hdr_v2_base64").is_some() {
        let of = |value: &Value| serde_json::from_value::<Histogram>(value.clone()).unwrap();
        let mut added = of(parts[0]);
        parts[1..].iter().for_each(|part| added.add(&of(part)));
        assert_eq!(of(sum), added, "{path}");
        return;
    }
    match sum {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !NO_SUM.contains(&name.as_str())) {
                // A part may lack a kind of error, or have no latency in a second without deliveries.
                let of_parts: Vec<_> = parts.iter().filter_map(|part| part.get(name)).collect();
                let of_parts: Vec<_> = of_parts.into_iter().filter(|part| !part.is_null() || value.is_null()).collect();
                demand_sum(&format!("{path}.{name}"), value, &of_parts);
            }
        }
        Value::Array(values) => {
            for (nth, value) in values.iter().enumerate().filter(|(_, value)| value.is_object()) {
                let of_parts: Vec<_> = parts.iter().filter_map(|part| part.get(nth)).collect();
                demand_sum(&format!("{path}[{nth}]"), value, &of_parts);
            }
        }
        Value::Number(number) => {
            let of_parts: f64 = parts.iter().map(|part| part.as_f64().unwrap()).sum();
            assert!((number.as_f64().unwrap() - of_parts).abs() < 1e-6, "{path}: {number} of {parts:?}");
        }
        Value::Null | Value::Bool(_) | Value::String(_) => assert!(parts.iter().all(|part| *part == sum), "{path}"),
    }
}

#[test]
fn every_transport_is_split_without_a_loss_and_the_merged_record_is_the_sum_of_its_parts() {
    let out = tempfile::tempdir().unwrap();
    let outcome = run(out.path(), &["--clients", "90", "--server-shards", "3"]);
    let shards = parts(&outcome);
    assert_eq!((outcome.records.len(), shards.len()), (Transport::ALL.len(), 3 * Transport::ALL.len()));
    for (record, parts) in outcome.records.iter().zip(shards.chunks(3)) {
        demand_integrity(record);
        assert_eq!((record.processes.server, record.processes.loadgen), (3, 3));
        assert_eq!((record.scenario.clients, record.scenario.shard), (90, None), "{}", record.id);
        assert_eq!(record.counts.expected, Some(record.events_in_window.unwrap() * 90), "{}", record.id);
        assert_eq!((record.counts.lost, record.counts.delivered > 0), (Some(0), true), "{}", record.id);
        assert_eq!(record.bytes.loadgen.connections, 90, "{}", record.id);
        assert_eq!(record.bytes.agreement.compared_with_kernel, 90, "{}", record.id);
        assert_eq!(record.polls.is_some(), record.transport.manner() != Manner::Pushed);

        for (number, (name, part)) in (1..).zip(parts) {
            assert_eq!(name, &format!("{}.shard-{number}-of-3", record.id));
            assert_eq!((name, part.scenario.clients), (&part.id, 30));
            assert_eq!(part.events_in_window, record.events_in_window, "every server has published the same schedule");
            assert_eq!((part.window, part.scenario.whole()), (record.window, record.scenario.clone()));
        }
        let sum = serde_json::to_value(record).unwrap();
        let of_parts: Vec<_> = parts.iter().map(|(_, part)| serde_json::to_value(part).unwrap()).collect();
        demand_sum(&record.id, &sum, &of_parts.iter().collect::<Vec<_>>());
    }
    for cell in &outcome.summary.cells {
        assert_eq!((cell.processes.server, cell.processes.loadgen, cell.clients), (3, 3, 90));
    }
    let page = std::fs::read_to_string(Path::new(outcome.summary.dir.as_ref().unwrap()).join("report.html")).unwrap();
    assert!(page.contains("3 server processes and 3 load generator processes"));
}

#[test]
fn every_client_follows_its_own_topic_and_no_server_publishes_what_nobody_of_its_follows() {
    let out = tempfile::tempdir().unwrap();
    for (fanout, of_shards, of_cell) in [("rooms=4", vec![4, 4, 4], 4), ("unicast", vec![7, 7, 7], 21)] {
        let more = ["--clients", "21", "--server-shards", "3", "--arrivals", "fixed", "--fanout", fanout];
        let outcome = run(out.path(), &[&more[..], &["--transport", "long-polling,websocket"]].concat());
        let shards = parts(&outcome);
        for (record, parts) in outcome.records.iter().zip(shards.chunks(3)) {
            demand_integrity(record);
            assert_eq!(record.counts.lost, Some(0), "{}", record.id);
            // 20 events a second with equal gaps: 30 of each topic in the window.
            assert_eq!(record.events_in_window, Some(30 * of_cell), "{} {fanout}", record.id);
            assert_eq!(record.counts.expected, Some(30 * 21), "{} {fanout}", record.id);
            let events: Vec<_> = parts.iter().map(|(_, part)| part.events_in_window.unwrap() / 30).collect();
            assert_eq!(events, of_shards, "{} {fanout}", record.id);
        }
    }
}

#[test]
fn shards_that_were_measured_apart_are_merged_by_the_report_once_none_is_missing() {
    let out = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for number in 1..=3 {
        let shard = format!("{number}/3");
        let outcome = run(out.path(), &["--clients", "31", "--transport", "sse", "--shard", &shard]);
        let record = &outcome.records[0];
        demand_integrity(record);
        assert_eq!(record.id, format!("001-sse-31-r1.shard-{number}-of-3"));
        assert_eq!((record.processes.server, record.scenario.shard.unwrap().number), (1, number));
        folders.push((outcome.summary.dir.unwrap(), record.clone()));
    }
    let report = |folders: &[&str]| {
        let report = out.path().join("report");
        let mut command = feedbench(&["report", "--out", report.to_str().unwrap()]);
        let output = command.args(folders).output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        (std::fs::read_to_string(report.join("tables/cells.csv")).unwrap(), errors(&output))
    };
    let names: Vec<_> = folders.iter().map(|(folder, _)| folder.as_str()).collect();
    let (cells, told) = report(&names);
    assert_eq!((cells.lines().count(), told.as_str()), (2, ""));
    assert!(cells.contains("001-sse-31-r1,") && !cells.contains(".shard-"), "{cells}");
    let clients: BTreeSet<_> = folders.iter().map(|(_, record)| record.scenario.clients).collect();
    assert_eq!(clients, BTreeSet::from([10, 11]));

    let (cells, told) = report(&[names[0], names[2]]);
    assert_eq!(cells.lines().count(), 3);
    assert!(told.contains("1 shard of 3 is missing (2)"), "{told}");
}

#[test]
fn a_report_of_the_shards_is_that_of_the_cell() {
    let out = tempfile::tempdir().unwrap();
    let outcome = run(out.path(), &["--clients", "20", "--transport", "websocket", "--server-shards", "2"]);
    let dir = PathBuf::from(outcome.summary.dir.as_ref().unwrap());
    let again = out.path().join("again");
    let output =
        feedbench(&["report", "--out", again.to_str().unwrap(), dir.join("shards").to_str().unwrap()]).output();
    assert!(output.unwrap().status.success());
    let cells = |folder: &Path| std::fs::read_to_string(folder.join("tables/cells.csv")).unwrap();
    assert_eq!(cells(&dir), cells(&again));
}

#[test]
fn clients_beyond_the_files_of_one_process_get_as_many_pairs_as_they_need() {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 130 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_feedbench")]);
    command.args([
        "run",
        "--json",
        "--clients",
        "100",
        "--transport",
        "websocket",
        "--rate",
        "20",
        "--warmup",
        "300ms",
    ]);
    let output = command.args(["--duration", "1s", "--out", out.path().to_str().unwrap()]).output().unwrap();
    let outcome = Outcome::of(&output);
    assert_eq!(errors(&output), "");
    demand_integrity(&outcome.records[0]);
    assert_eq!((outcome.records[0].processes.server, outcome.records[0].scenario.clients), (4, 100));
    assert_eq!(outcome.records[0].counts.lost, Some(0));
}
