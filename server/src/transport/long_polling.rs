//! Long polling: the client asks, and the server holds the request until there is something to say (RFC 6202 section 2).

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feedbench_wire::Cursor;
use hyper::Response;
use tokio::sync::oneshot;

use super::polling;
use super::speech::{Said, Speech, Then};
use super::{Ask, coding, is_http_1_1, number};
use crate::answer::{self, Body, Refusal};
use crate::classroom::cors;
use crate::classroom::origin::Asker;
use crate::exit::Exit;
use crate::fan_out::{AnswerShape, Portion, Pushed};
use crate::feed::{Batch, Content, Limits};
use crate::site::Site;

/// How long a request is held when it does not say (ms): below the 30 s after which intermediaries often give up
/// (RFC 6202 section 5.5).
const HOLD_MS: u64 = 25_000;
/// How long a request is held at most (ms).
const HOLD_MAX_MS: u64 = 120_000;

/// What lies after the cursor as soon as there is something; `[]` at the end of the hold time, or of the feed.
pub(super) async fn answer(ask: &Ask<'_>, site: &Site, exit: &Exit) -> Result<Response<Body>, Refusal> {
    let hold = Duration::from_millis(number(ask.head, "hold")?.unwrap_or(HOLD_MS).min(HOLD_MAX_MS));
    let batch = ask.topic.read_after(ask.cursor, Limits::ANSWER)?;
    let gzip = coding::is_gzip(&ask.head.headers, site);
    if !batch.events.is_empty() || hold.is_zero() || ask.topic.has_ended() {
        return Ok(polling::json(batch.content(gzip), batch.cursor, ask.cursor));
    }
    let (topic, position) = (Arc::clone(ask.topic), batch.cursor);
    let pushed = |held| Pushed { topic, position, speech: Speech::Held(held), silent_after: hold, lifetime: None };
    match exit {
        Exit::Connection(exit) => {
            let shape = AnswerShape {
                names_position: polling::names_position(ask.cursor, position),
                is_http_1_1: is_http_1_1(ask.head),
                keeps_alive: ask.keeps_alive,
                gzip,
            };
            let page = if let Asker::Page(origin) = ask.asker { Some(Arc::clone(origin)) } else { None };
            exit.take(pushed(Held::Connection(Answered { shape, page })));
            exit.open();
            // The connection leaves HTTP, and this wait is dropped with it.
            pending().await
        }
        Exit::Stream(exit) => {
            let (held, answer) = oneshot::channel();
            // Dropped with this wait when the client resets the stream: then the fan-out hears of it.
            let _waits = exit.join(pushed(Held::Stream(Some(held), gzip)));
            let (content, position) = answer.await.unwrap_or((Content::NOTHING, position));
            Ok(polling::json(content, position, ask.cursor))
        }
    }
}

/// A request that is held.
#[derive(Debug)]
pub enum Held {
    /// On a connection of HTTP/1.1, which gets the whole answer.
    Connection(Answered),
    /// On a stream of HTTP/2, where the request waits for its events, compressed or not, and for the position after them.
    /// HTTP is still there: it writes the head.
    Stream(Option<oneshot::Sender<(Content, Cursor)>>, bool),
}

impl Held {
    pub(super) fn events(&mut self, portion: &mut Portion, site: &Site) -> Said {
        match self {
            Held::Connection(answered) => answered.events(portion, site),
            Held::Stream(held, gzip) => {
                let content = portion.content(*gzip);
                give(held, content, portion.batch().cursor)
            }
        }
    }

    /// `[]`, at the end of the hold time or of the feed.
    pub(super) fn nothing(&mut self, position: Cursor, site: &Site, has_ended: bool) -> Said {
        match self {
            Held::Connection(answered) => answered.nothing(position, site, has_ended),
            Held::Stream(held, _) => give(held, Content::NOTHING, position),
        }
    }
}

/// Gives a request its answer.
fn give(held: &mut Option<oneshot::Sender<(Content, Cursor)>>, content: Content, position: Cursor) -> Said {
    if let Some(held) = held.take() {
        // Nobody waits any more if the client has just reset the stream.
        let _ = held.send((content, position));
    }
    Said::last(Bytes::new(), Then::Close)
}

/// How a connection is answered that has left HTTP.
#[derive(Debug)]
pub struct Answered {
    shape: AnswerShape,
    /// The origin of the page that asks, whose answers nobody else gets.
    page: Option<Arc<str>>,
}

impl Answered {
    fn events(&self, portion: &mut Portion, site: &Site) -> Said {
        let whole = |batch: &Batch| self.whole(batch.content(self.shape.gzip), batch.cursor, self.shape, site);
        let answer = match self.page {
            Some(_) => whole(portion.batch()),
            None => portion.answer(self.shape, whole),
        };
        Said::last(answer, if self.shape.keeps_alive { Then::NextRequest } else { Then::Close })
    }

    /// After the end of the feed the connection is closed.
    fn nothing(&self, position: Cursor, site: &Site, has_ended: bool) -> Said {
        let shape = AnswerShape { keeps_alive: self.shape.keeps_alive && !has_ended, ..self.shape };
        let answer = self.whole(Content::NOTHING, position, shape, site);
        Said::last(answer, if shape.keeps_alive { Then::NextRequest } else { Then::Close })
    }

    fn whole(&self, content: Content, position: Cursor, shape: AnswerShape, site: &Site) -> Bytes {
        let asked = (!self.shape.names_position).then_some(position);
        let bytes = content.bytes.clone();
        let mut answer = answer::headed(polling::json(content, position, asked), &site.headers);
        if let Some(origin) = &self.page {
            cors::allow(&mut answer, origin);
        }
        answer::to_bytes(&answer, &bytes, shape, site.headers.answers_in_title_case())
    }
}
