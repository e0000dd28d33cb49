//! A stream that is ended from time to time, so that its client does not grow for ever: what is published while the client
//! asks for the next one waits for its request, as with long polling (RFC 6202 section 3.2, "Maximal Latency").

use feedbench_record::Transport;
use feedbench_record::scenario::Recycle;
use feedbench_record::transport::Manner;

use crate::outcome::in_transits;
use crate::simulation::{Simulation, TRANSIT_MS, Way, ways};

/// How long a stream lasts (ms).
const LIFETIME_MS: u64 = 1_000;
/// From the end of a stream's leaving the server to the next request's coming (ms).
const GAP_MS: u64 = 2 * TRANSIT_MS;
/// When the server has the first request (ms): SYN, its answer, request.
const FIRST_MS: u64 = 3 * TRANSIT_MS;

/// What is a stream: a WebSocket is not recycled.
fn streams() -> impl Iterator<Item = Way> {
    ways(Manner::Pushed).filter(|way| way.transport != Transport::WebSocket)
}

/// When the server ends the `nth` stream (from 0; ms).
fn end_ms(nth: u64) -> u64 {
    FIRST_MS + LIFETIME_MS + nth * (LIFETIME_MS + GAP_MS)
}

#[test]
fn an_event_in_the_gap_after_a_stream_takes_up_to_three_transits_and_every_other_one() {
    for way in streams() {
        // One in each gap, and one while each of the streams lasts.
        let in_gap_ms = [1, 25, 50, 75, 99];
        let gaps = (0..).zip(in_gap_ms).map(|(nth, after_ms)| end_ms(nth) + after_ms);
        let published_ms: Vec<u64> = gaps.flat_map(|at_ms| [at_ms, at_ms + 500]).collect();
        let mut simulation = Simulation::new(way, published_ms);
        simulation.scenario.recycle = Some(Recycle::Ms(LIFETIME_MS));
        // The seventh stream is the last.
        simulation.end_ms = end_ms(6) - 1;
        let outcome = simulation.run();
        outcome.assert_undisturbed(1);
        let mut expected_ms = [TRANSIT_MS; 10];
        expected_ms[5..].copy_from_slice(&in_gap_ms.map(|after_ms| 3 * TRANSIT_MS - after_ms));
        expected_ms.sort_unstable();
        assert_eq!(outcome.latencies_ms(), expected_ms, "{way:?}");
        assert_eq!(in_transits(&outcome.latencies_ms()).2, 2.98);
        assert_eq!(outcome.load.recycles, 6);
    }
}

#[test]
fn what_is_published_all_the_time_is_neither_lost_nor_told_twice_when_streams_are_recycled() {
    for way in streams() {
        // At no instant at which a stream begins or ends.
        let published_ms: Vec<u64> = (1_000..8_000).step_by(3).filter(|at_ms| at_ms % 50 != 0).collect();
        let in_gap = |at_ms: u64| (0..7).find(|nth| (end_ms(*nth)..end_ms(*nth) + GAP_MS).contains(&at_ms));
        let latency_ms = |at_ms: &u64| match in_gap(*at_ms) {
            Some(nth) => end_ms(nth) + 3 * TRANSIT_MS - at_ms,
            None => TRANSIT_MS,
        };
        let mut expected_ms: Vec<u64> = published_ms.iter().map(latency_ms).collect();
        expected_ms.sort_unstable();
        let mut simulation = Simulation::new(way, published_ms);
        simulation.scenario.recycle = Some(Recycle::Ms(LIFETIME_MS));
        let outcome = simulation.run();
        outcome.assert_undisturbed(1);
        assert_eq!(outcome.latencies_ms(), expected_ms, "{way:?}");
        let (least, _, most) = in_transits(&outcome.latencies_ms());
        assert!(least == 1.0 && most <= 3.0);
    }
}
