//! `report.html`: figures with their spread and validity, in both languages, complete without its script.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod common;
mod xml;

use std::fs;
use std::path::Path;

use feedbench_record::summary::Cell;
use feedbench_record::{Record, Scenario, Transport, judge};
use feedbench_reports::lang::Lang;
use feedbench_reports::look::Look;
use feedbench_reports::{Options, write_report};

fn page(records: &[Record], lang: Lang) -> String {
    let folder = tempfile::tempdir().unwrap();
    let look = Look { lang, ..Look::default() };
    let written = write_report(records, folder.path(), &Options { look, ..Options::default() }).unwrap();
    fs::read_to_string(written.report).unwrap()
}

/// So many repetitions of some transports in turn, a minute each.
fn repeated(transports: &[Transport], repetitions: u32) -> Vec<Record> {
    let scenario = |seed| Scenario { clients: 50, seed, ..Scenario::default() };
    let mut records = Vec::new();
    for repetition in 1..=repetitions {
        for &transport in transports {
            let mut record = common::record_of(transport, scenario(u64::from(repetition)), repetition);
            record.started_at = format!("2026-03-01T10:{:02}:00Z", records.len());
            // What a machine does to each run: no two are alike.
            let server = record.server.as_mut().unwrap();
            server.cpu_window_us = server.cpu_window_us.map(|us| us + u64::from(repetition * repetition) * 400);
            records.push(record);
        }
    }
    records
}

/// The row of a point in the table of key figures, without its tags.
fn row(page: &str, label: &str) -> String {
    let table = page.split_once("<table class=\"key\">").unwrap().1.split_once("</table>").unwrap().0;
    let of_label = |row: &&str| row.split_once("</th>").is_some_and(|(head, _)| head.ends_with(label));
    table.split("<tr").find(of_label).unwrap().to_owned()
}

fn cpu_per_event(records: &[Record]) -> Vec<f64> {
    let mut figures: Vec<_> = records.iter().filter_map(|record| Cell::of(record).cpu_us_per_event.server).collect();
    figures.sort_by(f64::total_cmp);
    figures
}

#[test]
fn a_figure_is_the_median_with_an_interval_from_six_repetitions_on() {
    let records = repeated(&[Transport::Sse], 6);
    let page = page(&records, Lang::En);
    let figures = cpu_per_event(&records);
    let shown = row(&page, "server-sent events");
    let text = |figure: f64| format!("{figure:.prec$}", prec = (2.0 - figure.log10().floor()).max(0.0) as usize);
    let median = text(f64::midpoint(figures[2], figures[3]));
    let interval = format!("[{} – {}]", text(figures[0]), text(figures[5]));
    assert!(shown.contains(&median) && shown.contains(&interval), "{median} {interval}: {shown}");
    assert!(page.contains("96.9 % at n = 6") && !page.contains("is the range of fewer than six"));
    assert!(page.contains("The repetitions were interleaved"));
}

#[test]
fn fewer_repetitions_have_a_range_and_one_has_neither() {
    let three = repeated(&[Transport::Sse], 3);
    let page_of_three = page(&three, Lang::En);
    let shown = row(&page_of_three, "server-sent events");
    assert!(shown.contains("<span class=\"spread\">(") && !shown.contains("<span class=\"spread\">["), "{shown}");
    assert!(page_of_three.contains("is the range of fewer than six") && !page_of_three.contains("at n = 3"));
    let page_of_one = page(&three[..1], Lang::En);
    assert!(!page_of_one.contains("class=\"spread\"") && page_of_one.contains("Each point was measured once"));
}

#[test]
fn repetitions_that_did_not_take_turns_are_not_called_interleaved() {
    let mut records = repeated(&[Transport::Sse, Transport::WebSocket], 2);
    for (minute, record) in records.iter_mut().enumerate() {
        let position = u32::from(record.transport == Transport::WebSocket) * 2 + record.repetition;
        record.started_at = format!("2026-03-01T10:{position:02}:0{minute}Z");
    }
    let page = page(&records, Lang::En);
    assert!(page.contains("were not interleaved") && !page.contains("were interleaved"));
}

