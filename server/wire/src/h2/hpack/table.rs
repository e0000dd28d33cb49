//! The dynamic table (RFC 7541 section 2.3.2), which the static one comes before. It forgets the oldest fields when it
//! is full.

use std::collections::VecDeque;

use super::field_bytes;
use super::static_table::STATIC;

/// One end's table: what both ends remember of one direction.
#[derive(Debug)]
pub(super) struct Table {
    /// The newest comes first.
    entries: VecDeque<Entry>,
    /// The sum of the entries' sizes, at most `max_bytes`.
    bytes: usize,
    max_bytes: usize,
}

/// A field that is remembered: its name and its value in one piece of memory.
#[derive(Debug)]
pub(super) struct Entry {
    texts: Box<[u8]>,
    name_bytes: usize,
}

impl Entry {
    /// A copy of the field.
    pub(super) fn new(name: &[u8], value: &[u8]) -> Entry {
        Entry { texts: [name, value].concat().into(), name_bytes: name.len() }
    }

    /// Name and value.
    pub(super) fn field(&self) -> (&[u8], &[u8]) {
        self.texts.split_at(self.name_bytes)
    }

    fn bytes(&self) -> usize {
        let (name, value) = self.field();
        field_bytes(name, value)
    }
}

impl Table {
    /// An empty table of at most so many bytes.
    pub(super) const fn new(max_bytes: u32) -> Table {
        Table { entries: VecDeque::new(), bytes: 0, max_bytes: max_bytes as usize }
    }

    /// The field of that number, counted through both tables from 1 (RFC 7541 section 2.3.3).
    pub(super) fn field(&self, index: u32) -> Option<(&[u8], &[u8])> {
        let place = (index as usize).checked_sub(1)?;
        match STATIC.get(place) {
            Some((name, value)) => Some((name.as_bytes(), value.as_bytes())),
            None => self.entries.get(place - STATIC.len()).map(Entry::field),
        }
    }

    /// Both tables' fields with their numbers.
    pub(super) fn fields(&self) -> impl Iterator<Item = (usize, (&[u8], &[u8]))> {
        let fixed = STATIC.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        (1..).zip(fixed.chain(self.entries.iter().map(Entry::field)))
    }

    /// Adds a field as the newest, and forgets the oldest ones that then have no room. One that is larger than the
    /// whole table empties it (RFC 7541 section 4.4).
    pub(super) fn add(&mut self, entry: Entry) {
        let bytes = entry.bytes();
        self.shrink_to(self.max_bytes.saturating_sub(bytes));
        if bytes <= self.max_bytes {
            self.bytes += bytes;
            self.entries.push_front(entry);
        }
    }

    /// How large it may become (bytes).
    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Changes how large it may become, and forgets what has no room any more (RFC 7541 section 4.3).
    pub(super) fn set_max(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
        self.shrink_to(max_bytes);
    }

    fn shrink_to(&mut self, bytes: usize) {
        while self.bytes > bytes
            && let Some(oldest) = self.entries.pop_back()
        {
            self.bytes -= oldest.bytes();
        }
    }
}
