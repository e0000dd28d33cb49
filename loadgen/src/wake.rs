//! When did the runtime learn that there is something to read? From that instant to the read the wait is the load
//! generator's own, and not the server's.
//!
//! Behind a distance a read has two such waits: one from the socket's wake-up until the bytes begin their way, and one
//! from their timer's until they are read. Both are the load generator's.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

use feedbench_wire::io::transcript::Scribe;
use feedbench_wire::io::{Counted, Distance, Link, Meter, Socket, Tap, Tls};
use futures_util::task::{ArcWake, AtomicWaker, waker_ref};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The whole I/O stack of a client.
pub(crate) type ClientStack = StackOver<Socket>;

/// The stack of `feedbench_wire::io`, and before the ledger a note of each wake-up: above TLS, because one read there may be
/// several below.
pub(crate) type StackOver<S> = Tap<Woken<Tls<Link<Counted<S>>>>>;

/// The lower half of the stack, over a socket that was just connected.
pub(crate) fn link<S>(socket: S, meter: &Meter, distance: Option<Distance>) -> Link<Counted<S>> {
    Link::connected(Counted::new(socket, meter.clone()), distance)
}

/// Puts the rest of the stack over what is inside TLS, or in clear.
pub(crate) fn stack<S>(tls: Tls<Link<Counted<S>>>, meter: Meter, scribe: Option<Scribe>) -> (StackOver<S>, Arc<Bell>) {
    let (woken, bell) = Woken::new(tls, meter.clone());
    (Tap::new(woken, meter, scribe), bell)
}

/// Wakes the reader of one connection, and notes when.
#[derive(Debug)]
pub(crate) struct Bell {
    /// Beside it, because whoever wants to know one wants to know the other.
    meter: Meter,
    reader: AtomicWaker,
    /// The first wake-up since the reader began to wait; 0 while it waits.
    rung_us: AtomicU64,
    /// What wake-ups waited that brought nothing to the transport yet (us). This and the next are the reader's alone.
    waited_us: AtomicU64,
    /// The last read found something: if the next one finds nothing more, nothing was kept waiting.
    has_found: AtomicBool,
}

impl Bell {
    /// The meter of the connection.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// When the reader was last woken up (us), and earlier by what it was kept waiting before; 0 if it never was, or waits.
    pub(crate) fn rung_us(&self) -> u64 {
        self.rung_us.load(Relaxed)
    }

    /// The reader, woken up at `rung_us` (0: it was not), has found something or not.
    fn was_read(&self, rung_us: u64, found: bool) {
        let (waited_us, had_found) = (self.waited_us.load(Relaxed), self.has_found.load(Relaxed));
        if found {
            self.rung_us.store(rung_us.saturating_sub(waited_us), Relaxed);
            self.waited_us.store(0, Relaxed);
        } else if !had_found && rung_us != 0 {
            self.waited_us.store(waited_us + self.meter.now_us().saturating_sub(rung_us), Relaxed);
        }
        self.has_found.store(found, Relaxed);
    }
}

impl ArcWake for Bell {
    fn wake_by_ref(bell: &Arc<Self>) {
        // Only the first wake-up counts: the reader is waiting for its turn since then.
        let _ = bell.rung_us.compare_exchange(0, bell.meter.now_us(), Relaxed, Relaxed);
        bell.reader.wake();
    }
}

/// A stream whose wake-ups to read are noted.
#[derive(Debug)]
pub(crate) struct Woken<S> {
    inner: S,
    bell: Arc<Bell>,
}

impl<S> Woken<S> {
    pub(crate) fn new(inner: S, meter: Meter) -> (Woken<S>, Arc<Bell>) {
        let bell = Arc::new(Bell {
            meter,
            reader: AtomicWaker::new(),
            rung_us: AtomicU64::new(0),
            waited_us: AtomicU64::new(0),
            has_found: AtomicBool::new(false),
        });
        (Woken { inner, bell: Arc::clone(&bell) }, bell)
    }

    pub(crate) fn get_ref(&self) -> &S {
        &self.inner
    }

    pub(crate) fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Woken<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.bell.reader.register(cx.waker());
        let rung_us = this.bell.rung_us.swap(0, Relaxed);
        let result = Pin::new(&mut this.inner).poll_read(&mut Context::from_waker(&waker_ref(&this.bell)), buf);
        this.bell.was_read(rung_us, result.is_ready());
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Woken<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use feedbench_record::run::Window;
    use feedbench_wire::Clock;
    use feedbench_wire::event::{self, Data};
    use feedbench_wire::io::End;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::{Duration, Instant, advance, sleep};

    use crate::recorder::Recorder;
    use crate::sequence::Sequence;

