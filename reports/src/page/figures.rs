//! The tables of figures: a row for each point first, then every repetition with all columns.

use feedbench_record::Workload;
use feedbench_record::summary::{Cell, Latency};

use super::verdicts::anchor;
use crate::conditions::distinct;
use crate::estimate::{Estimate, Spread};
use crate::lang::Lang;
use crate::number::significant;
use crate::set::{self, Item, Kinds, Point};
use crate::table::{self, ABSENT, Group, Table};
use crate::text::common::{self, listed};
use crate::text::page as text;
use crate::text::reasons;

/// A table of points.
pub(super) struct Key {
    pub(super) title: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
}

/// One point.
pub(super) struct Row {
    pub(super) label: String,
    /// `None` where all repetitions are valid.
    pub(super) mark: Option<String>,
    /// Is there a valid repetition?
    pub(super) valid: bool,
    pub(super) figures: Vec<Figure>,
    pub(super) n: String,
    /// What valid repetitions are good for; `None` where there is none.
    pub(super) good: Option<&'static str>,
    pub(super) reasons: Vec<Link>,
}

/// One figure of a point.
pub(super) struct Figure {
    pub(super) median: String,
    pub(super) spread: Option<String>,
}

/// A reason's short name, and where its sentences stand.
pub(super) struct Link {
    pub(super) anchor: String,
    pub(super) text: &'static str,
}

/// Repetitions as rows, with every column of some groups.
pub(super) struct Repetitions {
    pub(super) title: &'static str,
    pub(super) table: Table,
    pub(super) verdicts: Vec<RowVerdict>,
}

/// What stands at the end of a repetition's row.
pub(super) struct RowVerdict {
    pub(super) valid: bool,
    pub(super) text: &'static str,
    pub(super) anchor: String,
}

/// A column: its heading, the figure of one repetition, and its text.
type Column = (fn(Lang) -> &'static str, fn(&Cell) -> Option<f64>, fn(f64, Lang) -> String);

const OPEN: [Column; 6] = [
    (text::latency_p50, |cell| latency_ms(cell, |l| [l.p50, l.p90, l.p99, l.p999, l.max]), latency),
    (text::latency_p99, |cell| latency_ms(cell, |l| [l.p99, l.p999, l.max, None, None]), latency),
    (text::bytes_total, |cell| cell.bytes_per_event.total, plain),
    (text::bytes_ip, |cell| cell.bytes_per_event.ip, plain),
    (text::server_cpu, |cell| cell.cpu_us_per_event.server, plain),
    (text::server_memory, |cell| Some(cell.rss_bytes_per_client.server? / 1_024.0), plain),
];

const CLOSED: [Column; 3] = [
    (text::requests, |cell| cell.requests_per_s, plain),
    (text::server_cpu_request, |cell| cell.cpu_us_per_request?.server, plain),
    (text::loadgen_cpu_request, |cell| cell.cpu_us_per_request?.loadgen, plain),
];

const SILENT: [Column; 4] = [
    (text::idle_bytes, |cell| cell.idle?.bytes_per_client_minute, plain),
    (text::idle_bytes_ip, |cell| cell.idle?.ip_bytes_per_client_minute, plain),
    (text::idle_server_cpu, |cell| cell.idle?.cpu_us_per_client_minute.server, plain),
    (text::server_memory, |cell| Some(cell.rss_bytes_per_client.server? / 1_024.0), plain),
];

/// The cells of each kind that have a table of points, with its title and columns.
fn tables<'a>(items: &[Item<'a>], lang: Lang) -> [(Vec<Item<'a>>, &'static str, &'static [Column]); 3] {
    let Kinds { open, closed, silent, .. } = set::kinds(items);
    [
        (open, text::figures_open(lang), &OPEN),
        (closed, text::figures_closed(lang), &CLOSED),
        (silent, text::figures_silent(lang), &SILENT),
    ]
}

fn plain(figure: f64, _lang: Lang) -> String {
    significant(figure)
}

/// The first percentile of these; one beyond the histogram's bounds is infinite, on the side that those above it tell.
fn latency_ms(cell: &Cell, percentiles: fn(&Latency) -> [Option<u64>; 5]) -> Option<f64> {
    let [figure, above @ ..] = percentiles(cell.latency_us.as_ref()?);
    Some(match figure {
        Some(us) => us as f64 / 1_000.0,
        None if above.iter().any(Option::is_some) => f64::NEG_INFINITY,
        None => f64::INFINITY,
    })
}

fn latency(ms: f64, lang: Lang) -> String {
    match ms {
        f64::INFINITY => text::above_60_s(lang).to_owned(),
        f64::NEG_INFINITY => text::below_0(lang).to_owned(),
        ms => significant(ms),
    }
}

/// The tables of points: closed workloads and silent feeds have their own.
pub(super) fn keys(items: &[Item<'_>], lang: Lang) -> Vec<Key> {
    let of = |(shown, title, columns): (Vec<Item<'_>>, _, &[Column])| {
        let rows: Vec<_> = set::points(&shown).iter().map(|point| row(point, columns, items)).collect();
        let header = columns.iter().map(|&(heading, ..)| heading(lang)).collect();
        (!rows.is_empty()).then_some(Key { title, header, rows })
    };
    tables(items, lang).into_iter().filter_map(of).collect()
}

fn row(point: &Point<'_>, columns: &[Column], items: &[Item<'_>]) -> Row {
    let lang = point.lang();
    let figure =
        |&(_, of, shown): &Column| figure(point.estimate(|item| of(&item.cell)).as_ref(), |value| shown(value, lang));
    let (valid, all) = (point.valid().count(), point.items().len());
    Row {
        label: point.label().to_owned(),
        mark: point.mark(),
        valid: point.is_valid(),
        figures: columns.iter().map(figure).collect(),
        n: if valid == all { all.to_string() } else { text::n_of(lang, valid, all) },
        good: point.valid().next().map(|item| good(item, lang)),
        reasons: links(point, items),
    }
}

fn figure(estimate: Option<&Estimate>, shown: impl Fn(f64) -> String) -> Figure {
    let Some(&Estimate { median, spread, .. }) = estimate else {
        return Figure { median: ABSENT.to_owned(), spread: None };
    };
    let spread = spread.map(|spread| spread.text(&shown));
    Figure { median: shown(median), spread }
}

/// Every different reason against a repetition, at the first one that has it.
fn links(point: &Point<'_>, items: &[Item<'_>]) -> Vec<Link> {
    let mut codes = Vec::new();
    let mut links = Vec::new();
    for item in point.items() {
        for reason in &item.cell.verdict.reasons {
            if !codes.contains(&reason.code) {
                codes.push(reason.code);
                links.push(Link { anchor: anchor(item, items), text: reasons::short(point.lang(), reason.code) });
            }
        }
    }
    links
}

