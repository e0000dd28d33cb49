//! Cells of the suite `quantum-leap`, with figures that are easy to check: 24 bytes more in each request head than the
//! article has, and 3 polls of each client that bring nothing.

use feedbench_record::ledger::{Exchanges, IpBytes, Ledger};
use feedbench_record::run::{Counts, Polls};
use feedbench_record::scenario::Arrivals;
use feedbench_record::{Record, Scenario, Transport, judge};

const PAYLOAD: u64 = 64;
const REQUEST: u64 = 716 + 24;
const RESPONSE: u64 = 193;
/// Messages of each client in the window, and in the whole cell.
const IN_WINDOW: u64 = 10;
const IN_CELL: u64 = 12;
const EMPTY: u64 = 3;

/// All three use cases; the last one reduced to 19,900 clients.
pub fn suite() -> Vec<Record> {
    let cases = [(1_000, None), (10_000, None), (19_900, Some(100_000))];
    let transports = [Transport::Polling, Transport::WebSocket];
    cases.into_iter().flat_map(|(clients, asked)| transports.map(|t| cell(t, clients, asked))).collect()
}

/// One of its cells.
pub fn cell(transport: Transport, clients: u32, clients_asked: Option<u32>) -> Record {
    // Few clients are simulated; what counts here is set below.
    let scenario = Scenario {
        clients: 5,
        rate_per_s: 1.0,
        arrivals: Arrivals::Fixed,
        payload_bytes: PAYLOAD as u32,
        headers: "lubbers-2009".to_owned(),
        ..Scenario::default()
    };
    let mut record = super::record_of(transport, scenario, 1);
    record.suite = "quantum-leap".to_owned();
    record.id = format!("001-{transport}-{clients}-r1");
    (record.scenario.clients, record.scenario.clients_asked) = (clients, clients_asked);
    let clients = u64::from(clients);
    let counted = |each: u64| Counts {
        expected: Some(clients * each),
        delivered: clients * each,
        lost: Some(0),
        ..Counts::default()
    };
    (record.counts, record.cell_counts) = (counted(IN_WINDOW), counted(IN_CELL));
    record.events_in_window = Some(IN_WINDOW);
    let polls = transport == Transport::Polling;
    let polls_of = |total: u64, empty: u64| Polls { total: clients * total, empty: clients * empty, skipped: 0 };
    record.polls = polls.then(|| polls_of(IN_WINDOW, 0));
    record.cell_polls = polls.then(|| polls_of(IN_CELL + EMPTY, EMPTY));
    let ledger = if polls { polling(clients) } else { websocket(clients) };
    let bytes = &mut record.bytes;
    bytes.payload_down = ledger.down.payload;
    let each = if polls { REQUEST + RESPONSE + 2 } else { 2 } + PAYLOAD;
    bytes.in_window = Some(clients * IN_WINDOW * each);
    bytes.reads = clients * IN_CELL;
    for end in [Some(&mut bytes.loadgen), bytes.server.as_mut()].into_iter().flatten() {
        end.connections = clients;
        (end.up, end.down) = (ledger.up.total(), ledger.down.total());
        (end.opening_up, end.opening_down) = (Some(ledger.up.opening_handshake), Some(ledger.down.opening_handshake));
        end.ledger = Some(ledger);
    }
    let (segments_up, segments_down) =
        if polls { (2 * (IN_CELL + EMPTY), IN_CELL + EMPTY) } else { (IN_CELL, IN_CELL) };
    bytes.ip = Some(IpBytes {
        connections: clients,
        up: ledger.up.total() + 52 * clients * segments_up,
        down: ledger.down.total() + 52 * clients * segments_down,
        segments_up: clients * segments_up,
        segments_down: clients * segments_down,
        once_up: ledger.up.opening_handshake,
        once_down: ledger.down.opening_handshake,
    });
    record.verdict = judge::judge(&record);
    record
}

fn polling(clients: u64) -> Ledger {
    let mut ledger = Ledger::default();
    let polls = clients * (IN_CELL + EMPTY);
    ledger.up.request_headers = polls * REQUEST;
    ledger.down.response_headers = polls * RESPONSE;
    ledger.down.event_framing = polls * 2;
    ledger.down.payload = clients * IN_CELL * PAYLOAD;
    ledger.polls = Exchanges { count: polls, up: ledger.up.total(), down: ledger.down.total() };
    let empty = clients * EMPTY;
    ledger.empty_polls = Exchanges { count: empty, up: empty * REQUEST, down: empty * (RESPONSE + 2) };
    ledger
}

fn websocket(clients: u64) -> Ledger {
    let mut ledger = Ledger::default();
    let frames = clients * IN_CELL;
    (ledger.up.opening_handshake, ledger.down.opening_handshake) = (clients * 900, clients * 130);
    ledger.down.event_framing = frames * 2;
    ledger.down.payload = frames * PAYLOAD;
    ledger.pushed_events = Exchanges { count: frames, up: 0, down: frames * (2 + PAYLOAD) };
    ledger
}
