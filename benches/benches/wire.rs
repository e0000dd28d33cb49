//! What an event costs on its way, without a socket: encoding, framing, reading, recording.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_record::Histogram;
use feedbench_record::histogram::Precision;
use feedbench_wire::event::{self, Data, Event};
use feedbench_wire::framing::json_array;
use feedbench_wire::reader::{Item, StreamReader, frame, json_array as array_reader};
use feedbench_wire::{Cursor, Framing};

/// Events of one stream or one answer.
const EVENTS: u64 = 100;

/// An event text of 100 bytes, the default payload.
fn text(seq: u64) -> Vec<u8> {
    let mut text = Vec::new();
    event::encode(seq, 1_723_456_789_012, Data::Text(&"x".repeat(100 - event::EMPTY_BYTES)), &mut text);
    assert_eq!(text.len(), 100);
    text
}

fn codec(c: &mut Criterion) {
    let data = "x".repeat(100 - event::EMPTY_BYTES);
    let mut out = Vec::with_capacity(128);
    c.bench_function("event encode", |b| {
        b.iter(|| {
            out.clear();
            event::encode(black_box(7), 1_723_456_789_012, Data::Text(&data), &mut out);
        });
    });
    let text = text(7);
    c.bench_function("event decode", |b| b.iter(|| Event::parse(black_box(&text)).unwrap().seq));
}

fn streams(c: &mut Criterion) {
    let mut group = c.benchmark_group("stream");
    group.throughput(Throughput::Elements(EVENTS));
    for framing in Framing::ALL {
        let encode = |out: &mut Vec<u8>| {
            framing.prologue(Cursor { epoch: 1, seq: 0 }, out);
            (1..=EVENTS).for_each(|seq| framing.event(Cursor { epoch: 1, seq }, &text(seq), out));
        };
        let mut stream = Vec::new();
        encode(&mut stream);
        let text = text(1);
        let mut out = Vec::with_capacity(stream.len());
        group.bench_function(format!("{framing:?} encode"), |b| {
            b.iter(|| {
                out.clear();
                (1..=EVENTS).for_each(|seq| framing.event(Cursor { epoch: 1, seq }, black_box(&text), &mut out));
            });
        });
        group.bench_function(format!("{framing:?} read"), |b| {
            b.iter(|| {
                let mut reader = StreamReader::new(framing);
                let mut input = black_box(stream.as_slice());
                let mut events = 0;
                while let Some(piece) = reader.next(&mut input).unwrap() {
                    events += u64::from(matches!(piece.item, Item::Event(_)));
                }
                assert_eq!(events, EVENTS);
            });
        });
    }
    group.finish();
}

fn answers(c: &mut Criterion) {
    let texts: Vec<_> = (1..=EVENTS).map(text).collect();
    let mut body = Vec::new();
    json_array::encode(texts.iter().map(Vec::as_slice), &mut body);
    let mut group = c.benchmark_group("answer of a poll");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("read", |b| {
        b.iter(|| {
            let mut reader = array_reader::Reader::default();
            let mut input = black_box(body.as_slice());
            let mut events = 0;
            while reader.next(&mut input).unwrap().is_some() {
                events += 1;
            }
            assert_eq!(events, EVENTS);
        });
    });
    group.finish();
}

fn frames(c: &mut Criterion) {
    let text = text(1);
    let mut stream = Vec::new();
    for _ in 0..EVENTS {
        frame::encode_header(true, frame::Opcode::Text, None, text.len() as u64, &mut stream);
        stream.extend_from_slice(&text);
    }
    let mut group = c.benchmark_group("WebSocket frames");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("read", |b| {
        b.iter(|| {
            let mut reader = frame::Reader::new(frame::Sender::Server);
            let mut input = black_box(stream.as_slice());
            let mut payloads = 0;
            while let Some(part) = reader.next(&mut input).unwrap() {
                payloads += u64::from(matches!(part, frame::Part::Payload { last: true, .. }));
            }
            assert_eq!(payloads, EVENTS);
        });
    });
    group.finish();
}

fn recorder(c: &mut Criterion) {
    let mut histogram = Histogram::new(Precision::Fine);
    let mut latency_us = 0;
    c.bench_function("histogram record", |b| {
        b.iter(|| {
            latency_us = (latency_us + 7_919) % 60_000_000;
            histogram.record(black_box(latency_us));
        });
    });
}

criterion_group!(benches, codec, streams, answers, frames, recorder);
criterion_main!(benches);
