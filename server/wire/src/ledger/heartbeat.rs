//! What one heartbeat takes by the rules of its framing.

use feedbench_record::Transport;
use feedbench_record::ledger::Exchanges;

use crate::framing::Framing;

/// The header of a short WebSocket frame, without and with a mask (bytes; RFC 6455 section 5.2).
const FRAME: u64 = 2;
const MASKED_FRAME: u64 = 6;

/// One heartbeat of a transport with what answers it, on HTTP/1.1; `None` where nothing is pushed.
pub fn heartbeat(transport: Transport) -> Option<Exchanges> {
    match transport {
        Transport::Polling | Transport::LongPolling => None,
        Transport::IframeStreaming => Some(in_a_chunk(Framing::Script)),
        Transport::Sse => Some(in_a_chunk(Framing::Sse)),
        Transport::FetchStreaming => Some(in_a_chunk(Framing::Ndjson)),
        // A ping without a payload, and the pong that must answer it (sections 5.5.2 and 5.5.3).
        Transport::WebSocket => Some(Exchanges { count: 1, up: MASKED_FRAME, down: FRAME }),
    }
}

/// The size in hexadecimal digits, and two line ends (RFC 9112 section 7.1).
fn in_a_chunk(framing: Framing) -> Exchanges {
    let bytes = framing.heartbeat().len();
    let chunk = format!("{bytes:x}").len() + bytes + 4;
    Exchanges { count: 1, up: 0, down: chunk as u64 }
}
