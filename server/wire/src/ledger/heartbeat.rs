//! What one heartbeat takes by the rules of its framing.

use feedbench_record::Transport;
use feedbench_record::ledger::Exchanges;
use feedbench_record::scenario::Protocol;

use crate::framing::Framing;
use crate::h2::frame::HEADER_BYTES;

/// The header of a short WebSocket frame, without and with a mask (bytes; RFC 6455 section 5.2).
const FRAME: u64 = 2;
const MASKED_FRAME: u64 = 6;

/// One heartbeat of a transport with what answers it, not compressed, in a chunk or a DATA frame of its own; `None` where
/// nothing is pushed.
pub fn heartbeat(transport: Transport, protocol: Protocol) -> Option<Exchanges> {
    let framing = match transport {
        Transport::Polling | Transport::LongPolling => return None,
        Transport::IframeStreaming => Framing::Script,
        Transport::Sse => Framing::Sse,
        Transport::FetchStreaming => Framing::Ndjson,
        // A ping without a payload, and the pong that must answer it (sections 5.5.2 and 5.5.3).
        Transport::WebSocket => {
            let around = if protocol == Protocol::Http2 { HEADER_BYTES as u64 } else { 0 };
            return Some(Exchanges { count: 1, up: around + MASKED_FRAME, down: around + FRAME });
        }
    };
    let bytes = framing.heartbeat().len();
    let around = match protocol {
        // The size in hexadecimal digits, and two line ends (RFC 9112 section 7.1).
        Protocol::Http1 => format!("{bytes:x}").len() + 4,
        Protocol::Http2 => HEADER_BYTES,
    };
    Some(Exchanges { count: 1, up: 0, down: (around + bytes) as u64 })
}