    #[tokio::test(start_paused = true)]
    async fn the_wait_of_a_ready_socket_for_its_reader_is_seen() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let (near, mut far) = tokio::io::duplex(64);
        let (mut woken, bell) = Woken::new(near, Meter::new(clock, End::Client));
        let mut buffer = [0; 8];
        let waiting = tokio::time::timeout(Duration::ZERO, woken.read(&mut buffer));
        assert!(waiting.await.is_err(), "nothing to read yet");

        advance(Duration::from_millis(5)).await;
        far.write_all(b"x").await.unwrap();
        advance(Duration::from_millis(3)).await;
        woken.read_exact(&mut buffer[..1]).await.unwrap();
        let rung_us = bell.rung_us();
        assert!((5_000..=6_001).contains(&rung_us), "woken when the byte came, not when it was read: {rung_us}");
        assert!(clock.now_us() >= rung_us + 2_000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_reader_did_with_earlier_bytes_is_no_wait_of_the_next_ones() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let (near, mut far) = tokio::io::duplex(64);
        let (mut woken, bell) = Woken::new(near, Meter::new(clock, End::Client));
        let mut buffer = [0; 8];
        for event in 0..10 {
            let waiting = tokio::time::timeout(Duration::ZERO, woken.read(&mut buffer));
            assert!(waiting.await.is_err(), "nothing to read yet");
            far.write_all(b"x").await.unwrap();
            advance(Duration::from_millis(3)).await;
            assert_eq!(woken.read(&mut buffer).await.unwrap(), 1);
            let lag_us = clock.now_us() - bell.rung_us();
            assert!((3_000..=4_001).contains(&lag_us), "event {event}: {lag_us}");
            advance(Duration::from_millis(50)).await;
        }
    }

    /// An event, of a length that depends neither on its number nor on its instant.
    fn text(seq: u64, at_us: u64) -> Vec<u8> {
        let mut text = Vec::new();
        event::encode(seq, at_us, Data::Text("x"), &mut text);
        text
    }

    #[tokio::test(start_paused = true)]
    async fn behind_a_distance_a_pushed_event_takes_half_a_round_trip_exactly_and_the_load_generator_none_of_it() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let (near, mut far) = tokio::io::duplex(4096);
        let meter = Meter::new(clock, End::Client);
        let distance = Distance::new(Duration::from_millis(100));
        let tls = Tls::clear(link(near, &meter, Some(distance)));
        let (mut stack, bell) = stack(tls, meter.clone(), None);
        let mut recorder = Recorder::new(0);
        recorder.measure(Window { start_us: 0, end_us: u64::MAX });
        let publish = async {
            for seq in 1..=20 {
                sleep(Duration::from_millis(7)).await;
                far.write_all(&text(seq, clock.now_us())).await.unwrap();
            }
        };
        let read = async {
            let (mut sequence, mut text) = (Sequence::default(), text(0, 0));
            sequence.begin(0);
            for _ in 1..=20 {
                stack.read_exact(&mut text).await.unwrap();
                let read_us = meter.counts().last_read_us();
                recorder.deliver(&text, &mut sequence, read_us, read_us - bell.rung_us());
            }
        };
        tokio::join!(publish, read);
        let (latency, lag) = (&recorder.delivery_latency, &recorder.worker_lag);
        let bounds = (latency.count(), latency.min_us(), latency.max_us());
        let mut exact = feedbench_record::Histogram::new(feedbench_record::histogram::Precision::Fine);
        exact.record(50_000);
        assert_eq!(bounds, (20, exact.min_us(), exact.max_us()));
        assert_eq!(lag.max_us(), Some(1), "no wait is shorter than a histogram's least");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_reader_was_kept_waiting_before_and_behind_the_distance_is_the_load_generator_s() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let (near, mut far) = tokio::io::duplex(64);
        let meter = Meter::new(clock, End::Client);
        let distance = Distance::new(Duration::from_millis(20));
        let tls = Tls::clear(link(near, &meter, Some(distance)));
        let (mut stack, bell) = stack(tls, meter.clone(), None);
        let mut buffer = [0; 8];
        let poll = async |stack: &mut StackOver<tokio::io::DuplexStream>, buffer: &mut [u8]| {
            std::future::poll_fn(|cx| {
                Poll::Ready(Pin::new(&mut *stack).poll_read(cx, &mut ReadBuf::new(buffer)).is_ready())
            })
            .await
        };
        advance(Duration::from_millis(1)).await;
        assert!(!poll(&mut stack, &mut buffer).await);
        far.write_all(b"x").await.unwrap();
        advance(Duration::from_millis(3)).await;
        assert!(!poll(&mut stack, &mut buffer).await, "read from the socket 3 ms late, and on its way");
        sleep(Duration::from_millis(14)).await;
        assert!(poll(&mut stack, &mut buffer).await, "due for 4 ms");
        let lag_us = meter.counts().last_read_us() - bell.rung_us();
        // The runtime's timers are up to 1 ms late.
        assert!((6_000..=7_000).contains(&lag_us), "{lag_us}");
    }
}
