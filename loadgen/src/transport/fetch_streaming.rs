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
use crate::session::Session;
use crate::wake::ClientStack;

pub(super) async fn run(session: &mut Session, stack: ClientStack) -> Ended {
    stream::run(session, stack, Framing::Ndjson).await
}
