//! Shows the ledger every byte as the transport sees it, without changing or delaying it, and notes when the transport
//! read last.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};

use feedbench_record::ledger::Way;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Meter;
use super::transcript::{Moment, Scribe};

/// Which end of a connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It writes up and reads down.
    Client,
    /// It writes down and reads up.
    Server,
}

impl End {
    /// The direction of what this end writes.
    pub const fn writes(self) -> Way {
        match self {
            End::Client => Way::Up,
            End::Server => Way::Down,
        }
    }

    /// The direction of what this end reads.
    pub const fn reads(self) -> Way {
        match self {
            End::Client => Way::Down,
            End::Server => Way::Up,
        }
    }
}

/// A stream that is looked at.
#[derive(Debug)]
pub struct Tap<S> {
    inner: S,
    meter: Meter,
    /// Apart, because few connections have one.
    scribe: Option<Box<Scribe>>,
}

impl<S> Tap<S> {
    /// Shows what passes through `inner` to the meter's ledger; a scribe is told of it, too.
    pub fn new(inner: S, meter: Meter, scribe: Option<Scribe>) -> Self {
        Tap { inner, meter, scribe: scribe.map(Box::new) }
    }

    /// The stream below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The stream below, which is read from and written to above only.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The instant now, if somebody is told of it.
    fn now_us(&self) -> Option<u64> {
        self.scribe.as_ref().map(|scribe| scribe.now_us())
    }

    fn note(&mut self, at_us: Option<u64>, moment: Moment<&[u8]>) {
        if let (Some(scribe), Some(at_us)) = (&mut self.scribe, at_us) {
            scribe.note(at_us, moment);
        }
    }

    fn took(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            // First: to look at the bytes takes time.
            self.meter.counts().last_read_us.store(self.meter.now_us(), Relaxed);
            self.meter.tally().push(self.meter.end().reads(), bytes);
            let at_us = self.now_us();
            self.note(at_us, Moment::Read(bytes));
        }
    }

    fn wrote(&mut self, bytes: &[u8], at_us: Option<u64>) {
        if !bytes.is_empty() {
            self.meter.tally().push(self.meter.end().writes(), bytes);
            self.note(at_us, Moment::Wrote(bytes));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if buf.filled().len() == before && buf.remaining() > 0 {
            let at_us = self.now_us();
            self.note(at_us, Moment::PeerEnded);
        }
        self.took(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let at_us = self.now_us();
        let n = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.wrote(&buf[..n], at_us);
        Poll::Ready(Ok(n))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let at_us = self.now_us();
        let n = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs))?;
        let mut left = n;
        for buf in bufs {
            let taken = left.min(buf.len());
            self.wrote(&buf[..taken], at_us);
            left -= taken;
        }
        Poll::Ready(Ok(n))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let at_us = self.now_us();
        ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        self.note(at_us, Moment::ShutDown);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::transcript::{Keeper, Transcript};
    use super::super::{Counted, Distance, Link};
    use super::*;
    use crate::clock::Clock;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const REQUEST: &[u8] = b"GET /polling HTTP/1.1\r\nHost: a\r\n\r\n";
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";

    /// One poll over a pipe of a few bytes. The client's end is told to a keeper.
    async fn poll(keeper: &Keeper) -> [Meter; 2] {
        let (near, far) = tokio::io::duplex(8);
        let clock = Clock::Runtime { origin: tokio::time::Instant::now() };
        let transcript = Transcript::told_to(clock, Arc::new(keeper.clone()));
        let meters = [Meter::new(clock, End::Client), Meter::new(clock, End::Server)];
        let mut client = Tap::new(near, meters[0].clone(), Some(transcript.connection()));
        let mut server = Tap::new(far, meters[1].clone(), None);
        let (mut heard, mut told) = (vec![0; REQUEST.len()], vec![0; ANSWER.len()]);
        let serve = async {
            server.read_exact(&mut heard).await.unwrap();
            let n = server.write_vectored(&[IoSlice::new(&ANSWER[..5]), IoSlice::new(&ANSWER[5..7])]).await.unwrap();
            server.write_all(&ANSWER[n..]).await.unwrap();
            server.shutdown().await.unwrap();
        };
        let ask = async {
            client.write_all(REQUEST).await.unwrap();
            client.read_exact(&mut told).await.unwrap();
            assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
        };
        tokio::join!(serve, ask);
        assert_eq!((&heard[..], &told[..]), (REQUEST, ANSWER));
        meters
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_read_has_the_instant_at_which_the_bytes_had_come_over_the_distance() {
        let clock = Clock::Runtime { origin: tokio::time::Instant::now() };
        for (rtt_ms, read_us) in [(0, 7_000), (100, 7_000 + 57_000)] {
            let (near, mut far) = tokio::io::duplex(64);
            let meter = Meter::new(clock, End::Client);
            let distance = Distance::new(Duration::from_millis(rtt_ms));
            let link = Link::connected(Counted::new(near, meter.clone()), Some(distance));
            let mut tap = Tap::new(link, meter.clone(), None);
            tokio::time::sleep(Duration::from_millis(7)).await;
            far.write_all(ANSWER).await.unwrap();
            tap.read_exact(&mut [0; ANSWER.len()]).await.unwrap();
            drop(far);
            assert_eq!(tap.read(&mut [0; 3]).await.unwrap(), 0);
            assert_eq!(meter.counts().last_read_us(), read_us, "RTT {rtt_ms} ms");
        }
    }

    #[tokio::test]
    async fn both_ends_find_the_same_ledger_and_change_nothing() {
        let [near, far] = poll(&Keeper::default()).await.map(|meter| meter.ledger());
        assert_eq!(near, far);
        assert_eq!((near.up.request_headers, near.down.total()), (REQUEST.len() as u64, ANSWER.len() as u64));
        assert_eq!((near.empty_polls.count, near.down.event_framing, near.down.unclassified), (1, 2, 0));
    }

    #[tokio::test]
    async fn a_listener_hears_all_bytes_in_order_and_then_that_the_connection_is_over() {
        let keeper = Keeper::default();
        poll(&keeper).await;
        let moments: Vec<_> = keeper.written().connections[0].iter().map(|timed| timed.what.clone()).collect();
        let (bytes, ends) = moments.split_at(moments.len() - 2);
        assert_eq!(ends, [Moment::PeerEnded, Moment::Closed]);
        let written = bytes.iter().take_while(|moment| matches!(moment, Moment::Wrote(_))).count();
        let (mut up, mut down) = (Vec::new(), Vec::new());
        for (n, moment) in bytes.iter().enumerate() {
            match moment {
                Moment::Wrote(bytes) if n < written => up.extend_from_slice(bytes),
                Moment::Read(bytes) => down.extend_from_slice(bytes),
                other => panic!("{other:?} at {n}"),
            }
        }
        assert_eq!((&up[..], &down[..]), (REQUEST, ANSWER));
    }
}
