//! Long polling: the next request leaves as soon as the answer is in.

use super::http;
use super::polling::take;
use crate::fault::Ended;
use crate::line::Line;
use crate::session::Session;

pub(super) fn run(session: &mut Session, line: Line) -> impl Future<Output = Ended> {
    http::over(session, line, async |session, http| {
        while http.is_open().await? {
            take(session, http).await?;
        }
        Ok(())
    })
}
