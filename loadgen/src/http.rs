//! A connection that answers one request at a time, by hyper: of HTTP/1.1 in its client's task, or a share of one of
//! HTTP/2. It gives the line back when it is over.
//!
//! hyper's client of HTTP/1.1 comes in two halves, a sender of requests and the connection that moves the bytes. Both are polled
//! here, in one task, so that a client costs one wake-up an answer.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt as _;

use crate::fault::{Ended, Fault};
use crate::h2::{Asks, Share};
use crate::line::Line;
use crate::session::Session;
use crate::wake::ClientStack;

/// What hyper may hold of an answer before it is taken (bytes).
const BUFFER_MAX_BYTES: usize = 16 * 1024;

/// What is read of a share at once (bytes).
const CHUNK_BYTES: usize = 4 * 1024;

/// A connection that answers one request at a time.
pub(crate) enum HttpConnection {
    /// Of its own.
    Http1(Box<Http1>),
    /// Or a share of one.
    Http2(Share),
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// As hyper reads it.
    Http1(Incoming),
    /// What is read from the share.
    Http2,
}

/// A connection of HTTP/1.1.
pub(crate) struct Http1 {
    sender: SendRequest<Empty<Bytes>>,
    connection: Connection<TokioIo<ClientStack>, Empty<Bytes>>,
    /// hyper is done with the connection: the server has ended it, or it broke.
    over: bool,
    /// The request that was sent asked for the connection's end: no other one may follow.
    last: bool,
    broken: Option<Fault>,
}

/// Speaks HTTP over a line for as long as `speak` does, and gives it back. HTTP/1.1 sends nothing before the first request.
pub(crate) async fn over(line: Line, speak: impl AsyncFnOnce(&mut HttpConnection) -> Result<(), Fault>) -> Ended {
    let stack = match line {
        Line::Http1(stack) => stack,
        Line::Http2(share) => {
            let mut http = HttpConnection::Http2(share);
            let fault = speak(&mut http).await.err();
            return Ended { line: http.into_line(), fault };
        }
    };
    let handshake = http1::Builder::new().max_buf_size(BUFFER_MAX_BYTES).handshake(TokioIo::new(stack)).await;
    let (sender, connection) = match handshake {
        Ok(halves) => halves,
        Err(error) => return Ended { line: None, fault: Some(fault_of(&error)) },
    };
    let mut http =
        HttpConnection::Http1(Box::new(Http1 { sender, connection, over: false, last: false, broken: None }));
    let fault = speak(&mut http).await.err();
    Ended { line: http.into_line(), fault }
}

impl HttpConnection {
    fn into_line(self) -> Option<Line> {
        Some(match self {
            HttpConnection::Http1(http) => Line::Http1(http.connection.into_parts().io.into_inner()),
            HttpConnection::Http2(share) => Line::Http2(share),
        })
    }

    /// Asks the session's question and waits for the head of a 200 answer.
    ///
    /// # Errors
    /// When the connection ends before it, or the answer has another status.
    pub(crate) async fn ask(&mut self, session: &Session) -> Result<Response<Body>, Fault> {
        match self {
            HttpConnection::Http1(http) => Ok(http.ask(session).await?.map(Body::Http1)),
            HttpConnection::Http2(share) => {
                share.ask(&session.fields(), Asks::Answer).await?;
                let head = share.head().await?;
                head.is_ok()?;
                head.into_response(Body::Http2)
            }
        }
    }

    /// The next piece of an answer's body, as it came; `None` at its end.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub(crate) async fn next_chunk(&mut self, body: &mut Body) -> Result<Option<Bytes>, Fault> {
        match (self, body) {
            (HttpConnection::Http1(http), Body::Http1(body)) => http.next_chunk(body).await,
            (HttpConnection::Http2(share), _) => {
                let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
                share.read_buf(&mut chunk).await?;
                Ok(Some(chunk.freeze()).filter(|chunk| !chunk.is_empty()))
            }
            (HttpConnection::Http1(_), Body::Http2) => Err(Fault::Protocol),
        }
    }

    /// Waits for `future`, but no longer than the connection lasts: `None` when the server ends it first, or is to.
    ///
    /// # Errors
    /// When the server ends it by an error.
    pub(crate) async fn while_open<F: Future>(&mut self, future: F) -> Result<Option<F::Output>, Fault> {
        let share = match self {
            HttpConnection::Http1(http) => return Ok(http.while_open(future).await),
            HttpConnection::Http2(share) => share,
        };
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(Some(output))),
            Poll::Pending => share.poll_over(cx).map_ok(|()| None),
        })
        .await
    }

    /// May another request follow: has the server left the connection open, as far as is known by now?
    ///
    /// # Errors
    /// When the server has ended it by an error.
    pub(crate) async fn is_open(&mut self) -> Result<bool, Fault> {
        match self {
            HttpConnection::Http1(http) => Ok(http.is_open().await),
            HttpConnection::Http2(share) => share.is_open().await,
        }
    }
}

impl Http1 {
    async fn ask(&mut self, session: &Session) -> Result<Response<Incoming>, Fault> {
        self.last = session.asks_anew();
        let answer = self.sender.send_request(session.request()?);
        match self.drive(answer).await? {
            Ok(response) if response.status() == StatusCode::OK => Ok(response),
            Ok(_) => Err(Fault::Status),
            Err(error) => Err(self.broken.unwrap_or_else(|| fault_of(&error))),
        }
    }

    async fn next_chunk(&mut self, body: &mut Incoming) -> Result<Option<Bytes>, Fault> {
        match self.drive(body.frame()).await? {
            None => Ok(None),
            // A trailer section is no event.
            Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
            Some(Err(error)) => Err(self.broken.unwrap_or_else(|| fault_of(&error))),
        }
    }

    async fn while_open<F: Future>(&mut self, future: F) -> Option<F::Output> {
        if self.last {
            return None;
        }
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.poll_over(cx) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    async fn is_open(&mut self) -> bool {
        !self.last && poll_fn(|cx| Poll::Ready(!self.poll_over(cx))).await
    }

    /// Moves bytes; true when the connection is over.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.over
            && let Poll::Ready(result) = self.connection.poll_without_shutdown(cx)
        {
            self.over = true;
            self.broken = result.err().as_ref().map(fault_of);
        }
        self.over
    }

    /// Polls `future` and moves bytes meanwhile.
    ///
    /// # Errors
    /// When the connection is over and the future has nothing more to come: hyper leaves a request that it never took
    /// up without an answer for as long as its connection is held.
    async fn drive<F: Future>(&mut self, future: F) -> Result<F::Output, Fault> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            let over = self.poll_over(cx);
            match future.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Ok(output)),
                Poll::Pending if over => Poll::Ready(Err(self.broken.unwrap_or(Fault::Closed))),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

/// What ended a message: bytes that are no HTTP, the other end's close, or a broken network.
fn fault_of(error: &hyper::Error) -> Fault {
    let cut_off = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .is_some_and(|source| source.kind() == std::io::ErrorKind::UnexpectedEof);
    if error.is_parse() {
        Fault::Protocol
    } else if error.is_canceled() || error.is_closed() || error.is_incomplete_message() || cut_off {
        Fault::Closed
    } else {
        Fault::Reset
    }
}
