//! One event to ten thousand clients whose sockets are memory: from its publication until the last one has a copy of the
//! bytes that its socket would be given. One thread, as on a server with one core.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_server::feed::{Batch, Feed, Kept};
use feedbench_server::push::{Due, Push, Subscription};
use feedbench_wire::Framing;
use feedbench_wire::event::Data;
use tokio::runtime;
use tokio::sync::Notify;

const SINKS: u64 = 10_000;
/// Never due in a bench.
const HEARTBEAT: Duration = Duration::from_secs(3_600);

/// How many deliveries there were, and the news of every one that completes an event.
#[derive(Default)]
struct Delivered {
    count: AtomicU64,
    all: Notify,
}

/// A client: takes what is due and writes it into its memory, until the feed ends.
async fn sink(mut push: Push, framing: Option<Framing>, delivered: Arc<Delivered>) {
    let mut written = Vec::with_capacity(2 * common::TEXT_BYTES);
    while let Due::Events(batch) = push.next().await {
        written.clear();
        written.extend_from_slice(&piece(&batch, framing));
        let count = delivered.count.fetch_add(batch.events.len() as u64, Ordering::Relaxed) + batch.events.len() as u64;
        if count.is_multiple_of(SINKS) {
            delivered.all.notify_one();
        }
    }
}

/// What is written for one event: framed for a stream, as it is for a WebSocket, whose library adds the frame header.
fn piece(batch: &Batch, framing: Option<Framing>) -> Bytes {
    match framing {
        Some(framing) => batch.framed(framing),
        None => batch.events[0].text().clone(),
    }
}

fn fan_out(c: &mut Criterion) {
    let runtime = runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let data = common::data();
    let mut group = c.benchmark_group("fan-out to 10,000 sinks");
    group.throughput(Throughput::Elements(SINKS));
    for framing in Framing::ALL.map(Some).into_iter().chain([None]) {
        let feed = Feed::new(1, Kept { events: 10, bytes: 1 << 20 }, 1);
        let topic = &feed.topics()[0];
        let delivered = Arc::<Delivered>::default();
        let entered = runtime.enter();
        for _ in 0..SINKS {
            let subscription = Subscription::new(Arc::clone(topic), None).unwrap();
            let push = Push::new(subscription, HEARTBEAT, None);
            runtime.spawn(sink(push, framing, Arc::clone(&delivered)));
        }
        drop(entered);
        let name = framing.map_or("unframed".to_owned(), |framing| format!("{framing:?}"));
        group.bench_function(name, |b| {
            b.iter(|| {
                runtime.block_on(async {
                    topic.publish(1_723_456_789_012, Data::Text(&data)).unwrap();
                    delivered.all.notified().await;
                });
            });
        });
        assert_eq!(delivered.count.load(Ordering::Relaxed), SINKS * topic.newest().seq);
        feed.end();
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
