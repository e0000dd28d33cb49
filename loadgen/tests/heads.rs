//! The heads that really leave: between the load generator and a real server, a relay that keeps a copy of all bytes.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use feedbench_loadgen::cell;
use feedbench_record::run::Window;
use feedbench_record::scenario::{ClientKind, ConnectionPolicy, Recycle};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::{Config, Server};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadOrder, LoadPlan, Timeline};
use feedbench_wire::headers::{Ask, Profile, Scheme, cookie};
use feedbench_wire::reader::head;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Longer than anything here takes: a test that waits for what never comes fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one connection carried.
#[derive(Default)]
struct Overheard {
    up: Vec<u8>,
    down: Vec<u8>,
}

type Relayed = Arc<Mutex<Vec<Overheard>>>;

/// A listener whose connections are relayed to `server`, and overheard.
async fn relay(server: SocketAddr) -> (SocketAddr, Relayed) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let relayed = Relayed::default();
    let keep = Arc::clone(&relayed);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(server).await.unwrap();
            let index = {
                let mut all = keep.lock().unwrap();
                all.push(Overheard::default());
                all.len() - 1
            };
            let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
            let (up, down) = (Arc::clone(&keep), Arc::clone(&keep));
            let note_up = move |bytes: &[u8]| up.lock().unwrap()[index].up.extend_from_slice(bytes);
            let note_down = move |bytes: &[u8]| down.lock().unwrap()[index].down.extend_from_slice(bytes);
            tokio::spawn(copy(near_read, far_write, note_up));
            tokio::spawn(copy(far_read, near_write, note_down));
        }
    });
    (address, relayed)
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut note: impl FnMut(&[u8])) {
    let mut bytes = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut bytes).await {
        note(&bytes[..n]);
        if to.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

/// The request heads and the answers' heads of one client.
struct Heads {
    /// What the `Host` field should say.
    host: String,
    sent: Vec<String>,
    answered: Vec<String>,
    connections: usize,
}

/// Lets one client ask until so many requests were answered.
async fn overhear(transport: Transport, headers: Profile, scenario: Scenario, heads: usize) -> Heads {
    let server = Server::bind(&Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        scenario: scenario.clone(),
        headers: headers.clone(),
        epoch: 0xa3f2,
        allow_publish: false,
        connections_max: 100,
        clock: Clock::Monotonic,
        tls: None,
        transcript: None,
        classroom: None,
    })
    .unwrap();
    let (target, relayed) = relay(server.address()).await;
    let plan = LoadPlan {
        target,
        host: target.to_string(),
        transport,
        scenario,
        headers,
        cores: vec![],
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: false,
        tls: None,
    };
    let (orders, received) = tokio::sync::mpsc::unbounded_channel();
    orders.send(LoadOrder::Connect).unwrap();
    let client = std::thread::spawn(move || cell::run(plan, Clock::Monotonic, received, |_| {}, None));
    let enough = async {
        loop {
            let seen = look(&target, &relayed.lock().unwrap());
            if seen.sent.len() >= heads && seen.answered.len() >= heads {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, enough).await.expect("the client asks and is answered");
    // The cell is over now, and waited for with its workers: a client that outlives its relay would come back to the same
    // port, which may by then be the relay of another test.
    let now_us = Clock::Monotonic.now_us();
    let window = Window { start_us: now_us, end_us: now_us };
    orders.send(LoadOrder::StartAt(Timeline { idle_us: now_us, start_us: now_us, window, end_us: now_us })).unwrap();
    let ended = async {
        while !client.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("a cell that is over ends");
    client.join().unwrap().unwrap();
    seen
}

fn look(target: &SocketAddr, all: &[Overheard]) -> Heads {
    Heads {
        host: target.to_string(),
        sent: all.iter().flat_map(|one| requests(&one.up)).collect(),
        answered: all.iter().flat_map(|one| answers(&one.down)).collect(),
        connections: all.len(),
    }
}

/// The request heads in a stream of bytes without bodies (and, after a handshake, with masked frames).
fn requests(up: &[u8]) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut reader, mut rest) = (head::Reader::default(), up);
    while let Ok(Some(request)) = reader.request(&mut rest) {
        heads.push(String::from_utf8(request.head.bytes().to_vec()).unwrap());
    }
    heads
}

/// The answers' heads. A body of this server never looks like a start line.
fn answers(down: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(down);
    let heads = text.match_indices("HTTP/1.").filter_map(|(at, _)| {
        let length = text[at..].find("\r\n\r\n")?;
        Some(text[at..at + length + 4].to_owned())
    });
    heads.collect()
}

/// The head that a browser sent, by its name.
fn captured(profile: &str, name: &str) -> String {
    let text = match profile {
        "chromium" => include_str!("../../server/wire/tests/headers/chromium.txt"),
        "chromium-plain" => include_str!("../../server/wire/tests/headers/chromium-plain.txt"),
        "firefox" => include_str!("../../server/wire/tests/headers/firefox.txt"),
        "firefox-plain" => include_str!("../../server/wire/tests/headers/firefox-plain.txt"),
        other => panic!("there is no capture of {other}"),
    };
    let of_name =
        |part: &&str| part.lines().next().and_then(|title| title.rsplit_once(' ')).is_some_and(|t| t.0 == name);
    let (title, rest) = text.split("===== ").find(of_name).unwrap().split_once('\n').unwrap();
    rest[..title.rsplit(' ').next().unwrap().parse().unwrap()].to_owned()
}

fn capture_of(transport: Transport) -> &'static str {
    match transport {
        Transport::Polling => "fetch-poll",
        Transport::LongPolling => "fetch-longpoll",
        Transport::IframeStreaming => "iframe-hidden",
        Transport::Sse => "eventsource",
        Transport::FetchStreaming => "fetch-stream",
        Transport::WebSocket => "websocket-short",
    }
}

