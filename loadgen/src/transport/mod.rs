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
use crate::line::Line;
use crate::session::Session;

/// Uses a connection until the server ends it, it breaks, or the cell is over.
pub(crate) async fn run(transport: Transport, session: &mut Session, line: Line) -> Ended {
    match transport {
        Transport::Polling => polling::run(session, line).await,
        Transport::LongPolling => long_polling::run(session, line).await,
        Transport::IframeStreaming => iframe_streaming::run(session, line).await,
        Transport::Sse => server_sent_events::run(session, line).await,
        Transport::FetchStreaming => fetch_streaming::run(session, line).await,
        Transport::WebSocket => websocket::run(session, line).await,
    }
}
