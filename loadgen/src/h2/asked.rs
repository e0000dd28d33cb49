//! What became of a client's last request to hyper.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};

use super::{ErrorCode, Head};
use crate::fault::Fault;

/// What became of a client's last request.
#[derive(Default)]
pub(super) enum Asked {
    #[default]
    Nothing,
    Request(Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>>>>),
    Content(Incoming, Bytes),
    Opening(OnUpgrade, Head),
    Tunnel(TokioIo<Upgraded>),
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl Asked {
    /// The head of the answer. A tunnel is open then.
    ///
    /// # Errors
    /// When the stream or the connection ends before it.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, Fault>> {
        if let Asked::Request(answer) = self {
            let mut response = ready!(answer.as_mut().poll(cx)).map_err(|error| fault_of(&error))?;
            let mut head = Head::of_status(response.status().as_u16());
            response.headers().iter().for_each(|(name, value)| head.take(name.as_str().as_bytes(), value.as_bytes()));
            if response.extensions().get::<OnUpgrade>().is_none() {
                *self = Asked::Content(response.into_body(), Bytes::new());
                return Poll::Ready(Ok(head));
            }
            *self = Asked::Opening(hyper::upgrade::on(&mut response), head);
        }
        let Asked::Opening(upgrade, head) = self else { return Poll::Ready(Err(Fault::Closed)) };
        let upgraded = ready!(Pin::new(upgrade).poll(cx)).map_err(|error| fault_of(&error))?;
        let head = std::mem::take(head);
        *self = Asked::Tunnel(TokioIo::new(upgraded));
        Poll::Ready(Ok(head))
    }

    /// Puts content of the answer or the tunnel into `buf`: nothing at its end.
    ///
    /// # Errors
    /// When the stream or the connection ends by an error.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<(), Fault>> {
        match self {
            Asked::Content(body, rest) => {
                while rest.is_empty() {
                    match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                        // A trailer section is no content.
                        Some(Ok(frame)) => *rest = frame.into_data().unwrap_or_default(),
                        Some(Err(error)) => return Poll::Ready(Err(fault_of(&error))),
                        None => return Poll::Ready(Ok(())),
                    }
                }
                let n = rest.len().min(buf.remaining());
                buf.put_slice(&rest[..n]);
                rest.advance(n);
                Poll::Ready(Ok(()))
            }
            Asked::Tunnel(tunnel) => Pin::new(tunnel).poll_read(cx, buf).map_err(|error| fault_of_io(&error)),
            Asked::Nothing | Asked::Request(_) | Asked::Opening(..) => Poll::Ready(Err(Fault::Closed)),
        }
    }

    /// The tunnel, if one is open.
    ///
    /// # Errors
    /// When none is.
    pub(super) fn tunnel(&mut self) -> io::Result<Pin<&mut TokioIo<Upgraded>>> {
        match self {
            Asked::Tunnel(tunnel) => Ok(Pin::new(tunnel)),
            _ => Err(Fault::Closed.into()),
        }
    }
}

/// What ended a request or a connection, as far as hyper says.
pub(super) fn fault_of(error: &hyper::Error) -> Fault {
    let source = std::error::Error::source(error);
    if let Some(error) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
        return fault_of_kind(error);
    }
    match source.and_then(|source| source.downcast_ref::<h2::Error>()) {
        Some(error) => fault_of_h2(error),
        None if error.is_canceled() || error.is_closed() || error.is_incomplete_message() => Fault::Closed,
        None => Fault::Reset,
    }
}

/// The same of a tunnel's bytes.
fn fault_of_io(error: &io::Error) -> Fault {
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<h2::Error>()) {
        return fault_of_h2(error);
    }
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<hyper::Error>()) {
        return fault_of(error);
    }
    fault_of_kind(error)
}

fn fault_of_h2(error: &h2::Error) -> Fault {
    if let Some(error) = error.get_io() {
        return fault_of_kind(error);
    }
    match error.reason().map(|reason| ErrorCode::of(reason.into())) {
        None | Some(ErrorCode::NoError) => Fault::Closed,
        // Ours as well: what the h2 crate ends a connection for is to be known.
        Some(code) if error.is_go_away() => Fault::Goaway(code),
        Some(_) if error.is_library() => Fault::Protocol,
        Some(code) => Fault::StreamReset(code),
    }
}

fn fault_of_kind(error: &io::Error) -> Fault {
    match error.kind() {
        // How h2 says that the connection has ended before the stream.
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotConnected => Fault::Closed,
        _ => Fault::Reset,
    }
}
