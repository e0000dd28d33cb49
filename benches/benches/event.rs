//! An event and its text.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_wire::event::{self, Data, Event};

fn event(c: &mut Criterion) {
    let mut group = c.benchmark_group("event");
    group.throughput(Throughput::Bytes(common::TEXT_BYTES as u64));
    let data = common::data();
    let mut out = Vec::with_capacity(common::TEXT_BYTES);
    group.bench_function("encode", |b| {
        b.iter(|| {
            out.clear();
            event::encode(black_box(7), 1_723_456_789_012, Data::Text(&data), &mut out);
        });
    });
    let text = common::text(7);
    group.bench_function("decode", |b| b.iter(|| Event::parse(black_box(&text)).unwrap().seq));
    group.finish();
}

criterion_group!(benches, event);
criterion_main!(benches);
