//! What a body holds, however it is transferred.

use feedbench_record::ledger::{Exchanges, Layer};
use feedbench_record::trace::{StepKind, What};
use feedbench_record::transport::Transport;

use super::asked::About;
use super::zipped::Zipped;
use super::{ExchangeKind, Found, wide};
use crate::framing::Framing;
use crate::reader::{Item, Piece, ReadError, StreamReader, json_array};

/// What a body holds.
#[derive(Debug)]
enum Kind {
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

/// The place in the content of a body.
#[derive(Debug)]
pub(super) struct Content {
    kind: Kind,
    /// Events found so far.
    events: u64,
    /// Framing of the body that belongs to the next piece of a stream (bytes).
    framing: usize,
}

impl Content {
    fn new(kind: Kind) -> Content {
        Content { kind, events: 0, framing: 0 }
    }

    /// The content of a request.
    pub(super) fn of_request(about: About) -> Content {
        Content::new(match about {
            About::Publish => Kind::Whole(Layer::Payload, What::EventText),
            About::Admin => Kind::Admin,
            About::Feed(_) => Kind::Whole(Layer::Control, What::OtherBody),
        })
    }

    /// The content of the answer with that status, in gzip or not.
    pub(super) fn of_answer(about: About, status: u16, gzip: bool) -> Content {
        let stream = |framing| match (StreamReader::new(framing), gzip) {
            (reader, true) => Kind::Zipped(Box::new(Zipped::stream(reader))),
            (reader, false) => Kind::Stream(Box::new(reader)),
        };
        Content::new(match about {
            About::Admin => Kind::Admin,
            About::Feed(_) if status != 200 => Kind::Whole(Layer::Control, What::OtherBody),
            About::Feed(Transport::Polling | Transport::LongPolling) if gzip => Kind::Zipped(Box::new(Zipped::array())),
            About::Feed(Transport::Polling | Transport::LongPolling) => Kind::Array(json_array::Reader::default()),
            About::Feed(Transport::IframeStreaming) => stream(Framing::Script),
            About::Feed(Transport::Sse) => stream(Framing::Sse),
            About::Feed(Transport::FetchStreaming) => stream(Framing::Ndjson),
            About::Feed(Transport::WebSocket) | About::Publish => Kind::Whole(Layer::Control, What::OtherBody),
        })
    }

    /// Events found so far.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// Events that are found as they come.
    pub(super) fn is_stream(&self) -> bool {
        match &self.kind {
            Kind::Stream(_) => true,
            Kind::Zipped(zipped) => zipped.is_stream(),
            Kind::Array(_) | Kind::Whole(..) | Kind::Admin => false,
        }
    }

    /// No transport's.
    pub(super) fn is_admin(&self) -> bool {
        matches!(self.kind, Kind::Admin)
    }

    /// What is kept of parts that are not whole (bytes).
    pub(super) fn held_bytes(&self) -> usize {
        match &self.kind {
            Kind::Array(reader) => reader.pending_bytes(),
            Kind::Stream(reader) => reader.pending_bytes(),
            Kind::Zipped(zipped) => zipped.held_bytes(),
            Kind::Whole(..) | Kind::Admin => 0,
        }
    }

    /// Bytes of the body whose layer is not found yet.
    pub(super) fn open_bytes(&self) -> usize {
        if let Kind::Zipped(_) = self.kind { 0 } else { self.held_bytes() }
    }

    /// So many bytes of the body frame what comes next.
    pub(super) fn frame(&mut self, bytes: usize) {
        self.framing += bytes;
    }

    /// Takes more of the content.
    pub(super) fn push(&mut self, mut data: &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        match &mut self.kind {
            Kind::Admin => found(Found::Admin { count: data.len() }),
            Kind::Zipped(zipped) => self.events += zipped.push(data, &mut self.framing, found),
            &mut Kind::Whole(layer, what) => found(Found::Bytes { layer, what, count: data.len() }),
            Kind::Array(reader) => {
                while let Some(element) = reader.next(&mut data)? {
                    self.events += 1;
                    let (text, wire_bytes) = (element.text, element.wire_bytes);
                    found(Found::Event { framing: What::JsonArray, text, wire_bytes });
                }
            }
            Kind::Stream(reader) => {
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

    /// What is left when the last byte was seen.
    pub(super) fn finish(&mut self, found: &mut impl FnMut(Found<'_>)) -> Result<(), ReadError> {
        match &mut self.kind {
            Kind::Array(reader) => {
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
            Kind::Stream(reader) => {
                found(Found::unclassified(reader.pending_bytes()));
                self.kind = Kind::Whole(Layer::Unclassified, What::Unclassified);
            }
            Kind::Zipped(_) | Kind::Whole(..) | Kind::Admin => {}
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
