//! Published, recomputed and measured as rows.

use feedbench_record::Transport;

use super::measured::Measured;
use super::published::OVERHEAD;
use super::recompute::{Message, mbit, mbps_of_2_20};
use super::{Line, NamedTable};
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::common;

/// The tables of figures, in order.
pub(super) fn all(lines: &[Line]) -> Vec<NamedTable> {
    vec![
        NamedTable {
            name: "quantum-leap-message",
            title: "Overhead of one message: everything but its payload (bytes)",
            table: message(lines),
        },
        NamedTable {
            name: "quantum-leap-second",
            title: "Overhead of all clients, each second, above TCP",
            table: second(lines),
        },
        NamedTable {
            name: "quantum-leap-total",
            title: "One message with its payload: the article's, and the payload that was really sent (bytes)",
            table: total(lines),
        },
        NamedTable {
            name: "quantum-leap-total-second",
            title: "All clients with their payload, each second (Mbit/s)",
            table: total_per_second(lines),
        },
    ]
}

pub(super) fn header(texts: &[&str]) -> Vec<Heading> {
    let heading = |(index, text): (usize, &&str)| Heading {
        text: (*text).to_owned(),
        align: if index == 0 || *text == REMARK { Align::Left } else { Align::Right },
    };
    texts.iter().enumerate().map(heading).collect()
}

pub(super) const REMARK: &str = "remark";

/// What has to be known of a measured figure.
pub(super) fn remark(line: &Line) -> String {
    let Some(measured) = &line.measured else { return "not measured: no record".to_owned() };
    let mut remarks = Vec::new();
    match (measured.invalid, measured.repetitions) {
        (0, _) => {}
        (1, 1) => remarks.push(common::invalid(Lang::En).to_owned()),
        (invalid, all) => remarks.push(format!("{}: {invalid} of {all} repetitions", common::invalid(Lang::En))),
    }
    if measured.asked.is_some() {
        remarks.push(format!("only {} clients", grouped(measured.clients.into())));
    }
    if !measured.as_published {
        remarks.push("another schedule".to_owned());
    }
    remarks.join("; ")
}

fn shown(figure: Option<f64>) -> String {
    figure.map_or(ABSENT.to_owned(), significant)
}

fn of(line: &Line, pick: impl Fn(&Measured) -> Option<f64>) -> String {
    shown(line.measured.as_ref().and_then(pick))
}

pub(super) fn published(transport: Transport) -> u64 {
    OVERHEAD.into_iter().find(|(of, _)| *of == transport).map_or(0, |(_, bytes)| bytes)
}

fn message(lines: &[Line]) -> Table {
    let row = |line: &Line| {
        vec![
            line.name(),
            published(line.transport).to_string(),
            grouped(line.message.overhead),
            of(line, |measured| Some(measured.above_tcp?.overhead)),
            grouped(line.message.overhead_on_ip()),
            of(line, |measured| Some(measured.on_ip?.overhead)),
            remark(line),
        ]
    };
    Table {
        header: header(&[
            "use case",
            "published",
            "recomputed, above TCP",
            "measured, above TCP",
            "recomputed, on IP",
            "measured, on IP",
            REMARK,
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn second(lines: &[Line]) -> Table {
    let row = |line: &Line| {
        let clients = f64::from(line.case.clients);
        let printed = line.printed.bytes_per_s;
        vec![
            with_clients(line),
            grouped(printed),
            line.printed.mbps.to_owned(),
            significant(mbps_of_2_20(printed as f64)),
            significant(mbit(printed as f64)),
            significant(mbit(clients * line.message.overhead as f64)),
            of(line, |measured| measured.overhead_per_s),
            of(line, |measured| Some(mbps_of_2_20(measured.overhead_per_s?))),
            of(line, |measured| Some(mbit(measured.overhead_per_s?))),
            remark(line),
        ]
    };
    Table {
        header: header(&[
            "use case",
            "published (bytes/s)",
            "printed (\"Mbps\")",
            "the same (2^20 bit/s)",
            "the same (Mbit/s)",
            "recomputed (Mbit/s)",
            "measured (bytes/s)",
            "measured (2^20 bit/s)",
            "measured (Mbit/s)",
            REMARK,
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn with_clients(line: &Line) -> String {
    format!("{}, {} × {}", line.case.name, grouped(line.case.clients.into()), line.transport.title())
}

/// The article's message with the payload that was sent here.
pub(super) fn resent(line: &Line) -> Option<Message> {
    let payload = line.measured.as_ref()?.above_tcp?.payload.round() as u64;
    Some(line.message.with_payload(line.transport, payload))
}

fn total(lines: &[Line]) -> Table {
    let row = |line: &Line| {
        let resent = |of: fn(Message) -> u64| resent(line).map_or(ABSENT.to_owned(), |message| grouped(of(message)));
        vec![
            line.name(),
            line.message.payload.to_string(),
            grouped(line.message.total()),
            grouped(line.message.total_on_ip()),
            of(line, |measured| Some(measured.above_tcp?.payload)),
            resent(Message::total),
            of(line, |measured| Some(measured.above_tcp?.total())),
            resent(Message::total_on_ip),
            of(line, |measured| Some(measured.on_ip?.total())),
            remark(line),
        ]
    };
    Table {
        header: header(&[
            "use case",
            "payload, published",
            "recomputed, above TCP",
            "recomputed, on IP",
            "payload, sent here",
            "recomputed with it, above TCP",
            "measured, above TCP",
            "recomputed with it, on IP",
            "measured, on IP",
            REMARK,
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn total_per_second(lines: &[Line]) -> Table {
    let row = |line: &Line| {
        let all = |bytes: u64| significant(mbit(f64::from(line.case.clients) * bytes as f64));
        vec![
            with_clients(line),
            all(line.message.total()),
            all(line.message.total_on_ip()),
            of(line, |measured| Some(mbit(measured.total_per_s?))),
            remark(line),
        ]
    };
    Table {
        header: header(&["use case", "recomputed, above TCP", "recomputed, on IP", "measured, above TCP", REMARK]),
        rows: lines.iter().map(row).collect(),
    }
}
