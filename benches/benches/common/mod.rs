//! The events that every bench works on.
#![allow(dead_code, reason = "each bench is a program of its own and uses a part")]

use feedbench_wire::event::{self, Data};

/// Events of one stream, one answer or one conversation.
pub(crate) const EVENTS: u64 = 100;
/// Length of an event text (bytes), the default of a scenario.
pub(crate) const TEXT_BYTES: usize = 100;

/// The data of an event whose text has [`TEXT_BYTES`].
pub(crate) fn data() -> String {
    "x".repeat(TEXT_BYTES - event::EMPTY_BYTES)
}

/// An event text of [`TEXT_BYTES`].
pub(crate) fn text(seq: u64) -> Vec<u8> {
    let mut text = Vec::new();
    event::encode(seq, 1_723_456_789_012, Data::Text(&data()), &mut text);
    assert_eq!(text.len(), TEXT_BYTES);
    text
}
