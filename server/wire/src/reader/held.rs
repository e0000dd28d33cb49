//! What a reader keeps of a part that the network split. A part that came whole is never copied.

use memchr::memchr;

use super::ReadError;

/// The bytes of one part. The memory is given back as soon as the part was read: of many connections, few have a split
/// part at any instant.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// The part was handed out, and lives until the next call.
    complete: bool,
}

impl Held {
    /// The bytes that are kept of a part that is not complete.
    pub(super) fn pending(&self) -> &[u8] {
        if self.complete { &[] } else { &self.bytes }
    }

    /// Takes all of `input`, and keeps it as more of a part of at most `max` bytes.
    pub(super) fn keep(&mut self, input: &mut &[u8], max: usize) -> Result<(), ReadError> {
        self.release();
        if self.bytes.len() + input.len() > max {
            return Err(ReadError::TooLong(max));
        }
        self.bytes.extend_from_slice(input);
        *input = &[];
        Ok(())
    }

    /// Takes the first `n` bytes of `input`, which complete a part of at most `max` bytes, and gives the part.
    pub(super) fn complete<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        n: usize,
        max: usize,
    ) -> Result<&'a [u8], ReadError> {
        self.release();
        if self.bytes.len() + n > max {
            return Err(ReadError::TooLong(max));
        }
        let (last, rest) = input.split_at(n);
        *input = rest;
        if self.bytes.is_empty() {
            return Ok(last);
        }
        self.bytes.extend_from_slice(last);
        self.complete = true;
        Ok(&self.bytes)
    }

    /// The next line, its line feed included.
    pub(super) fn line<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        max: usize,
    ) -> Result<Option<&'a [u8]>, ReadError> {
        match memchr(b'\n', input) {
            Some(n) => self.complete(input, n + 1, max).map(Some),
            None => self.keep(input, max).map(|()| None),
        }
    }

    fn release(&mut self) {
        if self.complete {
            *self = Held::default();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_came_whole_is_not_copied() {
        let stream = b"whole\nspl".to_vec();
        let (mut held, mut input) = (Held::default(), stream.as_slice());
        assert_eq!(held.line(&mut input, 10).unwrap().unwrap().as_ptr(), stream.as_ptr());
        assert_eq!(held.line(&mut input, 10), Ok(None));
        assert_eq!((held.pending(), input), (&b"spl"[..], &b""[..]));
    }

    #[test]
    fn a_split_part_is_joined_and_its_memory_given_back() {
        let mut held = Held::default();
        held.keep(&mut &b"spl"[..], 10).unwrap();
        assert_eq!(held.line(&mut &b"it\n"[..], 10), Ok(Some(&b"split\n"[..])));
        assert_eq!(held.pending(), b"");
        assert_eq!(held.line(&mut &b""[..], 10), Ok(None));
        assert_eq!(held.bytes.capacity(), 0);
    }

    #[test]
    fn the_bound_is_the_same_for_whole_and_split_parts() {
        let line = b"123456789\n";
        assert!(Held::default().line(&mut &line[..], 10).is_ok());
        assert_eq!(Held::default().line(&mut &line[..], 9), Err(ReadError::TooLong(9)));
        let mut held = Held::default();
        held.keep(&mut &line[..9], 9).unwrap();
        assert_eq!(held.line(&mut &line[9..], 9), Err(ReadError::TooLong(9)));
        assert_eq!(held.keep(&mut &b"x"[..], 9), Err(ReadError::TooLong(9)));
    }
}
