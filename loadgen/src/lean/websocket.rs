//! WebSocket: one opening handshake, then a frame for each event. A ping is answered with a pong, a close with a close.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use feedbench_wire::deflate::permessage::{Agreed, Inflater};
use feedbench_wire::reader::TEXT_MAX_BYTES;
use feedbench_wire::reader::frame::{Opcode, Sender};
use feedbench_wire::reader::head::Reader;
use feedbench_wire::reader::message::{Message, Messages, encode_control};
use tokio::io::AsyncWrite as _;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

use crate::fault::{Ended, Fault};
use crate::line::Line;
use crate::scratch::Scratch;
use crate::session::Session;
use crate::transport::websocket::{accepted, open_tunnel, take};

pub(super) fn run(session: &mut Session, line: Line) -> impl Future<Output = Ended> {
    // Made here: what is handed to an async function by value and moved there has its room twice.
    let mut socket = Socket { line, scratch: session.scratch(), messages: None, out: Vec::new(), closed: false };
    let cell = session.cell();
    async move {
        // On the heap, which has it back when the connection is open.
        let opened = cell.unless_over(Box::pin(socket.open(session))).await;
        let followed = match opened {
            Some(Ok(())) => cell.unless_over(poll_fn(|cx| socket.poll_follow(cx, session))).await,
            failed => failed,
        };
        let result = match followed {
            Some(result) => result,
            None => {
                socket.leave(session);
                poll_fn(|cx| socket.poll_send(cx)).await
            }
        };
        Ended { line: Some(socket.line), fault: result.err() }
    }
}

struct Socket {
    line: Line,
    scratch: Scratch,
    /// `None` before the opening handshake is over.
    messages: Option<Messages>,
    /// Frames on their way out: what waits here is sent first, whatever ends the waiting.
    out: Vec<u8>,
    /// The server has said its last word.
    closed: bool,
}

impl Socket {
    /// Takes what comes and answers it, until the server closes.
    // No async function: its states would be a good part of a client.
    fn poll_follow(&mut self, cx: &mut Context<'_>, session: &mut Session) -> Poll<Result<(), Fault>> {
        loop {
            ready!(self.poll_send(cx))?;
            let Some(messages) = self.messages.as_mut().filter(|_| !self.closed) else {
                // The teardown reads what is left: the server closes first (RFC 6455 section 7.1.1).
                return Poll::Ready(Ok(()));
            };
            let bytes = ready!(self.scratch.poll_read(cx, &mut self.line)).map_err(Fault::from)?;
            if bytes.is_empty() {
                return Poll::Ready(Err(Fault::Closed));
            }
            self.closed = take_all(session, messages, &bytes, &mut self.out)?;
        }
    }

    /// The opening handshake (RFC 6455 section 4.1, RFC 8441 section 5).
    async fn open(&mut self, session: &mut Session) -> Result<(), Fault> {
        if let Line::Http2(share) = &mut self.line {
            let agreed = open_tunnel(session, share, session.takes_compressed()).await?;
            self.messages = Some(messages(agreed));
            return Ok(());
        }
        let key = generate_key();
        self.out = session.handshake(&key);
        poll_fn(|cx| self.poll_send(cx)).await?;
        let mut reader = Reader::default();
        loop {
            let bytes = self.scratch.read(&mut self.line).await.map_err(|_| Fault::Reset)?;
            if bytes.is_empty() {
                return Err(Fault::Closed);
            }
            let mut rest = &*bytes;
            if let Some(answer) = reader.response("GET", &mut rest).map_err(|_| Fault::Protocol)? {
                let agreed = accepted(&answer, &key, session.takes_compressed())?;
                let messages = self.messages.insert(messages(agreed));
                self.closed = take_all(session, messages, rest, &mut self.out)?;
                return Ok(());
            }
        }
    }

    /// Leaves although the server would go on. What it still says is not waited for: the teardown reads it.
    fn leave(&mut self, session: &Session) {
        if self.messages.is_some() && !self.closed {
            encode_control(Opcode::Close, Some(session.mask_key()), &[], &mut self.out);
        }
    }

    /// Sends what waits. Whoever stops waiting for it loses nothing.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        if self.out.capacity() == 0 {
            return Poll::Ready(Ok(()));
        }
        while !self.out.is_empty() {
            match ready!(Pin::new(&mut self.line).poll_write(cx, &self.out)) {
                Ok(n @ 1..) => drop(self.out.drain(..n)),
                Ok(0) => return Poll::Ready(Err(Fault::Reset)),
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        ready!(Pin::new(&mut self.line).poll_flush(cx))?;
        self.out = Vec::new();
        Poll::Ready(Ok(()))
    }
}

/// What the server sends after the opening handshake.
fn messages(agreed: Option<Agreed>) -> Messages {
    let messages = Messages::new(Sender::Server, TEXT_MAX_BYTES);
    match agreed {
        None => messages,
        Some(agreed) => messages.with_deflate(Inflater::new(agreed.server_takeover)),
    }
}

/// Takes what is whole by now, and puts the answers into `out`; true when the server closes.
fn take_all(session: &mut Session, messages: &mut Messages, bytes: &[u8], out: &mut Vec<u8>) -> Result<bool, Fault> {
    let mut rest = bytes;
    while let Some(message) = messages.next(&mut rest).map_err(|_| Fault::Protocol)? {
        match message {
            Message::Text(payload) | Message::Binary(payload) => take(session, &payload),
            Message::Ping(payload) => encode_control(Opcode::Pong, Some(session.mask_key()), &payload, out),
            Message::Pong => {}
            Message::Close(payload) => {
                encode_control(Opcode::Close, Some(session.mask_key()), &payload, out);
                return Ok(true);
            }
        }
    }
    Ok(false)
}
