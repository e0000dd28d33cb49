//! One direction of a connection, frame by frame.

use feedbench_record::ledger::{Heads, Layer, Way};
use feedbench_record::trace::What;

use super::fields::Fields;
use super::payload::{Payload, Run};
use super::streams::Streams;
use crate::h2::frame::{END_HEADERS, END_STREAM, FrameHeader, FrameKind, HEADER_BYTES, PREFACE, Part, Reader};
use crate::h2::hpack::{Decoder, TABLE_MAX_BYTES};
use crate::ledger::asked::About;
use crate::ledger::{Found, wide};
use crate::reader::ReadError;

/// The longest field block that is held (bytes).
const BLOCK_MAX_BYTES: usize = 64 * 1024;

/// The place in one direction.
#[derive(Debug)]
pub(super) struct Direction {
    way: Way,
    place: Place,
    reader: Reader,
    /// The frame that is being read, …
    frame: FrameHeader,
    /// … and the place in it, if it is DATA, HEADERS or CONTINUATION.
    payload: Payload,
    /// The field block that is being read.
    block: Option<Block>,
    decoder: Decoder,
    /// A transport's head was found.
    has_head: bool,
}

#[derive(Debug)]
enum Place {
    /// In the preface, of which so many bytes have come.
    Preface(usize),
    /// In the frames.
    Frames,
    /// After bytes that no reader understood.
    Lost,
}

/// A field block that is not whole.
#[derive(Debug)]
struct Block {
    stream: u32,
    /// The stream ends with it.
    ends: bool,
    bytes: Vec<u8>,
    /// Bytes of its frames so far.
    wire: usize,
}

impl Direction {
    pub(super) fn new(way: Way) -> Direction {
        let place = match way {
            Way::Up => Place::Preface(0),
            Way::Down => Place::Frames,
        };
        Direction {
            way,
            place,
            reader: Reader::default(),
            frame: FrameHeader { payload_bytes: 0, kind: FrameKind::Settings, flags: 0, stream: 0 },
            payload: Payload::default(),
            block: None,
            // It follows what the encoder says of its table, so that the ledger need not know which SETTINGS have arrived.
            decoder: Decoder::with_table(TABLE_MAX_BYTES),
            has_head: false,
        }
    }

    pub(super) const fn is_lost(&self) -> bool {
        matches!(self.place, Place::Lost)
    }

    pub(super) fn held_bytes(&self) -> usize {
        let preface = if let Place::Preface(bytes) = self.place { bytes } else { 0 };
        preface + self.reader.pending_bytes() + self.block.as_ref().map_or(0, |block| block.bytes.len())
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], streams: &mut Streams, found: &mut impl FnMut(Found<'_>)) {
        if !self.is_lost() && self.read(&mut bytes, streams, found).is_err() {
            self.place = Place::Lost;
            self.block = None;
            self.reader = Reader::default();
            self.decoder = Decoder::default();
        }
    }

