//! The cells of the suite: one figure for each use case and transport, over all its repetitions.

use feedbench_record::run::Processes;
use feedbench_record::scenario::{Arrivals, Fanout};
use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Ledger, Record, Scenario, Transport};

/// What the suite is called.
const SUITE: &str = "quantum-leap";

/// Bytes of one message, means over everything that was measured of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PerMessage {
    pub(super) payload: f64,
    pub(super) overhead: f64,
}

impl PerMessage {
    pub(super) fn total(self) -> f64 {
        self.payload + self.overhead
    }
}

/// Means of the heads of a poll, and of what stands around an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) request_headers: f64,
    pub(super) response_headers: f64,
    pub(super) event_framing: f64,
}

/// One use case with one transport, as it was measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) clients: u32,
    /// How many the suite asked for, where the machine held fewer.
    pub(super) asked: Option<u32>,
    pub(super) processes: Processes,
    pub(super) repetitions: usize,
    pub(super) invalid: usize,
    /// The header profile.
    pub(super) headers: String,
    /// One message and one poll a second to all clients, as in the article?
    pub(super) as_published: bool,
    /// Above TCP: of polls that brought a message, or of pushed messages, where the ledger tells them apart; otherwise
    /// of all bytes of the window.
    pub(super) above_tcp: Option<PerMessage>,
    /// Did the ledger tell them apart?
    pub(super) by_exchange: bool,
    /// On IP: of all polls, or of all messages, of the whole cell.
    pub(super) on_ip: Option<PerMessage>,
    /// Above TCP, all clients, in the window (bytes/s).
    pub(super) overhead_per_s: Option<f64>,
    /// The same with the payload.
    pub(super) total_per_s: Option<f64>,
    /// Polling, by the ledger.
    pub(super) parts: Option<Parts>,
    /// WebSocket, by the ledger: control bytes of the whole cell for each message.
    pub(super) control: Option<f64>,
    /// Polls of the cell that brought nothing.
    pub(super) empty_polls: Option<u64>,
}

/// Does a record belong to the suite?
pub(crate) fn belongs(record: &Record) -> bool {
    record.suite == SUITE
}

/// The clients that a cell should have.
pub(super) fn clients_asked(record: &Record) -> u32 {
    record.scenario.clients_asked.unwrap_or(record.scenario.clients)
}

fn is_as_published(scenario: &Scenario) -> bool {
    let Scenario { rate_per_s, arrivals, fanout, interval_ms, .. } = *scenario;
    (rate_per_s, arrivals, fanout, interval_ms) == (1.0, Arrivals::Fixed, Fanout::Broadcast, 1_000)
}

/// What was measured of so many clients; `None` when there is no record of it.
pub(super) fn of(records: &[&Record], transport: Transport, clients: u32) -> Option<Measured> {
    let wanted =
        |record: &&&Record| belongs(record) && record.transport == transport && clients_asked(record) == clients;
    let records: Vec<&Record> = records.iter().filter(wanted).copied().collect();
    let first = records.first()?;
    let ledger = all(&records, |record| record.bytes.loadgen.ledger);
    let (window, window_s) = window(&records).map_or((None, 0.0), |(window, seconds)| (Some(window), seconds));
    let per_s = |bytes: u64| bytes as f64 / window_s;
    let above_tcp = match &ledger {
        Some(ledgers) => by_exchange(&records, ledgers, transport),
        None => window.as_ref().and_then(|window| per_message(window.total, window.payload, window.messages, None)),
    };
    // What is under way at an edge of the window is of an event beyond it: of what is pushed, each byte has the same share.
    let overhead_per_s = window.as_ref().map(|window| match (&above_tcp, transport.manner()) {
        (Some(message), Manner::Pushed) => {
            per_s(window.total) * message.overhead / (message.overhead + message.payload)
        }
        _ => per_s(window.total.saturating_sub(window.payload)),
    });
    Some(Measured {
        clients: first.scenario.clients,
        asked: first.scenario.clients_asked,
        processes: first.processes,
        repetitions: records.len(),
        invalid: records.iter().filter(|record| !record.verdict.valid).count(),
        headers: first.scenario.headers.clone(),
        as_published: records.iter().all(|record| is_as_published(&record.scenario)),
        above_tcp,
        by_exchange: ledger.is_some(),
        on_ip: on_ip(&records, transport),
        overhead_per_s,
        total_per_s: window.as_ref().map(|window| per_s(window.total)),
        parts: ledger.as_deref().and_then(parts),
        control: ledger.as_deref().and_then(|ledgers| control(ledgers, transport)),
        empty_polls: ledger.map(|ledgers| ledgers.iter().map(|ledger| ledger.empty_polls.count).sum()),
    })
}

