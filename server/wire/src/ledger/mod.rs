//! The byte ledger: a passive dissector that is shown what a connection carries, in both directions, and says what each
//! byte is for. It reads with the machines of [`crate::reader`]; no transport and no library reports anything to it.
//!
//! - [`Dissector`]: both directions of one connection. `start`: whether it is HTTP/1.1 or HTTP/2.
//! - HTTP/1.1: `up` reads what the client sends, `down` what the server sends. HTTP/2: `h2`.
//! - `asked`: what a request is about, which is what its answer's bytes depend on. `waiting`: those that have none yet.
//! - `content`: what bodies hold; `zipped`: in gzip. `body`: how HTTP/1.1 transfers them. `frames`: WebSocket.
//! - `repetition`: how much of a poll's head the poll before had said.
//! - [`Explainer`]: the bytes themselves, step by step and named; `stream` keeps them for one direction.
//! - [`Tally`]: the sums, kept by `sums`. [`heartbeat()`]: what a heartbeat must take, to compare them with.
//!
//! However the stream is split, the same is found: only whole parts are classified. What never becomes whole, and what
//! follows bytes that no reader understands, belongs to [`Layer::Unclassified`]. What is kept of a stream is bounded by the
//! readers' own bounds.

mod asked;
mod body;
mod content;
mod down;
mod explainer;
mod frames;
mod h2;
mod heartbeat;
mod repetition;
mod start;
mod stream;
mod sums;
mod tally;
mod up;
mod waiting;
mod zipped;

use feedbench_record::ledger::{Compressed, Exchanges, Heads, Layer, Repetition, Way};
use feedbench_record::trace::{StepKind, What};

use crate::deflate::permessage::Agreed;
use crate::reader::ReadError;
use down::Down;
use start::{Decided, Start};
use up::Up;
use waiting::Waiting;

pub use explainer::{Explained, Explainer, STEP_MAX_BYTES, Told};
pub use heartbeat::heartbeat;
pub use tally::Tally;

/// Requests that may wait for their answers at once. A browser sends one; a peer may not make the ledger hold more.
const ASKED_MAX: usize = 64;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A whole message head.
    Head {
        /// Its layer.
        layer: Layer,
        /// All of it, up to the blank line.
        bytes: &'a [u8],
    },
    /// Bytes of one meaning.
    Bytes {
        /// Their layer.
        layer: Layer,
        /// What they are.
        what: What,
        /// How many.
        count: usize,
    },
    /// Framing of a chunk. It is found at once, even if what the chunks hold is not.
    Chunking {
        /// What it is.
        what: What,
        /// How many bytes.
        count: usize,
        /// How many bytes of the content before it are not found yet.
        held: usize,
    },
    /// An event text with what wraps it.
    Event {
        /// What the wrapping is.
        framing: What,
        /// The text as the wrapping holds it.
        text: &'a [u8],
        /// Text and wrapping (bytes).
        wire_bytes: usize,
    },
    /// Bytes of a request that belongs to no transport, or of its answer.
    Admin {
        /// How many.
        count: usize,
    },
    /// What was found since the last step of this direction is one thing that one end said to the other.
    Step(StepKind),
    /// An exchange is complete; its bytes were found before.
    Exchange(ExchangeKind, Exchanges),
    /// The head of a poll, compared with the one before it.
    Repeated(Repetition),
    /// The head of a transport's request or answer, which HPACK has compressed; its bytes were found before.
    Hpack {
        /// It is the first one of its direction.
        is_first: bool,
        /// Its sizes.
        heads: Heads,
    },
    /// Content that was compressed; its bytes were found before.
    Compressed(Compressed),
}

impl Found<'_> {
    /// Bytes that a reader held and that became no part.
    const fn unclassified(count: usize) -> Found<'static> {
        Found::Bytes { layer: Layer::Unclassified, what: What::Unclassified, count }
    }
}

/// What an exchange was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeKind {
    /// A poll that brought events.
    Poll,
    /// A poll that brought nothing.
    EmptyPoll,
    /// An event that the server pushed.
    PushedEvent,
    /// A heartbeat, or what answers it.
    Heartbeat,
    /// An event that a client published.
    Publish,
    /// No transport's.
    Admin,
}

/// The place in both directions of one connection.
#[derive(Debug)]
pub struct Dissector(Protocol);

