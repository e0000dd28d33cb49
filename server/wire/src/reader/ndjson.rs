//! Reads newline-delimited JSON: the way back from [`crate::framing::ndjson`].

use super::held::Held;
use super::{Item, Piece, ReadError, TEXT_MAX_BYTES};
use crate::framing::read_position;

/// A reader at some place of an NDJSON stream. A carriage return before the line feed belongs to the line's end.
#[derive(Debug, Default)]
pub struct Reader {
    held: Held,
    /// A line that is not blank was read: only the first one can be the position.
    opened: bool,
}

impl Reader {
    /// The next line; a blank one is a heartbeat. See [`super::StreamReader::next`].
    ///
    /// # Errors
    /// When a line is longer than [`TEXT_MAX_BYTES`]. Whether it is JSON is for the one who parses the text.
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Piece<'a>>, ReadError> {
        let Some(line) = self.held.line(input, TEXT_MAX_BYTES)? else {
            return Ok(None);
        };
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let item = if text.is_empty() {
            Item::Heartbeat
        } else if std::mem::replace(&mut self.opened, true) {
            Item::Event(text)
        } else {
            read_position(text).map_or(Item::Event(text), Item::Position)
        };
        Ok(Some(Piece { item, wire_bytes: line.len() }))
    }

    /// Bytes taken that are not yet part of a piece.
    pub fn pending_bytes(&self) -> usize {
        self.held.pending().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;

    #[test]
    fn only_the_first_line_can_be_the_position() {
        let mut reader = Reader::default();
        let mut input = &b"\r\n{\"cursor\":\"a3f2-7\"}\n{\"cursor\":\"a3f2-8\"}\r\n"[..];
        let position = Item::Position(Cursor { epoch: 0xa3f2, seq: 7 });
        assert_eq!(reader.next(&mut input), Ok(Some(Piece { item: Item::Heartbeat, wire_bytes: 2 })));
        assert_eq!(reader.next(&mut input), Ok(Some(Piece { item: position, wire_bytes: 20 })));
        let event = Item::Event(br#"{"cursor":"a3f2-8"}"#);
        assert_eq!(reader.next(&mut input), Ok(Some(Piece { item: event, wire_bytes: 21 })));
        assert_eq!(reader.next(&mut input), Ok(None));
    }
}
