//! A poll interval of 0: the next request leaves when the answer is in, and no instant is planned, late or skipped.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use feedbench_loadgen::cell;
use feedbench_record::run::Window;
use feedbench_record::scenario::ClientKind;
use feedbench_record::{Scenario, Transport};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, LoadResult, Timeline};
use feedbench_wire::headers::Profile;

/// So slow that every grid of milliseconds would have instants to skip.
const ANSWER_TAKES: Duration = Duration::from_millis(5);

/// Answers each request with nothing until the client leaves. Gives how many it answered.
fn serve(socket: &mut TcpStream) -> u64 {
    let mut answered = 0;
    loop {
        let mut request = [0; 4096];
        let n = socket.read(&mut request).unwrap();
        if n == 0 {
            return answered;
        }
        let heads = request[..n].windows(4).filter(|bytes| *bytes == b"\r\n\r\n").count();
        assert_eq!(heads, 1, "one request under way");
        std::thread::sleep(ANSWER_TAKES);
        socket.set_nonblocking(true).unwrap();
        // Nothing has come, or the client's end.
        assert!(!matches!(socket.peek(&mut [0]), Ok(1)), "the next request waits for the answer to this one");
        socket.set_nonblocking(false).unwrap();
        let field = if answered == 0 { "feed-cursor: a3f2-0\r\n" } else { "" };
        write!(socket, "HTTP/1.1 200 OK\r\n{field}content-length: 2\r\n\r\n[]").unwrap();
        answered += 1;
    }
}

/// A cell that the clients leave by themselves.
fn load(target: std::net::SocketAddr, client: ClientKind) -> LoadResult {
    let plan = LoadPlan {
        target,
        host: target.to_string(),
        transport: Transport::Polling,
        scenario: Scenario { clients: 1, client, interval_ms: 0, ..Scenario::default() },
        headers: Profile::default(),
        cores: vec![],
        latency_absent: Some("closed".to_owned()),
        clock_ahead_us: 0,
        server_ends_feed: false,
        tls: None,
    };
    let (orders, received) = tokio::sync::mpsc::unbounded_channel();
    let start_us = Clock::Monotonic.now_us() + 100_000;
    let window = Window { start_us, end_us: start_us + 300_000 };
    orders.send(LoadOrder::Connect).unwrap();
    let timeline = Timeline { idle_us: start_us, start_us, window, end_us: window.end_us };
    orders.send(LoadOrder::StartAt(timeline)).unwrap();
    let (answers, results) = std::sync::mpsc::channel();
    cell::run(plan, Clock::Monotonic, received, move |answer| answers.send(answer).unwrap(), None).unwrap();
    let result = results.into_iter().find_map(|answer| match answer {
        LoadAnswer::Result(result) => Some(*result),
        _ => None,
    });
    result.unwrap()
}

#[test]
fn every_answer_brings_the_next_request_and_nothing_is_late_or_skipped() {
    for client in ClientKind::ALL {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let mut socket = listener.accept().unwrap().0;
            socket.set_nodelay(true).unwrap();
            serve(&mut socket)
        });
        let result = load(target, client);
        let answered = server.join().unwrap();
        let polls = result.polls.unwrap();
        // The last answer may come while the client is leaving.
        assert!(polls.total > 1 && answered - polls.total <= 1, "{client}: {polls:?} of {answered}");
        assert_eq!((polls.skipped, polls.empty), (0, polls.total), "{client}");
        assert!(result.poll_lateness.is_none() && result.delivery_latency.is_none(), "{client}");
        assert!(result.errors.is_empty() && result.reconnects == 0, "{client}: {:?}", result.errors);
    }
}
