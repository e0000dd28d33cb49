//! How a client comes and goes.

use feedbench_record::Transport;

use crate::simulation::{READY_MS, Simulation, TRANSIT_MS, every_way};

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

#[test]
fn a_client_gets_what_is_published_after_its_first_request_has_come() {
    for way in every_way() {
        let published_ms: Vec<u64> = (20..5_000).step_by(100).collect();
        // One client each second; SYN, its answer and the request take a transit each.
        let asked_ms = [0, 1_000, 2_000].map(|connects_ms| connects_ms + 3 * TRANSIT_MS);
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

#[test]
fn the_feed_s_end_is_the_end_of_every_connection_and_both_ends_have_heard_all() {
    for way in every_way() {
        let mut simulation = Simulation::new(way, [READY_MS]);
        simulation.scenario.clients = 5;
        let outcome = simulation.run();
        // The end, and the client's close. A WebSocket is closed before it, and that is answered (RFC 6455 section 7.1.1).
        let transits = if way.transport == Transport::WebSocket { 4 } else { 2 };
        assert_eq!(outcome.over_ms, simulation.end_ms + transits * TRANSIT_MS, "{way:?}");
        assert_eq!((outcome.agreement().compared, outcome.agreement().excluded), (5, 0));
    }
}
