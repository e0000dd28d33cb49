//! Counts every byte where it meets the socket.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Meter;

/// The counts of one connection. One task moves the bytes; others may look.
#[derive(Debug, Default)]
pub struct Counts {
    written: AtomicU64,
    read: AtomicU64,
    reads: AtomicU64,
    /// [`Tap`](super::Tap) notes it.
    pub(super) last_read_us: AtomicU64,
}

impl Counts {
    /// Bytes written to the socket.
    pub fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Bytes read from the socket.
    pub fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }

    /// Reads that brought at least one byte.
    pub fn reads(&self) -> u64 {
        self.reads.load(Relaxed)
    }

    /// The instant right after the transport's last read that brought at least one byte (us); 0 before the first. With a
    /// distance that is when the bytes had come over it.
    pub fn last_read_us(&self) -> u64 {
        self.last_read_us.load(Relaxed)
    }
}

/// Only one task writes a count: it needs no read-modify-write.
fn add(count: &AtomicU64, more: u64) {
    count.store(count.load(Relaxed) + more, Relaxed);
}

/// A stream whose bytes are counted.
#[derive(Debug)]
pub struct Counted<S> {
    inner: S,
    meter: Meter,
}

impl<S> Counted<S> {
    /// Counts what passes through `inner` for `meter`.
    pub fn new(inner: S, meter: Meter) -> Self {
        Counted { inner, meter }
    }

    /// The stream below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    fn wrote(&self, result: io::Result<usize>) -> io::Result<usize> {
        if let Ok(n) = result {
            add(&self.meter.counts().written, n as u64);
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let n = buf.filled().len() - before;
        if n > 0 {
            let counts = self.meter.counts();
            add(&counts.read, n as u64);
            add(&counts.reads, 1);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write(cx, buf));
        Poll::Ready(self.wrote(result))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs));
        Poll::Ready(self.wrote(result))
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
    use super::super::End;
    use super::*;
    use crate::clock::Clock;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn every_byte_is_counted() {
        let clock = Clock::Runtime { origin: tokio::time::Instant::now() };
        let (near, mut far) = tokio::io::duplex(64);
        let meter = Meter::new(clock, End::Client);
        let mut counted = Counted::new(near, meter.clone());

        counted.write_all(b"hello").await.unwrap();
        let n = counted.write_vectored(&[IoSlice::new(b"wor"), IoSlice::new(b"ld")]).await.unwrap();
        far.write_all(b"abc").await.unwrap();
        counted.read_exact(&mut [0; 3]).await.unwrap();
        drop(far);
        assert_eq!(counted.read(&mut [0; 3]).await.unwrap(), 0);

        let counts = meter.counts();
        assert_eq!((counts.read(), counts.reads()), (3, 1));
        assert_eq!(counts.written(), 5 + n as u64);
    }
}
