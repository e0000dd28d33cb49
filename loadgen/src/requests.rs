//! The requests of a cell: the profile's fields, as hyper has to have them to write them in their order and case.
//!
//! hyper keeps the case of a name only for a message that it has read itself: while it parses a head it notes the names
//! as they came, in a private extension of the message, and it writes a message that carries this note accordingly. The
//! order is that of the header map. So the profile's head goes once through hyper's own parser, in memory, and what
//! comes out is the template of every request.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use anyhow::Context as _;
use bytes::Bytes;
use feedbench_record::Transport;
use feedbench_record::scenario::{Compression, ConnectionPolicy, Protocol};
use feedbench_wire::Cursor;
use feedbench_wire::control::LoadPlan;
use feedbench_wire::headers::{Ask, HEAD_MAX_BYTES, Profile, Scheme, cookie};
use http_body_util::Empty;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;

use crate::dialect::Question;
use crate::fault::Fault;
use crate::h2::Habits;

/// Any key: the one that is really sent is drawn for each handshake.
const SOME_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// Any place in the feed.
const SOME_ID: &str = "0000-0";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What every request of a cell has in common.
#[derive(Debug)]
pub(crate) struct Requests {
    profile: Profile,
    transport: Transport,
    scheme: Scheme,
    host: String,
    cookie: Option<String>,
    connection: ConnectionPolicy,
    /// Without and with a `Last-Event-ID`.
    first: Parts,
    resumed: Parts,
    /// What follows the target in a head that has neither a `Last-Event-ID` nor a key.
    after_target: Vec<u8>,
    last: RefCell<Option<LastHead>>,
    last_fields: RefCell<Option<(Place, Fields)>>,
}

/// A request's fields as HTTP/2 has them: name and value, in their order.
pub(crate) type Fields = Rc<[(String, String)]>;

/// What tells the heads of a cell apart: topic and place in the feed.
pub(crate) type Place = (u32, Option<Cursor>);

/// The last head of a worker's clients. Those that ask at about the same time nearly always ask the same.
#[derive(Debug)]
struct LastHead {
    place: Place,
    bytes: Rc<[u8]>,
}

impl Requests {
    /// The requests that a plan asks for.
    ///
    /// # Errors
    /// When the profile says nothing of the transport, or hyper does not take its head.
    pub(crate) async fn of(plan: &LoadPlan) -> anyhow::Result<Requests> {
        let (mut profile, transport) = (plan.headers.clone(), plan.transport);
        if plan.scenario.compression != Compression::None {
            profile = profile.taking_compressed();
        }
        anyhow::ensure!(profile.speaks(transport), "the header profile has no section for {transport}");
        let cookie = cookie(plan.scenario.cookie_bytes);
        let connection = plan.scenario.connection;
        anyhow::ensure!(
            connection == ConnectionPolicy::KeepAlive || plan.scenario.protocol == Protocol::Http1,
            "HTTP/2 has no --connection {connection}"
        );
        let scheme = Scheme::of(plan.scenario.tls);
        let ask = Ask {
            transport,
            target: "/",
            scheme,
            host: &plan.host,
            connection,
            cookie: cookie.as_deref(),
            last_event_id: None,
            key: Some(SOME_KEY),
        };
        let head = profile.head(&ask);
        let after_target = head.strip_prefix(b"GET /").context("a head begins with its request line")?.to_vec();
        let first = template(&head).await?;
        let resumed = template(&profile.head(&Ask { last_event_id: Some(SOME_ID), ..ask })).await?;
        let (host, last, last_fields) = (plan.host.clone(), RefCell::default(), RefCell::default());
        Ok(Requests {
            transport,
            scheme,
            host,
            connection,
            first,
            resumed,
            after_target,
            last,
            last_fields,
            cookie,
            profile,
        })
    }

