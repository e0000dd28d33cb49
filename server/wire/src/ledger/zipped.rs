//! Compressed content. All of it is payload, understood or not; what it says is inflated only to be counted.
//!
//! How far an inflater is depends on what it was shown. So what was counted is told where the content was flushed, and there
//! alone: however the network has split it, that is the same place.

use feedbench_record::ledger::{Compressed, Exchanges, Layer};
use feedbench_record::trace::{StepKind, What};

use super::{ExchangeKind, Found, wide};
use crate::deflate::gzip::{Part, Reader};
use crate::reader::{Item, ReadError, StreamReader, json_array};

/// The most that the answer of a poll may say (bytes): more than a server puts into one. What is longer is not read on.
const ANSWER_MAX_BYTES: usize = 4 << 20;
/// What is inflated at once (bytes).
const ROOM_BYTES: usize = 2 * 1024;

/// A body in gzip.
#[derive(Debug)]
pub(super) struct Zipped {
    /// `None` once the content was not what it should be.
    reader: Option<Reader>,
    holds: Holds,
    /// Since the content was flushed last: its bytes, and what they say.
    compressed: Compressed,
    /// Since something was told of: bytes of the body without its chunks.
    bytes: u64,
    position: bool,
    heartbeats: u64,
    events: u64,
}

/// What the content says.
#[derive(Debug)]
enum Holds {
    Array(json_array::Reader),
    Stream(StreamReader),
}

impl Zipped {
    /// The answer of a poll.
    pub(super) fn array() -> Zipped {
        Zipped::new(Holds::Array(json_array::Reader::default()), ANSWER_MAX_BYTES)
    }

    /// A stream, with the reader of what it says.
    pub(super) fn stream(reader: StreamReader) -> Zipped {
        Zipped::new(Holds::Stream(reader), usize::MAX)
    }

    fn new(holds: Holds, max_bytes: usize) -> Zipped {
        Zipped {
            reader: Some(Reader::new(max_bytes)),
            holds,
            compressed: Compressed::default(),
            bytes: 0,
            position: false,
            heartbeats: 0,
            events: 0,
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match &self.holds {
            Holds::Array(reader) => reader.pending_bytes(),
            Holds::Stream(reader) => reader.pending_bytes(),
        }
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self.holds, Holds::Stream(_))
    }

    /// Takes all of `data`, and gives how many events were found in it. `framing` is what chunks have added since something
    /// was told of (bytes).
    pub(super) fn push(&mut self, mut data: &[u8], framing: &mut usize, found: &mut impl FnMut(Found<'_>)) -> u64 {
        let mut events = 0;
        while let Some(reader) = &mut self.reader {
            let mut room = [0; ROOM_BYTES];
            match reader.next(&mut data, &mut room) {
                Ok(None) => return events,
                Ok(Some(Part::Framing(count))) => {
                    self.bytes += wide(count);
                    found(Found::Bytes { layer: Layer::BodyFraming, what: What::OtherBody, count });
                }
                Ok(Some(Part::Content { wire_bytes, bytes, flushed })) => {
                    self.bytes += wide(wire_bytes);
                    self.compressed.after += wide(wire_bytes);
                    self.compressed.before += wide(bytes);
                    if wire_bytes > 0 {
                        found(Found::Bytes { layer: Layer::Payload, what: What::EventText, count: wire_bytes });
                    }
                    if self.read(&room[..bytes]).is_err() {
                        self.reader = None;
                    } else if flushed {
                        events += self.flush(framing, found);
                    }
                }
                Err(_) => self.reader = None,
            }
        }
        if !data.is_empty() {
            found(Found::Bytes { layer: Layer::Payload, what: What::EventText, count: data.len() });
        }
        events
    }

    /// Counts what the content says.
    fn read(&mut self, mut says: &[u8]) -> Result<(), ReadError> {
        match &mut self.holds {
            Holds::Array(reader) => {
                while reader.next(&mut says)?.is_some() {
                    self.events += 1;
                }
            }
            Holds::Stream(reader) => {
                while let Some(piece) = reader.next(&mut says)? {
                    match piece.item {
                        Item::Position(_) => self.position = true,
                        Item::Heartbeat => self.heartbeats += 1,
                        Item::Event(_) => self.events += 1,
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells of what was counted. Pieces that were flushed together are one step, and their bytes belong to the events among
    /// them.
    fn flush(&mut self, framing: &mut usize, found: &mut impl FnMut(Found<'_>)) -> u64 {
        let compressed = std::mem::take(&mut self.compressed);
        if compressed.after > 0 {
            found(Found::Compressed(compressed));
        }
        let (events, heartbeats) = (std::mem::take(&mut self.events), std::mem::take(&mut self.heartbeats));
        let position = std::mem::take(&mut self.position);
        if !self.is_stream() || (events == 0 && heartbeats == 0 && !position) {
            return events;
        }
        let down = std::mem::take(&mut self.bytes) + wide(std::mem::take(framing));
        let mut exchange = |kind, count, down| found(Found::Exchange(kind, Exchanges { count, up: 0, down }));
        if heartbeats > 0 {
            exchange(ExchangeKind::Heartbeat, heartbeats, if events == 0 { down } else { 0 });
        }
        if events > 0 {
            exchange(ExchangeKind::PushedEvent, events, down);
        }
        found(Found::Step(match (events, heartbeats) {
            (1.., _) => StepKind::Event,
            (0, 1..) => StepKind::Heartbeat,
            (0, 0) => StepKind::Position,
        }));
        events
    }
}
