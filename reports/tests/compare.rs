//! Two results compared: the verdicts, what is refused, what bounds say, and what is written.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod common;
mod xml;

use std::fs;

use feedbench_record::histogram::Precision;
use feedbench_record::{Histogram, Record, Scenario, Transport, judge};
use feedbench_reports::compare::{
    Bound, CompareError, ComparedCell, Comparison, Figure, How, Named, Outcome, Verdict, Weighed, compare, write,
};
use feedbench_reports::lang::Lang;

/// A repetition whose latencies and CPU are `factor` times those of the fixture, a little different each time.
fn repetition(transport: Transport, number: u32, factor: f64) -> Record {
    let scenario = Scenario { clients: 20, seed: u64::from(number), ..Scenario::default() };
    let mut record = common::record_of(transport, scenario, number);
    let mut latency = Histogram::new(Precision::Fine);
    let noise = 1.0 + f64::from(number * 7 % 5) / 200.0;
    for value in 1..=1_000 {
        latency.record((f64::from(2_000 + 8 * value) * factor * noise) as i64);
    }
    record.histograms.delivery_latency = Some(latency);
    let cpu_us = 100.0 * record.counts.delivered as f64 * factor * noise;
    record.server.as_mut().unwrap().cpu_window_us = Some(cpu_us as u64);
    record.verdict = judge::judge(&record);
    assert!(record.verdict.valid, "{:?}", record.verdict);
    record
}

fn results(transports: &[Transport], repetitions: u32, factor: f64) -> Vec<Record> {
    let of = |number| transports.iter().map(move |&transport| repetition(transport, number, factor));
    (1..=repetitions).flat_map(of).collect()
}

const BOTH: [Transport; 2] = [Transport::Polling, Transport::WebSocket];

fn named<'r>(name: &'r str, records: &'r [Record]) -> Named<'r> {
    Named { name, records }
}

fn compared(a: &[Record], b: &[Record], bounds: &[&str]) -> Comparison {
    let bounds: Vec<Bound> = bounds.iter().map(|bound| bound.parse().unwrap()).collect();
    compare(named("before", a), named("after", b), How { bounds: &bounds, ..How::default() }).unwrap()
}

fn even_so(a: &[Record], b: &[Record]) -> Comparison {
    compare(named("before", a), named("after", b), How { even_so: true, ..How::default() }).unwrap()
}

fn figure(cell: &ComparedCell, figure: Figure) -> &Weighed {
    cell.figures.iter().find(|weighed| weighed.figure == figure).unwrap()
}

fn verdicts(comparison: &Comparison, of: Figure) -> Vec<Verdict> {
    comparison.cells.iter().map(|cell| figure(cell, of).verdict).collect()
}

/// One more than the machine was quick enough for.
fn disturb(record: &mut Record) {
    record.histograms.publish_lag.as_mut().unwrap().record(40_000);
    (0..50).for_each(|_| record.histograms.publish_lag.as_mut().unwrap().record(40_000));
    record.verdict = judge::judge(record);
    assert!(!record.verdict.valid);
}

fn lose(record: &mut Record, events: u64) {
    for counts in [&mut record.counts, &mut record.cell_counts] {
        counts.delivered -= events;
        counts.lost = Some(events);
    }
    record.verdict = judge::judge(record);
    assert!(!record.verdict.valid);
}

#[test]
fn what_takes_longer_is_worse_and_the_other_way_round_better() {
    let (before, after) = (results(&BOTH, 5, 1.0), results(&BOTH, 5, 1.2));
    let there = compared(&before, &after, &[]);
    let back = compared(&after, &before, &[]);
    for of in [Figure::P50, Figure::P90, Figure::P99, Figure::P999, Figure::Mean, Figure::Cpu] {
        assert_eq!(verdicts(&there, of), [Verdict::Worse; 2], "{of}");
        assert_eq!(verdicts(&back, of), [Verdict::Better; 2], "{of}");
        let ratio = figure(&there.cells[0], of).ratio.unwrap();
        assert!((ratio.estimate - 1.2).abs() < 0.02, "{of}: {ratio:?}");
        assert!(ratio.interval.unwrap().low > 1.15, "{of}: {ratio:?}");
    }
    assert_eq!(verdicts(&there, Figure::Bytes), [Verdict::NoDifferenceShown; 2]);
    assert_eq!(verdicts(&there, Figure::LoadgenMemory), [Verdict::NoDifferenceShown; 2]);
    assert!(
        there.sentences().iter().any(|text| text.starts_with("WebSocket, worse in B: latency")),
        "{:?}",
        there.sentences()
    );
}

