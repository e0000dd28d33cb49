//! Polling : WebSocket, by quantity and layer: each ratio with the bytes that it is made of.

use feedbench_record::Transport;

use super::measured::{PerMessage, Repetition};
use super::published::USE_CASES;
use super::recompute::Message;
use super::tables::{header, published, remark, resent};
use super::{Line, NamedTable, TRANSPORTS};
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::significant;
use crate::table::{Align, Table};
use crate::text::{charts_bars, common, quantum_leap as text};

/// What is compared, on which layer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Overhead,
    OverheadOnIp,
    Total,
    TotalOnIp,
}

const QUANTITIES: [Quantity; 4] = [Quantity::Overhead, Quantity::OverheadOnIp, Quantity::Total, Quantity::TotalOnIp];

impl Quantity {
    /// Of the quantity, and of its layer.
    fn names(self, lang: Lang) -> (&'static str, &'static str) {
        match self {
            Quantity::Overhead => (text::overhead(lang), text::above_tcp(lang)),
            Quantity::OverheadOnIp => (text::overhead(lang), text::on_ip(lang)),
            Quantity::Total => (text::total(lang), text::above_tcp(lang)),
            Quantity::TotalOnIp => (text::total(lang), text::on_ip(lang)),
        }
    }

    fn recomputed(self, message: Message) -> u64 {
        match self {
            Quantity::Overhead => message.overhead,
            Quantity::OverheadOnIp => message.overhead_on_ip(),
            Quantity::Total => message.total(),
            Quantity::TotalOnIp => message.total_on_ip(),
        }
    }

    fn measured(self, one: &Repetition) -> Option<f64> {
        match self {
            Quantity::Overhead => Some(one.above_tcp?.overhead),
            Quantity::OverheadOnIp => Some(one.on_ip?.overhead),
            Quantity::Total => one.above_tcp.map(PerMessage::total),
            Quantity::TotalOnIp => one.on_ip.map(PerMessage::total),
        }
    }
}

/// The table of ratios.
pub(super) fn named(lines: &[Line], lang: Lang) -> NamedTable {
    NamedTable { name: "quantum-leap-ratio", title: text::ratio_title(lang), table: table(lines, lang) }
}

/// Every ratio that can be told.
fn table(lines: &[Line], lang: Lang) -> Table {
    let characters = TRANSPORTS.map(|transport| published(transport) as f64);
    let names = (text::overhead(lang), text::characters_to_frame(lang));
    let mut rows = vec![row(text::published(lang), names, characters, String::new())];
    for quantity in QUANTITIES {
        rows.extend(recomputed(quantity, lines, lang));
        rows.extend(USE_CASES.iter().filter_map(|case| measured(quantity, case.name, lines, lang)));
    }
    let mut header = header(&[
        text::figures(lang),
        text::quantity(lang),
        text::layer(lang),
        text::bytes(lang),
        text::ratio(lang),
        text::remark(lang),
    ]);
    (header[1].align, header[2].align) = (Align::Left, Align::Left);
    Table { header, rows }
}

/// With the article's payload; for totals, with the payload sent here as well.
fn recomputed(quantity: Quantity, lines: &[Line], lang: Lang) -> Vec<Vec<String>> {
    let bytes = |messages: [Message; 2]| messages.map(|message| quantity.recomputed(message) as f64);
    let names = quantity.names(lang);
    let mut rows = vec![row(text::recomputed(lang), names, bytes(TRANSPORTS.map(Message::by)), String::new())];
    let sent = |transport| lines.iter().filter(|line| line.transport == transport).find_map(resent);
    if let ([Some(poll), Some(frame)], Quantity::Total | Quantity::TotalOnIp) = (TRANSPORTS.map(sent), quantity) {
        rows.push(row(text::recomputed_as_here(lang), names, bytes([poll, frame]), String::new()));
    }
    rows
}

fn measured(quantity: Quantity, case: &str, lines: &[Line], lang: Lang) -> Option<Vec<String>> {
    let line = |transport: Transport| lines.iter().find(|l| l.case.name == case && l.transport == transport);
    let [Some(poll), Some(frame)] = TRANSPORTS.map(line) else { return None };
    let figure = |line: &Line| line.measured.as_ref()?.median(|one| quantity.measured(one));
    let bytes = [figure(poll)?, figure(frame).filter(|&bytes| bytes > 0.0)?];
    let remarks: Vec<_> =
        [poll, frame].map(|line| remark(line, lang)).into_iter().filter(|remark| !remark.is_empty()).collect();
    let remark = match distinct(remarks.iter().cloned()).as_slice() {
        [one] if remarks.len() == TRANSPORTS.len() => one.clone(),
        _ => {
            let named = [poll, frame].map(|line| (common::transport(lang, line.transport), remark(line, lang)));
            let named = named.into_iter().filter(|(_, remark)| !remark.is_empty());
            let named = named.map(|(title, remark)| format!("{title}{}{remark}", charts_bars::colon(lang)));
            named.collect::<Vec<_>>().join(charts_bars::semicolon(lang))
        }
    };
    Some(row(&text::measured_case(lang, case), quantity.names(lang), bytes, remark))
}

fn row(figures: &str, (quantity, layer): (&str, &str), bytes: [f64; 2], remark: String) -> Vec<String> {
    vec![
        figures.to_owned(),
        quantity.to_owned(),
        layer.to_owned(),
        bytes.map(significant).join(" : "),
        format!("{:.1} : 1", bytes[0] / bytes[1]),
        remark,
    ]
}
