//! What one end says to the other, step by step and while it happens: the [`Dissector`] finds what the bytes of a
//! connection are, and each of its findings is given the bytes that it is about. However the stream is split, the same is
//! told.
//!
//! Only HTTP/1.1 is explained. On HTTP/2 the streams lie among each other, so that what is one thing is not in one place:
//! all of such a connection is one unclassified step each way.

use feedbench_record::ledger::{LayerBytes, Way};
use feedbench_record::trace::{Run, StepKind};

use super::Dissector;
use super::stream::Stream;

/// How many bytes of a step are kept, unless everything is ([`Explainer::whole`]).
pub const STEP_MAX_BYTES: usize = 16 << 10;

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
    /// [`feedbench_record::trace::What::RequestLine`].
    pub runs: Vec<Run>,
    /// It is longer than what is kept: the runs are only its beginning.
    pub cut: bool,
    /// All its bytes by layer, whether kept or not. None where `is_admin`: like the ledger, which counts them apart.
    pub layers: LayerBytes,
    /// How many events it carries, whether kept or not.
    pub events: u64,
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
        let streams = Way::ALL.map(|way| Stream::new(way, step_max_bytes));
        Explainer { dissector: Dissector::of_http1(), streams }
    }

    /// Looks at the next bytes of one direction, and tells every step that is complete with them.
    pub fn push(&mut self, way: Way, bytes: &[u8], mut told: impl FnMut(Told)) {
        let stream = &mut self.streams[way.index()];
        stream.show(bytes);
        self.dissector.push(way, bytes, |found| stream.found(found, &mut told));
        if self.dissector.is_lost(way) {
            stream.give_up();
        }
        stream.forget_explained();
    }

    /// Tells what is left, once nothing more comes: steps that never became complete, and what has no meaning.
    pub fn finish(mut self, mut told: impl FnMut(Told)) {
        for stream in &mut self.streams {
            stream.give_up();
            stream.end(&mut told);
        }
    }

    /// What is held of steps that are not complete (bytes). It is bounded, whatever a client sends, unless steps are kept
    /// whole; a server can add to it by cutting one event into many chunks.
    pub fn held_bytes(&self) -> usize {
        self.dissector.held_bytes() + self.streams.iter().map(Stream::held_bytes).sum::<usize>()
    }
}
