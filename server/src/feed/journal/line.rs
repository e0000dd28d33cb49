//! The lines of a journal: one JSON value each, and what can be wrong with them.
//!
//! ```text
//! {"journal":{"state":"whole","version":1,"source":"replay earthquakes","topics":1,"boot_id":"…"}}
//! {"topic":{"topic":0,"newest":1200,"position":1190}}
//! {"event":{"topic":0,"by":"program","text":{"seq":      1201,"at":   1723456789012,"data":"…"}}}
//! ```

use std::io::Write as _;

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::topic::By;

/// The version that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// A line has fewer bytes than this: an event text and what stands around it.
pub(super) const LINE_MAX_BYTES: u64 = PAYLOAD_MAX_BYTES as u64 + 4_096;

/// The largest number of an event: beyond it a client in JavaScript cannot tell two numbers apart (2^53).
pub(super) const SEQ_MAX: u64 = 1 << 53;

/// Where the state stands in the header line (bytes from the start of the file).
pub(super) const STATE_AT: u64 = r#"{"journal":{"state":""#.len() as u64;

/// A line that was read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line<'a> {
    /// The first line.
    Journal(Header),
    /// Where a topic stood before the first of its events in this file.
    Topic(Standing),
    /// A published event.
    #[serde(borrow)]
    Event(Published<'a>),
}

/// What a journal belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// The first field, so that it can be overwritten in its place ([`STATE_AT`]).
    pub(super) state: State,
    pub(super) version: u32,
    /// What is published.
    pub(super) source: String,
    /// How many topics.
    pub(super) topics: u32,
    /// Whose CLOCK_MONOTONIC the instants are of.
    pub(super) boot_id: String,
}

/// Does a journal hold all that was published? Both words have the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Up to the last event that anybody was given.
    Whole,
    /// Up to the first event that could not be written.
    Short,
}

impl State {
    /// The word in the header.
    pub(super) const fn word(self) -> &'static str {
        match self {
            State::Whole => "whole",
            State::Short => "short",
        }
    }
}

/// Where a topic stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    /// Counted from 0.
    pub(super) topic: u32,
    /// The number of its newest event.
    pub(super) newest: u64,
    /// How many of its events the program has published.
    pub(super) position: u64,
}

/// A published event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Published<'a> {
    pub(super) topic: u32,
    pub(super) by: By,
    /// The event text, byte for byte.
    #[serde(borrow)]
    pub(super) text: &'a RawValue,
}

/// Appends the line of a header or a standing.
pub(super) fn push(line: &Line<'_>, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, line).expect("numbers and texts are JSON, and writing to a Vec does not fail");
    out.push(b'\n');
}

/// Appends the line of an event. Its text is JSON already, so nothing is parsed.
pub(super) fn push_event(topic: u32, by: By, text: &[u8], out: &mut Vec<u8>) {
    let by = by.word();
    write!(out, r#"{{"event":{{"topic":{topic},"by":"{by}","text":"#).expect("writing to a Vec does not fail");
    out.extend_from_slice(text);
    out.extend_from_slice(b"}}\n");
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The first line is something else.
    #[error("not the first line of a journal")]
    NoHeader,
    /// Written by another version.
    #[error("a journal of version {0}, and version {VERSION} is the one that can be read")]
    Version(u32),
    /// No line of a journal.
    #[error("not a line of a journal (column {0})")]
    NoLine(usize),
    /// Longer than any.
    #[error("longer than {LINE_MAX_BYTES} bytes")]
    TooLong,
    /// A topic that is not there.
    #[error("there is no topic {0}")]
    Topic(u32),
    /// A standing among events, or one that cannot be.
    #[error("a topic does not stand there")]
    Standing,
    /// Not the event that comes next.
    #[error("event {found}, where {wanted} comes next")]
    Seq {
        /// The number that stands there.
        found: u64,
        /// The one that is missing.
        wanted: u64,
    },
    /// No event text.
    #[error("its text is not as an event is written")]
    Text,
}
