//! Polling: the client asks on a timer, and is answered at once with what there is.

use feedbench_wire::{Cursor, path};
use hyper::Response;
use hyper::header::{HeaderName, HeaderValue};

use super::{Ask, coding};
use crate::answer::{self, Body, Refusal};
use crate::feed::{Content, Limits};
use crate::site::Site;

/// What lies after the cursor: a JSON array, `[]` when there is nothing.
pub(super) fn answer(ask: &Ask<'_>, site: &Site) -> Result<Response<Body>, Refusal> {
    let batch = ask.topic.read_after(ask.cursor, Limits::ANSWER)?;
    let gzip = coding::is_gzip(&ask.head.headers, site);
    Ok(json(batch.content(gzip), batch.cursor, ask.cursor))
}

/// The answer of a poll that was asked with a cursor.
pub(super) fn json(content: Content, position: Cursor, asked: Option<Cursor>) -> Response<Body> {
    let mut answer = answer::whole("application/json", content.bytes);
    if content.is_gzip {
        coding::say_gzip(&mut answer);
    }
    if names_position(asked, position) {
        let value = HeaderValue::from_str(&position.to_string()).expect("a cursor is hexadecimal digits and a hyphen");
        answer.headers_mut().insert(HeaderName::from_static(path::CURSOR_FIELD), value);
    }
    answer
}

/// An answer names the position where the events alone do not: when the client sent no cursor, or one of another life of
/// the server.
pub(super) fn names_position(asked: Option<Cursor>, position: Cursor) -> bool {
    asked.is_none_or(|asked| asked.epoch != position.epoch)
}
