//! A network that holds everything back for a while, or that breaks: what is published meanwhile comes late, and comes once.

use feedbench_record::transport::Manner;

use crate::connecting::transits_to_ask;
use crate::simulation::{Incident, READY_MS, Simulation, TRANSIT_MS, every_way};

/// When it begins, and when it is over (ms).
const FROM_MS: u64 = READY_MS + 1_040;
const TO_MS: u64 = FROM_MS + 250;

#[test]
fn what_a_network_holds_back_comes_when_it_is_released() {
    for way in every_way() {
        let published_ms = [FROM_MS - 200, FROM_MS - 20, FROM_MS + 40, TO_MS - 1, TO_MS + 1_000];
        let mut simulation = Simulation::new(way, published_ms);
        simulation.scenario.interval_ms = 500;
        simulation.incidents = vec![(FROM_MS, Incident::Hold), (TO_MS, Incident::Release)];
        let outcome = simulation.run();
        outcome.assert_undisturbed(1);
        // When the client has each of them.
        let delivered_ms = match way.transport.manner() {
            // All that was under way arrives at once, and nothing overtakes it.
            Manner::Pushed => [FROM_MS - 150, TO_MS, TO_MS, TO_MS, TO_MS + 1_050],
            // So does the answer with the second event; the other two wait for the request after it.
            Manner::Waits => [FROM_MS - 150, TO_MS, TO_MS + 100, TO_MS + 100, TO_MS + 1_050],
            // A request left at 2,000 ms, and was held on its way: it finds all that was published meanwhile.
            Manner::Asks => [TO_MS + 50, TO_MS + 50, TO_MS + 50, TO_MS + 50, READY_MS + 1_500 + 1_000 + 100],
        };
        let mut expected_ms: Vec<u64> = delivered_ms.iter().zip(published_ms).map(|(at, from)| at - from).collect();
        expected_ms.sort_unstable();
        assert_eq!(outcome.latencies_ms(), expected_ms, "{way:?}");
    }
}

#[test]
fn a_client_whose_connection_broke_comes_back_and_misses_nothing() {
    for way in every_way() {
        let published_ms: Vec<u64> = (READY_MS + 20..READY_MS + 4_000).step_by(100).collect();
        let mut simulation = Simulation::new(way, published_ms);
        simulation.scenario.clients = 3;
        simulation.scenario.interval_ms = 500;
        simulation.incidents = vec![(FROM_MS, Incident::Break), (TO_MS, Incident::Repair)];
        let outcome = simulation.run();
        assert_eq!(outcome.load.delivered_in_window, 3 * 40, "{way:?}");
        assert_eq!((outcome.load.reconnects, outcome.agreement().excluded), (3, 3), "{way:?}");
        // The first try, 100 ms after the break, is in vain; the second, 200 ms later, is not.
        assert_eq!(outcome.load.errors["connect-refused"], 3);
        if way.transport.manner() == Manner::Pushed {
            // With its first answer comes all that the client has missed, first of it an event that was on its way when the
            // network broke.
            let (again_ms, missed_ms) = (FROM_MS + 300 + (transits_to_ask(way) + 1) * TRANSIT_MS, FROM_MS - 20);
            assert_eq!(outcome.latencies_ms().pop(), Some(again_ms - missed_ms), "{way:?}");
        }
    }
}
