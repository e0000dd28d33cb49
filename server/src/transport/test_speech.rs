//! A way of speaking for tests of the fan-out, which knows none by name.

use feedbench_wire::Cursor;
use feedbench_wire::framing::{Framing, chunk};

use super::speech::Speech;
use super::streaming::Stream;
use crate::feed::{Encoding, Feed, Limits};

/// What breaks a silence.
pub(crate) const HEARTBEAT: &[u8] = b"1\r\n\n\r\n";
/// What comes last.
pub(crate) const LAST: &[u8] = chunk::LAST;

/// Lines in chunks.
pub(crate) fn stream() -> Speech {
    Speech::Stream(Stream::new(Framing::Ndjson, true, true, u64::MAX))
}

/// The length of what comes first.
pub(crate) fn opening_bytes() -> usize {
    stream().open(Cursor { epoch: 1, seq: 0 }).len()
}

/// An event as it is written.
pub(crate) fn event(feed: &Feed, topic: usize, seq: u64) -> Vec<u8> {
    let before = Cursor { epoch: feed.epoch(), seq: seq - 1 };
    let batch = feed.topics()[topic].read_after(Some(before), Limits { events: 1, bytes: usize::MAX });
    batch.expect("an event that was published").encoded(Encoding::Chunk(Framing::Ndjson)).into()
}
