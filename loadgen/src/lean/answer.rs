//! An answer in whatever pieces it comes: its head, and then the content of its body in place.

use std::cell::RefCell;

use feedbench_wire::Cursor;
use feedbench_wire::reader::chunked::Part;
use feedbench_wire::reader::{body, head};

use super::last_head::LastHead;
use crate::coding::Coding;
use crate::fault::Fault;
use crate::h2::Head;
use crate::session::Session;

/// One answer, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Answer {
    place: Place,
    position: Option<Cursor>,
    keeps_alive: bool,
    coding: Coding,
}

/// What comes next.
#[derive(Debug)]
enum Place {
    Head(head::Reader),
    Body(body::Reader),
    Over,
}

impl Default for Place {
    fn default() -> Place {
        Place::Head(head::Reader::default())
    }
}

impl Answer {
    /// The next piece of the content; `last` is the last head that any client of the worker read. Takes from the front of `input` what belongs to it; with `None` all was taken.
    ///
    /// # Errors
    /// When the bytes are no HTTP/1.1, the status is not 200, or something follows that nobody asked for.
    pub(super) fn next<'i>(
        &mut self,
        last: &RefCell<LastHead>,
        input: &mut &'i [u8],
    ) -> Result<Option<&'i [u8]>, Fault> {
        loop {
            if input.is_empty() {
                return Ok(None);
            }
            match &mut self.place {
                Place::Head(reader) => {
                    let Some(says) = last.borrow_mut().read(reader, input)? else { continue };
                    (self.position, self.keeps_alive) = (says.position, says.keeps_alive);
                    if says.is_gzip {
                        self.coding = Coding::Gzip(None);
                    }
                    let body = body::Reader::new(says.body);
                    self.place = if body.has_ended() { Place::Over } else { Place::Body(body) };
                }
                Place::Body(body) => {
                    let part = body.next(input).map_err(|_| Fault::Protocol)?;
                    if body.has_ended() {
                        self.place = Place::Over;
                    }
                    if let Some(Part::Data(content)) = part {
                        return Ok(Some(content));
                    }
                }
                Place::Over => return Err(Fault::Protocol),
            }
        }
    }

    /// Its head has come over HTTP/2, which says itself where the content ends.
    ///
    /// # Errors
    /// When the status is not 200, or it names a place that is none or another coding than gzip.
    pub(super) fn begin(&mut self, head: &Head) -> Result<(), Fault> {
        head.is_ok()?;
        (self.position, self.keeps_alive) = (head.position()?, true);
        self.coding = Coding::of(head.field("content-encoding"))?;
        self.place = Place::Body(body::Reader::UntilClose);
        Ok(())
    }

    /// Gives `take` what a piece of the content says.
    ///
    /// # Errors
    /// Those of `take`, and when the piece is not compressed as the head says.
    pub(super) fn decode(
        &mut self,
        session: &mut Session,
        content: &[u8],
        take: impl FnMut(&mut Session, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.coding.decode(session, content, take)
    }

    /// The answer is over.
    ///
    /// # Errors
    /// When its content is not whole.
    pub(super) fn finish(&self, session: &mut Session) -> Result<(), Fault> {
        self.coding.finish(session)
    }

    /// The server has closed, or ended an answer over HTTP/2.
    ///
    /// # Errors
    /// When the answer was not whole.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        match self.place {
            Place::Body(body::Reader::UntilClose) | Place::Over => {
                self.place = Place::Over;
                Ok(())
            }
            Place::Head(_) | Place::Body(_) => Err(Fault::Closed),
        }
    }

    /// Its head is there.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(self.place, Place::Head(_))
    }

    /// All of it is there.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    /// The client's place in the feed, where the head names it.
    pub(super) fn position(&self) -> Option<Cursor> {
        self.position
    }

    /// May another request follow on the connection?
    pub(super) fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads an answer in two pieces.
    fn read(first: &[u8], second: &[u8]) -> Result<(Vec<u8>, Answer), Fault> {
        read_after(&RefCell::default(), first, second)
    }

    /// Reads an answer in two pieces after another one.
    fn read_after(last: &RefCell<LastHead>, first: &[u8], second: &[u8]) -> Result<(Vec<u8>, Answer), Fault> {
        let (mut answer, mut content) = (Answer::default(), Vec::new());
        for mut piece in [first, second] {
            while let Some(more) = answer.next(last, &mut piece)? {
                content.extend_from_slice(more);
            }
        }
        Ok((content, answer))
    }

    #[test]
    fn an_answer_is_the_same_however_it_is_split() {
        for (text, keeps_alive) in [
            ("HTTP/1.1 200 OK\r\nfeed-cursor: a3f2-7\r\ncontent-length: 5\r\n\r\n[1,2]", true),
            (
                "HTTP/1.1 200 OK\r\nFeed-Cursor: a3f2-7\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[1\r\n3;x\r\n,2]\r\n0\r\n\r\n",
                true,
            ),
            (
                "HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK\r\nfeed-cursor: a3f2-7\r\nconnection: close\r\ncontent-length: 5\r\n\r\n[1,2]",
                false,
            ),
        ] {
            for at in 0..=text.len() {
                let (first, second) = text.as_bytes().split_at(at);
                let (content, answer) = read(first, second).unwrap();
                assert_eq!((content.as_slice(), answer.is_over()), (&b"[1,2]"[..], true), "{text} at {at}");
                assert_eq!(answer.position().map(|cursor| cursor.to_string()).as_deref(), Some("a3f2-7"));
                assert_eq!(answer.keeps_alive(), keeps_alive);
            }
        }
    }

    /// Answers that differ in little, and not all of which are right.
    fn text() -> impl Strategy<Value = String> {
        let start = prop_oneof![
            6 => Just("HTTP/1.1 200 OK\r\n"),
            1 => Just("HTTP/1.1 204 No Content\r\n"),
            1 => Just("HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK\r\n"),
            1 => Just("HTTP/1.1 103 X\r\n\r\nHTTP/1.1 103 X\r\n"),
        ];
        let field = prop_oneof![
            3 => "content-length: [2-5]\r\n",
            1 => Just("transfer-encoding: chunked\r\n".to_owned()),
            1 => "feed-cursor: a3f2-[0-9x]\r\n",
            1 => "(connection: close|date: [12])\r\n",
        ];
        let body = prop_oneof!["\\[1{0,3}\\]x?", Just("2\r\n[]\r\n0\r\n\r\n".to_owned())];
        (start, proptest::collection::vec(field, 0..3), body)
            .prop_map(|(start, fields, body)| format!("{start}{}\r\n{body}", fields.concat()))
    }

    proptest! {
        #[test]
        fn an_answer_is_the_same_whatever_the_one_before_was(texts in proptest::collection::vec(text(), 2..6)) {
            let last = RefCell::default();
            for text in texts.iter().flat_map(|text| [text, text]) {
                for at in 0..=text.len() {
                    let (first, second) = text.as_bytes().split_at(at);
                    let found = |read: Result<(Vec<u8>, Answer), Fault>| {
                        read.map(|(content, answer)| {
                            let begun = (answer.has_begun(), answer.is_over());
                            (content, begun, answer.position(), answer.keeps_alive())
                        })
                    };
                    prop_assert_eq!(
                        found(read_after(&last, first, second)),
                        found(read(first, second)),
                        "{} at {}",
                        text,
                        at
                    );
                }
            }
        }
    }

    #[test]
    fn an_answer_without_a_length_lasts_until_the_server_closes() {
        let (content, mut answer) = read(b"HTTP/1.0 200 OK\r\n\r\n[1", b",2]").unwrap();
        assert_eq!((content.as_slice(), answer.is_over(), answer.keeps_alive()), (&b"[1,2]"[..], false, false));
        assert_eq!((answer.close(), answer.is_over()), (Ok(()), true));
    }

    #[test]
    fn what_is_no_whole_answer_of_status_200_is_a_fault() {
        for (text, fault) in [
            ("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n", Fault::Status),
            ("HTTP/1.1 101 X\r\n\r\n", Fault::Status),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]x", Fault::Protocol),
            ("HTTP/1.1 200 OK\r\nfeed-cursor: x\r\n\r\n", Fault::Protocol),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx", Fault::Protocol),
            ("SSH-2.0\r\n\r\n", Fault::Protocol),
        ] {
            for at in 0..=text.len() {
                let (first, second) = text.as_bytes().split_at(at);
                assert_eq!(read(first, second).err(), Some(fault), "{text} at {at}");
            }
        }
        for cut in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n["] {
            assert_eq!(read(cut.as_bytes(), b"").unwrap().1.close(), Err(Fault::Closed), "{cut}");
        }
    }
}
