//! Reads WebSocket frames (RFC 6455 section 5.2) without holding a byte of their payload, and writes their headers.
//! Messages, text encoding and close codes are for the one who uses the frames.

use super::ReadError;

/// The longest frame header (bytes).
pub const HEADER_MAX_BYTES: usize = 14;
/// The bit of a header's first byte that says of a message that it is compressed (RFC 7692 section 6).
pub const RSV1: u8 = 0x40;
/// The longest payload of a control frame (bytes; RFC 6455 section 5.5).
pub const CONTROL_MAX_BYTES: u64 = 125;

/// Who sends the frames: a client must mask them and a server must not (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Its frames are masked.
    Client,
    /// Its frames are not masked.
    Server,
}

/// What a frame is for (RFC 6455 section 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of a message that was begun.
    Continuation = 0x0,
    /// The start of a message of text.
    Text = 0x1,
    /// The start of a message of bytes.
    Binary = 0x2,
    /// The end of the connection.
    Close = 0x8,
    /// Asks for a pong.
    Ping = 0x9,
    /// Answers a ping.
    Pong = 0xa,
}

impl Opcode {
    /// Close, ping or pong: may stand between the frames of a message.
    pub const fn is_control(self) -> bool {
        self as u8 >= 0x8
    }

    fn from_bits(bits: u8) -> Option<Opcode> {
        match bits {
            0x0 => Some(Opcode::Continuation),
            0x1 => Some(Opcode::Text),
            0x2 => Some(Opcode::Binary),
            0x8 => Some(Opcode::Close),
            0x9 => Some(Opcode::Ping),
            0xa => Some(Opcode::Pong),
            _ => None,
        }
    }
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The last frame of its message.
    pub fin: bool,
    /// The first frame of a compressed message (RFC 7692 section 6.1); only where that was agreed on.
    pub compressed: bool,
    /// What the frame is for.
    pub opcode: Opcode,
    /// The masking key.
    pub mask: Option<[u8; 4]>,
    /// The length of the payload (bytes).
    pub payload_bytes: u64,
    /// The length of this header (bytes): 2, 4 or 10 without a mask, 6, 8 or 14 with one.
    pub wire_bytes: usize,
}

/// A part of a frame. A frame is one header and then at least one payload part, of which exactly the last says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'i> {
    /// The header. RSV2 and RSV3 were 0, and so was RSV1 unless it was agreed on.
    Header(Header),
    /// Bytes of the payload as they were sent, masked if the header says so.
    Payload {
        /// The bytes.
        bytes: &'i [u8],
        /// The frame ends with them.
        last: bool,
    },
}

/// A reader at some place of one direction of a WebSocket connection.
#[derive(Debug)]
pub struct Reader {
    sender: Sender,
    /// Messages may be compressed.
    deflate: bool,
    /// A message was begun and its last frame has not come.
    in_message: bool,
    place: Place,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The start of a header.
    Start,
    /// More of a header, of which the network brought only this.
    Header { bytes: [u8; HEADER_MAX_BYTES], count: u8 },
    /// A payload: so much is left (bytes).
    Payload(u64),
}

impl Reader {
    /// A reader of what `sender` sends, right after the opening handshake.
    pub fn new(sender: Sender) -> Reader {
        Reader { sender, deflate: false, in_message: false, place: Place::Start }
    }

    /// The same where both ends have agreed on permessage-deflate: the first frame of a message may have RSV1.
    pub fn with_deflate(self) -> Reader {
        Reader { deflate: true, ..self }
    }

