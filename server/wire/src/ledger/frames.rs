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
    header: Option<Header>,
    /// The frame's bytes so far, and those of the frames of its message before it.
    bytes: u64,
    message_bytes: u64,
    first: First,
}

/// The server's first message names the client's position, and is told from an event by what it says.
#[derive(Debug, PartialEq, Eq)]
enum First {
    /// No message has begun.
    Expected,
    /// It is short enough to be the position: its payload so far.
    Held(Vec<u8>),
    /// It is over.
    Past,
}

impl Frames {
    /// The frames of one end, right after the upgrade.
    pub(super) fn new(sender: Sender) -> Frames {
        let (way, first) = match sender {
            Sender::Client => (Way::Up, First::Past),
            Sender::Server => (Way::Down, First::Expected),
        };
        Frames { reader: Reader::new(sender), way, header: None, bytes: 0, message_bytes: 0, first }
    }

    pub(super) fn held_bytes(&self) -> usize {
        let first = if let First::Held(held) = &self.first { held.len() } else { 0 };
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
        self.header = Some(header);
        self.bytes = wide(header.wire_bytes);
        let is_short = header.fin && header.payload_bytes <= wide(POSITION_MAX_BYTES);
        if !header.opcode.is_control() && self.first == First::Expected {
            self.first = if is_short { First::Held(Vec::new()) } else { First::Past };
        }
        if !self.holds(header) {
            found(Found::Bytes { layer: framing_layer(header), what: What::FrameHeader, count: header.wire_bytes });
        }
    }

    fn payload(&mut self, payload: &[u8], last: bool, found: &mut impl FnMut(Found<'_>)) {
        let Some(header) = self.header else { return };
        self.bytes += wide(payload.len());
        if self.holds(header) {
            if let First::Held(held) = &mut self.first {
                held.extend_from_slice(payload);
            }
            if last && self.find_first(header, found) {
                return;
            }
        } else if header.opcode.is_control() {
            found(Found::Bytes { layer: Layer::Control, what: What::ControlPayload, count: payload.len() });
        } else {
            found(Found::Bytes { layer: Layer::Payload, what: What::EventText, count: payload.len() });
        }
        if last {
            self.end(header, found);
        }
    }

    /// Is the payload of this frame held back?
    fn holds(&self, header: Header) -> bool {
        !header.opcode.is_control() && matches!(self.first, First::Held(_))
    }

    /// The first message is whole: is it the position? Otherwise it is an event like any other.
    fn find_first(&mut self, header: Header, found: &mut impl FnMut(Found<'_>)) -> bool {
        let First::Held(held) = std::mem::replace(&mut self.first, First::Past) else { return false };
        let is_position = read_position(&held).is_some();
        let (framing, text, what) = match is_position {
            true => (Layer::Control, Layer::Control, What::Position),
            false => (Layer::EventFraming, Layer::Payload, What::EventText),
        };
        found(Found::Bytes { layer: framing, what: What::FrameHeader, count: header.wire_bytes });
        found(Found::Bytes { layer: text, what, count: held.len() });
        if is_position {
            found(Found::Step(StepKind::Position));
        }
        is_position
    }

    fn end(&mut self, header: Header, found: &mut impl FnMut(Found<'_>)) {
        let mut exchange = Exchanges::default();
        let (kind, step) = match header.opcode {
            Opcode::Close => return found(Found::Step(StepKind::Close)),
            Opcode::Ping => (ExchangeKind::Heartbeat, StepKind::Heartbeat),
            Opcode::Pong => (ExchangeKind::Heartbeat, StepKind::HeartbeatAnswer),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                self.message_bytes += self.bytes;
                if !header.fin {
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
        exchange.count = u64::from(header.opcode != Opcode::Pong);
        *exchange.bytes_mut(self.way) = self.bytes;
        found(Found::Exchange(kind, exchange));
        found(Found::Step(step));
    }
}

fn framing_layer(header: Header) -> Layer {
    if header.opcode.is_control() { Layer::Control } else { Layer::EventFraming }
}
