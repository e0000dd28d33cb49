//! Machines without I/O: bytes in, pieces out. They hold a bounded part of what a peer sent, never panic on what it
//! sent, and give the same pieces however the network split the bytes. Clients and the byte ledger share them.
//!
//! - [`StreamReader`]: the body of a stream, by its framing ([`sse`], [`script`], [`ndjson`]).
//! - [`json_array`]: the answer of a poll.
//! - [`head`], [`body`], [`chunked`]: HTTP/1.1 message heads, and bodies in each way of transfer (RFC 9112).
//! - [`frame`]: WebSocket frames (RFC 6455 section 5). [`message`]: the messages in them.
//!
//! All are fed alike: a reader takes from the front of a slice, and is asked until it has nothing more to give. What came
//! whole is handed out in place; what the network split is joined first, or handed out in parts.

pub mod body;
pub mod chunked;
pub mod frame;
pub mod head;
mod held;
pub mod json_array;
mod length;
pub mod message;
pub mod ndjson;
mod scan;
pub mod script;
pub mod sse;

use crate::cursor::Cursor;
use crate::framing::Framing;

/// The longest event text that a reader takes, with its framing (bytes): twice the longest that the server publishes.
pub const TEXT_MAX_BYTES: usize = 512 * 1024;

/// One whole part of a stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it says.
    pub item: Item<'a>,
    /// How many bytes of the stream it took, its framing included.
    pub wire_bytes: usize,
}

/// What a piece says.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The client's position in the feed.
    Position(Cursor),
    /// An event text.
    Event(&'a [u8]),
    /// The stream is alive.
    Heartbeat,
}

/// Bytes that are not the framing they should be. The reader is of no more use after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A part is longer than the reader may hold.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// The bytes break the framing's rules.
    #[error("not {0}")]
    Malformed(&'static str),
}

/// A reader of a stream's body.
#[derive(Debug)]
pub enum StreamReader {
    /// Script elements.
    Script(script::Reader),
    /// Server-sent events.
    Sse(sse::Reader),
    /// Lines of JSON.
    Ndjson(ndjson::Reader),
}

impl StreamReader {
    /// A reader at the start of a stream.
    pub fn new(framing: Framing) -> StreamReader {
        match framing {
            Framing::Script => StreamReader::Script(script::Reader::default()),
            Framing::Sse => StreamReader::Sse(sse::Reader::default()),
            Framing::Ndjson => StreamReader::Ndjson(ndjson::Reader::default()),
        }
    }

    /// The next whole piece. Takes from the front of `input` what belongs to it; with `None` all of `input` was taken
    /// and more is needed. The `wire_bytes` of the pieces and [`StreamReader::pending_bytes`] add up to the bytes taken.
    ///
    /// # Errors
    /// When the bytes are not this framing, or a text with its framing is longer than [`TEXT_MAX_BYTES`].
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Piece<'a>>, ReadError> {
        match self {
            StreamReader::Script(reader) => reader.next(input),
            StreamReader::Sse(reader) => reader.next(input),
            StreamReader::Ndjson(reader) => reader.next(input),
        }
    }

    /// Bytes taken that are not yet part of a piece.
    pub fn pending_bytes(&self) -> usize {
        match self {
            StreamReader::Script(reader) => reader.pending_bytes(),
            StreamReader::Sse(reader) => reader.pending_bytes(),
            StreamReader::Ndjson(reader) => reader.pending_bytes(),
        }
    }
}
