//! The way up: from the socket to whoever reads.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

use super::distance::Timer;
use super::one_way::OneWay;
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
    pub(super) fn from(not_before: Instant, one_way: OneWay) -> Arrivals {
        let timer = one_way.timer(not_before);
        Arrivals { transit: Transit::new(one_way, not_before), failed: None, timer }
    }

    /// Reads from the socket whatever is there, and hands up what is due. Pending means that a wake-up is on order:
    /// from the timer when anything is in transit, from the socket as long as there is room.
    pub(super) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        socket: &mut S,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut now = Instant::now();
        if self.transit.is_open(now) {
            return Pin::new(socket).poll_read(cx, buf);
        }
        self.take_in(socket, cx);
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            let due = self.transit.due(now);
            if !due.is_empty() {
                let n = due.len().min(buf.remaining());
                buf.put_slice(&due[..n]);
                self.transit.arrived(n);
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

    /// Reads until the socket has no more, or there is no room. All that it finds is one piece.
    fn take_in<S: AsyncRead + Unpin>(&mut self, socket: &mut S, cx: &mut Context<'_>) {
        let (mut scratch, mut transit) = ([0; READ_BYTES], None);
        while self.transit.room() > 0 {
            let room = self.transit.room().min(READ_BYTES);
            let mut into = ReadBuf::new(&mut scratch[..room]);
            let Poll::Ready(read) = Pin::new(&mut *socket).poll_read(cx, &mut into) else { return };
            // Not before: what was read may have come to the socket just now.
            let start = Instant::now();
            if read.is_ok() && !into.filled().is_empty() {
                let transit = *transit.get_or_insert_with(|| self.transit.next_transit());
                self.transit.push([into.filled()], start, transit);
            } else {
                self.failed = read.err();
                self.transit.push_end(start);
            }
        }
    }
}
