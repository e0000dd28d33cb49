//! Polling: a request on a timer, answered at once (RFC 6202 section 2.1).
//!
//! ```text
//! client                                   server
//!   GET /polling?cursor=a3f2-7      ->
//!                                   <-     200 []
//!   … one poll interval …                  (event 8 is published: it waits here)
//!   GET /polling?cursor=a3f2-7      ->
//!                                   <-     200 [event 8]
//! ```

use super::answer;
use crate::fault::Ended;
use crate::http;
use crate::line::Line;
use crate::session::Session;

pub(super) async fn run(session: &mut Session, line: Line) -> Ended {
    http::over(line, async |http| {
        while http.while_open(session.next_poll()).await?.flatten().is_some() {
            answer::take(session, http).await?;
        }
        Ok(())
    })
    .await
}
