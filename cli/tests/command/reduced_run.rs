//! A suite may ask for more clients than a machine holds: then as many as there can be are measured, and everybody is
//! told.

use std::process::Command;

use crate::common::{Outcome, demand_integrity, errors};

const SUITE: &str = "name = \"mine\"\nabout = \"x\"\ntransports = [\"websocket\"]\nclients = [10, 1000]\n\
                     beyond_limits = \"reduce\"\n\
                     [scenario]\nrate_per_s = 20\nwarmup_ms = 300\nwindow_ms = 1000\nidle_ms = 200\n";

/// The command with at most 130 open files for each process.
fn with_few_files(arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 130 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_feedbench")]).args(arguments);
    command
}

#[test]
fn a_cell_beyond_the_limits_is_reduced_where_its_suite_says_so_and_the_record_keeps_what_was_asked() {
    let dir = tempfile::tempdir().unwrap();
    let (suite, out) = (dir.path().join("mine.toml"), dir.path().join("results"));
    std::fs::write(&suite, SUITE).unwrap();
    let (suite, out) = (suite.to_str().unwrap(), out.to_str().unwrap());
    let output = with_few_files(&["run", "--suite", suite, "--json", "--out", out]).output().unwrap();
    let told = errors(&output);
    let lines: Vec<_> = told.lines().collect();
    let [reduction, length] = lines.as_slice() else { panic!("{told}") };
    assert!(reduction.contains("1000 clients were asked for") && reduction.contains("ulimit"), "{told}");
    assert!(length.contains("2 cells, about "), "{told}");
    let outcome = Outcome::of(&output);
    let clients =
        |index: usize| (outcome.records[index].scenario.clients, outcome.records[index].scenario.clients_asked);
    assert_eq!(clients(0), (10, None));
    let (reduced, asked) = clients(1);
    assert!((1..1_000).contains(&reduced) && asked == Some(1_000), "{reduced} of {asked:?}");
    let pairs = outcome.records[1].processes.server;
    assert!(pairs > 1 && told.contains(&format!("{pairs} pairs of processes")), "{pairs}: {told}");
    assert_eq!(outcome.records[1].id, format!("002-websocket-{reduced}-r1"));
    outcome.records.iter().for_each(demand_integrity);
}

#[test]
fn a_suite_that_does_not_say_so_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("results");
    let output = with_few_files(&["run", "--clients", "1000", "--out", out.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(errors(&output).contains("feedbench doctor") && !out.exists());
}
