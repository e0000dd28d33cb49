//! WebSocket: a framed connection in both directions after an HTTP upgrade (RFC 6455), or on a stream of HTTP/2 after an
//! extended CONNECT (RFC 8441).

use std::sync::Arc;

use bytes::Bytes;
use feedbench_record::scenario::{Compression, PAYLOAD_MAX_BYTES};
use feedbench_wire::Cursor;
use feedbench_wire::deflate::permessage::{self, Agreed, Inflater};
use feedbench_wire::deflate::{Compressor, WINDOW_BITS};
use feedbench_wire::framing::position_text;
use feedbench_wire::reader::frame::{Opcode, Sender, encode_header};
use feedbench_wire::reader::message::{Message, Messages, encode_control};
use hyper::header::{
    CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::speech::{Said, Speech, Then};
use super::{Ask, has_token, is_http_1_1};
use crate::answer::{self, Body, Refusal};
use crate::classroom::origin::Asker;
use crate::exit::Exit;
use crate::fan_out::{Portion, Pushed};
use crate::feed::{Encoding, NotPublished, Topic};
use crate::publish::{self, Author};
use crate::site::Site;

/// Answers the opening handshake; the conversation begins when the answer is written.
pub(super) fn handshake(ask: &Ask<'_>, site: &Site, exit: &Exit) -> Result<Response<Body>, Refusal> {
    // A browser lets every page open a WebSocket to every server, and read what comes (section 10.2).
    if *ask.asker == Asker::Foreign {
        return Err(Refusal::ForeignOrigin);
    }
    let mut answer = match exit {
        Exit::Connection(_) => upgrade(ask.head)?,
        Exit::Stream(_) => tunnel(ask.head)?,
    };
    let position = ask.topic.position(ask.cursor)?;
    let agreed = agree(&ask.head.headers, site.rules.compression);
    if let Some(agreed) = agreed {
        let extension = HeaderValue::from_str(&agreed.answer()).expect("names and numbers");
        answer.headers_mut().insert(SEC_WEBSOCKET_EXTENSIONS, extension);
    }
    let conversation = Conversation::new(site.rules.binary, Author::of(ask.asker, site)).compressed(agreed);
    let speech = Speech::Conversation(conversation);
    let (topic, silent_after) = (Arc::clone(ask.topic), site.rules.heartbeat);
    exit.take(Pushed { topic, position, speech, silent_after, lifetime: None });
    exit.upgrade();
    Ok(answer)
}

/// Over HTTP/1.1 (section 4.2).
fn upgrade(head: &Parts) -> Result<Response<Body>, Refusal> {
    let fields = &head.headers;
    if !is_http_1_1(head) || !has_token(fields, &CONNECTION, "upgrade") || !has_token(fields, &UPGRADE, "websocket") {
        return Err(Refusal::NotAnUpgrade);
    }
    if !is_version_13(head) {
        return Err(Refusal::WebSocketVersion);
    }
    let key = fields.get(SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes())).ok_or(Refusal::WebSocketKey)?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 is visible ASCII");
    let mut answer = answer::empty(StatusCode::SWITCHING_PROTOCOLS);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    answer.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(answer)
}

/// Over HTTP/2 (RFC 8441 section 5): the stream is nobody else's, and no key has to prove that the server understands.
fn tunnel(head: &Parts) -> Result<Response<Body>, Refusal> {
    if is_version_13(head) { Ok(answer::empty(StatusCode::OK)) } else { Err(Refusal::TunnelVersion) }
}

fn is_version_13(head: &Parts) -> bool {
    head.headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
}

/// What is compressed, and how: nothing, unless the scenario says so and the client offers it.
fn agree(fields: &HeaderMap, compression: Compression) -> Option<Agreed> {
    let takeover = match compression {
        Compression::None => return None,
        Compression::PerEvent => false,
        Compression::PerConnection => true,
    };
    let offers = fields.get_all(SEC_WEBSOCKET_EXTENSIONS).into_iter().filter_map(|value| value.to_str().ok());
    Agreed::accept(offers, takeover)
}