#[test]
fn the_same_twice_shows_no_difference_and_is_never_called_equal() {
    let records = results(&BOTH, 4, 1.0);
    let comparison = compared(&records, &records, &["p99>0%"]);
    for weighed in comparison.cells.iter().flat_map(|cell| &cell.figures) {
        assert_eq!(weighed.verdict, Verdict::NoDifferenceShown, "{}", weighed.figure);
    }
    assert_eq!(comparison.outcome, Outcome::Passed);
    let all = [comparison.sentences(), comparison.table().rows.concat()].concat().join("\n").to_lowercase();
    for wrong in ["equal", "unchanged", "same"] {
        assert!(!all.contains(wrong), "{wrong}: {all}");
    }
}

#[test]
fn three_repetitions_are_not_enough_and_each_figure_says_how_many_are() {
    let comparison = compared(&results(&BOTH, 3, 1.0), &results(&BOTH, 3, 9.0), &["p99>10%"]);
    for weighed in comparison.cells.iter().flat_map(|cell| &cell.figures) {
        assert_eq!(weighed.verdict, Verdict::NotEnoughRepetitions, "{}", weighed.figure);
        assert_eq!(weighed.repetitions_needed, Some(4));
        assert!(weighed.difference.unwrap().interval.is_none());
    }
    assert!(comparison.table().rows.iter().all(|row| row[6].contains("3 and 3, 4 on each side are needed")));
    assert!(
        comparison.sentences().iter().any(|text| text.contains("polling (3 and 3)") && text.contains("4 valid ones"))
    );
    assert_eq!(comparison.outcome, Outcome::CannotTell);
    assert!(comparison.bounds.iter().all(|judged| judged.outcome == Outcome::CannotTell));
}

#[test]
fn an_invalid_repetition_is_left_out_and_the_verdict_stays_while_enough_are_left() {
    let (before, mut after) = (results(&BOTH, 5, 1.0), results(&BOTH, 5, 1.0));
    // The slowest by far, if it counted.
    after[9] = repetition(Transport::WebSocket, 5, 50.0);
    disturb(&mut after[9]);
    let comparison = compared(&before, &after, &[]);
    let p99 = figure(&comparison.cells[1], Figure::P99);
    assert_eq!((p99.verdict, p99.b.values.len(), p99.b.left_out.len()), (Verdict::NoDifferenceShown, 4, 1));
    assert!(p99.b.left_out[0] > 10.0 * p99.b.median.unwrap());
    assert_eq!((comparison.cells[1].b.measured, comparison.cells[1].b.invalid), (5, 1));
    assert!(comparison.notices()[0].contains("WebSocket (0 of 5 in A, 1 of 5 in B)"), "{:?}", comparison.notices());

    let short = compared(&before, &after[2..], &[]);
    assert_eq!(verdicts(&short, Figure::P99), [Verdict::NoDifferenceShown, Verdict::NoDifferenceShown]);
    let shorter = compared(&before[4..], &after[4..], &[]);
    let p99 = figure(&shorter.cells[1], Figure::P99);
    assert_eq!((p99.verdict, p99.repetitions_needed), (Verdict::Invalid, Some(4)));
    assert_eq!(figure(&shorter.cells[0], Figure::P99).verdict, Verdict::NotEnoughRepetitions);
}

