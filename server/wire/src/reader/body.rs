//! Reads a body in whatever way it is transferred (RFC 9112 section 6), without holding a byte of it.

use super::ReadError;
use super::chunked::{self, Part};
use super::head::BodyLength;

/// A reader at some place of a body.
#[derive(Debug)]
pub enum Reader {
    /// So many bytes are left.
    Exact(u64),
    /// In chunks.
    Chunked(chunked::Reader),
    /// All that comes until the server closes.
    UntilClose,
}

impl Reader {
    /// The body after a head.
    pub fn new(length: BodyLength) -> Reader {
        match length {
            BodyLength::None => Reader::Exact(0),
            BodyLength::Exact(bytes) => Reader::Exact(bytes),
            BodyLength::Chunked => Reader::Chunked(chunked::Reader::default()),
            BodyLength::UntilClose => Reader::UntilClose,
        }
    }

    /// The next run of bytes, taken from the front of `input`. `None` when `input` is empty or the body has ended: what is
    /// then left of `input` is no part of the body.
    ///
    /// # Errors
    /// As with [`chunked::Reader::next`].
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Part<'i>>, ReadError> {
        if input.is_empty() || self.has_ended() {
            return Ok(None);
        }
        match self {
            Reader::Chunked(reader) => reader.next(input),
            Reader::UntilClose => Ok(Some(Part::Data(std::mem::take(input)))),
            Reader::Exact(left) => {
                let n = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                let (data, rest) = input.split_at(n);
                *input = rest;
                *left -= n as u64;
                Ok(Some(Part::Data(data)))
            }
        }
    }

    /// The last byte of the body was taken; never so where only the end of the connection tells.
    pub fn has_ended(&self) -> bool {
        match self {
            Reader::Exact(left) => *left == 0,
            Reader::Chunked(reader) => reader.has_ended(),
            Reader::UntilClose => false,
        }
    }
}
