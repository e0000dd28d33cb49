//! How much of a poll's head the poll before had said already, line by line.

use std::ops::Range;

use feedbench_record::ledger::Repetition;
use memchr::memchr;

use super::asked::Asked;
use super::wide;
use crate::reader::head::{BodyLength, Response, decimal};

/// The last poll's heads on a connection; each at most as long as a head may be. A head that says nothing new is not read
/// again: polls are many, and their heads nearly all the same.
#[derive(Debug, Default)]
pub(super) struct Heads {
    request: Vec<u8>,
    asked: Option<KnownRequest>,
    answer: Vec<u8>,
    answered: Option<KnownAnswer>,
}

/// A request that may come again with another query.
#[derive(Debug)]
struct KnownRequest {
    asked: Asked,
    /// Where the query is.
    query: Range<usize>,
    /// The length of the request line.
    line_bytes: usize,
}

/// What an answer's head says of what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Says {
    pub(super) status: u16,
    pub(super) body: BodyLength,
    /// The content is compressed.
    pub(super) gzip: bool,
}

impl Says {
    pub(super) fn of(answer: &Response<'_>) -> Says {
        Says { status: answer.status, body: answer.head.body(), gzip: answer.head.is_gzip() }
    }
}

/// An answer that may come again with another date and another length.
#[derive(Debug)]
struct KnownAnswer {
    says: Says,
    /// `Content-Length` and `Date`, in the order in which they stand.
    fields: Vec<Field>,
}

/// Where a field's value is in a head.
#[derive(Debug)]
struct Field {
    is_length: bool,
    /// From the end of the last field's value, or the start of the head, to this one's value.
    before: usize,
    value_bytes: usize,
    line_bytes: usize,
}

impl Heads {
    /// What a request asks if it is the last poll's but for its query, and what it repeats.
    pub(super) fn known_request(&mut self, head: &[u8]) -> Option<(Asked, Repetition)> {
        let known = self.asked.as_mut()?;
        if head == self.request {
            return Some((Asked { up: wide(head.len()), ..known.asked }, all_of(head)));
        }
        let (before, after) = (&self.request[..known.query.start], &self.request[known.query.end..]);
        let query = head.strip_prefix(before)?.strip_suffix(after)?;
        if query.first() != Some(&b'?') || !query.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let line_bytes = known.line_bytes - known.query.len() + query.len();
        let repetition = Repetition { heads: wide(head.len()), identical: wide(head.len() - line_bytes) };
        known.query.end = known.query.start + query.len();
        known.line_bytes = line_bytes;
        keep(&mut self.request, head);
        Some((Asked { up: wide(head.len()), ..known.asked }, repetition))
    }

    /// What an answer says if its head is the last poll's but for its date and the length of its body, and what
    /// it repeats.
    pub(super) fn known_answer(&mut self, head: &[u8]) -> Option<(Says, Repetition)> {
        let known = self.answered.as_mut()?;
        if head == self.answer {
            return Some((known.says, all_of(head)));
        }
        let (mut body, mut changed) = (known.says.body, 0);
        let (mut before, mut now) = (self.answer.as_slice(), head);
        for field in &known.fields {
            // Up to the value nothing has changed; a length may have more digits than the last one.
            let (same, rest) = before.split_at(field.before);
            now = now.strip_prefix(same)?;
            let (old, rest) = rest.split_at(field.value_bytes);
            let bytes = if field.is_length { digits(now) } else { old.len() };
            let (value, left) = now.split_at_checked(bytes)?;
            (before, now) = (rest, left);
            if value == old {
                continue;
            }
            changed += field.line_bytes - old.len() + value.len();
            if field.is_length {
                body = BodyLength::Exact(decimal(value)?);
            } else if !value.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
                return None;
            }
        }
        if before != now {
            return None;
        }
        known.says.body = body;
        for field in known.fields.iter_mut().filter(|field| field.is_length) {
            let bytes = head.len() + field.value_bytes - self.answer.len();
            field.line_bytes = field.line_bytes - field.value_bytes + bytes;
            field.value_bytes = bytes;
        }
        keep(&mut self.answer, head);
        let repetition = Repetition { heads: wide(head.len()), identical: wide(head.len() - changed) };
        Some((known.says, repetition))
    }

    /// Keeps the request of a poll without a body, and compares it with the one before; `None` for the first.
    pub(super) fn request(&mut self, head: &[u8], asked: Asked) -> Option<Repetition> {
        let repetition = compare(&mut self.request, head);
        self.asked = query(head).map(|(query, line_bytes)| KnownRequest { asked, query, line_bytes });
        repetition
    }

    /// Keeps the head of a poll's answer, and compares it with the one before; `None` for the first.
    pub(super) fn answer(&mut self, head: &[u8], says: Says) -> Option<Repetition> {
        self.answered = Some(KnownAnswer { says, fields: fields(head, says.body) });
        compare(&mut self.answer, head)
    }

    /// The last request; empty before the first.
    pub(super) fn last_request(&self) -> &[u8] {
        &self.request
    }

    /// The head of the last answer; empty before the first.
    pub(super) fn last_answer(&self) -> &[u8] {
        &self.answer
    }

    /// What is held (bytes).
    pub(super) fn held_bytes(&self) -> usize {
        self.request.len() + self.answer.len()
    }
}

