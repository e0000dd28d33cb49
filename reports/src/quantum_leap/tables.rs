//! Published, recomputed and measured as rows.

use feedbench_record::Transport;

use super::measured::Repetition;
use super::published::OVERHEAD;
use super::recompute::{Message, mbit, mbps_of_2_20};
use super::{Line, NamedTable};
use crate::estimate::Spread;
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::{charts_bars, common, quantum_leap as text};

/// The tables of figures, in order.
pub(super) fn all(lines: &[Line], lang: Lang) -> Vec<NamedTable> {
    vec![
        NamedTable { name: "quantum-leap-message", title: text::message_title(lang), table: message(lines, lang) },
        NamedTable { name: "quantum-leap-second", title: text::second_title(lang), table: second(lines, lang) },
        NamedTable { name: "quantum-leap-total", title: text::total_title(lang), table: total(lines, lang) },
        NamedTable {
            name: "quantum-leap-total-second",
            title: text::total_second_title(lang),
            table: total_per_second(lines, lang),
        },
    ]
}

/// Headings: a name, figures, and a remark.
pub(super) fn header(texts: &[&str]) -> Vec<Heading> {
    let last = texts.len().saturating_sub(1);
    let heading = |(index, text): (usize, &&str)| Heading {
        text: (*text).to_owned(),
        align: if index == 0 || index == last { Align::Left } else { Align::Right },
    };
    texts.iter().enumerate().map(heading).collect()
}

/// What has to be known of a measured figure.
pub(super) fn remark(line: &Line, lang: Lang) -> String {
    let Some(measured) = &line.measured else { return text::no_record(lang).to_owned() };
    let mut remarks = Vec::new();
    match (measured.invalid(), measured.repetitions()) {
        (0, _) => {}
        (1, 1) => remarks.push(common::invalid(lang).to_owned()),
        (invalid, all) => remarks.push(text::invalid_repetitions(lang, common::invalid(lang), invalid, all)),
    }
    if measured.asked.is_some() {
        remarks.push(text::only_clients(lang, grouped(measured.clients.into())));
    }
    if !measured.as_published {
        remarks.push(text::another_schedule(lang).to_owned());
    }
    let valid = measured.estimate(|_| Some(0.0));
    remarks.extend(valid.and_then(|estimate| match estimate.spread? {
        Spread::Range { .. } => Some(text::median_and_range(lang, estimate.n())),
        Spread::Interval { coverage, .. } => {
            Some(text::median_and_interval(lang, estimate.n(), significant(coverage * 100.0)))
        }
    }));
    remarks.join(charts_bars::semicolon(lang))
}

/// A measured figure over its repetitions: its median, and how far they lie apart if there are several.
fn of(line: &Line, lang: Lang, pick: impl Fn(&Repetition) -> Option<f64>) -> String {
    let Some(estimate) = line.measured.as_ref().and_then(|measured| measured.estimate(pick)) else {
        return ABSENT.to_owned();
    };
    let median = significant(estimate.median);
    match estimate.spread.map(Spread::ends) {
        None => median,
        Some((low, high)) => text::spread(lang, median, significant(low), significant(high)),
    }
}

pub(super) fn published(transport: Transport) -> u64 {
    OVERHEAD.into_iter().find(|(of, _)| *of == transport).map_or(0, |(_, bytes)| bytes)
}

fn message(lines: &[Line], lang: Lang) -> Table {
    let row = |line: &Line| {
        vec![
            line.name(lang),
            published(line.transport).to_string(),
            grouped(line.message.overhead),
            of(line, lang, |measured| Some(measured.above_tcp?.overhead)),
            grouped(line.message.overhead_on_ip()),
            of(line, lang, |measured| Some(measured.on_ip?.overhead)),
            remark(line, lang),
        ]
    };
    Table {
        header: header(&[
            text::use_case(lang),
            text::published(lang),
            text::recomputed_above_tcp(lang),
            text::measured_above_tcp(lang),
            text::recomputed_on_ip(lang),
            text::measured_on_ip(lang),
            text::remark(lang),
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn second(lines: &[Line], lang: Lang) -> Table {
    let row = |line: &Line| {
        let clients = f64::from(line.case.clients);
        let printed = line.printed.bytes_per_s;
        vec![
            with_clients(line, lang),
            grouped(printed),
            line.printed.mbps.to_owned(),
            significant(mbps_of_2_20(printed as f64)),
            significant(mbit(printed as f64)),
            significant(mbit(clients * line.message.overhead as f64)),
            of(line, lang, |measured| measured.overhead_per_s),
            of(line, lang, |measured| Some(mbps_of_2_20(measured.overhead_per_s?))),
            of(line, lang, |measured| Some(mbit(measured.overhead_per_s?))),
            remark(line, lang),
        ]
    };
    Table {
        header: header(&[
            text::use_case(lang),
            text::published_bytes(lang),
            text::printed_mbps(lang),
            text::same_2_20(lang),
            text::same_mbit(lang),
            text::recomputed_mbit(lang),
            text::measured_bytes(lang),
            text::measured_2_20(lang),
            text::measured_mbit(lang),
            text::remark(lang),
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn with_clients(line: &Line, lang: Lang) -> String {
    let (comma, transport) = (common::label_comma(lang), common::transport(lang, line.transport));
    format!("{}{comma}{} × {transport}", line.case.name, grouped(line.case.clients.into()))
}

/// The article's message with the payload that was sent here.
pub(super) fn resent(line: &Line) -> Option<Message> {
    let payload = line.measured.as_ref()?.median(|one| Some(one.above_tcp?.payload))?.round() as u64;
    Some(line.message.with_payload(line.transport, payload))
}

fn total(lines: &[Line], lang: Lang) -> Table {
    let row = |line: &Line| {
        let resent = |of: fn(Message) -> u64| resent(line).map_or(ABSENT.to_owned(), |message| grouped(of(message)));
        vec![
            line.name(lang),
            line.message.payload.to_string(),
            grouped(line.message.total()),
            grouped(line.message.total_on_ip()),
            of(line, lang, |measured| Some(measured.above_tcp?.payload)),
            resent(Message::total),
            of(line, lang, |measured| Some(measured.above_tcp?.total())),
            resent(Message::total_on_ip),
            of(line, lang, |measured| Some(measured.on_ip?.total())),
            remark(line, lang),
        ]
    };
    Table {
        header: header(&[
            text::use_case(lang),
            text::published_payload(lang),
            text::recomputed_above_tcp(lang),
            text::recomputed_on_ip(lang),
            text::sent_payload(lang),
            text::resent_above_tcp(lang),
            text::measured_above_tcp(lang),
            text::resent_on_ip(lang),
            text::measured_on_ip(lang),
            text::remark(lang),
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn total_per_second(lines: &[Line], lang: Lang) -> Table {
    let row = |line: &Line| {
        let all = |bytes: u64| significant(mbit(f64::from(line.case.clients) * bytes as f64));
        vec![
            with_clients(line, lang),
            all(line.message.total()),
            all(line.message.total_on_ip()),
            of(line, lang, |measured| Some(mbit(measured.total_per_s?))),
            remark(line, lang),
        ]
    };
    Table {
        header: header(&[
            text::use_case(lang),
            text::recomputed_above_tcp(lang),
            text::recomputed_on_ip(lang),
            text::measured_above_tcp(lang),
            text::remark(lang),
        ]),
        rows: lines.iter().map(row).collect(),
    }
}
