//! WebSocket messages in whatever pieces they come (RFC 6455 sections 5.4 to 5.6), whoever sends them, and the control
//! frames that answer them.

use std::borrow::Cow;

use super::ReadError;
use super::frame::{CONTROL_MAX_BYTES, Header, Mask, Opcode, Part, Reader, Sender, encode_header};
use super::scan::is_ascii;
use crate::deflate::permessage::Inflater;

/// A whole message or control frame. What was not masked and came in one piece is handed out in place.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'i> {
    /// Text, which was found to be UTF-8.
    Text(Cow<'i, [u8]>),
    /// Bytes.
    Binary(Cow<'i, [u8]>),
    /// To be answered with a pong of the same payload.
    Ping(Cow<'i, [u8]>),
    /// Needs no answer.
    Pong,
    /// The last one. To be answered with the same payload, unless this end has closed before.
    Close(Cow<'i, [u8]>),
}

/// Why a connection is to be failed (section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The frames break a rule.
    #[error(transparent)]
    Protocol(#[from] ReadError),
    /// Text, or the reason of a close frame, is no UTF-8.
    #[error("text that is no UTF-8")]
    NotUtf8,
    /// A compressed message is no DEFLATE.
    #[error("a compressed message that cannot be inflated")]
    NotDeflate,
    /// The message is longer than is taken.
    #[error("a message longer than {0} bytes")]
    TooLong(usize),
}

impl MessageError {
    /// What a close frame says of it (section 7.4.1).
    pub const fn close_code(self) -> u16 {
        match self {
            MessageError::Protocol(_) => 1002,
            MessageError::NotUtf8 | MessageError::NotDeflate => 1007,
            MessageError::TooLong(_) => 1009,
        }
    }
}

/// The messages of one direction of a connection.
#[derive(Debug)]
pub struct Messages {
    reader: Reader,
    max_bytes: usize,
    /// The message that was begun is text.
    text: bool,
    /// It is compressed.
    compressed: bool,
    /// Of the frame that is being read: it ends its message.
    fin: bool,
    opcode: Opcode,
    mask: Option<Mask>,
    /// What is not whole; few of many connections have any.
    held: Option<Box<Held>>,
    /// Where messages may be compressed.
    inflater: Option<Box<Inflater>>,
}

/// A control frame may stand between the frames of a message, so there may be two payloads.
#[derive(Debug, Default)]
struct Held {
    message: Vec<u8>,
    control: Vec<u8>,
}

impl Messages {
    /// What `sender` sends after the opening handshake, in messages of at most `max_bytes`.
    pub fn new(sender: Sender, max_bytes: usize) -> Messages {
        let reader = Reader::new(sender);
        let (opcode, mask, held, inflater) = (Opcode::Continuation, None, None, None);
        Messages { reader, max_bytes, text: false, compressed: false, fin: false, opcode, mask, held, inflater }
    }

    /// The same where both ends have agreed on permessage-deflate. The bound is on a message as it is sent, and on what it
    /// says.
    pub fn with_deflate(self, inflater: Inflater) -> Messages {
        Messages { reader: self.reader.with_deflate(), inflater: Some(Box::new(inflater)), ..self }
    }

    /// The next whole message. Takes from the front of `input` what belongs to it; with `None` all was taken.
    ///
    /// # Errors
    /// When the connection is to be failed. The reader is of no more use then.
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Message<'i>>, MessageError> {
        while let Some(part) = self.reader.next(input)? {
            match part {
                Part::Header(header) => self.begin(header)?,
                Part::Payload { bytes, last: true } if self.fin => {
                    let payload = self.complete(bytes);
                    let payload = self.inflate(payload)?;
                    return self.judge(payload).map(Some);
                }
                Part::Payload { bytes, .. } => self.keep(bytes),
            }
        }
        Ok(None)
    }

    fn begin(&mut self, header: Header) -> Result<(), MessageError> {
        (self.fin, self.opcode, self.mask) = (header.fin, header.opcode, header.mask.map(Mask::new));
        match header.opcode {
            Opcode::Text => self.text = true,
            Opcode::Binary => self.text = false,
            Opcode::Continuation => {}
            Opcode::Close | Opcode::Ping | Opcode::Pong => return Ok(()),
        }
        if header.opcode != Opcode::Continuation {
            self.compressed = header.compressed;
        }
        let before = self.held.as_ref().map_or(0, |held| held.message.len());
        let fits = header.payload_bytes <= (self.max_bytes - before) as u64;
        if fits { Ok(()) } else { Err(MessageError::TooLong(self.max_bytes)) }
    }

    /// Keeps a part of a payload that is not whole.
    fn keep(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let held = self.held.get_or_insert_default();
        let payload = if self.opcode.is_control() { &mut held.control } else { &mut held.message };
        let before = payload.len();
        payload.extend_from_slice(bytes);
        if let Some(mask) = &mut self.mask {
            mask.apply(&mut payload[before..]);
        }
    }

    /// The whole payload, of which `bytes` are the last.
    fn complete<'i>(&mut self, bytes: &'i [u8]) -> Cow<'i, [u8]> {
        if self.held.is_none() && self.mask.is_none() {
            return Cow::Borrowed(bytes);
        }
        self.keep(bytes);
        let Some(held) = &mut self.held else { return Cow::default() };
        let payload = std::mem::take(if self.opcode.is_control() { &mut held.control } else { &mut held.message });
        if held.message.is_empty() && held.control.is_empty() {
            self.held = None;
        }
        Cow::Owned(payload)
    }

    /// What a whole payload says.
    fn inflate<'i>(&mut self, payload: Cow<'i, [u8]>) -> Result<Cow<'i, [u8]>, MessageError> {
        match &mut self.inflater {
            Some(inflater) if self.compressed && !self.opcode.is_control() => {
                inflater.message(&payload, self.max_bytes).map(Cow::Owned).map_err(|error| match error {
                    ReadError::TooLong(bytes) => MessageError::TooLong(bytes),
                    ReadError::Malformed(_) => MessageError::NotDeflate,
                })
            }
            _ => Ok(payload),
        }
    }

    fn judge<'i>(&self, payload: Cow<'i, [u8]>) -> Result<Message<'i>, MessageError> {
        match self.opcode {
            Opcode::Ping => Ok(Message::Ping(payload)),
            Opcode::Pong => Ok(Message::Pong),
            Opcode::Close => check_close(&payload).map(|()| Message::Close(payload)),
            Opcode::Text | Opcode::Binary | Opcode::Continuation if self.text => {
                check_text(&payload).map(|()| Message::Text(payload))
            }
            Opcode::Text | Opcode::Binary | Opcode::Continuation => Ok(Message::Binary(payload)),
        }
    }
}

