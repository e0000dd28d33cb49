//! The way up: from the socket to whoever reads.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

use super::distance::{Distance, Timer};
use super::transit::Transit;

/// What is read from the socket at a time (bytes).
const READ_BYTES: usize = 4 << 10;

/// What the peer sent and is not handed up yet.
#[derive(Debug)]
pub(super) struct Arrivals {
    transit: Transit,
    /// What the end is, unless it is the end of the stream.
    failed: Option<io::Error>,
    timer: Timer,
}

impl Arrivals {
    /// Nothing is handed up before this instant.
    pub(super) fn from(not_before: Instant, distance: &Distance) -> Arrivals {
        Arrivals { transit: Transit::new(not_before), failed: None, timer: distance.timer(not_before) }
    }

    /// Reads from the socket whatever is there, and hands up what is due. Pending means that a wake-up is on order:
    /// from the timer when anything is in transit, from the socket as long as there is room.
    pub(super) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        socket: &mut S,
        distance: &Distance,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut now = Instant::now();
        if distance.rtt().is_zero() && self.transit.is_clear(now) {
            return Pin::new(socket).poll_read(cx, buf);
        }
        self.take_in(socket, distance, cx);
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            let due = self.transit.due(now);
            if !due.is_empty() {
                let n = due.len().min(buf.remaining());
                buf.put_slice(&due[..n]);
                self.transit.arrived(n, |due| distance.moved(due));
                return Poll::Ready(Ok(()));
            }
            if self.transit.end_is_due(now) {
                return Poll::Ready(self.failed.take().map_or(Ok(()), Err));
            }
            let Some(next_due) = self.transit.next_due() else { return Poll::Pending };
            self.timer.set(next_due);
            ready!(Pin::new(&mut self.timer).poll(cx));
            now = Instant::now().max(next_due);
        }
    }

    /// Reads until the socket has no more, or there is no room.
    fn take_in<S: AsyncRead + Unpin>(&mut self, socket: &mut S, distance: &Distance, cx: &mut Context<'_>) {
        let mut scratch = [0; READ_BYTES];
        while !self.transit.has_ended() && self.transit.room() > 0 {
            let room = self.transit.room().min(READ_BYTES);
            let mut into = ReadBuf::new(&mut scratch[..room]);
            let Poll::Ready(read) = Pin::new(&mut *socket).poll_read(cx, &mut into) else { return };
            // Not before: what was read may have come to the socket just now.
            let due = distance.due(Instant::now());
            if read.is_ok() && !into.filled().is_empty() {
                self.transit.push(into.filled(), due);
            } else {
                self.failed = read.err();
                self.transit.push_end(due);
            }
        }
    }
}
