//! Polling: an event waits for the next request, which comes at an interval T whatever happens, and goes with its answer.
//! The wait is anything up to T, and all of it alike: latency is uniform from d to T + d (RFC 6202 section 2.1: what short
//! polling costs depends on the latency that is acceptable).

use feedbench_record::scenario::Arrivals;
use feedbench_record::transport::Manner;
use feedbench_server::schedule::TopicArrivals;

use crate::outcome::in_transits;
use crate::simulation::{READY_MS, Simulation, TRANSIT_MS, Way, ways};

/// The interval, T (ms): ten transits.
const INTERVAL_MS: u64 = 500;

fn simulation(way: Way, published_ms: impl Into<Vec<u64>>) -> Simulation {
    let mut simulation = Simulation::new(way, published_ms);
    simulation.scenario.interval_ms = INTERVAL_MS;
    simulation
}

/// Does a request come to the server at this very instant? Requests leave at whole intervals.
fn is_asked_at(at_ms: u64) -> bool {
    at_ms % INTERVAL_MS == TRANSIT_MS
}

#[test]
fn latency_is_uniform_from_one_transit_to_an_interval_more() {
    for way in ways(Manner::Asks) {
        // Each event comes a fiftieth of T later in it than the one before, from 5 ms after a request to 5 ms before one.
        let first_ms = READY_MS + TRANSIT_MS + 5;
        let published_ms: Vec<u64> = (0..50).map(|nth| first_ms + nth * (INTERVAL_MS + 10)).collect();
        let outcome = simulation(way, published_ms).run();
        outcome.assert_undisturbed(1);

        let latencies_ms = outcome.latencies_ms();
        let uniform_ms: Vec<u64> = (0..50).map(|nth| TRANSIT_MS + 5 + 10 * nth).collect();
        assert_eq!(latencies_ms, uniform_ms, "{way:?}");
        let deciles_ms: Vec<u64> = (1..10).map(|tenth| latencies_ms[tenth * 5 - 1] + 5).collect();
        assert_eq!(deciles_ms, [100, 150, 200, 250, 300, 350, 400, 450, 500]);
        // T / 2 + d, and 5 ms from both bounds.
        assert_eq!(in_transits(&latencies_ms), (1.1, 6.0, 10.9));
    }
}

#[test]
fn the_spread_phases_of_many_clients_make_the_latency_of_one_event_uniform() {
    for way in ways(Manner::Asks) {
        let mut simulation = simulation(way, [READY_MS + 777]);
        (simulation.scenario.clients, simulation.scenario.synchronised) = (500, false);
        let outcome = simulation.run();
        outcome.assert_undisturbed(500);
        // Kolmogorov's distance from the uniform distribution: of 500 draws it exceeds 7.3 % once in a hundred times.
        let share_at = |ms: u64| (ms - TRANSIT_MS) as f64 / INTERVAL_MS as f64;
        let distance = |(nth, ms): (usize, &u64)| (share_at(*ms) - (nth as f64 + 0.5) / 500.0).abs();
        let farthest = outcome.latencies_ms().iter().enumerate().map(distance).fold(0.0, f64::max);
        assert!(farthest < 0.073, "{farthest}: {way:?}");
        let (least, _, most) = in_transits(&outcome.latencies_ms());
        assert!(least >= 1.0 && most <= 11.0);
    }
}

#[test]
fn with_equal_gaps_the_share_of_empty_polls_is_what_the_interval_leaves_over() {
    for way in ways(Manner::Asks) {
        // The gap a in tenths of an interval, and 1 - T / a.
        for (tenths, empty) in [(5, 0.0), (10, 0.0), (20, 0.5), (25, 0.6), (40, 0.75), (100, 0.9)] {
            let gap_ms = INTERVAL_MS * tenths / 10;
            let window_ms = 20 * INTERVAL_MS;
            let published_ms: Vec<u64> = (0..window_ms / gap_ms).map(|nth| READY_MS + 10 + nth * gap_ms).collect();
            let mut simulation = simulation(way, published_ms);
            simulation.window_ms = READY_MS..READY_MS + window_ms;
            simulation.end_ms = simulation.window_ms.end + 1_500;
            let outcome = simulation.run();
            outcome.assert_undisturbed(1);
            let polls = outcome.load.polls_in_window.unwrap();
            assert_eq!((polls.total, polls.skipped), (20, 0));
            assert_eq!(polls.empty as f64 / 20.0, empty, "an event each {gap_ms} ms: {way:?}");
        }
    }
}

#[test]
fn with_random_arrivals_empty_polls_and_events_in_a_poll_are_those_of_the_closed_form() {
    for way in ways(Manner::Asks) {
        for (rate_per_s, seconds) in [(2.0, 60), (10.0, 20)] {
            let arrivals =
                TopicArrivals::new(Arrivals::Poisson, rate_per_s, 1, 0).map(|at_us| READY_MS + at_us / 1_000);
            let in_time = arrivals.take_while(|at_ms| *at_ms < READY_MS + seconds * 1_000);
            let published_ms: Vec<u64> = in_time.filter(|at_ms| !is_asked_at(*at_ms)).collect();
            let mut simulation = simulation(way, published_ms.clone());
            simulation.window_ms = READY_MS..READY_MS + seconds * 1_000;
            let outcome = simulation.run();
            outcome.assert_undisturbed(1);

            // The very same events: which request comes after each of them?
            let asked_ms = |at_ms: u64| (at_ms - TRANSIT_MS).next_multiple_of(INTERVAL_MS) + TRANSIT_MS;
            let mut latencies_ms: Vec<u64> =
                published_ms.iter().map(|at_ms| asked_ms(*at_ms) - at_ms + TRANSIT_MS).collect();
            latencies_ms.sort_unstable();
            assert_eq!(outcome.latencies_ms(), latencies_ms, "{rate_per_s}/s: {way:?}");
            let mut answers_ms: Vec<u64> = published_ms.iter().map(|at_ms| asked_ms(*at_ms)).collect();
            answers_ms.dedup();
            let polls = outcome.load.polls.unwrap();
            assert_eq!(polls.total - polls.empty, answers_ms.len() as u64);
            // Any events at the rate that these turned out to have: within 5 %.
            let polls = (seconds * 1_000 / INTERVAL_MS) as f64;
            let in_interval = published_ms.len() as f64 / polls;
            let (some, expected) = (answers_ms.len() as f64 / polls, 1.0 - (-in_interval).exp());
            assert!((some / expected - 1.0).abs() < 0.05, "{some}, not {expected}, are not empty at {rate_per_s}/s");
            let (_, mean, _) = in_transits(&latencies_ms);
            assert!((mean / 6.0 - 1.0).abs() < 0.05, "{mean} transits at {rate_per_s}/s");
        }
    }
}
