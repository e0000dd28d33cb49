//! Reads field blocks (RFC 7541 section 6).

use super::table::{Entry, Table};
use super::{HpackError, TABLE_BYTES, field_bytes, huffman, integer};

/// The largest list of fields that is taken (bytes, as RFC 9113 section 6.5.2 counts them).
pub const LIST_MAX_BYTES: usize = 64 * 1024;

/// The reading end of one direction of a connection. It holds what its table holds, and nothing between two blocks.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    /// How large the encoder may make the table (bytes).
    allowed_bytes: u32,
}

/// With a table of [`TABLE_BYTES`].
impl Default for Decoder {
    fn default() -> Self {
        Decoder::with_table(TABLE_BYTES)
    }
}

/// A literal's text: in the block itself, or decoded into the scratch memory.
enum Text<'b> {
    Plain(&'b [u8]),
    Decoded(std::ops::Range<usize>),
}

impl Text<'_> {
    fn bytes<'a>(&'a self, scratch: &'a [u8]) -> &'a [u8] {
        match self {
            Text::Plain(text) => text,
            Text::Decoded(place) => &scratch[place.clone()],
        }
    }
}

impl Decoder {
    /// A decoder whose side told the peer that its table may have so many bytes (SETTINGS_HEADER_TABLE_SIZE). Only what
    /// is above [`TABLE_BYTES`] waits for the encoder to say that it uses it.
    pub fn with_table(max_bytes: u32) -> Decoder {
        Decoder { table: Table::new(max_bytes.min(TABLE_BYTES)), allowed_bytes: max_bytes }
    }

    /// Reads a whole field block, and gives each field: name, value.
    ///
    /// # Errors
    /// When it is no field block, or has more than [`LIST_MAX_BYTES`] of fields. The fields before were given.
    pub fn decode(&mut self, block: &[u8], mut each: impl FnMut(&[u8], &[u8])) -> Result<(), HpackError> {
        let mut input = block;
        let mut list_bytes = 0;
        let mut give = |name: &[u8], value: &[u8]| {
            list_bytes += field_bytes(name, value);
            if list_bytes > LIST_MAX_BYTES {
                return Err(HpackError::ListTooLong);
            }
            each(name, value);
            Ok(())
        };
        let mut scratch = Vec::new();
        let mut begins = true;
        while let Some(&first) = input.first() {
            if first & 0xe0 == 0x20 {
                let bytes = integer::decode(&mut input, 5)?;
                if !begins || bytes > self.allowed_bytes {
                    return Err(HpackError::TableSize);
                }
                self.table.set_max(bytes as usize);
                continue;
            }
            begins = false;
            if first & 0x80 != 0 {
                let index = integer::decode(&mut input, 7)?;
                let (name, value) = self.table.field(index).ok_or(HpackError::Index(index))?;
                give(name, value)?;
                continue;
            }
            let is_remembered = first & 0x40 != 0;
            let index = integer::decode(&mut input, if is_remembered { 6 } else { 4 })?;
            scratch.clear();
            let new_name = if index == 0 { Some(text(&mut input, &mut scratch)?) } else { None };
            let value = text(&mut input, &mut scratch)?;
            let name = match &new_name {
                Some(name) => name.bytes(&scratch),
                None => self.table.field(index).ok_or(HpackError::Index(index))?.0,
            };
            let value = value.bytes(&scratch);
            give(name, value)?;
            if is_remembered {
                let entry = Entry::new(name, value);
                self.table.add(entry);
            }
        }
        Ok(())
    }
}

/// Takes a text from the front of `input` (RFC 7541 section 5.2).
fn text<'b>(input: &mut &'b [u8], scratch: &mut Vec<u8>) -> Result<Text<'b>, HpackError> {
    let in_code = input.first().is_some_and(|first| first & 0x80 != 0);
    let bytes = integer::decode(input, 7)?;
    let (text, rest) = input.split_at_checked(bytes as usize).ok_or(HpackError::Truncated)?;
    *input = rest;
    if !in_code {
        return Ok(Text::Plain(text));
    }
    let from = scratch.len();
    huffman::decode(text, scratch)?;
    Ok(Text::Decoded(from..scratch.len()))
}
