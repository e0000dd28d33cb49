//! Cells of sweeps, with bytes that follow from the scenario: a poll takes 197 bytes above TCP whether it brings something
//! or not, and each event in its answer 101 more; on IP a poll takes three segments of 52 bytes.

use feedbench_record::ledger::{Exchanges, IpBytes, Ledger};
use feedbench_record::run::Polls;
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Scenario, Transport, judge};

/// Heads of a request and of its answer, and an empty array.
pub const POLL: [u64; 3] = [70, 125, 2];
/// Bytes of an event in an answer, beyond its payload.
pub const COMMA: u64 = 1;
const SEGMENT: u64 = 52;

/// One cell of a sweep.
pub fn cell(suite: &str, transport: Transport, scenario: Scenario, repetition: u32) -> Record {
    let mut record = super::record_of(transport, scenario, repetition);
    record.suite = suite.to_owned();
    if transport.manner() == Manner::Asks {
        poll(&mut record);
    } else {
        lengthen(&mut record);
    }
    record.bytes.in_window = Some(
        (record.bytes.loadgen.up + record.bytes.loadgen.down) * record.counts.delivered
            / record.cell_counts.delivered.max(1),
    );
    record.verdict = judge::judge(&record);
    record
}

/// Gives the events of a cell the length that the scenario has; those of the other fixtures have 100 bytes.
fn lengthen(record: &mut Record) {
    let more = |bytes: u64, events: u64, payload: u64| bytes - events * 100 + events * payload;
    let (events, payload) = (record.cell_counts.delivered, u64::from(record.scenario.payload_bytes));
    let bytes = &mut record.bytes;
    bytes.payload_down = events * payload;
    for end in [Some(&mut bytes.loadgen), bytes.server.as_mut()].into_iter().flatten() {
        end.down = more(end.down, events, payload);
        end.ledger.iter_mut().for_each(|ledger| ledger.down.payload = events * payload);
    }
    bytes.ip.iter_mut().for_each(|ip| ip.down = more(ip.down, events, payload));
}

/// Sets polls and bytes of a polling cell.
fn poll(record: &mut Record) {
    let scenario = &record.scenario;
    let (clients, payload) = (u64::from(scenario.clients), u64::from(scenario.payload_bytes));
    let total_in = |ms: u64| clients * ms / scenario.interval_ms.max(1);
    let empty = (-scenario.rate_per_s * scenario.interval_ms as f64 / 1_000.0).exp();
    let polls_in = |ms: u64| {
        let total = total_in(ms);
        Polls { total, empty: (total as f64 * empty) as u64, skipped: 0 }
    };
    let (window, cell) = (polls_in(scenario.window_ms), polls_in(scenario.window_ms * 6 / 5));
    (record.polls, record.cell_polls) = (Some(window), Some(cell));
    let (polls, events) = (cell.total, record.cell_counts.delivered);
    let mut ledger = Ledger::default();
    ledger.up.request_headers = polls * POLL[0];
    ledger.down.response_headers = polls * POLL[1];
    ledger.down.event_framing = polls * POLL[2] + events * COMMA;
    ledger.down.payload = events * payload;
    ledger.polls = Exchanges { count: polls, up: ledger.up.total(), down: ledger.down.total() };
    let bytes = &mut record.bytes;
    bytes.payload_down = events * payload;
    for end in [Some(&mut bytes.loadgen), bytes.server.as_mut()].into_iter().flatten() {
        (end.up, end.down, end.ledger) = (ledger.up.total(), ledger.down.total(), Some(ledger));
        (end.opening_up, end.opening_down) = (Some(0), Some(0));
    }
    bytes.ip = Some(IpBytes {
        connections: clients,
        up: ledger.up.total() + 2 * polls * SEGMENT,
        down: ledger.down.total() + polls * SEGMENT,
        segments_up: 2 * polls,
        segments_down: polls,
        once_up: 0,
        once_down: 0,
    });
}

/// Event rates of [`crossover`].
pub const RATES: [f64; 6] = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Its poll intervals (ms).
pub const INTERVALS: [u64; 5] = [500, 1_000, 2_000, 5_000, 10_000];

