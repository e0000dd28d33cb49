//! Streams and WebSocket: the server writes when an event is published, so the event is one transit away (RFC 6202
//! section 3.2: the average and the maximum, for as long as the stream lasts).

use feedbench_record::transport::Manner;

use crate::outcome::in_transits;
use crate::simulation::{READY_MS, Simulation, TRANSIT_MS, ways};

#[test]
fn every_event_is_one_transit_away() {
    for way in ways(Manner::Pushed) {
        // In a row, at once, at leisure.
        let after_ms = [0, 1, 2, 3, 3, 3, 49, 50, 51, 100, 150, 999];
        let mut simulation = Simulation::new(way, after_ms.map(|ms| READY_MS + ms));
        simulation.scenario.clients = 8;
        let outcome = simulation.run();
        outcome.assert_undisturbed(8);
        assert_eq!(outcome.latencies_ms(), [TRANSIT_MS; 12 * 8], "{way:?}");
        assert_eq!(in_transits(&outcome.latencies_ms()), (1.0, 1.0, 1.0));
    }
}
