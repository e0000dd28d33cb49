//! What no honest peer sends: no reader panics on it, and none holds more of it than its bound.

use crate::common::cut;
use feedbench_wire::Framing;
use feedbench_wire::framing::script::DOCUMENT_OPEN;
use feedbench_wire::reader::frame::Sender;
use feedbench_wire::reader::head::HEAD_MAX_BYTES;
use feedbench_wire::reader::{ReadError, StreamReader, TEXT_MAX_BYTES, chunked, frame, head, json_array};
use proptest::collection::vec;
use proptest::prelude::*;

/// Feeds the parts until they are refused.
fn feed(parts: &[&[u8]], mut take: impl FnMut(&mut &[u8]) -> Result<(), ReadError>) {
    for &part in parts {
        let mut input = part;
        match take(&mut input) {
            Ok(()) => assert!(input.is_empty(), "a reader that wants more has taken all"),
            Err(_) => return,
        }
    }
}

/// Feeds the parts to every reader.
fn feed_all(parts: &[&[u8]]) {
    for framing in Framing::ALL {
        let mut reader = StreamReader::new(framing);
        feed(parts, |input| {
            while reader.next(input)?.is_some() {}
            assert!(reader.pending_bytes() <= TEXT_MAX_BYTES + DOCUMENT_OPEN.len());
            Ok(())
        });
    }
    let mut answer = json_array::Reader::default();
    feed(parts, |input| {
        while answer.next(input)?.is_some() {}
        Ok(())
    });
    let (mut requests, mut responses) = (head::Reader::default(), head::Reader::default());
    feed(parts, |input| {
        while requests.request(input)?.is_some() {}
        assert!(requests.pending_bytes() <= HEAD_MAX_BYTES);
        Ok(())
    });
    feed(parts, |input| {
        while responses.response("GET", input)?.is_some() {}
        assert!(responses.pending_bytes() <= HEAD_MAX_BYTES);
        Ok(())
    });
    let mut body = chunked::Reader::default();
    feed(parts, |input| {
        while body.next(input)?.is_some() {}
        if body.has_ended() {
            *input = &[];
        }
        Ok(())
    });
    for sender in [Sender::Client, Sender::Server] {
        let mut frames = frame::Reader::new(sender);
        feed(parts, |input| {
            while frames.next(input)?.is_some() {}
            assert!(frames.pending_bytes() < frame::HEADER_MAX_BYTES);
            Ok(())
        });
    }
}

/// Scraps of every grammar, so that the readers are led deeper than bytes at random lead.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"\0",
        b"\xef\xbb\xbf",
        b"data: ",
        b"data",
        b"id: a3f2-7",
        b"id: ",
        b":",
        b"retry: 1",
        b"{\"cursor\":\"a3f2-7\"}",
        b"{\"seq\":1}",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"\"",
        b"\\",
        b"1",
        b"true",
        b" ",
        b"<!DOCTYPE html><meta charset=\"utf-8\"><title>feed</title>\n",
        b"<script>parent.f(",
        b")</script>\n",
        b"<script>parent.position(\"a3f2-7\")</script>\n",
        b"<!---->\n",
        b"GET / HTTP/1.1\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"0\r\n",
        b"5\r\n",
        b"ffffffffffffffff",
        b"5;x=\"y\"",
        b"\x81\x00",
        b"\x81\x05",
        b"\x01\x02",
        b"\x80\x7e\x01\x00",
        b"\x89\x85",
        b"\x81\x7f\xff\xff",
        b"\x88\x02\x03\xe8",
    ];
    prop_oneof![
        4 => proptest::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..20),
    ]
}

#[test]
fn streams_without_an_end_are_refused_at_the_bound() {
    for scrap in [
        &b"\0"[..],
        b"x",
        b"data: x\n",
        b"<",
        b" ",
        b"[",
        b"{\"a\":",
        b"GET / ",
        b"x: y\r\n",
        b"0",
        b"\x82\x7e\xff\xff",
    ] {
        let stream = scrap.repeat(2 * TEXT_MAX_BYTES / scrap.len());
        feed_all(&stream.chunks(16_384).collect::<Vec<_>>());
        for framing in Framing::ALL {
            let mut reader = StreamReader::new(framing);
            let mut refused = false;
            feed(&stream.chunks(16_384).collect::<Vec<_>>(), |input| {
                let result = (|| {
                    while reader.next(input)?.is_some() {}
                    Ok(())
                })();
                refused |= result.is_err();
                result
            });
            // Only lines of JSON are complete so.
            assert!(
                refused || (framing == Framing::Ndjson && scrap.contains(&b'\n')),
                "{framing:?} {}",
                scrap.escape_ascii()
            );
        }
    }
}

#[test]
fn a_flood_of_line_ends_costs_no_more_than_its_length() {
    for scrap in [&b"\r"[..], b"\n", b"\r\n"] {
        let stream = scrap.repeat(200_000 / scrap.len());
        feed_all(&[&stream]);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..600), places in vec(any::<usize>(), 0..10)) {
        feed_all(&cut(&bytes, &places));
    }

    #[test]
    fn no_scraps_of_the_grammars_make_a_reader_panic(scraps in vec(scrap(), 0..40), places in vec(any::<usize>(), 0..10)) {
        feed_all(&cut(&scraps.concat(), &places));
    }
}
