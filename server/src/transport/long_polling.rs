//! Long polling: the client asks, and the server holds the request until there is something to say (RFC 6202 section 2).

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feedbench_wire::Cursor;
use hyper::Response;

use super::speech::{Said, Speech, Then};
use super::{Ask, is_http_1_1, number, polling};
use crate::answer::{self, Body, Refusal};
use crate::classroom::cors;
use crate::classroom::origin::Asker;
use crate::exit::Exit;
use crate::fan_out::{AnswerShape, Portion, Pushed};
use crate::feed::{Batch, Limits};
use crate::site::Site;

/// How long a request is held when it does not say (ms): below the 30 s after which intermediaries often give up
/// (RFC 6202 section 5.5).
const HOLD_MS: u64 = 25_000;
/// How long a request is held at most (ms).
const HOLD_MAX_MS: u64 = 120_000;

/// What lies after the cursor as soon as there is something; `[]` at the end of the hold time, or of the feed.
pub(super) async fn answer(ask: &Ask<'_>, exit: &Exit) -> Result<Response<Body>, Refusal> {
    let hold = Duration::from_millis(number(ask.head, "hold")?.unwrap_or(HOLD_MS).min(HOLD_MAX_MS));
    let batch = ask.topic.read_after(ask.cursor, Limits::ANSWER)?;
    if !batch.events.is_empty() || hold.is_zero() || ask.topic.has_ended() {
        return Ok(polling::json(batch.json_array(), batch.cursor, ask.cursor));
    }
    let shape = AnswerShape {
        names_position: polling::names_position(ask.cursor, batch.cursor),
        is_http_1_1: is_http_1_1(ask.head),
        keeps_alive: ask.keeps_alive,
    };
    let page = if let Asker::Page(origin) = ask.asker { Some(Arc::clone(origin)) } else { None };
    let speech = Speech::Held(Held { shape, page });
    exit.take(Pushed {
        topic: Arc::clone(ask.topic),
        position: batch.cursor,
        speech,
        silent_after: hold,
        lifetime: None,
    });
    exit.open();
    // The connection leaves HTTP, and this wait is dropped with it.
    pending().await
}

/// A request that is held.
#[derive(Debug)]
pub struct Held {
    shape: AnswerShape,
    /// The origin of the page that asks, whose answers nobody else gets.
    page: Option<Arc<str>>,
}

impl Held {
    pub(super) fn events(&self, portion: &mut Portion, site: &Site) -> Said {
        let whole = |batch: &Batch| self.whole(&batch.json_array(), batch.cursor, self.shape, site);
        let answer = match self.page {
            Some(_) => whole(portion.batch()),
            None => portion.answer(self.shape, whole),
        };
        Said::last(answer, if self.shape.keeps_alive { Then::NextRequest } else { Then::Close })
    }

    /// `[]`. After the end of the feed the connection is closed.
    pub(super) fn nothing(&self, position: Cursor, site: &Site, has_ended: bool) -> Said {
        let shape = AnswerShape { keeps_alive: self.shape.keeps_alive && !has_ended, ..self.shape };
        let answer = self.whole(&Bytes::from_static(b"[]"), position, shape, site);
        Said::last(answer, if shape.keeps_alive { Then::NextRequest } else { Then::Close })
    }

    fn whole(&self, array: &Bytes, position: Cursor, shape: AnswerShape, site: &Site) -> Bytes {
        let asked = (!self.shape.names_position).then_some(position);
        let mut answer = answer::headed(polling::json(array.clone(), position, asked), &site.headers);
        if let Some(origin) = &self.page {
            cors::allow(&mut answer, origin);
        }
        answer::to_bytes(&answer, array, shape, site.headers.answers_in_title_case())
    }
}
