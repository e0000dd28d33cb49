//! The transports once more, each a bare socket and a small state machine. Read `transport` first: it says the same with
//! the libraries that programs use, and a test holds that both kinds send and take the same.
//!
//! A client has no buffer: the bytes of a read lie in its worker's [`Scratch`](crate::scratch::Scratch) and are taken
//! before the next read, of whomever. What the network split is held by the readers until it is whole.
//!
//! - `http`: a connection that answers one request at a time. `answer`: one answer in whatever pieces it comes, and
//!   `last_head` what its head says.

mod long_polling;
mod polling;
mod streams;
mod websocket;

mod answer;
mod http;
mod last_head;

use std::future::Future;
use std::pin::Pin;

use feedbench_record::Transport;
use feedbench_wire::Framing;

use crate::fault::Ended;
use crate::line::Line;
use crate::session::Session;

pub(crate) use last_head::LastHead;

/// Uses a connection until the server ends it, it breaks, or the cell is over.
/// Each is on the heap: a client is as large as its own transport, and not as the largest one.
pub(crate) fn run(
    transport: Transport,
    session: &mut Session,
    line: Line,
) -> Pin<Box<dyn Future<Output = Ended> + '_>> {
    match transport {
        Transport::Polling => Box::pin(polling::run(session, line)),
        Transport::LongPolling => Box::pin(long_polling::run(session, line)),
        Transport::IframeStreaming => Box::pin(streams::run(session, line, Framing::Script)),
        Transport::Sse => Box::pin(streams::run(session, line, Framing::Sse)),
        Transport::FetchStreaming => Box::pin(streams::run(session, line, Framing::Ndjson)),
        Transport::WebSocket => Box::pin(websocket::run(session, line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_costs_little_memory_while_it_waits() {
        fn bytes<'s, F: 's>(_: impl FnOnce(&'s mut Session, Line) -> F) -> usize {
            size_of::<F>()
        }
        let (websocket, polling) = (bytes(websocket::run), bytes(polling::run));
        let stream = bytes(|session, line| streams::run(session, line, Framing::Sse));
        let line = (size_of::<Line>(), size_of::<crate::wake::ClientStack>());
        assert_eq!(line.0, line.1, "a line is no larger than a connection of its own");
        assert!(websocket <= 232 && polling <= 496 && stream <= 432, "{websocket} {polling} {stream}");
    }
}
