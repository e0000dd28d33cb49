//! WebSocket frames in one direction.

use feedbench_record::ledger::{Compressed, Exchanges, Layer, Way};
use feedbench_record::trace::{StepKind, What};

use super::{ExchangeKind, Found, wide};
use crate::deflate::permessage::{Agreed, Inflater};
use crate::framing::read_position;
use crate::reader::frame::{Header, Mask, Opcode, Part, Reader, Sender};
use crate::reader::{ReadError, TEXT_MAX_BYTES};

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
    /// The first message has not begun.
    expects_first: bool,
    /// Apart, because few of many connections have any of it.
    aside: Option<Box<Aside>>,
}

/// What not all frames need.
#[derive(Debug, Default)]
struct Aside {
    /// The server's first message names the client's position, and is told from an event by what it says: its payload as
    /// far as it has come, if it is short enough to be the position.
    first: Option<[u8; POSITION_MAX_BYTES]>,
    /// Where messages may be compressed.
    deflate: Option<Deflate>,
}

/// Compressed messages. One is kept until it is whole: then what it says can be counted, however it was split.
#[derive(Debug)]
struct Deflate {
    inflater: Inflater,
    /// The message that is being read is compressed.
    compressed: bool,
    /// Its frame's mask.
    mask: Option<Mask>,
    /// Its payload so far; at most [`TEXT_MAX_BYTES`].
    payload: Vec<u8>,
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
    pub(super) fn new(sender: Sender, agreed: Option<Agreed>) -> Frames {
        let way = match sender {
            Sender::Client => Way::Up,
            Sender::Server => Way::Down,
        };
        let aside = agreed.map(|agreed| {
            let takeover = if way == Way::Up { agreed.client_takeover } else { agreed.server_takeover };
            let inflater = Inflater::new(takeover);
            Box::new(Aside {
                first: None,
                deflate: Some(Deflate { inflater, compressed: false, mask: None, payload: Vec::new() }),
            })
        });
        let reader = if agreed.is_some() { Reader::new(sender).with_deflate() } else { Reader::new(sender) };
        let frame = Frame { opcode: Opcode::Continuation, fin: false, header_bytes: 0 };
        let expects_first = sender == Sender::Server;
        Frames { reader, way, frame, bytes: 0, message_bytes: 0, expects_first, aside }
    }

    pub(super) fn held_bytes(&self) -> usize {
        let aside = self.aside.as_ref().map_or(0, |aside| {
            let message = aside.deflate.as_ref().map_or(0, |deflate| deflate.payload.len());
            aside.first.map_or(0, |held| held.len()) + message
        });
        self.reader.pending_bytes() + aside
    }

    /// Bytes taken whose layer is not found yet.
    pub(super) fn open_bytes(&self) -> usize {
        let first = if self.holds() { self.bytes as usize } else { 0 };
        self.reader.pending_bytes() + first
    }

    /// Takes all of `bytes`.
    pub(super) fn push(&mut self, bytes: &mut &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        while let Some(part) = self.reader.next(bytes)? {
            match part {
                Part::Header(header) => {
                    self.begin_deflate(&header)?;
                    self.begin(header, found);
                }
                Part::Payload { bytes, last } => {
                    self.payload(bytes, last, found);
                    self.inflate(bytes, last, found)?;
                }
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
            let is_short = fin && !header.compressed && header.payload_bytes <= wide(POSITION_MAX_BYTES);
            if is_short {
                self.aside.get_or_insert_default().first = Some([0; POSITION_MAX_BYTES]);
            }
        }
        if !self.holds() {
            found(Found::Bytes { layer: self.frame.framing_layer(), what: What::FrameHeader, count: wire_bytes });
        }
    }

    fn deflate(&mut self) -> Option<&mut Deflate> {
        self.aside.as_mut()?.deflate.as_mut()
    }

    /// Takes note of a frame of a message that may be compressed.
    fn begin_deflate(&mut self, header: &Header) -> Result<(), ReadError> {
        let Some(deflate) = self.deflate().filter(|_| !header.opcode.is_control()) else { return Ok(()) };
        if header.opcode != Opcode::Continuation {
            deflate.compressed = header.compressed;
        }
        deflate.mask = header.mask.map(Mask::new);
        let most = (TEXT_MAX_BYTES - deflate.payload.len()) as u64;
        let fits = !deflate.compressed || header.payload_bytes <= most;
        if fits { Ok(()) } else { Err(ReadError::TooLong(TEXT_MAX_BYTES)) }
    }

    /// Takes more of a compressed message, and counts what it says when it is whole.
    fn inflate(&mut self, bytes: &[u8], last: bool, found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        let Frame { opcode, fin, .. } = self.frame;
        let Some(deflate) = self.deflate().filter(|deflate| deflate.compressed && !opcode.is_control()) else {
            return Ok(());
        };
        let at = deflate.payload.len();
        deflate.payload.extend_from_slice(bytes);
        if let Some(mask) = &mut deflate.mask {
            mask.apply(&mut deflate.payload[at..]);
        }
        if last && fin {
            let payload = std::mem::take(&mut deflate.payload);
            let says = deflate.inflater.message(&payload, TEXT_MAX_BYTES)?;
            found(Found::Compressed(Compressed { before: wide(says.len()), after: wide(payload.len()) }));
        }
        Ok(())
    }

    fn payload(&mut self, payload: &[u8], last: bool, found: &mut impl FnMut(Found<'_>)) {
        let before = (self.bytes - u64::from(self.frame.header_bytes)) as usize;
        self.bytes += wide(payload.len());
        if self.holds() {
            // A frame that is held is short and a message by itself.
            if let Some(held) = self.aside.as_mut().and_then(|aside| aside.first.as_mut()) {
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
        self.aside.as_ref().is_some_and(|aside| aside.first.is_some()) && !self.frame.opcode.is_control()
    }

    /// The first message is whole, with so many bytes: is it the position? Otherwise it is an event like any other.
    fn find_first(&mut self, bytes: usize, found: &mut impl FnMut(Found<'_>)) -> bool {
        let Some(held) = self.aside.as_mut().and_then(|aside| aside.first.take()) else { return false };
        self.aside.take_if(|aside| aside.deflate.is_none());
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