#[test]
fn an_invalid_repetition_is_marked_beside_the_figures_with_a_link_to_its_reasons_and_does_not_count() {
    let mut records = repeated(&[Transport::Sse], 6);
    let sound = cpu_per_event(&records[..5]);
    records[5].cell_counts.lost = Some(3);
    records[5].server.as_mut().unwrap().cpu_window_us = Some(90_000_000);
    records[5].verdict = judge::judge(&records[5]);
    let page = page(&records, Lang::En);
    let shown = row(&page, "server-sent events");
    for needed in ["✗ 1 of 6 invalid", "events lost", "href=\"#verdict-6\"", "5 of 6"] {
        assert!(shown.contains(needed), "{needed}: {shown}");
    }
    let median = sound[2];
    assert!(shown.contains(&format!("{median:.prec$}", prec = (2.0 - median.log10().floor()).max(0.0) as usize)));
    assert!(shown.contains('(') && !shown.contains('['), "five that count are too few for an interval: {shown}");
    assert!(!shown.contains("class=\"invalid\""), "the figures are those of valid repetitions");
    assert!(page.contains("id=\"verdict-6\""));
}

#[test]
fn a_point_without_a_valid_repetition_keeps_its_figures_and_is_marked() {
    let mut records = repeated(&[Transport::Polling], 2);
    for record in &mut records {
        record.cell_counts.lost = Some(3);
        record.verdict = judge::judge(record);
    }
    let page = page(&records, Lang::En);
    let shown = row(&page, "polling");
    assert!(shown.contains("class=\"invalid\"") && shown.contains("✗ invalid") && shown.contains("0 of 2"), "{shown}");
    assert!(page.contains("the figures of the invalid ones stand here"));
}

/// The texts that a reader sees or hears.
fn texts(page: &str) -> Vec<String> {
    const HEARD: [&str; 6] = ["aria-label", "data-name", "data-hint", "data-axis", "data-label", "data-readings"];
    let body = page.split_once("</head>").unwrap().1.replace("</html>", "");
    let elements = xml::elements(&body).unwrap();
    let heard = elements.iter().flat_map(|element| HEARD.iter().filter_map(|&name| element.attribute(name)));
    let seen = elements.iter().filter(|element| element.name != "pre" && element.name != "code");
    seen.map(|element| element.text.clone()).chain(heard.map(str::to_owned)).collect()
}

/// What has no other name in Chinese: names of programs, formats, machines, and values as a record and the command have them.
const NAMES: &[&str] = &[
    "WebSocket",
    "iframe",
    "fetch",
    "feedbench",
    "EPYC",
    "Linux",
    "release",
    "system",
    "hyper",
    "tokio",
    "tungstenite",
    "HTTP",
    "http",
    "Cookie",
    "minimal",
    "default",
    "keep",
    "alive",
    "script",
    "data",
    "BibTeX",
    "Mbit",
];

#[test]
fn a_page_in_chinese_has_no_english_words_but_names() {
    let cases = [
        ("suite", common::suite()),
        ("troubled", common::troubled_suite()),
        ("repeated", repeated(&[Transport::Polling, Transport::WebSocket], 6)),
        ("closed", vec![common::closed(), common::record(Transport::Polling)]),
    ];
    for (name, records) in cases {
        let page = page(&records, Lang::Zh);
        assert!(page.contains("<html lang=\"zh-CN\">"));
        let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
        let mut words = Vec::new();
        for text in texts(&page) {
            let text = ids.iter().fold(text.replace("&quot;", ""), |text, id| text.replace(id, ""));
            let found = text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() >= 4);
            words.extend(found.filter(|word| !NAMES.contains(word)).map(str::to_owned));
        }
        words.sort_unstable();
        words.dedup();
        assert!(words.is_empty(), "{name}: {words:?}");
    }
}

