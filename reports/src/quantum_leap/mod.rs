//! The suite `quantum-leap`: what Lubbers and Greco published in 2010, the same recomputed from its parts, and what was
//! measured, side by side. **Overhead** (total - payload) is what compares: the payloads differ.
//!
//! - `published`: the article's figures, as printed. `recompute`: the same from heads, frames and segments.
//! - `measured`: the cells of the suite. `tables`, `ratios` and `words` set the three beside each other.

mod measured;
mod published;
mod ratios;
mod recompute;
mod tables;
#[cfg(test)]
mod tests;
mod words;

use feedbench_record::{Record, Transport};

use crate::estimate::{Dot, Estimate};
use crate::lang::Lang;
use crate::number::grouped;
use crate::table::Table;
use crate::text::{common, quantum_leap as text};
use measured::Measured;
pub(crate) use measured::belongs;
use published::{Printed, USE_CASES, UseCase};
use recompute::Message;

/// The article compared with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Its tables.
    pub tables: Vec<NamedTable>,
    /// Why the figures differ, a sentence each; first what is missing, reduced or invalid.
    pub sentences: Vec<String>,
}

/// A table with its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTable {
    /// The file's name without its ending.
    pub name: &'static str,
    /// What it shows, with its unit.
    pub title: &'static str,
    /// The figures.
    pub table: Table,
}

/// The transports of the article.
const TRANSPORTS: [Transport; 2] = [Transport::Polling, Transport::WebSocket];

/// One use case with one transport: published, recomputed and measured.
struct Line {
    case: UseCase,
    transport: Transport,
    printed: Printed,
    message: Message,
    measured: Option<Measured>,
}

impl Line {
    /// `A, polling`.
    fn name(&self, lang: Lang) -> String {
        format!("{}{}{}", self.case.name, common::label_comma(lang), common::transport(lang, self.transport))
    }
}

/// Every use case with both transports, in the article's order.
fn lines(records: &[&Record]) -> Vec<Line> {
    let line = |case: UseCase, transport| Line {
        case,
        transport,
        printed: case.printed(transport),
        message: Message::by(transport),
        measured: measured::of(records, transport, case.clients),
    };
    USE_CASES.into_iter().flat_map(|case| TRANSPORTS.map(|transport| line(case, transport))).collect()
}

/// The comparison; `None` when no record belongs to the suite.
pub fn comparison(records: &[Record], lang: Lang) -> Option<Comparison> {
    let records: Vec<&Record> = records.iter().filter(|record| belongs(record)).collect();
    if records.is_empty() {
        return None;
    }
    let lines = lines(&records);
    let mut tables = tables::all(&lines, lang);
    tables.push(ratios::named(&lines, lang));
    Some(Comparison { tables, sentences: words::sentences(&lines, &records, lang) })
}

/// The name of each use case, and its clients.
pub(crate) fn use_cases() -> [(&'static str, f64); 3] {
    USE_CASES.map(|case| (case.name, f64::from(case.clients)))
}

/// Where a line of the chart comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// As printed.
    Published,
    /// From the article's heads on the wire, or its frame.
    Recomputed,
    /// The same with the headers of TCP and IP.
    RecomputedOnIp,
    /// By feedbench, above TCP.
    Measured,
}

/// A point of the chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) clients: f64,
    /// The overhead of all clients (Mbit/s): over its repetitions if it was measured.
    pub(crate) mbit_per_s: Estimate,
    /// Was it measured?
    pub(crate) measured: bool,
}

impl Point {
    /// A figure that was not measured.
    fn computed(clients: f64, bytes_per_s: f64) -> Option<Point> {
        let dot = Dot { value: recompute::mbit(bytes_per_s), valid: true };
        Some(Point { clients, mbit_per_s: Estimate::of(vec![dot])?, measured: false })
    }
}

/// A line of the chart: the overhead of all clients by their number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) transport: Transport,
    pub(crate) origin: Origin,
    /// Transport and origin, with the bytes of one message where they are computed.
    pub(crate) label: String,
    /// The same where there is little room.
    pub(crate) short: String,
    pub(crate) points: Vec<Point>,
}

/// The lines of the chart; `None` when no record belongs to the suite.
pub(crate) fn series(records: &[&Record], lang: Lang) -> Option<Vec<Series>> {
    if !records.iter().any(|record| belongs(record)) {
        return None;
    }
    let lines = lines(records);
    let of = |(transport, origin): (Transport, Origin)| {
        let named =
            |origin: &str| format!("{}{}{origin}", common::transport(lang, transport), common::label_comma(lang));
        let of_transport = lines.iter().filter(|line| line.transport == transport);
        Series {
            transport,
            origin,
            label: named(&origin_name(Message::by(transport), origin, lang)),
            short: named(short_name(origin, lang)),
            points: of_transport.filter_map(|line| point(line, origin)).collect(),
        }
    };
    let origins = [Origin::Published, Origin::Recomputed, Origin::RecomputedOnIp, Origin::Measured];
    let each = TRANSPORTS.into_iter().flat_map(|transport| origins.map(|origin| (transport, origin)));
    Some(each.map(of).filter(|series| !series.points.is_empty()).collect())
}

fn origin_name(message: Message, origin: Origin, lang: Lang) -> String {
    match origin {
        Origin::Published => text::line_published(lang).to_owned(),
        Origin::Recomputed => text::line_recomputed(lang, grouped(message.overhead)),
        Origin::RecomputedOnIp => text::line_recomputed_on_ip(lang, grouped(message.overhead_on_ip())),
        Origin::Measured => text::line_measured(lang).to_owned(),
    }
}

fn short_name(origin: Origin, lang: Lang) -> &'static str {
    match origin {
        Origin::Published => text::line_published(lang),
        Origin::Recomputed => text::short_recomputed(lang),
        Origin::RecomputedOnIp => text::short_on_ip(lang),
        Origin::Measured => text::short_measured(lang),
    }
}

fn point(line: &Line, origin: Origin) -> Option<Point> {
    let clients = f64::from(line.case.clients);
    match origin {
        Origin::Published => Point::computed(clients, line.printed.bytes_per_s as f64),
        Origin::Recomputed => Point::computed(clients, clients * line.message.overhead as f64),
        Origin::RecomputedOnIp => Point::computed(clients, clients * line.message.overhead_on_ip() as f64),
        Origin::Measured => {
            let measured = line.measured.as_ref()?;
            let mbit = |bytes: f64| Some(recompute::mbit(bytes)).filter(|&mbit| mbit > 0.0);
            let mbit_per_s = measured.estimate(|one| one.overhead_per_s.and_then(mbit))?;
            Some(Point { clients: measured.clients.into(), mbit_per_s, measured: true })
        }
    }
}
