//! What framing adds to an event, byte for byte: constants of the specifications and of the feed's own forms.
//!
//! | item | bytes | source |
//! |---|---|---|
//! | WebSocket frame, server to client | 2, 4 or 10 (payload to 125, to 65,535, larger) | RFC 6455 section 5.2 |
//! | the same, client to server | 4 more: the mask | RFC 6455 section 5.3 |
//! | chunk around n bytes | hexadecimal digits of n, and two line ends: 4; the last chunk 5 | RFC 9112 section 7.1 |
//! | `id: EPOCH-SEQ`, `data: X` and a blank line | 10 and the digits of SEQ, 8 | HTML Living Standard section 9.2 |
//! | script element | 28 around the event text | RFC 6202 section 3 |
//! | NDJSON | 1: the line feed | |
//! | poll | 2: the brackets; a comma between events | RFC 8259 section 5 |

use feedbench_record::Transport;

/// The brackets around the answer of a poll.
pub(crate) const ARRAY: f64 = 2.0;
/// What ends a body in chunks.
pub(crate) const LAST_CHUNK: u64 = 5;
/// A position in the feed before its first event, as in `a3f2-0`.
const FIRST_POSITION: u64 = 6;
/// The text in which NDJSON and WebSocket name a position: `{"cursor":"a3f2-0"}`.
const POSITION_TEXT: u64 = 13 + FIRST_POSITION;
/// The end of the feed as the server says it in a close frame: the status, and a reason of 18 letters.
const CLOSE_TEXT: u64 = 2 + 18;

/// The header of a WebSocket frame; a client's is masked.
pub(crate) const fn frame_header(payload: u64, masked: bool) -> u64 {
    let length = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    if masked { length + 4 } else { length }
}

/// What a chunk adds to `content` bytes (1 at least).
pub(crate) const fn chunk(content: u64) -> u64 {
    let mut hexadecimal_digits = 1;
    let mut rest = content >> 4;
    while rest > 0 {
        hexadecimal_digits += 1;
        rest >>= 4;
    }
    hexadecimal_digits + 4
}

/// Bytes of one pushed event beyond its text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Framed {
    /// What wraps the event.
    pub(crate) event: f64,
    /// The chunk around it.
    pub(crate) body: f64,
}

/// The framing of an event of `payload` bytes whose sequence number has so many digits; `None` where events are not pushed.
fn framed(transport: Transport, payload: u64, digits: u64) -> Option<Framed> {
    let event = match transport {
        Transport::Polling | Transport::LongPolling => return None,
        Transport::IframeStreaming => "<script>parent.f(".len() as u64 + ")</script>\n".len() as u64,
        Transport::Sse => 10 + digits + 8,
        Transport::FetchStreaming => 1,
        Transport::WebSocket => frame_header(payload, false),
    };
    let body = if transport == Transport::WebSocket { 0 } else { chunk(payload + event) };
    Some(Framed { event: event as f64, body: body as f64 })
}

/// The mean framing of the first `events` events of a feed, each in a chunk of its own where there are chunks; `None` where
/// events are not pushed.
pub(crate) fn mean_framed(transport: Transport, payload: u64, events: u64) -> Option<Framed> {
    // No feed is longer, and the digits of its numbers end.
    let events = events.clamp(1, 10_u64.pow(15));
    let mut sum = Framed::default();
    let (mut first, mut digits) = (1_u64, 1);
    while first <= events {
        let next = first * 10;
        let count = (events.min(next - 1) - first + 1) as f64;
        let one = framed(transport, payload, digits)?;
        sum = Framed { event: sum.event + count * one.event, body: sum.body + count * one.body };
        (first, digits) = (next, digits + 1);
    }
    Some(Framed { event: sum.event / events as f64, body: sum.body / events as f64 })
}

