//! Reads the answer of a poll, a JSON array of event texts (RFC 8259 section 5), element by element as it arrives: the
//! way back from [`crate::framing::json_array`].
//!
//! It finds where elements begin and end. Whether an element is JSON inside is for the one who parses the text.

use memchr::memchr2;

use super::held::Held;
use super::scan::{WORD, structure};
use super::{ReadError, TEXT_MAX_BYTES};

/// How deep an element may be nested.
pub const DEPTH_MAX: u32 = 128;

/// An element of the array.
#[derive(Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its own bytes, an event text.
    pub text: &'a [u8],
    /// Its own bytes and the brackets, commas and blanks before it.
    pub wire_bytes: usize,
}

/// A reader at some place of one answer.
#[derive(Debug, Default)]
pub struct Reader {
    held: Held,
    place: Place,
    inside: Inside,
    /// Brackets, commas and blanks since the last element (bytes).
    framing: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    BeforeArray,
    BeforeFirst,
    AfterComma,
    InElement,
    AfterElement,
    AfterArray,
}

/// Where in an element the reader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inside {
    /// A number or a literal: it ends before the first byte that cannot be part of it.
    #[default]
    Bare,
    /// Between the brackets of an object or array, so many deep.
    Nested(u32),
    /// In a string, so many deep.
    Text(u32),
    /// After a backslash in a string, so many deep.
    Escaped(u32),
}

impl Reader {
    /// The next element, as soon as its last byte is there. Takes from the front of `input` what belongs to it; with
    /// `None` all of `input` was taken. The `wire_bytes` of the elements and [`Reader::pending_bytes`] add up to the bytes
    /// taken.
    ///
    /// # Errors
    /// When the bytes are no JSON array, or an element is longer than [`TEXT_MAX_BYTES`] or nested deeper than
    /// [`DEPTH_MAX`].
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Element<'a>>, ReadError> {
        while self.place != Place::InElement {
            let Some((&b, rest)) = input.split_first() else {
                self.held.keep(input, 0)?;
                return Ok(None);
            };
            self.place = self.pass(b)?;
            if self.place != Place::InElement {
                self.framing += 1;
                *input = rest;
            }
        }
        let Some(end) = self.element_end(input)? else {
            self.held.keep(input, TEXT_MAX_BYTES)?;
            return Ok(None);
        };
        self.place = Place::AfterElement;
        let text = self.held.complete(input, end, TEXT_MAX_BYTES)?;
        Ok(Some(Element { text, wire_bytes: std::mem::take(&mut self.framing) + text.len() }))
    }

    /// Says that the answer has ended.
    ///
    /// # Errors
    /// When the array had not.
    pub fn finish(self) -> Result<(), ReadError> {
        if self.place == Place::AfterArray { Ok(()) } else { Err(ReadError::Malformed("a whole JSON array")) }
    }

    /// Bytes taken that are not yet part of an element; at the end of the answer the closing bracket is always among them.
    pub fn pending_bytes(&self) -> usize {
        self.framing + self.held.pending().len()
    }

    /// The place after a byte that is outside of the elements.
    fn pass(&mut self, b: u8) -> Result<Place, ReadError> {
        match (self.place, b) {
            (place, b' ' | b'\t' | b'\n' | b'\r') => Ok(place),
            (Place::BeforeArray, b'[') => Ok(Place::BeforeFirst),
            (Place::BeforeFirst | Place::AfterElement, b']') => Ok(Place::AfterArray),
            (Place::AfterElement, b',') => Ok(Place::AfterComma),
            (Place::BeforeFirst | Place::AfterComma, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                self.inside = if matches!(b, b'{' | b'[' | b'"') { Inside::Nested(0) } else { Inside::Bare };
                Ok(Place::InElement)
            }
            _ => Err(ReadError::Malformed("a JSON array")),
        }
    }

    /// How many bytes of `input` end the element.
    fn element_end(&mut self, input: &[u8]) -> Result<Option<usize>, ReadError> {
        if self.inside == Inside::Bare {
            // Its end is seen by what follows it.
            let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
            return Ok(input.iter().position(|&b| !is_part(b)));
        }
        let mut inside = self.inside;
        // The byte after a backslash, which means nothing.
        let mut escaped = if let Inside::Escaped(depth) = inside {
            inside = Inside::Text(depth);
            0
        } else {
            usize::MAX
        };
        let mut from = 0;
        while from < input.len() {
            let mut word = [0; WORD];
            match input[from..].first_chunk() {
                Some(whole) => word = *whole,
                None => word[..input.len() - from].copy_from_slice(&input[from..]),
            }
            let mut marks = structure(word);
            if marks == 0 && matches!(inside, Inside::Text(_)) && input.len() - from > FAR_BYTES {
                from += memchr2(b'"', b'\\', &input[from..]).unwrap_or(input.len() - from).max(WORD);
                continue;
            }
            while marks != 0 {
                let place = marks.trailing_zeros() as usize / 8;
                marks &= marks - 1;
                let at = from + place;
                if at == escaped {
                    continue;
                }
                inside = match (inside, word[place]) {
                    (Inside::Text(0), b'"') | (Inside::Nested(1), b'}' | b']') => return Ok(Some(at + 1)),
                    (Inside::Text(depth), b'"') => Inside::Nested(depth),
                    (Inside::Text(_), b'\\') => {
                        escaped = at + 1;
                        continue;
                    }
                    (Inside::Nested(depth), b'"') => Inside::Text(depth),
                    (Inside::Nested(DEPTH_MAX), b'{' | b'[') => {
                        return Err(ReadError::Malformed("an element nested at most 128 deep"));
                    }
                    (Inside::Nested(depth), b'{' | b'[') => Inside::Nested(depth + 1),
                    (Inside::Nested(depth), b'}' | b']') => Inside::Nested(depth.saturating_sub(1)),
                    (inside, _) => inside,
                };
            }
            from += WORD;
        }
        self.inside = match inside {
            Inside::Text(depth) if escaped == input.len() => Inside::Escaped(depth),
            inside => inside,
        };
        Ok(None)
    }
}

