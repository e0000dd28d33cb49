//! The messages of a WebSocket server in whatever pieces they come (RFC 6455 section 5), and the frames that a client
//! answers with.

use std::borrow::Cow;

use feedbench_wire::reader::TEXT_MAX_BYTES;
use feedbench_wire::reader::frame::{CONTROL_MAX_BYTES, Header, Mask, Opcode, Part, Reader, Sender, encode_header};

use crate::fault::Fault;

/// A whole message; its bytes are in place unless the network or the server split it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'i> {
    /// Text or bytes: an event or the position.
    Data(Cow<'i, [u8]>),
    /// To be answered with the same payload.
    Ping(Cow<'i, [u8]>),
    /// Needs no answer.
    Pong,
    /// The last one, to be answered with the same payload.
    Close(Cow<'i, [u8]>),
}

/// The messages of one connection.
#[derive(Debug)]
pub(super) struct Messages {
    reader: Reader,
    /// The frame that is being read.
    header: Option<Header>,
    /// The message that was begun is text.
    text: bool,
    /// Its payload so far, at most [`TEXT_MAX_BYTES`]; a control frame may stand between its frames.
    message: Vec<u8>,
    /// The payload of a control frame so far.
    control: Vec<u8>,
}

impl Messages {
    /// The messages after the opening handshake.
    pub(super) fn new() -> Messages {
        let reader = Reader::new(Sender::Server);
        Messages { reader, header: None, text: false, message: Vec::new(), control: Vec::new() }
    }

    /// The next whole message. Takes from the front of `input` what belongs to it; with `None` all was taken.
    ///
    /// # Errors
    /// When the bytes break a rule of RFC 6455, or a message is longer than [`TEXT_MAX_BYTES`].
    pub(super) fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Message<'i>>, Fault> {
        while let Some(part) = self.reader.next(input).map_err(|_| Fault::Protocol)? {
            let (bytes, last) = match part {
                Part::Header(header) => {
                    self.begin(header)?;
                    continue;
                }
                Part::Payload { bytes, last } => (bytes, last),
            };
            let Some(Header { fin, opcode, .. }) = self.header else { return Err(Fault::Protocol) };
            let held = if opcode.is_control() { &mut self.control } else { &mut self.message };
            if !(last && fin) {
                held.extend_from_slice(bytes);
                continue;
            }
            let whole = if held.is_empty() {
                Cow::Borrowed(bytes)
            } else {
                held.extend_from_slice(bytes);
                Cow::Owned(std::mem::take(held))
            };
            return self.judge(opcode, whole).map(Some);
        }
        Ok(None)
    }

    fn begin(&mut self, header: Header) -> Result<(), Fault> {
        self.header = Some(header);
        match header.opcode {
            Opcode::Text => self.text = true,
            Opcode::Binary => self.text = false,
            Opcode::Continuation => {}
            Opcode::Close | Opcode::Ping | Opcode::Pong => return Ok(()),
        }
        let fits = header.payload_bytes <= (TEXT_MAX_BYTES - self.message.len()) as u64;
        if fits { Ok(()) } else { Err(Fault::Protocol) }
    }

    fn judge<'i>(&self, opcode: Opcode, payload: Cow<'i, [u8]>) -> Result<Message<'i>, Fault> {
        match opcode {
            Opcode::Ping => Ok(Message::Ping(payload)),
            Opcode::Pong => Ok(Message::Pong),
            Opcode::Close if is_close(&payload) => Ok(Message::Close(payload)),
            Opcode::Text | Opcode::Binary | Opcode::Continuation if !self.text || is_text(&payload) => {
                Ok(Message::Data(payload))
            }
            _ => Err(Fault::Protocol),
        }
    }
}

/// RFC 6455 section 8.1.
fn is_text(payload: &[u8]) -> bool {
    std::str::from_utf8(payload).is_ok()
}

/// Nothing, or a code that may be sent and a reason (RFC 6455 sections 5.5.1 and 7.4).
fn is_close(payload: &[u8]) -> bool {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else { return payload.is_empty() };
    matches!(u16::from_be_bytes(*code), 1000..=1003 | 1007..=1014 | 3000..=4999) && is_text(reason)
}

