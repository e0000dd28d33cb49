//! Byte for byte what was captured.

use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::headers::{Ask, Profile, Scheme, cookie};

/// A captured head: `fetch-poll+c500 991`, then the bytes.
struct Captured {
    name: &'static str,
    head: &'static str,
}

fn captured(text: &'static str) -> Vec<Captured> {
    let parts = text.split("===== ").skip(1);
    let heads = parts.map(|part| {
        let (title, rest) = part.split_once('\n').unwrap();
        let (name, length) = title.rsplit_once(' ').unwrap();
        Captured { name, head: &rest[..length.parse().unwrap()] }
    });
    heads.collect()
}

fn browsers() -> [(&'static str, &'static str, Vec<Captured>); 4] {
    [
        ("chromium", "127.0.0.1:8080", captured(include_str!("chromium.txt"))),
        ("chromium-plain", "chat.test:8080", captured(include_str!("chromium-plain.txt"))),
        ("firefox", "127.0.0.1:8080", captured(include_str!("firefox.txt"))),
        ("firefox-plain", "chat.test:8080", captured(include_str!("firefox-plain.txt"))),
    ]
}

/// The capture's name, and the target that was asked for.
fn capture_of(transport: Transport) -> (&'static str, &'static str) {
    match transport {
        Transport::Polling => ("fetch-poll", "/poll"),
        Transport::LongPolling => ("fetch-longpoll", "/lpol"),
        Transport::IframeStreaming => ("iframe-hidden", "/fram"),
        Transport::Sse => ("eventsource", "/esrc"),
        Transport::FetchStreaming => ("fetch-stream", "/strm"),
        Transport::WebSocket => ("websocket-short", "/sock"),
    }
}

fn ask(transport: Transport, target: &'static str) -> Ask<'static> {
    Ask {
        transport,
        target,
        scheme: Scheme::Http,
        host: "localhost:8080",
        connection: ConnectionPolicy::KeepAlive,
        cookie: None,
        last_event_id: None,
        key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
    }
}

#[test]
fn every_browser_profile_sends_the_captured_bytes_on_every_transport_with_and_without_a_cookie() {
    let mut compared = 0;
    for (name, host, captured) in browsers() {
        let profile = Profile::built_in(name).unwrap();
        for capture in &captured {
            let (label, again) =
                capture.name.strip_suffix(" again").map_or((capture.name, false), |label| (label, true));
            let (label, with_cookie) = label.strip_suffix("+c500").map_or((label, false), |label| (label, true));
            let of_label = |transport: &Transport| capture_of(*transport).0 == label;
            let transport = Transport::ALL.into_iter().find(of_label).unwrap();
            let cookie = cookie(if with_cookie { 500 } else { 0 });
            let key = capture.head.split_once("Sec-WebSocket-Key: ").and_then(|(_, key)| key.split_once('\r'));
            let head = profile.head(&Ask {
                host,
                cookie: cookie.as_deref(),
                last_event_id: again.then_some("2"),
                key: key.map(|(key, _)| key),
                ..ask(transport, capture_of(transport).1)
            });
            assert_eq!(String::from_utf8(head).unwrap(), capture.head, "{name} {}", capture.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 4 * 2 * (Transport::ALL.len() + 1), "every transport, and a reconnect of server-sent events");
}

#[test]
fn a_cookie_of_n_bytes_adds_n_and_ten() {
    for name in Profile::names().filter(|name| *name != "lubbers-2009") {
        let profile = Profile::built_in(name).unwrap();
        for transport in Transport::ALL {
            let without = ask(transport, "/");
            let cookie = cookie(500);
            let with = Ask { cookie: cookie.as_deref(), ..without };
            assert_eq!(profile.head(&with).len(), profile.head(&without).len() + 510, "{name} {transport}");
        }
    }
}

#[test]
fn the_article_of_2010_has_716_bytes_of_request_and_193_of_response() {
    let profile = Profile::built_in("lubbers-2009").unwrap();
    let poll = ask(Transport::Polling, "/PollingStock//PollingStock");
    let request = String::from_utf8(profile.head(&poll)).unwrap();
    assert_eq!(request.len(), 716);
    assert!(request.starts_with("GET /PollingStock//PollingStock HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: "));
    assert!(request.contains("Keep-Alive: 300\r\nConnection: keep-alive\r\nReferer: "));

    let fields = profile.answer(Some(21), None).unwrap().map(|(name, value)| format!("{name}: {value}\r\n"));
    let response = format!("HTTP/1.1 200 OK\r\n{}\r\n", fields.collect::<String>());
    assert_eq!(response.len(), 193);
    assert_eq!(request.len() + response.len(), 909);

    let cookie = cookie(50);
    let replaced = profile.head(&Ask { cookie: cookie.as_deref(), ..poll });
    assert_eq!(replaced.len(), 716 - 274 + 50, "the cookie that is asked for takes the place of the article's");
}

#[test]
fn the_minimal_profile_is_what_the_protocol_requires() {
    let profile = Profile::default();
    for transport in Transport::ALL.into_iter().filter(|transport| *transport != Transport::WebSocket) {
        let head = profile.head(&ask(transport, "/x?cursor=1"));
        assert_eq!(head, b"GET /x?cursor=1 HTTP/1.1\r\nhost: localhost:8080\r\n\r\n", "{transport}");
    }
    let head = profile.head(&ask(Transport::WebSocket, "/websocket"));
    let expected = "GET /websocket HTTP/1.1\r\nHost: localhost:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    assert_eq!(String::from_utf8(head).unwrap(), expected);
}

#[test]
fn a_connection_that_is_to_end_says_so_and_http_1_0_says_nothing() {
    for name in Profile::names() {
        let profile = Profile::built_in(name).unwrap();
        let head = |connection| {
            let head = profile.head(&Ask { connection, ..ask(Transport::Polling, "/polling") });
            String::from_utf8(head).unwrap()
        };
        let close = head(ConnectionPolicy::Close);
        assert!(
            close.starts_with("GET /polling HTTP/1.1\r\n") && close.contains("\r\nConnection: close\r\n"),
            "{close}"
        );
        let old = head(ConnectionPolicy::Http10);
        assert!(old.starts_with("GET /polling HTTP/1.0\r\n") && !old.contains("Connection"), "{old}");
        for head in [close, old] {
            assert!(!head.contains("keep-alive") && !head.contains("Keep-Alive"), "{head}");
        }
    }
}
