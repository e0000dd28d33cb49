//! Reads script elements: the way back from [`crate::framing::script`]. It takes exactly what is written there, one
//! line for each part, and is no HTML parser.

use memchr::memchr;

use super::held::Held;
use super::{Item, Piece, ReadError, TEXT_MAX_BYTES};
use crate::framing::script::{DOCUMENT_OPEN, EVENT_CLOSE, EVENT_OPEN, HEARTBEAT, POSITION_CLOSE, POSITION_OPEN};

/// A reader at some place of the document.
#[derive(Debug, Default)]
pub struct Reader {
    held: Held,
    place: Place,
}

/// What must come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Document,
    Position,
    Elements,
}

impl Reader {
    /// The next element or heartbeat; the document's head belongs to the position. See [`super::StreamReader::next`].
    ///
    /// # Errors
    /// When a line is none of those that the framing writes, or is longer than [`TEXT_MAX_BYTES`].
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Piece<'a>>, ReadError> {
        if self.place == Place::Document {
            match self.held.line(input, TEXT_MAX_BYTES)? {
                None => return Ok(None),
                Some(DOCUMENT_OPEN) => self.place = Place::Position,
                Some(_) => return Err(ReadError::Malformed("the document of a script stream")),
            }
        }
        let Some(line) = self.held.line(input, TEXT_MAX_BYTES)? else {
            return Ok(None);
        };
        let (item, before) = if self.place == Place::Position {
            self.place = Place::Elements;
            (position(line)?, DOCUMENT_OPEN.len())
        } else {
            (element(line)?, 0)
        };
        Ok(Some(Piece { item, wire_bytes: before + line.len() }))
    }

    /// Bytes taken that are not yet part of a piece.
    pub fn pending_bytes(&self) -> usize {
        let document = if self.place == Place::Position { DOCUMENT_OPEN.len() } else { 0 };
        document + self.held.pending().len()
    }
}

fn position(line: &[u8]) -> Result<Item<'_>, ReadError> {
    line.strip_prefix(POSITION_OPEN)
        .and_then(|rest| rest.strip_suffix(POSITION_CLOSE))
        .and_then(|cursor| std::str::from_utf8(cursor).ok()?.parse().ok())
        .map(Item::Position)
        .ok_or(ReadError::Malformed("a script element with a position"))
}

fn element(line: &[u8]) -> Result<Item<'_>, ReadError> {
    if line == HEARTBEAT {
        return Ok(Item::Heartbeat);
    }
    line.strip_prefix(EVENT_OPEN)
        .and_then(|rest| rest.strip_suffix(EVENT_CLOSE))
        // A browser would end the element there, and see something else than this reader.
        .filter(|text| memchr(b'<', text).is_none())
        .map(Item::Event)
        .ok_or(ReadError::Malformed("a script element with an event"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_to_end(mut input: &[u8]) -> Result<usize, ReadError> {
        let mut reader = Reader::default();
        let mut pieces = 0;
        while reader.next(&mut input)?.is_some() {
            pieces += 1;
        }
        Ok(pieces)
    }

    fn document(rest: &str) -> Vec<u8> {
        [DOCUMENT_OPEN, b"<script>parent.position(\"a3f2-7\")</script>\n", rest.as_bytes()].concat()
    }

    #[test]
    fn what_the_framing_does_not_write_is_malformed() {
        assert_eq!(read_to_end(&document("<script>parent.f(1)</script>\n<!---->\n")), Ok(3));
        for rest in [
            "\n",
            "<!-- -->\n",
            "<script>parent.f(1)\n",
            "<script>parent.g(1)</script>\n",
            "<script>parent.f(</script>)</script>\n",
            "<script>parent.f(1)</script><script>parent.f(2)</script>\n",
            "<script>parent.position(\"a3f2-8\")</script>\n",
        ] {
            assert!(matches!(read_to_end(&document(rest)), Err(ReadError::Malformed(_))), "{rest:?}");
        }
    }

    #[test]
    fn the_document_and_the_position_come_first() {
        for start in ["\n", "<html>\n", "<script>parent.position(\"a3f2-7\")</script>\n"] {
            assert!(matches!(read_to_end(start.as_bytes()), Err(ReadError::Malformed(_))), "{start:?}");
        }
        for second in ["<!---->\n", "<script>parent.f(1)</script>\n", "<script>parent.position(\"7\")</script>\n"] {
            let start = [DOCUMENT_OPEN, second.as_bytes()].concat();
            assert!(matches!(read_to_end(&start), Err(ReadError::Malformed(_))), "{second:?}");
        }
    }
}
