//! The histogram that every delivery latency goes into.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_record::Histogram;
use feedbench_record::histogram::Precision;

fn record(c: &mut Criterion) {
    let mut histogram = Histogram::new(Precision::Fine);
    let mut latency_us = 0;
    let mut group = c.benchmark_group("histogram");
    group.throughput(Throughput::Elements(1));
    group.bench_function("record", |b| {
        b.iter(|| {
            latency_us = (latency_us + 7_919) % 60_000_000;
            histogram.record(black_box(latency_us));
        });
    });
    group.finish();
}

criterion_group!(benches, record);
criterion_main!(benches);
