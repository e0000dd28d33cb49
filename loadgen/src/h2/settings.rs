//! SETTINGS (RFC 9113 section 6.5): how each end wants to be spoken to.

use feedbench_wire::h2::frame::{FrameHeader, FrameKind};
use feedbench_wire::h2::settings::{
    self, ENABLE_CONNECT_PROTOCOL, ENABLE_PUSH, HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS,
    MAX_FRAME_SIZE,
};
use feedbench_wire::headers::Opening;

use super::ErrorCode;

/// The largest window (bytes), and the one at first: signed, because a window may become negative (RFC 9113 section
/// 6.9.2).
pub(super) const WINDOW_MAX_BYTES: i64 = settings::WINDOW_MAX_BYTES as i64;
pub(super) const WINDOW_BYTES: i64 = settings::WINDOW_BYTES as i64;
/// Requests that are begun before the server has said how many it takes: the fewest it should (RFC 9113 section 6.5.2).
const STREAMS_AT_FIRST: u32 = 100;

/// What the server has said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// It has said something: before, nothing is known.
    pub(super) known: bool,
    /// Requests that may be open at a time.
    pub(super) streams_max: u32,
    /// What may be sent on a new stream (bytes).
    pub(super) window_bytes: i64,
    /// The table that answers to our encoder (bytes), if it said so.
    pub(super) table_bytes: Option<u32>,
    /// It takes extended CONNECT.
    pub(super) tunnels: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            known: false,
            streams_max: STREAMS_AT_FIRST,
            window_bytes: WINDOW_BYTES,
            table_bytes: None,
            tunnels: false,
        }
    }
}

impl Settings {
    /// Takes the payload of a SETTINGS frame, a multiple of six bytes. What is not known is ignored.
    ///
    /// # Errors
    /// When a value is out of its range.
    pub(super) fn take(&mut self, payload: &[u8]) -> Result<(), ErrorCode> {
        if !std::mem::replace(&mut self.known, true) {
            // What it does not limit in its first frame has no limit.
            self.streams_max = u32::MAX;
        }
        let (settings, _) = payload.as_chunks::<6>();
        for &[id_high, id_low, value @ ..] in settings {
            let value = u32::from_be_bytes(value);
            match u16::from_be_bytes([id_high, id_low]) {
                HEADER_TABLE_SIZE => self.table_bytes = Some(value),
                MAX_CONCURRENT_STREAMS => self.streams_max = value,
                INITIAL_WINDOW_SIZE if i64::from(value) > WINDOW_MAX_BYTES => return Err(ErrorCode::FlowControl),
                INITIAL_WINDOW_SIZE => self.window_bytes = value.into(),
                // No frame of ours is longer than the shortest limit.
                MAX_FRAME_SIZE if !(1 << 14..1 << 24).contains(&value) => return Err(ErrorCode::Protocol),
                // A server may say so, but cannot be pushed to.
                ENABLE_PUSH if value != 0 => return Err(ErrorCode::Protocol),
                ENABLE_CONNECT_PROTOCOL if value > 1 => return Err(ErrorCode::Protocol),
                ENABLE_CONNECT_PROTOCOL => self.tunnels = value == 1,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Appends what a client says first after its preface.
pub(super) fn ours(opening: Opening, out: &mut Vec<u8>) {
    let payload_bytes = 6 * opening.settings().count() as u32;
    FrameHeader { payload_bytes, kind: FrameKind::Settings, flags: 0, stream: 0 }.encode(out);
    for (id, value) in opening.settings() {
        out.extend(id.to_be_bytes());
        out.extend(value.to_be_bytes());
    }
    if opening.opened_bytes() > 0 {
        window_update(0, opening.opened_bytes(), out);
    }
}

/// Appends a WINDOW_UPDATE: so many bytes more may come on a stream, or on the connection (0).
pub(super) fn window_update(stream: u32, more_bytes: u32, out: &mut Vec<u8>) {
    FrameHeader { payload_bytes: 4, kind: FrameKind::WindowUpdate, flags: 0, stream }.encode(out);
    out.extend(more_bytes.to_be_bytes());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn frame(id: u16, value: u32) -> Vec<u8> {
        [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()
    }

    #[test]
    fn what_the_server_does_not_limit_has_no_limit_once_it_has_spoken() {
        let mut settings = Settings::default();
        assert_eq!((settings.known, settings.streams_max), (false, 100));
        settings.take(&[]).unwrap();
        assert_eq!((settings.known, settings.streams_max, settings.tunnels), (true, u32::MAX, false));
        settings.take(&[frame(3, 7), frame(8, 1), frame(0xbaba, 9)].concat()).unwrap();
        assert_eq!((settings.streams_max, settings.tunnels), (7, true));
        settings.take(&frame(4, 10)).unwrap();
        assert_eq!((settings.streams_max, settings.window_bytes), (7, 10));
    }

    #[test]
    fn a_value_out_of_its_range_is_an_error() {
        for (id, value, error) in [
            (2, 1, ErrorCode::Protocol),
            (4, 1 << 31, ErrorCode::FlowControl),
            (5, 16_383, ErrorCode::Protocol),
            (5, 1 << 24, ErrorCode::Protocol),
            (8, 2, ErrorCode::Protocol),
        ] {
            assert_eq!(Settings::default().take(&frame(id, value)), Err(error), "{id} = {value}");
        }
    }
}
