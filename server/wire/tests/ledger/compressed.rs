//! Compressed content: payload as a whole, and counted by what it says.

use feedbench_record::Transport;
use feedbench_record::ledger::{Compressed, Layer, Ledger, Way};
use feedbench_wire::deflate::gzip::{self, HEADER, TRAILER_BYTES};
use feedbench_wire::deflate::permessage::{Agreed, frame};
use feedbench_wire::deflate::{Compressor, WINDOW_BITS, alone};
use feedbench_wire::framing::{chunk, json_array, position_text};
use feedbench_wire::ledger::Tally;
use feedbench_wire::reader::TEXT_MAX_BYTES;
use feedbench_wire::reader::frame::{Opcode, RSV1, encode_header};
use feedbench_wire::{Cursor, Framing, path};
use flate2::Crc;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::conversation::{POSITION, text};
use crate::layers::STREAMS;
use crate::script::check;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n";

fn request(transport: Transport) -> Vec<u8> {
    let target = path::target(transport, "t1", Some(POSITION), None);
    format!("GET {target} HTTP/1.1\r\nHost: a:80\r\naccept-encoding: gzip\r\n\r\n").into_bytes()
}

/// A conversation of a request and its answer.
fn runs<'r>(up: &'r [u8], down: &'r [u8]) -> [(Way, &'r [u8]); 2] {
    [(Way::Up, up), (Way::Down, down)]
}

/// A stream whose pieces are events (true) and heartbeats (false): the answer, its chunk framing, and what was compressed.
fn stream(framing: Framing, pieces: &[bool], takeover: bool) -> (Vec<u8>, usize, Compressed) {
    let (mut compressor, mut crc) = (Compressor::new(WINDOW_BITS), Crc::new());
    let (mut down, mut chunking, mut compressed) = (HEAD.to_vec(), 0, Compressed::default());
    down.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
    let mut write = |down: &mut Vec<u8>, bytes: &[u8]| {
        let before = down.len();
        chunk::encode(bytes, down);
        chunking += down.len() - before - bytes.len();
    };
    let mut body = Vec::new();
    framing.prologue(POSITION, &mut body);
    for n in 0..=pieces.len() {
        let mut wire = if n == 0 { HEADER.to_vec() } else { Vec::new() };
        let header = wire.len();
        if takeover {
            compressor.push(&body, &mut wire);
        } else {
            alone(&body, &mut wire);
        }
        crc.update(&body);
        compressed += Compressed { before: body.len() as u64, after: (wire.len() - header) as u64 };
        write(&mut down, &wire);
        body.clear();
        match pieces.get(n) {
            Some(true) => framing.event(Cursor { seq: 8 + n as u64, ..POSITION }, &text(n), &mut body),
            Some(false) => body.extend_from_slice(framing.heartbeat()),
            None => {}
        }
    }
    let mut end = Vec::new();
    gzip::end(&crc, &mut end);
    compressed.after += (end.len() - TRAILER_BYTES) as u64;
    write(&mut down, &end);
    down.extend_from_slice(chunk::LAST);
    (down, chunking + chunk::LAST.len(), compressed)
}

/// The layers of what the server sends.
fn expect(ledger: &Ledger, layers: &[(Layer, u64)]) {
    for layer in Layer::ALL {
        let expected = layers.iter().find(|(of, _)| *of == layer).map_or(0, |(_, bytes)| *bytes);
        assert_eq!(ledger.down.get(layer), expected, "{}", layer.id());
    }
}

