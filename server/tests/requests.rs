//! The other endpoints, publishing by clients, handshakes, and input that nobody should send.

#![allow(clippy::unwrap_used)]

mod support;

use feedbench_record::scenario::{Fanout, PAYLOAD_MAX_BYTES};
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::{By, Limits};
use feedbench_server::{Config, Server};
use feedbench_wire::event::{Data, EMPTY_BYTES, Event};
use feedbench_wire::path;
use support::{Client, HANDSHAKE, Reading, config, cursor, publish, server};

fn open_to_publishers() -> Server {
    Server::bind(&Config { allow_publish: true, ..config(Scenario::default()) }).unwrap()
}

/// Sends a request on a connection of its own. Gives the status and the body.
async fn exchange(server: &Server, request: &[u8]) -> (support::Head, Vec<u8>) {
    let mut client = Client::connect(server, Transport::Polling).await;
    client.send(request).await;
    let head = client.head().await;
    let body = client.sized_body(&head).await;
    (head, body)
}

async fn get(server: &Server, target: &str) -> (u16, String) {
    let (head, body) = exchange(server, format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await;
    (head.status, String::from_utf8(body).unwrap())
}

async fn post(server: &Server, target: &str, body: &[u8]) -> (u16, String) {
    let head = format!("POST {target} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", body.len());
    let (head, body) = exchange(server, &[head.as_bytes(), body].concat()).await;
    (head.status, String::from_utf8(body).unwrap())
}

/// The data of the newest event of the first topic.
fn newest_data(server: &Server) -> serde_json::Value {
    let topic = &server.feed().topics()[0];
    let before = cursor(topic.newest().seq - 1);
    let batch = topic.read_after(Some(before), Limits::ANSWER).unwrap();
    serde_json::from_str(Event::parse(batch.events[0].text()).unwrap().data.get()).unwrap()
}

#[tokio::test]
async fn the_index_names_every_endpoint() {
    let (status, index) = get(&server(Scenario::default()), "/").await;
    assert_eq!(status, 200);
    for transport in Transport::ALL {
        assert!(index.contains(&path::endpoint(transport)));
    }
    assert!(index.contains(path::STATS) && index.contains(path::CLOCK) && index.contains(path::PUBLISH));
}

#[tokio::test]
async fn the_figures_and_the_clocks_are_json() {
    let server = server(Scenario { fanout: Fanout::Rooms(3), ..Scenario::default() });
    publish(&server, 4);
    server.feed().topic("t2").unwrap().publish(By::Program, 50, Data::Text("x")).unwrap();
    let (_, stats) = get(&server, "/stats?topic=t2").await;
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    assert!(stats["tool"].as_str().unwrap().starts_with("feedbench "));
    assert_eq!((&stats["epoch"], &stats["topics"]), (&"a3f2".into(), &3.into()));
    assert_eq!((&stats["newest"], &stats["published"]), (&1.into(), &5.into()));
    assert_eq!(stats["connections"], 1);
    assert!(stats.get("published_in_range").is_none());

    let (_, stats) = get(&server, "/stats?from_us=1002&to_us=1004").await;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&stats).unwrap()["published_in_range"], 2);
    assert_eq!(get(&server, "/stats?from_us=x&to_us=1").await.0, 400);
    assert_eq!(get(&server, "/stats?topic=t3").await.0, 404);

    let (_, clocks) = get(&server, "/clock").await;
    let clocks: serde_json::Value = serde_json::from_str(&clocks).unwrap();
    assert!(clocks["monotonic_us"].is_u64() && clocks["realtime_us"].is_u64());
    assert_eq!(clocks["boot_id"], feedbench_wire::clock::boot_id());
    assert_eq!(post(&server, "/stats", b"").await.0, 405);
}

#[tokio::test]
async fn a_range_that_the_history_no_longer_holds_is_null() {
    let server = server(Scenario { payload_bytes: PAYLOAD_MAX_BYTES, ..Scenario::default() });
    publish(&server, 200);
    publish(&server, 200);
    let (_, stats) = get(&server, "/stats?from_us=0&to_us=2000").await;
    assert!(stats.contains("\"published_in_range\":null"), "{stats}");
}

