//! Long polling as derived, as simulated and as published.

use feedbench_record::scenario::Arrivals;

use super::{TRANSIT_S, close, same_distribution};
use crate::theory::latency::Latency;
use crate::theory::long_polling::Cycle;
use crate::theory::simulation;

fn cycle(rate_per_s: f64) -> Cycle {
    Cycle { arrivals: Arrivals::Poisson, rate_per_s, gap_s: 2.0 * TRANSIT_S, hold_s: 25.0 }
}

#[test]
fn long_polling_batches_what_comes_between_an_answer_and_the_next_request() {
    for (seed, rate_per_s) in [(5, 0.5), (6, 4.0), (7, 20.0), (8, 100.0)] {
        let cycle = cycle(rate_per_s);
        let published = simulation::poisson(&mut simulation::random(seed), rate_per_s, 100_000.0 / rate_per_s);
        let seen = simulation::long_polling(&published, TRANSIT_S, cycle.hold_s);
        same_distribution(&seen, &Latency::new(TRANSIT_S, 0.0, cycle.wait()));
        close(seen.answers_per_s(), cycle.answers_per_s(), 0.015);
        close(seen.events_per_answer(), cycle.events_per_answer(), 0.015);
    }
}

#[test]
fn a_request_that_is_held_to_its_end_is_answered_with_nothing() {
    for (seed, hold_s) in [(9, 0.2), (10, 1.0), (11, 3.0)] {
        let cycle = Cycle { hold_s, ..cycle(1.0) };
        let published = simulation::poisson(&mut simulation::random(seed), 1.0, 100_000.0);
        let seen = simulation::long_polling(&published, TRANSIT_S, hold_s);
        close(seen.empty_share(), cycle.empty_share(), 0.02);
        close(seen.answers_per_s(), cycle.answers_per_s(), 0.015);
        close(seen.events_per_answer(), cycle.events_per_answer(), 0.015);
        same_distribution(&seen, &Latency::new(TRANSIT_S, 0.0, cycle.wait()));
    }
}

#[test]
fn fixed_gaps_find_the_long_poll_held_or_come_in_batches() {
    let of = |gap_s: f64| Cycle { arrivals: Arrivals::Fixed, ..cycle(1.0 / gap_s) };
    let seen = simulation::long_polling(&simulation::fixed(1.0, 0.5, 1_000.0), TRANSIT_S, 25.0);
    same_distribution(&seen, &Latency::new(TRANSIT_S, 0.0, of(0.5).wait()));
    close(seen.answers_per_s(), of(0.5).answers_per_s(), 0.01);
    // Gaps that do not come round in the period of 0.1 s pass through all phases.
    let gap_s = 0.05 / std::f64::consts::SQRT_2;
    let seen = simulation::long_polling(&simulation::fixed(1.0, gap_s, 1_000.0), TRANSIT_S, 25.0);
    same_distribution(&seen, &Latency::new(TRANSIT_S, 0.0, of(gap_s).wait()));
    close(seen.events_per_answer(), of(gap_s).events_per_answer(), 0.01);
    let held = Cycle { hold_s: 1.0, ..of(5.0) };
    let seen = simulation::long_polling(&simulation::fixed(2.0, 5.0, 5_000.0), TRANSIT_S, 1.0);
    close(seen.empty_share(), held.empty_share(), 0.01);
}

#[test]
fn long_polling_has_the_figures_that_were_published() {
    let figures = [(0.5, 52.5, 0.50), (4.0, 68.7, 3.74), (20.0, 96.8, 9.37), (100.0, 100.0, 10.0)];
    for (rate_per_s, mean_ms, answers_per_s) in figures {
        let cycle = cycle(rate_per_s);
        let latency = Latency::new(TRANSIT_S, 0.0, cycle.wait());
        assert!((latency.mean_s() * 1e3 - mean_ms).abs() < 0.051, "{rate_per_s}: {}", latency.mean_s() * 1e3);
        assert!((cycle.answers_per_s() - answers_per_s).abs() < 0.0051, "{rate_per_s}: {}", cycle.answers_per_s());
        close(latency.max_s(), 3.0 * TRANSIT_S, 1e-9);
    }
}

#[test]
fn long_polling_tends_to_one_transit_and_to_two() {
    let cycle = |rate_per_s| Cycle { hold_s: f64::INFINITY, ..cycle(rate_per_s) };
    let mean_s = |rate_per_s| Latency::new(TRANSIT_S, 0.0, cycle(rate_per_s).wait()).mean_s();
    close(mean_s(1e-6), TRANSIT_S, 1e-6);
    close(mean_s(1e5), 2.0 * TRANSIT_S, 1e-3);
}

/// The share of windows in which the mean of one realisation lies within 5 % of the formula, and the standard deviation.
fn windows(window_s: f64, seed: u64) -> (f64, f64) {
    let mean_s = Latency::new(TRANSIT_S, 0.0, cycle(4.0).wait()).mean_s();
    let mut random = simulation::random(seed);
    let means: Vec<_> = (0..1_500)
        .map(|_| simulation::poisson(&mut random, 4.0, window_s))
        .map(|published| simulation::long_polling(&published, TRANSIT_S, 25.0).mean_s() / mean_s - 1.0)
        .collect();
    let within = means.iter().filter(|deviation| deviation.abs() <= 0.05).count();
    let variance = means.iter().map(|deviation| deviation.powi(2)).sum::<f64>() / means.len() as f64;
    (within as f64 / means.len() as f64, variance.sqrt())
}

#[test]
fn the_mean_of_a_short_window_is_as_uncertain_as_was_published() {
    for (window_s, published) in [(10.0, 0.49), (30.0, 0.76), (60.0, 0.90), (120.0, 0.98)] {
        let (within, deviation) = windows(window_s, 12);
        assert!((within - published).abs() < 0.035, "{window_s}: {within}");
        let cycle = cycle(4.0);
        let waits = cycle.effective_events(window_s).unwrap();
        let mean_s = TRANSIT_S + cycle.wait().mean_s();
        close(deviation, (cycle.wait().variance_s2() / waits).sqrt() / mean_s, 0.08);
    }
}

#[test]
fn the_number_of_answers_in_a_window_varies_as_a_renewal_process() {
    for (rate_per_s, hold_s) in [(0.5, 25.0), (4.0, 25.0), (4.0, 0.2)] {
        let (window_s, cycle) = (200.0, Cycle { hold_s, ..cycle(rate_per_s) });
        let mut random = simulation::random(13);
        let counts = |random: &mut _| {
            let published = simulation::poisson(random, rate_per_s, window_s);
            simulation::long_polling(&published, TRANSIT_S, hold_s)
        };
        let seen: Vec<_> = (0..1_000).map(|_| counts(&mut random)).collect();
        let deviation = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (values.iter().map(|value| (value / mean - 1.0).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
        };
        let answers: Vec<_> = seen.iter().map(|seen| seen.answers.len() as f64).collect();
        close(deviation(&answers), cycle.answers_deviation(window_s), 0.12);
        let batches: Vec<_> = seen.iter().map(simulation::Seen::events_per_answer).collect();
        close(deviation(&batches), cycle.batch_deviation(window_s), 0.12);
    }
}
