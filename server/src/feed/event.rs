//! An event as all clients share it.

use std::sync::OnceLock;

use bytes::Bytes;
use feedbench_wire::{Cursor, event};

use super::encoding::Encoding;

/// An event: its text is encoded once, and once in each way that a client is written to.
#[derive(Debug)]
pub struct SharedEvent {
    cursor: Cursor,
    at_us: u64,
    text: Bytes,
    encoded: Encoded,
    /// Only where somebody wants it compressed: events are many.
    compressed: OnceLock<Box<Encoded>>,
}

/// An event in each of the ways of one kind.
type Encoded = [OnceLock<Bytes>; Encoding::COUNT];

impl SharedEvent {
    /// Encodes an event. `cursor` is a client's position once it has it; `at_us` is the intended publish instant.
    pub fn new(cursor: Cursor, at_us: u64, data: event::Data<'_>) -> SharedEvent {
        let mut text = Vec::new();
        event::encode(cursor.seq, at_us, data, &mut text);
        SharedEvent { cursor, at_us, text: text.into(), encoded: Default::default(), compressed: OnceLock::new() }
    }

    /// An event that a server before this one has published, with the text that it had.
    pub(super) fn again(cursor: Cursor, at_us: u64, text: Bytes) -> SharedEvent {
        SharedEvent { cursor, at_us, text, encoded: Default::default(), compressed: OnceLock::new() }
    }

    /// A client's position once it has this event.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The intended publish instant (us of the server's clock).
    pub fn at_us(&self) -> u64 {
        self.at_us
    }

    /// The event text.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// The event as it is written.
    pub fn encoded(&self, encoding: Encoding) -> &Bytes {
        let encoded = if encoding.compresses() { self.compressed.get_or_init(Box::default) } else { &self.encoded };
        encoded[encoding.index()].get_or_init(|| encoding.encode([(self.cursor, self.text.as_ref())]).into())
    }
}
