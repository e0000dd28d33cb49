//! A poll's answer, long or short: the client's place in the feed, when the client cannot know it, and an array of
//! events.

use feedbench_wire::Cursor;
use feedbench_wire::path::CURSOR_FIELD;
use feedbench_wire::reader::json_array;
use hyper::Response;
use hyper::header::{CONTENT_ENCODING, HeaderValue};

use crate::coding::Coding;
use crate::fault::Fault;
use crate::http::{Body, HttpConnection};
use crate::session::Session;

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Its whole answer.
    Answer,
    /// The cell ended before the answer.
    CellOver,
}

/// Asks once and delivers what the answer holds.
pub(super) async fn take(session: &mut Session, http: &mut HttpConnection) -> Result<Taken, Fault> {
    let Some(response) = session.unless_over(http.ask(session)).await else { return Ok(Taken::CellOver) };
    let mut response = response?;
    let position = position(&response)?;
    let mut coding = coding(&response)?;
    let mut reader = json_array::Reader::default();
    let mut events = 0;
    while let Some(chunk) = http.next_chunk(response.body_mut()).await? {
        coding.decode(session, &chunk, |session, says| {
            events += deliver_all(session, &mut reader, says)?;
            Ok(())
        })?;
    }
    coding.finish(session)?;
    if reader.finish().is_err() {
        session.malformed();
        return Err(Fault::Protocol);
    }
    // It is the position after this answer, so it would make the answer's own events old ones.
    if let Some(position) = position {
        session.position(position);
    }
    session.answered(events);
    Ok(Taken::Answer)
}

/// How the content of an answer is coded.
pub(super) fn coding(response: &Response<Body>) -> Result<Coding, Fault> {
    Coding::of(response.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes))
}

fn position(response: &Response<Body>) -> Result<Option<Cursor>, Fault> {
    let Some(field) = response.headers().get(CURSOR_FIELD) else { return Ok(None) };
    field.to_str().ok().and_then(|text| text.parse().ok()).ok_or(Fault::Protocol).map(Some)
}

/// Delivers what is whole by now, and gives how many events it was.
pub(crate) fn deliver_all(
    session: &mut Session,
    reader: &mut json_array::Reader,
    chunk: &[u8],
) -> Result<usize, Fault> {
    let mut rest = chunk;
    let mut events = 0;
    loop {
        match reader.next(&mut rest) {
            Ok(Some(element)) => session.deliver(element.text),
            Ok(None) => return Ok(events),
            Err(_) => {
                session.malformed();
                return Err(Fault::Protocol);
            }
        }
        events += 1;
    }
}
