//! What the tests of the readers share: streams in parts, and pieces that outlive their reader.

use feedbench_wire::event::{self, Data};
use feedbench_wire::reader::{Item, ReadError, StreamReader};
use feedbench_wire::{Cursor, Framing};

/// `bytes` in parts, cut at those places (taken modulo the length).
pub(crate) fn cut<'b>(bytes: &'b [u8], places: &[usize]) -> Vec<&'b [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.sort_unstable();
    let (mut parts, mut from) = (Vec::new(), 0);
    for place in places.into_iter().chain([bytes.len()]) {
        parts.push(&bytes[from..place]);
        from = place;
    }
    parts
}

/// Every way to cut `bytes` in two, and byte by byte.
pub(crate) fn every_cut(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    (0..=bytes.len()).map(|place| cut(bytes, &[place])).chain([bytes.chunks(1).collect()])
}

/// The text of an event.
pub(crate) fn text(seq: u64, data: &str) -> Vec<u8> {
    let mut text = Vec::new();
    event::encode(seq, 1_000_000 + seq, Data::Text(data), &mut text);
    text
}

/// An [`Item`] that outlives its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    /// A position.
    Position(Cursor),
    /// An event text.
    Event(Vec<u8>),
    /// A heartbeat.
    Heartbeat,
}

/// What a stream's reader made of the parts: the items and their bytes on the wire, and the bytes pending at the end.
/// Checks after every call that no byte is unaccounted for.
pub(crate) fn read_stream(framing: Framing, parts: &[&[u8]]) -> Result<(Vec<(Owned, usize)>, usize), ReadError> {
    let (mut reader, mut pieces, mut fed, mut finished) = (StreamReader::new(framing), Vec::new(), 0, 0);
    for &part in parts {
        let mut input = part;
        while let Some(piece) = reader.next(&mut input)? {
            finished += piece.wire_bytes;
            let item = match piece.item {
                Item::Position(cursor) => Owned::Position(cursor),
                Item::Event(text) => Owned::Event(text.to_vec()),
                Item::Heartbeat => Owned::Heartbeat,
            };
            pieces.push((item, piece.wire_bytes));
            assert_eq!(finished + reader.pending_bytes(), fed + part.len() - input.len());
        }
        assert!(input.is_empty(), "a reader that wants more has taken all");
        fed += part.len();
        assert_eq!(finished + reader.pending_bytes(), fed);
    }
    Ok((pieces, reader.pending_bytes()))
}
