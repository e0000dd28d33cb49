//! The transports, one file each. A transport is a policy for *when* to read the feed after a cursor, and *how* to frame
//! the answer. It never touches a clock, a histogram, a counter or a socket: those are below it and beyond it.

mod fetch_streaming;
mod iframe_streaming;
mod long_polling;
mod polling;
mod server_sent_events;
mod streaming;
pub mod websocket;

use std::sync::{Arc, OnceLock};

use feedbench_record::Transport;
use feedbench_wire::{Cursor, path};
use hyper::http::request::Parts;
use hyper::{Response, Version};

use crate::answer::{self, Body, Refusal};
use crate::feed::Topic;
use crate::push::Subscription;
use crate::site::Site;

/// What a client asks of the feed.
#[derive(Debug)]
pub struct Ask<'r> {
    /// The request's head.
    pub head: &'r Parts,
    /// The topic it follows.
    pub topic: &'r Arc<Topic>,
    /// Where it stands, if it says so.
    pub cursor: Option<Cursor>,
}

impl<'r> Ask<'r> {
    /// Reads a request's head.
    ///
    /// # Errors
    /// When the topic does not exist, or the cursor is none.
    pub fn of(head: &'r Parts, site: &'r Site) -> Result<Ask<'r>, Refusal> {
        let topic = topic(head, site)?;
        let cursor = path::parameter(head.uri.query(), "cursor").map(str::parse).transpose()?;
        Ok(Ask { head, topic, cursor })
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
/// A WebSocket handshake leaves the client's subscription in `upgraded`: the connection goes on with it as soon as the
/// answer is written.
///
/// # Errors
/// When the request is not one that the transport answers.
pub async fn answer(
    transport: Transport,
    ask: &Ask<'_>,
    site: &Site,
    upgraded: &OnceLock<Subscription>,
) -> Result<Response<Body>, Refusal> {
    let answer = match transport {
        Transport::Polling => polling::answer(ask),
        Transport::LongPolling => long_polling::answer(ask).await,
        Transport::IframeStreaming => iframe_streaming::answer(ask, site),
        Transport::Sse => server_sent_events::answer(ask, site),
        Transport::FetchStreaming => fetch_streaming::answer(ask, site),
        Transport::WebSocket => websocket::handshake(ask, upgraded),
    }?;
    Ok(answer::headed(answer, &site.headers))
}

/// Does a request come from a client that knows HTTP/1.1 or later?
fn is_http_1_1(head: &Parts) -> bool {
    head.version >= Version::HTTP_11
}
