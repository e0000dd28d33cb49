//! Messages of WebSocket.

use feedbench_wire::deflate::permessage::{Inflater, frame};
use feedbench_wire::deflate::{Compressor, WINDOW_BITS};
use feedbench_wire::reader::ReadError;
use feedbench_wire::reader::frame::{Mask, Opcode, RSV1, Reader, Sender, encode_header};
use feedbench_wire::reader::message::{Message, MessageError, Messages, encode_control};
use proptest::collection::vec;
use proptest::prelude::*;

/// RFC 7692 section 7.2.3.1: "Hello" in one block.
const HELLO: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

fn messages(sender: Sender, takeover: bool, max_bytes: usize) -> Messages {
    Messages::new(sender, max_bytes).with_deflate(Inflater::new(takeover))
}

/// The texts of a connection that comes in parts of so many bytes.
fn texts(mut messages: Messages, wire: &[u8], part: usize) -> Result<Vec<Vec<u8>>, MessageError> {
    let mut texts = Vec::new();
    for mut part in wire.chunks(part) {
        while let Some(message) = messages.next(&mut part)? {
            if let Message::Text(text) | Message::Binary(text) = message {
                texts.push(text.into_owned());
            }
        }
    }
    Ok(texts)
}

fn compressed(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_header(fin, opcode, None, payload.len() as u64, &mut out);
    if opcode != Opcode::Continuation {
        out[0] |= RSV1;
    }
    out.extend_from_slice(payload);
    out
}

#[test]
fn the_examples_of_the_standard_are_read_however_they_are_split() {
    let one_block = compressed(true, Opcode::Text, HELLO);
    assert_eq!(&one_block[..2], &[0xc1, 0x07], "section 7.2.3.1");
    let fragments = [&[0x41, 0x03, 0xf2, 0x48, 0xcd][..], &[0x80, 0x04, 0xc9, 0xc9, 0x07, 0x00]].concat();
    // Section 7.2.3.2: the second message refers to the first one.
    let shared = [&one_block[..], &[0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00]].concat();
    let stored = compressed(true, Opcode::Text, &[0x00, 0x05, 0x00, 0xfa, 0xff, b'H', b'e', b'l', b'l', b'o', 0x00]);
    let last = compressed(true, Opcode::Text, &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]);
    let two_blocks =
        compressed(true, Opcode::Text, &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]);
    for (wire, takeover, count) in [
        (&one_block, false, 1),
        (&fragments, false, 1),
        (&shared, true, 2),
        (&stored, true, 1),
        (&last, false, 1),
        (&two_blocks, true, 1),
    ] {
        for part in 1..=wire.len() {
            let read = texts(messages(Sender::Server, takeover, 100), wire, part).unwrap();
            assert_eq!(read, vec![b"Hello".to_vec(); count], "{} in parts of {part}", wire.escape_ascii());
        }
    }
    assert_eq!(
        texts(messages(Sender::Server, false, 100), &shared, 100),
        Err(MessageError::NotDeflate),
        "without what went before, the second message means nothing"
    );
}

#[test]
fn the_frames_that_are_written_are_those_of_the_standard() {
    let (mut compressor, mut wire) = (Compressor::new(WINDOW_BITS), Vec::new());
    frame(Opcode::Text, b"Hello", None, &mut wire);
    assert_eq!(wire, compressed(true, Opcode::Text, HELLO), "section 7.2.3.1");
    frame(Opcode::Text, b"Hello", Some(&mut compressor), &mut wire);
    frame(Opcode::Text, b"Hello", Some(&mut compressor), &mut wire);
    assert_eq!(wire[9..], [&compressed(true, Opcode::Text, HELLO)[..], &[0xc1, 0x05, 0xf2, 0x00, 0x11, 0, 0]].concat());
    for compressor in [None, Some(&mut compressor)] {
        let mut empty = Vec::new();
        frame(Opcode::Binary, b"", compressor, &mut empty);
        assert_eq!(empty, [0xc2, 0x01, 0x00], "section 7.2.3.6");
        assert_eq!(texts(messages(Sender::Server, false, 9), &empty, 9), Ok(vec![vec![]]));
    }
}