/// The value of a field whose name is written just so.
fn value_of<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn target_of(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

/// The captured head with those values replaced that must be others in a run.
fn with_differences(captured: &str, sent: &str, host: &str, cookie: &str) -> String {
    let replaced = captured.replace(value_of(captured, "Host").unwrap(), host);
    let mut expected = replaced.replacen(target_of(captured), target_of(sent), 1);
    let own = |name| value_of(sent, name).unwrap_or_default();
    for (name, ours) in [("Sec-WebSocket-Key", own("Sec-WebSocket-Key")), ("Last-Event-ID", own("Last-Event-ID"))] {
        if let Some(theirs) = value_of(captured, name) {
            expected = expected.replace(&format!("{name}: {theirs}"), &format!("{name}: {ours}"));
        }
    }
    match value_of(captured, "Cookie") {
        Some(theirs) => expected.replace(theirs, cookie),
        None => expected,
    }
}

/// The length of the captured head and what target, host (again in a referer or an origin), id and cookie add to it.
fn computed_length(captured: &str, sent: &str, host: &str, cookie_bytes: u32) -> i64 {
    let theirs = value_of(captured, "Host").unwrap();
    let hosts = captured.matches(theirs).count() as i64;
    let id = |head| value_of(head, "Last-Event-ID").map_or(0, str::len) as i64;
    captured.len() as i64 + target_of(sent).len() as i64 - target_of(captured).len() as i64
        + hosts * (host.len() as i64 - theirs.len() as i64)
        + (id(sent) - id(captured))
        + (i64::from(cookie_bytes) - value_of(captured, "Cookie").map_or(0, str::len) as i64)
}

/// Polls often, and is sent away from a stream at once, so that a second head follows soon.
fn scenario(cookie_bytes: u32) -> Scenario {
    Scenario {
        clients: 1,
        interval_ms: 20,
        hold_ms: 20,
        heartbeat_ms: 10,
        recycle: Some(Recycle::Bytes(1)),
        cookie_bytes,
        ..Scenario::default()
    }
}

/// Every pair.
fn product<A: Copy, B: Copy>(first: &[A], second: &[B]) -> Vec<(A, B)> {
    first.iter().flat_map(|&a| second.iter().map(move |&b| (a, b))).collect()
}

/// A WebSocket has one head; everything else asks again.
fn heads_of(transport: Transport) -> usize {
    if transport == Transport::WebSocket { 1 } else { 3 }
}

#[tokio::test]
async fn what_leaves_is_what_was_captured_but_for_target_host_cookie_id_and_key() {
    for profile in ["chromium", "chromium-plain", "firefox", "firefox-plain"] {
        for transport in Transport::ALL {
            for (client, cookie_bytes) in product(&ClientKind::ALL, &[0, 500, 77]) {
                let headers = Profile::built_in(profile).unwrap();
                let scenario = Scenario { client, ..scenario(cookie_bytes) };
                let heads = overhear(transport, headers, scenario, heads_of(transport)).await;
                for sent in &heads.sent {
                    let again = if sent.contains("Last-Event-ID") { " again" } else { "" };
                    let with_cookie = if cookie_bytes > 0 { "+c500" } else { "" };
                    let captured = captured(profile, &format!("{}{with_cookie}{again}", capture_of(transport)));
                    let cookie = cookie(cookie_bytes).unwrap_or_default();
                    assert_eq!(sent, &with_differences(&captured, sent, &heads.host, &cookie), "{profile} {transport}");
                    let length = computed_length(&captured, sent, &heads.host, cookie_bytes);
                    assert_eq!(sent.len() as i64, length, "{profile} {transport}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_event_source_that_comes_back_tells_its_place_in_the_captured_place() {
    let heads = overhear(Transport::Sse, Profile::built_in("firefox").unwrap(), scenario(0), 3).await;
    assert!(!heads.sent[0].contains("Last-Event-ID"));
    let second = &heads.sent[1];
    assert!(second.contains("zstd\r\nLast-Event-ID: a3f2-0\r\nConnection: keep-alive\r\n"), "{second}");
}

#[tokio::test]
async fn without_a_profile_what_leaves_is_what_the_protocol_requires() {
    for (client, transport) in product(&ClientKind::ALL, &Transport::ALL) {
        let scenario = Scenario { client, ..scenario(0) };
        let heads = overhear(transport, Profile::default(), scenario, heads_of(transport)).await;
        for sent in &heads.sent {
            let (line, host) = (format!("GET {} HTTP/1.1\r\n", target_of(sent)), &heads.host);
            let expected = match (value_of(sent, "last-event-id"), value_of(sent, "Sec-WebSocket-Key")) {
                (None, None) => format!("{line}host: {host}\r\n\r\n"),
                (Some(id), _) => format!("{line}host: {host}\r\nlast-event-id: {id}\r\n\r\n"),
                (_, Some(key)) => format!(
                    "{line}Host: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: {key}\r\n\r\n"
                ),
            };
            assert_eq!(sent, &expected, "{transport}");
        }
    }
}

#[tokio::test]
async fn the_pair_of_the_article_travels_in_both_directions() {
    for cookie_bytes in [0, 100] {
        let profile = Profile::built_in("lubbers-2009").unwrap();
        let heads = overhear(Transport::Polling, profile, scenario(cookie_bytes), 3).await;
        for sent in &heads.sent {
            let target = target_of(sent).len() as i64 - "/PollingStock//PollingStock".len() as i64;
            let host = heads.host.len() as i64 - "localhost:8080".len() as i64;
            let cookie = if cookie_bytes == 0 { 0 } else { i64::from(cookie_bytes) - 274 };
            assert_eq!(sent.len() as i64, 716 + target + host + cookie, "{sent}");
        }
        // The first answer names the client's place, too. Nothing is published: the body is `[]`.
        let answered: Vec<_> = heads.answered.iter().filter(|answer| !answer.contains("Feed-Cursor")).collect();
        assert!(!answered.is_empty());
        for answer in answered {
            assert_eq!(answer.len(), 193 - 1, "a length of one digit: {answer}");
        }
    }
}

#[tokio::test]
async fn every_transport_of_every_profile_sends_the_head_that_the_profile_computes() {
    for profile in Profile::names() {
        let headers = Profile::built_in(profile).unwrap();
        for (client, transport) in product(&ClientKind::ALL, &Transport::ALL) {
            let scenario = Scenario { client, ..scenario(40) };
            let heads = overhear(transport, headers.clone(), scenario, heads_of(transport)).await;
            for sent in &heads.sent {
                let field = |name: &str| {
                    let of_name = |line: &&str| line.to_lowercase().starts_with(&format!("{name}: "));
                    sent.lines().find(of_name).map(|line| line[name.len() + 2..].to_owned())
                };
                let (cookie, id, key) = (cookie(40), field("last-event-id"), field("sec-websocket-key"));
                let computed = headers.head(&Ask {
                    transport,
                    target: target_of(sent),
                    scheme: Scheme::Http,
                    host: &heads.host,
                    connection: ConnectionPolicy::KeepAlive,
                    cookie: cookie.as_deref(),
                    last_event_id: id.as_deref(),
                    key: key.as_deref(),
                });
                assert_eq!(sent.as_bytes(), computed, "{profile} {transport} {client}");
            }
            if transport.manner() != Manner::Pushed {
                assert_eq!(heads.connections, 1, "one connection carries every poll");
            }
        }
    }
}
