//! Long polling: the next request leaves as soon as the answer is in.

use super::http;
use super::polling::take;
use crate::fault::Ended;
use crate::session::Session;
use crate::wake::ClientStack;

pub(super) fn run(session: &mut Session, stack: ClientStack) -> impl Future<Output = Ended> {
    http::over(session, stack, async |session, http| {
        while http.is_open().await? {
            take(session, http).await?;
        }
        Ok(())
    })
}
