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

use super::answer;
use crate::http::HttpConnection;
use crate::session::{Ended, Fault, Session};
use crate::wake::ClientStack;

pub(super) async fn run(session: &mut Session, stack: ClientStack) -> Ended {
    let mut http = match HttpConnection::new(stack).await {
        Ok(http) => http,
        Err(fault) => return Ended { stack: None, fault: Some(fault) },
    };
    let fault = poll_until_the_end(session, &mut http).await.err();
    http.end(fault)
}

async fn poll_until_the_end(session: &mut Session, http: &mut HttpConnection) -> Result<(), Fault> {
    while http.is_open().await {
        if answer::take(session, http).await? == answer::Taken::CellOver {
            break;
        }
    }
    Ok(())
}
