//! The article's figures from their parts: heads, frames and segments. Every function is pure, and its tests hold it
//! against what was published.

use feedbench_record::Transport;

use super::published::{FRAME_PAYLOAD, POLL_PAYLOAD, REQUEST_HEAD, RESPONSE_HEAD};

/// IPv4 and TCP with timestamps, for each segment (bytes; RFC 791, RFC 9293, RFC 7323).
pub(super) const SEGMENT_HEADERS: u64 = 52;
/// The frame of the drafts before RFC 6455: 0x00 before the text and 0xFF behind it.
pub(super) const DRAFT_FRAME: u64 = 2;

/// The characters of a head without its line ends: how the article counted.
pub(super) fn characters(head: &[&str]) -> u64 {
    head.iter().map(|line| line.len() as u64).sum()
}

/// The bytes of a head on the wire: each line with CRLF, and an empty line at the end (RFC 9112 section 2.1).
pub(super) fn on_the_wire(head: &[&str]) -> u64 {
    characters(head) + 2 * head.len() as u64 + 2
}

/// The header of a frame from server to client (bytes; RFC 6455 section 5.2), by the length of its payload.
pub(super) fn frame_header(payload: u64) -> u64 {
    match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    }
}

/// The same from client to server, with the mask.
#[cfg(test)]
fn masked_frame_header(payload: u64) -> u64 {
    frame_header(payload) + 4
}

/// One message of the article in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) payload: u64,
    /// Above TCP: heads or a frame.
    pub(super) overhead: u64,
    /// Segments of both directions, acknowledgements included.
    segments: u64,
}

impl Message {
    /// A message by polling is a request, its answer and the acknowledgement of the answer; by WebSocket it is a frame
    /// and its acknowledgement.
    pub(super) fn by(transport: Transport) -> Message {
        match transport {
            Transport::Polling => Message {
                payload: POLL_PAYLOAD,
                overhead: on_the_wire(&REQUEST_HEAD) + on_the_wire(&RESPONSE_HEAD),
                segments: 3,
            },
            _ => Message { payload: FRAME_PAYLOAD, overhead: DRAFT_FRAME, segments: 2 },
        }
    }

    /// The same message with another payload (bytes); a frame's header depends on it (RFC 6455 section 5.2).
    pub(super) fn with_payload(self, transport: Transport, payload: u64) -> Message {
        match transport {
            Transport::Polling => Message { payload, ..self },
            _ => Message { payload, overhead: frame_header(payload), ..self },
        }
    }

    pub(super) fn total(self) -> u64 {
        self.payload + self.overhead
    }

    pub(super) fn overhead_on_ip(self) -> u64 {
        self.overhead + self.segments * SEGMENT_HEADERS
    }

    pub(super) fn total_on_ip(self) -> u64 {
        self.payload + self.overhead_on_ip()
    }
}

/// Bytes a second as Mbit/s (10^6 bits).
pub(super) fn mbit(bytes_per_s: f64) -> f64 {
    bytes_per_s * 8.0 / 1e6
}

/// Bytes a second as the article printed "Mbps": in 2^20 bits.
pub(super) fn mbps_of_2_20(bytes_per_s: f64) -> f64 {
    bytes_per_s * 8.0 / f64::from(1 << 20)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::published::{OVERHEAD, USE_CASES};
    use super::*;

    /// Does a figure, rounded as it was printed, give what was printed?
    fn is_printed(figure: f64, printed: &str) -> bool {
        let decimals = printed.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
        (figure - printed.parse::<f64>().unwrap()).abs() <= 0.5 * 10f64.powi(-decimals)
    }

    #[test]
    fn the_heads_have_the_characters_that_the_article_counted_and_more_bytes_on_the_wire() {
        assert_eq!((characters(&REQUEST_HEAD), characters(&RESPONSE_HEAD)), (692, 179));
        assert_eq!(characters(&REQUEST_HEAD) + characters(&RESPONSE_HEAD), OVERHEAD[0].1);
        assert_eq!((on_the_wire(&REQUEST_HEAD), on_the_wire(&RESPONSE_HEAD)), (716, 193));
        assert_eq!(Message::by(Transport::Polling).overhead, 909);
        assert_eq!(Message::by(Transport::WebSocket).overhead, OVERHEAD[1].1);
        let cookie = REQUEST_HEAD[10].strip_prefix("Cookie: ").unwrap();
        assert_eq!((cookie.len(), cookie.matches("; ").count() + 1), (274, 9));
        assert_eq!("HTTP/1.x".len(), "HTTP/1.1".len());
    }

    #[test]
    fn the_articles_table_is_clients_times_overhead_in_bits_of_2_20() {
        let si = [(6.968, 0.016), (69.68, 0.160), (696.8, 1.600)];
        for (case, si) in USE_CASES.iter().zip(si) {
            for ((transport, overhead), si) in OVERHEAD.into_iter().zip([si.0, si.1]) {
                let (printed, bytes) = (case.printed(transport), f64::from(case.clients) * overhead as f64);
                assert_eq!(printed.bytes_per_s as f64, bytes);
                assert!(is_printed(mbps_of_2_20(bytes), printed.mbps), "{}: {}", case.name, printed.mbps);
                assert!((mbit(bytes) - si).abs() < 1e-9, "{}: {si}", case.name);
            }
        }
    }

    #[test]
    fn a_frame_header_has_2_4_or_10_bytes_and_4_more_with_its_mask() {
        let lengths = [0, 125, 126, 65_535, 65_536];
        assert_eq!(lengths.map(frame_header), [2, 2, 4, 4, 10]);
        assert_eq!(lengths.map(masked_frame_header), [6, 6, 8, 8, 14]);
        assert_eq!(frame_header(FRAME_PAYLOAD), DRAFT_FRAME, "as long as the draft's, by chance");
    }

    #[test]
    fn on_ip_a_poll_has_three_segments_and_a_frame_two() {
        let (poll, frame) = (Message::by(Transport::Polling), Message::by(Transport::WebSocket));
        assert_eq!((poll.total_on_ip(), poll.overhead_on_ip()), (1_086, 1_065));
        assert_eq!((frame.total_on_ip(), frame.overhead_on_ip()), (126, 106));
        let all = |message: Message| mbit(message.total_on_ip() as f64 * f64::from(USE_CASES[2].clients));
        assert!(is_printed(all(poll), "869") && is_printed(all(frame), "101"));
    }

    #[test]
    fn another_payload_changes_totals_and_the_header_of_a_frame_alone() {
        let of = |transport, payload| Message::by(transport).with_payload(transport, payload);
        let poll = of(Transport::Polling, 64);
        assert_eq!((poll.overhead, poll.total(), poll.overhead_on_ip()), (909, 973, 1_065));
        assert_eq!([64, 126].map(|payload| of(Transport::WebSocket, payload).total()), [66, 130]);
    }

    #[test]
    fn the_ratios_follow_from_their_parts() {
        let (poll, frame) = (Message::by(Transport::Polling), Message::by(Transport::WebSocket));
        let ratio = |one: u64, other: u64| one as f64 / other as f64;
        // These two are cut, not rounded, where they are quoted.
        assert_eq!(ratio(OVERHEAD[0].1, OVERHEAD[1].1).floor(), 435.0);
        assert_eq!(ratio(poll.overhead, frame.overhead).floor(), 454.0);
        assert!(is_printed(ratio(poll.overhead_on_ip(), frame.overhead_on_ip()), "10.0"));
        assert!(is_printed(ratio(poll.total(), frame.total()), "42"));
        assert!(is_printed(ratio(poll.total_on_ip(), frame.total_on_ip()), "8.6"));
    }
}
