//! Fetch streaming: the body of a `fetch()` read as it comes, one line of JSON an event.
//!
//! ```text
//! client                                    server
//!   GET /fetch-streaming             ->
//!                                    <-     200, application/x-ndjson, chunked
//!                                    <-     {"cursor":"a3f2-7"}
//!                                           (event 8 is published)
//!                                    <-     {event 8}
//! ```

use feedbench_wire::Framing;

use super::stream;
use crate::fault::Ended;
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, line: Line) -> Ended {
    stream::run(session, line, Framing::Ndjson).await
}
