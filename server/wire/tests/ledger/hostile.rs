//! What no honest peer sends: nothing panics, every byte still has a layer, and what is held is bounded.

use feedbench_record::ledger::Way;
use feedbench_wire::ledger::Tally;
use feedbench_wire::reader::{TEXT_MAX_BYTES, head::HEAD_MAX_BYTES};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::conversation::Conversation;
use crate::layers::STREAMS;
use crate::script::check;

const GET: &[u8] = b"GET /polling HTTP/1.1\r\n\r\n";

/// Bytes of one direction.
type Run<'r> = (Way, &'r [u8]);

/// The bytes of a conversation that belong to no layer.
fn unclassified(runs: &[Run<'_>]) -> u64 {
    let ledger = check(runs);
    ledger.up.unclassified + ledger.down.unclassified
}

#[test]
fn bytes_that_nobody_understands_are_unclassified_and_so_is_all_that_follows() {
    let answer = |head: &'static str| [(Way::Up, GET), (Way::Down, head.as_bytes())];
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let cases: [(&[Run<'_>], u64); 9] = [
        (&[(Way::Down, b"HTTP/1.1 200 OK\r\n\r\n")], 19),
        (&[(Way::Up, b"\0\0\0\r\n\r\n")], 7),
        (&[(Way::Up, b"GET / HTTP/1.1\r\nA: \0\r\n\r\n")], 24),
        (&answer("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"), 41),
        (&answer("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 0),
        (&answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n]]]"), 3),
        (&[(Way::Up, GET), (Way::Down, chunked.as_bytes()), (Way::Down, b"ffffffffffffffff\r\n")], 6 + 2),
        (&[(Way::Up, GET), (Way::Down, chunked.as_bytes()), (Way::Down, b"3\r\n[1]xx0\r\n\r\n")], 7 + 1),
        (&[(Way::Up, GET), (Way::Down, chunked.as_bytes()), (Way::Down, b"1\n[")], 2),
    ];
    for (runs, expected) in cases {
        assert_eq!(unclassified(runs), expected, "{:?}", runs.last().map(|run| run.1.escape_ascii().to_string()));
    }
}

#[test]
fn bad_frames_are_unclassified() {
    for bad in [
        &b"\x81\x85\0\0\0\0hello"[..],
        b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\x7e\x00\x01x",
        b"\xf1\x01x",
        b"\x89\x7e\x00\x80",
        b"\x80\x01x",
    ] {
        let mut conversation = Conversation::default();
        conversation.upgrade();
        let mut runs = conversation.runs();
        runs.push((Way::Down, bad));
        assert_eq!(unclassified(&runs), bad.len() as u64, "{}", bad.escape_ascii());
    }
}

#[test]
fn what_is_held_of_a_stream_without_an_end_is_bounded() {
    for scrap in
        [&b"x"[..], b"\0", b"a: b\r\n", b"[", b"[1,", b"\x81\x01", b"data: x\n", b"<script>", b"5;x=", b"GET /polling "]
    {
        let endless = scrap.repeat((2 * TEXT_MAX_BYTES).div_ceil(scrap.len()));
        let mut openings = vec![vec![], vec![(Way::Up, GET.to_vec())]];
        openings.push(vec![
            (Way::Up, GET.to_vec()),
            (Way::Down, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n".to_vec()),
        ]);
        for (transport, _) in STREAMS {
            openings.push(vec![
                (Way::Up, format!("GET /{transport} HTTP/1.1\r\n\r\n").into_bytes()),
                (Way::Down, b"HTTP/1.0 200 OK\r\n\r\n".to_vec()),
            ]);
        }
        for opening in openings {
            for way in Way::ALL {
                let mut tally = Tally::default();
                opening.iter().for_each(|(way, bytes)| tally.push(*way, bytes));
                for part in endless.chunks(16_384) {
                    tally.push(way, part);
                    assert!(tally.held_bytes() <= TEXT_MAX_BYTES + HEAD_MAX_BYTES + 100, "{}", scrap.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn requests_without_answers_are_bounded() {
    let questions = GET.repeat(100);
    let ledger = check(&[(Way::Up, &questions)]);
    assert_eq!(ledger.up.request_headers, 64 * GET.len() as u64);
    assert_eq!(ledger.up.unclassified, 36 * GET.len() as u64);
}

/// Scraps of the grammars, in either direction.
fn scrap() -> impl Strategy<Value = (Way, Vec<u8>)> {
    let words: Vec<(Way, &[u8])> = vec![
        (Way::Up, GET),
        (Way::Up, b"GET /sse HTTP/1.1\r\n\r\n"),
        (Way::Up, b"GET /iframe-streaming HTTP/1.1\r\n\r\n"),
        (Way::Up, b"GET /websocket HTTP/1.1\r\n\r\n"),
        (Way::Up, b"HEAD /polling HTTP/1.1\r\n\r\n"),
        (Way::Up, b"POST /publish HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (Way::Up, b"POST /publish HTTP/1.0\r\nContent-Length: 2\r\n\r\n"),
        (Way::Up, b"GET /stats HTTP/1.1\r\n\r\n"),
        (Way::Up, b"\x8a\x80abcd"),
        (Way::Up, b"\x81\x81abcdx"),
        (Way::Up, b"2\r\nab\r\n0\r\n\r\n"),
        (Way::Down, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
        (Way::Down, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (Way::Down, b"HTTP/1.1 100 Continue\r\n\r\n"),
        (Way::Down, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        (Way::Down, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (Way::Down, b"HTTP/1.0 200 OK\r\n\r\n"),
        (Way::Down, b"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n"),
        (Way::Down, b"[]"),
        (Way::Down, b"[1,{\"a\":2}"),
        (Way::Down, b"]"),
        (Way::Down, b"5\r\n"),
        (Way::Down, b"\r\n"),
        (Way::Down, b"0\r\n\r\n"),
        (Way::Down, b"id: a3f2-7\n\n"),
        (Way::Down, b":\n\n"),
        (Way::Down, b"data: x\n\n"),
        (Way::Down, b"\x81\x13{\"cursor\":\"a3f2-7\"}"),
        (Way::Down, b"\x81\x01x"),
        (Way::Down, b"\x01\x01x"),
        (Way::Down, b"\x80\x00"),
        (Way::Down, b"\x89\x00"),
        (Way::Down, b"\x88\x02\x03\xe9"),
    ];
    let way = prop_oneof![Just(Way::Up), Just(Way::Down)];
    prop_oneof![
        9 => proptest::sample::select(words).prop_map(|(way, word)| (way, word.to_vec())),
        1 => (way, vec(any::<u8>(), 0..20)),
    ]
}

proptest! {
    #[test]
    fn any_bytes_have_layers_that_no_split_changes(scraps in vec(scrap(), 0..30)) {
        let runs: Vec<_> = scraps.iter().map(|(way, run)| (*way, run.as_slice())).collect();
        check(&runs);
    }
}