#[tokio::test]
async fn clients_publish_by_post_where_that_is_allowed() {
    let server = open_to_publishers();
    let mut listener = Client::open(&server, Transport::FetchStreaming, None).await;
    assert_eq!(post(&server, "/publish", "<b>\u{2028}é".as_bytes()).await, (204, String::new()));
    assert_eq!(newest_data(&server), "<b>\u{2028}é");
    let text = server.feed().topics()[0].read_after(Some(cursor(0)), Limits::ANSWER).unwrap().events[0].text().clone();
    listener.expect(&[text], 1, false).await;

    assert_eq!(post(&server, "/publish?topic=t9", b"x").await.0, 404);
    assert_eq!(post(&server, "/publish", b"\xff").await.0, 400);
    let longest = vec![b'x'; PAYLOAD_MAX_BYTES as usize - EMPTY_BYTES];
    assert_eq!(post(&server, "/publish", &longest).await.0, 204);
    assert_eq!(post(&server, "/publish", &[&longest[..], b"x"].concat()).await.0, 413);
    let escaped = vec![b'<'; PAYLOAD_MAX_BYTES as usize / 4];
    assert_eq!(post(&server, "/publish", &escaped).await.0, 413);
    let (head, _) = exchange(&server, b"GET /publish HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert_eq!((head.status, head.field("allow")), (405, Some("POST")));
    assert_eq!(server.feed().topics()[0].newest().seq, 2);
}

#[tokio::test]
async fn clients_publish_by_websocket_where_that_is_allowed() {
    let server = open_to_publishers();
    let mut client = Client::open(&server, Transport::WebSocket, None).await;
    client.send_frame(0x1, b"hello").await;
    let (opcode, text) = client.frame().await;
    assert_eq!(opcode, 0x1);
    assert_eq!(Event::parse(&text).unwrap().data.get(), "\"hello\"");
    assert_eq!(newest_data(&server), "hello");
    client.send_frame(0x2, b"binary").await;
    assert_eq!(close_code(&mut client).await, 1003);
}

/// The code of the close frame that must come next.
async fn close_code(client: &mut Client) -> u16 {
    let (opcode, payload) = client.frame().await;
    assert_eq!(opcode, 0x8);
    u16::from_be_bytes([payload[0], payload[1]])
}

#[tokio::test]
async fn clients_do_not_publish_where_that_is_not_allowed() {
    let server = server(Scenario::default());
    assert_eq!(post(&server, "/publish", b"x").await.0, 403);
    let mut client = Client::open(&server, Transport::WebSocket, None).await;
    client.send_frame(0x1, b"hello").await;
    assert_eq!(close_code(&mut client).await, 1008);
    assert_eq!(server.feed().topics()[0].newest().seq, 0);
}

#[tokio::test]
async fn a_handshake_that_is_none_is_refused_and_told_why() {
    let server = server(Scenario::default());
    for (wrong, right, status) in [
        ("Upgrade: websocket\r\n", "", 426),
        ("Upgrade: websocket\r\n", "Upgrade: h2c\r\n", 426),
        ("Connection: keep-alive, Upgrade\r\n", "", 426),
        ("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 8\r\n", 426),
        ("Sec-WebSocket-Version: 13\r\n", "", 426),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Key: short==\r\n", 400),
    ] {
        let fields = HANDSHAKE.replace(wrong, right);
        let request = format!("GET /websocket HTTP/1.1\r\nHost: test\r\n{fields}\r\n");
        let (head, body) = exchange(&server, request.as_bytes()).await;
        assert_eq!(head.status, status, "{fields}");
        assert!(!body.is_empty());
        if status == 426 {
            assert_eq!(head.field("upgrade"), Some("websocket"));
        }
        if wrong.contains("Version") {
            assert_eq!(head.field("sec-websocket-version"), Some("13"), "RFC 6455 section 4.4");
        }
    }
}

#[tokio::test]
async fn a_message_sent_with_the_handshake_is_not_lost() {
    let server = open_to_publishers();
    let mut client = Client::connect(&server, Transport::WebSocket).await;
    let mut frame = vec![0x81, 0x80 | 2, 0, 0, 0, 0];
    frame.extend(b"hi");
    let request = [client.request(HANDSHAKE).as_bytes(), &frame].concat();
    client.send(&request).await;
    assert_eq!(client.head().await.status, 101);
    let (_, position) = client.frame().await;
    assert_eq!(position, br#"{"cursor":"a3f2-0"}"#);
    let (_, text) = client.frame().await;
    assert_eq!(Event::parse(&text).unwrap().data.get(), "\"hi\"");
}

#[tokio::test]
async fn frames_that_break_the_protocol_close_the_connection_with_the_reason() {
    let server = open_to_publishers();
    let mut not_utf8 = vec![0x81, 0x81, 0, 0, 0, 0];
    not_utf8.push(0xff);
    let too_long = [&[0x81, 0xff][..], &(u64::from(PAYLOAD_MAX_BYTES) + 1).to_be_bytes(), &[0; 4]].concat();
    for (bytes, code) in [
        (vec![0x81, 0x01, b'x'], 1002),             // not masked
        (vec![0xf1, 0x81, 0, 0, 0, 0, b'x'], 1002), // reserved bits
        (vec![0x83, 0x80, 0, 0, 0, 0], 1002),       // reserved opcode
        (vec![0x80, 0x80, 0, 0, 0, 0], 1002),       // a continuation of nothing
        (vec![0x09, 0x80, 0, 0, 0, 0], 1002),       // a control frame in pieces
        (not_utf8, 1007),
        (too_long, 1009),
    ] {
        let mut client = Client::open(&server, Transport::WebSocket, None).await;
        client.send(&bytes).await;
        assert_eq!(close_code(&mut client).await, code, "{bytes:?}");
        assert_eq!(client.read_to_end().await, b"");
    }
}

#[tokio::test]
async fn hostile_input_leaves_the_server_serving() {
    let server = server(Scenario::default());
    let huge = [b"GET / HTTP/1.1\r\nX: ".as_slice(), &[b'x'; 100_000]].concat();
    let many = [b"GET / HTTP/1.1\r\n".to_vec(), b"A: b\r\n".repeat(200), b"\r\n".to_vec()].concat();
    for (input, status) in [
        (b"\x00\x01\x02garbage\r\n\r\n".to_vec(), Some(400)),
        (b"GET / HTTP/9.9\r\n\r\n".to_vec(), Some(400)),
        (b"GET /\x00 HTTP/1.1\r\n\r\n".to_vec(), Some(400)),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n".to_vec(), Some(400)),
        (b"POST /publish HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_vec(), Some(400)),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), None),
        (huge, Some(431)),
        (many, Some(431)),
        (b"GET /sse HTT".to_vec(), None),
        (b"POST /publish HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhalf".to_vec(), Some(403)),
        (vec![], None),
    ] {
        let mut client = Client::connect(&server, Transport::Polling).await;
        let shown = String::from_utf8_lossy(&input[..input.len().min(60)]).into_owned();
        // The server may answer and close before it has read everything.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut client.socket, &input).await;
        if let Some(status) = status {
            assert_eq!(client.head().await.status, status, "{shown:?}");
        }
        drop(client);
        let mut poller = Client::open(&server, Transport::Polling, None).await;
        let newest = poller.at.unwrap().seq;
        let texts = publish(&server, 1);
        poller.expect(&texts, newest + 1, false).await;
    }
    server.ledger().all_closed().await;
    assert_eq!(server.ledger().accounts().len(), 22);
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_a_row() {
    let server = server(Scenario::default());
    publish(&server, 2);
    let mut client = Client::connect(&server, Transport::Polling).await;
    let request = b"GET /polling?cursor=a3f2-1 HTTP/1.1\r\nHost: test\r\n\r\n";
    client.send(&request.repeat(5)).await;
    for _ in 0..5 {
        let head = client.head().await;
        assert!(client.sized_body(&head).await.starts_with(b"[{"));
    }
    assert_eq!(client.reading, None::<Reading>);
}
