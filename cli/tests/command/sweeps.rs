//! Several values of one option: the cells that they make, and what is refused.

use crate::common::{Outcome, demand_integrity, errors, feedbench, refusal};
use feedbench_record::Record;
use feedbench_record::scenario::repetition_seed;

/// Runs the command, which is wrong use, and returns its one line.
fn refused(arguments: &[&str]) -> String {
    refusal(&feedbench(arguments).output().unwrap())
}

#[test]
fn every_point_is_measured_and_repetitions_go_around_all_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("swept.toml");
    let text = "name = \"swept\"\nabout = \"x\"\ntransports = [\"polling\", \"websocket\"]\nclients = [2]\nrepeat = 2\n\
                [scenario]\nrate_per_s = 20\nidle_ms = 100\nwarmup_ms = 100\nwindow_ms = 600\n\
                [sweep]\ninterval_ms = [100, 300]\n";
    std::fs::write(&suite, text).unwrap();
    let output = feedbench(&["run", "--json", "--suite", suite.to_str().unwrap()])
        .args(["--out", dir.path().join("results").to_str().unwrap()])
        .output()
        .unwrap();
    let outcome = Outcome::of(&output);
    assert!(errors(&output).contains("6 cells, about "), "{}", errors(&output));
    let cells: Vec<_> = outcome.records.iter().map(|r| (r.id.as_str(), r.scenario.interval_ms)).collect();
    let expected = [
        ("001-polling-2-r1", 100),
        ("002-websocket-2-r1", 100),
        ("003-polling-2-r1", 300),
        ("004-polling-2-r2", 100),
        ("005-websocket-2-r2", 100),
        ("006-polling-2-r2", 300),
    ];
    assert_eq!(cells, expected);
    for record in &outcome.records {
        demand_integrity(record);
        assert_eq!(record.scenario.seed, repetition_seed(1, record.repetition), "{}", record.id);
        let same = |other: &&Record| record.same_point(other);
        let repetitions: Vec<_> = outcome.records.iter().filter(same).map(|other| other.repetition).collect();
        assert_eq!(repetitions, [1, 2], "{}", record.id);
    }
}

#[test]
fn what_is_no_sweep_is_refused_with_what_would_be_one() {
    for (arguments, says) in [
        (&["--rate", "0,x"][..], "as 2 or 0.5"),
        (&["--rate", "1,,2"], "as 2 or 0.5"),
        (&["--rate", ""], "as 2 or 0.5"),
        (&["--rate", "0.5,-1"], "at least 0.0001"),
        (&["--rate", "1e-9"], "at least 0.0001"),
        (&["--interval", "1s,soon"], "250ms"),
        (&["--interval", "0,1s"], "by itself"),
        (&["--interval", "0", "--rate", "0"], "take one of both"),
        (&["--payload", "100,12"], "64 to"),
        (&["--payload", "100,"], "128B"),
        (&["--clients", "10,"], "1k"),
        (&["--repeat", "0"], "at least 1"),
        (&["--duration", "25h"], "at most 24h"),
        (&["--suite", "paper", "--repeat", "200"], "1200 cells, which would take 5 h"),
        (&["--suite", "crossover", "--repeat", "17"], "at most 999"),
        (&["--find-capacity", "--slo", "2s", "--rate", "0"], "above 0"),
        (&["--find-capacity", "rate", "--slo", "2s", "--rate", "0"], "above 0"),
        (&["--find-capacity", "--slo", "2s", "--rate", "1,2"], "one value of each"),
        (&["--find-capacity", "--slo", "20s", "--interval", "1s,2s"], "one value of each"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("results");
        let line = refused(&[&["run", "--out", out.to_str().unwrap()], arguments].concat());
        assert!(line.contains(says), "{arguments:?} says: {line}");
        assert!(!out.exists(), "{arguments:?} left something behind");
    }
}

#[test]
fn a_command_that_measures_no_sweep_takes_one_value() {
    for (option, values) in [("--rate", "1,2"), ("--payload", "100,1k"), ("--interval", "1s,2s")] {
        for command in [&["serve"][..], &["load", "--target", "http://127.0.0.1:9"], &["trace"]] {
            let line = refused(&[command, &[option, values]].concat());
            assert!(line.contains(option) && line.contains(command[0]) && line.contains("feedbench run"), "{line}");
        }
    }
    assert!(refused(&["serve", "--clients", "1,2"]).contains("1k"));
}

#[test]
fn a_suite_whose_sweep_says_too_little_or_too_much_is_refused() {
    for (text, says) in [
        ("[sweep]\nrate_per_s = []\n", "rate_per_s in [sweep] has no value"),
        ("[sweep]\nclients = [1]\n", "line 4"),
        ("[scenario]\ninterval_ms = 100\n[sweep]\ninterval_ms = [100, 200]\n", "leave one of them out"),
        ("clients = []\n", "names no cell"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.toml");
        std::fs::write(&path, format!("name = \"mine\"\nabout = \"x\"\n{text}")).unwrap();
        let line = refused(&["run", "--suite", path.to_str().unwrap()]);
        assert!(line.contains(says) && line.contains("mine"), "{line}");
    }
}
