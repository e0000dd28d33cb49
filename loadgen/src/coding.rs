//! The coding of an answer's content: as it is, or in gzip.

use feedbench_record::transport::Manner;
use feedbench_wire::deflate::gzip::{Part, Reader};

use crate::fault::Fault;
use crate::session::Session;

/// The most that one compressed answer to a poll may say (bytes): four times what a server of feedbench puts into one.
const ANSWER_MAX_BYTES: usize = 4 << 20;
/// What is inflated at once (bytes).
const ROOM_BYTES: usize = 4 * 1024;

/// What stands between the bytes of a content and what they say.
#[derive(Debug, Default)]
pub(crate) enum Coding {
    /// Nothing.
    #[default]
    Identity,
    /// gzip; its reader is there as soon as its first bytes are.
    Gzip(Option<Box<Reader>>),
}

impl Coding {
    /// Reads the `Content-Encoding` of an answer.
    ///
    /// # Errors
    /// When it is one that was not asked for.
    pub(crate) fn of(field: Option<&[u8]>) -> Result<Coding, Fault> {
        match field {
            None => Ok(Coding::Identity),
            Some(coding) if coding.eq_ignore_ascii_case(b"gzip") => Ok(Coding::Gzip(None)),
            Some(_) => Err(Fault::Protocol),
        }
    }

    /// Gives `take` what the next bytes of the content say, as far as it can be known by now.
    ///
    /// # Errors
    /// Those of `take`, and when the bytes are not what they should be.
    pub(crate) fn decode(
        &mut self,
        session: &mut Session,
        mut content: &[u8],
        mut take: impl FnMut(&mut Session, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Coding::Gzip(reader) = self else { return take(session, content) };
        let is_stream = session.transport().manner() == Manner::Pushed;
        let max_bytes = if is_stream { usize::MAX } else { ANSWER_MAX_BYTES };
        let reader = reader.get_or_insert_with(|| Box::new(Reader::new(max_bytes)));
        let mut room = [0; ROOM_BYTES];
        loop {
            match reader.next(&mut content, &mut room) {
                Ok(None) => return Ok(()),
                Ok(Some(Part::Framing(_))) => {}
                Ok(Some(Part::Content { bytes, .. })) => take(session, &room[..bytes])?,
                Err(_) => return Err(malformed(session)),
            }
        }
    }

    /// The content is over.
    ///
    /// # Errors
    /// When it is not whole.
    pub(crate) fn finish(&self, session: &mut Session) -> Result<(), Fault> {
        match self {
            Coding::Gzip(reader) if reader.as_ref().is_none_or(|reader| reader.finish().is_err()) => {
                Err(malformed(session))
            }
            Coding::Identity | Coding::Gzip(_) => Ok(()),
        }
    }
}

fn malformed(session: &mut Session) -> Fault {
    session.malformed();
    Fault::Protocol
}
