//! One direction of a connection that is explained: bytes wait here until the dissector has found what they are.

use std::borrow::Cow;
use std::collections::VecDeque;

use feedbench_record::ledger::{Layer, LayerBytes, Way};
use feedbench_record::trace::{Run, StepKind, What};
use memchr::memmem;

use super::explainer::{Explained, Told};
use super::{Found, wide};
use crate::framing::script::DOCUMENT_OPEN;

/// The line end after a chunk's data (RFC 9112 section 7.1).
const CHUNK_END: &[u8] = b"\r\n";

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Stream {
    way: Way,
    /// How many bytes of a step are kept.
    step_max_bytes: usize,
    /// Bytes without a meaning so far: as many as the dissector holds, and the chunking between them.
    shown: Vec<u8>,
    /// Those at the front that have one by now. Zero except while the dissector looks.
    explained: usize,
    /// How many bytes had a meaning so far.
    at: u64,
    /// The framing of chunks that stands between bytes without a meaning, in the order of the wire.
    chunking: VecDeque<Chunking>,
    /// How many bytes that is.
    chunking_bytes: usize,
    /// The step that is not complete.
    step: Open,
}

/// Framing of a chunk.
#[derive(Clone, Copy, Debug)]
struct Chunking {
    /// The offset of its first byte in its direction.
    at: u64,
    what: What,
    count: usize,
}

/// A step that is not complete.
#[derive(Debug, Default)]
struct Open {
    from: u64,
    runs: Vec<Run>,
    /// Bytes in the runs.
    kept: usize,
    cut: bool,
    layers: LayerBytes,
    events: u64,
    is_admin: bool,
}

impl Stream {
    pub(super) fn new(way: Way, step_max_bytes: usize) -> Stream {
        Stream {
            way,
            step_max_bytes,
            shown: Vec::new(),
            explained: 0,
            at: 0,
            chunking: VecDeque::new(),
            chunking_bytes: 0,
            step: Open::default(),
        }
    }

    /// Takes the bytes that the dissector is about to see.
    pub(super) fn show(&mut self, bytes: &[u8]) {
        self.shown.extend_from_slice(bytes);
    }

    /// The dissector has seen them.
    pub(super) fn forget_explained(&mut self) {
        self.shown.drain(..self.explained);
        self.explained = 0;
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.shown.len() + self.step.kept
    }

    /// Gives what was found its bytes, and tells a step that is complete.
    pub(super) fn found(&mut self, found: Found<'_>, told: &mut impl FnMut(Told)) {
        match found {
            Found::Head { layer, bytes } => self.head(layer, bytes),
            Found::Bytes { layer, what, count } => {
                let is_document = what == What::Position && self.content(count).starts_with(DOCUMENT_OPEN);
                let document = if is_document { DOCUMENT_OPEN.len() } else { 0 };
                self.run(layer, What::DocumentHead, document);
                self.run(layer, what, count - document);
            }
            Found::Chunking { what, count, held } => {
                let is_amendment = what == What::ChunkEnd && held == 0 && (self.is_between() || self.is_at_chunk_end());
                let at = self.at + wide(held + self.chunking_bytes);
                self.chunking.push_back(Chunking { at, what, count });
                self.chunking_bytes += count;
                self.pass_chunking();
                if is_amendment && self.step.kept == CHUNK_END.len() {
                    self.amend(told);
                }
            }
            Found::Event { framing, text, wire_bytes } => {
                // A text that the framing has in several places stays with it.
                let before = memmem::find(&self.content(wire_bytes), text).unwrap_or(0);
                self.run(Layer::EventFraming, framing, before);
                self.run(Layer::Payload, What::EventText, text.len());
                self.run(Layer::EventFraming, framing, wire_bytes - before - text.len());
                self.step.events += 1;
            }
            Found::Admin { count } => {
                // It is found as it comes, so that no chunking stands between.
                self.step.is_admin = true;
                self.keep(Layer::Unclassified, What::OtherBody, count);
            }
            Found::Step(kind) => self.complete(kind, told),
            Found::Exchange(..) | Found::Repeated(_) | Found::Compressed(_) | Found::Hpack { .. } => {}
        }
    }

    /// The next bytes are a head: a start line, fields, a blank line.
    fn head(&mut self, layer: Layer, head: &[u8]) {
        let start = if head.starts_with(b"HTTP/") { What::StatusLine } else { What::RequestLine };
        for (n, line) in head.split_inclusive(|&b| b == b'\n').enumerate() {
            let what = match line {
                b"\r\n" => What::BlankLine,
                _ if n == 0 => start,
                _ => What::Field,
            };
            self.run(layer, what, line.len());
        }
    }