/// What a valid cell is good for.
fn good(item: &Item<'_>, lang: Lang) -> &'static str {
    match item.cell.verdict.workload {
        Workload::Open => text::valid(lang),
        Workload::Closed => text::closed_valid(lang),
        Workload::Idle => text::silent_valid(lang),
    }
}

/// What the tables' signs mean; only of those that occur.
pub(super) fn notes(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let (mut points, mut ranges, mut coverages) = (Vec::new(), false, Vec::new());
    for (shown, _, columns) in tables(items, lang) {
        let of_table = set::points(&shown);
        for (point, (_, of, _)) in of_table.iter().flat_map(|point| columns.iter().map(move |column| (point, column))) {
            let estimate = point.estimate(|item| of(&item.cell));
            match estimate.as_ref().and_then(|estimate| Some((estimate.n(), estimate.spread?))) {
                None => {}
                Some((_, Spread::Range { .. })) => ranges = true,
                Some((n, Spread::Interval { coverage, .. })) => coverages.push((n, coverage)),
            }
        }
        points.extend(of_table);
    }
    coverages.sort_by_key(|&(n, _)| n);
    let coverages: Vec<_> = distinct(coverages)
        .into_iter()
        .map(|(n, coverage)| text::coverage_at(lang, format!("{:.1}", coverage * 100.0), n))
        .collect();
    let mut notes = vec![match points.iter().all(|point| point.items().len() == 1) {
        true => text::figures_single_note(lang).to_owned(),
        false => text::figures_median_note(lang).to_owned(),
    }];
    if !coverages.is_empty() {
        notes.push(text::figures_interval_note(lang, listed(lang, &coverages)));
    }
    if ranges {
        notes.push(text::figures_range_note(lang).to_owned());
    }
    if points.iter().any(|point| !point.is_valid()) {
        notes.push(text::figures_invalid_note(lang).to_owned());
    }
    notes.push(text::figures_absent_note(lang).to_owned());
    let absent =
        |item: &Item<'_>| Some(text::no_latency(lang, &item.label, reasons::latency_absent(lang, item.record)?));
    notes.extend(items.iter().filter_map(absent));
    notes
}

/// The tables of repetitions: closed workloads have one of their own, and no other.
pub(super) fn repetitions(items: &[Item<'_>], lang: Lang) -> Vec<Repetitions> {
    let Kinds { open, closed, silent, .. } = set::kinds(items);
    let of = |shown: &[Item<'_>], title, groups: &[Group]| {
        let verdict = |item: &Item<'_>| RowVerdict {
            valid: item.valid(),
            text: if item.valid() { good(item, lang) } else { common::invalid(lang) },
            anchor: anchor(item, items),
        };
        let verdicts = shown.iter().map(verdict).collect();
        (!shown.is_empty()).then(|| Repetitions { title, table: table::labelled(shown, groups), verdicts })
    };
    let tables = [
        of(&open, text::table_delivery(lang), &[Group::Delivery]),
        of(&open, text::table_bytes(lang), &[Group::Bytes]),
        of(&open, text::table_machine(lang), &[Group::Cpu, Group::Memory]),
        of(&closed, text::figures_closed(lang), &[Group::Throughput]),
        of(&silent, text::figures_silent(lang), &[Group::Silence]),
    ];
    tables.into_iter().flatten().collect()
}
