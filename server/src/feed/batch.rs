//! What one read of a topic brings.

use std::sync::Arc;

use bytes::Bytes;
use feedbench_wire::Cursor;
use feedbench_wire::framing::json_array;

use super::content::Content;
use super::encoding::Encoding;
use super::event::SharedEvent;

/// How much one read brings at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Events.
    pub events: usize,
    /// Bytes of event text with a separator each; the first event comes whatever its size.
    pub bytes: usize,
}

impl Limits {
    /// For the answer of a poll.
    pub const ANSWER: Limits = Limits { events: 1_000, bytes: 1 << 20 };
    /// For one write of a pushed connection. Each connection may hold one of these while its client does not read.
    pub const PUSH: Limits = Limits { events: 1_000, bytes: 64 << 10 };
}

/// Consecutive events of one topic.
#[derive(Debug)]
pub struct Batch {
    /// The events, shared with every other reader.
    pub events: Vec<Arc<SharedEvent>>,
    /// The client's position once it has them.
    pub cursor: Cursor,
    /// Events after the client's cursor that the history no longer holds: it will never get them.
    pub overwritten: u64,
}

impl Batch {
    /// What the answer of a poll holds, compressed if `gzip` is wanted.
    pub fn content(&self, gzip: bool) -> Content {
        if self.events.is_empty() {
            return Content::NOTHING;
        }
        let length: usize = self.events.iter().map(|event| event.text().len() + 1).sum();
        let mut out = Vec::with_capacity(length + 2);
        json_array::encode(self.events.iter().map(|event| event.text().as_ref()), &mut out);
        Content::of(out, gzip)
    }

    /// All events in one piece. A single event, which is the rule, is not copied.
    pub fn encoded(&self, encoding: Encoding) -> Bytes {
        match self.events.as_slice() {
            [event] => event.encoded(encoding).clone(),
            events => encoding.encode(events.iter().map(|event| (event.cursor(), event.text().as_ref()))).into(),
        }
    }
}
