//! What no honest peer sends over HTTP/2.

use feedbench_record::Transport;
use feedbench_record::ledger::{Exchanges, Ledger, Way};
use feedbench_wire::Framing;
use feedbench_wire::h2::frame::{END_HEADERS, END_STREAM, FrameKind, PADDED, PREFACE};
use feedbench_wire::h2::hpack::{Encoder, Indexing};
use feedbench_wire::ledger::Tally;
use feedbench_wire::reader::TEXT_MAX_BYTES;
use proptest::collection::vec;
use proptest::prelude::*;

use super::talk::{self, Look, Step, Talk, frame};
use crate::script::check;

/// Bytes of one direction.
type Run = (Way, Vec<u8>);

fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    Encoder::new(Indexing::Never).encode(fields, &mut block);
    block
}

pub(super) fn request(stream: u32, path: &str) -> Vec<u8> {
    frame(FrameKind::Headers, END_HEADERS | END_STREAM, stream, &block(&[(":method", "GET"), (":path", path)]))
}

/// A request for a WebSocket.
pub(super) fn connect(stream: u32) -> Vec<u8> {
    let fields = [(":method", "CONNECT"), (":protocol", "websocket"), (":path", "/websocket")];
    frame(FrameKind::Headers, END_HEADERS, stream, &block(&fields))
}

fn answer(stream: u32) -> Vec<u8> {
    answer_with(stream, &[])
}

pub(super) fn answer_with(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(FrameKind::Headers, END_HEADERS, stream, &block(&[&[(":status", "200")], fields].concat()))
}

/// What is found after both ends have greeted each other.
pub(super) fn after_greeting(runs: &[Run]) -> Ledger {
    let mut all = Talk::new(Indexing::Never, Look::default()).runs;
    all.extend_from_slice(runs);
    let all: Vec<_> = all.iter().map(|(way, run)| (*way, run.as_slice())).collect();
    check(&all)
}

#[test]
fn a_direction_whose_frames_break_the_rules_is_lost() {
    use FrameKind::{Continuation, Data, Headers, Ping, PushPromise};
    let cases = [
        frame(Data, 0, 0, b"of no stream"),
        frame(Headers, END_HEADERS, 0, b""),
        frame(Continuation, END_HEADERS, 1, b"of nothing"),
        [frame(Headers, 0, 1, b""), frame(Ping, 0, 0, &[0; 8])].concat(),
        [frame(Headers, 0, 1, b""), frame(Continuation, END_HEADERS, 3, b"")].concat(),
        frame(PushPromise, END_HEADERS, 1, &[0; 4]),
        frame(Data, PADDED, 1, b""),
        frame(Headers, PADDED | END_HEADERS, 1, b"\x02x"),
        frame(Headers, END_HEADERS, 1, b"\xff\xff\xff\xff\xff"),
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
    ];
    for bad in cases {
        let after = frame(FrameKind::Ping, 0, 0, &[0; 8]);
        for way in Way::ALL {
            let ledger = after_greeting(&[(way, bad.clone()), (way, after.clone())]);
            let unclassified = ledger.layers(way).unclassified;
            // The header of a DATA frame may have been found before the payload was seen.
            assert!(unclassified >= (bad.len() + after.len() - 9) as u64, "{way:?}: {}", bad.escape_ascii());
        }
    }
}

#[test]
fn what_belongs_to_no_stream_is_unclassified_and_loses_nothing() {
    let ping = frame(FrameKind::Ping, 0, 0, &[0; 8]);
    let polling = request(1, "/polling");
    let ended = frame(FrameKind::Data, END_STREAM, 1, b"[]");
    let cases: [(&[Run], u64); 7] = [
        (&[(Way::Down, answer(1))], answer(1).len() as u64),
        (&[(Way::Down, frame(FrameKind::Data, 0, 1, b"x"))], 10),
        (&[(Way::Up, request(2, "/polling"))], request(2, "/polling").len() as u64),
        (&[(Way::Up, request(3, "/polling")), (Way::Up, polling.clone())], polling.len() as u64),
        (&[(Way::Up, polling.clone()), (Way::Up, frame(FrameKind::Data, 0, 1, b"x"))], 10),
        (&[(Way::Up, polling.clone()), (Way::Down, frame(FrameKind::Data, 0, 1, b"x"))], 10),
        (&[(Way::Up, polling.clone()), (Way::Down, answer(1)), (Way::Down, ended.clone()), (Way::Down, ended)], 11),
    ];
    for (runs, expected) in cases {
        let mut runs = runs.to_vec();
        runs.extend(Way::ALL.map(|way| (way, ping.clone())));
        let ledger = after_greeting(&runs);
        let unclassified = ledger.up.unclassified + ledger.down.unclassified;
        assert_eq!(unclassified, expected, "{runs:?}");
    }
}

