//! Long polling: the server holds a request until there is something to say (RFC 6202 section 2). The next request
//! leaves as soon as the answer is in; what was published in between is already waiting for it.
//!
//! ```text
//! client                                                server
//!   GET /long-polling?hold=25000&cursor=a3f2-7   ->
//!                                                       (event 8 is published)
//!                                                <-     200 [event 8]
//!   GET /long-polling?hold=25000&cursor=a3f2-8   ->
//! ```

use super::answer::{self, Taken};
use crate::fault::Ended;
use crate::http;
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, line: Line) -> Ended {
    http::over(line, async |http| {
        while http.is_open().await? && answer::take(session, http).await? == Taken::Answer {}
        Ok(())
    })
    .await
}
