//! Reads server-sent events (HTML Living Standard sections 9.2.5 and 9.2.6): the way back from
//! [`crate::framing::sse`], and from any other writer that keeps to the standard.

use memchr::memchr2;

use super::held::Held;
use super::{Item, Piece, ReadError, TEXT_MAX_BYTES};

/// The byte order mark that may open a stream.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A reader at some place of an event stream. A part is a block: lines up to a blank one.
///
/// A line ends with LF, CR or CR LF. A block that ends with CR is complete there, and is not kept back to see whether LF
/// follows: such an LF counts as the first byte of the next block, however the stream is split.
#[derive(Debug, Default)]
pub struct Reader {
    held: Held,
    scan: Scan,
    /// The first block was read: no mark can follow.
    opened: bool,
    /// The data of a block with several `data` lines.
    joined: Vec<u8>,
}

impl Reader {
    /// The next block: an event if it has data, else a position if it has an id, else a heartbeat. `retry`, `event`,
    /// comments and unknown fields say nothing. See [`super::StreamReader::next`].
    ///
    /// # Errors
    /// When a block is longer than [`TEXT_MAX_BYTES`], or has no data and an id that is no cursor.
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Piece<'a>>, ReadError> {
        self.joined = Vec::new();
        if self.opened && self.held.pending().is_empty() && self.scan.is_at_start() {
            // Most blocks came whole, and then one look is enough.
            if let Some((item, end)) = usual_block(input) {
                let block = self.held.complete(input, end, TEXT_MAX_BYTES)?;
                return Ok(Some(Piece { item, wire_bytes: block.len() }));
            }
        }
        let Some(end) = self.scan.block_end(input) else {
            self.held.keep(input, TEXT_MAX_BYTES)?;
            return Ok(None);
        };
        let block = self.held.complete(input, end, TEXT_MAX_BYTES)?;
        let wire_bytes = block.len();
        let marked = !std::mem::replace(&mut self.opened, true) && block.starts_with(MARK);
        let item = read_block(if marked { &block[MARK.len()..] } else { block }, &mut self.joined)?;
        Ok(Some(Piece { item, wire_bytes }))
    }

    /// Bytes taken that are not yet part of a piece.
    pub fn pending_bytes(&self) -> usize {
        self.held.pending().len()
    }
}

/// Looks for the blank line that ends a block, each byte once.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes of the mark that were seen at the start of the stream.
    mark: usize,
    /// The mark was seen, or will not come.
    past_mark: bool,
    /// The line has a byte.
    in_line: bool,
    /// The last byte was a CR: an LF now belongs to it.
    after_cr: bool,
}

impl Scan {
    /// Is the next byte the first of a block?
    fn is_at_start(&self) -> bool {
        self.past_mark && !self.in_line && !self.after_cr
    }

    fn block_end(&mut self, input: &[u8]) -> Option<usize> {
        let mut at = self.pass_mark(input);
        while at < input.len() {
            if std::mem::take(&mut self.after_cr) && input[at] == b'\n' {
                at += 1;
                continue;
            }
            let Some(n) = memchr2(b'\n', b'\r', &input[at..]) else {
                self.in_line = true;
                return None;
            };
            let blank = n == 0 && !self.in_line;
            self.in_line = false;
            self.after_cr = input[at + n] == b'\r';
            at += n + 1;
            if blank {
                return Some(at);
            }
        }
        None
    }

    /// The mark is no part of the first line: with it alone, the line is blank.
    fn pass_mark(&mut self, input: &[u8]) -> usize {
        let mut at = 0;
        while !self.past_mark && at < input.len() {
            if input[at] == MARK[self.mark] {
                self.mark += 1;
                at += 1;
                self.past_mark = self.mark == MARK.len();
            } else {
                self.in_line = self.mark > 0;
                self.past_mark = true;
            }
        }
        at
    }
}

/// A whole event as [`crate::framing::sse`] writes it at the front of `input`, and its length; `None` for everything else
/// there may be.
fn usual_block(input: &[u8]) -> Option<(Item<'_>, usize)> {
    let (_, rest) = usual_line(input.strip_prefix(b"id: ")?)?;
    let (text, rest) = usual_line(rest.strip_prefix(b"data: ")?)?;
    let rest = rest.strip_prefix(b"\n")?;
    Some((Item::Event(text), input.len() - rest.len()))
}

/// What stands before the first line end, if that is LF, and what follows it.
fn usual_line(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = input.split_at(memchr2(b'\n', b'\r', input)?);
    Some((line, rest.strip_prefix(b"\n")?))
}

fn read_block<'a>(mut block: &'a [u8], joined: &'a mut Vec<u8>) -> Result<Item<'a>, ReadError> {
    let (mut data, mut id): (Option<&[u8]>, Option<&[u8]>) = (None, None);
    // CR LF leaves an empty line in between, which says nothing.
    while let Some(n) = memchr2(b'\n', b'\r', block) {
        match field(&block[..n]) {
            (b"data", value) if joined.is_empty() && data.is_none() => data = Some(value),
            (b"data", value) => {
                joined.extend_from_slice(data.take().unwrap_or_default());
                joined.push(b'\n');
                joined.extend_from_slice(value);
            }
            (b"id", value) if !value.contains(&0) => id = Some(value),
            _ => {}
        }
        block = &block[n + 1..];
    }
    if !joined.is_empty() {
        return Ok(Item::Event(joined));
    }
    if let Some(text) = data {
        return Ok(Item::Event(text));
    }
    let Some(id) = id else {
        return Ok(Item::Heartbeat);
    };
    let cursor = std::str::from_utf8(id).ok().and_then(|id| id.parse().ok());
    cursor.map(Item::Position).ok_or(ReadError::Malformed("an id that is a cursor"))
}

/// The name and the value of a line; the name of a comment is empty. One space after the colon is no part of the value.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    // Names are short: a search would cost more than a look at each byte.
    match line.iter().position(|&b| b == b':') {
        None => (line, b""),
        Some(n) => {
            let value = &line[n + 1..];
            (&line[..n], value.strip_prefix(b" ").unwrap_or(value))
        }
    }
}
