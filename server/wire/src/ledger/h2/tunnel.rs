//! WebSocket frames in the DATA frames of a stream (RFC 8441 section 5).

use feedbench_record::ledger::Way;
use feedbench_record::trace::StepKind;

use crate::deflate::permessage::Agreed;
use crate::ledger::Found;
use crate::ledger::frames::Frames;
use crate::reader::ReadError;
use crate::reader::frame::Sender;

/// One direction of a WebSocket.
#[derive(Debug)]
pub(super) struct Tunnel {
    frames: Frames,
    way: Way,
    /// Bytes around DATA that belong to the next message.
    framing: u64,
}

impl Tunnel {
    /// What one end sends after the opening, in messages that may be compressed as both have agreed.
    pub(super) fn new(way: Way, agreed: Option<Agreed>) -> Tunnel {
        let sender = match way {
            Way::Up => Sender::Client,
            Way::Down => Sender::Server,
        };
        Tunnel { frames: Frames::new(sender, agreed), way, framing: 0 }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.frames.held_bytes()
    }

    pub(super) fn open_bytes(&self) -> usize {
        self.frames.open_bytes()
    }

    /// So many bytes are around the DATA that comes next.
    pub(super) fn frame(&mut self, bytes: u64) {
        self.framing += bytes;
    }

    pub(super) fn push(&mut self, mut data: &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        let (way, framing) = (self.way, &mut self.framing);
        self.frames.push(&mut data, &mut |one: Found<'_>| match one {
            Found::Exchange(kind, mut exchange) => {
                *exchange.bytes_mut(way) += std::mem::take(framing);
                found(Found::Exchange(kind, exchange));
            }
            // They are no exchanges, and keep what is around them.
            Found::Step(StepKind::Position | StepKind::Close) => {
                *framing = 0;
                found(one);
            }
            _ => found(one),
        })
    }
}
