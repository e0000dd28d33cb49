//! A network between the two ends of a connection, in user space: each way a line of some rate, and behind it a transit
//! of half a round-trip time, with jitter.
//!
//! ```text
//!                    ┌ arrivals:   read from the socket, handed up a line and a transit later ─►┐
//! socket (Counted) ──┤                                                                          ├── Tap
//!                    └◄─ departures: passed on to the socket a line and a transit after written ┘
//! ```
//!
//! The link stands at one end, and there alone it makes the whole distance: at the accepting end of a server that shows
//! distance, at the connecting end of a load generator that measures with it. What it carries is pipelined: each piece
//! has an instant at which it is *due*, so the distance limits no throughput, as long as no more than
//! [`IN_TRANSIT_MAX_BYTES`] are in transit each way. Then a writer has to wait, and the socket is not read. Order is
//! kept when the RTT changes: nothing is due before what is ahead of it.
//!
//! **A piece** is what starts its way at one instant: one write, or all that one look at the socket finds. Its transit is
//! RTT/2 ± jitter, drawn uniformly, and never shorter than what is left of the one ahead; so where pieces follow each
//! other faster than the jitter spreads them, the longer draws prevail. The draws follow from the seed, the client, the
//! connection, the direction and the number of the piece ([`Distance::of_connection`]), and from nothing else.
//!
//! **The line** ([`Path::bandwidth_bits_per_s`]) carries one piece after the other, each way on its own: bytes leave it
//! `bytes / rate` after the later of their start and the end of what is ahead, and then have their transit. A long piece is
//! cut into parts of 1,460 bytes, so that its first is not late by the whole. What is counted is what TCP carries, TLS
//! included, and no headers of TCP and IP; a SYN or a FIN has nothing of it, and waits only for what is ahead. A line that
//! gets more than it carries fills up to [`IN_TRANSIT_MAX_BYTES`], and then holds its writer back like any socket.
//!
//! **The handshake.** At the connecting end it takes the RTT that it takes: the SYN has half of it to cross before
//! `connect()` and its answer the other half after it. At the accepting end, the peer's kernel completes `connect()` at
//! once, so that its first request is on the socket when the connection is accepted, at `t`. Over the distance the SYN
//! and its answer cost an RTT first: the request would leave at `t` + RTT and arrive half an RTT later. So nothing is
//! handed up before `t` + 3/2 RTT, and as this is when the connection would be accepted, nothing of this end is passed
//! on before `t` + 2 RTT. Jitter there adds nothing to a handshake.
//!
//! **Ends and errors** travel like bytes. The end of what the peer sent comes after its last byte, and half an RTT
//! after it was read. `poll_shutdown` is ready once everything, and the FIN behind it, was passed on. A write that
//! fails at the socket is heard of a transit later, as the peer's reset would be. `poll_flush` waits for nothing: it
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
//! **No distance.** [`Link::over`] without a [`Distance`] is the stream itself. With one of no RTT, jitter or line and
//! nothing in transit, every call goes straight through, and costs the lock.
//!
//! **Resolution.** Nothing moves before it is due. Where distance is shown, the timers are the runtime's, of 1 ms. Where
//! it is measured with ([`Distance::exact`]) they are exact, and what is late all the same is counted.

mod alarms;
mod arrivals;
mod departures;
mod distance;
mod one_way;
mod path;
#[cfg(test)]
mod tests;
mod transit;

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use feedbench_record::ledger::Way;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use arrivals::Arrivals;
use departures::{Departures, lock};
use one_way::OneWay;

pub use distance::Distance;
pub use path::Path;
pub use transit::IN_TRANSIT_MAX_BYTES;

/// A stream at a distance, or just a stream.
#[derive(Debug)]
pub struct Link<S>(Inner<S>);

#[derive(Debug)]
enum Inner<S> {
    Near(S),
    /// Apart, because only who is at a distance has one.
    Far(Box<Far<S>>),
}

#[derive(Debug)]
struct Far<S> {
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
        let (handshake, transit) = (Instant::now() + distance.rtt(), distance.rtt() / 2);
        let ways = [(Way::Up, handshake + transit), (Way::Down, handshake + 2 * transit)];
        Link::far(stream, &distance, ways)
    }

    /// Puts a distance behind a stream that was just connected, by somebody who let the handshake take its time
    /// ([`Distance::cross`] before and after); none leaves the stream as it is.
    ///
    /// # Panics
    /// With a distance, outside of a runtime with timers. The link is to be used in the same one.
    pub fn connected(stream: S, distance: Option<Distance>) -> Link<S> {
        let Some(distance) = distance else { return Link(Inner::Near(stream)) };
        let now = Instant::now();
        Link::far(stream, &distance, [(Way::Down, now), (Way::Up, now)])
    }

    /// A link with the ways of what arrives and what departs, and the instant before which nothing is due there.
    fn far(stream: S, distance: &Distance, [arrivals, departures]: [(Way, Instant); 2]) -> Link<S> {
        let one_way = |way| OneWay::new(distance.clone(), way);
        let arrivals = Arrivals::from(arrivals.1, one_way(arrivals.0));
        let departures = Departures::new(stream, one_way(departures.0), departures.1);
        Link(Inner::Far(Box::new(Far { arrivals, departures: Arc::new(Mutex::new(departures)) })))
    }

    /// Looks at the stream below.
    pub fn look<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        match &self.0 {
            Inner::Near(stream) => look(stream),
            Inner::Far(far) => look(lock(&far.departures).stream()),
        }
    }
}

impl<S: AsyncWrite + Unpin + Send + 'static> Link<S> {
    /// Waits until all that was written was passed on to the stream, or cannot be any more. Who closes a connection
    /// without a shutdown would lose it otherwise.
    pub async fn departed(&self) {
        if let Inner::Far(far) = &self.0 {
            poll_fn(|cx| lock(&far.departures).poll_departed(cx)).await;
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
                let Far { arrivals, departures } = &mut **far;
                arrivals.poll_read(lock(departures).stream_mut(), cx, buf)
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
