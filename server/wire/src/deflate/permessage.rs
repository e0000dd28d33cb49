//! permessage-deflate (RFC 7692): WebSocket messages compressed one by one, with what went before them or without.
//!
//! Every event that goes over such a connection is compressed, even one that grows by it: a message that is left out of a
//! compressor's memory could not be decided on before it was compressed. The client's position goes as it is.

use flate2::{Decompress, FlushDecompress, Status};

use super::compressor::WINDOW_MIN_BITS;
use super::extensions::{parameter, split};
use super::{Compressor, FLUSH, WINDOW_BITS, alone};
use crate::reader::ReadError;
use crate::reader::frame::{Opcode, RSV1, encode_header};

/// The name of the extension, which is also the plainest offer.
pub const NAME: &str = "permessage-deflate";

const SERVER_ALONE: &str = "server_no_context_takeover";
const CLIENT_ALONE: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// What both ends have agreed on (section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The server's messages are compressed with those before them.
    pub server_takeover: bool,
    /// The client's messages are, if it compresses any.
    pub client_takeover: bool,
    /// The window of the server, if it was spoken of (a power of two; bytes).
    pub server_window_bits: Option<u8>,
}

impl Agreed {
    /// The first of a client's offers that can be met, as a server that compresses each message alone or not; `offers` are
    /// the values of its `Sec-WebSocket-Extensions` fields. A client never keeps what went before: the server would have to.
    ///
    /// An offer with a window below 512 bytes is declined, which zlib cannot make, and with any but the largest one where
    /// messages are compressed once for everybody.
    pub fn accept<'o>(offers: impl IntoIterator<Item = &'o str>, takeover: bool) -> Option<Agreed> {
        offers.into_iter().flat_map(|list| split(list, ',')).find_map(|offer| {
            let offered = Agreed::parse(offer, true)?;
            let server_takeover = takeover && offered.server_takeover;
            let window = offered.server_window_bits.unwrap_or(WINDOW_BITS);
            let can = if server_takeover { window >= WINDOW_MIN_BITS } else { window == WINDOW_BITS };
            can.then_some(Agreed { server_takeover, client_takeover: false, ..offered })
        })
    }

    /// What the answer's `Sec-WebSocket-Extensions` says of it; a server's list names nothing else here.
    ///
    /// # Errors
    /// When it is another extension, or has a parameter that no answer may have: the connection is to be failed (section
    /// 7.1).
    pub fn read(answer: &[u8]) -> Result<Agreed, ReadError> {
        let text = std::str::from_utf8(answer).ok();
        text.and_then(|text| Agreed::parse(text, false)).ok_or(ReadError::Malformed("an answer to permessage-deflate"))
    }

    /// The value of the answer's field.
    pub fn answer(&self) -> String {
        let mut answer = NAME.to_owned();
        for (name, said) in [(SERVER_ALONE, !self.server_takeover), (CLIENT_ALONE, !self.client_takeover)] {
            if said {
                answer.extend(["; ", name]);
            }
        }
        if let Some(bits) = self.server_window_bits {
            answer.push_str(&format!("; {SERVER_WINDOW}={bits}"));
        }
        answer
    }

    /// An element of the list: `None` when it is another extension, or a parameter is unknown, there twice or wrong.
    fn parse(element: &str, is_offer: bool) -> Option<Agreed> {
        let mut parts = split(element, ';');
        if parts.next() != Some(NAME) {
            return None;
        }
        let mut agreed = Agreed { server_takeover: true, client_takeover: true, server_window_bits: None };
        let mut client_window = false;
        for part in parts {
            match parameter(part) {
                (SERVER_ALONE, None) if agreed.server_takeover => agreed.server_takeover = false,
                (CLIENT_ALONE, None) if agreed.client_takeover => agreed.client_takeover = false,
                (SERVER_WINDOW, Some(bits)) if agreed.server_window_bits.is_none() => {
                    agreed.server_window_bits = Some(window_bits(bits)?);
                }
                (CLIENT_WINDOW, None) if is_offer && !client_window => client_window = true,
                (CLIENT_WINDOW, Some(bits)) if !client_window => {
                    window_bits(bits)?;
                    client_window = true;
                }
                _ => return None,
            }
        }
        Some(agreed)
    }
}

