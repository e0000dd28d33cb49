//! HTTP/2 against the real server: every transport delivers what it delivers on HTTP/1.1, by either kind of client, alone on
//! a connection or with others.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::time::Duration;

use feedbench_loadgen::cell;
use feedbench_record::agreement::{Agreement, agree};
use feedbench_record::run::Window;
use feedbench_record::scenario::{ClientKind, Compression, Protocol, Recycle};
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::By;
use feedbench_server::{Config, Server};
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, LoadResult, Timeline};
use feedbench_wire::event::Data;
use feedbench_wire::h2::frame::{FrameHeader, FrameKind};
use feedbench_wire::headers::Profile;
use feedbench_wire::io::tls::{Acceptor, Identity, Trust};
use feedbench_wire::{Clock, sys};
use tokio::sync::mpsc;

/// Longer than anything here takes: a test that waits for what never comes fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);
const CLIENTS: u32 = 7;
const EVENTS: u64 = 20;

/// A cell of seven clients that get twenty events, until the server ends the feed.
async fn run(transport: Transport, scenario: Scenario, headers: &str) -> (LoadResult, Agreement) {
    let scenario = Scenario { clients: CLIENTS, interval_ms: 20, ..scenario };
    let (identity, trust) = certificate();
    let acceptor = scenario.tls.then(|| Acceptor::new(&identity, false).unwrap());
    let server = Server::bind(&Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        scenario: scenario.clone(),
        headers: Profile::default(),
        epoch: 0xa3f2,
        allow_publish: false,
        connections_max: 100,
        clock: Clock::Monotonic,
        tls: acceptor,
        transcript: None,
        classroom: None,
    })
    .unwrap();
    let plan = LoadPlan {
        target: server.address(),
        host: server.address().to_string(),
        transport,
        tls: scenario.tls.then_some(trust),
        scenario,
        headers: Profile::built_in(headers).unwrap(),
        cores: vec![],
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: true,
    };
    let (orders, received) = mpsc::unbounded_channel();
    let (tell, mut answers) = mpsc::unbounded_channel();
    let start_us = Clock::Monotonic.now_us();
    let timeline = |end_us| Timeline { idle_us: start_us, start_us, window: Window { start_us, end_us }, end_us };
    orders.send(LoadOrder::Connect).unwrap();
    orders.send(LoadOrder::StartAt(timeline(start_us + 600_000_000))).unwrap();
    let tell = move |answer| drop(tell.send(answer));
    let load = std::thread::spawn(move || cell::run(plan, Clock::Monotonic, received, tell, None));
    let mut connected = false;
    let mut ended = false;
    let follow = async {
        while let Some(answer) = answers.recv().await {
            match answer {
                LoadAnswer::Connected => {
                    connected = true;
                    for n in 0..EVENTS {
                        let text = format!("event {n} \u{fc}ber HTTP/2");
                        let topic = &server.feed().topics()[0];
                        topic.publish(By::Program, Clock::Monotonic.now_us(), Data::Text(&text)).unwrap();
                        tokio::time::sleep(Duration::from_millis(3)).await;
                    }
                }
                LoadAnswer::Progress { delivered, .. } if !ended && delivered == EVENTS * u64::from(CLIENTS) => {
                    ended = true;
                    orders.send(LoadOrder::Stop(timeline(Clock::Monotonic.now_us()))).unwrap();
                    // The clients know before the server ends it.
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    server.end().await;
                }
                LoadAnswer::Result(result) => return Some(*result),
                _ => {}
            }
        }
        None
    };
    let result = tokio::time::timeout(PATIENCE, follow).await.expect("the cell ends");
    load.join().unwrap().unwrap();
    assert!(connected);
    let result = result.unwrap();
    let agreement = agree(&result.connections, Some(&server.ledger().accounts()));
    assert_eq!(result.bytes.ledger, Some(server.ledger().layers()), "both ends' bytes by layer");
    (result, agreement)
}

/// Who a server of this machine is, and how a client knows it.
fn certificate() -> (Identity, Trust) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificates = made.cert.pem();
    let trust = Trust { certificates: certificates.clone(), name: "127.0.0.1".to_owned() };
    (Identity { certificates, key: made.signing_key.serialize_pem() }, trust)
}

/// Everything was delivered once, by so many connections, on which both ends and their kernels agree.
fn assert_complete(what: &str, connections: u32, (result, agreement): &(LoadResult, Agreement)) {
    let fates = (result.delivered, result.duplicated, result.skipped, result.reordered, result.malformed);
    assert_eq!(fates, (EVENTS * u64::from(CLIENTS), 0, 0, 0, 0), "{what}: {:?}", result.errors);
    assert!(result.errors.is_empty() && result.reconnects == 0, "{what}: {:?}", result.errors);
    assert_eq!(result.connections.len() as u32, connections, "{what}");
    assert_eq!(result.connect_time.count(), u64::from(connections), "{what}: once for each connection");
    let against = (agreement.differences, agreement.excluded, agreement.unclassified);
    assert_eq!(against, (0, 0, 0), "{what}: {agreement:?}");
    assert_eq!(agreement.compared, u64::from(connections), "{what}: {agreement:?}");
}

/// Connections of clients that share one with their neighbours in their worker.
fn connections(clients_each: u32) -> u32 {
    let workers = (sys::cores::allowed().len() as u32).clamp(1, CLIENTS);
    (0..workers).map(|worker| (CLIENTS - worker).div_ceil(workers).div_ceil(clients_each)).sum()
}

