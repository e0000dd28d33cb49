//! What lies right below TLS: it knows where in the stream of each direction TLS is. Until the first content has come out
//! above, it hands up no more than one record a read, so that the place of the record that brought it is known.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Content type, version, length (bytes; RFC 8446 section 5.1).
const HEADER_BYTES: usize = 5;

/// A stream that TLS reads from and writes to.
#[derive(Debug)]
pub(super) struct Gate<S> {
    inner: S,
    /// Bytes written so far.
    written: u64,
    /// Where the next read is, until content has come.
    records: Option<Records>,
    /// When the handshake has taken too long.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// A place in a stream of records.
#[derive(Debug, Default)]
struct Records {
    /// Where the current record begins (bytes from the stream's begin).
    start: u64,
    header: [u8; HEADER_BYTES],
    /// How much of the record was read, its header included (bytes).
    have: usize,
}

impl Records {
    /// How many bytes may be read next: the rest of the header, or of the record.
    fn room(&mut self) -> usize {
        if self.have < HEADER_BYTES {
            return HEADER_BYTES - self.have;
        }
        if self.have == self.whole() {
            *self = Records { start: self.start + self.have as u64, ..Records::default() };
            return HEADER_BYTES;
        }
        self.whole() - self.have
    }

    /// The length of a record whose header is known.
    fn whole(&self) -> usize {
        HEADER_BYTES + usize::from(u16::from_be_bytes([self.header[3], self.header[4]]))
    }

    fn took(&mut self, bytes: &[u8]) {
        if let Some(rest) = self.header.get_mut(self.have..) {
            let n = rest.len().min(bytes.len());
            rest[..n].copy_from_slice(&bytes[..n]);
        }
        self.have += bytes.len();
    }
}

impl<S> Gate<S> {
    /// A gate before a stream that carries nothing but TLS. Until [`Gate::in_time`], it fails at `deadline`.
    pub(super) fn new(inner: S, deadline: Instant) -> Gate<S> {
        let deadline = Some(Box::pin(sleep_until(deadline)));
        Gate { inner, written: 0, records: Some(Records::default()), deadline }
    }

    /// The handshake was over in time.
    pub(super) fn in_time(&mut self) {
        self.deadline = None;
    }

    /// Bytes written so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Where the record begins that was read last; from now on reads go straight through. `None` when they do already.
    pub(super) fn open(&mut self) -> Option<u64> {
        self.records.take().map(|records| records.start)
    }

    pub(super) fn is_open(&self) -> bool {
        self.records.is_none()
    }

    /// The stream below.
    pub(super) fn get_ref(&self) -> &S {
        &self.inner
    }

    pub(super) fn into_inner(self) -> S {
        self.inner
    }

    fn check_time(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.deadline.as_mut().map(|deadline| deadline.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => Err(io::ErrorKind::TimedOut.into()),
            Some(Poll::Pending) | None => Ok(()),
        }
    }

    fn wrote(&mut self, n: usize) -> Poll<io::Result<usize>> {
        self.written += n as u64;
        Poll::Ready(Ok(n))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check_time(cx)?;
        let Gate { inner, records, .. } = &mut *self;
        let Some(records) = records else { return Pin::new(inner).poll_read(cx, buf) };
        let room = records.room().min(buf.remaining());
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(inner).poll_read(cx, &mut part))?;
        records.took(part.filled());
        let n = part.filled().len();
        buf.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check_time(cx)?;
        let n = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.wrote(n)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_time(cx)?;
        let n = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs))?;
        self.wrote(n)
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
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn record(length: usize) -> Vec<u8> {
        let mut record = vec![23, 3, 3];
        record.extend_from_slice(&(length as u16).to_be_bytes());
        record.extend((0..length).map(|n| n as u8));
        record
    }

    proptest! {
        #[test]
        fn no_read_crosses_a_record_and_each_knows_where_its_record_begins(
            lengths in proptest::collection::vec(0usize..600, 1..8),
            pipe in 1usize..700,
            room in 1usize..700,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let (near, mut far) = tokio::io::duplex(pipe);
                let records: Vec<_> = lengths.iter().map(|&length| record(length)).collect();
                let all = records.concat();
                let write = async { far.write_all(&all).await.unwrap() };
                let read = async {
                    let mut gate = Gate::new(near, Instant::now() + std::time::Duration::from_secs(60));
                    let (mut got, mut buffer, mut begins) = (Vec::new(), vec![0; room], vec![0]);
                    records.iter().for_each(|record| begins.push(begins.last().unwrap() + record.len()));
                    while got.len() < all.len() {
                        let before = got.len();
                        let n = gate.read(&mut buffer).await.unwrap();
                        got.extend_from_slice(&buffer[..n]);
                        let begin = *begins.iter().rev().find(|&&begin| begin <= before).unwrap();
                        assert_eq!(gate.records.as_ref().unwrap().start, begin as u64);
                        assert!(begins.iter().all(|&at| at <= before || at >= got.len()), "{before}..{}", got.len());
                    }
                    assert_eq!(got, all);
                };
                tokio::join!(write, read);
            });
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_fails_and_what_was_in_time_may_take_as_long_as_it_likes() {
        let deadline = Instant::now() + std::time::Duration::from_secs(5);
        let ((near, _far), (other, mut peer)) = (tokio::io::duplex(64), tokio::io::duplex(64));
        let late = Gate::new(near, deadline).read(&mut [0; 1]).await;
        assert_eq!(late.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut gate = Gate::new(other, deadline);
        gate.in_time();
        peer.write_all(b"x").await.unwrap();
        assert_eq!(gate.read(&mut [0; 1]).await.unwrap(), 1);
    }
}
