//! WebSocket frames: the headers that a sender writes, and the reader of what either end sends.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::hint::black_box;

use common::EVENTS;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_wire::reader::frame::{Mask, Opcode, Part, Reader, Sender, encode_header};

/// A message of one frame for each event.
fn messages(sender: Sender) -> Vec<u8> {
    let mut stream = Vec::new();
    let key = (sender == Sender::Client).then_some([0x37, 0xfa, 0x21, 0x3d]);
    for seq in 1..=EVENTS {
        let mut payload = common::text(seq);
        encode_header(true, Opcode::Text, key, payload.len() as u64, &mut stream);
        key.into_iter().for_each(|key| Mask::new(key).apply(&mut payload));
        stream.extend_from_slice(&payload);
    }
    stream
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("WebSocket frame");
    group.throughput(Throughput::Elements(EVENTS));
    let text = common::text(1);
    let mut out = Vec::with_capacity(messages(Sender::Server).len());
    group.bench_function("encode", |b| {
        b.iter(|| {
            out.clear();
            for _ in 0..EVENTS {
                encode_header(true, Opcode::Text, None, black_box(&text).len() as u64, &mut out);
                out.extend_from_slice(&text);
            }
        });
    });
    for sender in [Sender::Server, Sender::Client] {
        let stream = messages(sender);
        group.bench_function(format!("decode of a {sender:?}'s"), |b| {
            b.iter(|| {
                let mut reader = Reader::new(sender);
                let mut input = black_box(stream.as_slice());
                let mut payloads = 0;
                while let Some(part) = reader.next(&mut input).unwrap() {
                    payloads += u64::from(matches!(part, Part::Payload { last: true, .. }));
                }
                assert_eq!(payloads, EVENTS);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