    fn read(
        &mut self,
        bytes: &mut &[u8],
        streams: &mut Streams,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<(), ReadError> {
        self.preface(bytes, found)?;
        while let Some(part) = self.reader.next(bytes)? {
            match part {
                Part::Header(header) => {
                    self.begin(header, streams, found)?;
                    if header.payload_bytes == 0 {
                        self.end(streams, found)?;
                    }
                }
                Part::Payload { bytes, last } => {
                    self.payload(bytes, streams, found)?;
                    if last {
                        self.end(streams, found)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn preface(&mut self, bytes: &mut &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        let Place::Preface(before) = &mut self.place else { return Ok(()) };
        let (taken, rest) = bytes.split_at(bytes.len().min(PREFACE.len() - *before));
        if taken != &PREFACE[*before..][..taken.len()] {
            return Err(ReadError::Malformed("the preface of HTTP/2"));
        }
        *bytes = rest;
        *before += taken.len();
        if *before == PREFACE.len() {
            found(control(PREFACE.len()));
            self.place = Place::Frames;
        }
        Ok(())
    }

    /// A frame begins.
    fn begin(
        &mut self,
        header: FrameHeader,
        streams: &mut Streams,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<(), ReadError> {
        self.frame = header;
        // Nothing comes between the frames of a field block (RFC 9113 section 6.10).
        if self.block.as_ref().map(|block| block.stream) != self.continued() {
            return Err(ReadError::Malformed("a field block in one piece"));
        }
        match header.kind {
            FrameKind::Data | FrameKind::Headers if header.stream == 0 => {
                return Err(ReadError::Malformed("a frame of a stream"));
            }
            FrameKind::Data => {
                self.payload = Payload::new(&header)?;
                streams.around(self.way, header.stream, HEADER_BYTES, HEADER_BYTES, found);
            }
            FrameKind::Headers => {
                self.payload = Payload::new(&header)?;
                let ends = header.has(END_STREAM);
                self.block = Some(Block { stream: header.stream, ends, bytes: Vec::new(), wire: HEADER_BYTES });
            }
            FrameKind::Continuation => {
                self.payload = Payload::new(&header)?;
                if let Some(block) = &mut self.block {
                    block.wire += HEADER_BYTES;
                }
            }
            FrameKind::PushPromise => return Err(ReadError::Malformed("an answer that was asked for")),
            _ => found(control(HEADER_BYTES)),
        }
        Ok(())
    }

    /// The stream whose field block the frame goes on with.
    fn continued(&self) -> Option<u32> {
        (self.frame.kind == FrameKind::Continuation).then_some(self.frame.stream)
    }

    fn payload(
        &mut self,
        mut bytes: &[u8],
        streams: &mut Streams,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<(), ReadError> {
        let (way, FrameHeader { kind, stream, .. }) = (self.way, self.frame);
        if !matches!(kind, FrameKind::Data | FrameKind::Headers | FrameKind::Continuation) {
            found(control(bytes.len()));
            return Ok(());
        }
        while !bytes.is_empty() {
            match (self.payload.next(&mut bytes)?, &mut self.block) {
                (Run::Around { count, .. }, Some(block)) => block.wire += count,
                (Run::Content(content), Some(block)) => block.add(content)?,
                (Run::Around { count, framing }, None) => streams.around(way, stream, count, framing, found),
                (Run::Content(content), None) => streams.content(way, stream, content, found),
            }
        }
        Ok(())
    }

    /// A frame is whole.
    fn end(&mut self, streams: &mut Streams, found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        let FrameHeader { kind, stream, .. } = self.frame;
        match kind {
            FrameKind::Data if self.frame.has(END_STREAM) => streams.end(self.way, stream, found),
            FrameKind::RstStream => streams.reset(self.way, stream),
            FrameKind::Headers | FrameKind::Continuation if self.frame.has(END_HEADERS) => {
                if let Some(block) = self.block.take() {
                    self.head(&block, streams, found)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A field block is whole.
    fn head(
        &mut self,
        block: &Block,
        streams: &mut Streams,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<(), ReadError> {
        let mut fields = Fields::default();
        self.decoder
            .decode(&block.bytes, |name, value| fields.add(name, value))
            .map_err(|_| ReadError::Malformed("a field block"))?;
        let begun = match self.way {
            Way::Up => streams.request(block.stream, &fields, block.wire, block.ends, found),
            Way::Down => streams.answer(block.stream, &fields, block.wire, block.ends, found),
        };
        if let Some(About::Feed(_)) = begun {
            let (wire, compressed) = (wide(block.wire), wide(block.bytes.len()));
            let heads = Heads { count: 1, wire, compressed, uncompressed: wide(fields.uncompressed) };
            let is_first = !std::mem::replace(&mut self.has_head, true);
            found(Found::Hpack { is_first, heads });
        }
        Ok(())
    }
}

impl Block {
    fn add(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        if self.bytes.len() + bytes.len() > BLOCK_MAX_BYTES {
            return Err(ReadError::TooLong(BLOCK_MAX_BYTES));
        }
        self.bytes.extend_from_slice(bytes);
        self.wire += bytes.len();
        Ok(())
    }
}

/// Bytes of the connection itself.
fn control(count: usize) -> Found<'static> {
    Found::Bytes { layer: Layer::Control, what: What::ControlPayload, count }
}
