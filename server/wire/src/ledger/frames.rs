//! WebSocket frames in one direction.

use feedbench_record::ledger::{Exchanges, Layer, Way};
use feedbench_record::trace::{StepKind, What};

use super::{ExchangeKind, Found, wide};
use crate::framing::read_position;
use crate::reader::ReadError;
use crate::reader::frame::{Header, Opcode, Part, Reader, Sender};

/// The longest first message that is held to see whether it names the position (bytes).
const POSITION_MAX_BYTES: usize = 64;

/// The place in the frames of one direction.
#[derive(Debug)]
pub(super) struct Frames {
    reader: Reader,
    way: Way,
    /// The frame that is being read.
    frame: Frame,
    /// The frame's bytes so far, and those of the frames of its message before it.
    bytes: u64,
    message_bytes: u64,
    /// The server's first message names the client's position, and is told from an event by what it says: its payload as
    /// far as it has come, if it is short enough to be the position.
    first: Option<Box<[u8; POSITION_MAX_BYTES]>>,
    /// The first message has not begun.
    expects_first: bool,
}

/// What is to be remembered of a frame's header.
#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: Opcode,
    fin: bool,
    /// The length of its header (bytes).
    header_bytes: u8,
}

impl Frames {
    /// The frames of one end, right after the upgrade.
    pub(super) fn new(sender: Sender) -> Frames {
        let way = match sender {
            Sender::Client => Way::Up,
            Sender::Server => Way::Down,
        };
        let frame = Frame { opcode: Opcode::Continuation, fin: false, header_bytes: 0 };
        let expects_first = sender == Sender::Server;
        Frames { reader: Reader::new(sender), way, frame, bytes: 0, message_bytes: 0, first: None, expects_first }
    }

    pub(super) fn held_bytes(&self) -> usize {
        let first = self.first.as_ref().map_or(0, |held| held.len());
        self.reader.pending_bytes() + first
    }

    /// Takes all of `bytes`.
    pub(super) fn push(&mut self, bytes: &mut &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        while let Some(part) = self.reader.next(bytes)? {
            match part {
                Part::Header(header) => self.begin(header, found),
                Part::Payload { bytes, last } => self.payload(bytes, last, found),
            }
        }
        Ok(())
    }

    fn begin(&mut self, header: Header, found: &mut impl FnMut(Found<'_>)) {
        let Header { fin, opcode, wire_bytes, .. } = header;
        self.frame = Frame { fin, opcode, header_bytes: wire_bytes as u8 };
        self.bytes = wide(wire_bytes);
        if self.expects_first && !opcode.is_control() {
            self.expects_first = false;
            let is_short = fin && header.payload_bytes <= wide(POSITION_MAX_BYTES);
            self.first = is_short.then(|| Box::new([0; POSITION_MAX_BYTES]));
        }
        if !self.holds() {
            found(Found::Bytes { layer: self.frame.framing_layer(), what: What::FrameHeader, count: wire_bytes });
        }
    }

    fn payload(&mut self, payload: &[u8], last: bool, found: &mut impl FnMut(Found<'_>)) {
        let before = (self.bytes - u64::from(self.frame.header_bytes)) as usize;
        self.bytes += wide(payload.len());
        if self.holds() {
            // A frame that is held is short and a message by itself.
            if let Some(held) = &mut self.first {
                held[before..][..payload.len()].copy_from_slice(payload);
            }
            if last && self.find_first(before + payload.len(), found) {
                return;
            }
        } else if self.frame.opcode.is_control() {
            found(Found::Bytes { layer: Layer::Control, what: What::ControlPayload, count: payload.len() });
        } else {
            found(Found::Bytes { layer: Layer::Payload, what: What::EventText, count: payload.len() });
        }
        if last {
            self.end(found);
        }
    }

    /// Is the payload of this frame held back?
    fn holds(&self) -> bool {
        self.first.is_some() && !self.frame.opcode.is_control()
    }

    /// The first message is whole, with so many bytes: is it the position? Otherwise it is an event like any other.
    fn find_first(&mut self, bytes: usize, found: &mut impl FnMut(Found<'_>)) -> bool {
        let Some(held) = self.first.take() else { return false };
        let is_position = read_position(&held[..bytes]).is_some();
        let (framing, text, what) = match is_position {
            true => (Layer::Control, Layer::Control, What::Position),
            false => (Layer::EventFraming, Layer::Payload, What::EventText),
        };
        let header_bytes = usize::from(self.frame.header_bytes);
        found(Found::Bytes { layer: framing, what: What::FrameHeader, count: header_bytes });
        found(Found::Bytes { layer: text, what, count: bytes });
        if is_position {
            found(Found::Step(StepKind::Position));
        }
        is_position
    }

    fn end(&mut self, found: &mut impl FnMut(Found<'_>)) {
        let mut exchange = Exchanges::default();
        let (kind, step) = match self.frame.opcode {
            Opcode::Close => return found(Found::Step(StepKind::Close)),
            Opcode::Ping => (ExchangeKind::Heartbeat, StepKind::Heartbeat),
            Opcode::Pong => (ExchangeKind::Heartbeat, StepKind::HeartbeatAnswer),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                self.message_bytes += self.bytes;
                if !self.frame.fin {
                    return;
                }
                self.bytes = std::mem::take(&mut self.message_bytes);
                match self.way {
                    Way::Up => (ExchangeKind::Publish, StepKind::Event),
                    Way::Down => (ExchangeKind::PushedEvent, StepKind::Event),
                }
            }
        };
        // A pong is the other half of its ping.
        exchange.count = u64::from(self.frame.opcode != Opcode::Pong);
        *exchange.bytes_mut(self.way) = self.bytes;
        found(Found::Exchange(kind, exchange));
        found(Found::Step(step));
    }
}

impl Frame {
    fn framing_layer(self) -> Layer {
        if self.opcode.is_control() { Layer::Control } else { Layer::EventFraming }
    }
}
