//! What one end says to the other, step by step and while it happens: the [`Dissector`] finds what the bytes of a
//! connection are, and each of its findings is given the bytes that it is about. However the stream is split, the same is
//! told.

use std::borrow::Cow;
use std::collections::VecDeque;

use feedbench_record::ledger::{Layer, LayerBytes, Way};
use feedbench_record::trace::{Run, StepKind, What};
use memchr::memmem;

use super::{Dissector, Found, wide};
use crate::framing::script::DOCUMENT_OPEN;

/// How many bytes of a step are kept, unless everything is ([`Explainer::whole`]).
pub const STEP_MAX_BYTES: usize = 16 << 10;

/// The line end after a chunk's data (RFC 9112 section 7.1).
const CHUNK_END: &[u8] = b"\r\n";

/// What an explainer tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A step is complete.
    Step(Explained),
    /// The last step of a direction has one run more: the line end after a chunk's data belongs to what the chunk held, and
    /// that may have been complete before it.
    More {
        /// The direction.
        way: Way,
        /// The run, whole.
        run: Run,
    },
}

/// One thing that one end said to the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The direction.
    pub way: Way,
    /// What was said. Never [`StepKind::Connect`] or [`StepKind::Fin`], which have no bytes.
    pub kind: StepKind,
    /// Its bytes in the order of the wire, each run named. A request for a transport begins with its
    /// [`What::RequestLine`].
    pub runs: Vec<Run>,
    /// It is longer than what is kept: the runs are only its beginning.
    pub cut: bool,
    /// All its bytes by layer, whether kept or not. None where `is_admin`: like the ledger, which counts them apart.
    pub layers: LayerBytes,
    /// A request that belongs to no transport, or its answer; its runs have no names.
    pub is_admin: bool,
    /// The offset of its first byte in its direction.
    pub from: u64,
    /// The offset after its last byte, one run more not counted.
    pub to: u64,
}

/// Explains one connection.
#[derive(Debug)]
pub struct Explainer {
    dissector: Dissector,
    streams: [Stream; Way::ALL.len()],
    /// How many bytes of a step are kept.
    step_max_bytes: usize,
}

/// One direction.
#[derive(Debug)]
struct Stream {
    way: Way,
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
    is_admin: bool,
}

impl Default for Explainer {
    /// One that keeps at most [`STEP_MAX_BYTES`] of each step.
    fn default() -> Self {
        Explainer::keeping(STEP_MAX_BYTES)
    }
}

impl Explainer {
    /// One that keeps every byte of every step: only for peers that are trusted to end their steps.
    pub fn whole() -> Explainer {
        Explainer::keeping(usize::MAX)
    }

    fn keeping(step_max_bytes: usize) -> Explainer {
        let stream = |way| Stream {
            way,
            shown: Vec::new(),
            explained: 0,
            at: 0,
            chunking: VecDeque::new(),
            chunking_bytes: 0,
            step: Open::default(),
        };
        Explainer { dissector: Dissector::default(), streams: Way::ALL.map(stream), step_max_bytes }
    }

    /// Looks at the next bytes of one direction, and tells every step that is complete with them.
    pub fn push(&mut self, way: Way, bytes: &[u8], mut told: impl FnMut(Told)) {
        let (stream, max) = (&mut self.streams[way.index()], self.step_max_bytes);
        stream.shown.extend_from_slice(bytes);
        self.dissector.push(way, bytes, |found| stream.found(found, max, &mut told));
        if self.dissector.is_lost(way) {
            stream.give_up(max);
        }
        stream.shown.drain(..stream.explained);
        stream.explained = 0;
    }

    /// Tells what is left, once nothing more comes: steps that never became complete. What has no meaning is
    /// [`What::Unclassified`].
    pub fn finish(mut self, mut told: impl FnMut(Told)) {
        for stream in &mut self.streams {
            stream.give_up(self.step_max_bytes);
            if stream.is_at_chunk_end() {
                stream.amend(&mut told);
            } else if !stream.is_between() {
                stream.complete(if stream.way == Way::Up { StepKind::Request } else { StepKind::Answer }, &mut told);
            }
        }
    }

