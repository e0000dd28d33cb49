//! Tables and sentences from fixed records: complete, missing, invalid, reduced, and without a ledger.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::fixture;
use crate::fixture::quantum_leap::{cell, suite};
use crate::table::ABSENT;

fn table(records: &[Record], name: &str) -> Vec<Vec<String>> {
    let comparison = comparison(records, crate::lang::Lang::En).unwrap();
    comparison.tables.into_iter().find(|named| named.name == name).unwrap().table.rows
}

fn sentences(records: &[Record]) -> String {
    comparison(records, crate::lang::Lang::En).unwrap().sentences.join("\n")
}

fn without_ledger(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        for end in [Some(&mut record.bytes.loadgen), record.bytes.server.as_mut()].into_iter().flatten() {
            end.ledger = None;
        }
        record.bytes.ip = None;
    }
    records
}

#[test]
fn overhead_stands_side_by_side_published_recomputed_and_measured() {
    let records = suite();
    assert!(records.iter().all(|record| record.verdict.valid), "{:?}", records[0].verdict);
    assert_eq!(
        table(&records, "quantum-leap-message"),
        [
            ["A, polling", "871", "909", "935", "1,065", "1,091", ""],
            ["A, WebSocket", "2", "2", "2.00", "106", "106", ""],
            ["B, polling", "871", "909", "935", "1,065", "1,091", ""],
            ["B, WebSocket", "2", "2", "2.00", "106", "106", ""],
            ["C, polling", "871", "909", "935", "1,065", "1,091", "only 19,900 clients"],
            ["C, WebSocket", "2", "2", "2.00", "106", "106", "only 19,900 clients"],
        ]
    );
    let second = table(&records, "quantum-leap-second");
    let of_a = ["871,000", "6.6", "6.65", "6.97", "7.27", "935,000", "7.13", "7.48"];
    assert_eq!(second[0][1..9], of_a, "935 bytes for each of 1,000 clients");
    assert_eq!(second[4][6], "18,606,500", "935 bytes for each of 19,900 clients, and not for 100,000");
}

#[test]
fn totals_stand_with_the_payload_of_the_article_and_with_that_sent_here() {
    let total = table(&suite(), "quantum-leap-total");
    assert_eq!(total[0][1..9], ["21", "930", "1,086", "64.0", "973", "999", "1,129", "1,155"]);
    assert_eq!(total[1][1..9], ["20", "22", "126", "64.0", "66", "66.0", "170", "170"]);
    let second = table(&suite(), "quantum-leap-total-second");
    assert_eq!([&second[4][2], &second[5][2]], ["869", "101"], "the article's use case C on IP");
}

#[test]
fn every_ratio_names_quantity_and_layer_and_follows_from_its_parts() {
    let rows = table(&suite(), "quantum-leap-ratio");
    let ratio = |figures: &str, quantity: &str, layer: &str| {
        rows.iter().find(|row| row[..3] == [figures, quantity, layer]).map(|row| row[4].as_str())
    };
    assert_eq!(rows[0][3..5], ["871 : 2.00", "435.5 : 1"]);
    assert_eq!(ratio("recomputed", "overhead", "above TCP"), Some("454.5 : 1"));
    assert_eq!(ratio("recomputed", "overhead", "on IP"), Some("10.0 : 1"));
    assert_eq!(ratio("recomputed", "total", "above TCP"), Some("42.3 : 1"));
    assert_eq!(ratio("recomputed", "total", "on IP"), Some("8.6 : 1"));
    assert_eq!(ratio("recomputed, payload as here", "total", "above TCP"), Some("14.7 : 1"), "973 : 66");
    assert_eq!(ratio("measured, use case A", "overhead", "above TCP"), Some("467.5 : 1"), "935 : 2");
    assert_eq!(ratio("measured, use case A", "overhead", "on IP"), Some("10.3 : 1"), "1,091 : 106");
}

#[test]
fn each_difference_is_explained() {
    let sentences = sentences(&suite());
    for needed in [
        "Use case C asked for 100,000 clients; this machine and version hold 19,900 in one pair of processes",
        "716 + 193 = 909 bytes",
        "2^20 bits",
        "0x00 and 0xFF",
        "454.5 : 1 above TCP becomes 10.0 : 1",
        "740 bytes of request head, 24.0 more than the article's 716",
        "193 bytes of response head, as many as the article's 193",
        "21 and 20 bytes of payload",
        "assumed example",
    ] {
        assert!(sentences.contains(needed), "{needed}\n{sentences}");
    }
    for absent in ["Not measured", "Invalid", "profile"] {
        assert!(!sentences.contains(absent), "{absent}\n{sentences}");
    }
}

#[test]
fn a_missing_cell_leaves_a_gap_and_says_so() {
    let mut records = suite();
    records.remove(2);
    let rows = table(&records, "quantum-leap-message");
    assert_eq!(rows[2], ["B, polling", "871", "909", ABSENT, "1,065", ABSENT, "not measured: no record"]);
    assert!(sentences(&records).contains("because there is no record: B, polling."));
    let ratios = table(&records, "quantum-leap-ratio");
    assert!(!ratios.iter().any(|row| row[0].ends_with("case B")), "a ratio needs both");
}

