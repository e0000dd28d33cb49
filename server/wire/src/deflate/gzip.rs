//! gzip (RFC 1952) as the coding of HTTP content (RFC 9110 section 8.4.1.3): a header, DEFLATE, a trailer with a checksum.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::compressor;
use super::{FLUSH, LAST_BLOCK};
use crate::reader::ReadError;

/// The header of everything that is written here: no name, no time, no system (section 2.3).
pub const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// The length of a trailer (bytes).
pub const TRAILER_BYTES: usize = 8;
/// The longest header that is taken (bytes): it may hold a file's name and a comment.
pub const HEADER_MAX_BYTES: usize = 4 * 1024;

/// The optional parts of a header (section 2.3.1), in their order.
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
const HEADER_CRC: u8 = 1 << 1;
const RESERVED: u8 = 0xe0;

/// A whole content, compressed.
pub fn whole(content: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    compressor::whole(content, &mut out);
    let mut crc = Crc::new();
    crc.update(content);
    trailer(&crc, &mut out);
    out
}

/// Appends what ends a stream of pieces after the last of them: an empty block and the trailer. `crc` is that of all that
/// was compressed.
pub fn end(crc: &Crc, out: &mut Vec<u8>) {
    out.extend_from_slice(&LAST_BLOCK);
    trailer(crc, out);
}

fn trailer(crc: &Crc, out: &mut Vec<u8>) {
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
}

/// What the next bytes of a compressed content are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// So many bytes of the header or the trailer.
    Framing(usize),
    /// DEFLATE.
    Content {
        /// So many bytes of it, perhaps none: what came before them had more to say than there was room.
        wire_bytes: usize,
        /// What they say is so long, and at the front of the room.
        bytes: usize,
        /// The stream ends here, or may have been flushed: whatever was said is said. Never so by chance of how the network
        /// has split it.
        flushed: bool,
    },
}

/// Reads one compressed content, with a bound on what it says. It takes about 45 KiB.
#[derive(Debug)]
pub struct Reader {
    place: Place,
    /// Optional parts of the header that are still to come.
    optional: u8,
    header_bytes: usize,
    inflate: Decompress,
    /// What the content may still say (bytes).
    left: u64,
    max_bytes: usize,
    /// The last four bytes of DEFLATE.
    last: u32,
    /// The room was full: there may be more without another byte.
    is_behind: bool,
    crc: Crc,
    trailer: [u8; TRAILER_BYTES],
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The fixed part of the header: so many bytes of it were there.
    Fixed(u8),
    /// The length of the extra field: its first byte, if that was there.
    ExtraLength(Option<u8>),
    /// So much is left of the extra field, never 0.
    Extra(u16),
    /// A text that ends with 0.
    Text,
    /// The checksum of the header: so many bytes of it were there.
    HeaderCrc(u8),
    Content,
    /// So many bytes of the trailer were there.
    Trailer(u8),
    Ended,
}

impl Reader {
    /// A reader at the start of a content that says at most so much (bytes); a stream may say [`usize::MAX`].
    pub fn new(max_bytes: usize) -> Reader {
        Reader {
            place: Place::Fixed(0),
            optional: 0,
            header_bytes: 0,
            inflate: Decompress::new(false),
            left: max_bytes as u64,
            max_bytes,
            last: u32::MAX,
            is_behind: false,
            crc: Crc::new(),
            trailer: [0; TRAILER_BYTES],
        }
    }

    /// The next part, taken from the front of `input`; what it says is written into `room`, which is not empty. With `None`
    /// all was taken.
    ///
    /// # Errors
    /// When the bytes are no gzip, something follows it, or it says more than it may. Nothing is taken then.
    pub fn next(&mut self, input: &mut &[u8], room: &mut [u8]) -> Result<Option<Part>, ReadError> {
        if self.place == Place::Content && (self.is_behind || !input.is_empty()) {
            return self.content(input, room).map(Some);
        }
        let mut n = 0;
        while n < input.len() && self.place != Place::Content {
            match self.framing(input[n]) {
                Ok(place) => self.place = place,
                // What came before the wrong byte is given first, as it would be if the network had split them there.
                Err(_) if n > 0 => break,
                Err(error) => return Err(error),
            }
            n += 1;
        }
        *input = &input[n..];
        Ok((n > 0).then_some(Part::Framing(n)))
    }