/// What is said once on a connection beside its opening, and belongs to no event: the client's position at its start, and
/// what ends it.
pub(crate) fn once(transport: Transport) -> Option<Framed> {
    let prologue = match transport {
        Transport::Polling | Transport::LongPolling => return None,
        Transport::IframeStreaming => {
            let document = "<!DOCTYPE html><meta charset=\"utf-8\"><title>feed</title>\n".len() as u64;
            document + "<script>parent.position(\"".len() as u64 + FIRST_POSITION + "\")</script>\n".len() as u64
        }
        Transport::Sse => "retry: 1000\nid: \n\n".len() as u64 + FIRST_POSITION,
        Transport::FetchStreaming => POSITION_TEXT + 1,
        Transport::WebSocket => {
            let closes = frame_header(CLOSE_TEXT, false) + frame_header(CLOSE_TEXT, true) + 2 * CLOSE_TEXT;
            frame_header(POSITION_TEXT, false) + POSITION_TEXT + closes
        }
    };
    let chunks = if transport == Transport::WebSocket { 0 } else { chunk(prologue) + LAST_CHUNK };
    Some(Framed { event: prologue as f64, body: chunks as f64 })
}

/// A heartbeat and what answers it, and the chunk around it.
pub(crate) fn heartbeat(transport: Transport) -> Option<Framed> {
    let beat = match transport {
        Transport::Polling | Transport::LongPolling => return None,
        Transport::IframeStreaming => "<!---->\n".len() as u64,
        Transport::Sse => ":\n\n".len() as u64,
        Transport::FetchStreaming => 1,
        Transport::WebSocket => frame_header(0, false) + frame_header(0, true),
    };
    let chunks = if transport == Transport::WebSocket { 0 } else { chunk(beat) };
    Some(Framed { event: beat as f64, body: chunks as f64 })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_header_of_its_length() {
        let headers = [125, 126, 65_535, 65_536].map(|n| (frame_header(n, false), frame_header(n, true)));
        assert_eq!(headers, [(2, 6), (4, 8), (4, 8), (10, 14)]);
    }

    #[test]
    fn a_chunk_has_as_many_digits_as_its_length_in_hexadecimal() {
        for content in [1_u64, 15, 16, 255, 256, 4_095, 4_096, 262_144] {
            assert_eq!(chunk(content), format!("{content:X}\r\n\r\n").len() as u64, "{content}");
        }
    }

    #[test]
    fn the_mean_over_a_feed_is_that_of_its_events() {
        for transport in Transport::ALL {
            for events in [1, 9, 10, 64, 1_234] {
                let Some(mean) = mean_framed(transport, 100, events) else { continue };
                let each = (1..=events).map(|seq| framed(transport, 100, seq.to_string().len() as u64).unwrap());
                let sum = each.fold(0.0, |sum, one| sum + one.event + one.body);
                assert!((mean.event + mean.body - sum / events as f64).abs() < 1e-9, "{transport} {events}");
            }
        }
    }

    #[test]
    fn framing_is_what_a_real_run_has_shown() {
        let of = |transport| mean_framed(transport, 100, 64).unwrap();
        let events = |framed: Framed| (framed.event * 64.0, framed.body * 64.0);
        assert_eq!(events(of(Transport::IframeStreaming)), (1_792.0, 384.0));
        assert_eq!(events(of(Transport::Sse)), (1_271.0, 384.0));
        assert_eq!(events(of(Transport::FetchStreaming)), (64.0, 384.0));
        assert_eq!(events(of(Transport::WebSocket)), (128.0, 0.0));
        let once = |transport| once(transport).map(|framed| (framed.event, framed.body)).unwrap();
        assert_eq!(once(Transport::IframeStreaming), (100.0, 11.0));
        assert_eq!(once(Transport::Sse), (24.0, 11.0));
        assert_eq!(once(Transport::FetchStreaming), (20.0, 11.0));
        assert_eq!(once(Transport::WebSocket), (43.0 + 26.0, 0.0));
    }
}
