//! Polling: a request on a timer, answered at once. [`take`] is one poll of either kind, long or short.

use std::pin::pin;

use feedbench_wire::reader::json_array;

use super::http::{self, Http};
use crate::fault::{Ended, Fault};
use crate::line::Line;
use crate::session::Session;
use crate::transport::answer::deliver_all;

pub(super) fn run(session: &mut Session, line: Line) -> impl Future<Output = Ended> {
    http::over(session, line, async |session, http| {
        while http.while_open(pin!(session.next_poll())).await?.flatten().is_some() {
            take(session, http).await?;
        }
        Ok(())
    })
}

/// Asks once and delivers what the answer holds.
pub(super) async fn take(session: &mut Session, http: &mut Http) -> Result<(), Fault> {
    let mut answer = http.ask(session).await?;
    let (mut reader, mut events) = (json_array::Reader::default(), 0);
    while !answer.is_over() {
        let bytes = http.read(&mut answer).await?;
        if bytes.is_empty() {
            answer.close()?;
        }
        let mut rest = &*bytes;
        while let Some(content) = answer.next(session.last_head(), &mut rest)? {
            answer.decode(session, content, |session, says| {
                events += deliver_all(session, &mut reader, says)?;
                Ok(())
            })?;
        }
    }
    answer.finish(session)?;
    if reader.finish().is_err() {
        session.malformed();
        return Err(Fault::Protocol);
    }
    // It is the position after this answer, so it would make the answer's own events old ones.
    if let Some(position) = answer.position() {
        session.position(position);
    }
    session.answered(events);
    http.answered(session, &answer);
    Ok(())
}
