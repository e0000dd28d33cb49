//! The cells of the suite: each use case and transport with all its repetitions, whose figures are computed apart.

use feedbench_record::run::Processes;
use feedbench_record::scenario::{Arrivals, Fanout};
use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Ledger, Record, Scenario, Transport};

use crate::estimate::{Dot, Estimate};

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

/// One repetition in figures; `None` where its record does not have them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Repetition {
    pub(super) valid: bool,
    /// Above TCP: of polls that brought a message, or of pushed messages, where the ledger tells them apart; otherwise
    /// of all bytes of the window.
    pub(super) above_tcp: Option<PerMessage>,
    /// Did the ledger tell them apart?
    by_exchange: bool,
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
    empty_polls: Option<u64>,
}

/// One use case with one transport, as it was measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) clients: u32,
    /// How many the suite asked for, where the machine held fewer.
    pub(super) asked: Option<u32>,
    pub(super) processes: Processes,
    /// The header profile.
    pub(super) headers: String,
    /// One message and one poll a second to all clients, as in the article?
    pub(super) as_published: bool,
    /// At least one, in their order.
    repetitions: Vec<Repetition>,
}

impl Measured {
    /// A figure over the repetitions that have it.
    pub(super) fn estimate(&self, figure: impl Fn(&Repetition) -> Option<f64>) -> Option<Estimate> {
        let dot = |one: &Repetition| Some(Dot { value: figure(one)?, valid: one.valid });
        Estimate::of(self.repetitions.iter().filter_map(dot).collect())
    }

    /// Its median.
    pub(super) fn median(&self, figure: impl Fn(&Repetition) -> Option<f64>) -> Option<f64> {
        self.estimate(figure).map(|estimate| estimate.median)
    }

    /// How often it was measured.
    pub(super) fn repetitions(&self) -> usize {
        self.repetitions.len()
    }

    /// How many of the repetitions are invalid.
    pub(super) fn invalid(&self) -> usize {
        self.repetitions.iter().filter(|one| !one.valid).count()
    }

    /// Did the ledgers of all repetitions tell layers apart?
    pub(super) fn by_exchange(&self) -> bool {
        self.repetitions.iter().all(|one| one.by_exchange)
    }

    /// Polls that brought nothing, of all repetitions.
    pub(super) fn empty_polls(&self) -> u64 {
        self.repetitions.iter().filter_map(|one| one.empty_polls).sum()
    }
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
    let mut records: Vec<&Record> = records.iter().filter(wanted).copied().collect();
    records.sort_by_key(|record| (record.repetition, &record.started_at));
    let first = records.first()?;
    Some(Measured {
        clients: first.scenario.clients,
        asked: first.scenario.clients_asked,
        processes: first.processes,
        headers: first.scenario.headers.clone(),
        as_published: records.iter().all(|record| is_as_published(&record.scenario)),
        repetitions: records.iter().map(|record| Repetition::of(record)).collect(),
    })
}

impl Repetition {
    fn of(record: &Record) -> Repetition {
        let ledger = record.bytes.loadgen.ledger.as_ref();
        let window = Window::of(record);
        let above_tcp = match ledger {
            Some(ledger) => by_exchange(record, ledger),
            None => window.as_ref().and_then(|window| per_message(window.total, window.payload, window.messages, None)),
        };
        // What is under way at an edge of the window is of an event beyond it: of what is pushed, each byte has the same
        // share.
        let overhead_per_s = window.as_ref().map(|window| match (&above_tcp, record.transport.manner()) {
            (Some(message), Manner::Pushed) => window.per_s(window.total) * message.overhead / message.total(),
            _ => window.per_s(window.total.saturating_sub(window.payload)),
        });
        Repetition {
            valid: record.verdict.valid,
            above_tcp,
            by_exchange: ledger.is_some(),
            on_ip: on_ip(record),
            overhead_per_s,
            total_per_s: window.as_ref().map(|window| window.per_s(window.total)),
            parts: ledger.and_then(Parts::of),
            control: ledger.and_then(|ledger| control(ledger, record.transport)),
            empty_polls: ledger.map(|ledger| ledger.empty_polls.count),
        }
    }
}

/// `exchanges` divide the overhead, `messages` the payload.
fn per_message(total: u64, payload: u64, messages: u64, exchanges: Option<u64>) -> Option<PerMessage> {
    let exchanges = exchanges.unwrap_or(messages);
    (messages > 0 && exchanges > 0).then(|| PerMessage {
        payload: payload as f64 / messages as f64,
        overhead: total.saturating_sub(payload) as f64 / exchanges as f64,
    })
}

/// Messages that arrived, over the whole cell.
fn messages(record: &Record) -> u64 {
    record.cell_counts.delivered + record.cell_counts.duplicated
}

fn by_exchange(record: &Record, ledger: &Ledger) -> Option<PerMessage> {
    let (count, bytes) = match record.transport.manner() {
        Manner::Pushed => (ledger.pushed_events.count, ledger.pushed_events.up + ledger.pushed_events.down),
        Manner::Asks | Manner::Waits => {
            let (all, empty) = (ledger.polls, ledger.empty_polls);
            (all.count - empty.count.min(all.count), (all.up + all.down).saturating_sub(empty.up + empty.down))
        }
    };
    per_message(bytes, record.bytes.payload_down, messages(record), Some(count))
}

fn on_ip(record: &Record) -> Option<PerMessage> {
    let ip = record.bytes.ip?;
    let bytes = (ip.up + ip.down).saturating_sub(ip.once_up + ip.once_down);
    let exchanges = match record.transport.manner() {
        Manner::Pushed => messages(record),
        Manner::Asks | Manner::Waits => record.cell_polls?.total,
    };
    per_message(bytes, record.bytes.payload_down, messages(record), Some(exchanges))
}

/// The measurement window.
struct Window {
    total: u64,
    payload: u64,
    messages: u64,
    seconds: f64,
}

impl Window {
    fn of(record: &Record) -> Option<Window> {
        let (total, messages) = (record.bytes.in_window?, record.counts.delivered);
        let each = record.bytes.payload_down as f64 / self::messages(record).max(1) as f64;
        let (payload, seconds) = ((messages as f64 * each).round() as u64, record.window.seconds());
        (seconds > 0.0).then_some(Window { total, payload, messages, seconds })
    }

    fn per_s(&self, bytes: u64) -> f64 {
        bytes as f64 / self.seconds
    }
}

impl Parts {
    fn of(ledger: &Ledger) -> Option<Parts> {
        let polls = ledger.polls.count;
        let mean = |bytes: u64| bytes as f64 / polls as f64;
        (polls > 0).then(|| Parts {
            request_headers: mean(ledger.up.get(Layer::RequestHeaders)),
            response_headers: mean(ledger.down.get(Layer::ResponseHeaders)),
            event_framing: mean(ledger.down.get(Layer::EventFraming)),
        })
    }
}

fn control(ledger: &Ledger, transport: Transport) -> Option<f64> {
    let bytes = ledger.up.get(Layer::Control) + ledger.down.get(Layer::Control);
    let messages = ledger.pushed_events.count;
    (transport.manner() == Manner::Pushed && messages > 0).then(|| bytes as f64 / messages as f64)
}
