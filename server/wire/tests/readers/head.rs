//! HTTP/1.1 heads, and the length of the body that follows, by RFC 9112.

use crate::common::{cut, every_cut};
use feedbench_wire::reader::ReadError;
use feedbench_wire::reader::head::{BodyLength, FIELDS_MAX, HEAD_MAX_BYTES, Reader, Version};
use proptest::prelude::*;

fn request_body(fields: &str) -> Result<BodyLength, ReadError> {
    let head = format!("POST /publish HTTP/1.1\r\n{fields}\r\n");
    Reader::default().request(&mut head.as_bytes()).map(|request| request.unwrap().head.body())
}

fn response_body(method: &str, status: u16, fields: &str) -> Result<BodyLength, ReadError> {
    let head = format!("HTTP/1.1 {status} x\r\n{fields}\r\n");
    Reader::default().response(method, &mut head.as_bytes()).map(|response| response.unwrap().head.body())
}

const REQUEST: &[u8] =
    b"GET /polling?cursor=a3f2-7 HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nX-Empty:\r\nx-twice: 1\r\nX-Twice:  2 \r\n\r\n";

#[test]
fn a_request_split_anywhere_gives_the_same_head_and_leaves_what_follows() {
    let stream = [REQUEST, b"GET"].concat();
    for parts in every_cut(&stream) {
        let mut reader = Reader::default();
        let mut seen = 0;
        for part in parts {
            let mut input = part;
            while let Some(request) = reader.request(&mut input).unwrap() {
                assert_eq!((request.method, request.target), ("GET", "/polling?cursor=a3f2-7"));
                assert_eq!((request.head.version(), request.head.body()), (Version::Http11, BodyLength::None));
                assert_eq!(request.head.bytes(), REQUEST);
                assert_eq!(request.head.field("HOST"), Some(&b"127.0.0.1:8080"[..]));
                assert_eq!(request.head.field("x-empty"), Some(&b""[..]));
                assert_eq!(request.head.field("x-twice"), Some(&b"1"[..]));
                assert_eq!(request.head.field("host: 127.0.0.1"), None);
                assert_eq!(request.head.fields().count(), 4);
                seen += 1;
            }
            assert_eq!(input, b"");
        }
        assert_eq!((seen, reader.pending_bytes()), (1, 3));
    }
}

#[test]
fn the_next_head_is_the_same_whatever_the_last_one_was() {
    let other = b"GET /polling HTTP/1.1\r\n\r\n";
    let stream = [REQUEST, REQUEST, other, b"\r\n\r\n", REQUEST].concat();
    let heads: [&[u8]; 5] = [REQUEST, REQUEST, other, b"\r\n\r\n", REQUEST];
    for parts in every_cut(&stream) {
        for last in [&b""[..], REQUEST, other, b"\r\n\r\n"] {
            let (mut reader, mut seen) = (Reader::default(), Vec::new());
            for part in &parts {
                let mut input = *part;
                while let Some(head) = reader.bytes_again(last, &mut input).unwrap() {
                    seen.push(head.to_vec());
                }
                assert_eq!(input, b"");
            }
            assert_eq!((seen.as_slice(), reader.pending_bytes()), (&heads.map(<[u8]>::to_vec)[..], 0));
        }
    }
}

#[test]
fn a_head_that_came_whole_is_read_in_place() {
    let mut reader = Reader::default();
    let request = reader.request(&mut &REQUEST[..]).unwrap().unwrap();
    assert_eq!(request.head.bytes().as_ptr(), REQUEST.as_ptr());
}

#[test]
fn a_blank_line_before_a_request_is_passed() {
    let mut input = &b"\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n"[..];
    let mut reader = Reader::default();
    let request = reader.request(&mut input).unwrap().unwrap();
    assert_eq!((request.head.bytes().len(), request.head.field("host")), (29, Some(&b"x"[..])));
}

#[test]
fn the_length_of_a_response_follows_the_rules_in_their_order() {
    use BodyLength::{Chunked, Exact, None, UntilClose};
    const LENGTH: &str = "Content-LENGTH: 12\r\n";
    const CHUNKED: &str = "transfer-encoding: Chunked\r\n";
    for (method, status, fields, expected) in [
        ("HEAD", 200, LENGTH, None),
        ("HEAD", 200, CHUNKED, None),
        ("GET", 101, "connection: upgrade\r\nupgrade: websocket\r\n", None),
        ("GET", 100, LENGTH, None),
        ("GET", 204, CHUNKED, None),
        ("GET", 304, LENGTH, None),
        ("CONNECT", 200, CHUNKED, None),
        ("CONNECT", 404, LENGTH, Exact(12)),
        ("GET", 200, CHUNKED, Chunked),
        ("GET", 200, "transfer-encoding: gzip, chunked\r\n", Chunked),
        ("GET", 200, "transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n", Chunked),
        ("GET", 200, "transfer-encoding: gzip\r\n", UntilClose),
        ("GET", 200, LENGTH, Exact(12)),
        ("GET", 200, "content-length: 0\r\n", Exact(0)),
        ("GET", 200, "content-length: 18446744073709551615\r\n", Exact(u64::MAX)),
        ("GET", 200, "", UntilClose),
        ("GET", 200, "connection: close\r\n", UntilClose),
    ] {
        assert_eq!(response_body(method, status, fields), Ok(expected), "{method} {status} {fields:?}");
    }
}

