//! How the body of a stream wraps its events. The prologue says at once where in the feed the client stands; a
//! heartbeat is what an idle stream writes. [`crate::reader::StreamReader`] is the way back.
//!
//! WebSocket messages and the answers of polls need no framing of their own: a message is one text, an answer is the
//! JSON array of [`json_array`]. A body without a length goes out in the [`chunk`]s of HTTP.

pub mod chunk;
pub mod json_array;
pub mod ndjson;
pub mod script;
pub mod sse;

use crate::cursor::Cursor;

/// The framing of a stream's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Script elements in a document that does not end.
    Script,
    /// `text/event-stream`.
    Sse,
    /// A line of JSON each.
    Ndjson,
}

impl Framing {
    /// Every framing.
    pub const ALL: [Framing; 3] = [Framing::Script, Framing::Sse, Framing::Ndjson];

    /// A number of its own, below the length of [`Framing::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The media type of the body.
    pub const fn content_type(self) -> &'static str {
        match self {
            Framing::Script => "text/html; charset=utf-8",
            Framing::Sse => "text/event-stream",
            Framing::Ndjson => "application/x-ndjson",
        }
    }

    /// Appends what opens the stream: the client's position.
    pub fn prologue(self, position: Cursor, out: &mut Vec<u8>) {
        match self {
            Framing::Script => script::prologue(position, out),
            Framing::Sse => sse::prologue(position, out),
            Framing::Ndjson => ndjson::prologue(position, out),
        }
    }

    /// Appends one event. `cursor` is the client's position once it has read it.
    pub fn event(self, cursor: Cursor, text: &[u8], out: &mut Vec<u8>) {
        match self {
            Framing::Script => script::event(text, out),
            Framing::Sse => sse::event(cursor, text, out),
            Framing::Ndjson => ndjson::event(text, out),
        }
    }

    /// What an idle stream writes.
    pub const fn heartbeat(self) -> &'static [u8] {
        match self {
            Framing::Script => script::HEARTBEAT,
            Framing::Sse => sse::HEARTBEAT,
            Framing::Ndjson => ndjson::HEARTBEAT,
        }
    }
}

/// The text that names a position where a framing has no place of its own for it: the first line of an NDJSON stream
/// and the first message of a WebSocket.
pub fn position_text(position: Cursor) -> String {
    format!(r#"{{"cursor":"{position}"}}"#)
}

/// Reads [`position_text`]; `None` when the text is something else.
pub fn read_position(text: &[u8]) -> Option<Cursor> {
    let inner = text.strip_prefix(br#"{"cursor":""#)?.strip_suffix(br#""}"#)?;
    std::str::from_utf8(inner).ok()?.parse().ok()
}
