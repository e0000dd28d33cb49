//! Server-sent events (HTML Living Standard section 9.2): what `EventSource` does by itself. A client that comes back
//! tells its place in the `Last-Event-ID` field.
//!
//! ```text
//! client                                    server
//!   GET /sse                         ->
//!                                    <-     200, text/event-stream, chunked
//!                                    <-     retry: 1000, id: a3f2-7
//!                                           (event 8 is published)
//!                                    <-     id: a3f2-8, data: {event 8}
//! ```

use feedbench_wire::Framing;

use super::stream;
use crate::fault::Ended;
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, line: Line) -> Ended {
    stream::run(session, line, Framing::Sse).await
}
