//! WebSocket: a framed connection in both directions after an HTTP upgrade (RFC 6455).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::event::Data as EventData;
use feedbench_wire::framing::position_text;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use hyper::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, error::CapacityError};

use super::{Ask, is_http_1_1};
use crate::answer::{self, Body, Refusal};
use crate::feed::{Batch, NotPublished, Topic};
use crate::push::{Due, Push, Subscription};
use crate::site::Site;

/// Frames wait for each other up to here before they are written (bytes).
const WRITE_BUFFER_BYTES: usize = 16 << 10;

/// How long the client has for its close frame after the server's.
const CLOSE_WAIT: Duration = Duration::from_secs(3);

/// Answers the opening handshake (section 4.2) and leaves the client's subscription in `upgraded`.
pub(super) fn handshake(ask: &Ask<'_>, upgraded: &OnceLock<Subscription>) -> Result<Response<Body>, Refusal> {
    let fields = &ask.head.headers;
    if !is_http_1_1(ask.head) || !has_token(fields, &CONNECTION, "upgrade") || !has_token(fields, &UPGRADE, "websocket")
    {
        return Err(Refusal::NotAnUpgrade);
    }
    if fields.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Refusal::WebSocketVersion);
    }
    let key = fields.get(SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes())).ok_or(Refusal::WebSocketKey)?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 is visible ASCII");

    // A connection is upgraded once: the HTTP that could ask again is over.
    let _ = upgraded.set(Subscription::new(Arc::clone(ask.topic), ask.cursor)?);
    let mut answer = answer::empty(StatusCode::SWITCHING_PROTOCOLS);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    answer.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(answer)
}

/// Is the token in the comma-separated list of a field, in whatever case?
fn has_token(fields: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lists = fields.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// Sixteen bytes in base64 are twenty-two digits and `==`.
fn is_key(key: &[u8]) -> bool {
    matches!(key.split_last_chunk::<2>(), Some((digits, b"=="))
        if digits.len() == 22 && digits.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')))
}

/// A connection past its handshake.
#[derive(Debug)]
pub struct WebSocket<S> {
    stream: WebSocketStream<S>,
    push: Push,
    binary: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Goes on where HTTP stopped. `read_already` came after the request's head.
    pub async fn new(stream: S, read_already: Bytes, subscription: Subscription, site: &Site) -> Self {
        // A client that does not read costs the write buffer and nothing more: it falls behind in the history.
        let longest = PAYLOAD_MAX_BYTES as usize;
        let config = WebSocketConfig::default()
            .read_buffer_size(256)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_write_buffer_size(WRITE_BUFFER_BYTES + 2 * longest)
            .max_message_size(Some(longest))
            .max_frame_size(Some(longest));
        let stream =
            WebSocketStream::from_partially_read(stream, read_already.into(), Role::Server, Some(config)).await;
        let push = Push::new(subscription, site.rules.heartbeat, None);
        WebSocket { stream, push, binary: site.rules.binary }
    }

    /// Serves the client until one of both closes. May be dropped when the time is up: the stream stays whole enough
    /// for [`WebSocket::into_inner`].
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn serve(&mut self, site: &Site) -> Result<(), Error> {
        self.stream.send(Message::text(position_text(self.push.position()))).await?;
        loop {
            tokio::select! {
                due = self.push.next() => match due {
                    Due::Events(batch) => self.send(&batch).await?,
                    Due::Heartbeat => self.stream.send(Message::Ping(Bytes::new())).await?,
                    Due::Expired | Due::Ended => return self.close(CloseCode::Away, "the feed has ended").await,
                },
                message = self.stream.next() => match message {
                    // The library answers a ping, and a close frame, while it reads on.
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(_))) => {
                        self.read_out().await;
                        return Ok(());
                    }
                    Some(Ok(Message::Text(text))) => {
                        if let Some((code, reason)) = publish(self.push.topic(), site, text.as_str()) {
                            return self.close(code, reason).await;
                        }
                    }
                    Some(Ok(Message::Binary(_))) => {
                        return self.close(CloseCode::Unsupported, "only text is read here").await;
                    }
                    Some(Err(error)) => return self.fail(error).await,
                    None => return Ok(()),
                },
            }
        }
    }

    /// The stream below.
    pub fn into_inner(self) -> S {
        self.stream.into_inner()
    }

    /// Events that are due together go out together, one message each.
    async fn send(&mut self, batch: &Batch) -> Result<(), Error> {
        let opcode = OpCode::Data(if self.binary { Data::Binary } else { Data::Text });
        for event in &batch.events {
            // A frame, not a message: its text was checked when it was encoded.
            self.stream.feed(Message::Frame(Frame::message(event.text().clone(), opcode, true))).await?;
        }
        self.stream.flush().await
    }

    /// Closes from this side (section 7.1.2) and gives the client time to answer.
    async fn close(&mut self, code: CloseCode, reason: &'static str) -> Result<(), Error> {
        self.stream.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
        // A client that does not answer still sees the server's FIN next.
        let _ = timeout(CLOSE_WAIT, self.read_out()).await;
        Ok(())
    }

    /// Reads until the closing handshake is complete, or the connection over.
    async fn read_out(&mut self) {
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    /// Fails the connection (section 7.1.7): a close frame with the reason when the client broke the protocol.
    async fn fail(&mut self, error: Error) -> Result<(), Error> {
        let code = match &error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::Size,
            Error::Utf8(_) => CloseCode::Invalid,
            Error::Protocol(_) | Error::Capacity(_) => CloseCode::Protocol,
            _ => return Err(error),
        };
        // When the client is gone already, there is nobody left to tell.
        let _ = self.stream.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
        Ok(())
    }
}

/// Publishes a client's message. Gives the reason to close when it may not.
fn publish(topic: &Topic, site: &Site, text: &str) -> Option<(CloseCode, &'static str)> {
    if !site.rules.allow_publish {
        return Some((CloseCode::Policy, "this server lets no client publish"));
    }
    match topic.publish(site.clock.now_us(), EventData::Text(text)) {
        Ok(_) => None,
        Err(NotPublished::TooLong(_)) => Some((CloseCode::Size, "longer than an event may be")),
        Err(NotPublished::Ended) => Some((CloseCode::Away, "the feed has ended")),
    }
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

    #[test]
    fn a_token_is_found_in_any_case_and_in_any_of_several_fields() {
        let mut fields = HeaderMap::new();
        fields.append(CONNECTION, HeaderValue::from_static("keep-alive, UPGRADE"));
        assert!(has_token(&fields, &CONNECTION, "upgrade"));
        assert!(!has_token(&fields, &CONNECTION, "up"));
        fields.append(UPGRADE, HeaderValue::from_static("h2c"));
        fields.append(UPGRADE, HeaderValue::from_static("WebSocket"));
        assert!(has_token(&fields, &UPGRADE, "websocket"));
    }
}