/// A decimal number without leading zeros from 8 to 15 (section 7.1.2).
fn window_bits(text: &str) -> Option<u8> {
    let bits = text.parse().ok().filter(|bits| (8..=15).contains(bits))?;
    (text.len() == if bits < 10 { 1 } else { 2 } && !text.starts_with('+')).then_some(bits)
}

/// Appends the frame of a whole message. Without a compressor the message stands alone, and the frame is the same for
/// everybody.
pub fn frame(opcode: Opcode, message: &[u8], compressor: Option<&mut Compressor>, out: &mut Vec<u8>) {
    let mut payload = Vec::new();
    match compressor {
        None => alone(message, &mut payload),
        Some(compressor) => compressor.push(message, &mut payload),
    }
    if payload.is_empty() {
        // What is left of an empty block (section 7.2.3.6).
        payload.push(0);
    } else {
        payload.truncate(payload.len() - FLUSH.len());
    }
    let at = out.len();
    encode_header(true, opcode, None, payload.len() as u64, out);
    out[at] |= RSV1;
    out.extend_from_slice(&payload);
}

/// Inflates the messages of one direction.
#[derive(Debug)]
pub enum Inflater {
    /// Each by itself.
    Alone,
    /// Each with those before it; it takes about 45 KiB.
    Takeover(Box<Decompress>),
}

impl Inflater {
    /// Right after the opening handshake.
    pub fn new(takeover: bool) -> Inflater {
        if takeover { Inflater::Takeover(Box::new(Decompress::new(false))) } else { Inflater::Alone }
    }

    /// What a message says, of at most so many bytes.
    ///
    /// # Errors
    /// When it says more, or is no DEFLATE.
    pub fn message(&mut self, payload: &[u8], max_bytes: usize) -> Result<Vec<u8>, ReadError> {
        thread_local! {
            static ALONE: std::cell::RefCell<Decompress> = std::cell::RefCell::new(Decompress::new(false));
        }
        match self {
            Inflater::Takeover(inflate) => message(inflate, payload, max_bytes),
            Inflater::Alone => ALONE.with_borrow_mut(|inflate| {
                inflate.reset(false);
                message(inflate, payload, max_bytes)
            }),
        }
    }
}

fn message(inflate: &mut Decompress, payload: &[u8], max_bytes: usize) -> Result<Vec<u8>, ReadError> {
    const ROOM: usize = 512;
    let mut out = Vec::with_capacity((4 * payload.len() + ROOM).min(max_bytes + 1));
    for mut input in [payload, &FLUSH] {
        loop {
            let (taken, written) = (inflate.total_in(), out.len());
            let status = inflate.decompress_vec(input, &mut out, FlushDecompress::Sync);
            let status = status.map_err(|_| ReadError::Malformed("DEFLATE"))?;
            let wire_bytes = (inflate.total_in() - taken) as usize;
            input = &input[wire_bytes..];
            if out.len() > max_bytes {
                return Err(ReadError::TooLong(max_bytes));
            }
            let has_room = out.len() < out.capacity();
            if status == Status::StreamEnd {
                // A message may end its stream (section 7.2.3.5); another one begins after it.
                inflate.reset(false);
            } else if has_room && !input.is_empty() && wire_bytes == 0 && out.len() == written {
                return Err(ReadError::Malformed("DEFLATE"));
            }
            if input.is_empty() && has_room {
                break;
            }
            if !has_room {
                out.reserve_exact(out.len().min(max_bytes + 1 - out.len()).max(1));
            }
        }
    }
    Ok(out)
}
