//! The rules of the HTML standard for event streams, beyond what feedbench itself writes.

use crate::common::{Owned, cut, every_cut, read_stream};
use feedbench_wire::{Cursor, Framing};
use proptest::prelude::*;

fn items(stream: &str) -> Vec<Owned> {
    read_stream(Framing::Sse, &[stream.as_bytes()]).unwrap().0.into_iter().map(|(item, _)| item).collect()
}

fn event(data: &str) -> Owned {
    Owned::Event(data.as_bytes().to_vec())
}

const AT_7: Owned = Owned::Position(Cursor { epoch: 0xa3f2, seq: 7 });

#[test]
fn the_examples_of_the_standard() {
    assert_eq!(items("data: YHOO\ndata: +2\ndata: 10\n\n"), [event("YHOO\n+2\n10")]);
    assert_eq!(items("data\n\ndata\ndata\n\ndata:"), [event(""), event("\n")]);
    assert_eq!(items("data:test\n\ndata: test\n\n"), [event("test"), event("test")]);
    assert_eq!(items(": test stream\n\ndata: first event\nid: 1\n\n"), [Owned::Heartbeat, event("first event")]);
}

#[test]
fn a_block_says_what_its_data_or_id_says_and_otherwise_only_that_the_stream_is_alive() {
    assert_eq!(items("retry: 1000\nid: a3f2-7\n\n"), [AT_7]);
    assert_eq!(items("id:a3f2-6\nid:a3f2-7\n\n"), [AT_7]);
    assert_eq!(items("id: a3f2-7\0\n\n"), [Owned::Heartbeat]);
    for idle in [":\n\n", ":\n:data: x\n\n", "\n", "retry: 1000\n\n", "event: x\n\n", "dat: x\nDATA: x\n data: x\n\n"] {
        assert_eq!(items(idle), [Owned::Heartbeat], "{idle:?}");
    }
    assert_eq!(items("event: x\ndata:  a: b\nunknown\n\n"), [event(" a: b")]);
}

#[test]
fn an_id_alone_must_be_a_cursor() {
    for stream in ["id: 12\n\n", "id\n\n", "id: \u{fffd}\n\n"] {
        assert!(read_stream(Framing::Sse, &[stream.as_bytes()]).is_err(), "{stream:?}");
    }
}

#[test]
fn a_byte_order_mark_is_passed_at_the_start_only() {
    assert_eq!(items("\u{feff}data: x\n\n\u{feff}data: y\n\n"), [event("x"), Owned::Heartbeat]);
    assert_eq!(items("\u{feff}\ndata: x\n\n"), [Owned::Heartbeat, event("x")]);
    assert_eq!(items("\u{feff}\u{feff}data: x\n\n"), [Owned::Heartbeat]);
    // Two bytes of a mark are an ordinary field name.
    assert_eq!(read_stream(Framing::Sse, &[b"\xef\xbb\n", b"data: x\n\n"]).unwrap().0, [(event("x"), 12)]);
}

#[test]
fn an_unfinished_block_says_nothing() {
    assert_eq!(read_stream(Framing::Sse, &[b"data: x\n\ndata: y\n"]).unwrap(), (vec![(event("x"), 9)], 8));
}

#[test]
fn a_block_that_ends_with_cr_is_given_at_once_and_the_lf_belongs_to_the_next() {
    let expected = (vec![(event("x"), 10), (event("y"), 11)], 1);
    for parts in every_cut(b"data: x\r\n\r\ndata: y\r\n\r\n") {
        assert_eq!(read_stream(Framing::Sse, &parts).unwrap(), expected, "{parts:?}");
    }
}

proptest! {
    #[test]
    fn line_ends_of_every_kind_mean_the_same(
        lines in proptest::collection::vec(prop_oneof!["data: [a-z]{0,9}", ":[a-z]{0,9}", "id: 00ff-[1-9]", Just("data".to_owned())], 0..9),
        blank_after in any::<u16>(),
        mark in any::<bool>(),
        places in proptest::collection::vec(any::<usize>(), 0..20),
    ) {
        let written = |end: &str| {
            let mut stream = if mark { "\u{feff}".to_owned() } else { String::new() };
            for (n, line) in lines.iter().enumerate() {
                stream += &format!("{line}{end}{}", if blank_after >> n & 1 == 1 { end } else { "" });
            }
            stream
        };
        let expected = items(&written("\n"));
        for end in ["\n", "\r", "\r\n"] {
            let stream = written(end);
            let (pieces, pending) = read_stream(Framing::Sse, &cut(stream.as_bytes(), &places)).unwrap();
            let whole = read_stream(Framing::Sse, &[stream.as_bytes()]).unwrap();
            prop_assert_eq!((&pieces, pending), (&whole.0, whole.1));
            let items: Vec<Owned> = pieces.into_iter().map(|(item, _)| item).collect();
            prop_assert_eq!(&items, &expected);
        }
    }
}