/// Appends a client's control frame: masked (RFC 6455 section 5.1). The payload has at most 125 bytes.
pub(super) fn encode_control(opcode: Opcode, key: [u8; 4], payload: &[u8], out: &mut Vec<u8>) {
    debug_assert!(opcode.is_control() && payload.len() as u64 <= CONTROL_MAX_BYTES);
    encode_header(true, opcode, Some(key), payload.len() as u64, out);
    let at = out.len();
    out.extend_from_slice(payload);
    Mask::new(key).apply(&mut out[at..]);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn frame(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_header(fin, opcode, None, payload.len() as u64, &mut bytes);
        bytes.extend_from_slice(payload);
        bytes
    }

    /// What is read of so many pieces.
    fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<Vec<Message<'static>>, Fault> {
        let (mut messages, mut found) = (Messages::new(), Vec::new());
        for mut piece in pieces {
            while let Some(message) = messages.next(&mut piece)? {
                let own = |bytes: Cow<'_, [u8]>| Cow::Owned(bytes.into_owned());
                found.push(match message {
                    Message::Data(bytes) => Message::Data(own(bytes)),
                    Message::Ping(bytes) => Message::Ping(own(bytes)),
                    Message::Pong => Message::Pong,
                    Message::Close(bytes) => Message::Close(own(bytes)),
                });
            }
        }
        Ok(found)
    }

    #[test]
    fn messages_are_the_same_however_the_network_and_the_server_split_them() {
        let stream = [
            frame(true, Opcode::Text, b"whole"),
            frame(false, Opcode::Text, "\u{fc}".as_bytes().get(..1).unwrap()),
            frame(true, Opcode::Ping, b"still there?"),
            frame(false, Opcode::Continuation, b""),
            frame(true, Opcode::Continuation, "\u{fc}".as_bytes().get(1..).unwrap()),
            frame(true, Opcode::Binary, &[0xff; 300]),
            frame(true, Opcode::Pong, b""),
            frame(true, Opcode::Text, b""),
            frame(true, Opcode::Close, &1001u16.to_be_bytes()),
        ]
        .concat();
        let data = |bytes: &[u8]| Message::Data(Cow::Owned(bytes.to_vec()));
        let expected = [
            data(b"whole"),
            Message::Ping(b"still there?".to_vec().into()),
            data("\u{fc}".as_bytes()),
            data(&[0xff; 300]),
            Message::Pong,
            data(b""),
            Message::Close(vec![3, 0xe9].into()),
        ];
        for at in 0..=stream.len() {
            let (first, second) = stream.split_at(at);
            assert_eq!(read([first, second]).unwrap(), expected, "split at {at}");
        }
        assert_eq!(read(stream.chunks(1)).unwrap(), expected, "byte by byte");
    }

    #[test]
    fn a_message_that_came_whole_is_not_copied() {
        let bytes = frame(true, Opcode::Text, b"whole");
        assert!(matches!(Messages::new().next(&mut &bytes[..]), Ok(Some(Message::Data(Cow::Borrowed(b"whole"))))));
    }

    #[test]
    fn wrong_frames_are_faults() {
        let half = TEXT_MAX_BYTES / 2 + 1;
        let mut masked = Vec::new();
        encode_control(Opcode::Ping, [1; 4], b"x", &mut masked);
        for wrong in [
            frame(true, Opcode::Text, &[0xff]),
            frame(true, Opcode::Continuation, b"x"),
            frame(false, Opcode::Ping, b""),
            frame(true, Opcode::Close, &[3]),
            frame(true, Opcode::Close, &1005u16.to_be_bytes()),
            frame(true, Opcode::Close, &[3, 0xe8, 0xff]),
            frame(true, Opcode::Text, &vec![b'x'; TEXT_MAX_BYTES + 1]),
            [frame(false, Opcode::Text, &vec![b'x'; half]), frame(true, Opcode::Continuation, &vec![b'x'; half])]
                .concat(),
            masked,
        ] {
            assert_eq!(read([&wrong[..]]), Err(Fault::Protocol), "{:?}", &wrong[..wrong.len().min(20)]);
        }
    }

    #[test]
    fn a_clients_frame_is_masked() {
        let mut out = Vec::new();
        encode_control(Opcode::Pong, [1, 2, 3, 4], b"Hello", &mut out);
        assert_eq!(out, [0x8a, 0x85, 1, 2, 3, 4, b'H' ^ 1, b'e' ^ 2, b'l' ^ 3, b'l' ^ 4, b'o' ^ 1]);
    }
}
