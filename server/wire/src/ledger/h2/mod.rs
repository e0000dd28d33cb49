//! HTTP/2 (RFC 9113): frames of many streams in both directions of one connection.
//!
//! - [`Connection`]: both directions. `direction`: one of them, frame by frame. `payload`: padding and priority.
//! - `fields`: what a field block says. `streams`: the requests that are going on. `stream`: one of them. `tunnel`:
//!   WebSocket inside one.
//!
//! What has which layer:
//!
//! - the preface, and every frame that is neither HEADERS, CONTINUATION nor DATA: control, as it comes. They belong to the
//!   connection, and to no exchange.
//! - HEADERS and CONTINUATION, all of their bytes: as the heads of HTTP/1.1, once the field block is whole.
//! - the header and the padding of DATA: body framing; its content: by the readers of HTTP/1.1's bodies, or as WebSocket.
//!
//! What one end writes and reads is not in the order in which the other one does. So neither direction asks how far the
//! other one is, except that an answer comes after its request: both ends find the same. In particular a stream that is
//! reset by one end goes on until what the other end sent before it knew has come. What a reset stream holds of an event
//! was meant to be one, and brings nothing: it is control.
//!
//! A direction is lost, and what follows in it unclassified, where frames cannot be told apart or a field block cannot be
//! read. Content that no reader understands is lost for its stream only. Announced answers (PUSH_PROMISE) are not
//! understood: nobody here sends them, and browsers refuse them.

mod direction;
mod fields;
mod payload;
mod stream;
mod streams;
mod tunnel;

use feedbench_record::ledger::Way;

use super::Found;
use direction::Direction;
use streams::Streams;

/// The place in both directions of one connection.
#[derive(Debug)]
pub(super) struct Connection {
    directions: [Direction; Way::ALL.len()],
    streams: Streams,
}

impl Default for Connection {
    fn default() -> Self {
        Connection { directions: Way::ALL.map(Direction::new), streams: Streams::default() }
    }
}

impl Connection {
    pub(super) fn push(&mut self, way: Way, bytes: &[u8], found: &mut impl FnMut(Found<'_>)) {
        self.directions[way.index()].push(bytes, &mut self.streams, found);
    }

    pub(super) const fn is_lost(&self, way: Way) -> bool {
        self.directions[way.index()].is_lost()
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.directions.iter().map(Direction::held_bytes).sum::<usize>() + self.streams.held_bytes()
    }

    /// Bytes of parts that never became whole because their streams were reset, and are not found otherwise.
    pub(super) fn reset_bytes(&self, way: Way) -> u64 {
        self.streams.reset_bytes(way)
    }
}