#[test]
fn content_that_is_not_understood_is_lost_for_its_stream_only() {
    let runs = [
        (Way::Up, [request(1, "/polling"), request(3, "/polling")].concat()),
        (Way::Down, [answer(1), answer(3), frame(FrameKind::Data, 0, 1, b"]]]")].concat()),
        (Way::Down, frame(FrameKind::Data, END_STREAM, 3, b"[]")),
        (Way::Down, frame(FrameKind::Data, END_STREAM, 1, b"[]")),
    ];
    let ledger = after_greeting(&runs);
    assert_eq!((ledger.down.unclassified, ledger.down.event_framing), (5, 2));
    assert_eq!((ledger.polls.count, ledger.down.body_framing), (1, 3 * 9));
}

#[test]
fn an_answer_without_content_is_an_empty_poll() {
    let ends = |stream| frame(FrameKind::Data, END_STREAM, stream, b"");
    let refusal = frame(FrameKind::Headers, END_HEADERS | END_STREAM, 3, &block(&[(":status", "204")]));
    let requests = [request(1, "/polling"), request(3, "/long-polling")].concat();
    let answers = [answer(1), refusal, ends(1)].concat();
    let ledger = after_greeting(&[(Way::Up, requests.clone()), (Way::Down, answers.clone())]);
    let expected = Exchanges { count: 2, up: requests.len() as u64, down: answers.len() as u64 };
    assert_eq!((ledger.empty_polls, ledger.polls, ledger.down.unclassified), (expected, expected, 0));
}

#[test]
fn streams_without_an_end_are_bounded() {
    let mut tally = Tally::default();
    tally.push(Way::Up, PREFACE);
    for n in 0..2_000 {
        tally.push(Way::Up, &request(2 * n + 1, "/polling"));
    }
    let wire = request(1, "/polling").len() as u64;
    let Ledger { up, .. } = tally.ledger();
    assert_eq!((up.request_headers, up.unclassified), (1_024 * wire, 976 * wire));
}

#[test]
fn streams_that_were_given_up_make_room_for_others() {
    let mut tally = Tally::default();
    tally.push(Way::Up, PREFACE);
    for n in 0..2_000 {
        tally.push(Way::Up, &request(2 * n + 1, "/sse?cursor=a3f2-7"));
        tally.push(Way::Down, &answer(2 * n + 1));
        tally.push(Way::Down, &frame(FrameKind::Data, 0, 2 * n + 1, b"data: {"));
        tally.push(Way::Up, &frame(FrameKind::RstStream, 0, 2 * n + 1, &[0, 0, 0, 8]));
    }
    let Ledger { up, down, .. } = tally.ledger();
    assert_eq!((up.unclassified, down.unclassified), (0, 0));
    assert_eq!((down.control, tally.held_bytes()), (2_000 * 7, 1_024 * 7));
}

#[test]
fn what_is_held_of_contents_without_an_end_is_bounded() {
    let chunk = vec![b'x'; 16_384];
    let mut tally = Tally::default();
    tally.push(Way::Up, PREFACE);
    for n in 0..100 {
        tally.push(Way::Up, &request(2 * n + 1, "/sse"));
        tally.push(Way::Down, &answer(2 * n + 1));
        for _ in 0..31 {
            tally.push(Way::Down, &frame(FrameKind::Data, 0, 2 * n + 1, &chunk));
            assert!(tally.held_bytes() <= 32 * TEXT_MAX_BYTES);
        }
    }
    assert!(tally.held_bytes() > 31 * TEXT_MAX_BYTES);
}