async fn every_way(transport: Transport) {
    for client in ClientKind::ALL {
        let plain = run(transport, Scenario { client, ..Scenario::default() }, "minimal").await;
        assert_complete(&format!("{transport} {client} HTTP/1.1"), CLIENTS, &plain);
        for (clients_per_connection, headers) in [(1, "chromium"), (3, "firefox")] {
            let scenario =
                Scenario { client, protocol: Protocol::Http2, clients_per_connection, ..Scenario::default() };
            let done = run(transport, scenario, headers).await;
            let what = format!("{transport} {client} HTTP/2 by {clients_per_connection}");
            assert_complete(&what, connections(clients_per_connection), &done);
            assert_eq!(done.0.payload_down, plain.0.payload_down, "{what}: the same events");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_delivers_the_same_over_both_protocols() {
    every_way(Transport::Polling).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_polling_delivers_the_same_over_both_protocols() {
    every_way(Transport::LongPolling).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn iframe_streaming_delivers_the_same_over_both_protocols() {
    every_way(Transport::IframeStreaming).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_sent_events_deliver_the_same_over_both_protocols() {
    every_way(Transport::Sse).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fetch_streaming_delivers_the_same_over_both_protocols() {
    every_way(Transport::FetchStreaming).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn websocket_delivers_the_same_over_both_protocols() {
    every_way(Transport::WebSocket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_ended_by_the_server_is_taken_up_again_on_its_connection() {
    for client in ClientKind::ALL {
        for clients_per_connection in [1, 3] {
            let recycle = Some(Recycle::Bytes(500));
            let protocol = Protocol::Http2;
            let scenario = Scenario { client, protocol, clients_per_connection, recycle, ..Scenario::default() };
            let done = run(Transport::Sse, scenario, "chromium").await;
            assert_complete(
                &format!("{client} by {clients_per_connection}"),
                connections(clients_per_connection),
                &done,
            );
            assert!(done.0.recycles > 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_tls_it_is_the_same() {
    for (transport, clients_per_connection) in [(Transport::Polling, 1), (Transport::Sse, 3), (Transport::WebSocket, 3)]
    {
        for client in ClientKind::ALL {
            let (protocol, tls) = (Protocol::Http2, true);
            let scenario = Scenario { client, protocol, clients_per_connection, tls, ..Scenario::default() };
            let done = run(transport, scenario, "chromium").await;
            assert_complete(&format!("{transport} {client} TLS"), connections(clients_per_connection), &done);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_compressed_is_read_over_http_2() {
    for (transport, client) in [
        (Transport::Polling, ClientKind::Lean),
        (Transport::LongPolling, ClientKind::Reference),
        (Transport::Sse, ClientKind::Lean),
        (Transport::FetchStreaming, ClientKind::Reference),
        (Transport::WebSocket, ClientKind::Lean),
    ] {
        let (protocol, compression) = (Protocol::Http2, Compression::PerEvent);
        let scenario = Scenario { client, protocol, compression, ..Scenario::default() };
        let done = run(transport, scenario, "chromium").await;
        assert_complete(&format!("{transport} {client} compressed"), CLIENTS, &done);
        let compressed = done.0.bytes.ledger.unwrap().compressed;
        assert!(compressed.before > 0 && compressed.after > 0, "{transport} {client}: {compressed:?}");
    }
}

/// Answers the first request of everybody who comes with this.
fn server_that_says(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            // Preface, SETTINGS and WINDOW_UPDATE are 58 bytes at least; the request's HEADERS follow.
            let mut read = 0;
            while read < 80 {
                match socket.read(&mut [0; 4_096]) {
                    Ok(n @ 1..) => read += n,
                    _ => break,
                }
            }
            let _ = socket.write_all(&answer);
            let _ = socket.shutdown(Shutdown::Write);
            while socket.read(&mut [0; 4_096]).is_ok_and(|n| n > 0) {}
        }
    });
    address
}

fn frame(kind: FrameKind, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    FrameHeader { payload_bytes: payload.len() as u32, kind, flags: 0, stream }.encode(&mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}

#[test]
fn an_error_of_the_server_is_known_by_its_kind() {
    let settings = frame(FrameKind::Settings, 0, b"");
    let goaway = frame(FrameKind::GoAway, 0, &[0, 0, 0, 0, 0, 0, 0, 0xb]);
    let refused = frame(FrameKind::RstStream, 1, &[0, 0, 0, 7]);
    for (answer, kind) in [
        ([settings.clone(), goaway].concat(), "goaway-enhance-your-calm"),
        ([settings.clone(), refused].concat(), "stream-refused"),
        (settings, "closed-early"),
    ] {
        for client in ClientKind::ALL {
            let target = server_that_says(answer.clone());
            let plan = LoadPlan {
                target,
                host: target.to_string(),
                transport: Transport::Polling,
                scenario: Scenario { clients: 1, client, protocol: Protocol::Http2, ..Scenario::default() },
                headers: Profile::default(),
                cores: vec![],
                latency_absent: None,
                clock_ahead_us: 0,
                server_ends_feed: true,
                tls: None,
            };
            let (orders, received) = mpsc::unbounded_channel();
            orders.send(LoadOrder::Connect).unwrap();
            let why = cell::run(plan, Clock::Monotonic, received, |_| {}, None).unwrap_err().to_string();
            assert!(why.contains(kind), "{client} instead of {kind}: {why}");
        }
    }
}
