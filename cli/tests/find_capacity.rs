//! `--find-capacity` through the real command. What a machine holds is its own; that a poll each millisecond does not keep
//! to an objective of one millisecond holds on every machine, and so the search goes down to one client and ends.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{Outcome, errors, feedbench};
use feedbench_record::capacity::{self, Limit, capacities};
use feedbench_record::schema;

#[test]
fn a_search_measures_every_step_and_ends_with_what_it_found() {
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["run", "--find-capacity", "--slo", "1ms", "--transport", "polling", "--interval", "1ms"])
        .args(["--clients", "2", "--rate", "60", "--warmup", "0", "--duration", "500ms", "--json"])
        .args(["--out", out.path().to_str().unwrap()])
        .output()
        .unwrap();
    let outcome = Outcome::of(&output);
    let found = &outcome.summary.capacities;
    assert_eq!(found.len(), 1, "{}", errors(&output));
    let (found, records) = (&found[0], &outcome.records);
    assert_eq!(found, &capacities(records)[0], "the records alone say the same");
    assert_eq!(found.capacity, None, "{}", found.text);
    let ends = [(Limit::Slo, 0), (Limit::LoadGenerator, 3)];
    assert!(ends.contains(&(found.limit, outcome.status)), "{}: {}", outcome.status, found.text);
    // A step that the machine disturbed is measured twice.
    let mut values: Vec<_> = records.iter().map(|record| record.scenario.clients).collect();
    assert_eq!(values.len(), found.steps.len());
    values.dedup();
    assert_eq!(values, [2, 1]);
    for (record, step) in records.iter().zip(&found.steps) {
        assert_eq!((record.id.as_str(), record.step.as_ref().unwrap().slo_us), (step.id.as_str(), 1_000));
        assert_eq!(capacity::outcome(record), Some(step.outcome));
    }

    let summary_schema = jsonschema::validator_for(&schema::summary()).unwrap();
    assert!(summary_schema.is_valid(&serde_json::to_value(&outcome.summary).unwrap()));
    let dir = outcome.summary.dir.as_ref().unwrap();
    let of_run = std::fs::read_to_string(Path::new(dir).join("report.html")).unwrap();
    assert!(of_run.contains("<h2 id=\"capacity\">"));
    let again = feedbench(&["report", dir]).output().unwrap();
    let told = String::from_utf8_lossy(&again.stdout);
    let why = found.steps.last().unwrap().why.last().unwrap();
    assert!(
        again.status.success() && told.lines().any(|line| line.starts_with("Polling: ") && line.contains(why)),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(Path::new(dir).join("report.html")).unwrap(), of_run, "offline it is the same");
}
