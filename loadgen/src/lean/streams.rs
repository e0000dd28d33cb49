//! The three streams: one request, and a body that goes on until the server ends it. A body that ends on an open
//! connection was recycled: the client asks again with its cursor, unless the feed has ended and there is nothing more to ask for.

use feedbench_wire::Framing;
use feedbench_wire::reader::StreamReader;

use super::http::{self, Http};
use crate::fault::{Ended, Fault};
use crate::line::Line;
use crate::session::Session;
use crate::transport::stream::deliver_all;

pub(super) fn run(session: &mut Session, line: Line, framing: Framing) -> impl Future<Output = Ended> {
    http::over(session, line, async move |session, http| {
        let mut again = false;
        while http.is_open().await? && read_stream(session, http, framing, again).await? {
            if session.feed_ended() {
                break;
            }
            again = true;
            // A server that ends the connection together with the stream says so at once: let that be heard.
            tokio::task::yield_now().await;
        }
        Ok(())
    })
}

/// Delivers what one stream holds until it ends. False when it did not begin, `again`: between two streams the server is
/// free to end the connection instead.
async fn read_stream(session: &mut Session, http: &mut Http, framing: Framing, again: bool) -> Result<bool, Fault> {
    let mut answer = http.ask(session).await?;
    let mut reader = StreamReader::new(framing);
    while !answer.is_over() {
        let had_begun = answer.has_begun();
        let bytes = http.read(&mut answer).await?;
        if bytes.is_empty() {
            if again && !answer.has_begun() {
                return Ok(false);
            }
            answer.close()?;
        }
        let mut rest = &*bytes;
        while let Some(content) = answer.next(session.last_head(), &mut rest)? {
            answer.decode(session, content, |session, says| deliver_all(session, &mut reader, says))?;
        }
        if again && !had_begun && answer.has_begun() {
            session.recycled();
        }
    }
    answer.finish(session)?;
    http.answered(session, &answer);
    Ok(true)
}
