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

use crate::lang::Lang;
use crate::number::grouped;
use crate::table::Table;
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
    fn name(&self) -> String {
        format!("{}, {}", self.case.name, self.transport.title())
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
pub fn comparison(records: &[Record], _lang: Lang) -> Option<Comparison> {
    let records: Vec<&Record> = records.iter().filter(|record| belongs(record)).collect();
    if records.is_empty() {
        return None;
    }
    let lines = lines(&records);
    let mut tables = tables::all(&lines);
    tables.push(ratios::named(&lines));
    Some(Comparison { tables, sentences: words::sentences(&lines, &records) })
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) clients: f64,
    /// The overhead of all clients.
    pub(crate) bits_per_s: f64,
    /// Was it measured, with something against it?
    pub(crate) invalid: bool,
}

/// A line of the chart: the overhead of all clients by their number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) transport: Transport,
    pub(crate) origin: Origin,
    /// Transport and origin, with the bytes of one message where they are computed.
    pub(crate) label: String,
    pub(crate) points: Vec<Point>,
}

/// The lines of the chart; `None` when no record belongs to the suite.
pub(crate) fn series(records: &[&Record], _lang: Lang) -> Option<Vec<Series>> {
    if !records.iter().any(|record| belongs(record)) {
        return None;
    }
    let lines = lines(records);
    let of = |(transport, origin): (Transport, Origin)| Series {
        transport,
        origin,
        label: label(transport, origin),
        points: lines
            .iter()
            .filter(|line| line.transport == transport)
            .filter_map(|line| point(line, origin))
            .collect(),
    };
    let origins = [Origin::Published, Origin::Recomputed, Origin::RecomputedOnIp, Origin::Measured];
    let each = TRANSPORTS.into_iter().flat_map(|transport| origins.map(|origin| (transport, origin)));
    Some(each.map(of).filter(|series| !series.points.is_empty()).collect())
}

fn label(transport: Transport, origin: Origin) -> String {
    let message = Message::by(transport);
    let origin = match origin {
        Origin::Published => "published".to_owned(),
        Origin::Recomputed => format!("recomputed ({} bytes)", grouped(message.overhead)),
        Origin::RecomputedOnIp => format!("recomputed on IP ({} bytes)", grouped(message.overhead_on_ip())),
        Origin::Measured => "measured above TCP".to_owned(),
    };
    format!("{}, {origin}", transport.title())
}

fn point(line: &Line, origin: Origin) -> Option<Point> {
    let clients = f64::from(line.case.clients);
    let of_message = |bytes: u64| Point { clients, bits_per_s: clients * bytes as f64 * 8.0, invalid: false };
    match origin {
        Origin::Published => Some(Point { clients, bits_per_s: line.printed.bytes_per_s as f64 * 8.0, invalid: false }),
        Origin::Recomputed => Some(of_message(line.message.overhead)),
        Origin::RecomputedOnIp => Some(of_message(line.message.overhead_on_ip())),
        Origin::Measured => {
            let measured = line.measured.as_ref()?;
            let bytes = measured.overhead_per_s.filter(|&bytes| bytes > 0.0)?;
            Some(Point { clients: measured.clients.into(), bits_per_s: bytes * 8.0, invalid: measured.invalid > 0 })
        }
    }
}
