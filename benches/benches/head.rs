//! The reader of message heads: those of a poll, with few fields and with a browser's.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::headers::{Ask, Profile, Scheme};
use feedbench_wire::reader::head::Reader;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nfeed-cursor: a3f2-12\r\n\
    content-length: 2\r\ndate: Fri, 20 Nov 2026 12:00:00 GMT\r\n\r\n";

fn heads(c: &mut Criterion) {
    let mut group = c.benchmark_group("head");
    for name in ["minimal", "chromium"] {
        let profile = Profile::built_in(name).unwrap();
        let request = profile.head(&Ask {
            transport: Transport::Polling,
            target: "/polling?cursor=a3f2-12",
            scheme: Scheme::Http,
            host: "127.0.0.1:8080",
            connection: ConnectionPolicy::KeepAlive,
            cookie: None,
            last_event_id: None,
            key: None,
        });
        group.throughput(Throughput::Bytes(request.len() as u64));
        group.bench_function(format!("request, {name}"), |b| {
            let mut reader = Reader::default();
            b.iter(|| {
                let mut input = black_box(request.as_slice());
                assert_eq!(reader.request(&mut input).unwrap().unwrap().method, "GET");
            });
        });
    }
    group.throughput(Throughput::Bytes(ANSWER.len() as u64));
    group.bench_function("response", |b| {
        let mut reader = Reader::default();
        b.iter(|| {
            let mut input = black_box(ANSWER);
            assert_eq!(reader.response("GET", &mut input).unwrap().unwrap().status, 200);
        });
    });
    group.finish();
}

criterion_group!(benches, heads);
criterion_main!(benches);
