//! The chunked transfer coding, by the grammar of RFC 9112 section 7.1.

use crate::common::{cut, every_cut};
use feedbench_wire::reader::ReadError;
use feedbench_wire::reader::chunked::{FRAMING_MAX_BYTES, Part, Reader};
use proptest::prelude::*;

/// Content, bytes of framing, whether the body ended, and what was left after it. Every byte is in exactly one of them.
fn read(parts: &[&[u8]]) -> Result<(Vec<u8>, usize, bool, Vec<u8>), ReadError> {
    let (mut reader, mut data, mut framing, mut ends, mut after) = (Reader::default(), Vec::new(), 0, 0, Vec::new());
    for &part in parts {
        let mut input = part;
        while let Some(part) = reader.next(&mut input)? {
            match part {
                Part::Data(bytes) => data.extend_from_slice(bytes),
                Part::Framing(bytes) => framing += bytes.len(),
                Part::End(bytes) => {
                    framing += bytes.len();
                    ends += 1;
                }
            }
        }
        assert!(input.is_empty() || reader.has_ended());
        after.extend_from_slice(input);
    }
    assert_eq!(data.len() + framing + after.len(), parts.concat().len());
    assert_eq!(ends, usize::from(reader.has_ended()));
    Ok((data, framing, reader.has_ended(), after))
}

#[test]
fn extensions_and_trailers_are_passed_and_what_follows_is_left() {
    let body = b"4;name=value;q=\"a;b\"\r\nWiki\r\n006 \t;x\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0;last\r\n\
        Expires: Wed, 21 Oct 2026 07:28:00 GMT\r\nX: \r\n\r\nHTTP/1.1 200";
    for parts in every_cut(body) {
        let (data, framing, ended, after) = read(&parts).unwrap();
        assert_eq!((data.as_slice(), ended), (&b"Wikipedia in \r\n\r\nchunks."[..], true));
        assert_eq!((framing, after.as_slice()), (body.len() - 24 - 12, &b"HTTP/1.1 200"[..]));
    }
}

#[test]
fn a_chunk_has_as_many_bytes_of_framing_as_its_size_has_digits_and_four_more() {
    let mut input = &b"a\r\n0123456789\r\n0\r\n\r\n"[..];
    let mut reader = Reader::default();
    assert_eq!(reader.next(&mut input), Ok(Some(Part::Framing(b"a\r\n"))));
    assert_eq!(reader.next(&mut input), Ok(Some(Part::Data(b"0123456789"))));
    assert_eq!(reader.next(&mut input), Ok(Some(Part::End(b"\r\n0\r\n\r\n"))));
    assert_eq!(reader.next(&mut &b"more"[..]), Ok(None));
}

#[test]
fn a_body_that_stops_has_not_ended() {
    for body in [&b""[..], b"5", b"5\r\nab", b"5\r\nabcde\r\n", b"0\r\n", b"0\r\nX: y\r\n", b"0\r\n\r"] {
        assert!(!read(&[body]).unwrap().2, "{body:?}");
    }
}

#[test]
fn what_is_not_chunked_is_refused() {
    for body in [
        &b"\r\n"[..],
        b"g\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b" 1\r\n",
        b"0x1\r\n",
        b"1\na\n",
        b"1\r\nab\r\n",
        b"1\r\na\n",
        b"1\r\ra",
        b"1;x\ny\r\n",
        b"1;\0\r\n",
        b"0\r\n\n",
        b"0\r\nX: y\n\r\n",
        b"0\r\nX\0: y\r\n",
        b"\0",
        b"HTTP/1.1 200 OK\r\n",
    ] {
        assert!(matches!(read(&[body]), Err(ReadError::Malformed(_))), "{}", body.escape_ascii());
    }
}

#[test]
fn sizes_and_lines_are_bounded() {
    assert!(read(&[b"10000000000\r\nx"]).is_ok());
    for huge in [&b"10000000001\r\n"[..], b"ffffffffffffffff\r\n", b"10000000000000000000000000000000f\r\n"] {
        assert!(matches!(read(&[huge]), Err(ReadError::Malformed(_))));
    }
    let too_long = Err(ReadError::TooLong(FRAMING_MAX_BYTES));
    assert_eq!(read(&[&b"0".repeat(FRAMING_MAX_BYTES + 1)]), too_long);
    assert_eq!(read(&[&[b"1;", b"x".repeat(FRAMING_MAX_BYTES).as_slice()].concat()]), too_long);
    assert_eq!(read(&[&[b"0\r\n", b"X: y\r\n".repeat(FRAMING_MAX_BYTES).as_slice()].concat()]), too_long);
    // The bound is for each size line, not for all.
    let many = b"1\r\nx\r\n".repeat(FRAMING_MAX_BYTES);
    assert_eq!(read(&[&many]).unwrap().0.len(), FRAMING_MAX_BYTES);
}

proptest! {
    #[test]
    fn any_chunks_split_anywhere_come_back(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..8),
        trailer in proptest::option::of("[A-Z]{1,9}: [ -~]{0,20}"),
        places in proptest::collection::vec(any::<usize>(), 0..30),
    ) {
        let mut body = Vec::new();
        for chunk in &chunks {
            body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n");
        body.extend(trailer.iter().flat_map(|line| line.bytes().chain(*b"\r\n")));
        body.extend_from_slice(b"\r\n");
        let content = chunks.concat();
        let framing = body.len() - content.len();
        prop_assert_eq!(read(&cut(&body, &places)), Ok((content, framing, true, vec![])));
    }
}