#[test]
fn the_length_of_a_request_follows_the_rules() {
    assert_eq!(request_body(""), Ok(BodyLength::None));
    assert_eq!(request_body("content-length: 5\r\n"), Ok(BodyLength::Exact(5)));
    assert_eq!(request_body("transfer-encoding: chunked\r\n"), Ok(BodyLength::Chunked));
    assert!(request_body("transfer-encoding: gzip\r\n").is_err());
}

#[test]
fn an_ambiguous_length_is_refused() {
    for fields in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: 5\r\nContent-Length: 5\r\n",
        "content-length: 5, 5\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "transfer-encoding:\r\ncontent-length: 5\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: chunked, gzip\r\n",
        "content-length: +5\r\n",
        "content-length: -5\r\n",
        "content-length: 0x5\r\n",
        "content-length:\r\n",
        "content-length: 18446744073709551616\r\n",
    ] {
        assert!(matches!(request_body(fields), Err(ReadError::Malformed(_))), "{fields:?}");
        assert!(matches!(response_body("GET", 200, fields), Err(ReadError::Malformed(_))), "{fields:?}");
    }
    let old = b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert!(Reader::default().response("GET", &mut &old[..]).is_err());
}

#[test]
fn a_connection_goes_on_unless_the_version_or_a_field_or_the_body_ends_it() {
    for (head, keeps_alive) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: foo, CLOSE\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: Keep-Alive\r\n\r\n", true),
        ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive, close\r\n\r\n", false),
        ("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", true),
    ] {
        let mut reader = Reader::default();
        let response = reader.response("GET", &mut head.as_bytes()).unwrap().unwrap();
        assert_eq!((response.status, response.head.keeps_alive()), (200, keeps_alive), "{head:?}");
    }
}

#[test]
fn what_is_no_head_is_refused() {
    for head in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nspace : x\r\n\r\n",
        b"GET / HTTP/1.1\r\na: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\na: \0\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\n\nGET / HTTP/1.1\r\n\r\n",
    ] {
        assert!(
            matches!(Reader::default().request(&mut &*head), Err(ReadError::Malformed(_))),
            "{}",
            head.escape_ascii()
        );
        assert!(Reader::default().response("GET", &mut &*head).is_err(), "{}", head.escape_ascii());
    }
}

#[test]
fn a_head_has_a_bounded_length_and_number_of_fields() {
    let head = |fields: usize, value: usize| {
        let field = format!("x: {}\r\n", "v".repeat(value));
        format!("GET / HTTP/1.1\r\n{}\r\n", field.repeat(fields)).into_bytes()
    };
    assert!(Reader::default().request(&mut head(FIELDS_MAX, 1).as_slice()).is_ok());
    assert!(Reader::default().request(&mut head(FIELDS_MAX + 1, 1).as_slice()).is_err());
    let (fits, too_long) = (head(1, HEAD_MAX_BYTES - 23), head(1, HEAD_MAX_BYTES - 22));
    assert_eq!(fits.len(), HEAD_MAX_BYTES);
    assert!(Reader::default().request(&mut fits.as_slice()).is_ok());
    let error = Err(ReadError::TooLong(HEAD_MAX_BYTES));
    assert_eq!(Reader::default().request(&mut too_long.as_slice()).map(|_| ()), error);
    let mut reader = Reader::default();
    reader.request(&mut &too_long[..60_000]).unwrap();
    assert_eq!(reader.request(&mut &too_long[60_000..]).map(|_| ()), error);
}

proptest! {
    #[test]
    fn any_fields_split_anywhere_come_back(
        fields in proptest::collection::vec(("x-[a-z]{1,9}", "([!-~]([ -~]{0,20}[!-~])?)?"), 0..20),
        places in proptest::collection::vec(any::<usize>(), 0..10),
    ) {
        let lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        let (mut reader, mut heads) = (Reader::default(), 0);
        for mut part in cut(head.as_bytes(), &places) {
            while let Some(response) = reader.response("GET", &mut part).unwrap() {
                heads += 1;
                prop_assert_eq!(response.head.bytes(), head.as_bytes());
                let expected: Vec<_> = fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
                prop_assert_eq!(response.head.fields().collect::<Vec<_>>(), expected);
            }
        }
        prop_assert_eq!(heads, 1);
    }
}