    /// What is held of steps that are not complete (bytes): bounded, whatever a peer sends, unless steps are kept whole.
    pub fn held_bytes(&self) -> usize {
        let streams = self.streams.iter().map(|stream| stream.shown.len() + stream.step.kept);
        self.dissector.held_bytes() + streams.sum::<usize>()
    }
}

impl Stream {
    fn found(&mut self, found: Found<'_>, max: usize, told: &mut impl FnMut(Told)) {
        match found {
            Found::Head { layer, bytes } => self.head(layer, bytes, max),
            Found::Bytes { layer, what, count } => {
                let is_document = what == What::Position && self.content(count).starts_with(DOCUMENT_OPEN);
                let document = if is_document { DOCUMENT_OPEN.len() } else { 0 };
                self.run(layer, What::DocumentHead, document, max);
                self.run(layer, what, count - document, max);
            }
            Found::Chunking { what, count, held } => {
                let is_amendment = what == What::ChunkEnd && held == 0 && (self.is_between() || self.is_at_chunk_end());
                let at = self.at + wide(held + self.chunking_bytes);
                self.chunking.push_back(Chunking { at, what, count });
                self.chunking_bytes += count;
                self.pass_chunking(max);
                if is_amendment && self.step.kept == CHUNK_END.len() {
                    self.amend(told);
                }
            }
            Found::Event { framing, text, wire_bytes } => {
                // A text that the framing has in several places stays with it.
                let before = memmem::find(&self.content(wire_bytes), text).unwrap_or(0);
                self.run(Layer::EventFraming, framing, before, max);
                self.run(Layer::Payload, What::EventText, text.len(), max);
                self.run(Layer::EventFraming, framing, wire_bytes - before - text.len(), max);
            }
            Found::Admin { count } => {
                // It is found as it comes, so that no chunking stands between.
                self.step.is_admin = true;
                self.keep(Layer::Unclassified, What::OtherBody, count, max);
            }
            Found::Step(kind) => self.complete(kind, told),
            Found::Exchange(..) | Found::Repeated(_) => {}
        }
    }

    /// The next bytes are a head: a start line, fields, a blank line.
    fn head(&mut self, layer: Layer, head: &[u8], max: usize) {
        let start = if head.starts_with(b"HTTP/") { What::StatusLine } else { What::RequestLine };
        for (n, line) in head.split_inclusive(|&b| b == b'\n').enumerate() {
            let what = match line {
                b"\r\n" => What::BlankLine,
                _ if n == 0 => start,
                _ => What::Field,
            };
            self.run(layer, what, line.len(), max);
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
    fn run(&mut self, layer: Layer, what: What, mut count: usize, max: usize) {
        while count > 0 {
            let here = self.chunking.front().map_or(count, |chunking| count.min((chunking.at - self.at) as usize));
            *self.step.layers.get_mut(layer) += wide(here);
            self.keep(layer, what, here, max);
            count -= here;
            self.pass_chunking(max);
        }
    }

    /// The next bytes are chunking, if there is some right here.
    fn pass_chunking(&mut self, max: usize) {
        while let Some(Chunking { what, count, .. }) = self.chunking.pop_front_if(|chunking| chunking.at == self.at) {
            self.chunking_bytes -= count;
            self.step.layers.body_framing += wide(count);
            self.keep(Layer::BodyFraming, what, count, max);
        }
    }

    /// Keeps the next bytes as far as there is room.
    fn keep(&mut self, layer: Layer, what: What, count: usize, max: usize) {
        let kept = count.min(max - self.step.kept);
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
    fn give_up(&mut self, max: usize) {
        let count = self.shown.len() - self.explained - self.chunking_bytes;
        self.run(Layer::Unclassified, What::Unclassified, count, max);
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
        let Open { from, runs, kept: _, cut, layers, is_admin } = self.begin();
        told(Told::Step(Explained { way: self.way, kind, runs, cut, layers, is_admin, from, to: self.at }));
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
