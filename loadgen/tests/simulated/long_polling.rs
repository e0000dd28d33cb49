//! Long polling: the server holds the request until there is an event. What is published while no request is there waits
//! for the next one, so an event takes between one transit and three: the answer before it, the request, and its own answer
//! (RFC 6202 section 2.2, "Maximal Latency"). The gap is two transits wide.

use feedbench_record::scenario::Arrivals;
use feedbench_record::transport::Manner;
use feedbench_server::schedule::TopicArrivals;

use crate::outcome::in_transits;
use crate::simulation::{READY_MS, Simulation, TRANSIT_MS, ways};

/// From an answer's leaving the server to the next request's coming (ms).
const GAP_MS: u64 = 2 * TRANSIT_MS;

#[test]
fn an_event_that_finds_a_request_is_one_transit_away() {
    for way in ways(Manner::Waits) {
        // The next request comes at the very instant of the second event.
        let outcome = Simulation::new(way, [0, GAP_MS, 2 * GAP_MS + 1, 1_000].map(|ms| READY_MS + ms)).run();
        outcome.assert_undisturbed(1);
        assert_eq!(in_transits(&outcome.latencies_ms()), (1.0, 1.0, 1.0), "{way:?}");
    }
}

#[test]
fn an_event_that_finds_none_waits_for_it_up_to_three_transits() {
    for way in ways(Manner::Waits) {
        for after_ms in [1, 25, 50, 75, 99] {
            let outcome = Simulation::new(way, [READY_MS, READY_MS + after_ms]).run();
            outcome.assert_undisturbed(1);
            let expected_ms = [TRANSIT_MS, 3 * TRANSIT_MS - after_ms];
            assert_eq!(outcome.latencies_ms(), expected_ms, "{after_ms} ms after an answer left: {way:?}");
        }
    }
}

#[test]
fn what_waits_for_a_request_comes_in_one_answer() {
    for way in ways(Manner::Waits) {
        let outcome = Simulation::new(way, [0, 10, 20, 30, 40].map(|ms| READY_MS + ms)).run();
        outcome.assert_undisturbed(1);
        assert_eq!(outcome.latencies_ms(), [50, 110, 120, 130, 140], "{way:?}");
        let polls = outcome.load.polls.unwrap();
        // The client's first request, which asks for its place, and its last, which the end of the feed answers, are empty.
        assert_eq!((polls.total, polls.empty), (4, 2));
    }
}

#[test]
fn with_random_arrivals_the_mean_and_the_number_of_answers_are_those_of_the_closed_form() {
    for way in ways(Manner::Waits) {
        for (rate_per_s, seconds) in [(0.5, 120), (4.0, 60), (20.0, 15), (100.0, 5)] {
            let arrivals =
                TopicArrivals::new(Arrivals::Poisson, rate_per_s, 1, 0).map(|at_us| READY_MS + at_us / 1_000);
            let expected = expect(arrivals.take_while(|at_ms| *at_ms < READY_MS + seconds * 1_000));
            let mut simulation = Simulation::new(way, expected.published_ms);
            simulation.scenario.hold_ms = 120_000;
            let outcome = simulation.run();
            outcome.assert_undisturbed(1);

            // The very same events: no difference at all.
            assert_eq!(outcome.latencies_ms(), expected.latencies_ms, "{rate_per_s}/s: {way:?}");
            assert_eq!(outcome.load.polls.unwrap().total, expected.answers + 2, "{rate_per_s}/s: {way:?}");
            // Any events at the rate that these turned out to have: within 5 %.
            let (mean_ms, answers_per_s) = closed_form(expected.latencies_ms.len() as f64 / seconds as f64);
            let (least, mean, most) = in_transits(&outcome.latencies_ms());
            assert!((mean * TRANSIT_MS as f64 / mean_ms - 1.0).abs() < 0.05, "{mean} at {rate_per_s}/s");
            let answers = expected.answers as f64 / seconds as f64;
            assert!((answers / answers_per_s - 1.0).abs() < 0.05, "{answers} at {rate_per_s}/s");
            assert!(least == 1.0 && most < 3.0, "{least} to {most} at {rate_per_s}/s");
        }
    }
}

#[test]
fn the_closed_form_has_the_figures_that_are_published() {
    for (rate_per_s, mean_ms, answers_per_s) in [(0.5, 52.5, 0.50), (4.0, 68.7, 3.74), (20.0, 96.8, 9.37)] {
        let (mean, answers) = closed_form(rate_per_s);
        assert!((mean - mean_ms).abs() < 0.05 && (answers - answers_per_s).abs() < 0.005, "{mean} ms, {answers}/s");
    }
}

/// The mean latency (ms) and the answers a second at so many random events a second. Each answer is followed by a gap g. What
/// is published in it waits for half of it, on average; when nothing is, the next event finds a request.
fn closed_form(rate_per_s: f64) -> (f64, f64) {
    let (transit, gap, per_ms) = (TRANSIT_MS as f64, GAP_MS as f64, rate_per_s / 1_000.0);
    let (in_gap, none_in_gap) = (per_ms * gap, (-per_ms * gap).exp());
    let mean_ms = (in_gap * (gap / 2.0 + transit) + none_in_gap * transit) / (in_gap + none_in_gap);
    (mean_ms, 1_000.0 / (gap + none_in_gap / per_ms))
}

/// What a client is to get that asks again as soon as it has an answer.
struct Expected {
    published_ms: Vec<u64>,
    latencies_ms: Vec<u64>,
    answers: u64,
}

/// Follows the requests of one client event by event. An event that would come at the very instant of a request for which
/// others wait is left out: whether it goes with them is nobody's to say.
fn expect(arrivals_ms: impl Iterator<Item = u64>) -> Expected {
    let mut expected = Expected { published_ms: vec![], latencies_ms: vec![], answers: 0 };
    // When the server has the next request, whether events wait for it, and when an event was answered with at once.
    let (mut asked_ms, mut some_wait, mut answered_ms) = (0, false, None);
    for at_ms in arrivals_ms {
        if some_wait && at_ms > asked_ms {
            (asked_ms, some_wait) = (asked_ms + GAP_MS, false);
            expected.answers += 1;
        }
        let latency_ms = match answered_ms {
            _ if some_wait && at_ms == asked_ms => continue,
            Some(same_ms) if same_ms == at_ms => TRANSIT_MS,
            _ if at_ms < asked_ms => {
                some_wait = true;
                asked_ms - at_ms + TRANSIT_MS
            }
            _ => {
                (asked_ms, answered_ms) = (at_ms + GAP_MS, Some(at_ms));
                expected.answers += 1;
                TRANSIT_MS
            }
        };
        expected.published_ms.push(at_ms);
        expected.latencies_ms.push(latency_ms);
    }
    expected.answers += u64::from(some_wait);
    expected.latencies_ms.sort_unstable();
    expected
}
