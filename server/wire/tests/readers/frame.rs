//! WebSocket frames, by RFC 6455 section 5.

use crate::common::{cut, every_cut};
use feedbench_wire::reader::ReadError;
use feedbench_wire::reader::frame::{Header, Mask, Opcode, Part, Reader, Sender, encode_header};
use proptest::prelude::*;

/// The frames with their payloads unmasked. Every byte is in a header, a payload, or pending.
fn read(sender: Sender, parts: &[&[u8]]) -> Result<Vec<(Header, Vec<u8>)>, ReadError> {
    let (mut reader, mut frames, mut fed, mut taken) = (Reader::new(sender), Vec::new(), 0, 0);
    let mut current: Option<(Header, Mask, Vec<u8>)> = None;
    for &part in parts {
        let mut input = part;
        while let Some(part) = reader.next(&mut input)? {
            match part {
                Part::Header(header) => {
                    taken += header.wire_bytes;
                    assert!(current.is_none(), "a frame ends before the next begins");
                    current = Some((header, Mask::new(header.mask.unwrap_or_default()), Vec::new()));
                }
                Part::Payload { bytes, last } => {
                    taken += bytes.len();
                    let (_, mask, payload) = current.as_mut().unwrap();
                    let from = payload.len();
                    payload.extend_from_slice(bytes);
                    mask.apply(&mut payload[from..]);
                    if last {
                        let (header, _, payload) = current.take().unwrap();
                        assert_eq!(payload.len() as u64, header.payload_bytes);
                        frames.push((header, payload));
                    }
                }
            }
        }
        fed += part.len();
        assert_eq!((taken + reader.pending_bytes(), input.len()), (fed, 0));
    }
    Ok(frames)
}

fn header(fin: bool, opcode: Opcode, mask: Option<[u8; 4]>, payload_bytes: u64, wire_bytes: usize) -> Header {
    Header { fin, compressed: false, opcode, mask, payload_bytes, wire_bytes }
}

fn frame(fin: bool, opcode: Opcode, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    encode_header(fin, opcode, mask, payload.len() as u64, &mut frame);
    let from = frame.len();
    frame.extend_from_slice(payload);
    Mask::new(mask.unwrap_or_default()).apply(&mut frame[from..]);
    frame
}

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

#[test]
fn the_examples_of_the_standard_byte_for_byte() {
    use Opcode::{Binary, Continuation, Ping, Pong, Text};
    let examples: [(Opcode, &[u8], &[u8]); 6] = [
        (Text, b"Hello", b"\x81\x05\x48\x65\x6c\x6c\x6f"),
        (Text, b"Hello", b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
        (Ping, b"Hello", b"\x89\x05\x48\x65\x6c\x6c\x6f"),
        (Pong, b"Hello", b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
        (Binary, &[7; 256], &[&b"\x82\x7e\x01\x00"[..], &[7; 256]].concat()),
        (Binary, &[7; 65536], &[&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &[7; 65536]].concat()),
    ];
    for (opcode, payload, bytes) in examples {
        let (sender, mask) = if bytes[1] & 0x80 == 0 { (Sender::Server, None) } else { (Sender::Client, Some(KEY)) };
        assert!(frame(true, opcode, mask, payload) == bytes);
        let frames = read(sender, &[bytes]).unwrap();
        let expected = header(true, opcode, mask, payload.len() as u64, bytes.len() - payload.len());
        assert!(frames == [(expected, payload.to_vec())]);
    }

    let fragmented = b"\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f";
    assert_eq!([frame(false, Text, None, b"Hel"), frame(true, Continuation, None, b"lo")].concat(), fragmented);
    let expected =
        [(header(false, Text, None, 3, 2), b"Hel".to_vec()), (header(true, Continuation, None, 2, 2), b"lo".to_vec())];
    assert_eq!(read(Sender::Server, &[fragmented]).unwrap(), expected);
}

#[test]
fn headers_have_exactly_2_4_or_10_bytes_and_4_more_with_a_mask() {
    for (payload_bytes, unmasked) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10), (i64::MAX as u64, 10)] {
        for (sender, mask, wire_bytes) in [(Sender::Server, None, unmasked), (Sender::Client, Some(KEY), unmasked + 4)]
        {
            let mut bytes = Vec::new();
            encode_header(true, Opcode::Text, mask, payload_bytes, &mut bytes);
            assert_eq!(bytes.len(), wire_bytes);
            let read = Reader::new(sender).next(&mut bytes.as_slice()).unwrap();
            assert_eq!(read, Some(Part::Header(header(true, Opcode::Text, mask, payload_bytes, wire_bytes))));
        }
    }
}