#[test]
fn what_a_side_did_not_measure_has_no_verdict() {
    let (before, mut after) = (results(&BOTH, 4, 1.0), results(&BOTH, 4, 1.0));
    after.iter_mut().for_each(|record| record.server.as_mut().unwrap().cpu_window_us = None);
    let comparison = compared(&before, &after, &["cpu>10%"]);
    assert_eq!(verdicts(&comparison, Figure::Cpu), [Verdict::NotMeasured; 2]);
    assert_eq!(comparison.outcome, Outcome::CannotTell);
    // What neither side has is in no table, and no bound is held against it.
    let mut neither = before.clone();
    neither.iter_mut().for_each(|record| record.server.as_mut().unwrap().cpu_window_us = None);
    let comparison = compared(&neither, &after, &["cpu>10%"]);
    assert!(comparison.table().rows.iter().all(|row| row[1] != "server CPU (µs per event)"));
    assert_eq!((comparison.bounds[0].cell.clone(), comparison.outcome), (None, Outcome::CannotTell));
}

/// A change that two results may not have, and what the refusal says of it.
type Change = (fn(&mut Record), &'static str);

const CHANGES: [Change; 9] = [
    (|record| record.scenario.window_ms = 20_000, "measurement window: 10 s -> 20 s"),
    (|record| record.scenario.payload_bytes = 2_000, "payload: 100 bytes -> 2,000 bytes"),
    (|record| record.machine.cpu = "another".to_owned(), "processor: AMD EPYC 7B13 -> another"),
    (
        |record| record.machine.memory_bytes += 1,
        "memory of the machine: 7.75 GiB (8,320,000,000) -> 7.75 GiB (8,320,000,001)",
    ),
    (|record| record.machine.kernel = "Linux 7.0".to_owned(), "kernel: Linux 6.18.5 -> Linux 7.0"),
    (|record| record.machine.clock_source = None, "clock source: tsc -> –"),
    (|record| record.tool.profile = "debug".to_owned(), "build: release -> debug"),
    (|record| record.tool.allocator = "jemalloc".to_owned(), "memory allocator: system -> jemalloc"),
    (|record| record.processes.server = 2, "server processes: 1 -> 2"),
];

#[test]
fn what_is_not_comparable_is_refused_with_every_field_that_differs() {
    let before = results(&BOTH, 4, 1.0);
    for (change, says) in CHANGES {
        let mut after = before.clone();
        after.iter_mut().for_each(change);
        let error = compare(named("a", &before), named("b", &after), How::default()).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(says) && message.contains("--even-so") && !message.contains('\n'), "{message}");
        let CompareError::NotComparable(differences) = error else { panic!("{message}") };
        assert_eq!(differences.len(), 1, "{message}");
        assert_eq!(differences[0].1, ["polling", "WebSocket"]);
    }
    let mut all = before.clone();
    CHANGES.iter().for_each(|(change, _)| all.iter_mut().for_each(change));
    let message = compare(named("a", &before), named("b", &all), How::default()).unwrap_err().to_string();
    assert!(CHANGES.iter().all(|(_, says)| message.contains(says)), "{message}");
}

#[test]
fn one_repetition_on_another_machine_makes_a_cell_incomparable_even_where_both_sides_are_mixed_alike() {
    let mut records = results(&BOTH, 4, 1.0);
    records[0].machine.cpu = "another".to_owned();
    let error = compare(named("a", &records), named("b", &records), How::default()).unwrap_err();
    let CompareError::NotComparable(differences) = error else { panic!("{error}") };
    assert_eq!(differences[0].1, ["polling"]);
    assert_eq!(differences[0].0.a, "another; AMD EPYC 7B13");
}

#[test]
fn what_is_compared_even_so_says_so_on_every_figure() {
    let before = results(&BOTH, 4, 1.0);
    for (change, says) in CHANGES {
        let mut after = before.clone();
        after.iter_mut().for_each(change);
        let comparison = even_so(&before, &after);
        let caveat = says.replace("->", "→");
        assert!(!comparison.comparable && comparison.cells.len() == 2);
        for weighed in comparison.cells.iter().flat_map(|cell| &cell.figures) {
            assert_eq!(weighed.caveats, [caveat.as_str()], "{}", weighed.figure);
        }
        assert!(comparison.table().rows.iter().all(|row| row[7] == caveat));
        assert!(comparison.notices()[0].contains(&caveat));
    }
    assert!(even_so(&before, &before).comparable);
}

