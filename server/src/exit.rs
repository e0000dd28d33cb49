//! Where a connection leaves HTTP, or one stream of HTTP/2 does: the library has read a request and, for a stream, written
//! the head of its answer; the fan-out takes it from there.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use hyper::body::{Body, Frame};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::fan_out::Pushed;
use crate::h2::{Reader, StreamExit};

/// All that HTTP has to say is in the library's buffer.
const OPEN: u8 = 1;
/// And it is written.
const FREE: u8 = 2;
/// The answer that is being written ends HTTP by itself.
const UPGRADES: u8 = 3;

/// The way out of HTTP.
#[derive(Clone, Debug)]
pub enum Exit {
    /// For the whole connection (HTTP/1.1).
    Connection(Arc<ConnectionExit>),
    /// For the stream of the request (HTTP/2).
    Stream(Arc<StreamExit>),
}

impl Exit {
    /// Leaves what the connection or stream is to be taken for. The last one counts.
    pub fn take(&self, pushed: Pushed) {
        match self {
            Exit::Connection(exit) => exit.take(pushed),
            Exit::Stream(exit) => exit.take(pushed),
        }
    }

    /// The answer opens a conversation in both directions: it is left as soon as the answer is written.
    pub fn upgrade(&self) {
        match self {
            Exit::Connection(exit) => exit.upgrade(),
            Exit::Stream(exit) => exit.upgrade(),
        }
    }
}

/// The way out of HTTP of one connection. Its own task alone uses it.
#[derive(Debug, Default)]
pub struct ConnectionExit {
    pushed: Mutex<Option<Pushed>>,
    /// One of the three above; 0 while nobody is to leave.
    state: AtomicU8,
}

impl ConnectionExit {
    /// Leaves what the connection is to be taken for. The last one counts.
    pub fn take(&self, pushed: Pushed) {
        *self.pushed.lock().unwrap_or_else(PoisonError::into_inner) = Some(pushed);
    }

    /// HTTP has nothing more to say: the connection leaves as soon as all that was said is written. May be said again.
    pub fn open(&self) {
        let _ = self.state.compare_exchange(0, OPEN, Relaxed, Relaxed);
    }

    /// The answer is an upgrade: the connection leaves when HTTP is over.
    pub fn upgrade(&self) {
        self.state.store(UPGRADES, Relaxed);
    }

    /// Can the connection leave although the library would go on?
    pub fn is_free(&self) -> bool {
        self.state.load(Relaxed) == FREE
    }

    /// What the connection leaves for, once HTTP has stopped; `None` when it is just over. `ended_well` says that the
    /// library ended by itself, and without an error.
    pub fn pushed(&self, ended_well: bool) -> Option<Pushed> {
        let leaves = self.is_free() || (ended_well && self.state.load(Relaxed) == UPGRADES);
        let pushed = self.pushed.lock().unwrap_or_else(PoisonError::into_inner).take();
        pushed.filter(|_| leaves)
    }
}

/// The body of an answer that somebody else writes: asked for it, the library has written the head.
#[derive(Debug)]
pub enum Beyond {
    /// It is written to the connection itself.
    Connection(Arc<ConnectionExit>),
    /// It is to be written to the stream …
    Begins(Arc<StreamExit>),
    /// … and it is.
    Stream(Reader),
}

impl Beyond {
    /// A body beyond this exit.
    pub fn of(exit: &Exit) -> Beyond {
        match exit {
            Exit::Connection(exit) => Beyond::Connection(Arc::clone(exit)),
            Exit::Stream(exit) => Beyond::Begins(Arc::clone(exit)),
        }
    }
}

impl Body for Beyond {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        loop {
            match &mut *self {
                Beyond::Connection(exit) => {
                    exit.open();
                    return Poll::Pending;
                }
                Beyond::Begins(exit) => {
                    let Some(reader) = exit.begin() else { return Poll::Ready(None) };
                    *self = Beyond::Stream(reader);
                }
                Beyond::Stream(reader) => return Pin::new(reader).poll_frame(context),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        if let Beyond::Stream(reader) = self { reader.is_end_stream() } else { false }
    }
}

/// A connection on loan to the HTTP library. What was read before comes first, and a flush of everything is noticed.
#[derive(Debug)]
pub struct Lent<S> {
    stream: S,
    unread: Bytes,
    exit: Arc<ConnectionExit>,
}

impl<S> Lent<S> {
    /// Lends a connection.
    pub fn new(stream: S, unread: Bytes, exit: Arc<ConnectionExit>) -> Lent<S> {
        Lent { stream, unread, exit }
    }

    /// The connection, and what the library did not read of what had been read before.
    pub fn into_parts(self) -> (S, Bytes) {
        (self.stream, self.unread)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lent<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if read_ahead(&mut self.unread, buf) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

/// Reads what was read before, as long as there is something of it. False when there is nothing.
pub(crate) fn read_ahead(unread: &mut Bytes, buf: &mut ReadBuf<'_>) -> bool {
    let n = unread.len().min(buf.remaining());
    buf.put_slice(&unread[..n]);
    unread.advance(n);
    if unread.is_empty() {
        // What is left of nothing would keep its memory as long as the connection lives.
        *unread = Bytes::new();
    }
    n > 0
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Lent<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library flushes what is below only once its own buffer is empty.
        let _ = self.exit.state.compare_exchange(OPEN, FREE, Relaxed, Relaxed);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
