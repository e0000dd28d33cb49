//! Where a target's endpoints are and how a request names a place in its feed: a value, so that another kind of server
//! can be asked the same questions.

use feedbench_record::Transport;
use feedbench_wire::{Cursor, path};

/// The kind of server that is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dialect {
    /// feedbench's own server.
    Feedbench,
}

/// The place in the feed as a request tells it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// The request target.
    pub(crate) target: String,
    /// A request field that carries the cursor, as a browser's `EventSource` sends it by itself.
    pub(crate) last_event_id: Option<String>,
}

impl Dialect {
    /// What a client of `transport` asks for.
    pub(crate) fn question(self, transport: Transport, topic: &str, cursor: Option<Cursor>, hold_ms: u64) -> Question {
        let Dialect::Feedbench = self;
        let in_target =
            |cursor, hold_ms| Question { target: path::target(transport, topic, cursor, hold_ms), last_event_id: None };
        match transport {
            Transport::LongPolling => in_target(cursor, Some(hold_ms)),
            Transport::Sse => {
                Question { last_event_id: cursor.map(|cursor| cursor.to_string()), ..in_target(None, None) }
            }
            Transport::Polling | Transport::IframeStreaming | Transport::FetchStreaming | Transport::WebSocket => {
                in_target(cursor, None)
            }
        }
    }
}