#[test]
fn rsv1_is_an_error_where_nothing_was_agreed_on_and_everywhere_but_at_a_messages_start() {
    let plain = || Messages::new(Sender::Server, 100);
    let malformed =
        |read: Result<_, MessageError>| matches!(read, Err(MessageError::Protocol(ReadError::Malformed(_))));
    assert!(malformed(texts(plain(), &compressed(true, Opcode::Text, HELLO), 100)));
    let mut control = Vec::new();
    encode_control(Opcode::Ping, None, b"", &mut control);
    control[0] |= RSV1;
    let continued = [&compressed(false, Opcode::Text, &HELLO[..3])[..], &[0xc0, 0x04], &HELLO[3..]].concat();
    let rsv2 = [&[0xa1, 0x07][..], HELLO].concat();
    for bad in [control, continued, rsv2] {
        let read = texts(messages(Sender::Server, false, 100), &bad, 100);
        assert_eq!(read.as_ref().err().map(|error| error.close_code()), Some(1002), "{}", bad.escape_ascii());
        assert!(malformed(read));
    }
}

#[test]
fn a_message_may_go_as_it_is_although_compression_was_agreed_on() {
    let mut wire = Vec::new();
    encode_header(true, Opcode::Text, None, 5, &mut wire);
    wire.extend_from_slice(b"plain");
    wire.extend_from_slice(&compressed(true, Opcode::Text, HELLO));
    assert_eq!(texts(messages(Sender::Server, true, 100), &wire, 3), Ok(vec![b"plain".to_vec(), b"Hello".to_vec()]));
}

#[test]
fn a_masked_message_of_a_client_is_inflated_with_a_bound() {
    let key = [0x37, 0xfa, 0x21, 0x3d];
    let send = |text: &[u8]| {
        let mut plain = Vec::new();
        frame(Opcode::Text, text, None, &mut plain);
        let payload = plain.split_off(if plain[1] == 126 { 4 } else { 2 });
        let mut wire = Vec::new();
        encode_header(true, Opcode::Text, Some(key), payload.len() as u64, &mut wire);
        wire[0] |= RSV1;
        let at = wire.len();
        wire.extend_from_slice(&payload);
        Mask::new(key).apply(&mut wire[at..]);
        wire
    };
    let read = |text: &[u8], part| texts(messages(Sender::Client, false, 65_536), &send(text), part);
    for part in [1, 5, 1_000] {
        assert_eq!(read(b"Hello", part), Ok(vec![b"Hello".to_vec()]));
        assert_eq!(read(&vec![b'x'; 65_536], part).map(|texts| texts[0].len()), Ok(65_536));
        assert_eq!(read(&vec![b'x'; 65_537], part), Err(MessageError::TooLong(65_536)), "a bomb");
        assert_eq!(read(&vec![0; 8 << 20], part), Err(MessageError::TooLong(65_536)), "a bomb");
    }
    assert_eq!(read(&[0xff; 9], 9), Err(MessageError::NotUtf8), "text is judged by what it says");
}

#[test]
fn the_reader_of_frames_says_which_message_is_compressed() {
    use feedbench_wire::reader::frame::Part;
    let mut reader = Reader::new(Sender::Server).with_deflate();
    let wire = [&compressed(false, Opcode::Text, &HELLO[..3])[..], &[0x80, 0x04], &HELLO[3..]].concat();
    let (mut input, mut flags) = (wire.as_slice(), Vec::new());
    while let Some(part) = reader.next(&mut input).unwrap() {
        if let Part::Header(header) = part {
            flags.push(header.compressed);
        }
    }
    assert_eq!(flags, [true, false], "a continuation belongs to its message");
}

proptest! {
    #[test]
    fn any_messages_are_read_back_however_they_are_split(
        sent in vec((any::<bool>(), vec(any::<u8>(), 0..2_000)), 0..6),
        takeover: bool,
        window_bits in 9u8..=15,
    ) {
        let (mut compressor, mut wire) = (Compressor::new(window_bits), Vec::new());
        for (is_plain, message) in &sent {
            if *is_plain {
                encode_header(true, Opcode::Binary, None, message.len() as u64, &mut wire);
                wire.extend_from_slice(message);
            } else {
                frame(Opcode::Binary, message, takeover.then_some(&mut compressor), &mut wire);
            }
        }
        let expected: Vec<_> = sent.into_iter().map(|(_, message)| message).collect();
        for part in [1, 13, usize::MAX] {
            prop_assert_eq!(texts(messages(Sender::Server, takeover, 3_000), &wire, part), Ok(expected.clone()));
        }
    }

    #[test]
    fn no_payload_makes_the_inflater_panic_or_say_more_than_it_may(payload in vec(any::<u8>(), 0..100), takeover: bool) {
        let mut inflater = Inflater::new(takeover);
        for _ in 0..2 {
            if let Ok(says) = inflater.message(&payload, 1_000) {
                prop_assert!(says.len() <= 1_000);
            }
        }
    }
}
