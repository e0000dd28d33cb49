//! Bars of repetitions, and the texts of every chart that has bars.
#![allow(clippy::unwrap_used)]

use feedbench_record::{Record, Scenario, judge};

use super::*;
use crate::charts;
use crate::estimate::{Dot, Spread};
use crate::fixture;
use crate::lang::Lang;
use crate::set::{self, Item};
use crate::style::{INVALID, hex};
use crate::text::charts_bars as text;

const SIDES: [fn(&Item<'_>) -> Option<f64>; 2] =
    [|item| item.cell.cpu_us_per_event.server, |item| item.cell.cpu_us_per_event.loadgen];

/// So many repetitions of a cell, with 1, 2, 3 … ms of CPU time; those in `invalid` have lost an event.
fn repetitions(number: u32, invalid: &[u32]) -> Vec<Record> {
    let record = |repetition| {
        let scenario = Scenario { clients: 20, ..Scenario::default() };
        let mut record = fixture::record_of(Transport::Sse, scenario, repetition);
        record.counts.delivered = 1_000;
        record.server.as_mut().unwrap().cpu_window_us = Some(1_000 * u64::from(repetition));
        record.verdict = judge::judge(&record);
        if invalid.contains(&repetition) {
            record.counts.lost = Some(1);
            record.verdict = judge::judge(&record);
        }
        record
    };
    (1..=number).map(record).collect()
}

fn server_bar(records: &[Record], look: Look) -> Bar {
    let points = set::points(&set::of(records, look.lang));
    assert_eq!(points.len(), 1);
    sides(&points[0], look, SIDES, " µs", "–").remove(0)
}

#[test]
fn a_bar_is_the_median_of_the_valid_repetitions_and_its_whisker_their_interval() {
    let bar = server_bar(&repetitions(7, &[7]), Look::default());
    assert_eq!((bar.length(), bar.text.as_str()), (3.5, "3.50 µs, n = 6"));
    let estimate = bar.estimate.unwrap();
    assert!(matches!(estimate.spread, Some(Spread::Interval { low: 1.0, high: 6.0, .. })), "{:?}", estimate.spread);
    assert_eq!(estimate.dots.last(), Some(&Dot { value: 7.0, valid: false }), "it is still there");
    let zh = Look { lang: Lang::Zh, medium: Medium::Paper };
    assert_eq!(server_bar(&repetitions(3, &[]), zh).text, "2.00", "the axis has the unit");
}

#[test]
fn one_repetition_is_a_bar_without_marks() {
    let bar = server_bar(&repetitions(1, &[]), Look::default());
    assert_eq!((bar.text.as_str(), bar.reading.as_str()), ("1.00 µs", "server: 1.00 µs"));
    let svg = cpu(&repetitions(1, &[]), Look::default()).file;
    assert!(!svg.contains("<circle") && !svg.contains(text::dot_key(Lang::En)), "{svg}");
}

fn cpu(records: &[Record], look: Look) -> Chart {
    charts::cpu::chart(&Scene::of(&set::of(records, look.lang), look))
}

#[test]
fn every_repetition_stays_as_a_dot_and_an_invalid_one_is_hollow() {
    let svg = cpu(&repetitions(4, &[2]), Look::default()).file;
    // A dot is two circles, a ring one line; two bars, and one of each in the key.
    assert_eq!(svg.matches("<circle").count(), 2 * (2 * 3 + 1));
    let ring = format!("stroke=\"{}\"", hex(INVALID).to_uppercase());
    assert_eq!(svg.matches(&ring).count(), 2 + 1, "{ring}");
    assert!(svg.contains("✗ 1 of 4 invalid") && svg.contains(text::range_key(Lang::En)));
}

#[test]
fn a_row_of_the_data_has_median_ends_kind_number_and_repetitions() {
    let table = cpu(&repetitions(3, &[3]), Look::default()).data;
    let row: Vec<_> = table.rows[0].iter().map(String::as_str).collect();
    let label = "server-sent events ✗ 1 of 3 invalid";
    let repetitions = "1.00; 2.00; 3.00 ✗ invalid";
    assert_eq!(row, [label, "server: CPU time (µs per event)", "1.50", "1.00", "2.00", "range", "2", repetitions]);
    assert_eq!(table.header.len(), row.len());
}

#[test]
fn no_text_leaves_the_drawing_in_any_medium() {
    let records: Vec<_> = Transport::ALL
        .into_iter()
        .flat_map(|transport| {
            [100, 10_000].map(|clients| {
                let mut record = fixture::record_of(transport, Scenario { clients: 5, ..Scenario::default() }, 1);
                record.scenario.clients = clients;
                record
            })
        })
        .collect();
    for look in looks() {
        let points = set::points(&set::of(&records, look.lang));
        let groups = groups(&points, |point| sides(point, look, SIDES, " µs", "–"));
        let layout = Layout::new(look, &groups, Key::default(), text::cpu_axis(look.lang).into());
        let (room, width) = (layout.room(), look.width());
        let scale = layout.scale(room).unwrap();
        for bar in groups.iter().flat_map(|group| &group.bars) {
            assert!(scale.at(bar.reach()) + TEXT_GAP + text_width(&bar.text, SMALL) <= width, "{look:?}: {}", bar.text);
        }
        assert!(layout.labels.iter().all(|label| label.width() + 10.0 <= room.left), "{look:?}");
        assert!(layout.title_lines().iter().all(|line| text_width(line, TITLE) <= width - 2.0 * MARGIN), "{look:?}");
        assert!(room.right - room.left > width / 3.0, "{look:?}: the bars have room");
    }
}

fn looks() -> impl Iterator<Item = Look> {
    Lang::ALL.into_iter().flat_map(|lang| Medium::ALL.map(|medium| Look { lang, medium }))
}

/// Every chart with bars, searches and the article's comparison.
fn all(look: Look) -> Vec<Chart> {
    let (suite, leap) = (fixture::troubled_suite(), fixture::quantum_leap::suite());
    let (searches, closed) = (fixture::searches(), [fixture::closed()]);
    let repeated = repetitions(7, &[2]);
    let mut drawn = Vec::new();
    for records in [suite.as_slice(), &repeated] {
        let scene = Scene::of(&set::of(records, look.lang), look);
        drawn.extend([charts::bytes::chart(&scene), charts::cpu::chart(&scene), charts::memory::chart(&scene)]);
        drawn.push(charts::idle::chart(&scene));
        drawn.extend([charts::polls::empty(&scene), charts::polls::repetition(&scene)].into_iter().flatten());
    }
    drawn.extend(charts::throughput::charts(&Scene::of(&set::of(&closed, look.lang), look)));
    let of_searches = crate::capacity::found(&searches, &set::of(&searches, look.lang), look);
    drawn.extend(of_searches.into_iter().flat_map(|found| found.charts));
    drawn.extend(charts::overhead_bandwidth(&set::of(&leap, look.lang), look));
    drawn
}

/// The texts of a drawing, without its marks.
fn texts(svg: &str) -> impl Iterator<Item = &str> {
    svg.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text)
}

#[test]
fn a_chinese_chart_has_no_english_words() {
    const NAMES: [&str; 8] = ["WebSocket", "fetch", "iframe", "feedbench", "Lubbers", "Greco", "Mbit", "HTTP"];
    for medium in Medium::ALL {
        let drawn = all(Look { lang: Lang::Zh, medium });
        assert_eq!(drawn.len(), 2 * 4 + 2 + 2 + 2 + 1);
        for chart in drawn {
            let data = chart.data.header.iter().map(|heading| heading.text.as_str());
            let data = data.chain(chart.data.rows.iter().flatten().map(String::as_str));
            let named = [chart.title.as_str()].into_iter().chain(chart.notes.iter().map(String::as_str));
            for text in texts(&chart.inline).chain(data).chain(named) {
                let words = text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() >= 4);
                for word in words {
                    assert!(NAMES.contains(&word), "{}: \"{word}\" in {text}", chart.name);
                }
            }
        }
    }
}

#[test]
fn a_group_can_be_hidden_and_read_on_the_page_alone() {
    let chart = cpu(&repetitions(3, &[]), Look::default());
    assert!(chart.inline.contains("data-transport=\"sse\"") && !chart.file.contains("data-transport"));
    assert!(chart.inline.contains("server: 2.00 µs (range: 1.00 to 3.00, n = 3)"), "{}", chart.inline);
}