    /// The request for a question.
    ///
    /// # Errors
    /// When the question cannot stand in a request.
    pub(crate) fn request(&self, question: &Question) -> Result<Request<Empty<Bytes>>, Fault> {
        let mut parts = match &question.last_event_id {
            None => self.first.clone(),
            Some(id) => {
                let mut parts = self.resumed.clone();
                // In the place of the template's: a header map keeps the order of names that it has.
                parts.headers.insert(LAST_EVENT_ID, HeaderValue::from_str(id).map_err(|_| Fault::Protocol)?);
                parts
            }
        };
        parts.uri = question.target.parse().map_err(|_| Fault::Protocol)?;
        Ok(Request::from_parts(parts, Empty::new()))
    }

    /// The whole head of a request that asks `question` from a place.
    pub(crate) fn head_at(&self, place: Place, question: impl FnOnce() -> Question) -> Rc<[u8]> {
        let mut last = self.last.borrow_mut();
        if let Some(last) = &*last
            && last.place == place
        {
            return Rc::clone(&last.bytes);
        }
        let bytes = Rc::from(self.head(&question(), None));
        last.insert(LastHead { place, bytes }).bytes.clone()
    }

    /// The fields of a request that asks `question` from a place, for HTTP/2.
    pub(crate) fn fields_at(&self, place: Place, question: impl FnOnce() -> Question) -> Fields {
        let mut last = self.last_fields.borrow_mut();
        if let Some((known, fields)) = &*last
            && *known == place
        {
            return Rc::clone(fields);
        }
        let question = question();
        let fields = Rc::from(self.profile.fields_h2(&self.ask(&question, None)));
        last.insert((place, fields)).1.clone()
    }

    /// How their client speaks HTTP/2.
    pub(crate) fn habits(&self) -> Habits {
        Habits::of(&self.profile)
    }

    /// The whole head of a request, as hyper writes it; with a key, of a WebSocket's opening handshake.
    pub(crate) fn head(&self, question: &Question, key: Option<&str>) -> Vec<u8> {
        if question.last_event_id.is_none() && key.is_none() {
            return [b"GET ", question.target.as_bytes(), &self.after_target].concat();
        }
        self.profile.head(&self.ask(question, key))
    }

    fn ask<'a>(&'a self, question: &'a Question, key: Option<&'a str>) -> Ask<'a> {
        Ask {
            transport: self.transport,
            target: &question.target,
            scheme: self.scheme,
            host: &self.host,
            connection: self.connection,
            cookie: self.cookie.as_deref(),
            last_event_id: question.last_event_id.as_deref(),
            key,
        }
    }
}

/// A head as hyper reads it.
async fn template(head: &[u8]) -> anyhow::Result<Parts> {
    let (mut near, far) = tokio::io::duplex(2 * HEAD_MAX_BYTES);
    near.write_all(head).await.context("a pipe in memory takes a head")?;
    let read = Rc::new(RefCell::new(None));
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        read.replace(Some(request.into_parts().0));
        async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
    });
    // The end of the pipe is the end of the connection.
    near.shutdown().await.context("a pipe in memory ends")?;
    // Whatever it thinks of that end, the head was read before, or not at all.
    let _ = http1::Builder::new().preserve_header_case(true).serve_connection(TokioIo::new(far), service).await;
    read.take().context("the head of the header profile is no HTTP")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hyper_keeps_the_order_of_fields_and_notes_the_case_of_their_names() {
        let parts = template(b"GET / HTTP/1.0\r\nb-B: 1\r\nHost: x\r\naA: 2\r\n\r\n").await.unwrap();
        let names: Vec<_> = parts.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!((names, parts.version), (vec!["b-b", "host", "aa"], hyper::Version::HTTP_10));
        assert!(!parts.extensions.is_empty(), "the note of the case");
    }

    #[tokio::test]
    async fn what_is_no_head_is_no_template() {
        assert!(template(b"GET\r\n\r\n").await.is_err());
    }
}
