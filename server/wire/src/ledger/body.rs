//! Bodies of HTTP/1.1: how they are transferred.

use feedbench_record::trace::What;

use super::Found;
use super::content::Content;
use crate::reader::chunked::Part;
use crate::reader::head::BodyLength;
use crate::reader::{ReadError, body};

/// The length of the line end after a chunk's data (RFC 9112 section 7.1).
const CHUNK_END_BYTES: usize = 2;

/// A body that has begun.
#[derive(Debug)]
pub(super) struct Body {
    transfer: body::Reader,
    content: Content,
    /// What is left of the line end after a chunk's data (bytes).
    chunk_end: usize,
}

impl Body {
    /// The body after a head. It has at least a byte, or ends with the connection.
    pub(super) fn new(length: BodyLength, content: Content) -> Body {
        Body { transfer: body::Reader::new(length), content, chunk_end: 0 }
    }

    /// Events found so far.
    pub(super) fn events(&self) -> u64 {
        self.content.events()
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.content.held_bytes()
    }

    /// Takes what belongs to the body from the front of `bytes`, of which there are some; true at its end.
    pub(super) fn push(&mut self, bytes: &mut &[u8], found: &mut impl FnMut(Found<'_>)) -> Result<bool, ReadError> {
        match self.transfer.next(bytes)? {
            None => {}
            Some(Part::Data(data)) => {
                self.chunk_end = CHUNK_END_BYTES;
                self.content.push(data, found)?;
                if self.transfer.has_ended() {
                    self.content.finish(found)?;
                }
            }
            Some(Part::Framing(framing)) => self.framing(framing, What::ChunkSize, found),
            Some(Part::End(framing)) => {
                // The framing is right even where the content is not.
                let finished = self.content.finish(found);
                self.framing(framing, What::LastChunk, found);
                finished?;
            }
        }
        Ok(self.transfer.has_ended())
    }

    /// The line end after a chunk's data, then a size line or the last chunk.
    fn framing(&mut self, framing: &[u8], what: What, found: &mut impl FnMut(Found<'_>)) {
        let end = framing.len().min(self.chunk_end);
        self.chunk_end -= end;
        let held = self.content.open_bytes();
        for (count, what) in [(end, What::ChunkEnd), (framing.len() - end, what)] {
            match count {
                0 => {}
                _ if self.content.is_admin() => found(Found::Admin { count }),
                _ => found(Found::Chunking { what, count, held }),
            }
        }
        self.content.frame(framing.len());
    }
}
