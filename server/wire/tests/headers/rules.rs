//! What a profile's text may say.

use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::headers::{Ask, Profile, Scheme};

const WEBSOCKET: &str = "[websocket]\nHost: x\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: {key}\n";

#[test]
fn every_built_in_profile_speaks_every_transport() {
    for name in Profile::names() {
        let profile = Profile::built_in(name).unwrap();
        assert!(Transport::ALL.into_iter().all(|transport| profile.speaks(transport)), "{name}");
        assert_eq!(profile.answers(), name == "lubbers-2009");
    }
}

#[test]
fn fields_keep_their_order_and_case_and_what_has_no_place_comes_last() {
    let text = "# mine\n\n[sse polling]\nX-b: 1\nhOST: {host}\n  a-A:  two  words \nreferer: {origin}/a\n";
    let profile = Profile::parse(text).unwrap();
    assert!(!profile.speaks(Transport::WebSocket));
    let ask = Ask {
        transport: Transport::Sse,
        target: "/sse",
        scheme: Scheme::Http,
        host: "h:1",
        connection: ConnectionPolicy::KeepAlive,
        cookie: Some("sid=x"),
        last_event_id: Some("a3f2-7"),
        key: None,
    };
    let head = String::from_utf8(profile.head(&ask)).unwrap();
    let expected = "GET /sse HTTP/1.1\r\nX-b: 1\r\nhOST: h:1\r\na-A: two  words\r\nreferer: http://h:1/a\r\n\
                    Last-Event-ID: a3f2-7\r\nCookie: sid=x\r\n\r\n";
    assert_eq!(head, expected);
}

#[test]
fn an_answer_has_its_own_fields_and_a_stream_keeps_its_type_and_has_no_length() {
    let profile = Profile::parse("[answer]\ncontent-type: a/b\nx: y\ncontent-length: {length}\n").unwrap();
    assert!(profile.answers() && !profile.answers_in_title_case());
    let of = |length, stream| profile.answer(length, stream).unwrap().collect::<Vec<_>>();
    let own = |fields: &[(&'static str, &str)]| fields.iter().map(|&(n, v)| (n, v.to_owned())).collect::<Vec<_>>();
    assert_eq!(of(Some(7), None), own(&[("content-type", "a/b"), ("x", "y"), ("content-length", "7")]));
    assert_eq!(of(None, Some("c/d")), own(&[("content-type", "c/d"), ("x", "y")]));
}

#[test]
fn what_is_wrong_has_a_line_and_a_word_for_it() {
    let polling = |line: &str| format!("[polling]\nHost: {{host}}\n{line}\n");
    for (text, line, says) in [
        (String::new(), 1, "[polling]"),
        ("Host: x\n".to_owned(), 1, "before the first section"),
        ("[carrier-pigeon]\n".to_owned(), 1, "carrier-pigeon"),
        ("[]\n".to_owned(), 1, "no transport"),
        ("[polling\n".to_owned(), 1, "brackets"),
        ("[polling]\nA: b\n".to_owned(), 1, "Host"),
        (polling("[sse polling]"), 3, "line 1"),
        (polling("no field"), 3, "Name: value"),
        (polling("sp ace: x"), 3, "Name: value"),
        (polling(": x"), 3, "Name: value"),
        (polling("X:"), 3, "no value"),
        (polling("X: \u{e4}"), 3, "ASCII"),
        (polling("X: a\u{0}b"), 3, "ASCII"),
        (polling("host: again"), 3, "twice"),
        (polling("Content-Length: 3"), 3, "framing"),
        (polling("transfer-encoding: chunked"), 3, "framing"),
        (polling("Expect: 100-continue"), 3, "framing"),
        (polling("Connection: close"), 3, "--connection"),
        (polling("Upgrade: h2c"), 3, "websocket"),
        (polling("Sec-WebSocket-Key: {key}"), 3, "websocket"),
        (polling("Last-Event-ID: 7"), 3, "{last-event-id}"),
        (polling("X: {who}"), 3, "{who}"),
        (polling("X: {host"), 3, "{host"),
        (polling(&format!("X: {}", "y".repeat(9_000))), 3, "8192 bytes"),
        (polling(&(0..100).map(|n| format!("X{n}: y\n")).collect::<String>()), 92, "90 fields"),
        (WEBSOCKET.replace("13", "8"), 5, "13"),
        (WEBSOCKET.replace("{key}", "abc"), 6, "{key}"),
        (WEBSOCKET.replace("Upgrade: websocket\n", ""), 1, "Upgrade"),
        (format!("{WEBSOCKET}Sec-WebSocket-Protocol: x\n"), 7, "subprotocol"),
        ("[answer]\nContent-Length: 21\n".to_owned(), 2, "{length}"),
        ("[answer]\nConnection: close\n".to_owned(), 2, "framing"),
        ("[answer]\nX: {host}\n".to_owned(), 2, "{host}"),
        ("[answer]\nETag: x\n".to_owned(), 1, "Content-Type"),
        ("[answer]\nfeed-cursor: x\n".to_owned(), 2, "own"),
    ] {
        let error = Profile::parse(&text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
    assert!(Profile::parse(WEBSOCKET).is_ok());
}