/// Where the query of a request's target is, question mark included, and the length of the request line.
fn query(head: &[u8]) -> Option<(Range<usize>, usize)> {
    let line_bytes = memchr(b'\n', head)? + 1;
    let start = memchr(b'?', &head[..line_bytes])?;
    let bytes = memchr(b' ', &head[start..line_bytes])?;
    Some((start..start + bytes, line_bytes))
}

/// The fields of an answer's head that change and are understood: `Date`, and `Content-Length` where it says how long the
/// body is.
fn fields(head: &[u8], body: BodyLength) -> Vec<Field> {
    let (mut fields, mut left, mut last) = (Vec::new(), head, 0);
    while let Some(line) = next_line(&mut left) {
        let Some(colon) = memchr(b':', line) else { continue };
        let is_length = line[..colon].eq_ignore_ascii_case(b"content-length") && matches!(body, BodyLength::Exact(_));
        if is_length || line[..colon].eq_ignore_ascii_case(b"date") {
            let value = line[colon + 1..].trim_ascii_start();
            let start = head.len() - left.len() - value.len();
            let value_bytes = value.trim_ascii_end().len();
            fields.push(Field { is_length, before: start - last, value_bytes, line_bytes: line.len() });
            last = start + value_bytes;
        }
    }
    fields
}

/// How many digits are at the front, as far as a length may have any.
fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take(20).take_while(|b| b.is_ascii_digit()).count()
}

/// A head that says nothing new.
fn all_of(head: &[u8]) -> Repetition {
    Repetition { heads: wide(head.len()), identical: wide(head.len()) }
}

fn keep(before: &mut Vec<u8>, head: &[u8]) {
    before.clear();
    before.extend_from_slice(head);
}

fn compare(before: &mut Vec<u8>, head: &[u8]) -> Option<Repetition> {
    let first = before.is_empty();
    let identical = identical(before, head);
    keep(before, head);
    (!first).then_some(Repetition { heads: wide(head.len()), identical })
}

/// The bytes of those lines of a head that the head before it had, too.
fn identical(before: &[u8], head: &[u8]) -> u64 {
    let (mut rest, mut left, mut identical) = (before, head, 0);
    while rest != left {
        let Some(line) = next_line(&mut left) else { return identical };
        // Nearly always a line has kept its place.
        let in_place = next_line(&mut rest).unwrap_or_default();
        if in_place == line || (name(in_place) != name(line) && has_line(before, line)) {
            identical += wide(line.len());
        }
    }
    identical + wide(left.len())
}

/// The name of a field; of a start line the part before its first space.
fn name(line: &[u8]) -> &[u8] {
    line.split(|&b| b == b':' || b == b' ').next().unwrap_or_default()
}

fn has_line(mut head: &[u8], wanted: &[u8]) -> bool {
    while let Some(line) = next_line(&mut head) {
        if line == wanted {
            return true;
        }
    }
    false
}

