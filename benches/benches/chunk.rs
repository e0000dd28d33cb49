//! The reader of chunked bodies: a chunk for each event, as streams are sent.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::hint::black_box;
use std::io::Write as _;

use common::EVENTS;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_wire::reader::chunked::{Part, Reader};
use feedbench_wire::{Cursor, Framing};

/// The body of a stream, and the bytes of its content.
fn body() -> (Vec<u8>, usize) {
    let (mut body, mut content) = (Vec::new(), 0);
    for seq in 1..=EVENTS {
        let mut framed = Vec::new();
        Framing::Sse.event(Cursor { epoch: 0xa3f2, seq }, &common::text(seq), &mut framed);
        write!(body, "{:x}\r\n", framed.len()).unwrap();
        body.extend_from_slice(&framed);
        body.extend_from_slice(b"\r\n");
        content += framed.len();
    }
    body.extend_from_slice(b"0\r\n\r\n");
    (body, content)
}

fn chunks(c: &mut Criterion) {
    let (body, content) = body();
    let mut group = c.benchmark_group("chunked body");
    group.throughput(Throughput::Elements(EVENTS));
    // Whole, and as short reads cut it.
    for read_bytes in [body.len(), 64] {
        group.bench_function(format!("decode, reads of {read_bytes} bytes"), |b| {
            b.iter(|| {
                let mut reader = Reader::default();
                let mut data = 0;
                for mut input in black_box(&body).chunks(read_bytes) {
                    while let Some(part) = reader.next(&mut input).unwrap() {
                        data += if let Part::Data(bytes) = part { bytes.len() } else { 0 };
                    }
                }
                assert!(reader.has_ended() && data == content);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, chunks);
criterion_main!(benches);
