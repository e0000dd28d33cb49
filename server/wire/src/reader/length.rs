//! Where a message ends, and whether the connection goes on after it: what the fields of a head say.

use super::ReadError;

/// The version in a start line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `HTTP/1.0`
    Http10,
    /// `HTTP/1.1`
    Http11,
}

/// How much body follows a head (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body.
    #[default]
    None,
    /// So many bytes.
    Exact(u64),
    /// What [`super::chunked`] reads.
    Chunked,
    /// All that comes until the server closes.
    UntilClose,
}

/// The last transfer coding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    None,
    Chunked,
    Other,
}

/// What the fields say about the end of the message and of the connection.
pub(super) struct Lengths {
    content_length: Option<u64>,
    coding: Coding,
    pub(super) keeps_alive: bool,
}

impl Lengths {
    /// Reads the fields of a head.
    pub(super) fn read(version: Version, fields: &[httparse::Header<'_>]) -> Result<Lengths, ReadError> {
        const AMBIGUOUS: ReadError = ReadError::Malformed("a head with one length of the body");
        let (mut content_length, mut coding) = (None, Coding::None);
        let (mut close, mut keep_alive) = (false, false);
        for field in fields {
            if field.name.eq_ignore_ascii_case("content-length") {
                let length = decimal(field.value).ok_or(AMBIGUOUS)?;
                if content_length.replace(length).is_some() {
                    return Err(AMBIGUOUS);
                }
            } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
                if coding == Coding::None {
                    coding = Coding::Other;
                }
                for token in tokens(field.value) {
                    if coding == Coding::Chunked {
                        return Err(AMBIGUOUS);
                    }
                    coding = if token.eq_ignore_ascii_case(b"chunked") { Coding::Chunked } else { Coding::Other };
                }
            } else if field.name.eq_ignore_ascii_case("connection") {
                close |= tokens(field.value).any(|token| token.eq_ignore_ascii_case(b"close"));
                keep_alive |= tokens(field.value).any(|token| token.eq_ignore_ascii_case(b"keep-alive"));
            }
        }
        // RFC 9112 section 6.1: HTTP/1.0 has no transfer codings.
        if coding != Coding::None && (content_length.is_some() || version == Version::Http10) {
            return Err(AMBIGUOUS);
        }
        Ok(Lengths { content_length, coding, keeps_alive: !close && (keep_alive || version == Version::Http11) })
    }

    /// The length of a request's body.
    pub(super) fn of_request(&self) -> Result<BodyLength, ReadError> {
        match self.coding {
            Coding::Chunked => Ok(BodyLength::Chunked),
            Coding::Other => Err(ReadError::Malformed("a request whose end can be told")),
            Coding::None => Ok(self.content_length.map_or(BodyLength::None, BodyLength::Exact)),
        }
    }

    /// The length of the body that answers a request of that method.
    pub(super) fn of_response(&self, status: u16, method: &str) -> BodyLength {
        match (status, method) {
            (100..=199 | 204 | 304, _) | (_, "HEAD") | (200..=299, "CONNECT") => BodyLength::None,
            _ => match (self.coding, self.content_length) {
                (Coding::Chunked, _) => BodyLength::Chunked,
                (Coding::None, Some(length)) => BodyLength::Exact(length),
                (Coding::None | Coding::Other, _) => BodyLength::UntilClose,
            },
        }
    }
}

fn tokens(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&b| b == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

/// Digits and nothing else; `None` also when the number is too large.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
}
