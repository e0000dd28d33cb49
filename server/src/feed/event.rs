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
    encoded: [OnceLock<Bytes>; Encoding::COUNT],
}

impl SharedEvent {
    /// Encodes an event. `cursor` is a client's position once it has it; `at_us` is the intended publish instant.
    pub fn new(cursor: Cursor, at_us: u64, data: event::Data<'_>) -> SharedEvent {
        let mut text = Vec::new();
        event::encode(cursor.seq, at_us, data, &mut text);
        SharedEvent { cursor, at_us, text: text.into(), encoded: Default::default() }
    }

    /// An event that a server before this one has published, with the text that it had.
    pub(super) fn again(cursor: Cursor, at_us: u64, text: Bytes) -> SharedEvent {
        SharedEvent { cursor, at_us, text, encoded: Default::default() }
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
        self.encoded[encoding.index()].get_or_init(|| encoding.encode([(self.cursor, self.text.as_ref())]).into())
    }
}
