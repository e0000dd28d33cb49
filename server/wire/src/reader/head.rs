//! Reads HTTP/1.1 message heads (RFC 9112 sections 2 to 6): up to the blank line, in place when the head came whole.

use std::mem::MaybeUninit;
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;

use super::ReadError;
use super::held::Held;
use super::length::Lengths;

pub(crate) use super::length::decimal;
pub use super::length::{BodyLength, Version};

/// The longest head (bytes).
pub const HEAD_MAX_BYTES: usize = 64 * 1024;
/// The most fields of a head.
pub const FIELDS_MAX: usize = 100;

const END: &[u8; 4] = b"\r\n\r\n";
static FIND_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(END));

/// A reader of heads. After one it is ready for the next.
#[derive(Debug, Default)]
pub struct Reader {
    held: Held,
}

/// The head of a request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, as `GET`.
    pub method: &'a str,
    /// The request target as it was sent.
    pub target: &'a str,
    /// What requests and responses have in common.
    pub head: Head<'a>,
}

/// The head of a response.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The status code, as 200.
    pub status: u16,
    /// What requests and responses have in common.
    pub head: Head<'a>,
}

/// The part of a head that requests and responses have in common.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    bytes: &'a [u8],
    version: Version,
    body: BodyLength,
    keeps_alive: bool,
}

impl Reader {
    /// The next request head. Takes from the front of `input` what belongs to it; with `None` all of `input` was taken.
    ///
    /// # Errors
    /// When the bytes are no request head, it is longer than [`HEAD_MAX_BYTES`] or has more than [`FIELDS_MAX`] fields, or
    /// the length of the body is ambiguous: several `Content-Length`, or one together with `Transfer-Encoding`, or a last
    /// coding that is not `chunked`.
    pub fn request<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Request<'a>>, ReadError> {
        self.bytes(input)?.map(parse_request).transpose()
    }

    /// The next response head, which answers a request of that method. As with [`Reader::request`]; interim responses
    /// (1xx) are heads of their own.
    ///
    /// # Errors
    /// As with [`Reader::request`], except that a body whose last coding is not `chunked` ends when the server closes.
    pub fn response<'a, 'i: 'a>(
        &'a mut self,
        method: &str,
        input: &mut &'i [u8],
    ) -> Result<Option<Response<'a>>, ReadError> {
        self.bytes(input)?.map(|bytes| parse_response(method, bytes)).transpose()
    }

    /// Bytes taken that are not yet part of a head.
    pub fn pending_bytes(&self) -> usize {
        self.held.pending().len()
    }

    /// As [`Reader::bytes`], and faster where the head is the same as `last`, which a reader gave; of no head, `last` is
    /// empty.
    ///
    /// # Errors
    /// As with [`Reader::bytes`].
    pub fn bytes_again<'a, 'i: 'a>(
        &'a mut self,
        last: &[u8],
        input: &mut &'i [u8],
    ) -> Result<Option<&'a [u8]>, ReadError> {
        // The first end of these bytes is the first end of the input.
        if self.held.pending().is_empty() && !last.is_empty() && input.starts_with(last) {
            return self.held.complete(input, last.len(), HEAD_MAX_BYTES).map(Some);
        }
        self.bytes(input)
    }

    /// The bytes of the next head, up to its blank line, without a look into it. Two bare line feeds do not end a head, and
    /// [`parse_request`] and [`parse_response`] refuse them: who takes them for an end and who does not would see different
    /// messages. As with [`Reader::request`].
    ///
    /// # Errors
    /// When the head is longer than [`HEAD_MAX_BYTES`].
    pub fn bytes<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<&'a [u8]>, ReadError> {
        if self.held.pending().is_empty()
            && let Some(at) = FIND_END.find(input)
        {
            return self.held.complete(input, at + END.len(), HEAD_MAX_BYTES).map(Some);
        }
        let mut at = 0;
        while let Some(n) = memchr(b'\n', &input[at..]) {
            at += n + 1;
            let backwards = input[..at].iter().rev().chain(self.held.pending().iter().rev());
            if backwards.take(END.len()).eq(END.iter().rev()) {
                return self.held.complete(input, at, HEAD_MAX_BYTES).map(Some);
            }
        }
        self.held.keep(input, HEAD_MAX_BYTES)?;
        Ok(None)
    }
}

/// Reads the bytes of a whole request head.
///
/// # Errors
/// As with [`Reader::request`].
pub fn parse_request(bytes: &[u8]) -> Result<Request<'_>, ReadError> {
    const ERROR: ReadError = ReadError::Malformed("a request head");
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut parsed = httparse::Request::new(&mut []);
    let status = parsed.parse_with_uninit_headers(bytes, &mut fields).map_err(|_| ERROR)?;
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Err(ERROR);
    };
    let version = version(status, bytes, parsed.version).ok_or(ERROR)?;
    let lengths = Lengths::read(version, parsed.headers)?;
    let (body, keeps_alive) = (lengths.of_request()?, lengths.keeps_alive);
    Ok(Request { method, target, head: Head { bytes, version, body, keeps_alive } })
}

/// Reads the bytes of a whole response head, which answers a request of that method.
///
/// # Errors
/// As with [`Reader::response`].
pub fn parse_response<'a>(method: &str, bytes: &'a [u8]) -> Result<Response<'a>, ReadError> {
    const ERROR: ReadError = ReadError::Malformed("a response head");
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let parsing = httparse::ParserConfig::default();
    let complete = parsing.parse_response_with_uninit_headers(&mut parsed, bytes, &mut fields).map_err(|_| ERROR)?;
    let version = version(complete, bytes, parsed.version).ok_or(ERROR)?;
    let status = parsed.code.ok_or(ERROR)?;
    let lengths = Lengths::read(version, parsed.headers)?;
    let body = lengths.of_response(status, method);
    let keeps_alive = lengths.keeps_alive && body != BodyLength::UntilClose;
    Ok(Response { status, head: Head { bytes, version, body, keeps_alive } })
}

impl<'a> Head<'a> {
    /// All of its bytes, the blank line included: its length is its length on the wire.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The version of the start line.
    pub fn version(&self) -> Version {
        self.version
    }

    /// How much body follows.
    pub fn body(&self) -> BodyLength {
        self.body
    }

    /// Whether the connection may carry another message after this one (RFC 9112 section 9.3).
    pub fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }

    /// Every field's name and value, in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut left = self.bytes;
        let lines = std::iter::from_fn(move || {
            let (line, rest) = left.split_at(memchr(b'\n', left)? + 1);
            left = rest;
            Some(line.trim_ascii())
        });
        lines.skip_while(|line| line.is_empty()).skip(1).filter_map(|line| {
            let colon = memchr(b':', line)?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
    }

    /// The content is compressed with gzip (RFC 9110 section 8.4.1.3).
    pub fn is_gzip(&self) -> bool {
        self.field("content-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case(b"gzip"))
    }

    /// The value of the first field of that name, in whatever case.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields().find(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }
}

/// The version, if the parser found the end of the head where the reader did.
fn version(status: httparse::Status<usize>, bytes: &[u8], minor: Option<u8>) -> Option<Version> {
    match (status, minor) {
        (httparse::Status::Complete(n), Some(0)) if n == bytes.len() => Some(Version::Http10),
        (httparse::Status::Complete(n), Some(1)) if n == bytes.len() => Some(Version::Http11),
        _ => None,
    }
}