#[test]
fn an_invalid_cell_keeps_its_figures_with_the_mark_beside_them() {
    let mut records = suite();
    records[0].counts.lost = Some(3);
    records[0].verdict = feedbench_record::judge::judge(&records[0]);
    let rows = table(&records, "quantum-leap-message");
    assert_eq!((rows[0][3].as_str(), rows[0][6].as_str()), ("935", "✗ invalid"));
    assert!(sentences(&records).contains("Invalid, and marked beside their figures: A, polling;"));
    let ratios = table(&records, "quantum-leap-ratio");
    let of_a = ratios.iter().find(|row| row[0] == "measured, use case A").unwrap();
    assert_eq!(of_a[5], "polling: ✗ invalid");
    let all: Vec<&Record> = records.iter().collect();
    let measured =
        series(&all, crate::lang::Lang::En).unwrap().into_iter().find(|line| line.origin == Origin::Measured).unwrap();
    assert_eq!(measured.points.iter().map(|point| point.mbit_per_s.valid).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn without_a_ledger_the_window_tells_the_overhead_and_nobody_tells_that_on_ip() {
    let records = without_ledger(suite());
    let rows = table(&records, "quantum-leap-message");
    assert_eq!((rows[0][3].as_str(), rows[0][5].as_str()), ("935", ABSENT));
    let sentences = sentences(&records);
    assert!(sentences.contains("all bytes of the window over its messages"), "{sentences}");
    assert!(!sentences.contains("Measured on IP") && !sentences.contains("request head,"), "{sentences}");
}

#[test]
fn another_header_profile_another_schedule_and_other_clients_are_told() {
    let mut records = suite();
    assert!(sentences(&records).contains("716, because target and Host"));
    records.iter_mut().for_each(|record| record.scenario.headers = "minimal".to_owned());
    let told = sentences(&records);
    assert!(
        told.contains("header profile minimal and not with lubbers-2009") && !told.contains("716, because"),
        "{told}"
    );
    records[0].scenario.rate_per_s = 5.0;
    assert!(sentences(&records).contains("do not compare: A, polling."));
    assert_eq!(table(&records, "quantum-leap-message")[0][6], "another schedule");
    records.push(cell(Transport::Polling, 20, None));
    assert!(sentences(&records).contains("The cells with 20 clients belong to no use case"));
}

#[test]
fn repetitions_are_taken_together() {
    let mut records = suite();
    let mut again = records[0].clone();
    again.repetition = 2;
    for end in [Some(&mut again.bytes.loadgen), again.bytes.server.as_mut()].into_iter().flatten() {
        let polls = end.ledger.unwrap().polls.count;
        // Ten bytes more in each of its polls; those that brought nothing stay as they were.
        end.ledger.as_mut().unwrap().polls.up += 10 * polls;
        end.ledger.as_mut().unwrap().empty_polls.up += 10 * end.ledger.unwrap().empty_polls.count;
    }
    records.push(again);
    let row = &table(&records, "quantum-leap-message")[0];
    assert_eq!((row[3].as_str(), row[6].as_str()), ("940 (935 to 945)", "median and range of 2 repetitions"));
    assert!(sentences(&records).contains("the median of its valid repetitions"));
}

#[test]
fn another_suite_has_no_such_section() {
    assert_eq!(comparison(&fixture::suite(), crate::lang::Lang::En), None);
    assert_eq!(series(&[&fixture::record(Transport::Polling)], crate::lang::Lang::En), None);
}

#[test]
fn control_that_a_connection_adds_on_ip_is_told_per_message() {
    let mut records = suite();
    assert!(!sentences(&records).contains("bytes of control"));
    let ledger = records[1].bytes.loadgen.ledger.as_mut().unwrap();
    ledger.up.control = 6 * 1_000;
    ledger.down.control = 30 * 1_000;
    assert!(sentences(&records).contains("close: 3.00 bytes of control above TCP for each message"));
}

#[test]
fn six_repetitions_have_an_interval_and_an_invalid_one_does_not_count() {
    let records: Vec<Record> = (1..=7)
        .flat_map(|repetition| {
            suite().into_iter().map(move |mut record| {
                record.repetition = repetition;
                if repetition == 7 {
                    record.counts.lost = Some(3);
                    record.bytes.in_window = record.bytes.in_window.map(|bytes| 2 * bytes);
                    record.verdict = feedbench_record::judge::judge(&record);
                }
                record
            })
        })
        .collect();
    let remark = "✗ invalid: 1 of 7 repetitions; median and 96.9 % interval of 6 repetitions";
    assert_eq!(table(&records, "quantum-leap-message")[0][6], remark);
    let all: Vec<&Record> = records.iter().collect();
    let lines = series(&all, crate::lang::Lang::En).unwrap();
    let measured = lines.iter().find(|line| line.origin == Origin::Measured).unwrap();
    let point = &measured.points[0].mbit_per_s;
    assert_eq!((point.n(), point.dots.len(), point.median), (6, 7, 7.48), "935 bytes for each of 1,000 clients");
}

#[test]
fn every_text_is_there_in_chinese_with_the_same_figures() {
    let records: Vec<Record> = suite().into_iter().filter(|record| record.scenario.clients_asked.is_none()).collect();
    let [en, zh] = crate::lang::Lang::ALL.map(|lang| comparison(&records, lang).unwrap());
    assert_eq!(en.sentences.len(), zh.sentences.len());
    let figures = |text: &str| {
        let mut figures: Vec<String> = text
            .split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',')
            .map(|figure| figure.trim_matches(['.', ',']).to_owned())
            .filter(|figure| !figure.is_empty())
            .collect();
        figures.sort();
        figures
    };
    for (en, zh) in en.sentences.iter().zip(&zh.sentences) {
        assert_eq!(figures(en), figures(zh), "{en}\n{zh}");
        assert!(zh.ends_with('。'), "{zh}");
    }
    for (en, zh) in en.tables.iter().zip(&zh.tables) {
        assert_eq!((en.name, en.table.rows.len()), (zh.name, zh.table.rows.len()));
        assert_ne!(en.title, zh.title);
        assert!(
            en.table.header.iter().zip(&zh.table.header).all(|(en, zh)| en.text != zh.text && en.align == zh.align)
        );
    }
}
