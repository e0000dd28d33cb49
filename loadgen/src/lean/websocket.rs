//! WebSocket: one opening handshake, then a frame for each event. A ping is answered with a pong, a close with a close.

use std::future::Future;
use std::pin::pin;

use feedbench_wire::reader::TEXT_MAX_BYTES;
use feedbench_wire::reader::frame::{Opcode, Sender};
use feedbench_wire::reader::head::Reader;
use feedbench_wire::reader::message::{Message, Messages, encode_control};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

use crate::fault::{Ended, Fault};
use crate::scratch::Scratch;
use crate::session::Session;
use crate::transport::websocket::{accepted, take};
use crate::wake::ClientStack;

pub(super) fn run(session: &mut Session, stack: ClientStack) -> impl Future<Output = Ended> {
    // Made here: what is handed to an async function by value and moved there has its room twice.
    let mut socket = Socket { stack, scratch: session.scratch(), messages: None, out: Vec::new(), closed: false };
    let cell = session.cell();
    async move {
        let followed = cell.unless_over(pin!(socket.follow(session))).await;
        let result = match followed {
            Some(result) => result,
            None => socket.leave(session).await,
        };
        Ended { stack: Some(socket.stack), fault: result.err() }
    }
}

struct Socket {
    stack: ClientStack,
    scratch: Scratch,
    /// `None` before the opening handshake is over.
    messages: Option<Messages>,
    /// Frames on their way out: what waits here is sent first, whatever ends the waiting.
    out: Vec<u8>,
    /// The server has said its last word.
    closed: bool,
}

impl Socket {
    async fn follow(&mut self, session: &mut Session) -> Result<(), Fault> {
        // On the heap, which has it back when the connection is open.
        Box::pin(self.open(session)).await?;
        while !self.closed {
            self.read(session).await?;
            self.send().await?;
        }
        // The teardown reads what is left: the server closes first (RFC 6455 section 7.1.1).
        Ok(())
    }

    /// Reads once and takes what came.
    async fn read(&mut self, session: &mut Session) -> Result<(), Fault> {
        let bytes = self.scratch.read(&mut self.stack).await.map_err(|_| Fault::Reset)?;
        if bytes.is_empty() {
            return Err(Fault::Closed);
        }
        if let Some(messages) = &mut self.messages {
            self.closed = take_all(session, messages, &bytes, &mut self.out)?;
        }
        Ok(())
    }

    /// The opening handshake (RFC 6455 section 4.1).
    async fn open(&mut self, session: &mut Session) -> Result<(), Fault> {
        let key = generate_key();
        self.out = session.handshake(&key);
        self.send().await?;
        let mut reader = Reader::default();
        loop {
            let bytes = self.scratch.read(&mut self.stack).await.map_err(|_| Fault::Reset)?;
            if bytes.is_empty() {
                return Err(Fault::Closed);
            }
            let mut rest = &*bytes;
            if let Some(answer) = reader.response("GET", &mut rest).map_err(|_| Fault::Protocol)? {
                accepted(&answer, &key)?;
                let messages = self.messages.insert(Messages::new(Sender::Server, TEXT_MAX_BYTES));
                self.closed = take_all(session, messages, rest, &mut self.out)?;
                break;
            }
        }
        self.send().await
    }

    /// Leaves although the server would go on. What it still says is not waited for: the teardown reads it.
    async fn leave(&mut self, session: &Session) -> Result<(), Fault> {
        if self.messages.is_some() && !self.closed {
            encode_control(Opcode::Close, Some(session.mask_key()), &[], &mut self.out);
            self.send().await?;
        }
        Ok(())
    }

    /// Sends what waits. Whoever stops waiting for it loses nothing.
    async fn send(&mut self) -> Result<(), Fault> {
        if self.out.is_empty() {
            return Ok(());
        }
        while !self.out.is_empty() {
            match self.stack.write(&self.out).await {
                Ok(n @ 1..) => drop(self.out.drain(..n)),
                Ok(0) | Err(_) => return Err(Fault::Reset),
            }
        }
        self.out = Vec::new();
        self.stack.flush().await.map_err(|_| Fault::Reset)
    }
}

/// Takes what is whole by now, and puts the answers into `out`; true when the server closes.
fn take_all(session: &mut Session, messages: &mut Messages, bytes: &[u8], out: &mut Vec<u8>) -> Result<bool, Fault> {
    let mut rest = bytes;
    while let Some(message) = messages.next(&mut rest).map_err(|_| Fault::Protocol)? {
        match message {
            Message::Text(text) => take(session, text.as_bytes()),
            Message::Binary(bytes) => take(session, &bytes),
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
