//! What a worker does with each delivery: the sequence number and the instant of the event, the client's gaps, the
//! histograms.
#![allow(missing_docs)]

mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_loadgen::recorder::Recorder;
use feedbench_loadgen::sequence::Sequence;
use feedbench_record::run::Window;
use feedbench_wire::event::{self, Data};

/// Deliveries of one round, each of the next event.
const EVENTS: u64 = 1_000;

fn deliver(c: &mut Criterion) {
    let data = common::data();
    let texts: Vec<_> = (1..=EVENTS)
        .map(|seq| {
            let mut text = Vec::new();
            event::encode(seq, 1_000_000 + seq, Data::Text(&data), &mut text);
            text
        })
        .collect();
    let mut recorder = Recorder::new(0);
    recorder.measure(Window { start_us: 0, end_us: u64::MAX });
    let mut group = c.benchmark_group("recorder");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("deliver", |b| {
        b.iter(|| {
            let mut sequence = Sequence::default();
            sequence.begin(0);
            for (text, read_us) in texts.iter().zip(1_001_000..) {
                recorder.deliver(black_box(text), &mut sequence, read_us, 20);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, deliver);
criterion_main!(benches);