/// The next line with its line feed, of a head, which ends with one.
fn next_line<'h>(head: &mut &'h [u8]) -> Option<&'h [u8]> {
    let (line, rest) = head.split_at(memchr(b'\n', head)? + 1);
    *head = rest;
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::ReadError;
    use crate::reader::head::{parse_request, parse_response};
    use proptest::prelude::*;

    fn compared(heads: [&[u8]; 2]) -> Repetition {
        let mut before = Vec::new();
        assert_eq!(compare(&mut before, heads[0]), None, "the first has none before it");
        compare(&mut before, heads[1]).unwrap_or_default()
    }

    #[test]
    fn only_the_lines_that_changed_are_not_identical() {
        let first = b"GET /polling?cursor=a3f2-7 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
        let second = b"GET /polling?cursor=a3f2-8 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
        assert_eq!(compared([first, second]), Repetition { heads: 61, identical: 61 - 37 });
        assert_eq!(compared([first, first]), Repetition { heads: 61, identical: 61 });
    }

    #[test]
    fn a_line_that_moved_is_identical_all_the_same() {
        let moved = compared([b"x 1\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", b"x 1\r\nc: 3\r\na: 1\r\nd: 4\r\n\r\n"]);
        assert_eq!(moved, Repetition { heads: 25, identical: 19 });
    }

    #[test]
    fn a_request_is_known_by_everything_but_its_query() -> Result<(), ReadError> {
        let head = |target: &str, field: &str| format!("GET {target} HTTP/1.1\r\nA: {field}\r\n\r\n").into_bytes();
        let first = head("/polling?cursor=a3f2-7", "1");
        let asked = Asked::of(&parse_request(&first)?, false);
        let mut heads = Heads::default();
        assert!(heads.known_request(&first).is_none());
        heads.request(&first, asked);
        for (target, field) in [
            ("/sse?cursor=a3f2-7", "1"),
            ("/polling", "1"),
            ("/pollingx?cursor=a3f2-7", "1"),
            ("/pollingx", "1"),
            ("/polling?cursor=a3f2-7", "2"),
            ("/polling?cursor=\0", "1"),
            ("/polling?cursor=a3f2-7 HTTP/1.1", "1"),
        ] {
            assert!(heads.known_request(&head(target, field)).is_none(), "{target}");
        }
        let longer = head("/polling?cursor=a3f2-81", "1");
        let (known, repetition) = heads.known_request(&longer).unwrap_or((asked, Repetition::default()));
        assert_eq!((known.about, known.up), (asked.about, 46));
        assert_eq!(repetition, Repetition { heads: 46, identical: 8 });
        let again = heads.known_request(&longer).map(|(_, repetition)| repetition.identical);
        assert_eq!(again, Some(46));
        Ok(())
    }

    /// Heads that differ in a line or two.
    fn answer_head() -> impl Strategy<Value = Vec<u8>> {
        let status = prop_oneof![4 => Just("HTTP/1.1 200 OK"), 1 => Just("HTTP/1.1 204 No Content")];
        let line = prop_oneof![
            3 => "(Content-Length|content-length): ?(0|[1-9]{1,3}|-1|9 9|)",
            2 => "(Date|date|x-date):[ -~]{0,4}\\PC?",
            1 => "(Transfer-Encoding: chunked|Content-Encoding: gzip|Connection: close|A:\0|no colon|Server: a)",
        ];
        (status, proptest::collection::vec(line, 0..3)).prop_map(|(status, lines)| {
            format!("{status}\r\n{}\r\n", lines.iter().map(|line| format!("{line}\r\n")).collect::<String>())
                .into_bytes()
        })
    }

    proptest! {
        #[test]
        fn a_known_answer_is_what_a_whole_look_at_it_would_find(heads in proptest::collection::vec(answer_head(), 2..12)) {
            let mut known = Heads::default();
            for head in heads {
                let read = parse_response("GET", &head).ok().map(|answer| Says::of(&answer));
                match (known.known_answer(&head), read) {
                    (Some((answered, _)), read) => prop_assert_eq!(Some(answered), read, "{}", head.escape_ascii()),
                    (None, Some(answered)) => _ = known.answer(&head, answered),
                    (None, None) => {}
                }
            }
        }
    }
}
