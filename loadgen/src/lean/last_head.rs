//! The heads of answers, nearly all of which say what the one before them said.

use feedbench_wire::Cursor;
use feedbench_wire::path::CURSOR_FIELD;
use feedbench_wire::reader::head::{self, BodyLength, Response, parse_response};

use crate::coding::Coding;
use crate::fault::Fault;

/// The last head that was read of an answer of status 200, and what it says. The same bytes say the same, so they are not
/// read again: polls are many, and as long as the date is the same, nearly all answers have the same head.
#[derive(Debug, Default)]
pub(crate) struct LastHead {
    bytes: Vec<u8>,
    says: Says,
}

/// What the head of an answer says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Says {
    /// The client's place in the feed, where the head names it.
    pub(super) position: Option<Cursor>,
    /// May another request follow on the connection?
    pub(super) keeps_alive: bool,
    pub(super) body: BodyLength,
    /// The content is compressed.
    pub(super) is_gzip: bool,
}

impl LastHead {
    /// What the next head says; `None` when it is not whole, or that of an interim answer. Takes from the front of `input`
    /// what belongs to it.
    ///
    /// # Errors
    /// When the bytes are no HTTP/1.1, or the status is not 200.
    pub(super) fn read(&mut self, reader: &mut head::Reader, input: &mut &[u8]) -> Result<Option<Says>, Fault> {
        let Some(bytes) = reader.bytes_again(&self.bytes, input).map_err(|_| Fault::Protocol)? else { return Ok(None) };
        if self.bytes != bytes {
            let answer = parse_response("GET", bytes).map_err(|_| Fault::Protocol)?;
            // An interim answer (RFC 9110 section 15.2) says nothing yet.
            if matches!(answer.status, 100 | 102..=199) {
                return Ok(None);
            }
            let (keeps_alive, body) = (answer.head.keeps_alive(), answer.head.body());
            let position = position(&answer)?;
            let is_gzip = matches!(Coding::of(answer.head.field("content-encoding"))?, Coding::Gzip(_));
            self.says = Says { position, keeps_alive, body, is_gzip };
            self.bytes.clear();
            self.bytes.extend_from_slice(bytes);
        }
        Ok(Some(self.says))
    }
}

fn position(answer: &Response<'_>) -> Result<Option<Cursor>, Fault> {
    if answer.status != 200 {
        return Err(Fault::Status);
    }
    let Some(field) = answer.head.field(CURSOR_FIELD) else { return Ok(None) };
    std::str::from_utf8(field).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Protocol).map(Some)
}