    /// The next bytes, without the chunking between them.
    fn content(&self, count: usize) -> Cow<'_, [u8]> {
        let mut rest = &self.shown[self.explained..];
        let (mut at, mut content) = (self.at, Vec::new());
        for chunking in &self.chunking {
            let before = (chunking.at - at) as usize;
            if content.len() + before >= count {
                break;
            }
            content.extend_from_slice(&rest[..before]);
            rest = &rest[before + chunking.count..];
            at = chunking.at + wide(chunking.count);
        }
        if content.is_empty() {
            return Cow::Borrowed(&rest[..count]);
        }
        content.extend_from_slice(&rest[..count - content.len()]);
        Cow::Owned(content)
    }

    /// The next bytes are a run of a layer, but for the chunking between them.
    fn run(&mut self, layer: Layer, what: What, mut count: usize) {
        while count > 0 {
            let here = self.chunking.front().map_or(count, |chunking| count.min((chunking.at - self.at) as usize));
            *self.step.layers.get_mut(layer) += wide(here);
            self.keep(layer, what, here);
            count -= here;
            self.pass_chunking();
        }
    }

    /// The next bytes are chunking, if there is some right here.
    fn pass_chunking(&mut self) {
        while let Some(&Chunking { at, what, count }) = self.chunking.front()
            && at == self.at
        {
            self.chunking.pop_front();
            self.chunking_bytes -= count;
            self.step.layers.body_framing += wide(count);
            self.keep(Layer::BodyFraming, what, count);
        }
    }

    /// Keeps the next bytes as far as there is room.
    fn keep(&mut self, layer: Layer, what: What, count: usize) {
        let kept = count.min(self.step_max_bytes - self.step.kept);
        self.step.cut |= kept < count;
        if kept > 0 {
            let bytes = &self.shown[self.explained..][..kept];
            match self.step.runs.last_mut() {
                Some(last) if last.layer == layer && goes_on(last.what, what) => {
                    last.what = what;
                    last.bytes.extend_from_slice(bytes);
                }
                _ => self.step.runs.push(Run { layer, what, bytes: bytes.to_vec() }),
            }
            self.step.kept += kept;
        }
        self.explained += count;
        self.at += wide(count);
    }

    /// What was shown has no meaning, nor will it get one.
    pub(super) fn give_up(&mut self) {
        let count = self.shown.len() - self.explained - self.chunking_bytes;
        self.run(Layer::Unclassified, What::Unclassified, count);
    }

    /// Nothing more comes: what was found since the last step is one, if anything was.
    pub(super) fn end(&mut self, told: &mut impl FnMut(Told)) {
        if self.is_at_chunk_end() {
            self.amend(told);
        } else if !self.is_between() {
            self.complete(if self.way == Way::Up { StepKind::Request } else { StepKind::Answer }, told);
        }
    }

    /// Nothing was found since the last step.
    fn is_between(&self) -> bool {
        self.step.from == self.at
    }

    /// Since the last step there was the line end of a chunk, or half of it, and nothing else.
    fn is_at_chunk_end(&self) -> bool {
        matches!(&self.step.runs[..], [Run { what: What::ChunkEnd, .. }])
    }

    /// What was found since the last step belongs to it.
    fn amend(&mut self, told: &mut impl FnMut(Told)) {
        let step = self.begin();
        step.runs.into_iter().for_each(|run| told(Told::More { way: self.way, run }));
    }

    /// What was found since the last step is one.
    fn complete(&mut self, kind: StepKind, told: &mut impl FnMut(Told)) {
        let Open { from, runs, kept: _, cut, layers, events, is_admin } = self.begin();
        // The text of a WebSocket message is found as it comes.
        let events = if kind == StepKind::Event { events.max(1) } else { events };
        told(Told::Step(Explained { way: self.way, kind, runs, cut, layers, events, is_admin, from, to: self.at }));
    }

    /// Begins a step, and gives the one before it.
    fn begin(&mut self) -> Open {
        std::mem::replace(&mut self.step, Open { from: self.at, ..Open::default() })
    }
}

/// Does a run go on in the next bytes? Some are found as they come, and the last chunk is known only at its end.
fn goes_on(last: What, what: What) -> bool {
    match what {
        What::ChunkSize
        | What::ChunkEnd
        | What::EventText
        | What::ControlPayload
        | What::OtherBody
        | What::Unclassified => last == what,
        What::LastChunk => last == What::LastChunk || last == What::ChunkSize,
        _ => false,
    }
}
