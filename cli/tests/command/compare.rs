//! `feedbench compare` of folders with records that were made for each case: nothing is measured here.

#[path = "../../../reports/tests/common/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod fixture;

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::common::{errors, feedbench};
use feedbench_record::{Record, Scenario, Transport, judge};

/// Two folders of results.
struct Results {
    folder: tempfile::TempDir,
}

impl Results {
    fn of(a: &[Record], b: &[Record]) -> Results {
        let folder = tempfile::tempdir().unwrap();
        for (name, records) in [("a", a), ("b", b)] {
            let records_folder = folder.path().join(name).join("records");
            std::fs::create_dir_all(&records_folder).unwrap();
            for record in records {
                let text = serde_json::to_string(record).unwrap();
                std::fs::write(records_folder.join(format!("{}.json", record.id)), text).unwrap();
            }
        }
        Results { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Compares, with the page in a folder of its own.
    fn compare(&self, arguments: &[&str]) -> Output {
        let mut command = feedbench(&["compare"]);
        command.args([self.path("a"), self.path("b")]).arg("--out").arg(self.path("out")).args(arguments);
        command.output().unwrap()
    }
}

/// So many repetitions of two transports; the server takes `factor` times as much CPU, a little more each time.
fn records(repetitions: u32, factor: f64) -> Vec<Record> {
    let of = |repetition: u32, transport| {
        let scenario = Scenario { clients: 10, seed: u64::from(repetition), ..Scenario::default() };
        let mut record = fixture::record_of(transport, scenario, repetition);
        let us_per_event = (100.0 + f64::from(repetition)) * factor;
        record.server.as_mut().unwrap().cpu_window_us = Some((record.counts.delivered as f64 * us_per_event) as u64);
        record.verdict = judge::judge(&record);
        record
    };
    let transports = [Transport::Polling, Transport::WebSocket];
    (1..=repetitions).flat_map(|repetition| transports.map(|transport| of(repetition, transport))).collect()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Refused in one line, with nothing written.
fn refused(output: &Output, out: &Path) -> String {
    let line = errors(output);
    assert_eq!((status(output), line.lines().count()), (2, 1), "{line}");
    assert!(output.stdout.is_empty() && !out.exists(), "{line}");
    line
}

#[test]
fn the_exit_status_tells_a_regression_from_what_nobody_can_tell() {
    let before = records(4, 1.0);
    let mut interrupted = records(4, 1.5);
    interrupted[0].interrupted = true;
    interrupted[0].verdict = judge::judge(&interrupted[0]);
    for (name, after, bound, wanted) in [
        ("a regression", records(4, 1.5), Some("cpu>10%"), 1),
        ("one within its bound", records(4, 1.5), Some("cpu>60%"), 0),
        ("an improvement", records(4, 0.5), Some("cpu>10%"), 0),
        ("no bound", records(4, 1.5), None, 0),
        ("another figure", records(4, 1.5), Some("bytes>0B"), 0),
        ("too few repetitions", records(3, 1.5), Some("cpu>10%"), 3),
        ("too few repetitions without a bound", records(3, 1.5), None, 0),
        ("an invalid cell", interrupted.clone(), Some("cpu>10%"), 3),
        ("an invalid cell without a bound", interrupted, None, 3),
    ] {
        let bound: Vec<_> = bound.into_iter().flat_map(|bound| ["--fail-on", bound]).collect();
        let output = Results::of(&before, &after).compare(&bound);
        assert_eq!(status(&output), wanted, "{name}: {}", errors(&output));
    }
}

#[test]
fn several_bounds_are_all_judged() {
    let results = Results::of(&records(4, 1.0), &records(4, 1.5));
    let output = results.compare(&["--fail-on", "bytes>5%", "--fail-on", "cpu>10%"]);
    let text = printed(&output);
    assert_eq!(status(&output), 1, "{text}");
    for needed in ["bytes>5%, polling: passed", "cpu>10%, WebSocket: failed (worse)", "All bounds together: failed"] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
}

#[test]
fn what_is_not_comparable_is_wrong_use_unless_it_is_wanted_even_so() {
    let mut after = records(4, 1.0);
    after.iter_mut().for_each(|record| record.machine.cpu = "another".to_owned());
    let results = Results::of(&records(4, 1.0), &after);
    let line = refused(&results.compare(&[]), &results.path("out"));
    assert!(line.contains("processor: AMD EPYC 7B13 -> another") && line.contains("--even-so"), "{line}");
    let output = results.compare(&["--even-so"]);
    let text = printed(&output);
    assert_eq!(status(&output), 0, "{}", errors(&output));
    assert!(text.contains("Not comparable, and compared even so: processor"), "{text}");
    assert!(text.lines().filter(|line| line.ends_with("processor: AMD EPYC 7B13 → another |")).count() > 20, "{text}");
}

#[test]
fn wrong_use_is_one_line_that_says_what_would_be_right() {
    let results = Results::of(&records(1, 1.0), &records(1, 1.0));
    for (bound, says) in [("p98>10%", "loadgen-memory"), ("p99", "p99>10%"), ("p99>10", "5ms"), ("lost>1%", "lost>0")] {
        let line = refused(&results.compare(&["--fail-on", bound]), &results.path("out"));
        assert!(line.contains(says), "{bound}: {line}");
    }
    let output = feedbench(&["compare"]).args([results.path("a"), results.path("nowhere")]).output().unwrap();
    assert!(refused(&output, &results.path("out")).contains("nowhere: no such file or folder"));
    let empty = Results::of(&[], &records(1, 1.0));
    assert!(refused(&empty.compare(&[]), &empty.path("out")).contains("no records here"));
}

#[test]
fn json_is_one_document_with_the_verdicts() {
    let results = Results::of(&records(4, 1.0), &records(4, 1.5));
    let output = results.compare(&["--json", "--fail-on", "cpu>10%"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((status(&output), &document["outcome"]), (1, &"failed".into()));
    assert_eq!(document["cells"].as_array().unwrap().len(), 2);
    let cpu = &document["cells"][0]["figures"][8];
    assert_eq!((&cpu["figure"], &cpu["verdict"]), (&"cpu".into(), &"worse".into()));
}

#[test]
fn the_page_and_its_files_are_written_in_the_language_that_was_asked_for() {
    let results = Results::of(&records(4, 1.0), &records(4, 1.5));
    let output = results.compare(&["--lang", "zh"]);
    assert_eq!(status(&output), 0, "{}", errors(&output));
    assert!(printed(&output).contains("更差"));
    let page = std::fs::read_to_string(results.path("out").join("compare.html")).unwrap();
    assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("更差"));
    for file in ["charts/comparison.svg", "tables/comparison.csv", "tables/comparison.json"] {
        assert!(results.path("out").join(file).is_file(), "{file}");
    }
}
