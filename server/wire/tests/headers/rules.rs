//! What a profile's text may say.

use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::h2::hpack::Indexing;
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

/// What a request says over HTTP/2, a line each.
fn on_h2(profile: &Profile, ask: &Ask<'_>) -> String {
    profile.fields_h2(ask).iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

#[test]
fn over_http2_names_are_small_cookies_are_cut_and_nothing_is_said_of_the_connection() {
    let text = "[polling]\nHost: {host}\nConnection: keep-alive\nKeep-Alive: 300\nX-B: 1\n(h2) TE: trailers\n\
                Referer: {origin}/\nCookie: a=1; b=2\n(h2)Last-Event-ID: {last-event-id}\n";
    let profile = Profile::parse(text).unwrap();
    let ask = Ask {
        transport: Transport::Polling,
        target: "/x",
        scheme: Scheme::Https,
        host: "h:1",
        connection: ConnectionPolicy::Close,
        cookie: None,
        last_event_id: Some("7-1"),
        key: None,
    };
    let start = ":method: GET\n:scheme: https\n:authority: h:1\n:path: /x\n";
    let rest = "x-b: 1\nte: trailers\nreferer: https://h:1/\n";
    assert_eq!(on_h2(&profile, &ask), format!("{start}{rest}cookie: a=1\ncookie: b=2\nlast-event-id: 7-1\n"));
    let head = String::from_utf8(profile.head(&ask)).unwrap();
    let expected = "GET /x HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\nX-B: 1\r\nReferer: https://h:1/\r\n\
                    Cookie: a=1; b=2\r\nLast-Event-ID: 7-1\r\n\r\n";
    assert_eq!(head, expected, "HTTP/1.1 has none of the lines for HTTP/2 only");

    let profile = Profile::parse("[polling]\nHost: {host}\n").unwrap();
    let with_cookie = Ask { cookie: Some("a=1; b=2"), ..ask };
    assert_eq!(on_h2(&profile, &with_cookie), format!("{start}last-event-id: 7-1\ncookie: a=1\ncookie: b=2\n"));
}

#[test]
fn over_http2_a_websocket_asks_without_a_key() {
    let ask = Ask {
        transport: Transport::WebSocket,
        target: "/websocket",
        scheme: Scheme::Http,
        host: "h:1",
        connection: ConnectionPolicy::KeepAlive,
        cookie: None,
        last_event_id: None,
        key: None,
    };
    let expected = ":method: CONNECT\n:scheme: http\n:authority: h:1\n:path: /websocket\n:protocol: websocket\n\
                    sec-websocket-version: 13\n";
    assert_eq!(on_h2(&Profile::default(), &ask), expected);
}

#[test]
fn a_section_tells_how_http2_is_spoken() {
    let minimal = Profile::default();
    assert_eq!(minimal.indexing(), Indexing::Never);
    assert!(!minimal.sends_priority() && !minimal.sends_window_update());
    assert_eq!(minimal.opening().settings().collect::<Vec<_>>(), [(2, 0), (4, (1 << 31) - 1)]);
    let text = "[h2]\nwith-each-request: window-update\nsettings: max-frame-size=16384 enable-push=0\n\
                connection-window: 70000\npseudo-fields: :path :scheme :authority :method\nindexing: firefox\n\
                [polling]\nHost: {host}\n";
    let profile = Profile::parse(text).unwrap();
    assert_eq!(profile.indexing(), Indexing::Firefox);
    assert!(profile.sends_window_update() && !profile.sends_priority());
    let opening = profile.opening();
    assert_eq!(opening.settings().collect::<Vec<_>>(), [(2, 0), (5, 16_384)], "in the order of their numbers");
    let windows = (opening.stream_window_bytes(), opening.connection_window_bytes(), opening.opened_bytes());
    assert_eq!((windows, opening.table_bytes()), ((65_535, 70_000, 4_465), 4_096));
    let ask = Ask {
        transport: Transport::Polling,
        target: "/x",
        scheme: Scheme::Http,
        host: "h:1",
        connection: ConnectionPolicy::KeepAlive,
        cookie: None,
        last_event_id: None,
        key: None,
    };
    assert_eq!(on_h2(&profile, &ask), ":path: /x\n:scheme: http\n:authority: h:1\n:method: GET\n");
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
        (polling("TE: trailers"), 3, "framing"),
        (polling("(h2) TE: gzip"), 3, "trailers"),
        (polling("(h2) Keep-Alive: 3"), 3, "no place on HTTP/2"),
        (polling("(h2)"), 3, "Name: value"),
        (polling("(h2) Host: again"), 3, "no place on HTTP/2"),
        ("[answer]\n(h2) X: y\n".to_owned(), 2, "same on HTTP/1.1 and HTTP/2"),
        ("[h2]\nindexing: netscape\n".to_owned(), 2, "chromium, firefox, never"),
        ("[h2]\npseudo-fields: :path :method :scheme\n".to_owned(), 2, ":authority"),
        ("[h2]\npseudo-fields: :path :path :method :scheme\n".to_owned(), 2, "each once"),
        ("[h2]\npseudo-fields: :path :status :method :scheme\n".to_owned(), 2, "each once"),
        ("[h2]\nwith-each-request: thanks\n".to_owned(), 2, "window-update"),
        ("[h2]\nwindows: 1\n".to_owned(), 2, "connection-window"),
        ("[h2]\nsettings: 1\n".to_owned(), 2, "there are: header-table-size, enable-push"),
        ("[h2]\nsettings: max-frame-size=16384\n".to_owned(), 2, "enable-push=0 is missing"),
        ("[h2]\nsettings: enable-push=1\n".to_owned(), 2, "enable-push=0"),
        ("[h2]\nsettings: enable-push\n".to_owned(), 2, "enable-push=0"),
        ("[h2]\nsettings: enable-push=0 enable-push=0\n".to_owned(), 2, "twice"),
        ("[h2]\nsettings: enable-push=0 header-table-size=4095\n".to_owned(), 2, "from 4096 to 65536"),
        ("[h2]\nsettings: enable-push=0 initial-window-size=0\n".to_owned(), 2, "from 1 to 2147483647"),
        ("[h2]\nsettings: enable-push=0 initial-window-size=2147483648\n".to_owned(), 2, "from 1 to"),
        ("[h2]\nsettings: enable-push=0 max-frame-size=16385\n".to_owned(), 2, "max-frame-size=16384"),
        ("[h2]\nconnection-window: 65534\n".to_owned(), 2, "from 65535"),
        ("[h2]\nconnection-window: wide\n".to_owned(), 2, "from 65535"),
        ("[h2]\nwith-each-request: window-update\n".to_owned(), 1, "initial-window-size below"),
        ("[h2]\nindexing: never\n[h2]\n".to_owned(), 3, "line 1"),
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

#[test]
fn a_profile_for_compressed_cells_asks_for_it_and_keeps_what_it_has_of_its_own() {
    let ask = |transport| Ask {
        transport,
        target: "/",
        host: "h",
        connection: ConnectionPolicy::KeepAlive,
        cookie: None,
        last_event_id: None,
        key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
        scheme: Scheme::Http,
    };
    for name in Profile::names() {
        let profile = Profile::built_in(name).unwrap();
        let taking = profile.clone().taking_compressed();
        for transport in Transport::ALL {
            assert_eq!(profile.against_compression(transport), None, "{name}");
            let head = |profile: &Profile| String::from_utf8(profile.head(&ask(transport))).unwrap().to_lowercase();
            let (field, wanted) = match transport {
                Transport::WebSocket => ("sec-websocket-extensions: ", "permessage-deflate"),
                _ => ("accept-encoding: ", "gzip"),
            };
            let (before, after) = (head(&profile), head(&taking));
            assert_eq!(after.matches(field).count(), 1, "{name} {transport}");
            assert!(after.lines().any(|line| line.starts_with(field) && line.contains(wanted)), "{name} {transport}");
            assert_eq!(before.contains(field), before == after, "{name} {transport}");
        }
    }
    let contrary = "[polling]\nHost: x\nAccept-Encoding: br\n[answer]\nVary: origin\n[sse]\nHost: x\n";
    let contrary = Profile::parse(contrary).unwrap();
    assert!(contrary.against_compression(Transport::Polling).unwrap().contains("gzip"));
    assert!(contrary.against_compression(Transport::Sse).unwrap().contains("Vary"));
}
