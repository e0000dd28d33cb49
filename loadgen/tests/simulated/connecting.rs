//! How a client comes and goes.

use feedbench_record::Transport;
use feedbench_record::scenario::{ClientKind, Protocol};

use crate::simulation::{READY_MS, Simulation, TRANSIT_MS, Way, every_way};

#[test]
fn to_connect_takes_a_round_trip() {
    for way in every_way() {
        let mut simulation = Simulation::new(way, [READY_MS]);
        simulation.scenario.clients = 5;
        let outcome = simulation.run();
        outcome.assert_undisturbed(5);
        assert_eq!(outcome.connect_times_ms(), [2 * TRANSIT_MS; 5], "{way:?}");
    }
}

/// From the start of a client's connecting to its first request's coming: SYN, its answer and the request take a transit
/// each. A WebSocket over HTTP/2 asks when the server has said that it may (RFC 8441 section 3).
pub(crate) fn transits_to_ask(way: Way) -> u64 {
    match (way.transport, way.protocol) {
        (Transport::WebSocket, Protocol::Http2) => 5,
        _ => 3,
    }
}

#[test]
fn a_client_gets_what_is_published_after_its_first_request_has_come() {
    for way in every_way() {
        let published_ms: Vec<u64> = (20..5_000).step_by(100).collect();
        // One client each second.
        let asked_ms = [0, 1_000, 2_000].map(|connects_ms| connects_ms + transits_to_ask(way) * TRANSIT_MS);
        let after = |asked_ms: u64| published_ms.iter().filter(|at_ms| **at_ms > asked_ms).count() as u64;
        let expected: u64 = asked_ms.map(after).iter().sum();
        let mut simulation = Simulation::new(way, published_ms.clone());
        (simulation.scenario.clients, simulation.scenario.connects_per_s) = (3, 1);
        simulation.window_ms.start = 0;
        let outcome = simulation.run();
        assert_eq!(outcome.load.delivered_in_window, expected, "{way:?}");
        assert_eq!(outcome.load.delivered, expected);
    }
}

/// From the feed's end to that of a connection: the server's end and the client's. A WebSocket is closed before, and that
/// is answered (RFC 6455 section 7.1.1). So is HTTP/2 (RFC 9113 section 6.8), but hyper's client is the first to go then.
fn transits_to_end(way: Way) -> u64 {
    match (way.transport, way.protocol, way.client) {
        (Transport::WebSocket, ..) => 4,
        (_, Protocol::Http1, _) => 2,
        (_, Protocol::Http2, ClientKind::Lean) => 4,
        (_, Protocol::Http2, ClientKind::Reference) => 3,
    }
}

#[test]
fn the_feed_s_end_is_the_end_of_every_connection_and_both_ends_have_heard_all() {
    for way in every_way() {
        let mut simulation = Simulation::new(way, [READY_MS]);
        simulation.scenario.clients = 5;
        let outcome = simulation.run();
        let over_ms = simulation.end_ms + transits_to_end(way) * TRANSIT_MS;
        assert_eq!(outcome.over_ms, over_ms, "{way:?}");
        assert_eq!((outcome.agreement().compared, outcome.agreement().excluded), (5, 0));
    }
}
