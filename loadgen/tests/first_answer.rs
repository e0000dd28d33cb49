//! The first answer of a poll names the position after it, and may bring events that were published meanwhile.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use feedbench_loadgen::cell;
use feedbench_record::run::Window;
use feedbench_record::scenario::ClientKind;
use feedbench_record::{Scenario, Transport};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, Timeline};
use feedbench_wire::event::{self, Data};
use feedbench_wire::headers::Profile;

/// Answers the first request with an event and the position after it, all others with nothing, until the client leaves.
fn serve(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut first = Vec::new();
    event::encode(7, Clock::Monotonic.now_us(), Data::Text("published while the request was read"), &mut first);
    let first = format!("[{}]", String::from_utf8(first).unwrap());
    loop {
        let mut request = [0; 4096];
        let n = socket.read(&mut request)?;
        if n == 0 {
            return Ok(());
        }
        let new = !request[..n].windows(7).any(|bytes| bytes == b"cursor=");
        let (field, body) = if new { ("feed-cursor: a3f2-7\r\n", first.as_str()) } else { ("", "[]") };
        write!(socket, "HTTP/1.1 200 OK\r\n{field}content-length: {}\r\n\r\n{body}", body.len())?;
    }
}

#[test]
fn an_event_that_comes_with_the_first_answer_is_new() {
    let pairs = ClientKind::ALL.into_iter().flat_map(|client| {
        [Transport::Polling, Transport::LongPolling].into_iter().map(move |transport| (client, transport))
    });
    for (client, transport) in pairs {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        std::thread::spawn(move || serve(&mut listener.accept().unwrap().0));
        let plan = LoadPlan {
            target,
            host: target.to_string(),
            transport,
            scenario: Scenario { clients: 1, client, interval_ms: 20, ..Scenario::default() },
            headers: Profile::default(),
            cores: vec![],
            latency_absent: None,
            clock_ahead_us: 0,
            server_ends_feed: false,
            tls: None,
        };
        let (orders, received) = tokio::sync::mpsc::unbounded_channel();
        let start_us = Clock::Monotonic.now_us() + 100_000;
        let window = Window { start_us, end_us: start_us + 50_000 };
        orders.send(LoadOrder::Connect).unwrap();
        orders
            .send(LoadOrder::StartAt(Timeline { idle_us: start_us, start_us, window, end_us: window.end_us }))
            .unwrap();
        let (answers, results) = std::sync::mpsc::channel();
        cell::run(plan, Clock::Monotonic, received, move |answer| answers.send(answer).unwrap(), None).unwrap();
        let result = results.into_iter().find_map(|answer| match answer {
            LoadAnswer::Result(result) => Some(result),
            _ => None,
        });
        let result = result.unwrap();
        assert_eq!((result.delivered, result.duplicated, result.skipped), (1, 0, 0), "{transport}");
        assert!(result.polls.unwrap().total > 1, "{transport}: the position was taken over");
    }
}
