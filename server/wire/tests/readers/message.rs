//! WebSocket messages, by RFC 6455 sections 5.4 to 5.6, 7.4 and 8.1.

use std::borrow::Cow;

use crate::common::{cut, every_cut};
use feedbench_wire::reader::frame::{Mask, Opcode, Sender, encode_header};
use feedbench_wire::reader::message::{Message, MessageError, Messages, encode_control};
use proptest::prelude::*;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const MAX_BYTES: usize = 1_000;

fn key(sender: Sender) -> Option<[u8; 4]> {
    (sender == Sender::Client).then_some(KEY)
}

fn frame(sender: Sender, fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    encode_header(fin, opcode, key(sender), payload.len() as u64, &mut frame);
    let from = frame.len();
    frame.extend_from_slice(payload);
    Mask::new(key(sender).unwrap_or_default()).apply(&mut frame[from..]);
    frame
}

/// What is read of the parts, in messages that outlive their reader.
fn read(sender: Sender, parts: &[&[u8]]) -> Result<Vec<Message<'static>>, MessageError> {
    let (mut messages, mut found) = (Messages::new(sender, MAX_BYTES), Vec::new());
    for &part in parts {
        let mut input = part;
        while let Some(message) = messages.next(&mut input)? {
            found.push(match message {
                Message::Text(text) => Message::Text(text.into_owned().into()),
                Message::Binary(bytes) => Message::Binary(bytes.into_owned().into()),
                Message::Ping(bytes) => Message::Ping(bytes.into_owned().into()),
                Message::Pong => Message::Pong,
                Message::Close(bytes) => Message::Close(bytes.into_owned().into()),
            });
        }
        assert!(input.is_empty(), "a reader that wants more has taken all");
    }
    Ok(found)
}

#[test]
fn messages_are_the_same_however_the_network_and_their_sender_split_them() {
    let umlaut = "\u{fc}".as_bytes();
    for sender in [Sender::Client, Sender::Server] {
        let frame = |fin, opcode, payload: &[u8]| frame(sender, fin, opcode, payload);
        let stream = [
            frame(true, Opcode::Text, b"whole"),
            frame(false, Opcode::Text, &umlaut[..1]),
            frame(true, Opcode::Ping, b"still there?"),
            frame(false, Opcode::Continuation, b""),
            frame(true, Opcode::Continuation, &umlaut[1..]),
            frame(false, Opcode::Binary, b"\xff"),
            frame(true, Opcode::Continuation, b"\xfe"),
            frame(true, Opcode::Pong, b"x"),
            frame(true, Opcode::Binary, &[0xff; 300]),
            frame(true, Opcode::Text, b""),
            frame(true, Opcode::Ping, b""),
            frame(true, Opcode::Close, &1001u16.to_be_bytes()),
        ]
        .concat();
        let expected = [
            Message::Text(b"whole".into()),
            Message::Ping(b"still there?".into()),
            Message::Text(umlaut.into()),
            Message::Binary(b"\xff\xfe".into()),
            Message::Pong,
            Message::Binary([0xff; 300].as_slice().into()),
            Message::Text(b"".into()),
            Message::Ping(b"".into()),
            Message::Close([3, 0xe9].as_slice().into()),
        ];
        for parts in every_cut(&stream) {
            assert_eq!(read(sender, &parts).unwrap(), expected, "{sender:?}");
        }
    }
}

#[test]
fn a_servers_message_that_came_whole_is_not_copied() {
    let bytes = frame(Sender::Server, true, Opcode::Text, b"whole");
    let mut messages = Messages::new(Sender::Server, MAX_BYTES);
    assert!(matches!(messages.next(&mut &bytes[..]), Ok(Some(Message::Text(Cow::Borrowed(b"whole"))))));
}

#[test]
fn what_is_wrong_says_how_to_close() {
    let half = vec![b'x'; MAX_BYTES / 2 + 1];
    for (sender, other) in [(Sender::Client, Sender::Server), (Sender::Server, Sender::Client)] {
        let frame = |fin, opcode, payload: &[u8]| frame(sender, fin, opcode, payload);
        let mut others = Vec::new();
        encode_control(Opcode::Ping, key(other), b"x", &mut others);
        for (wrong, code) in [
            (frame(true, Opcode::Text, &[0xff]), 1007),
            ([frame(false, Opcode::Text, &[0xc3]), frame(true, Opcode::Continuation, b"x")].concat(), 1007),
            (frame(true, Opcode::Close, &[3, 0xe8, 0xff]), 1007),
            (frame(true, Opcode::Continuation, b"x"), 1002),
            (frame(false, Opcode::Ping, b""), 1002),
            (frame(true, Opcode::Close, &[3]), 1002),
            (frame(true, Opcode::Close, &1005u16.to_be_bytes()), 1002),
            (frame(true, Opcode::Close, &999u16.to_be_bytes()), 1002),
            (others, 1002),
            (frame(true, Opcode::Text, &[b'x'; MAX_BYTES + 1]), 1009),
            ([frame(false, Opcode::Text, &half), frame(true, Opcode::Continuation, &half)].concat(), 1009),
        ] {
            let found = read(sender, &[&wrong]).map_err(MessageError::close_code);
            assert_eq!(found, Err(code), "{sender:?} {:?}", &wrong[..wrong.len().min(20)]);
        }
    }
}

#[test]
fn a_message_may_be_as_long_as_the_bound() {
    let longest = vec![b'x'; MAX_BYTES];
    let bytes = frame(Sender::Client, true, Opcode::Text, &longest);
    assert_eq!(read(Sender::Client, &[&bytes]).unwrap(), [Message::Text(longest.into())]);
}

#[test]
fn a_clients_control_frame_is_masked_and_a_servers_is_not() {
    let mut out = Vec::new();
    encode_control(Opcode::Pong, Some([1, 2, 3, 4]), b"Hello", &mut out);
    assert_eq!(out, [0x8a, 0x85, 1, 2, 3, 4, b'H' ^ 1, b'e' ^ 2, b'l' ^ 3, b'l' ^ 4, b'o' ^ 1]);
    out.clear();
    encode_control(Opcode::Close, None, &[3, 0xe9], &mut out);
    assert_eq!(out, [0x88, 2, 3, 0xe9]);
}

proptest! {
    #[test]
    fn no_bytes_and_no_split_make_the_reader_panic_or_differ(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        places in proptest::collection::vec(any::<usize>(), 0..5),
    ) {
        for sender in [Sender::Client, Sender::Server] {
            prop_assert_eq!(read(sender, &[&bytes]), read(sender, &cut(&bytes, &places)));
        }
    }
}
