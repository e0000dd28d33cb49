//! A connection for each request, as a bare socket at the other end sees it.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use feedbench_loadgen::cell;
use feedbench_record::scenario::{ClientKind, ConnectionPolicy};
use feedbench_record::{Scenario, Transport};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadOrder, LoadPlan};
use feedbench_wire::headers::Profile;

/// Longer than anything here takes: a test that waits for what never comes fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

type Orders = tokio::sync::mpsc::UnboundedSender<LoadOrder>;

/// Starts one client that asks `listener` until the orders are dropped, or it gives up.
fn client(
    listener: &TcpListener,
    transport: Transport,
    kind: ClientKind,
    connection: ConnectionPolicy,
) -> (Orders, JoinHandle<anyhow::Result<()>>) {
    let target = listener.local_addr().unwrap();
    let plan = LoadPlan {
        target,
        host: target.to_string(),
        transport,
        scenario: Scenario {
            clients: 1,
            client: kind,
            interval_ms: 20,
            hold_ms: 20,
            connection,
            ..Scenario::default()
        },
        headers: Profile::built_in("chromium").unwrap(),
        cores: vec![],
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: true,
        tls: None,
    };
    let (orders, received) = tokio::sync::mpsc::unbounded_channel();
    orders.send(LoadOrder::Connect).unwrap();
    (orders, std::thread::spawn(move || cell::run(plan, Clock::Monotonic, received, |_| {}, None)))
}

/// Answers the one request of a connection and closes first. Gives the request's head.
fn answer(socket: &mut TcpStream, version: &str) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    write!(socket, "HTTP/{version} 200 OK\r\nfeed-cursor: a3f2-0\r\ncontent-length: 2\r\n\r\n[]").unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    String::from_utf8(head).unwrap()
}

#[test]
fn each_request_says_what_is_to_happen_to_its_connection_and_the_client_closes_after_the_server() {
    let close: fn(&str) -> bool = |head| head.contains(" HTTP/1.1\r\n") && head.contains("\r\nConnection: close\r\n");
    let old: fn(&str) -> bool = |head| {
        let line = head.lines().next().unwrap();
        line.starts_with("GET /") && line.ends_with(" HTTP/1.0") && !head.to_lowercase().contains("\r\nconnection")
    };
    // Kept to the end: a client that still comes back must not meet the listener of another one on the same port.
    let mut listeners = Vec::new();
    for (policy, version, says) in [(ConnectionPolicy::Close, "1.1", close), (ConnectionPolicy::Http10, "1.0", old)] {
        let transports = [Transport::Polling, Transport::LongPolling].into_iter();
        for (transport, kind) in transports.flat_map(|transport| ClientKind::ALL.map(|kind| (transport, kind))) {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let (orders, _cell) = client(&listener, transport, kind, policy);
            let mut clients: Vec<SocketAddr> = Vec::new();
            for nth in 0..8 {
                let (mut socket, client) = listener.accept().unwrap();
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                let head = answer(&mut socket, version);
                assert!(says(&head), "{policy} {transport}: {head}");
                assert_eq!(
                    head.contains("cursor="),
                    nth > 0,
                    "the place is kept from connection to connection: {head}"
                );
                let rest = socket.read(&mut [0]);
                assert_eq!(rest.unwrap(), 0, "{policy} {transport}: its FIN, and no reset");
                clients.push(client);
            }
            drop(orders);
            listeners.push(listener);
            let first = clients[0];
            assert!(clients[1..].iter().all(|client| *client != first), "{clients:?}");
        }
    }
}

#[test]
fn a_server_that_closes_without_an_answer_is_no_planned_end() {
    for kind in ClientKind::ALL {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (_orders, cell) = client(&listener, Transport::Polling, kind, ConnectionPolicy::Close);
        std::thread::spawn(move || {
            for mut socket in listener.incoming().map_while(Result::ok) {
                let _request = socket.read(&mut [0; 4096]);
            }
        });
        let why = cell.join().unwrap().unwrap_err().to_string();
        assert!(why.contains("closed-early"), "{kind}: {why}");
    }
}