    /// The next part. Takes from the front of `input` what belongs to it; with `None` all of `input` was taken.
    ///
    /// # Errors
    /// When the bytes break a rule of RFC 6455 section 5: reserved bits and opcodes, a mask that is missing or should be,
    /// a length not in its shortest form or of 2^63 and more, a control frame that is long or fragmented, a close frame
    /// with half a code, a continuation of nothing, a message within a message.
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Part<'i>>, ReadError> {
        if let Place::Payload(left) = self.place {
            if left > 0 && input.is_empty() {
                return Ok(None);
            }
            let n = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
            let (bytes, rest) = input.split_at(n);
            *input = rest;
            let left = left - n as u64;
            self.place = if left == 0 { Place::Start } else { Place::Payload(left) };
            return Ok(Some(Part::Payload { bytes, last: left == 0 }));
        }
        let Some(header) = self.header(input)? else { return Ok(None) };
        if !header.opcode.is_control() {
            self.in_message = !header.fin;
        }
        self.place = Place::Payload(header.payload_bytes);
        Ok(Some(Part::Header(header)))
    }

    /// Bytes taken that are not yet part of a header.
    pub fn pending_bytes(&self) -> usize {
        match self.place {
            Place::Header { count, .. } => count.into(),
            Place::Start | Place::Payload(_) => 0,
        }
    }

    /// The next header: in place when it came whole, as most do, and otherwise byte by byte.
    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Header>, ReadError> {
        let (mut bytes, mut count) = match (self.place, *input) {
            (_, []) => return Ok(None),
            (Place::Header { bytes, count }, _) => (bytes, usize::from(count)),
            (_, &[first, second, ..]) => {
                let needs = self.header_bytes(first, second)?;
                if let Some((header, rest)) = input.split_at_checked(needs) {
                    *input = rest;
                    return decode(header).map(Some);
                }
                ([0; HEADER_MAX_BYTES], 0)
            }
            (_, [_]) => ([0; HEADER_MAX_BYTES], 0),
        };
        while let Some((&b, rest)) = input.split_first() {
            *input = rest;
            bytes[count] = b;
            count += 1;
            let [first, second, ..] = bytes;
            if count >= 2 && count == self.header_bytes(first, second)? {
                return decode(&bytes[..count]).map(Some);
            }
        }
        self.place = Place::Header { bytes, count: count as u8 };
        Ok(None)
    }

    /// The length of a header that begins with these bytes; wrong ones are refused here.
    fn header_bytes(&self, first: u8, second: u8) -> Result<usize, ReadError> {
        self.check(first, second)?;
        let length_bytes = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        Ok(2 + length_bytes + if second & 0x80 == 0 { 0 } else { 4 })
    }

    fn check(&self, first: u8, second: u8) -> Result<(), ReadError> {
        let (fin, masked, short_length) = (first & 0x80 != 0, second & 0x80 != 0, second & 0x7f);
        let opcode = Opcode::from_bits(first & 0x0f).ok_or(ReadError::Malformed("a frame with a known opcode"))?;
        let may_be_compressed = self.deflate && matches!(opcode, Opcode::Text | Opcode::Binary);
        if first & if may_be_compressed { 0x30 } else { 0x70 } != 0 {
            return Err(ReadError::Malformed("a frame with RSV bits of 0"));
        }
        match self.sender {
            Sender::Client if !masked => return Err(ReadError::Malformed("a masked frame, as a client's must be")),
            Sender::Server if masked => return Err(ReadError::Malformed("an unmasked frame, as a server's must be")),
            Sender::Client | Sender::Server => {}
        }
        if opcode.is_control() {
            if !fin || u64::from(short_length) > CONTROL_MAX_BYTES {
                return Err(ReadError::Malformed("a control frame of at most 125 bytes, in one piece"));
            }
            if opcode == Opcode::Close && short_length == 1 {
                return Err(ReadError::Malformed("a close frame with a whole code"));
            }
        } else if (opcode == Opcode::Continuation) != self.in_message {
            return Err(ReadError::Malformed("a frame that continues its message"));
        }
        Ok(())
    }
}

/// The header, all of whose bytes are there and whose first two were checked.
fn decode(bytes: &[u8]) -> Result<Header, ReadError> {
    let (rest, mask) = match bytes[2..].split_last_chunk::<4>() {
        Some((rest, mask)) if bytes[1] & 0x80 != 0 => (rest, Some(*mask)),
        _ => (&bytes[2..], None),
    };
    let long_length = rest.iter().fold(0, |length, &b| length << 8 | u64::from(b));
    let (payload_bytes, at_least) = match bytes[1] & 0x7f {
        126 => (long_length, 126),
        127 => (long_length, 1 << 16),
        short => (u64::from(short), 0),
    };
    if payload_bytes < at_least {
        return Err(ReadError::Malformed("a length in its shortest form"));
    }
    if payload_bytes >> 63 != 0 {
        return Err(ReadError::Malformed("a length below 2^63"));
    }
    let opcode = Opcode::from_bits(bytes[0] & 0x0f).ok_or(ReadError::Malformed("a frame with a known opcode"))?;
    let (fin, compressed) = (bytes[0] & 0x80 != 0, bytes[0] & RSV1 != 0);
    Ok(Header { fin, compressed, opcode, mask, payload_bytes, wire_bytes: bytes.len() })
}

/// Appends the header of a frame, its length in the shortest form. `payload_bytes` must be below 2^63.
pub fn encode_header(fin: bool, opcode: Opcode, mask: Option<[u8; 4]>, payload_bytes: u64, out: &mut Vec<u8>) {
    let mask_bit = if mask.is_some() { 0x80 } else { 0 };
    out.push(if fin { 0x80 } else { 0 } | opcode as u8);
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short @ 0..=125), _) => out.push(mask_bit | short),
        (_, Ok(length)) => {
            out.push(mask_bit | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(mask_bit | 127);
            out.extend_from_slice(&payload_bytes.to_be_bytes());
        }
    }
    out.extend_from_slice(mask.as_ref().map_or(&[], <[u8; 4]>::as_slice));
}

/// Masks or unmasks a payload, which is the same (RFC 6455 section 5.3), however it is split.
#[derive(Clone, Debug)]
pub struct Mask {
    /// The key, turned so that its first byte is the next to use.
    key: [u8; 4],
}

impl Mask {
    /// The start of a payload.
    pub fn new(key: [u8; 4]) -> Mask {
        Mask { key }
    }

    /// Goes on with the next bytes of the payload.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        for (n, b) in bytes.iter_mut().enumerate() {
            *b ^= self.key[n % 4];
        }
        self.key.rotate_left(bytes.len() % 4);
    }
}
