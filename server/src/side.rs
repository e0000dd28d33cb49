//! What the fan-outs write to: a whole connection that has left HTTP/1.1, or a stream of a connection that goes on with
//! HTTP/2.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::Connection;
use crate::h2::Writer;

/// The server's side of a connection or stream that is pushed to.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "most are connections")]
pub enum Side {
    /// The connection itself.
    Connection(Connection),
    /// The body of an answer of HTTP/2. Its client says nothing, but may leave.
    Body(Writer),
    /// The stream of an extended CONNECT (RFC 8441), in both directions.
    Tunnel(TokioIo<Upgraded>),
}

/// Does the same to whichever it is.
macro_rules! on_each {
    ($side:expr, $stream:ident => $act:expr) => {
        match $side {
            Side::Connection(connection) => {
                let $stream = &mut connection.stack;
                $act
            }
            Side::Body($stream) => $act,
            Side::Tunnel($stream) => $act,
        }
    };
}

impl AsyncRead for Side {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        on_each!(&mut *self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Side {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        on_each!(&mut *self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_each!(&mut *self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_each!(&mut *self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
