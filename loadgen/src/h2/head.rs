//! The head of an answer on HTTP/2 (RFC 9113 section 8.3.2), as far as a client reads it.

use feedbench_wire::Cursor;
use feedbench_wire::path::CURSOR_FIELD;
use hyper::Response;

use crate::fault::Fault;

/// The fields that some client reads, in lower case.
const READ: [&str; 3] = [CURSOR_FIELD, "content-encoding", "sec-websocket-extensions"];

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// 0 when there was none, or none that is a number.
    pub(super) status: u16,
    /// How long the content is to be (bytes), if the head says so.
    pub(super) content_bytes: Option<u64>,
    fields: Vec<(&'static str, Vec<u8>)>,
}

impl Head {
    /// A head of which only the status is known.
    pub(super) fn of_status(status: u16) -> Head {
        Head { status, ..Head::default() }
    }

    /// Takes one field of a block.
    pub(super) fn take(&mut self, name: &[u8], value: &[u8]) {
        let text = std::str::from_utf8(value);
        match name {
            b":status" => self.status = text.ok().and_then(|text| text.parse().ok()).unwrap_or(0),
            b"content-length" => self.content_bytes = text.ok().and_then(|text| text.parse().ok()),
            _ => {
                if let Some(name) = READ.into_iter().find(|read| read.as_bytes() == name) {
                    self.fields.push((name, value.to_vec()));
                }
            }
        }
    }

    /// Is it a head that another one follows (RFC 9110 section 15.2)?
    pub(super) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status)
    }

    /// The status is 200, and nothing else will do.
    ///
    /// # Errors
    /// When it is another one.
    pub(crate) fn is_ok(&self) -> Result<(), Fault> {
        if self.status == 200 { Ok(()) } else { Err(Fault::Status) }
    }

    /// The value of a field, of those that some client reads.
    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_slice())
    }

    /// The head as hyper has it.
    ///
    /// # Errors
    /// When a field cannot stand in one.
    pub(crate) fn into_response<B>(self, body: B) -> Result<Response<B>, Fault> {
        let response = self
            .fields
            .into_iter()
            .fold(Response::builder().status(self.status), |response, (name, value)| response.header(name, value));
        response.body(body).map_err(|_| Fault::Protocol)
    }

    /// The client's place in the feed, where the head names it.
    ///
    /// # Errors
    /// When what it names is no place.
    pub(crate) fn position(&self) -> Result<Option<Cursor>, Fault> {
        let Some(field) = self.field(CURSOR_FIELD) else { return Ok(None) };
        std::str::from_utf8(field).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Protocol).map(Some)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn head(fields: &[(&str, &str)]) -> Head {
        let mut head = Head::default();
        fields.iter().for_each(|(name, value)| head.take(name.as_bytes(), value.as_bytes()));
        head
    }

    #[test]
    fn a_head_says_what_clients_read_of_it() {
        let good = head(&[(":status", "200"), ("date", "x"), ("content-length", "2"), ("feed-cursor", "a3f2-7")]);
        assert_eq!((good.is_ok(), good.content_bytes, good.is_interim()), (Ok(()), Some(2), false));
        assert_eq!(good.position().unwrap().unwrap().to_string(), "a3f2-7");
        assert_eq!(good.field("date"), None, "nobody reads it");
        assert_eq!(head(&[(":status", "200")]).position(), Ok(None));
    }

    #[test]
    fn what_is_no_answer_of_status_200_is_a_fault() {
        for fields in [&[][..], &[(":status", "x")], &[(":status", "204")], &[("status", "200")]] {
            assert_eq!(head(fields).is_ok(), Err(Fault::Status), "{fields:?}");
        }
        assert_eq!(head(&[("feed-cursor", "x")]).position(), Err(Fault::Protocol));
    }
}
