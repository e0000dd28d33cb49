//! Which protocol a connection speaks, as its first bytes tell.

use feedbench_record::ledger::Way;

use crate::h2::frame::{FrameHeader, FrameKind, HEADER_BYTES, PAYLOAD_MAX_BYTES, PREFACE};

/// The first bytes of a connection, as long as they may be of either protocol.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// How many bytes of the client's preface have come.
    up: u8,
    /// What has come of a server's first frame: it may speak before the client does.
    down: [u8; HEADER_BYTES],
    down_bytes: u8,
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    Http1,
    Http2,
}

impl Start {
    /// Takes bytes from the front of `bytes`, as long as they leave it open.
    pub(super) fn look(&mut self, way: Way, bytes: &mut &[u8]) -> Option<Decided> {
        while let Some((&b, rest)) = bytes.split_first() {
            let goes_on = match way {
                Way::Up => self.goes_on_up(b),
                Way::Down => self.goes_on_down(b),
            };
            if !goes_on {
                return Some(Decided::Http1);
            }
            *bytes = rest;
            if usize::from(self.up) == PREFACE.len() || usize::from(self.down_bytes) == HEADER_BYTES {
                return Some(Decided::Http2);
            }
        }
        None
    }

    /// What was taken of one direction.
    pub(super) fn taken(&self, way: Way) -> &[u8] {
        match way {
            Way::Up => &PREFACE[..self.up.into()],
            Way::Down => &self.down[..self.down_bytes.into()],
        }
    }

    /// The preface is no request of HTTP/1.1 (RFC 9113 section 3.4).
    fn goes_on_up(&mut self, b: u8) -> bool {
        let goes_on = PREFACE.get(usize::from(self.up)) == Some(&b);
        self.up += u8::from(goes_on);
        goes_on
    }

    /// A server begins with SETTINGS, which no answer of HTTP/1.1 does (RFC 9113 section 6.5).
    fn goes_on_down(&mut self, b: u8) -> bool {
        let n = usize::from(self.down_bytes);
        self.down[n] = b;
        let header = FrameHeader::decode(&self.down);
        let goes_on = match n {
            0..=2 => header.payload_bytes <= PAYLOAD_MAX_BYTES,
            3 => header.kind == FrameKind::Settings,
            4 => header.flags == 0,
            _ => header.stream == 0,
        };
        self.down_bytes += u8::from(goes_on);
        goes_on
    }
}
