//! Bodies: how they are transferred, and what they hold.

use feedbench_record::ledger::{Exchanges, Layer};
use feedbench_record::trace::{StepKind, What};

use super::zipped::Zipped;
use super::{ExchangeKind, Found, wide};
use crate::reader::chunked::Part;
use crate::reader::head::BodyLength;
use crate::reader::{Item, Piece, ReadError, StreamReader, body, json_array};

/// The length of the line end after a chunk's data (RFC 9112 section 7.1).
const CHUNK_END_BYTES: usize = 2;

/// What a body holds.
#[derive(Debug)]
pub(super) enum Content {
    /// The answer of a poll.
    Array(json_array::Reader),
    /// Events as they come.
    Stream(Box<StreamReader>),
    /// One of these in gzip.
    Zipped(Box<Zipped>),
    /// The same from its first byte to its last.
    Whole(Layer, What),
    /// No transport's.
    Admin,
}

/// A body that has begun.
#[derive(Debug)]
pub(super) struct Body {
    transfer: body::Reader,
    content: Content,
    /// Events found so far.
    events: u64,
    /// Chunk framing that belongs to the next piece of a stream (bytes).
    framing: usize,
    /// What is left of the line end after a chunk's data (bytes).
    chunk_end: usize,
}

impl Body {
    /// The body after a head. It has at least a byte, or ends with the connection.
    pub(super) fn new(length: BodyLength, content: Content) -> Body {
        Body { transfer: body::Reader::new(length), content, events: 0, framing: 0, chunk_end: 0 }
    }

    /// Events found so far.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn held_bytes(&self) -> usize {
        match &self.content {
            Content::Array(reader) => reader.pending_bytes(),
            Content::Stream(reader) => reader.pending_bytes(),
            Content::Zipped(zipped) => zipped.held_bytes(),
            Content::Whole(..) | Content::Admin => 0,
        }
    }

    /// Bytes of the body whose layer is not found yet.
    fn open_bytes(&self) -> usize {
        if let Content::Zipped(_) = self.content { 0 } else { self.held_bytes() }
    }

    /// Takes what belongs to the body from the front of `bytes`, of which there are some; true at its end.
    pub(super) fn push(&mut self, bytes: &mut &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<bool, ReadError> {
        match self.transfer.next(bytes)? {
            None => {}
            Some(Part::Data(data)) => {
                self.chunk_end = CHUNK_END_BYTES;
                self.hold(data, found)?;
                if self.transfer.has_ended() {
                    self.finish(found)?;
                }
            }
            Some(Part::Framing(framing)) => self.framing(framing, What::ChunkSize, found),
            Some(Part::End(framing)) => {
                // The framing is right even where the content is not.
                let finished = self.finish(found);
                self.framing(framing, What::LastChunk, found);
                finished?;
            }
        }
        Ok(self.transfer.has_ended())
    }

    /// The line end after a chunk's data, then a size line or the last chunk.
    fn framing(&mut self, framing: &[u8], what: What, found: &mut impl FnMut(Found<'_>)) {
        let end = framing.len().min(self.chunk_end);
        self.chunk_end -= end;
        let held = self.open_bytes();
        for (count, what) in [(end, What::ChunkEnd), (framing.len() - end, what)] {
            match self.content {
                _ if count == 0 => {}
                Content::Admin => found(Found::Admin { count }),
                _ => found(Found::Chunking { what, count, held }),
            }
        }
        self.framing += framing.len();
    }

    fn hold(&mut self, mut data: &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        match &mut self.content {
            Content::Admin => found(Found::Admin { count: data.len() }),
            Content::Zipped(zipped) => self.events += zipped.push(data, &mut self.framing, found),
            &mut Content::Whole(layer, what) => found(Found::Bytes { layer, what, count: data.len() }),
            Content::Array(reader) => {
                while let Some(element) = reader.next(&mut data)? {
                    self.events += 1;
                    let (text, wire_bytes) = (element.text, element.wire_bytes);
                    found(Found::Event { framing: What::JsonArray, text, wire_bytes });
                }
            }
            Content::Stream(reader) => {
                let wrapping = match **reader {
                    StreamReader::Script(_) => What::ScriptElement,
                    StreamReader::Sse(_) => What::SseField,
                    StreamReader::Ndjson(_) => What::LineFeed,
                };
                while let Some(piece) = reader.next(&mut data)? {
                    self.events += u64::from(matches!(piece.item, Item::Event(_)));
                    let down = wide(piece.wire_bytes + std::mem::take(&mut self.framing));
                    find_piece(&piece, wrapping, Exchanges { count: 1, up: 0, down }, found);
                }
            }
        }
        Ok(())
    }

    /// What is left of the content when its last byte was seen.
    fn finish(&mut self, found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        match &mut self.content {
            Content::Array(reader) => {
                let reader = std::mem::take(reader);
                let count = reader.pending_bytes();
                let finished = reader.finish();
                found(match finished {
                    Ok(()) => Found::Bytes { layer: Layer::EventFraming, what: What::JsonArray, count },
                    Err(_) => Found::unclassified(count),
                });
                finished?;
            }
            // Half a piece is none.
            Content::Stream(reader) => {
                found(Found::unclassified(reader.pending_bytes()));
                self.content = Content::Whole(Layer::Unclassified, What::Unclassified);
            }
            Content::Zipped(_) | Content::Whole(..) | Content::Admin => {}
        }
        Ok(())
    }
}

fn find_piece(piece: &Piece<'_>, wrapping: What, exchange: Exchanges, found: &mut impl FnMut(Found<'_>)) {
    let count = piece.wire_bytes;
    match piece.item {
        Item::Position(_) => {
            found(Found::Bytes { layer: Layer::Control, what: What::Position, count });
            found(Found::Step(StepKind::Position));
        }
        Item::Heartbeat => {
            found(Found::Bytes { layer: Layer::Control, what: What::Heartbeat, count });
            found(Found::Exchange(ExchangeKind::Heartbeat, exchange));
            found(Found::Step(StepKind::Heartbeat));
        }
        Item::Event(text) => {
            found(Found::Event { framing: wrapping, text, wire_bytes: count });
            found(Found::Exchange(ExchangeKind::PushedEvent, exchange));
            found(Found::Step(StepKind::Event));
        }
    }
}
