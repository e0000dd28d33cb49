//! One event to a thousand clients whose sockets are memory: as it is, compressed once for everybody, and compressed for
//! each connection with what it has carried before. The last line says how many times more the second costs than the first.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedbench_record::Scenario;
use feedbench_record::scenario::Compression;
use feedbench_server::Config;
use feedbench_server::fan_out::{self, FanOuts, Joining, Pushed};
use feedbench_server::feed::{By, Topic};
use feedbench_server::publish::Author;
use feedbench_server::site::Site;
use feedbench_server::transport::{Conversation, Speech, Stream, Zip};
use feedbench_wire::deflate::permessage::Agreed;
use feedbench_wire::event::Data;
use feedbench_wire::headers::Profile;
use feedbench_wire::{Clock, Framing};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{self, Runtime};
use tokio::sync::Notify;

const SINKS: u64 = 1_000;
/// Events whose time is taken for the ratio.
const EVENTS: u32 = 200;
/// Never due in a bench.
const HEARTBEAT: Duration = Duration::from_secs(3_600);

#[derive(Default)]
struct Delivered {
    count: AtomicU64,
    all: Notify,
}

/// A client's socket: takes all there is, and never has anything to say.
struct Sink(Arc<Delivered>);

impl AsyncRead for Sink {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if (self.0.count.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(SINKS) {
            self.0.all.notify_one();
        }
        Poll::Ready(Ok(std::hint::black_box(bytes).len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn speech(is_stream: bool, compression: Compression) -> Speech {
    if is_stream {
        return Speech::Stream(Stream::new(Framing::Sse, true, true, u64::MAX).compressed(Zip::of(compression)));
    }
    let agreed = (compression != Compression::None).then_some(Agreed {
        server_takeover: compression == Compression::PerConnection,
        client_takeover: false,
        server_window_bits: None,
    });
    Speech::Conversation(Conversation::new(false, Author::Nobody).compressed(agreed))
}

/// A fan-out with its clients.
struct Crowd<'r> {
    runtime: &'r Runtime,
    site: Arc<Site>,
    delivered: Arc<Delivered>,
    running: tokio::task::JoinHandle<()>,
    data: String,
}

impl<'r> Crowd<'r> {
    fn new(runtime: &'r Runtime, is_stream: bool, compression: Compression) -> Crowd<'r> {
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            scenario: Scenario { compression, ..Scenario::default() },
            headers: Profile::default(),
            epoch: 1,
            allow_publish: false,
            connections_max: 0,
            clock: Clock::Monotonic,
            transcript: None,
            classroom: None,
            tls: None,
        };
        let site = Arc::new(Site::of(&config, FanOuts::new(NonZeroUsize::MIN).0));
        let delivered = Arc::<Delivered>::default();
        let (fan_outs, mut queues) = FanOuts::new(NonZeroUsize::MIN);
        let running = runtime.spawn(fan_out::run(queues.remove(0), site.feed.listen(), Arc::clone(&site), drop));
        let topic = &site.feed.topics()[0];
        for _ in 0..SINKS {
            let pushed = Pushed {
                position: topic.newest(),
                topic: Arc::clone(topic),
                speech: speech(is_stream, compression),
                silent_after: HEARTBEAT,
                lifetime: None,
            };
            let joining = Joining { stream: Sink(Arc::clone(&delivered)), unread: Bytes::new(), pushed };
            assert!(fan_outs.join(joining).is_none());
        }
        // The first write of each is what opens it.
        runtime.block_on(delivered.all.notified());
        Crowd { runtime, site, delivered, running, data: common::data().to_string() }
    }

    fn topic(&self) -> &Topic {
        &self.site.feed.topics()[0]
    }

    fn publish(&self) {
        self.runtime.block_on(async {
            self.topic().publish(By::Program, 1_723_456_789_012, Data::Text(&self.data)).unwrap();
            self.delivered.all.notified().await;
        });
    }
}

impl Drop for Crowd<'_> {
    fn drop(&mut self) {
        assert_eq!(self.delivered.count.load(Ordering::Relaxed), SINKS * (1 + self.topic().newest().seq));
        self.running.abort();
    }
}

fn compression(c: &mut Criterion) {
    let runtime = runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for (is_stream, name) in [(false, "WebSocket"), (true, "SSE")] {
        let mut group = c.benchmark_group(format!("one event to 1,000 sinks, {name}"));
        group.throughput(Throughput::Elements(SINKS));
        for compression in Compression::ALL {
            let crowd = Crowd::new(&runtime, is_stream, compression);
            group.bench_function(compression.id(), |b| b.iter(|| crowd.publish()));
        }
        group.finish();
        // In turn, so that whatever else the machine does meets both alike.
        let crowds =
            [Compression::PerEvent, Compression::PerConnection].map(|how| Crowd::new(&runtime, is_stream, how));
        let mut took = [Duration::ZERO; 2];
        for _ in 0..EVENTS {
            for (crowd, took) in crowds.iter().zip(&mut took) {
                let started = Instant::now();
                crowd.publish();
                *took += started.elapsed();
            }
        }
        let ratio = took[1].as_secs_f64() / took[0].as_secs_f64();
        println!("{name}: compressing for each of {SINKS} connections takes {ratio:.0} times as long as once for all");
    }
}

criterion_group!(benches, compression);
criterion_main!(benches);