#[test]
fn what_does_not_concern_a_transport_may_differ() {
    let before = results(&BOTH, 4, 1.0);
    let mut after = before.clone();
    after.iter_mut().for_each(|record| record.scenario.interval_ms = 250);
    let error = compare(named("a", &before), named("b", &after), How::default()).unwrap_err();
    let CompareError::NotComparable(differences) = error else { panic!("{error}") };
    assert_eq!(differences[0].1, ["polling"], "only polling has an interval");
}

#[test]
fn another_version_or_seed_is_what_is_compared_and_is_told() {
    let before = results(&BOTH, 4, 1.0);
    let mut after = before.clone();
    for record in &mut after {
        record.tool.version = "0.2.0".to_owned();
        record.tool.commit = None;
        record.tool.libraries.insert("tokio".to_owned(), "1.60.0".to_owned());
        record.tool.libraries.remove("hyper");
        record.scenario.seed += 10;
    }
    let comparison = compared(&before, &after, &[]);
    assert!(comparison.comparable);
    let told: Vec<_> = comparison.changes.iter().map(|d| format!("{} {} {}", d.name, d.a, d.b)).collect();
    let wanted = [
        "version 0.1.0 0.2.0",
        "commit 3f2c1ab –",
        "seeds 1; 2; 3; 4 11; 12; 13; 14",
        "hyper 1.12.0 –",
        "tokio 1.54.0 1.60.0",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn cells_of_one_side_are_listed_and_the_others_compared() {
    let all = [Transport::Polling, Transport::Sse, Transport::WebSocket];
    let comparison = compared(&results(&all, 4, 1.0), &results(&BOTH, 4, 1.0), &[]);
    assert_eq!((comparison.cells.len(), comparison.only_in_a.as_slice()), (2, &["server-sent events".to_owned()][..]));
    let comparison = compared(&results(&BOTH, 4, 1.0), &results(&all, 4, 1.0), &[]);
    assert_eq!((comparison.cells.len(), comparison.only_in_b.as_slice()), (2, &["server-sent events".to_owned()][..]));
    assert!(comparison.sentences().iter().any(|text| text == "Only in B, and not compared: server-sent events."));
}

#[test]
fn a_sweep_that_is_longer_on_one_side_is_compared_where_both_have_it() {
    let sweep = |clients: &[u32]| -> Vec<Record> {
        let of = |&clients| {
            results(&[Transport::Sse], 4, 1.0).into_iter().map(move |mut record| {
                record.scenario.clients = clients;
                record
            })
        };
        clients.iter().flat_map(of).collect()
    };
    let comparison = compared(&sweep(&[10, 20, 40]), &sweep(&[40, 20, 80]), &[]);
    let labels = comparison.cells.iter().map(|cell| cell.label.as_str()).collect::<Vec<_>>();
    assert_eq!(labels, ["server-sent events, 20 clients", "server-sent events, 40 clients"]);
    assert_eq!((comparison.only_in_a.len(), comparison.only_in_b.len()), (1, 1));
    // Where no scenario is on both sides, the nearest ones are held against each other.
    let error = compare(named("a", &sweep(&[10, 20])), named("b", &sweep(&[30])), How::default()).unwrap_err();
    assert!(error.to_string().contains("clients: 10 -> 30"), "{error}");
}

#[test]
fn results_without_a_common_cell_and_searches_are_not_compared() {
    let (one, other) = (results(&[Transport::Sse], 4, 1.0), results(&[Transport::Polling], 4, 1.0));
    let error = compare(named("x", &one), named("y", &other), How::default()).unwrap_err();
    assert!(error.to_string().starts_with("x and y have no cell in common"), "{error}");
    let steps = common::search(Transport::Sse, 12_000);
    let error = compare(named("x", &steps), named("y", &steps), How { even_so: true, ..How::default() }).unwrap_err();
    assert!(matches!(error, CompareError::NothingInCommon { .. }));
    let with_steps = [one.clone(), steps.clone()].concat();
    let comparison = compared(&with_steps, &one, &[]);
    assert_eq!((comparison.cells.len(), comparison.steps_left_out), (1, steps.len()));
}

#[test]
fn a_regression_is_shown_to_be_worse_and_by_more_than_its_bound() {
    let (before, after) = (results(&BOTH, 5, 1.0), results(&BOTH, 5, 1.2));
    for (bound, outcome) in [
        ("p99>10%", Outcome::Failed),
        ("p99>30%", Outcome::Passed),
        ("p50>500us", Outcome::Failed),
        ("p50>5ms", Outcome::Passed),
        ("cpu>0%", Outcome::Failed),
        ("bytes>0%", Outcome::Passed),
        ("lost>0", Outcome::Passed),
    ] {
        assert_eq!(compared(&before, &after, &[bound]).outcome, outcome, "{bound}");
        assert_eq!(compared(&after, &before, &[bound]).outcome, Outcome::Passed, "{bound}, the other way round");
    }
    let both = compared(&before, &after, &["bytes>0%", "p99>10%"]);
    assert_eq!((both.bounds.len(), both.outcome), (4, Outcome::Failed));
    assert_eq!(both.judgements()[2], "p99>10%, polling: failed (worse)");
}

#[test]
fn an_estimate_above_its_bound_is_no_regression_while_it_may_be_noise() {
    let before = results(&[Transport::Sse], 4, 1.0);
    // As often faster as slower, and by much.
    let of = |(number, factor)| repetition(Transport::Sse, number, factor);
    let after: Vec<_> = [(1, 0.8), (2, 0.9), (3, 1.9), (4, 2.0)].map(of).into();
    let comparison = compared(&before, &after, &["p99>10%"]);
    let p99 = figure(&comparison.cells[0], Figure::P99);
    assert!(p99.ratio.unwrap().estimate > 1.1, "{p99:?}");
    assert_eq!((p99.verdict, comparison.outcome), (Verdict::NoDifferenceShown, Outcome::Passed));
}

#[test]
fn an_invalid_cell_is_not_taken_for_a_regression() {
    let (before, mut after) = (results(&BOTH, 6, 1.0), results(&BOTH, 6, 1.5));
    assert_eq!(compared(&before, &after, &["p99>10%"]).outcome, Outcome::Failed);
    disturb(&mut after[0]);
    let comparison = compared(&before, &after, &["p99>10%"]);
    assert_eq!(comparison.outcome, Outcome::CannotTell);
    assert!(comparison.judgements().last().unwrap().contains("a cell was invalid"));
    assert_eq!(compared(&before, &after, &[]).outcome, Outcome::CannotTell, "without a bound, too");
    // An invalid cell that the other side does not have is not part of the comparison.
    let without: Vec<_> = before.iter().filter(|record| record.transport != Transport::Polling).cloned().collect();
    assert_eq!(compared(&without, &after, &["p99>10%"]).outcome, Outcome::Failed);
}

#[test]
fn lost_events_fail_their_bound_although_they_make_the_cell_invalid() {
    let (before, mut after) = (results(&BOTH, 5, 1.0), results(&BOTH, 5, 1.0));
    after.iter_mut().for_each(|record| lose(record, 3));
    let comparison = compared(&before, &after, &["lost>0"]);
    assert_eq!((verdicts(&comparison, Figure::Lost), comparison.outcome), (vec![Verdict::Worse; 2], Outcome::Failed));
    assert_eq!(verdicts(&comparison, Figure::P99), [Verdict::Invalid; 2]);
    assert_eq!(compared(&before, &after, &["lost>5"]).outcome, Outcome::CannotTell);
    after.iter_mut().for_each(disturb);
    let disturbed = compared(&before, &after, &["lost>0"]);
    assert_eq!((verdicts(&disturbed, Figure::Lost)[0], disturbed.outcome), (Verdict::Invalid, Outcome::CannotTell));
}

#[test]
fn the_document_has_every_figure_with_raw_values() {
    let comparison = compared(&results(&BOTH, 4, 1.0), &results(&BOTH, 4, 1.5), &["p99>10%"]);
    let json = serde_json::to_value(&comparison).unwrap();
    assert_eq!((&json["schema"], &json["comparable"], &json["outcome"]), (&1.into(), &true.into(), &"failed".into()));
    assert_eq!(json["a"]["name"], "before");
    let cell = &json["cells"][1];
    assert_eq!((&cell["transport"], &cell["clients"]), (&"websocket".into(), &20.into()));
    let ids: Vec<_> = cell["figures"].as_array().unwrap().iter().map(|f| f["figure"].as_str().unwrap()).collect();
    assert_eq!(ids, Figure::ALL.map(Figure::id));
    let p99 = &cell["figures"][2];
    assert_eq!((&p99["unit"], &p99["verdict"]), (&"us".into(), &"worse".into()));
    assert_eq!(p99["a"]["values"].as_array().unwrap().len(), 4);
    assert!(p99["ratio"]["interval"]["low"].as_f64().unwrap() > 1.4);
    assert_eq!(json["bounds"][0]["bound"], "p99>10%");
    assert_eq!(cell["figures"][12]["ratio"], serde_json::Value::Null, "what was lost has no ratio");
}

fn pages(a: &[Record], b: &[Record], lang: Lang) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let bounds = ["p99>10%".parse().unwrap()];
    let comparison = compare(named("some/before", a), named("after/", b), How { lang, even_so: true, bounds: &bounds });
    let written = write(&comparison.unwrap(), folder.path()).unwrap();
    let page = fs::read_to_string(written.page).unwrap();
    (folder, page)
}

/// What a page may have to show.
fn cases() -> Vec<(&'static str, Vec<Record>, Vec<Record>)> {
    let before = results(&BOTH, 4, 1.0);
    let mut troubled = results(&BOTH, 4, 1.3);
    disturb(&mut troubled[0]);
    troubled.iter_mut().for_each(|record| record.machine.cpu = "<another> & \"one\"".to_owned());
    vec![
        ("clean", before.clone(), results(&BOTH, 5, 0.8)),
        ("troubled", before.clone(), troubled),
        ("few", results(&BOTH, 1, 1.0), results(&BOTH, 1, 1.0)),
        ("closed", vec![common::closed(); 2], vec![common::closed(); 2]),
    ]
}

#[test]
fn the_page_is_well_formed_in_both_languages_and_needs_no_network() {
    for (name, a, b) in cases() {
        for lang in Lang::ALL {
            let (_folder, page) = pages(&a, &b, lang);
            assert!(page.contains(&format!("<html lang=\"{}\">", lang.tag())));
            let body = page.split_once("</head>").unwrap().1.replace("</html>", "");
            let elements = xml::elements(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut ids: Vec<_> = elements.iter().filter_map(|element| element.attribute("id")).collect();
            ids.sort_unstable();
            assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{name}: {ids:?}");
            let levels = elements.iter().filter_map(|element| element.name.strip_prefix('h')?.parse::<u8>().ok());
            let levels: Vec<_> = levels.collect();
            assert!(levels[0] == 1 && levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
            for head in elements.iter().filter(|element| element.name == "th") {
                assert!(head.attribute("scope").is_some(), "{name}: a heading without scope");
            }
            let outside = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!outside.contains("http:") && !outside.contains("https:") && !outside.contains("<link"), "{name}");
        }
    }
}

#[test]
fn the_page_tells_before_the_first_figure_what_is_invalid_and_what_is_not_comparable() {
    let (_, a, b) = cases().remove(1);
    let (_folder, page) = pages(&a, &b, Lang::En);
    let head = page.split_once("<h2").unwrap().0;
    assert!(
        head.contains("Not comparable, and compared even so: processor: AMD EPYC 7B13 → &#60;another&#62;"),
        "{head}"
    );
    assert!(head.contains("polling (0 of 4 in A, 1 of 4 in B)"), "{head}");
    assert!(head.contains("A is before") && head.contains("B is after"), "{head}");
    assert!(page.matches("processor: AMD EPYC 7B13 → &#60;another&#62;").count() > 26, "every figure says it");
    assert!(page.contains("<tr class=\"invalid\">"));
}

#[test]
fn a_chinese_page_has_chinese_verdicts() {
    let (_, a, b) = cases().remove(0);
    let (_folder, page) = pages(&a, &b, Lang::Zh);
    for needed in ["更好", "未显示差异", "轮询", "95 % 区间", "中位数"] {
        assert!(page.contains(needed), "{needed}");
    }
    for wrong in [">better<", "no difference", "latency p", ">median", "repetitions"] {
        assert!(!page.contains(wrong), "{wrong}");
    }
}

#[test]
fn the_files_are_complete_and_the_same_each_time() {
    let (_, a, b) = cases().remove(1);
    let ((one, _), (other, _)) = (pages(&a, &b, Lang::En), pages(&a, &b, Lang::En));
    for file in ["compare.html", "charts/comparison.svg", "tables/comparison.md", "tables/comparison.json"] {
        assert_eq!(fs::read(one.path().join(file)).unwrap(), fs::read(other.path().join(file)).unwrap(), "{file}");
    }
    let mut reader = csv::Reader::from_path(one.path().join("tables/comparison.csv")).unwrap();
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * Figure::ALL.len());
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    assert!(rows.iter().all(|row| &row[column("comparable")] == "false"));
    assert_eq!(&rows[2][column("b_left_out")], "1");
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(one.path().join("tables/comparison.json")).unwrap()).unwrap();
    assert_eq!(json["cells"].as_array().unwrap().len(), 2);
}

