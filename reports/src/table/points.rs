//! The key figures: a row for each point, its figures over the repetitions.

use feedbench_record::Workload;
use feedbench_record::summary::{Cell, Latency};

use super::{ABSENT, Align, Heading, Table};
use crate::estimate::{Estimate, Spread};
use crate::lang::Lang;
use crate::number::significant;
use crate::set::{self, Item, Kinds, Point};
use crate::text::{common, page as text};

/// The points of one kind of workload, with the figures that they have.
pub(crate) struct Points<'a> {
    /// The file's name without its ending.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) points: Vec<Point<'a>>,
    columns: &'static [Column],
}

/// One point in texts.
pub(crate) struct Row {
    pub(crate) label: String,
    /// Is there a valid repetition?
    pub(crate) valid: bool,
    pub(crate) figures: Vec<Figure>,
    /// How many repetitions count, and of how many.
    pub(crate) n: String,
    /// What valid repetitions are good for; `None` where there is none.
    pub(crate) good: Option<&'static str>,
}

/// One figure of a point.
pub(crate) struct Figure {
    pub(crate) median: String,
    pub(crate) spread: Option<String>,
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

/// The points of each kind that there is: closed workloads and silent feeds have figures of their own.
pub(crate) fn of<'a>(items: &[Item<'a>], lang: Lang) -> Vec<Points<'a>> {
    let Kinds { open, closed, silent, .. } = set::kinds(items);
    let kinds: [(_, _, _, &'static [Column]); 3] = [
        ("points", open, text::figures_open(lang), &OPEN),
        ("points-closed", closed, text::figures_closed(lang), &CLOSED),
        ("points-silent", silent, text::figures_silent(lang), &SILENT),
    ];
    let kinds = kinds.into_iter().filter(|(_, items, ..)| !items.is_empty());
    kinds.map(|(name, items, title, columns)| Points { name, title, points: set::points(&items), columns }).collect()
}

impl Points<'_> {
    /// The headings of the figures.
    pub(crate) fn header(&self, lang: Lang) -> Vec<&'static str> {
        self.columns.iter().map(|&(heading, ..)| heading(lang)).collect()
    }

    pub(crate) fn rows(&self, lang: Lang) -> Vec<Row> {
        self.points.iter().map(|point| row(point, self.columns, lang)).collect()
    }

    /// The spread of every figure that has one, with the number of repetitions behind it.
    pub(crate) fn spreads(&self) -> Vec<(usize, Spread)> {
        let each = self.points.iter().flat_map(|point| self.columns.iter().map(move |column| (point, column)));
        let spread = |(point, (_, of, _)): (&Point<'_>, &Column)| {
            let estimate = point.estimate(|item| of(&item.cell))?;
            Some((estimate.n(), estimate.spread?))
        };
        each.filter_map(spread).collect()
    }

    /// Every point as a row of texts, with its verdict at the end.
    pub(crate) fn table(&self, lang: Lang) -> Table {
        let heading = |text: &str, align| Heading { text: text.to_owned(), align };
        let mut header = vec![heading(common::cell(lang), Align::Left)];
        header.extend(self.header(lang).into_iter().map(|text| heading(text, Align::Right)));
        header.push(heading(text::repetitions_head(lang), Align::Right));
        header.push(heading(text::verdict(lang), Align::Left));
        let row = |(row, point): (Row, &Point<'_>)| {
            let figure =
                |figure: Figure| [Some(figure.median), figure.spread].into_iter().flatten().collect::<Vec<_>>();
            let figures = row.figures.into_iter().map(|of| figure(of).join(" "));
            let verdict = point.mark().or(row.good.map(str::to_owned)).unwrap_or_default();
            [row.label].into_iter().chain(figures).chain([row.n, verdict]).collect()
        };
        Table { header, rows: self.rows(lang).into_iter().zip(&self.points).map(row).collect() }
    }
}

fn row(point: &Point<'_>, columns: &[Column], lang: Lang) -> Row {
    let figure =
        |&(_, of, shown): &Column| figure(point.estimate(|item| of(&item.cell)).as_ref(), |value| shown(value, lang));
    let (valid, all) = (point.valid().count(), point.items().len());
    Row {
        label: point.label().to_owned(),
        valid: point.is_valid(),
        figures: columns.iter().map(figure).collect(),
        n: if valid == all { all.to_string() } else { text::n_of(lang, valid, all) },
        good: point.valid().next().map(|item| good(item, lang)),
    }
}

fn figure(estimate: Option<&Estimate>, shown: impl Fn(f64) -> String) -> Figure {
    let Some(&Estimate { median, spread, .. }) = estimate else {
        return Figure { median: ABSENT.to_owned(), spread: None };
    };
    let spread = spread.map(|spread| spread.text(&shown));
    Figure { median: shown(median), spread }
}

/// What a valid cell is good for.
pub(crate) fn good(item: &Item<'_>, lang: Lang) -> &'static str {
    match item.cell.verdict.workload {
        Workload::Open => text::valid(lang),
        Workload::Closed => text::closed_valid(lang),
        Workload::Idle => text::silent_valid(lang),
    }
}
