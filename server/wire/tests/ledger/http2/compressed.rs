//! Compressed contents over HTTP/2.

use feedbench_record::ledger::{Compressed, Exchanges, Ledger, Way};
use feedbench_wire::deflate::{gzip, permessage};
use feedbench_wire::framing::position_text;
use feedbench_wire::h2::frame::{END_STREAM, FrameKind};
use feedbench_wire::reader::frame::{Mask, Opcode, encode_header};

use super::hostile::{after_greeting, answer_with, connect, request};
use super::talk::frame;
use crate::conversation::{POSITION, text};

fn data(stream: u32, flags: u8, content: &[u8]) -> Vec<u8> {
    frame(FrameKind::Data, flags, stream, content)
}

#[test]
fn the_answer_of_a_poll_in_gzip_is_payload_and_its_events_are_known() {
    let said = [b"[".as_slice(), &text(0), b",", &text(1), b"]"].concat();
    let zipped = gzip::whole(&said);
    let request = request(1, "/polling");
    let answer = answer_with(1, &[("content-encoding", "gzip")]);
    let (first, second) = zipped.split_at(30);
    let content = [data(1, 0, first), data(1, END_STREAM, second)].concat();
    let exchange = Exchanges { count: 1, up: request.len() as u64, down: (answer.len() + content.len()) as u64 };
    let Ledger { down, polls, empty_polls, compressed, .. } =
        after_greeting(&[(Way::Up, request), (Way::Down, [answer, content].concat())]);
    assert_eq!((polls, empty_polls.count, down.unclassified), (exchange, 0, 0));
    assert_eq!(compressed, Compressed { before: said.len() as u64, after: down.payload });
    assert_eq!(down.payload + down.body_framing, zipped.len() as u64 + 2 * 9);
}

#[test]
fn a_websocket_may_be_compressed_in_both_directions() {
    let agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    let mut position = Vec::new();
    encode_header(true, Opcode::Text, None, position_text(POSITION).len() as u64, &mut position);
    position.extend_from_slice(position_text(POSITION).as_bytes());
    let mut event = Vec::new();
    permessage::frame(Opcode::Text, &text(9), None, &mut event);
    // The same message from a client, which has a mask.
    let key = [1, 2, 3, 4];
    let mut up = vec![event[0], event[1] | 0x80];
    up.extend(key);
    up.extend_from_slice(&event[2..]);
    Mask::new(key).apply(&mut up[6..]);
    assert!(event.len() < 126, "a short header");
    let runs = [
        (Way::Up, connect(1)),
        (Way::Down, answer_with(1, &[("sec-websocket-extensions", agreed)])),
        (Way::Down, [data(1, 0, &position), data(1, 0, &event)].concat()),
        (Way::Up, data(1, 0, &up)),
        (Way::Down, data(1, END_STREAM, b"\x88\x02\x03\xe9")),
    ];
    let ledger = after_greeting(&runs);
    let (before, after) = (text(9).len() as u64, event.len() as u64 - 2);
    assert_eq!(ledger.compressed, Compressed { before: 2 * before, after: 2 * after });
    assert_eq!((ledger.up.payload, ledger.down.payload), (after, after));
    assert_eq!(ledger.pushed_events, Exchanges { count: 1, up: 0, down: event.len() as u64 + 9 });
    assert_eq!(ledger.publishes, Exchanges { count: 1, up: up.len() as u64 + 9, down: 0 });
    assert_eq!((ledger.up.unclassified, ledger.down.unclassified), (0, 0));
}

#[test]
fn an_extension_that_is_not_known_loses_the_stream_down_only() {
    let answer = answer_with(1, &[("sec-websocket-extensions", "x-unknown")]);
    let bytes = answer.len() as u64;
    let runs = [
        (Way::Up, connect(1)),
        (Way::Down, answer),
        (Way::Down, data(1, 0, b"\xc1\x01x")),
        (Way::Up, data(1, 0, b"\x8a\x80abcd")),
    ];
    let ledger = after_greeting(&runs);
    assert_eq!((ledger.down.opening_handshake, ledger.down.unclassified, ledger.up.unclassified), (bytes, 3, 0));
}
