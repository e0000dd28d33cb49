//! What a client speaks over: a connection of its own, or its share of one. Transports read and write it; which of the two
//! it is concerns only who asks.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::h2::Share;
use crate::wake::ClientStack;

/// A client's line to the server.
#[derive(Debug)]
pub(crate) enum Line {
    /// A connection on which nothing was said yet: HTTP/1.1, or after its handshake WebSocket.
    Http1(ClientStack),
    /// A share of an HTTP/2 connection: the content of the answers to its requests, or its tunnel.
    Http2(Share),
}

/// Does the same to whichever it is.
macro_rules! on_either {
    ($line:expr, $stream:ident => $act:expr) => {
        match $line {
            Line::Http1($stream) => $act,
            Line::Http2($stream) => $act,
        }
    };
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        on_either!(&mut *self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        on_either!(&mut *self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on_either!(&mut *self, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        on_either!(self, stream => stream.is_write_vectored())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_either!(&mut *self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_either!(&mut *self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
