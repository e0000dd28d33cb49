//! When did the runtime learn that a socket has something to read? From that instant to the read the wait is the load
//! generator's own, and not the server's.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

use feedbench_wire::io::{Meter, Stack};
use futures_util::task::{ArcWake, AtomicWaker, waker_ref};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The whole I/O stack of a client.
pub(crate) type ClientStack = Stack<Woken<TcpStream>>;

/// Wakes the reader of one socket, and notes when.
#[derive(Debug)]
pub(crate) struct Bell {
    /// Beside it, because whoever wants to know one wants to know the other.
    meter: Meter,
    reader: AtomicWaker,
    /// The first wake-up since the reader began to wait; 0 while it waits.
    rung_us: AtomicU64,
}

impl Bell {
    /// The meter of the connection.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// When the reader was last woken up (us); 0 if it never was, or waits.
    pub(crate) fn rung_us(&self) -> u64 {
        self.rung_us.load(Relaxed)
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
        let bell = Arc::new(Bell { meter, reader: AtomicWaker::new(), rung_us: AtomicU64::new(0) });
        (Woken { inner, bell: Arc::clone(&bell) }, bell)
    }

    pub(crate) fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Woken<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.bell.reader.register(cx.waker());
        let rung_us = this.bell.rung_us.swap(0, Relaxed);
        let result = Pin::new(&mut this.inner).poll_read(&mut Context::from_waker(&waker_ref(&this.bell)), buf);
        if result.is_ready() {
            this.bell.rung_us.store(rung_us, Relaxed);
        }
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
    use feedbench_wire::Clock;
    use feedbench_wire::io::End;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::{Duration, Instant, advance};

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
}
