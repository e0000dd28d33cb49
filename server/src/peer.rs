//! How the other end of a connection ended it: the account of its bytes depends on it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How the peer ended the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerEnd {
    /// Not yet.
    Open,
    /// By its FIN.
    Fin,
    /// By a reset after this end had shut down its write side: as agreed, since a client closes without lingering.
    ResetAfterShutdown,
    /// By a reset, or for another error, while this end still had something to say.
    Broken,
}

/// A socket that notes how its peer ends. Libraries above it swallow the difference.
#[derive(Debug)]
pub struct Watched<S> {
    socket: S,
    is_connected: fn(&S) -> bool,
    shut_down: bool,
    end: PeerEnd,
}

impl<S> Watched<S> {
    /// Watches a socket. `is_connected` tells of a reset that has arrived but that no read or write has met yet.
    pub fn new(socket: S, is_connected: fn(&S) -> bool) -> Watched<S> {
        Watched { socket, is_connected, shut_down: false, end: PeerEnd::Open }
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        &self.socket
    }

    /// How the peer has ended so far.
    pub fn end(&self) -> PeerEnd {
        self.end
    }

    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() && self.end != PeerEnd::Broken {
            self.end = if self.shut_down { PeerEnd::ResetAfterShutdown } else { PeerEnd::Broken };
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.socket).poll_read(cx, buf));
        // A socket that was reset gives its error once, and then an end that is no FIN.
        let at_end = result.is_ok() && buf.filled().len() == before && buf.remaining() > 0;
        if at_end && self.end == PeerEnd::Open {
            self.end = PeerEnd::Fin;
        }
        Poll::Ready(self.note(result))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.socket).poll_write(cx, buf));
        Poll::Ready(self.note(result))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, bufs));
        Poll::Ready(self.note(result))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket that was reset can be shut down without an error, too.
        if self.end == PeerEnd::Open && !self.shut_down && !(self.is_connected)(&self.socket) {
            self.end = PeerEnd::Broken;
        }
        let result = ready!(Pin::new(&mut self.socket).poll_shutdown(cx));
        let result = self.note(result);
        self.shut_down |= result.is_ok();
        Poll::Ready(result)
    }
}
