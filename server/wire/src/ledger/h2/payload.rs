//! Where in a DATA or HEADERS frame the content is (RFC 9113 sections 6.1 and 6.2).

use crate::h2::frame::{FrameHeader, FrameKind, PADDED, PRIORITY};
use crate::reader::ReadError;

/// The length of the priority in a HEADERS frame (bytes).
const PRIORITY_BYTES: u32 = 5;

/// The place in a payload.
#[derive(Debug, Default)]
pub(super) struct Payload {
    /// The length of the padding has not come.
    expects_padding: bool,
    /// What is left of the priority, the content and the padding (bytes).
    priority: u32,
    content: u32,
    padding: u32,
}

/// A run of a payload.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Run<'i> {
    /// What stands around the content.
    Around {
        /// How many bytes.
        count: usize,
        /// How many bytes it adds to the frame of the content: with the length of the padding, the padding, too.
        framing: usize,
    },
    /// The content, or a part of it.
    Content(&'i [u8]),
}

impl Payload {
    /// The payload after the header of a DATA, HEADERS or CONTINUATION frame.
    pub(super) fn new(header: &FrameHeader) -> Result<Payload, ReadError> {
        let expects_padding = header.kind != FrameKind::Continuation && header.has(PADDED);
        let has_priority = header.kind == FrameKind::Headers && header.has(PRIORITY);
        let priority = if has_priority { PRIORITY_BYTES } else { 0 };
        let content = header.payload_bytes.checked_sub(priority + u32::from(expects_padding)).ok_or(TOO_SHORT)?;
        Ok(Payload { expects_padding, priority, content, padding: 0 })
    }

    /// The next run, from the front of `bytes`, of which there are some; all of them belong to the payload.
    pub(super) fn next<'i>(&mut self, bytes: &mut &'i [u8]) -> Result<Run<'i>, ReadError> {
        if self.expects_padding {
            self.expects_padding = false;
            self.padding = u32::from(take(bytes, 1).first().copied().unwrap_or_default());
            self.content = self.content.checked_sub(self.padding).ok_or(TOO_SHORT)?;
            return Ok(Run::Around { count: 1, framing: 1 + self.padding as usize });
        }
        if self.priority > 0 {
            return Ok(Run::Around { count: part(bytes, &mut self.priority).len(), framing: 0 });
        }
        if self.content > 0 {
            return Ok(Run::Content(part(bytes, &mut self.content)));
        }
        Ok(Run::Around { count: part(bytes, &mut self.padding).len(), framing: 0 })
    }
}

const TOO_SHORT: ReadError = ReadError::Malformed("a frame as long as its padding");

/// Takes as much as is left.
fn part<'i>(bytes: &mut &'i [u8], left: &mut u32) -> &'i [u8] {
    let count = bytes.len().min(*left as usize);
    *left -= count as u32;
    take(bytes, count)
}

fn take<'i>(bytes: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::h2::frame::END_HEADERS;

    fn headers(flags: u8, payload: &[u8]) -> Result<Vec<Run<'_>>, ReadError> {
        let payload_bytes = payload.len() as u32;
        let header = FrameHeader { payload_bytes, kind: FrameKind::Headers, flags, stream: 1 };
        let (mut place, mut rest, mut runs) = (Payload::new(&header)?, payload, Vec::new());
        while !rest.is_empty() {
            runs.push(place.next(&mut rest)?);
        }
        Ok(runs)
    }

    #[test]
    fn padding_and_priority_stand_around_the_content() {
        let runs = headers(END_HEADERS | PADDED | PRIORITY, b"\x02prior-content-..").unwrap();
        let around = |count, framing| Run::Around { count, framing };
        assert_eq!(runs, [around(1, 3), around(5, 0), Run::Content(b"-content-"), around(2, 0)]);
        assert_eq!(headers(END_HEADERS, b"content").unwrap(), [Run::Content(b"content")]);
    }

    #[test]
    fn a_payload_shorter_than_what_stands_around_its_content_is_an_error() {
        assert_eq!(headers(PADDED, b"\x02x"), Err(TOO_SHORT));
        assert_eq!(headers(PRIORITY, b"prio"), Err(TOO_SHORT));
        assert_eq!(headers(PADDED, b""), Err(TOO_SHORT));
    }
}
