//! Both kinds of client against the real server: compressed or not, the same events come, and both ends agree on every byte.
#![allow(clippy::unwrap_used)]

use std::sync::mpsc;
use std::time::Duration;

use feedbench_loadgen::cell;
use feedbench_record::ledger::{Ledger, Way};
use feedbench_record::run::Window;
use feedbench_record::scenario::{ClientKind, Compression, Recycle};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::By;
use feedbench_server::{Config, Server};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, LoadResult, Timeline};
use feedbench_wire::event::Data;
use feedbench_wire::headers::Profile;
use tokio::sync::oneshot;

const CLIENTS: u32 = 3;
/// Events that each client gets.
const EVENTS: u64 = 12;
/// How long nothing is said after half of them: long enough for heartbeats and for polls without news.
const SILENCE: Duration = Duration::from_millis(90);

/// What a cell came to at both ends: of the server, its ledger and whether the kernel counted the same for every connection.
struct Outcome {
    load: LoadResult,
    server: Ledger,
    agrees: bool,
}

/// Serves on a port that it tells, publishes when it is told to, and ends.
fn serve(
    scenario: Scenario,
    address: &mpsc::Sender<std::net::SocketAddr>,
    go: oneshot::Receiver<()>,
) -> (Ledger, bool) {
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        scenario,
        headers: Profile::default(),
        epoch: 0xa3f2,
        allow_publish: false,
        connections_max: 100,
        clock: Clock::Monotonic,
        transcript: None,
        classroom: None,
        tls: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::bind(&config).unwrap();
        address.send(server.address()).unwrap();
        go.await.unwrap();
        for n in 0..EVENTS {
            let text = "an event that resembles the others".repeat(n as usize % 3 + 1);
            server.feed().topics()[0].publish(By::Program, Clock::Monotonic.now_us(), Data::Text(&text)).unwrap();
            let pause = if n == EVENTS / 2 { SILENCE } else { Duration::from_millis(4) };
            tokio::time::sleep(pause).await;
        }
        // Polls fetch the last events.
        tokio::time::sleep(SILENCE).await;
        server.end().await;
        let accounts = server.ledger().accounts();
        let agrees = accounts.iter().all(|account| {
            account.clean
                && account.kernel_read == Some(account.read)
                && account.kernel_written == Some(account.written)
        });
        (server.ledger().layers(), agrees)
    })
}

fn run(transport: Transport, client: ClientKind, scenario: &Scenario) -> Outcome {
    let scenario =
        Scenario { clients: CLIENTS, client, interval_ms: 20, hold_ms: 40, heartbeat_ms: 30, ..scenario.clone() };
    let (told, address) = mpsc::channel();
    let (go, gone) = oneshot::channel();
    let of_server = scenario.clone();
    let serving = std::thread::spawn(move || serve(of_server, &told, gone));
    let target = address.recv().unwrap();
    let plan = LoadPlan {
        target,
        host: target.to_string(),
        transport,
        scenario,
        headers: Profile::default(),
        cores: vec![],
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: true,
        tls: None,
    };
    let (orders, received) = tokio::sync::mpsc::unbounded_channel();
    orders.send(LoadOrder::Connect).unwrap();
    let (answer_to, answers) = mpsc::channel();
    let running = std::thread::spawn(move || {
        cell::run(plan, Clock::Monotonic, received, move |answer| answer_to.send(answer).unwrap(), None)
    });
    let (mut go, mut load) = (Some(go), None);
    for answer in answers {
        match answer {
            LoadAnswer::Connected => go.take().into_iter().for_each(|go| go.send(()).unwrap()),
            LoadAnswer::Progress { delivered, .. } if delivered == EVENTS * u64::from(CLIENTS) => {
                // Everything has come: the feed ends now.
                let end_us = Clock::Monotonic.now_us();
                let window = Window { start_us: end_us, end_us };
                let _ = orders.send(LoadOrder::StartAt(Timeline { idle_us: end_us, start_us: end_us, window, end_us }));
            }
            LoadAnswer::Result(found) => load = Some(*found),
            LoadAnswer::Failed(why) => panic!("{transport} {client}: {why}"),
            LoadAnswer::Ready | LoadAnswer::Progress { .. } => {}
        }
    }
    running.join().unwrap().unwrap();
    let (server, agrees) = serving.join().unwrap();
    Outcome { load: load.unwrap(), server, agrees }
}

/// A cell in which every client gets every event once, and both ends find the same.
fn check(transport: Transport, client: ClientKind, scenario: &Scenario) -> Outcome {
    let outcome = run(transport, client, scenario);
    let (load, what) = (&outcome.load, format!("{transport} {client} {}", scenario.compression));
    let seen = (load.delivered, load.duplicated, load.skipped, load.reordered, load.malformed);
    assert_eq!(seen, (EVENTS * u64::from(CLIENTS), 0, 0, 0, 0), "{what}: {:?}", load.errors);
    assert!(load.errors.is_empty(), "{what}: {:?}", load.errors);
    assert!(outcome.agrees, "{what}: the kernel counts the same");
    let ledger = load.bytes.ledger.unwrap();
    assert_eq!(ledger, outcome.server, "{what}: both ends");
    for way in Way::ALL {
        let sum = if way == Way::Up { load.bytes.up } else { load.bytes.down };
        assert_eq!((ledger.layers(way).total(), ledger.layers(way).unclassified), (sum, 0), "{what} {}", way.id());
    }
    outcome
}

#[test]
fn every_transport_delivers_the_same_compressed_or_not_and_every_byte_has_its_layer() {
    for transport in Transport::ALL {
        for client in ClientKind::ALL {
            if client == ClientKind::Reference && transport == Transport::WebSocket {
                continue;
            }
            let [plain, alone, takeover] = Compression::ALL
                .map(|compression| check(transport, client, &Scenario { compression, ..Scenario::default() }));
            let is_pushed = transport.manner() == Manner::Pushed;
            assert_eq!(plain.server.compressed.before, 0);
            for outcome in [&alone, &takeover] {
                let ledger = outcome.server;
                assert_eq!(outcome.load.payload_down, plain.load.payload_down, "{transport}: the texts are the same");
                assert_eq!(ledger.down.payload, ledger.compressed.after, "{transport}");
                assert!(ledger.compressed.before >= plain.server.down.payload, "{transport}: all of it was compressed");
                assert_eq!(ledger.pushed_events.count, plain.server.pushed_events.count, "{transport}");
                assert_eq!(ledger.heartbeats.count > 0, is_pushed, "{transport}");
                assert_eq!(ledger.polls.count - ledger.empty_polls.count > 0, !is_pushed, "{transport}");
            }
            if is_pushed {
                let (alone, takeover) = (alone.server.compressed, takeover.server.compressed);
                assert!(takeover.after < alone.after, "{transport}: what went before is not said again");
            }
        }
    }
}

#[test]
fn a_compressed_stream_that_is_recycled_is_taken_up_again_with_nothing_lost() {
    for transport in [Transport::IframeStreaming, Transport::Sse, Transport::FetchStreaming] {
        for client in ClientKind::ALL {
            for compression in [Compression::PerEvent, Compression::PerConnection] {
                let scenario = Scenario { compression, recycle: Some(Recycle::Bytes(400)), ..Scenario::default() };
                let outcome = check(transport, client, &scenario);
                assert!(outcome.load.recycles > 3, "{transport} {client}: {}", outcome.load.recycles);
            }
        }
    }
}
