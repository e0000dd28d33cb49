//! A distance between the two ends of a connection, in user space: all that is carried takes half a round-trip time.
//!
//! ```text
//!                    ┌ arrivals:   read from the socket, handed up half an RTT later ─►┐
//! socket (Counted) ──┤                                                                 ├── Tap
//!                    └◄─ departures: passed on to the socket half an RTT after written ┘
//! ```
//!
//! The link stands at the accepting end, and there alone it makes the whole distance. What it carries is pipelined:
//! each piece has an instant at which it is *due*, so the distance limits no throughput, as long as no more than
//! [`IN_TRANSIT_MAX_BYTES`] are in transit each way. Then a writer has to wait, and the socket is not read. Order is
//! kept when the RTT changes: nothing is due before what is ahead of it.
//!
//! **The handshake.** The peer's kernel completes `connect()` at once, so that its first request is on the socket when
//! the connection is accepted, at `t`. Over the distance the SYN and its answer cost an RTT first: the request would
//! leave at `t` + RTT and arrive half an RTT later. So nothing is handed up before `t` + 3/2 RTT, and as this is when
//! the connection would be accepted, nothing of this end is passed on before `t` + 2 RTT.
//!
//! **Ends and errors** travel like bytes. The end of what the peer sent comes after its last byte, and half an RTT
//! after it was read. `poll_shutdown` is ready once everything, and the FIN behind it, was passed on. A write that
//! fails at the socket is heard of half an RTT later, as the peer's reset would be. `poll_flush` waits for nothing: it
//! means that the link has the bytes, and a transport that flushes each event would otherwise send one per half RTT.
//! Who drops a link without a shutdown cuts the line: what is in transit is lost.
//!
//! **What makes it move.** Handing up needs a reader, and a reader that waits is woken: by the timer of the next piece,
//! or by the socket. While nobody reads, bytes stay in the socket, and their way begins when somebody does. Passing on
//! must not need anybody, because the owner of a connection may have no reason to look at it for a long time: it said
//! something, and its bell has not rung since. So while anything is in transit to the socket, a task of the link, the
//! driver, passes it on. It holds the link weakly, ends when nothing is left, and a dropped link aborts it. Socket and
//! departures lie behind one lock, which is never held across an `await`. The owner writes to the socket itself only
//! while nothing is in transit, so that no two tasks wait for the socket to take more.
//!
//! **No distance.** [`Link::over`] without a [`Distance`] is the stream itself. With one that is 0 and nothing in
//! transit, every call goes straight through, and costs the lock.
//!
//! **Resolution.** The timers are the runtime's, of 1 ms: a piece moves up to 1 ms after it was due, and never before.

mod arrivals;
mod departures;
#[cfg(test)]
mod tests;
mod transit;

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use arrivals::Arrivals;
use departures::{Departures, lock};

pub use transit::IN_TRANSIT_MAX_BYTES;

/// The round-trip time that links make. Its clones are one value, which may change at any time and holds for what
/// starts its way from then on. 0 is no distance.
#[derive(Clone, Debug, Default)]
pub struct Distance {
    rtt_us: Arc<AtomicU32>,
}

impl Distance {
    /// A distance of this round-trip time.
    pub fn new(rtt: Duration) -> Distance {
        let distance = Distance::default();
        distance.set_rtt(rtt);
        distance
    }

    /// Changes the round-trip time, to the microsecond. At most 71 minutes; more is taken for that.
    pub fn set_rtt(&self, rtt: Duration) {
        self.rtt_us.store(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX), Relaxed);
    }

    /// The round-trip time.
    pub fn rtt(&self) -> Duration {
        Duration::from_micros(self.rtt_us.load(Relaxed).into())
    }

    /// The time of a transit, one way.
    fn transit(&self) -> Duration {
        self.rtt() / 2
    }
}

/// A stream at a distance, or just a stream.
#[derive(Debug)]
pub struct Link<S>(Inner<S>);

#[derive(Debug)]
enum Inner<S> {
    Near(S),
    /// Apart, because only a server that shows distance has one.
    Far(Box<Far<S>>),
}

#[derive(Debug)]
struct Far<S> {
    distance: Distance,
    arrivals: Arrivals,
    departures: Arc<Mutex<Departures<S>>>,
}

impl<S> Link<S> {
    /// Puts a distance before a stream that was just accepted; none leaves the stream as it is.
    ///
    /// # Panics
    /// With a distance, outside of a runtime with timers. The link is to be used in the same one.
    pub fn over(stream: S, distance: Option<Distance>) -> Link<S> {
        let Some(distance) = distance else { return Link(Inner::Near(stream)) };
        let accepted = Instant::now() + distance.rtt() + distance.transit();
        let arrivals = Arrivals::from(accepted);
        let departures = Departures::new(stream, distance.clone(), accepted + distance.transit());
        Link(Inner::Far(Box::new(Far { distance, arrivals, departures: Arc::new(Mutex::new(departures)) })))
    }

    /// Looks at the stream below.
    pub fn look<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        match &self.0 {
            Inner::Near(stream) => look(stream),
            Inner::Far(far) => look(lock(&far.departures).stream()),
        }
    }
}

impl<S: AsyncWrite + Unpin + Send + 'static> Far<S> {
    /// Does something with the departures, and sees to it that what is in transit then has a driver.
    fn depart<T>(&self, act: impl FnOnce(&mut Departures<S>) -> T) -> T {
        let mut departures = lock(&self.departures);
        let done = act(&mut departures);
        departures.ensure_driver(&self.departures);
        done
    }
}

impl<S> Drop for Far<S> {
    fn drop(&mut self) {
        lock(&self.departures).abort_driver();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Link<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Near(stream) => Pin::new(stream).poll_read(cx, buf),
            Inner::Far(far) => {
                let Far { distance, arrivals, departures } = &mut **far;
                arrivals.poll_read(lock(departures).stream_mut(), distance, cx, buf)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin + Send + 'static> AsyncWrite for Link<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Inner::Near(stream) => Pin::new(stream).poll_write(cx, buf),
            Inner::Far(far) => far.depart(|departures| match departures.straight() {
                Some(stream) => stream.poll_write(cx, buf),
                None => departures.poll_write(cx, &[IoSlice::new(buf)]),
            }),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Inner::Near(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Inner::Far(far) => far.depart(|departures| match departures.straight() {
                Some(stream) => stream.poll_write_vectored(cx, bufs),
                None => departures.poll_write(cx, bufs),
            }),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.look(S::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Near(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Far(far) => lock(&far.departures).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Near(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Far(far) => far.depart(|departures| match departures.straight() {
                Some(stream) => stream.poll_shutdown(cx),
                None => departures.poll_shutdown(cx),
            }),
        }
    }
}