/// From here on (bytes) the rest of a string is worth a search.
const FAR_BYTES: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(mut input: &[u8]) -> Result<(Vec<String>, usize), ReadError> {
        let (mut reader, mut texts, mut wire_bytes, whole) = (Reader::default(), Vec::new(), 0, input.len());
        while let Some(element) = reader.next(&mut input)? {
            texts.push(String::from_utf8(element.text.to_vec()).unwrap());
            wire_bytes += element.wire_bytes;
        }
        let pending = reader.pending_bytes();
        assert_eq!(wire_bytes + pending, whole);
        reader.finish().map(|()| (texts, pending))
    }

    #[test]
    fn elements_keep_their_own_bytes() {
        let answer = br#" [ {"a": "]}\"\\", "b":[1, {}]} ,"x,\\","]",[ ],-1.5e+3 ,true,null ] "#;
        let (texts, pending) = read(answer).unwrap();
        let expected = [r#"{"a": "]}\"\\", "b":[1, {}]}"#, r#""x,\\""#, r#""]""#, "[ ]", "-1.5e+3", "true", "null"];
        assert_eq!((texts, pending), (expected.map(str::to_owned).to_vec(), 3));
    }

    #[test]
    fn an_empty_answer_is_whole() {
        assert_eq!(read(b"[]"), Ok((vec![], 2)));
        assert_eq!(read(b"[ \n]\n"), Ok((vec![], 5)));
    }

    #[test]
    fn what_is_no_whole_array_is_malformed() {
        for answer in
            ["", "[", "[1", "[1,", "[,1]", "[1,]", "[1 2]", "[{}{}]", "[\"]", "[1]]", "[1],", "{}", "1", "[}", "[\0]"]
        {
            assert!(matches!(read(answer.as_bytes()), Err(ReadError::Malformed(_))), "{answer:?}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("[{}{}]", "[".repeat(depth), "]".repeat(depth)).into_bytes();
        assert!(read(&nested(128)).is_ok());
        assert!(matches!(read(&nested(129)), Err(ReadError::Malformed(_))));
    }
}