#[test]
fn the_chart_has_every_repetition_and_marks_the_invalid_ones() {
    let (_, a, b) = cases().remove(1);
    let (folder, _) = pages(&a, &b, Lang::En);
    let chart = fs::read_to_string(folder.path().join("charts/comparison.svg")).unwrap();
    let elements = xml::elements(&chart).unwrap();
    // A dot and its edge for each repetition that counts: two cells, twelve figures with a ratio, the key has two dots.
    let dots = elements.iter().filter(|element| element.name == "circle").count();
    assert_eq!(dots, 2 * (12 * (4 + 3 + 4 + 4) + 2));
    let crosses = elements.iter().filter(|element| element.attribute("fill") == Some("#B00020")).count();
    assert!(crosses >= 12, "{crosses}");
    assert!(chart.contains("1 of 4 in B") && chart.contains("worse") && chart.contains("less is better"));
    let (folder, _) = pages(&a[..2], &b[2..4], Lang::En);
    let chart = fs::read_to_string(folder.path().join("charts/comparison.svg")).unwrap();
    assert!(chart.contains("estimate without an interval") && !chart.contains("estimate with its 95 % interval"));
}

#[test]
fn many_cells_have_several_charts_with_one_axis() {
    let (a, b) = (results(&Transport::ALL, 4, 1.0), results(&Transport::ALL, 4, 2.0));
    let folder = tempfile::tempdir().unwrap();
    let written = write(&compared(&a, &b, &[]), folder.path()).unwrap();
    let charts: Vec<_> = written.charts.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let (first, second) = ("B against A, every figure (1 of 2)", "B against A, every figure (2 of 2)");
    assert!(charts.len() == 2 && charts[0].contains(first) && charts[1].contains(second));
    assert!(charts[0].contains(">iframe streaming<") && !charts[1].contains(">iframe streaming<"));
    assert!(charts.iter().all(|chart| chart.contains(">0.5<") && chart.contains(">2<")));
}