#[test]
fn both_languages_have_the_same_sections_tables_and_drawings() {
    let records = common::troubled_suite();
    let [en, zh] = Lang::ALL.map(|lang| page(&records, lang));
    for element in ["<section", "<h2", "<h3", "<h4", "<table", "<svg", "<li", "<dt", "<tr", "<details", "<template"] {
        assert_eq!(en.matches(element).count(), zh.matches(element).count(), "{element}");
    }
}

#[test]
fn without_its_script_the_page_lacks_nothing() {
    let page = page(&common::suite(), Lang::En);
    let body = page.split_once("</head>").unwrap().1;
    assert!(!body.contains("<button") && !body.contains(" hidden"), "what needs a script is made by it");
    let figures: Vec<_> = body.split("<figure").skip(1).map(|rest| rest.split_once("</figure>").unwrap().0).collect();
    assert!(figures.len() >= 10);
    for figure in figures {
        let drawing = figure.split_once("<template").map_or(figure, |(before, _)| before);
        for needed in ["<svg", "role=\"img\"", "<title", "<desc"] {
            assert!(drawing.contains(needed), "{needed}");
        }
        let data = figure.split_once("<details>").unwrap().1;
        assert!(data.contains("<tbody>\n<tr>") && data.contains("scope=\"row\""));
    }
}

#[test]
fn every_table_has_a_caption_and_its_headings_have_a_scope() {
    let body = page(&common::troubled_suite(), Lang::En).split_once("</head>").unwrap().1.to_owned();
    assert_eq!(body.matches("<table").count(), body.matches("<caption").count());
    assert_eq!(body.matches("<th").count() - body.matches("<thead").count(), body.matches("<th scope=").count());
}

#[test]
fn the_policy_allows_the_script_that_is_there_and_nothing_else() {
    let page = page(&common::suite(), Lang::En);
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(
        policy.starts_with("default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-")
    );
    assert!(!policy.contains("script-src &#39;unsafe") && !policy.contains("eval"), "{policy}");
}

#[test]
fn the_page_says_how_to_cite_it_with_the_hash_of_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let written = write_report(&common::suite(), folder.path(), &Options::default()).unwrap();
    let (page, entry) = (fs::read_to_string(written.report).unwrap(), fs::read_to_string(written.citation).unwrap());
    let hash = entry.split_once("sha256 = {").unwrap().1.split_once('}').unwrap().0;
    assert!(page.contains(&format!("<code>{hash}</code>")) && page.contains("@misc{feedbench-"));
}

#[test]
fn the_same_records_give_the_same_page_in_whatever_order_they_come() {
    let mut records = repeated(&[Transport::Polling, Transport::WebSocket], 6);
    for lang in Lang::ALL {
        let first = page(&records, lang);
        records.rotate_left(5);
        assert!(page(&records, lang) == first, "{lang}");
    }
}

/// The reports stay in the target folder, to be looked at.
#[test]
fn pages_to_look_at_are_written_in_both_languages() {
    let all = repeated(&Transport::ALL, 6);
    let mut with_invalid = all.clone();
    with_invalid[2].cell_counts.lost = Some(3);
    with_invalid[2].verdict = judge::judge(&with_invalid[2]);
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/published/2026-11-21-default");
    let published = feedbench_reports::read_records(&[published.into()]).unwrap();
    let cases = [
        ("repeated", with_invalid),
        ("suite", common::suite()),
        ("troubled", common::troubled_suite()),
        ("scale", common::sweeps::scale(&[10, 50, 100], 3)),
        ("published", published),
    ];
    for lang in Lang::ALL {
        for (name, records) in &cases {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(format!("{name}-{lang}"));
            let look = Look { lang, ..Look::default() };
            let written = write_report(records, &folder, &Options { look, ..Options::default() }).unwrap();
            assert!(written.report.is_file());
        }
    }
}
