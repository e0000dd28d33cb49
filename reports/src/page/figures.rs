//! The tables of figures: a row for each point first, then every repetition with all columns.

use super::verdicts::anchor;
use crate::conditions::distinct;
use crate::estimate::Spread;
use crate::lang::Lang;
use crate::set::{self, Item, Kinds, Point};
use crate::table::{self, Group, Table, points};
use crate::text::common::{self, listed};
use crate::text::page as text;
use crate::text::reasons;

/// A table of points, with the way from an invalid one to its reasons.
pub(super) struct Key {
    pub(super) title: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
}

/// One point.
pub(super) struct Row {
    pub(super) key: points::Row,
    /// `None` where all repetitions are valid.
    pub(super) mark: Option<String>,
    pub(super) reasons: Vec<Link>,
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

/// The tables of points: closed workloads and silent feeds have their own.
pub(super) fn keys(items: &[Item<'_>], lang: Lang) -> Vec<Key> {
    let row = |(key, point): (points::Row, &Point<'_>)| Row { key, mark: point.mark(), reasons: links(point, items) };
    let of = |table: points::Points<'_>| Key {
        title: table.title,
        header: table.header(lang),
        rows: table.rows(lang).into_iter().zip(&table.points).map(row).collect(),
    };
    points::of(items, lang).into_iter().map(of).collect()
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

/// What the tables' signs mean; only of those that occur.
pub(super) fn notes(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let tables = points::of(items, lang);
    let points: Vec<_> = tables.iter().flat_map(|table| &table.points).collect();
    let (mut ranges, mut coverages) = (false, Vec::new());
    for (n, spread) in tables.iter().flat_map(points::Points::spreads) {
        match spread {
            Spread::Range { .. } => ranges = true,
            Spread::Interval { coverage, .. } => coverages.push((n, coverage)),
        }
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
            text: if item.valid() { points::good(item, lang) } else { common::invalid(lang) },
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
