//! The byte ledger: what one connection of each transport carries for a hundred events, from its opening on, in the
//! pieces that an unhurried reader gets.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::hint::black_box;

use common::EVENTS;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_record::ledger::{Layer, Way};
use feedbench_record::{Transport, transport::Manner};
use feedbench_wire::framing::{json_array, position_text};
use feedbench_wire::h2::frame::{END_HEADERS, END_STREAM, FrameHeader, FrameKind, PREFACE};
use feedbench_wire::h2::hpack::{Encoder, Indexing};
use feedbench_wire::ledger::Tally;
use feedbench_wire::reader::frame::{Opcode, encode_header};
use feedbench_wire::{Cursor, Framing, path};

type Runs = Vec<(Way, Vec<u8>)>;

fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: 0xa3f2, seq }
}

fn request(transport: Transport, seq: u64) -> (Way, Vec<u8>) {
    let target = path::target(transport, "all", Some(cursor(seq)), None);
    (Way::Up, format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n").into_bytes())
}

fn conversation(transport: Transport) -> Runs {
    match transport {
        Transport::Polling | Transport::LongPolling => polls(transport),
        Transport::IframeStreaming => stream(transport, Framing::Script),
        Transport::Sse => stream(transport, Framing::Sse),
        Transport::FetchStreaming => stream(transport, Framing::Ndjson),
        Transport::WebSocket => websocket(),
    }
}

/// Each poll brings one event.
fn polls(transport: Transport) -> Runs {
    let exchange = |seq| {
        let mut body = Vec::new();
        json_array::encode([common::text(seq).as_slice()], &mut body);
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        [request(transport, seq - 1), (Way::Down, [head.into_bytes(), body].concat())]
    };
    (1..=EVENTS).flat_map(exchange).collect()
}

/// A chunk for each event, and for the position before them.
fn stream(transport: Transport, framing: Framing) -> Runs {
    let chunk = |content: &[u8]| [format!("{:x}\r\n", content.len()).as_bytes(), content, b"\r\n"].concat();
    let mut prologue = Vec::new();
    framing.prologue(cursor(0), &mut prologue);
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".as_slice();
    let mut runs = vec![request(transport, 0), (Way::Down, [head, &chunk(&prologue)].concat())];
    runs.extend((1..=EVENTS).map(|seq| {
        let mut framed = Vec::new();
        framing.event(cursor(seq), &common::text(seq), &mut framed);
        (Way::Down, chunk(&framed))
    }));
    runs
}

/// A message for each event, and for the position before them.
fn websocket() -> Runs {
    let message = |text: &[u8]| {
        let mut frame = Vec::new();
        encode_header(true, Opcode::Text, None, text.len() as u64, &mut frame);
        frame.extend_from_slice(text);
        frame
    };
    let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".as_slice();
    let opening = [head, &message(position_text(cursor(0)).as_bytes())].concat();
    let mut runs = vec![request(Transport::WebSocket, 0), (Way::Down, opening)];
    runs.extend((1..=EVENTS).map(|seq| (Way::Down, message(&common::text(seq)))));
    runs
}

/// A stream on HTTP/2: a DATA frame for each event, and for the position before them.
fn h2_stream(transport: Transport, framing: Framing) -> Runs {
    let frame = |kind, flags, payload: &[u8]| {
        let mut frame = Vec::new();
        FrameHeader { payload_bytes: payload.len() as u32, kind, flags, stream: 1 }.encode(&mut frame);
        frame.extend_from_slice(payload);
        frame
    };
    let head = |flags, fields: &[(&str, &str)]| {
        let mut block = Vec::new();
        let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        Encoder::new(Indexing::Chromium).encode(fields, &mut block);
        frame(FrameKind::Headers, flags | END_HEADERS, &block)
    };
    let target = path::target(transport, "all", Some(cursor(0)), None);
    let asked = head(END_STREAM, &[(":method", "GET"), (":path", &target), (":authority", "127.0.0.1:8080")]);
    let mut prologue = Vec::new();
    framing.prologue(cursor(0), &mut prologue);
    let opening = [head(0, &[(":status", "200")]), frame(FrameKind::Data, 0, &prologue)].concat();
    let mut runs = vec![(Way::Up, [PREFACE, &asked].concat()), (Way::Down, opening)];
    runs.extend((1..=EVENTS).map(|seq| {
        let mut framed = Vec::new();
        framing.event(cursor(seq), &common::text(seq), &mut framed);
        (Way::Down, frame(FrameKind::Data, 0, &framed))
    }));
    runs
}

fn tally(runs: &Runs) -> Tally {
    let mut tally = Tally::default();
    runs.iter().for_each(|(way, bytes)| tally.push(*way, bytes));
    tally
}

fn ledger(c: &mut Criterion) {
    let mut group = c.benchmark_group("ledger");
    group.throughput(Throughput::Elements(EVENTS));
    let h2 = (Transport::Sse, "sse-h2", h2_stream(Transport::Sse, Framing::Sse));
    let http1 = Transport::ALL.map(|transport| (transport, transport.id(), conversation(transport)));
    for (transport, name, runs) in http1.into_iter().chain([h2]) {
        let found = tally(&runs).ledger();
        // A conversation that the ledger does not understand would measure something else.
        Way::ALL.into_iter().for_each(|way| assert_eq!(found.layers(way).get(Layer::Unclassified), 0));
        let exchanges = if transport.manner() == Manner::Pushed { found.pushed_events } else { found.polls };
        assert_eq!(exchanges.count, EVENTS);
        group.bench_function(name, |b| b.iter(|| tally(black_box(&runs)).ledger()));
    }
    group.finish();
}

criterion_group!(benches, ledger);
criterion_main!(benches);