    /// Judges the content once nothing more comes.
    ///
    /// # Errors
    /// When it is not whole, or not what was compressed.
    pub fn finish(&self) -> Result<(), ReadError> {
        let mut expected = Vec::with_capacity(TRAILER_BYTES);
        trailer(&self.crc, &mut expected);
        let is_whole = self.place == Place::Ended && expected == self.trailer;
        if is_whole { Ok(()) } else { Err(ReadError::Malformed("gzip with its own checksum")) }
    }

    fn content(&mut self, input: &mut &[u8], room: &mut [u8]) -> Result<Part, ReadError> {
        let (mut end, mut last) = (0, self.last);
        // What was flushed is said before anything else is looked at.
        let has_more_to_say = self.is_behind && last == u32::from_be_bytes(FLUSH);
        while end < input.len() && !has_more_to_say && (end == 0 || last != u32::from_be_bytes(FLUSH)) {
            last = last << 8 | u32::from(input[end]);
            end += 1;
        }
        let (taken, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(&input[..end], room, FlushDecompress::None);
        let status = status.map_err(|_| ReadError::Malformed("DEFLATE"))?;
        let wire_bytes = (self.inflate.total_in() - taken) as usize;
        let bytes = (self.inflate.total_out() - written) as usize;
        self.left = self.left.checked_sub(bytes as u64).ok_or(ReadError::TooLong(self.max_bytes))?;
        self.crc.update(&room[..bytes]);
        self.last = input[..wire_bytes].iter().fold(self.last, |last, &b| last << 8 | u32::from(b));
        *input = &input[wire_bytes..];
        let has_ended = status == Status::StreamEnd;
        self.is_behind = bytes == room.len() && !has_ended;
        if has_ended {
            self.place = Place::Trailer(0);
        } else if wire_bytes == 0 && bytes == 0 && end > 0 {
            // It would say so for ever.
            return Err(ReadError::Malformed("DEFLATE"));
        }
        let flushed = has_ended || (wire_bytes == end && !self.is_behind && self.last == u32::from_be_bytes(FLUSH));
        Ok(Part::Content { wire_bytes, bytes, flushed })
    }

    /// The place after a byte of the header or the trailer.
    fn framing(&mut self, b: u8) -> Result<Place, ReadError> {
        const ERROR: ReadError = ReadError::Malformed("gzip");
        self.header_bytes += 1;
        if self.header_bytes > HEADER_MAX_BYTES + TRAILER_BYTES {
            return Err(ReadError::TooLong(HEADER_MAX_BYTES));
        }
        match self.place {
            Place::Fixed(n @ 0..=2) if b != HEADER[usize::from(n)] => Err(ERROR),
            Place::Fixed(3) if b & RESERVED != 0 => Err(ERROR),
            Place::Fixed(9) => Ok(self.next_optional()),
            Place::Fixed(n) => {
                if n == 3 {
                    self.optional = b;
                }
                Ok(Place::Fixed(n + 1))
            }
            Place::ExtraLength(None) => Ok(Place::ExtraLength(Some(b))),
            Place::ExtraLength(Some(low)) => match u16::from_le_bytes([low, b]) {
                0 => Ok(self.next_optional()),
                length => Ok(Place::Extra(length)),
            },
            Place::Extra(1) | Place::HeaderCrc(1) => Ok(self.next_optional()),
            Place::Extra(left) => Ok(Place::Extra(left - 1)),
            Place::Text if b == 0 => Ok(self.next_optional()),
            Place::Text => Ok(Place::Text),
            Place::HeaderCrc(n) => Ok(Place::HeaderCrc(n + 1)),
            Place::Trailer(n) => {
                self.trailer[usize::from(n)] = b;
                Ok(if usize::from(n) + 1 == TRAILER_BYTES { Place::Ended } else { Place::Trailer(n + 1) })
            }
            Place::Content | Place::Ended => Err(ReadError::Malformed("one content in gzip and no more")),
        }
    }

    /// The optional part of the header that comes next, if there is one; otherwise the content.
    fn next_optional(&mut self) -> Place {
        let parts = [
            (EXTRA, Place::ExtraLength(None)),
            (NAME, Place::Text),
            (COMMENT, Place::Text),
            (HEADER_CRC, Place::HeaderCrc(0)),
        ];
        let next = parts.into_iter().find(|(flag, _)| self.optional & flag != 0);
        next.map_or(Place::Content, |(flag, place)| {
            self.optional &= !flag;
            place
        })
    }
}