/// What all records have; `None` where one of them has it not.
fn all<T>(records: &[&Record], of: impl Fn(&Record) -> Option<T>) -> Option<Vec<T>> {
    records.iter().map(|record| of(record)).collect()
}

fn sum(records: &[&Record], of: impl Fn(&Record) -> u64) -> u64 {
    records.iter().map(|record| of(record)).sum()
}

/// `exchanges` divide the overhead, `messages` the payload.
fn per_message(total: u64, payload: u64, messages: u64, exchanges: Option<u64>) -> Option<PerMessage> {
    let exchanges = exchanges.unwrap_or(messages);
    (messages > 0 && exchanges > 0).then(|| PerMessage {
        payload: payload as f64 / messages as f64,
        overhead: total.saturating_sub(payload) as f64 / exchanges as f64,
    })
}

/// Event text delivered, over the whole cells.
fn payload(records: &[&Record]) -> u64 {
    sum(records, |record| record.bytes.payload_down)
}

fn messages(records: &[&Record]) -> u64 {
    sum(records, |record| record.cell_counts.delivered + record.cell_counts.duplicated)
}

fn by_exchange(records: &[&Record], ledgers: &[Ledger], transport: Transport) -> Option<PerMessage> {
    let exchanges = |ledger: &Ledger| match transport.manner() {
        Manner::Pushed => (ledger.pushed_events.count, ledger.pushed_events.up + ledger.pushed_events.down),
        Manner::Asks | Manner::Waits => {
            let (all, empty) = (ledger.polls, ledger.empty_polls);
            (all.count - empty.count.min(all.count), (all.up + all.down).saturating_sub(empty.up + empty.down))
        }
    };
    let count = ledgers.iter().map(|ledger| exchanges(ledger).0).sum();
    let bytes = ledgers.iter().map(|ledger| exchanges(ledger).1).sum();
    per_message(bytes, payload(records), messages(records), Some(count))
}

fn on_ip(records: &[&Record], transport: Transport) -> Option<PerMessage> {
    let ip = all(records, |record| record.bytes.ip)?;
    let bytes = ip.iter().map(|ip| (ip.up + ip.down).saturating_sub(ip.once_up + ip.once_down)).sum();
    let exchanges = match transport.manner() {
        Manner::Pushed => messages(records),
        Manner::Asks | Manner::Waits => all(records, |record| record.cell_polls)?.iter().map(|polls| polls.total).sum(),
    };
    per_message(bytes, payload(records), messages(records), Some(exchanges))
}

/// The measurement windows together.
struct Window {
    total: u64,
    payload: u64,
    messages: u64,
}

fn window(records: &[&Record]) -> Option<(Window, f64)> {
    let total = all(records, |record| record.bytes.in_window)?.iter().sum();
    let messages = sum(records, |record| record.counts.delivered);
    let seconds: f64 = records.iter().map(|record| record.window.seconds()).sum();
    let each = payload(records) as f64 / self::messages(records).max(1) as f64;
    let payload = (messages as f64 * each).round() as u64;
    (seconds > 0.0).then_some((Window { total, payload, messages }, seconds))
}

fn parts(ledgers: &[Ledger]) -> Option<Parts> {
    let polls: u64 = ledgers.iter().map(|ledger| ledger.polls.count).sum();
    let mean = |of: fn(&Ledger) -> u64| ledgers.iter().map(of).sum::<u64>() as f64 / polls as f64;
    (polls > 0).then(|| Parts {
        request_headers: mean(|ledger| ledger.up.get(Layer::RequestHeaders)),
        response_headers: mean(|ledger| ledger.down.get(Layer::ResponseHeaders)),
        event_framing: mean(|ledger| ledger.down.get(Layer::EventFraming)),
    })
}

fn control(ledgers: &[Ledger], transport: Transport) -> Option<f64> {
    let bytes: u64 = ledgers.iter().map(|l| l.up.get(Layer::Control) + l.down.get(Layer::Control)).sum();
    let messages: u64 = ledgers.iter().map(|ledger| ledger.pushed_events.count).sum();
    (transport.manner() == Manner::Pushed && messages > 0).then(|| bytes as f64 / messages as f64)
}
