//! Iframe streaming, the "forever frame" (RFC 6202 section 3): a hidden frame loads a document that never ends, and each
//! event is a script element that calls the page around it.
//!
//! ```text
//! client                                    server
//!   GET /iframe-streaming            ->
//!                                    <-     200, text/html; charset=utf-8, chunked
//!                                    <-     <script>parent.position("a3f2-7")</script>
//!                                           (event 8 is published)
//!                                    <-     <script>parent.f({event 8})</script>
//! ```

use feedbench_wire::Framing;

use super::stream;
use crate::fault::Ended;
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, line: Line) -> Ended {
    stream::run(session, line, Framing::Script).await
}