/// What the connection speaks.
#[derive(Debug)]
enum Protocol {
    Undecided(Start),
    Http1(Http1),
    Http2(Box<h2::Connection>),
}

/// The place in both directions of a connection of HTTP/1.1.
#[derive(Debug, Default)]
struct Http1 {
    up: Up,
    down: Down,
    shared: Shared,
}

/// What one direction must know of the other.
#[derive(Debug, Default)]
struct Shared {
    /// Requests without a whole answer.
    asked: Waiting,
    /// A pushed transport was opened on this connection.
    opened: bool,
    /// The answer was 101: from here on both directions are frames.
    upgraded: bool,
    /// They may be compressed.
    deflate: Option<Agreed>,
    /// The last poll's heads; only where there are polls.
    heads: Option<Box<repetition::Heads>>,
}

/// Bytes that nobody asked for, or too many questions at once.
const UNASKED: ReadError = ReadError::Malformed("an answer to a request");

impl Default for Dissector {
    /// One that finds out by itself which protocol it sees.
    fn default() -> Self {
        Dissector(Protocol::Undecided(Start::default()))
    }
}

impl Dissector {
    /// One that understands only HTTP/1.1.
    fn of_http1() -> Dissector {
        Dissector(Protocol::Http1(Http1::default()))
    }

    /// Looks at the next bytes of one direction. `found` is told of everything that is whole with them, in the order of the
    /// wire; what was found in the direction before is complete. On HTTP/2 streams take turns: what is found is in the order
    /// of the wire only within a stream.
    pub fn push(&mut self, way: Way, mut bytes: &[u8], mut found: impl FnMut(Found<'_>)) {
        if let Protocol::Undecided(start) = &mut self.0 {
            let Some(decided) = start.look(way, &mut bytes) else { return };
            let start = std::mem::take(start);
            self.0 = match decided {
                Decided::Http1 => Protocol::Http1(Http1::default()),
                Decided::Http2 => Protocol::Http2(Box::default()),
            };
            // What was taken of the other direction is too little for anything to be found in it.
            Way::ALL.into_iter().for_each(|way| self.0.push(way, start.taken(way), &mut found));
        }
        self.0.push(way, bytes, &mut found);
    }

    /// No reader understood what came in this direction: nothing more is found in it.
    pub const fn is_lost(&self, way: Way) -> bool {
        match (&self.0, way) {
            (Protocol::Undecided(_), _) => false,
            (Protocol::Http1(http), Way::Up) => matches!(http.up, Up::Lost),
            (Protocol::Http1(http), Way::Down) => matches!(http.down, Down::Lost),
            (Protocol::Http2(connection), way) => connection.is_lost(way),
        }
    }

    /// What is held of parts that are not whole (bytes).
    pub fn held_bytes(&self) -> usize {
        match &self.0 {
            Protocol::Undecided(start) => Way::ALL.iter().map(|&way| start.taken(way).len()).sum(),
            Protocol::Http1(http) => {
                let heads = http.shared.heads.as_ref().map_or(0, |heads| heads.held_bytes());
                http.up.held_bytes() + http.down.held_bytes() + heads
            }
            Protocol::Http2(connection) => connection.held_bytes(),
        }
    }

    /// Bytes of parts that will not become whole because an end has reset their stream (HTTP/2): nothing was found in them,
    /// and they carry nothing. [`Layer::Control`].
    pub fn reset_bytes(&self, way: Way) -> u64 {
        match &self.0 {
            Protocol::Undecided(_) | Protocol::Http1(_) => 0,
            Protocol::Http2(connection) => connection.reset_bytes(way),
        }
    }
}

impl Protocol {
    fn push(&mut self, way: Way, bytes: &[u8], found: &mut impl FnMut(Found<'_>)) {
        match (self, way) {
            (Protocol::Http1(http), Way::Up) => http.up.push(bytes, &mut http.shared, found),
            (Protocol::Http1(http), Way::Down) => http.down.push(bytes, &mut http.shared, found),
            (Protocol::Http2(connection), way) => connection.push(way, bytes, found),
            (Protocol::Undecided(_), _) => {}
        }
    }
}

/// Bytes of the wire as numbers that are added up.
const fn wide(bytes: usize) -> u64 {
    bytes as u64
}
