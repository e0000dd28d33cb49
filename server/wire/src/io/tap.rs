//! Looks at the bytes as the transport sees them, without changing or delaying them: the place of the byte ledger. For
//! now it finds where the first message head ends in each direction, which is what opens a pushed connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The first message head of a connection in each direction (bytes, its blank line included); 0 until it is complete.
#[derive(Debug, Default)]
pub struct Openings {
    written: AtomicU64,
    read: AtomicU64,
}

impl Openings {
    /// The first head that this end wrote.
    pub fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// The first head that this end read.
    pub fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }
}

/// A stream that is looked at.
#[derive(Debug)]
pub struct Tap<S> {
    inner: S,
    openings: Arc<Openings>,
    written: HeadEnd,
    read: HeadEnd,
}

impl<S> Tap<S> {
    /// Looks at what passes through `inner`.
    pub fn new(inner: S, openings: Arc<Openings>) -> Self {
        Tap { inner, openings, written: HeadEnd::default(), read: HeadEnd::default() }
    }

    /// The stream below.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    fn wrote(&mut self, bytes: &[u8]) {
        if let Some(length) = self.written.push(bytes) {
            self.openings.written.store(length, Relaxed);
        }
    }
}

/// Finds the blank line that ends an HTTP/1.1 head (RFC 9112 section 2.1), however the bytes are split.
#[derive(Debug, Default)]
struct HeadEnd {
    length: u64,
    matched: usize,
}

impl HeadEnd {
    const END: &'static [u8; 4] = b"\r\n\r\n";

    /// The head's length, once: when its last byte is among `bytes`.
    fn push(&mut self, bytes: &[u8]) -> Option<u64> {
        if self.matched == Self::END.len() {
            return None;
        }
        for &byte in bytes {
            self.length += 1;
            self.matched = match byte == Self::END[self.matched] {
                true => self.matched + 1,
                // The only proper prefix of the end that can begin anew within it is its first byte.
                false => usize::from(byte == Self::END[0]),
            };
            if self.matched == Self::END.len() {
                return Some(self.length);
            }
        }
        None
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if let Some(length) = self.read.push(&buf.filled()[before..]) {
            self.openings.read.store(length, Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.wrote(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs))?;
        let mut left = n;
        for buf in bufs {
            let taken = left.min(buf.len());
            self.wrote(&buf[..taken]);
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
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pieces: &[&[u8]]) -> Vec<u64> {
        let mut end = HeadEnd::default();
        pieces.iter().filter_map(|piece| end.push(piece)).collect()
    }

    #[test]
    fn the_first_head_ends_at_the_first_blank_line_wherever_the_bytes_are_split() {
        let stream = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n";
        let first = 27;
        for split in 0..=stream.len() {
            assert_eq!(lengths(&[&stream[..split], &stream[split..]]), [first], "split at {split}");
        }
    }

    #[test]
    fn a_carriage_return_too_many_does_not_hide_the_end() {
        assert_eq!(lengths(&[b"a\r\r\n\r\n"]), [6]);
        assert!(lengths(&[b"a\r\nb\n\r\n\n"]).is_empty());
    }
}
