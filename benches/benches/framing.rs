//! Each framing, there and back: the bodies of streams, and the answer of a poll.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::hint::black_box;

use common::EVENTS;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_wire::framing::json_array;
use feedbench_wire::reader::{Item, StreamReader, json_array as array_reader};
use feedbench_wire::{Cursor, Framing};

const EPOCH: u16 = 0xa3f2;

fn streams(c: &mut Criterion) {
    for framing in Framing::ALL {
        let texts: Vec<_> = (1..=EVENTS).map(common::text).collect();
        let encode = |out: &mut Vec<u8>| {
            for (text, seq) in black_box(&texts).iter().zip(1..) {
                framing.event(Cursor { epoch: EPOCH, seq }, text, out);
            }
        };
        let mut body = Vec::new();
        framing.prologue(Cursor { epoch: EPOCH, seq: 0 }, &mut body);
        encode(&mut body);

        let mut group = c.benchmark_group(format!("{framing:?}"));
        group.throughput(Throughput::Elements(EVENTS));
        let mut out = Vec::with_capacity(body.len());
        group.bench_function("encode", |b| {
            b.iter(|| {
                out.clear();
                encode(&mut out);
            });
        });
        group.bench_function("decode", |b| {
            b.iter(|| {
                let mut reader = StreamReader::new(framing);
                let mut input = black_box(body.as_slice());
                let mut events = 0;
                while let Some(piece) = reader.next(&mut input).unwrap() {
                    events += u64::from(matches!(piece.item, Item::Event(_)));
                }
                assert_eq!(events, EVENTS);
            });
        });
        group.finish();
    }
}

fn answer_of_a_poll(c: &mut Criterion) {
    let texts: Vec<_> = (1..=EVENTS).map(common::text).collect();
    let mut body = Vec::new();
    json_array::encode(texts.iter().map(Vec::as_slice), &mut body);
    let mut group = c.benchmark_group("JSON array");
    group.throughput(Throughput::Elements(EVENTS));
    let mut out = Vec::with_capacity(body.len());
    group.bench_function("encode", |b| {
        b.iter(|| {
            out.clear();
            json_array::encode(black_box(&texts).iter().map(Vec::as_slice), &mut out);
        });
    });
    group.bench_function("decode", |b| {
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

criterion_group!(benches, streams, answer_of_a_poll);
criterion_main!(benches);