#[test]
fn a_field_block_without_an_end_is_bounded() {
    for way in Way::ALL {
        let mut tally = Tally::default();
        tally.push(Way::Up, PREFACE);
        tally.push(way, &frame(FrameKind::Headers, 0, 1, b""));
        for _ in 0..100 {
            tally.push(way, &frame(FrameKind::Continuation, 0, 1, &[0; 16_384]));
            assert!(tally.held_bytes() <= 64 * 1024);
        }
        assert_eq!(tally.held_bytes(), 0, "it is lost by now");
    }
}

/// Scraps of conversations: frames that may come, in an order that may not.
fn scrap() -> impl Strategy<Value = Run> {
    let kind = (0_u8..11).prop_map(FrameKind::of);
    let flags = prop_oneof![Just(0), Just(END_STREAM), Just(END_HEADERS), Just(END_HEADERS | END_STREAM), any::<u8>()];
    let way = || prop_oneof![Just(Way::Up), Just(Way::Down)];
    let stream = || (0_u32..4).prop_map(|n| 2 * n + 1);
    let content = proptest::sample::select(vec![
        &b"[]"[..],
        b"[1,",
        b"2]",
        b"data: x\n\n",
        b":\n\n",
        b"id: a3f2-7\n\n",
        b"\x81\x13{\"cursor\":\"a3f2-7\"}",
        b"\x81\x01x",
        b"\x89\x00",
        b"\x8a\x80abcd",
        b"\x81\x81abcdx",
        b"\xc1\x01x",
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
    ]);
    let more = proptest::sample::select(vec![
        &[][..],
        &[],
        &[("content-encoding", "gzip")],
        &[("sec-websocket-extensions", "permessage-deflate")],
        &[("sec-websocket-extensions", "x-unknown")],
    ]);
    let path =
        proptest::sample::select(vec!["/polling", "/sse", "/fetch-streaming?cursor=a3f2-7", "/publish", "/stats"]);
    prop_oneof![
        3 => (stream(), path).prop_map(|(stream, path)| (Way::Up, request(stream, path))),
        2 => stream().prop_map(|stream| (Way::Up, connect(stream))),
        4 => (stream(), more).prop_map(|(stream, more)| (Way::Down, answer_with(stream, more))),
        6 => (way(), stream(), content, any::<bool>()).prop_map(|(way, stream, content, ends)| {
            (way, frame(FrameKind::Data, u8::from(ends), stream, content))
        }),
        2 => (way(), stream()).prop_map(|(way, stream)| (way, frame(FrameKind::RstStream, 0, stream, &[0, 0, 0, 8]))),
        1 => (way(), kind, flags, 0_u32..6, vec(any::<u8>(), 0..20))
            .prop_map(|(way, kind, flags, stream, payload)| (way, frame(kind, flags, stream, &payload))),
        1 => (way(), vec(any::<u8>(), 0..20)),
    ]
}

proptest! {
    #[test]
    fn any_frames_have_layers_that_no_split_changes(scraps in vec(scrap(), 0..40), down_first in any::<bool>()) {
        let preface = (Way::Up, PREFACE.to_vec());
        let settings = (Way::Down, frame(FrameKind::Settings, 0, 0, &[]));
        let mut runs = if down_first { vec![settings, preface] } else { vec![preface] };
        runs.extend(scraps);
        let runs: Vec<_> = runs.iter().map(|(way, run)| (*way, run.as_slice())).collect();
        check(&runs);
    }

    /// A conversation in which a byte has changed.
    #[test]
    fn a_conversation_with_a_wrong_byte_has_layers(at in any::<proptest::sample::Index>(), b in any::<u8>()) {
        let mut talk = Talk::new(Indexing::Chromium, Look { padding: Some(3), has_priority: true, block: Some(9) });
        let steps: [Vec<Step>; 3] = [
            talk::poll(Transport::Polling, 2, 30),
            talk::stream(Transport::Sse, Framing::Sse, &[true, false], None, 30),
            talk::websocket(&[(Way::Down, Some(1)), (Way::Down, None), (Way::Up, Some(1))], None, 30),
        ];
        for steps in steps {
            let stream = talk.open();
            steps.iter().for_each(|step| talk.step(stream, step));
        }
        let run = at.index(talk.runs.len());
        let place = at.index(talk.runs[run].1.len());
        talk.runs[run].1[place] = b;
        check(&talk.runs());
    }
}