#[test]
fn frames_split_anywhere_are_the_same_frames() {
    for (sender, mask) in [(Sender::Server, None), (Sender::Client, Some(KEY))] {
        let bytes = [
            frame(false, Opcode::Text, mask, b"first"),
            frame(true, Opcode::Ping, mask, b""),
            frame(true, Opcode::Continuation, mask, &[b'x'; 130]),
            frame(true, Opcode::Close, mask, b"\x03\xe9bye"),
        ]
        .concat();
        let whole = read(sender, &[&bytes]).unwrap();
        assert_eq!(whole.len(), 4);
        for parts in every_cut(&bytes) {
            assert_eq!(read(sender, &parts).unwrap(), whole);
        }
    }
}

#[test]
fn an_empty_payload_ends_its_frame_without_more_input() {
    let (mut reader, mut input) = (Reader::new(Sender::Server), &b"\x8a\x00"[..]);
    assert!(matches!(reader.next(&mut input), Ok(Some(Part::Header(_)))));
    assert_eq!(reader.next(&mut input), Ok(Some(Part::Payload { bytes: b"", last: true })));
    assert_eq!(reader.next(&mut input), Ok(None));
}

#[test]
fn a_payload_is_handed_on_in_place() {
    let bytes = frame(true, Opcode::Text, None, b"Hello");
    let (mut reader, mut input) = (Reader::new(Sender::Server), bytes.as_slice());
    assert!(matches!(reader.next(&mut input), Ok(Some(Part::Header(_)))));
    let Ok(Some(Part::Payload { bytes: payload, last: true })) = reader.next(&mut input) else { panic!() };
    assert_eq!(payload.as_ptr(), bytes[2..].as_ptr());
}

#[test]
fn what_breaks_the_rules_is_refused() {
    for (sender, bytes) in [
        (Sender::Client, &b"\x81\x00"[..]),
        (Sender::Server, b"\x81\x80"),
        (Sender::Server, b"\xc1\x00"),
        (Sender::Server, b"\xa1\x00"),
        (Sender::Server, b"\x91\x00"),
        (Sender::Server, b"\x83\x00"),
        (Sender::Server, b"\x87\x00"),
        (Sender::Server, b"\x8b\x00"),
        (Sender::Server, b"\x8f\x00"),
        (Sender::Server, b"\x09\x00"),
        (Sender::Server, b"\x89\x7e"),
        (Sender::Server, b"\x88\x01"),
        (Sender::Server, b"\x81\x7e\x00\x7d"),
        (Sender::Server, b"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"),
        (Sender::Server, b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"),
        (Sender::Server, b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
        (Sender::Server, b"\x80\x00"),
        (Sender::Server, b"\x01\x00\x81\x00"),
        (Sender::Server, b"\x01\x00\x80\x00\x80\x00"),
    ] {
        for parts in every_cut(bytes) {
            assert!(matches!(read(sender, &parts), Err(ReadError::Malformed(_))), "{}", bytes.escape_ascii());
        }
    }
}

proptest! {
    #[test]
    fn any_payloads_split_anywhere_come_back(
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 0..6),
        key in proptest::option::of(any::<[u8; 4]>()),
        places in proptest::collection::vec(any::<usize>(), 0..30),
    ) {
        let bytes: Vec<u8> = payloads.iter().flat_map(|payload| frame(true, Opcode::Binary, key, payload)).collect();
        let sender = if key.is_some() { Sender::Client } else { Sender::Server };
        let frames = read(sender, &cut(&bytes, &places)).unwrap();
        let back: Vec<Vec<u8>> = frames.into_iter().map(|(_, payload)| payload).collect();
        prop_assert_eq!(back, payloads);
    }
}
