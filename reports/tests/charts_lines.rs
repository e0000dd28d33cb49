//! The charts of latency, of time and of a session, with repetitions: as files of a report.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod common;
mod xml;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use feedbench_record::histogram::Precision;
use feedbench_record::{Histogram, Record, Scenario, Transport, judge};
use feedbench_reports::lang::Lang;
use feedbench_reports::look::{Look, Medium};
use feedbench_reports::write::Options;
use feedbench_reports::write_report;

const NAMES: [&str; 7] = [
    "latency-by-percentile",
    "latency-distribution",
    "latency-spread",
    "latency-over-time",
    "deliveries-over-time",
    "bytes-over-time",
    "session-bytes",
];

/// Six repetitions of two transports; in the first one each latency is 1 ms, in the second one 2 ms …
fn repetitions(number: u32) -> Vec<Record> {
    let mut records = Vec::new();
    for repetition in 1..=number {
        for transport in [Transport::Sse, Transport::WebSocket] {
            let scenario = Scenario { clients: 10, seed: u64::from(repetition), ..Scenario::default() };
            let mut record = common::record_of(transport, scenario, repetition);
            let mut histogram = Histogram::new(Precision::Fine);
            (0..200).for_each(|_| histogram.record(i64::from(repetition) * 1_000));
            record.histograms.delivery_latency = Some(histogram);
            record.seconds.iter_mut().for_each(|second| second.bytes = Some(second.delivered * 120));
            records.push(record);
        }
    }
    records
}

fn spoil(record: &mut Record) {
    record.counts.lost = Some(9);
    record.verdict = judge::judge(record);
}

/// The files of a report's charts, by their names.
fn charts(records: &[Record], look: Look) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let written = write_report(records, folder.path(), &Options { look, formats: Vec::new() }).unwrap();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let paths = [written.charts, written.data].concat();
    paths.into_iter().map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// The rows of a chart's data, by the names of their columns.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn row<'a>(rows: &'a [BTreeMap<String, String>], point: &str, percentile: &str) -> &'a BTreeMap<String, String> {
    let wanted =
        |row: &&BTreeMap<String, String>| row["transport and point"] == point && row["percentile"] == percentile;
    rows.iter().find(wanted).unwrap()
}

#[test]
fn each_chart_has_a_title_a_description_units_and_data_in_each_language_and_medium() {
    let records = repetitions(6);
    for lang in Lang::ALL {
        for medium in Medium::ALL {
            let files = charts(&records, Look { lang, medium });
            for name in NAMES {
                let what = format!("{name} {lang} {medium}");
                let elements = xml::elements(&files[&format!("{name}.svg")]).unwrap();
                let text = |name: &str| elements.iter().find(|e| e.name == name).map(|e| e.text.clone()).unwrap();
                assert!(!text("title").is_empty(), "{what}");
                let units = ["(ms", "(1/s", "(kB/s", "(bytes", "（ms", "（1/s", "（kB/s", "（字节"];
                assert!(units.iter().any(|unit| text("desc").contains(unit)), "{what}: {}", text("desc"));
                let data = csv::Reader::from_reader(files[&format!("{name}.csv")].as_bytes()).into_records().count();
                assert!(data > 2, "{what}");
            }
        }
    }
}

#[test]
fn the_chinese_charts_say_nothing_in_english() {
    let files = charts(&repetitions(3), Look { lang: Lang::Zh, medium: Medium::Page });
    for name in NAMES {
        let elements = xml::elements(&files[&format!("{name}.svg")]).unwrap();
        let texts = elements.iter().filter(|e| ["title", "desc"].contains(&e.name.as_str()));
        for text in texts.map(|element| element.text.as_str()) {
            for word in [" the ", "latency", "bytes", "repetition", "second"] {
                assert!(!text.contains(word), "{name}: {text}");
            }
        }
    }
}

#[test]
fn six_repetitions_have_their_median_and_interval_in_the_data() {
    let files = charts(&repetitions(6), Look::default());
    for chart in ["latency-by-percentile.csv", "latency-distribution.csv", "latency-spread.csv"] {
        let rows = rows(&files[chart]);
        let row = row(&rows, "WebSocket", "p50");
        let figures = ["median (ms)", "low (ms)", "high (ms)"].map(|column| row[column].parse::<f64>().unwrap());
        for (figure, expected) in figures.into_iter().zip([3.5, 1.0, 6.0]) {
            assert!((figure - expected).abs() < 0.01, "{chart}: {row:?}");
        }
        assert_eq!((row["low and high are"].as_str(), row["repetitions"].as_str()), ("interval, 96.9 %", "6"));
        assert_eq!(row["r4 (ms)"], "4.00");
    }
}

#[test]
fn fewer_repetitions_have_a_range_and_say_so() {
    let files = charts(&repetitions(3), Look::default());
    let rows = rows(&files["latency-by-percentile.csv"]);
    assert_eq!(row(&rows, "WebSocket", "p50")["low and high are"], "range");
    let elements = xml::elements(&files["latency-by-percentile.svg"]).unwrap();
    let texts = elements.iter().filter(|e| e.name == "text").map(|e| e.text.as_str()).collect::<Vec<_>>().join(" ");
    assert!(texts.contains("bands their range: an interval needs 6"), "{texts}");
}

#[test]
fn an_invalid_repetition_is_a_hollow_dot_and_does_not_move_the_line() {
    let valid = repetitions(3);
    let mut with_invalid = repetitions(4);
    // The fourth repetition of WebSocket, the last record, is invalid; that of the other transport is not there.
    spoil(with_invalid.last_mut().unwrap());
    with_invalid.remove(6);
    let [before, after] = [&valid, &with_invalid].map(|records| charts(records, Look::default()));
    let (old, new) = (rows(&before["latency-by-percentile.csv"]), rows(&after["latency-by-percentile.csv"]));
    let (old, new) = (row(&old, "WebSocket", "p90"), row(&new, "WebSocket", "p90"));
    for column in ["median (ms)", "low (ms)", "high (ms)", "repetitions"] {
        assert_eq!(old[column], new[column], "{column}");
    }
    assert_eq!((new["invalid, not counted"].as_str(), new["r4 (ms)"].as_str()), ("4", "4.00"));
    // A filled dot is a circle on a white one; a hollow one has two more inside: of p50, p90 and p99 each.
    let circles = |files: &BTreeMap<String, String>| files["latency-by-percentile.svg"].matches("<circle").count();
    assert_eq!(circles(&after) - circles(&before), 3 * 4);
    assert!(after["latency-by-percentile.svg"].contains("1 of 4 invalid"));
}

#[test]
fn bytes_over_time_are_in_kilobytes_a_second() {
    let records = repetitions(1);
    let second = records[0].seconds.iter().find(|second| second.delivered > 0).unwrap();
    let rows = rows(&charts(&records, Look::default())["bytes-over-time.csv"]);
    let row = rows.iter().find(|row| row["second"] == second.second.to_string()).unwrap();
    let figure: f64 = row["median (kB/s)"].parse().unwrap();
    assert!((figure - second.delivered as f64 * 0.12).abs() < 0.01, "{row:?}");
}

#[test]
fn records_without_bytes_of_each_second_have_no_such_chart() {
    let files = charts(&common::suite(), Look::default());
    assert!(!files.contains_key("bytes-over-time.svg") && files.contains_key("deliveries-over-time.svg"));
}
