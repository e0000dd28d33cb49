//! Frames (RFC 9113 section 4.1): a header of nine bytes, then as many bytes of payload as it says. The reader holds no
//! byte of a payload: each is handed on as it comes.

use crate::reader::ReadError;

/// What a client sends before its first frame (RFC 9113 section 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The length of a frame's header (bytes).
pub const HEADER_BYTES: usize = 9;
/// The longest payload of a frame unless the receiver allows more (bytes; RFC 9113 section 6.5.2).
pub const PAYLOAD_MAX_BYTES: u32 = 16_384;

/// Of DATA and HEADERS: the sender's last frame of the stream.
pub const END_STREAM: u8 = 0x01;
/// Of SETTINGS and PING: an answer to one.
pub const ACK: u8 = 0x01;
/// Of HEADERS, PUSH_PROMISE and CONTINUATION: the field block ends here.
pub const END_HEADERS: u8 = 0x04;
/// Of DATA, HEADERS and PUSH_PROMISE: the payload begins with the length of the padding at its end.
pub const PADDED: u8 = 0x08;
/// Of HEADERS: five bytes of priority come before the field block.
pub const PRIORITY: u8 = 0x20;

/// What stands in the five bytes of priority when its sender does not care: no other stream comes first, weight 16 (RFC
/// 7540 section 5.3.5, which RFC 9113 section 5.3.2 made obsolete).
pub const DEFAULT_PRIORITY: [u8; 5] = [0, 0, 0, 0, 16 - 1];

/// What a frame is (RFC 9113 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Content of a request or an answer.
    Data,
    /// The first part of a field block.
    Headers,
    /// A stream's weight among others; obsolete.
    Priority,
    /// The end of a stream by an error.
    RstStream,
    /// How its sender wants to be spoken to.
    Settings,
    /// The announcement of an answer that was not asked for.
    PushPromise,
    /// Is the peer there?
    Ping,
    /// No more new streams.
    GoAway,
    /// More may be sent.
    WindowUpdate,
    /// More of a field block.
    Continuation,
    /// A kind of an extension, by its number: whoever does not know it ignores the frame (RFC 9113 section 5.5).
    Unknown(u8),
}

impl FrameKind {
    /// The kind of that number.
    pub const fn of(code: u8) -> FrameKind {
        match code {
            0x0 => FrameKind::Data,
            0x1 => FrameKind::Headers,
            0x2 => FrameKind::Priority,
            0x3 => FrameKind::RstStream,
            0x4 => FrameKind::Settings,
            0x5 => FrameKind::PushPromise,
            0x6 => FrameKind::Ping,
            0x7 => FrameKind::GoAway,
            0x8 => FrameKind::WindowUpdate,
            0x9 => FrameKind::Continuation,
            code => FrameKind::Unknown(code),
        }
    }

    /// Its number.
    pub const fn code(self) -> u8 {
        match self {
            FrameKind::Data => 0x0,
            FrameKind::Headers => 0x1,
            FrameKind::Priority => 0x2,
            FrameKind::RstStream => 0x3,
            FrameKind::Settings => 0x4,
            FrameKind::PushPromise => 0x5,
            FrameKind::Ping => 0x6,
            FrameKind::GoAway => 0x7,
            FrameKind::WindowUpdate => 0x8,
            FrameKind::Continuation => 0x9,
            FrameKind::Unknown(code) => code,
        }
    }
}

/// The header of a frame (RFC 9113 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// The length of the payload, below 2^24.
    pub payload_bytes: u32,
    /// What the payload is.
    pub kind: FrameKind,
    /// What they mean depends on the kind.
    pub flags: u8,
    /// The stream, below 2^31; 0 is the connection itself.
    pub stream: u32,
}

impl FrameHeader {
    /// Appends the nine bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        debug_assert!(self.payload_bytes < 1 << 24 && self.stream < 1 << 31);
        let [_, length @ ..] = self.payload_bytes.to_be_bytes();
        out.extend(length);
        out.extend([self.kind.code(), self.flags]);
        out.extend(self.stream.to_be_bytes());
    }

    /// Reads the nine bytes. The bit before the stream's number means nothing.
    pub const fn decode(bytes: &[u8; HEADER_BYTES]) -> FrameHeader {
        let [a, b, c, kind, flags, stream @ ..] = *bytes;
        FrameHeader {
            payload_bytes: u32::from_be_bytes([0, a, b, c]),
            kind: FrameKind::of(kind),
            flags,
            stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
        }
    }

    /// Is the flag (or are all of them) set?
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag == flag
    }
}

/// A part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'i> {
    /// The frame begins. Without a payload this is all of it.
    Header(FrameHeader),
    /// Bytes of the payload, at least one.
    Payload {
        /// The bytes, as many as there are.
        bytes: &'i [u8],
        /// The frame ends with them.
        last: bool,
    },
}

/// A reader at some place of one direction of a connection, the client's preface left out.
#[derive(Debug)]
pub struct Reader {
    /// What is there of a header.
    header: [u8; HEADER_BYTES],
    /// How much of it.
    header_bytes: u8,
    /// What is left of the payload.
    left: u32,
    max_bytes: u32,
}

/// A reader of payloads up to [`PAYLOAD_MAX_BYTES`].
impl Default for Reader {
    fn default() -> Self {
        Reader::with_max(PAYLOAD_MAX_BYTES)
    }
}

impl Reader {
    /// A reader of payloads up to so many bytes.
    pub const fn with_max(max_bytes: u32) -> Reader {
        Reader { header: [0; HEADER_BYTES], header_bytes: 0, left: 0, max_bytes }
    }

    /// The next part, taken from the front of `input`; with `None` all of `input` was taken.
    ///
    /// # Errors
    /// When a frame is longer than the reader takes.
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Part<'i>>, ReadError> {
        if self.left > 0 {
            let n = input.len().min(self.left as usize);
            if n == 0 {
                return Ok(None);
            }
            self.left -= n as u32;
            return Ok(Some(Part::Payload { bytes: take(input, n), last: self.left == 0 }));
        }
        let held = usize::from(self.header_bytes);
        let n = input.len().min(HEADER_BYTES - held);
        self.header[held..held + n].copy_from_slice(take(input, n));
        self.header_bytes += n as u8;
        if usize::from(self.header_bytes) < HEADER_BYTES {
            return Ok(None);
        }
        self.header_bytes = 0;
        let header = FrameHeader::decode(&self.header);
        if header.payload_bytes > self.max_bytes {
            return Err(ReadError::TooLong(self.max_bytes as usize));
        }
        self.left = header.payload_bytes;
        Ok(Some(Part::Header(header)))
    }

    /// Bytes taken of a header that is not complete.
    pub fn pending_bytes(&self) -> usize {
        usize::from(self.header_bytes)
    }

    /// Between two frames?
    pub fn is_between_frames(&self) -> bool {
        self.left == 0 && self.header_bytes == 0
    }
}

fn take<'i>(input: &mut &'i [u8], n: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at(n);
    *input = rest;
    taken
}