/// Sixteen bytes in base64 are twenty-two digits and `==`.
fn is_key(key: &[u8]) -> bool {
    matches!(key.split_last_chunk::<2>(), Some((digits, b"=="))
        if digits.len() == 22 && digits.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')))
}

/// A code that a close frame may say (section 7.4.1).
#[derive(Clone, Copy)]
enum CloseCode {
    GoingAway = 1001,
    Unsupported = 1003,
    Policy = 1008,
    TooBig = 1009,
}

/// A connection past its handshake.
#[derive(Debug)]
pub struct Conversation {
    binary: bool,
    /// Its client, as one who publishes.
    author: Author,
    messages: Messages,
    deflate: Deflate,
    /// This end has sent its close frame.
    has_closed: bool,
}

/// How events are compressed.
#[derive(Debug)]
enum Deflate {
    Not,
    /// Each alone: once for everybody.
    Alone,
    /// Each with those before it.
    Takeover(Box<Compressor>),
}

impl Conversation {
    /// Right after the handshake; events go out as text or as bytes.
    pub fn new(binary: bool, author: Author) -> Conversation {
        let messages = Messages::new(Sender::Client, PAYLOAD_MAX_BYTES as usize);
        Conversation { binary, author, messages, deflate: Deflate::Not, has_closed: false }
    }

    /// The same where both ends have agreed on permessage-deflate.
    pub fn compressed(self, agreed: Option<Agreed>) -> Conversation {
        let Some(agreed) = agreed else { return self };
        let deflate = if agreed.server_takeover {
            Deflate::Takeover(Box::new(Compressor::new(agreed.server_window_bits.unwrap_or(WINDOW_BITS))))
        } else {
            Deflate::Alone
        };
        let messages = self.messages.with_deflate(Inflater::new(agreed.client_takeover));
        Conversation { messages, deflate, ..self }
    }

    /// The client's position, as the first message.
    pub(super) fn open(&self, position: Cursor) -> Bytes {
        let text = position_text(position);
        let mut out = Vec::new();
        encode_header(true, Opcode::Text, None, text.len() as u64, &mut out);
        out.extend_from_slice(text.as_bytes());
        out.into()
    }

    /// Events that are due together go out together, one message each.
    pub(super) fn events(&mut self, portion: &mut Portion) -> Said {
        let encoding = match (&mut self.deflate, self.binary) {
            (Deflate::Not, false) => Encoding::TextFrame,
            (Deflate::Not, true) => Encoding::BinaryFrame,
            (Deflate::Alone, false) => Encoding::ZippedTextFrame,
            (Deflate::Alone, true) => Encoding::ZippedBinaryFrame,
            (Deflate::Takeover(compressor), binary) => {
                let (opcode, mut out) = (if binary { Opcode::Binary } else { Opcode::Text }, Vec::new());
                for event in &portion.batch().events {
                    permessage::frame(opcode, event.text(), Some(compressor), &mut out);
                }
                return Said::more(out);
            }
        };
        Said::more(portion.encoded(encoding))
    }

    /// A ping.
    pub(super) fn heartbeat() -> Said {
        Said::more(control(Opcode::Ping, b""))
    }

    /// The end of the feed.
    pub(super) fn end(&mut self) -> Said {
        self.close(CloseCode::GoingAway, "the feed has ended")
    }

    /// Pongs for pings, events for the topic, and the end when the client closes or breaks a rule.
    pub(super) fn hear(&mut self, mut bytes: &[u8], topic: &Topic, site: &Site) -> Said {
        let mut reply = Vec::new();
        let close = loop {
            match self.messages.next(&mut bytes) {
                Ok(None) => return Said::more(reply),
                Ok(Some(Message::Pong)) => {}
                Ok(Some(Message::Ping(payload))) => reply.extend_from_slice(&control(Opcode::Pong, &payload)),
                Ok(Some(Message::Close(_))) if self.has_closed => return Said::last(reply, Then::Close),
                // The same code back, and no more after it (section 5.5.1).
                Ok(Some(Message::Close(payload))) => {
                    reply.extend_from_slice(&control(Opcode::Close, payload.get(..2).unwrap_or_default()));
                    return Said::last(reply, Then::Close);
                }
                // Nothing that comes after this end has closed is an event any more.
                Ok(Some(Message::Text(_) | Message::Binary(_))) if self.has_closed => {}
                Ok(Some(Message::Text(text))) => match publish(topic, self.author, site, &text) {
                    Ok(()) => {}
                    Err((code, reason)) => break self.close(code, reason),
                },
                Ok(Some(Message::Binary(_))) => break self.close(CloseCode::Unsupported, "only text is read here"),
                // Failed (section 7.1.7): whatever the client still sends is not to be understood.
                Err(error) => {
                    reply.extend_from_slice(&control(Opcode::Close, &error.close_code().to_be_bytes()));
                    return Said::last(reply, Then::Close);
                }
            }
        };
        Said { bytes: [&reply[..], &close.bytes[..]].concat().into(), ..close }
    }

    /// Closes from this end (section 7.1.2); the client is to answer.
    fn close(&mut self, code: CloseCode, reason: &'static str) -> Said {
        self.has_closed = true;
        Said::last(
            control(Opcode::Close, &[&(code as u16).to_be_bytes(), reason.as_bytes()].concat()),
            Then::AwaitClose,
        )
    }
}

/// A control frame; its payload has at most 125 bytes.
fn control(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_control(opcode, None, payload, &mut out);
    out
}

/// Publishes a client's message.
///
/// # Errors
/// When it may not be published: what to say when closing.
fn publish(topic: &Topic, author: Author, site: &Site, text: &[u8]) -> Result<(), (CloseCode, &'static str)> {
    let text = std::str::from_utf8(text).expect("a text message is UTF-8");
    publish::text(topic, author, text, site).map_err(|refusal| match refusal {
        Refusal::TextTooLong | Refusal::NotPublished(NotPublished::TooLong(_)) => {
            (CloseCode::TooBig, "longer than an event may be")
        }
        Refusal::NotPublished(NotPublished::Ended) => (CloseCode::GoingAway, "the feed has ended"),
        Refusal::TooOften => (CloseCode::Policy, "too many events from clients"),
        _ => (CloseCode::Policy, "this server lets no client publish"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sixteen_bytes_in_base64() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for wrong in ["", "==", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=a", "dGhlIHNhbXBsZSBub25jZ\u{e4}=="] {
            assert!(!is_key(wrong.as_bytes()), "{wrong}");
        }
    }
}