proptest! {
    #[test]
    fn a_compressed_stream_is_counted_piece_by_piece_however_it_is_split(
        of in 0_usize..3,
        pieces in vec(any::<bool>(), 0..6),
        takeover: bool,
    ) {
        let (transport, framing) = STREAMS[of];
        let (down, chunking, compressed) = stream(framing, &pieces, takeover);
        let ledger = check(&runs(&request(transport), &down));
        let events = pieces.iter().filter(|is_event| **is_event).count() as u64;
        prop_assert_eq!(ledger.pushed_events.count, events);
        prop_assert_eq!(ledger.heartbeats.count, pieces.len() as u64 - events);
        prop_assert_eq!(ledger.compressed, compressed);
        expect(&ledger, &[
            (Layer::OpeningHandshake, HEAD.len() as u64 + 30),
            (Layer::BodyFraming, (chunking + HEADER.len() + TRAILER_BYTES) as u64),
            (Layer::Payload, compressed.after),
        ]);
    }

    #[test]
    fn a_compressed_poll_is_counted_by_its_events_however_it_is_split(events in 0_usize..5, chunked: bool) {
        let texts: Vec<_> = (0..events).map(text).collect();
        let mut array = Vec::new();
        json_array::encode(texts.iter().map(Vec::as_slice), &mut array);
        let zipped = gzip::whole(&array);
        let mut down = HEAD.to_vec();
        if chunked {
            down.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
            zipped.chunks(20).for_each(|part| chunk::encode(part, &mut down));
            down.extend_from_slice(chunk::LAST);
        } else {
            down.extend_from_slice(format!("content-length: {}\r\n\r\n", zipped.len()).as_bytes());
            down.extend_from_slice(&zipped);
        }
        let up = request(Transport::Polling);
        let ledger = check(&[runs(&up, &down), runs(&up, &down)].concat());
        let after = (zipped.len() - HEADER.len() - TRAILER_BYTES) as u64;
        prop_assert_eq!((ledger.polls.count, ledger.empty_polls.count), (2, if events == 0 { 2 } else { 0 }));
        prop_assert_eq!(ledger.compressed, Compressed { before: 2 * array.len() as u64, after: 2 * after });
        prop_assert_eq!((ledger.down.payload, ledger.down.unclassified), (2 * after, 0));
        prop_assert_eq!(ledger.repetition.heads, ledger.repetition.identical, "the second says what the first did");
    }

    #[test]
    fn compressed_messages_are_payload_however_they_are_split(
        messages in vec((any::<bool>(), 0_usize..5), 0..6),
        takeover: bool,
    ) {
        let agreed = Agreed { server_takeover: takeover, client_takeover: false, server_window_bits: None };
        let mut compressor = Compressor::new(WINDOW_BITS);
        let mut down = handshake(agreed);
        let (mut plain, mut compressed) = (0, Compressed::default());
        let opening = down.len() as u64;
        encode_header(true, Opcode::Text, None, position_text(POSITION).len() as u64, &mut down);
        down.extend_from_slice(position_text(POSITION).as_bytes());
        let position = down.len() as u64 - opening;
        let mut framing = 0;
        for &(is_plain, event) in &messages {
            let (text, mut wire) = (text(event), Vec::new());
            if is_plain {
                encode_header(true, Opcode::Text, None, text.len() as u64, &mut wire);
                framing += wire.len() as u64;
                wire.extend_from_slice(&text);
                plain += text.len() as u64;
            } else {
                frame(Opcode::Text, &text, takeover.then_some(&mut compressor), &mut wire);
                let header = if wire[1] == 126 { 4 } else { 2 };
                framing += header as u64;
                compressed += Compressed { before: text.len() as u64, after: (wire.len() - header) as u64 };
            }
            down.extend_from_slice(&wire);
        }
        let ledger = check(&runs(&request(Transport::WebSocket), &down));
        prop_assert_eq!((ledger.pushed_events.count, ledger.compressed), (messages.len() as u64, compressed));
        expect(&ledger, &[
            (Layer::OpeningHandshake, opening),
            (Layer::Control, position),
            (Layer::EventFraming, framing),
            (Layer::Payload, plain + compressed.after),
        ]);
    }

    #[test]
    fn no_change_of_a_compressed_answer_makes_a_split_matter(
        of in 0_usize..3,
        pieces in vec(any::<bool>(), 0..4),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (transport, framing) = STREAMS[of];
        let (mut down, ..) = stream(framing, &pieces, true);
        for (at, byte) in changes {
            let at = HEAD.len() + at.index(down.len() - HEAD.len());
            down[at] = byte;
        }
        check(&runs(&request(transport), &down));
    }
}

fn handshake(agreed: Agreed) -> Vec<u8> {
    let extension = agreed.answer();
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: {extension}\r\n\r\n")
        .into_bytes()
}

#[test]
fn what_a_client_publishes_compressed_is_counted_too() {
    let agreed = Agreed { server_takeover: true, client_takeover: false, server_window_bits: None };
    let (down, up) = (handshake(agreed), request(Transport::WebSocket));
    // "Hello" of RFC 7692 section 7.2.3.1, with a mask of zeros.
    let message = [&[0xc1, 0x87, 0, 0, 0, 0][..], &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]].concat();
    let ledger = check(&[(Way::Up, &up[..]), (Way::Down, &down), (Way::Up, &message)]);
    assert_eq!(ledger.compressed, Compressed { before: 5, after: 7 });
    assert_eq!((ledger.publishes.count, ledger.up.payload, ledger.up.event_framing), (1, 7, 6));
}

#[test]
fn compressed_bytes_that_nobody_understands_are_payload_without_events() {
    let up = request(Transport::Sse);
    let down = [HEAD, b"content-length: 40\r\n\r\n", &HEADER, &[7; 30]].concat();
    let ledger = check(&runs(&up, &down));
    assert_eq!((ledger.down.payload, ledger.down.body_framing, ledger.down.unclassified), (30, 10, 0));
    assert_eq!((ledger.pushed_events.count, ledger.compressed), (0, Compressed::default()));
}

#[test]
fn an_extension_that_nobody_offered_ends_what_is_understood() {
    let down = b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: x-other\r\n\r\n\x81\x01x";
    let ledger = check(&runs(&request(Transport::WebSocket), down));
    assert_eq!(ledger.down.unclassified, 3);
}

#[test]
fn what_is_held_of_compressed_content_is_bounded() {
    let bombs = [b'"', b'x', b'['].map(|byte| gzip::whole(&vec![byte; 16 << 20]));
    for transport in Transport::ALL.into_iter().filter(|transport| *transport != Transport::WebSocket) {
        for bomb in &bombs {
            let mut tally = Tally::default();
            tally.push(Way::Up, &request(transport));
            tally.push(Way::Down, &[HEAD, b"\r\n"].concat());
            for part in bomb.chunks(100) {
                tally.push(Way::Down, part);
                assert!(tally.held_bytes() <= TEXT_MAX_BYTES + 1_000, "{transport}");
            }
            assert_eq!(tally.ledger().down.unclassified, 0);
        }
    }
    let agreed = Agreed { server_takeover: false, client_takeover: false, server_window_bits: None };
    let mut tally = Tally::default();
    tally.push(Way::Up, &request(Transport::WebSocket));
    tally.push(Way::Down, &handshake(agreed));
    let mut endless = Vec::new();
    encode_header(false, Opcode::Text, None, 1 << 40, &mut endless);
    endless[0] |= RSV1;
    endless.resize(4 * TEXT_MAX_BYTES, 7);
    for part in endless.chunks(16 << 10) {
        tally.push(Way::Down, part);
        assert!(tally.held_bytes() <= TEXT_MAX_BYTES + 1_000);
    }
}
