//! The same records give the same bytes, today and tomorrow: every file of whole reports by its digest. Where a change of
//! the output is meant, look at the new report, and then write the digests anew:
//!
//!     FEEDBENCH_WRITE_GOLDEN=1 cargo test -p feedbench-reports --test golden
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use feedbench_record::{Record, Scenario, Transport};
use feedbench_reports::lang::Lang;
use feedbench_reports::look::{Look, Medium};
use feedbench_reports::{Options, write_report};
use sha2::{Digest as _, Sha256};

#[allow(dead_code, unreachable_pub)]
mod common;

/// Six repetitions of each transport, each with a seed of its own; one of them lost something.
fn repetitions() -> Vec<Record> {
    let repetition = |number: u32| {
        let scenario = Scenario { clients: 200, seed: u64::from(number), ..Scenario::default() };
        Transport::ALL.map(|transport| common::record_of(transport, scenario.clone(), number))
    };
    let mut records: Vec<_> = (1..=6).flat_map(repetition).collect();
    records[1].counts.lost = Some(3);
    records[1].verdict = feedbench_record::judge::judge(&records[1]);
    records
}

/// Every file of the report: its name and its digest, a line each.
fn digests(records: &[Record], look: Look) -> String {
    let folder = tempfile::tempdir().unwrap();
    write_report(records, folder.path(), &Options { look, formats: Vec::new() }).unwrap();
    let mut lines = Vec::new();
    for path in files(folder.path()) {
        let bytes = fs::read(&path).unwrap();
        let name = path.strip_prefix(folder.path()).unwrap().display().to_string();
        let digest: String = Sha256::digest(&bytes).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        lines.push(format!("{digest} {name}"));
    }
    lines.sort_by(|one, other| one[25..].cmp(&other[25..]));
    lines.join("\n") + "\n"
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Compares with what is kept, or keeps it.
fn hold(name: &str, records: &[Record], look: Look) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    let now = digests(records, look);
    if std::env::var_os("FEEDBENCH_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        fs::write(&kept, &now).unwrap();
    }
    let before = fs::read_to_string(&kept).unwrap_or_default();
    let changed: Vec<_> = now.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    let gone: Vec<_> = before.lines().filter(|line| !now.lines().any(|other| other == *line)).collect();
    assert!(
        changed.is_empty() && gone.is_empty(),
        "{name}: other bytes than before; now {changed:#?}, before {gone:#?}"
    );
}

#[test]
fn a_report_in_english_has_the_bytes_that_it_had() {
    hold("suite-en", &common::suite(), Look::default());
}

#[test]
fn a_report_in_chinese_on_slides_has_the_bytes_that_it_had() {
    hold("suite-zh-slide", &common::suite(), Look { lang: Lang::Zh, medium: Medium::Slide });
}

#[test]
fn a_report_of_repetitions_for_a_paper_has_the_bytes_that_it_had() {
    hold("repetitions-en-paper", &repetitions(), Look { lang: Lang::En, medium: Medium::Paper });
}

#[test]
fn the_order_of_reading_changes_no_byte() {
    let records = repetitions();
    let reversed: Vec<_> = records.iter().rev().cloned().collect();
    assert_eq!(digests(&records, Look::default()), digests(&reversed, Look::default()));
}
