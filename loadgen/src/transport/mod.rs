//! The transports, one file each, as a page in a browser would use them: open, ask, take what comes, keep the cursor.
//!
//! A transport owns one connection from its first request to its end. When to connect again, when to poll, what the
//! time is and what is counted lies in the [`Session`] it was given.

mod fetch_streaming;
mod iframe_streaming;
mod long_polling;
mod polling;
mod server_sent_events;
pub(crate) mod websocket;

pub(crate) mod answer;
pub(crate) mod stream;

use feedbench_record::Transport;

use crate::fault::Ended;
use crate::session::Session;
use crate::wake::ClientStack;

/// Uses a connection until the server ends it, it breaks, or the cell is over.
pub(crate) async fn run(transport: Transport, session: &mut Session, stack: ClientStack) -> Ended {
    match transport {
        Transport::Polling => polling::run(session, stack).await,
        Transport::LongPolling => long_polling::run(session, stack).await,
        Transport::IframeStreaming => iframe_streaming::run(session, stack).await,
        Transport::Sse => server_sent_events::run(session, stack).await,
        Transport::FetchStreaming => fetch_streaming::run(session, stack).await,
        Transport::WebSocket => websocket::run(session, stack).await,
    }
}
