//! The transports, one file each. A transport is a policy for *when* to read the feed after a cursor, and *how* to frame
//! the answer. It never touches a clock, a histogram, a counter or a socket: those are below it and beyond it.

mod coding;
mod fetch_streaming;
mod iframe_streaming;
mod long_polling;
mod polling;
mod server_sent_events;
mod speech;
mod streaming;
#[cfg(test)]
pub(crate) mod test_speech;
mod websocket;
mod zip;

use std::sync::Arc;

use feedbench_record::Transport;
use feedbench_wire::{Cursor, path};
use hyper::header::{CONNECTION, HeaderMap, HeaderName};
use hyper::http::request::Parts;
use hyper::{Method, Response, Version};

use crate::answer::{self, Body, Refusal};
use crate::classroom::origin::Asker;
use crate::exit::Exit;
use crate::feed::Topic;
use crate::site::Site;

pub use speech::{Said, Speech, Then};
pub use streaming::Stream;
pub use websocket::Conversation;
pub use zip::Zip;

/// What a client asks of the feed.
#[derive(Debug)]
pub struct Ask<'r> {
    /// The request's head.
    pub head: &'r Parts,
    /// The topic it follows.
    pub topic: &'r Arc<Topic>,
    /// Where it stands, if it says so.
    pub cursor: Option<Cursor>,
    /// Its connection can carry another request after the answer; of HTTP/2, each stream carries one.
    pub keeps_alive: bool,
    /// Who asks.
    pub asker: &'r Asker,
}

impl<'r> Ask<'r> {
    /// Reads a request's head. `has_body` tells whether more follows it that nobody will read.
    ///
    /// # Errors
    /// When the topic does not exist, or the cursor is none.
    pub fn of(head: &'r Parts, has_body: bool, asker: &'r Asker, site: &'r Site) -> Result<Ask<'r>, Refusal> {
        let topic = topic(head, site)?;
        let cursor = path::parameter(head.uri.query(), "cursor").map(str::parse).transpose()?;
        let keeps_alive = is_http_1_1(head) && !has_body && !has_token(&head.headers, &CONNECTION, "close");
        Ok(Ask { head, topic, cursor, keeps_alive, asker })
    }
}

/// A parameter of the request target that is a number.
///
/// # Errors
/// When it is none.
pub fn number(head: &Parts, name: &'static str) -> Result<Option<u64>, Refusal> {
    let value = path::parameter(head.uri.query(), name);
    value.map(|value| value.parse().map_err(|_| Refusal::NotANumber(name))).transpose()
}

/// The topic that a request names; `all` when it names none.
///
/// # Errors
/// When there is no such topic.
pub fn topic<'s>(head: &Parts, site: &'s Site) -> Result<&'s Arc<Topic>, Refusal> {
    site.feed.topic(path::parameter(head.uri.query(), "topic").unwrap_or("all")).ok_or(Refusal::NoSuchTopic)
}

/// Answers a request over its transport. The only place where a transport is told from another.
///
/// What pushes leaves the client's place in the feed in `exit`, and the connection, or its stream, leaves HTTP with it.
///
/// # Errors
/// When the request is not one that the transport answers.
pub async fn answer(transport: Transport, ask: &Ask<'_>, site: &Site, exit: &Exit) -> Result<Response<Body>, Refusal> {
    let answer = match transport {
        Transport::Polling => polling::answer(ask, site),
        Transport::LongPolling => long_polling::answer(ask, site, exit).await,
        Transport::IframeStreaming => iframe_streaming::answer(ask, site, exit),
        Transport::Sse => server_sent_events::answer(ask, site, exit),
        Transport::FetchStreaming => fetch_streaming::answer(ask, site, exit),
        Transport::WebSocket => return websocket::handshake(ask, site, exit),
    }?;
    Ok(answer::headed(answer, &site.headers))
}

/// With what method a transport is asked for: CONNECT opens a WebSocket over HTTP/2 (RFC 8441 section 4).
pub fn method(transport: Transport, version: Version) -> Method {
    let is_tunnel = transport == Transport::WebSocket && version == Version::HTTP_2;
    if is_tunnel { Method::CONNECT } else { Method::GET }
}

/// Is it a request of HTTP/1.1? Before it there are no chunks, and after it none either.
fn is_http_1_1(head: &Parts) -> bool {
    head.version == Version::HTTP_11
}

/// Is the token in the comma-separated list of a field, in whatever case?
fn has_token(fields: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lists = fields.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn a_token_is_found_in_any_case_and_in_any_of_several_fields() {
        let mut fields = HeaderMap::new();
        fields.append(CONNECTION, HeaderValue::from_static("keep-alive, UPGRADE"));
        assert!(has_token(&fields, &CONNECTION, "upgrade"));
        assert!(!has_token(&fields, &CONNECTION, "up"));
        fields.append(CONNECTION, HeaderValue::from_static("h2c"));
        fields.append(CONNECTION, HeaderValue::from_static("Close"));
        assert!(has_token(&fields, &CONNECTION, "close"));
    }
}
