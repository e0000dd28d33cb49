//! One event to ten thousand clients whose sockets are memory: from its publication until the last one was written to. One
//! thread, as on a server with one core.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_record::Scenario;
use feedbench_server::Config;
use feedbench_server::fan_out::{self, FanOuts, Joining, Pushed};
use feedbench_server::feed::By;
use feedbench_server::publish::Author;
use feedbench_server::site::Site;
use feedbench_server::transport::{Conversation, Speech, Stream};
use feedbench_wire::event::Data;
use feedbench_wire::headers::Profile;
use feedbench_wire::{Clock, Framing};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime;
use tokio::sync::Notify;

const SINKS: u64 = 10_000;
/// Never due in a bench.
const HEARTBEAT: Duration = Duration::from_secs(3_600);

/// How many writes there were, and the news of every one that completes an event.
#[derive(Default)]
struct Delivered {
    count: AtomicU64,
    all: Notify,
}

/// A client's socket: takes all there is, and never has anything to say.
struct Sink {
    memory: Vec<u8>,
    delivered: Arc<Delivered>,
}

impl AsyncRead for Sink {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Sink {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.memory.clear();
        self.memory.extend_from_slice(bytes);
        if (self.delivered.count.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(SINKS) {
            self.delivered.all.notify_one();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn site() -> Arc<Site> {
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        scenario: Scenario::default(),
        headers: Profile::default(),
        epoch: 1,
        allow_publish: false,
        connections_max: 0,
        clock: Clock::Monotonic,
        tls: None,
        transcript: None,
        classroom: None,
    };
    Arc::new(Site::of(&config, FanOuts::new(NonZeroUsize::MIN).0))
}

fn fan_out(c: &mut Criterion) {
    let runtime = runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let data = common::data();
    let mut group = c.benchmark_group("fan-out to 10,000 sinks");
    group.throughput(Throughput::Elements(SINKS));
    for framing in Framing::ALL.map(Some).into_iter().chain([None]) {
        let speech = || match framing {
            Some(framing) => Speech::Stream(Stream::new(framing, true, true, u64::MAX)),
            None => Speech::Conversation(Conversation::new(false, Author::Nobody)),
        };
        let site = site();
        let topic = &site.feed.topics()[0];
        let delivered = Arc::<Delivered>::default();
        let (fan_outs, mut queues) = FanOuts::new(NonZeroUsize::MIN);
        let running = runtime.spawn(fan_out::run(queues.remove(0), site.feed.listen(), Arc::clone(&site), drop));
        for _ in 0..SINKS {
            let stream = Sink { memory: Vec::with_capacity(1 << 10), delivered: Arc::clone(&delivered) };
            let pushed = Pushed {
                position: topic.newest(),
                topic: Arc::clone(topic),
                speech: speech(),
                silent_after: HEARTBEAT,
                lifetime: None,
            };
            assert!(fan_outs.join(Joining { stream, unread: Bytes::new(), pushed }).is_none());
        }
        // The first write of each is what opens it.
        runtime.block_on(delivered.all.notified());
        let name = framing.map_or("WebSocket frames".to_owned(), |framing| format!("{framing:?}"));
        group.bench_function(name, |b| {
            b.iter(|| {
                runtime.block_on(async {
                    topic.publish(By::Program, 1_723_456_789_012, Data::Text(&data)).unwrap();
                    delivered.all.notified().await;
                });
            });
        });
        assert_eq!(delivered.count.load(Ordering::Relaxed), SINKS * (1 + topic.newest().seq));
        running.abort();
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