/// Every rate with every interval; only polling has a cell for each interval.
pub fn crossover(repetitions: u32) -> Vec<Record> {
    let mut records = Vec::new();
    for repetition in 1..=repetitions {
        for rate_per_s in RATES {
            for (index, interval_ms) in INTERVALS.into_iter().enumerate() {
                let window_ms = 20_000.max((16_000.0 / rate_per_s) as u64);
                let scenario = Scenario { clients: 20, rate_per_s, interval_ms, window_ms, ..Scenario::default() };
                let measured = |transport: &Transport| index == 0 || transport.manner() == Manner::Asks;
                let transports = Transport::ALL.into_iter().filter(measured);
                records.extend(transports.map(|t| cell("crossover", t, scenario.clone(), repetition)));
            }
        }
    }
    records
}

/// A small grid: two rates, two intervals.
pub fn small_crossover() -> Vec<Record> {
    let corner = |record: &Record| record.scenario.rate_per_s >= 5.0 && record.scenario.interval_ms <= 1_000;
    crossover(1).into_iter().filter(corner).collect()
}

/// A silent feed: what a client costs a minute falls from polling to WebSocket.
pub fn silence() -> Vec<Record> {
    let cells = [
        (Transport::Polling, 1_000, 11_820, 900),
        (Transport::Polling, 5_000, 2_364, 180),
        (Transport::LongPolling, 1_000, 473, 60),
        (Transport::Sse, 1_000, 80, 30),
        (Transport::WebSocket, 1_000, 56, 25),
    ];
    cells.map(|(transport, interval_ms, bytes, cpu_us)| silent(transport, interval_ms, bytes, cpu_us)).into()
}

/// Every transport with several numbers of clients.
pub fn scale(clients: &[u32], repetitions: u32) -> Vec<Record> {
    let scenario = |clients| Scenario { clients, ..Scenario::default() };
    all("scale", &clients.iter().copied().map(scenario).collect::<Vec<_>>(), repetitions)
}

/// Every transport with several payloads.
pub fn payload(payloads: &[u32], repetitions: u32) -> Vec<Record> {
    let scenario = |payload_bytes| Scenario { clients: 50, payload_bytes, ..Scenario::default() };
    all("payload", &payloads.iter().copied().map(scenario).collect::<Vec<_>>(), repetitions)
}

fn all(suite: &str, scenarios: &[Scenario], repetitions: u32) -> Vec<Record> {
    let each = (1..=repetitions).flat_map(|repetition| scenarios.iter().map(move |scenario| (repetition, scenario)));
    each.flat_map(|(r, scenario)| Transport::ALL.map(|transport| cell(suite, transport, scenario.clone(), r))).collect()
}

/// Something against a record: events were lost.
pub fn spoil(record: &mut Record) {
    record.counts.lost = Some(3);
    record.verdict = judge::judge(record);
}

/// A cell of a silent feed: each client says or hears so many bytes a minute, and takes so much CPU time of either side (us).
pub fn silent(transport: Transport, interval_ms: u64, bytes: u64, cpu_us: u64) -> Record {
    let scenario = Scenario { clients: 1_000, rate_per_s: 0.0, interval_ms, window_ms: 60_000, ..Scenario::default() };
    let mut record = super::silent(transport);
    record.suite = "idle".to_owned();
    record.window.end_us = record.window.start_us + 60_000_000;
    record.scenario = scenario;
    record.events_in_window = Some(0);
    for counts in [&mut record.counts, &mut record.cell_counts] {
        (counts.expected, counts.lost) = (Some(0), Some(0));
    }
    record.histograms.delivery_latency = None;
    record.latency_absent = Some(feedbench_record::run::NOTHING_WAS_PUBLISHED.to_owned());
    record.bytes.in_window = Some(1_000 * bytes);
    // One heartbeat, or one poll of 197 bytes, in two segments.
    record.bytes.ip_in_window = Some(1_000 * (bytes + bytes * 104 / 197));
    for usage in [Some(&mut record.loadgen), record.server.as_mut()].into_iter().flatten() {
        usage.cpu_window_us = Some(1_000 * cpu_us);
    }
    record.verdict = judge::judge(&record);
    record
}
