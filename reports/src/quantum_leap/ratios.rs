//! Polling : WebSocket, by quantity and layer: each ratio with the bytes that it is made of.

use feedbench_record::Transport;

use super::measured::{Measured, PerMessage};
use super::published::USE_CASES;
use super::recompute::Message;
use super::tables::{REMARK, header, published, remark, resent};
use super::{Line, NamedTable, TRANSPORTS};
use crate::conditions::distinct;
use crate::number::significant;
use crate::table::{Align, Table};

/// What is compared: its name, its layer, how it is recomputed and how it is read from a cell.
struct Quantity {
    name: &'static str,
    layer: &'static str,
    recomputed: fn(Message) -> u64,
    measured: fn(&Measured) -> Option<f64>,
}

const QUANTITIES: [Quantity; 4] = [
    Quantity {
        name: OVERHEAD,
        layer: "above TCP",
        recomputed: |message| message.overhead,
        measured: |measured| Some(measured.above_tcp?.overhead),
    },
    Quantity {
        name: OVERHEAD,
        layer: "on IP",
        recomputed: Message::overhead_on_ip,
        measured: |measured| Some(measured.on_ip?.overhead),
    },
    Quantity {
        name: TOTAL,
        layer: "above TCP",
        recomputed: Message::total,
        measured: |measured| measured.above_tcp.map(PerMessage::total),
    },
    Quantity {
        name: TOTAL,
        layer: "on IP",
        recomputed: Message::total_on_ip,
        measured: |measured| measured.on_ip.map(PerMessage::total),
    },
];
const OVERHEAD: &str = "overhead";
const TOTAL: &str = "total";

/// The table of ratios.
pub(super) fn named(lines: &[Line]) -> NamedTable {
    NamedTable {
        name: "quantum-leap-ratio",
        title: "Ratios of one message, polling : WebSocket, by quantity and layer",
        table: table(lines),
    }
}

/// Every ratio that can be told.
fn table(lines: &[Line]) -> Table {
    let characters = TRANSPORTS.map(|transport| published(transport) as f64);
    let mut rows = vec![row("published", (OVERHEAD, "characters : bytes of a frame"), characters, String::new())];
    for quantity in &QUANTITIES {
        rows.extend(recomputed(quantity, lines));
        rows.extend(USE_CASES.iter().filter_map(|case| measured(quantity, case.name, lines)));
    }
    let mut header = header(&["figures", "quantity", "layer", "bytes", "ratio", REMARK]);
    (header[1].align, header[2].align) = (Align::Left, Align::Left);
    Table { header, rows }
}

/// With the article's payload; for totals, with the payload sent here as well.
fn recomputed(quantity: &Quantity, lines: &[Line]) -> Vec<Vec<String>> {
    let bytes = |messages: [Message; 2]| messages.map(|message| (quantity.recomputed)(message) as f64);
    let names = (quantity.name, quantity.layer);
    let mut rows = vec![row("recomputed", names, bytes(TRANSPORTS.map(Message::by)), String::new())];
    let sent = |transport| lines.iter().filter(|line| line.transport == transport).find_map(resent);
    if let ([Some(poll), Some(frame)], TOTAL) = (TRANSPORTS.map(sent), quantity.name) {
        rows.push(row("recomputed, payload as here", names, bytes([poll, frame]), String::new()));
    }
    rows
}

fn measured(quantity: &Quantity, case: &str, lines: &[Line]) -> Option<Vec<String>> {
    let line = |transport: Transport| lines.iter().find(|l| l.case.name == case && l.transport == transport);
    let [Some(poll), Some(frame)] = TRANSPORTS.map(line) else { return None };
    let figure = |line: &Line| line.measured.as_ref().and_then(quantity.measured);
    let bytes = [figure(poll)?, figure(frame).filter(|&bytes| bytes > 0.0)?];
    let remarks: Vec<_> = [poll, frame].map(remark).into_iter().filter(|remark| !remark.is_empty()).collect();
    let remark = match distinct(remarks.iter().cloned()).as_slice() {
        [one] if remarks.len() == TRANSPORTS.len() => one.clone(),
        _ => {
            let named = [poll, frame].map(|line| (line.transport.title(), remark(line)));
            let named = named.into_iter().filter(|(_, remark)| !remark.is_empty());
            named.map(|(title, remark)| format!("{title}: {remark}")).collect::<Vec<_>>().join("; ")
        }
    };
    Some(row(&format!("measured, use case {case}"), (quantity.name, quantity.layer), bytes, remark))
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
