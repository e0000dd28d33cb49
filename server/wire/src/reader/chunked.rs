//! Reads the chunked transfer coding (RFC 9112 section 7.1) without holding a byte of it: every byte of the body is handed
//! on at once, as data or as framing.

use super::ReadError;

/// The largest chunk that is taken (bytes).
pub const CHUNK_MAX_BYTES: u64 = 1 << 40;
/// The longest line before a chunk, with its extensions, and the longest trailer section (bytes).
pub const FRAMING_MAX_BYTES: usize = 16 * 1024;

/// A run of bytes of a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'i> {
    /// Bytes of the content. A chunk may come in several parts.
    Data(&'i [u8]),
    /// Bytes between the contents: sizes, extensions, line ends, trailers.
    Framing(&'i [u8]),
    /// The last bytes of the framing: the body has ended.
    End(&'i [u8]),
}

/// A reader at some place of a chunked body.
#[derive(Debug, Default)]
pub struct Reader {
    place: Place,
    /// Bytes of the size line or of the trailers so far.
    line_bytes: usize,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The first digit of a size.
    #[default]
    FirstDigit,
    /// More of a size that is so large up to here.
    Size(u64),
    /// Blanks or extensions after the size.
    Extension(u64),
    /// The line feed after the size.
    SizeFeed(u64),
    /// Data: so much is left, never 0.
    Data(u64),
    /// The carriage return after the data.
    DataReturn,
    /// The line feed after the data.
    DataFeed,
    /// The first byte of a trailer field, or the carriage return that ends the body.
    FirstOfTrailer,
    /// A trailer field.
    Trailer,
    /// The line feed after a trailer field.
    TrailerFeed,
    /// The last byte.
    LastFeed,
    /// Past the body.
    Ended,
}

impl Reader {
    /// The next run of bytes, taken from the front of `input`. `None` when `input` is empty or the body has ended: what is
    /// then left of `input` is no part of the body.
    ///
    /// # Errors
    /// When the bytes are not chunked, a chunk is larger than [`CHUNK_MAX_BYTES`], or a size line or the trailers are
    /// longer than [`FRAMING_MAX_BYTES`].
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Part<'i>>, ReadError> {
        if input.is_empty() || self.has_ended() {
            return Ok(None);
        }
        if let Place::Data(left) = self.place {
            let n = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
            let left = left - n as u64;
            self.place = if left == 0 { Place::DataReturn } else { Place::Data(left) };
            return Ok(Some(Part::Data(take(input, n))));
        }
        let mut n = self.pass_usual(input);
        while n < input.len() && !matches!(self.place, Place::Data(_) | Place::Ended) {
            match self.after(input[n]) {
                Ok(place) => self.place = place,
                // What came before the wrong byte is given first, as it would be if the network had split them there.
                Err(_) if n > 0 => break,
                Err(error) => return Err(error),
            }
            n += 1;
        }
        let framing = take(input, n);
        Ok(Some(if self.has_ended() { Part::End(framing) } else { Part::Framing(framing) }))
    }

    /// Takes the usual framing, and gives its length: a line end after the data, and a size without extensions. What else
    /// there may be is left to [`Reader::after`].
    fn pass_usual(&mut self, input: &[u8]) -> usize {
        let mut n = 0;
        if self.place == Place::DataReturn && input.starts_with(b"\r\n") {
            self.place = Place::FirstDigit;
            n = 2;
        }
        if self.place == Place::FirstDigit {
            let (mut size, mut end) = (0, n);
            while end < n + 8
                && let Some(digit) = input.get(end).and_then(|&b| char::from(b).to_digit(16))
            {
                size = size * 16 + u64::from(digit);
                end += 1;
            }
            if size > 0 && input[end..].starts_with(b"\r\n") {
                self.place = Place::Data(size);
                n = end + 2;
            }
        }
        n
    }

    /// The last byte of the body was taken.
    pub fn has_ended(&self) -> bool {
        self.place == Place::Ended
    }

    /// The place after a byte of framing. No line ends with a bare line feed: who takes one for an end and who does not
    /// would see different bodies.
    fn after(&mut self, b: u8) -> Result<Place, ReadError> {
        if matches!(self.place, Place::FirstDigit) {
            self.line_bytes = 0;
        }
        self.line_bytes += 1;
        if self.line_bytes > FRAMING_MAX_BYTES {
            return Err(ReadError::TooLong(FRAMING_MAX_BYTES));
        }
        match (self.place, b) {
            (Place::FirstDigit, b) if b.is_ascii_hexdigit() => add_digit(0, b),
            (Place::Size(size), b) if b.is_ascii_hexdigit() => add_digit(size, b),
            (Place::Size(size), b' ' | b'\t' | b';') => Ok(Place::Extension(size)),
            (Place::Size(size) | Place::Extension(size), b'\r') => Ok(Place::SizeFeed(size)),
            (Place::Extension(size), b) if is_text(b) => Ok(Place::Extension(size)),
            (Place::SizeFeed(0), b'\n') => {
                self.line_bytes = 0;
                Ok(Place::FirstOfTrailer)
            }
            (Place::SizeFeed(size), b'\n') => Ok(Place::Data(size)),
            (Place::DataReturn, b'\r') => Ok(Place::DataFeed),
            (Place::DataFeed, b'\n') => Ok(Place::FirstDigit),
            (Place::FirstOfTrailer, b'\r') => Ok(Place::LastFeed),
            (Place::Trailer, b'\r') => Ok(Place::TrailerFeed),
            (Place::FirstOfTrailer | Place::Trailer, b) if is_text(b) => Ok(Place::Trailer),
            (Place::TrailerFeed, b'\n') => Ok(Place::FirstOfTrailer),
            (Place::LastFeed, b'\n') => Ok(Place::Ended),
            _ => Err(ReadError::Malformed("a chunked body")),
        }
    }
}

fn add_digit(size: u64, digit: u8) -> Result<Place, ReadError> {
    let digit = char::from(digit).to_digit(16).map_or(0, u64::from);
    let size = size * 16 + digit;
    if size > CHUNK_MAX_BYTES {
        Err(ReadError::Malformed("a chunk of at most 2^40 bytes"))
    } else {
        Ok(Place::Size(size))
    }
}

/// A byte that an extension or a trailer field may hold (RFC 9110 section 5.5).
fn is_text(b: u8) -> bool {
    b == b'\t' || (b >= b' ' && b != 0x7f)
}

fn take<'i>(input: &mut &'i [u8], n: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at(n);
    *input = rest;
    taken
}