/// Section 8.1. Most text is ASCII, which takes less to see.
fn check_text(payload: &[u8]) -> Result<(), MessageError> {
    let is_utf8 = is_ascii(payload) || std::str::from_utf8(payload).is_ok();
    if is_utf8 { Ok(()) } else { Err(MessageError::NotUtf8) }
}

/// Nothing, or a code that may be sent and a reason (sections 5.5.1 and 7.4).
fn check_close(payload: &[u8]) -> Result<(), MessageError> {
    const WRONG_CODE: MessageError =
        MessageError::Protocol(ReadError::Malformed("a close frame with a code that may be sent"));
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(()) } else { Err(WRONG_CODE) };
    };
    match u16::from_be_bytes(*code) {
        1000..=1003 | 1007..=1014 | 3000..=4999 => check_text(reason),
        _ => Err(WRONG_CODE),
    }
}

/// Appends a control frame: with a key as a client's, without one as a server's (section 5.1). The payload has at most
/// [`CONTROL_MAX_BYTES`].
pub fn encode_control(opcode: Opcode, key: Option<[u8; 4]>, payload: &[u8], out: &mut Vec<u8>) {
    debug_assert!(opcode.is_control() && payload.len() as u64 <= CONTROL_MAX_BYTES);
    encode_header(true, opcode, key, payload.len() as u64, out);
    let at = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = key {
        Mask::new(key).apply(&mut out[at..]);
    }
}
