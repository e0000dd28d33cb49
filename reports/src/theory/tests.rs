//! The formulas beside the simulated processes and beside figures that were published, and a report's figures beside records.

use proptest::prelude::*;

use feedbench_record::scenario::Arrivals;

use super::latency::{Latency, Wait};
use super::long_polling::Cycle;
use super::{polling, pushed, simulation};

const TRANSIT_S: f64 = 0.05;

/// Differs by a share of the expectation.
#[track_caller]
fn close(simulated: f64, expected: f64, share: f64) {
    let bound = expected.abs() * share;
    assert!((simulated - expected).abs() <= bound, "simulated {simulated}, expected {expected} within {bound}");
}

/// Same mean and same quantiles, to 1.5 % of the longest latency.
#[track_caller]
fn same_distribution(seen: &simulation::Seen, expected: &Latency) {
    let bound = 0.015 * expected.max_s();
    let mut pairs = vec![(seen.mean_s(), expected.mean_s())];
    pairs.extend([0.05, 0.25, 0.5, 0.75, 0.95, 1.0].map(|q| (seen.quantile_s(q), expected.quantile_s(q))));
    for (simulated, expected) in &pairs {
        assert!((simulated - expected).abs() <= bound, "simulated and expected: {pairs:?}");
    }
}

fn cycle(rate_per_s: f64) -> Cycle {
    Cycle { arrivals: Arrivals::Poisson, rate_per_s, gap_s: 2.0 * TRANSIT_S, hold_s: 25.0 }
}

#[test]
fn polling_waits_uniformly_and_brings_what_came_since_the_last_poll() {
    for (seed, rate_per_s, interval_s) in [(1, 2.0, 1.0), (2, 0.3, 1.0), (3, 20.0, 0.25)] {
        let published = simulation::poisson(&mut simulation::random(seed), rate_per_s, 60_000.0 / rate_per_s);
        let seen = simulation::polling(&published, 0.37 * interval_s, interval_s, TRANSIT_S, false);
        same_distribution(&seen, &Latency::new(TRANSIT_S, 0.0, polling::wait(interval_s)));
        let empty = polling::empty_share(Arrivals::Poisson, rate_per_s, interval_s);
        assert!((seen.empty_share() - empty).abs() < 0.01, "{} and {empty}", seen.empty_share());
        let batch = polling::events_per_non_empty_poll(Arrivals::Poisson, rate_per_s, interval_s);
        close(seen.events_per_full_answer(), batch, 0.02);
    }
}

#[test]
fn a_timer_that_is_set_anew_adds_both_transits_to_the_period() {
    let published = simulation::poisson(&mut simulation::random(4), 2.0, 30_000.0);
    let seen = simulation::polling(&published, 0.0, 1.0, TRANSIT_S, true);
    let period_s = polling::restarted_period_s(1.0, TRANSIT_S);
    let expected = Latency::new(TRANSIT_S, 0.0, polling::wait(period_s));
    same_distribution(&seen, &expected);
    close(expected.mean_s(), 1.0 / 2.0 + 2.0 * TRANSIT_S, 1e-9);
    close(expected.max_s(), 1.0 + 3.0 * TRANSIT_S, 1e-9);
    let empty = polling::empty_share(Arrivals::Poisson, 2.0, period_s);
    assert!((seen.empty_share() - empty).abs() < 0.01);
}

#[test]
fn fixed_gaps_leave_the_share_of_polls_empty_that_no_event_falls_to() {
    for (gap_s, interval_s) in [(3.3, 1.0), (1.7, 1.0), (0.4, 1.0), (1.0, 0.999)] {
        let seen = simulation::polling(&simulation::fixed(0.11, gap_s, 20_000.0), 0.0, interval_s, TRANSIT_S, false);
        let empty = polling::empty_share(Arrivals::Fixed, 1.0 / gap_s, interval_s);
        assert!((seen.empty_share() - empty).abs() < 0.003, "{} and {empty}", seen.empty_share());
        let batch = polling::events_per_non_empty_poll(Arrivals::Fixed, 1.0 / gap_s, interval_s);
        close(seen.events_per_full_answer(), batch, 0.01);
    }
}

#[test]
fn fixed_gaps_in_step_have_as_many_latencies_as_the_lattice_has_steps() {
    for (gap_s, steps) in [(1.0, Some(1)), (2.0, Some(1)), (0.5, Some(2)), (1.0 / 3.0, Some(3)), (0.3, Some(10))] {
        assert_eq!(polling::lattice_steps(gap_s, 1.0, 50), steps, "{gap_s}");
        let seen = simulation::polling(&simulation::fixed(0.111_11, gap_s, 500.0), 0.0, 1.0, TRANSIT_S, false);
        let mut latencies: Vec<_> = seen.latencies_s.iter().map(|s| (s * 1e6).round() as u64).collect();
        latencies.sort_unstable();
        latencies.dedup_by(|one, other| one.abs_diff(*other) <= 1);
        assert_eq!(Some(latencies.len() as u32), steps, "{gap_s}: {latencies:?}");
    }
    assert_eq!(polling::lattice_steps(0.5f64.sqrt(), 1.0, 50), None);
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
    let mean_s = |rate_per_s| Latency::new(TRANSIT_S, 0.0, cycle(rate_per_s).wait()).mean_s();
    close(mean_s(1e-3), TRANSIT_S, 1e-3);
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

#[test]
fn the_share_of_empty_polls_of_one_realisation_varies_as_derived() {
    let (rate_per_s, interval_s, window_s) = (2.0, 1.0, 60.0);
    let expected = polling::empty_share(Arrivals::Poisson, rate_per_s, interval_s);
    let mut random = simulation::random(14);
    let (mut spread, mut in_step) = (0.0, 0.0);
    for _ in 0..1_500 {
        let published = simulation::poisson(&mut random, rate_per_s, window_s);
        let share = |phase_s: f64| {
            let seen = simulation::polling(&published, phase_s, interval_s, 0.0, false);
            seen.empty_share() - expected
        };
        let phases = 25;
        let mean = (0..phases).map(|n| share(f64::from(n) / f64::from(phases))).sum::<f64>() / f64::from(phases);
        spread += mean.powi(2) / 1_500.0;
        in_step += share(simulation::below(&mut random, 1.0)).powi(2) / 1_500.0;
    }
    close(spread.sqrt(), polling::empty_share_deviation(rate_per_s, interval_s, window_s), 0.08);
    close(in_step.sqrt(), polling::empty_share_deviation_in_step(rate_per_s, interval_s, window_s), 0.08);
}

#[test]
fn a_recycled_stream_is_late_for_what_falls_into_its_gaps() {
    let published = simulation::poisson(&mut simulation::random(15), 10.0, 20_000.0);
    for lifetime_s in [0.3, 2.0, 30.0] {
        let seen = simulation::recycled_stream(&published, TRANSIT_S, lifetime_s);
        let expected = Latency::new(TRANSIT_S, 0.0, pushed::wait(Some(lifetime_s), 2.0 * TRANSIT_S));
        same_distribution(&seen, &expected);
        close(expected.max_s(), 3.0 * TRANSIT_S, 1e-9);
    }
    assert_eq!(pushed::wait(None, 0.1), Wait::NONE);
}

#[test]
fn a_release_goes_at_the_pace_of_its_slower_side() {
    for (serves_s, reads_s) in [(7e-6, 5e-6), (3e-6, 11e-6)] {
        let seen = simulation::release(10_000, serves_s, reads_s);
        let fan_out_s = 10_000.0 * serves_s.max(reads_s);
        same_distribution(&seen, &Latency::new(0.0, fan_out_s, Wait::NONE));
    }
}

#[test]
fn place_and_wait_add_up_as_independent_numbers_do() {
    let mut random = simulation::random(16);
    for wait in [Wait { at_once: 0.3, longest_s: 0.1 }, Wait::uniform(0.02), Wait { at_once: 0.9, longest_s: 1e-3 }] {
        let mut seen = simulation::Seen::default();
        for _ in 0..200_000 {
            let place_s = simulation::below(&mut random, 0.03);
            let waits = simulation::below(&mut random, 1.0) >= wait.at_once;
            let wait_s = if waits { simulation::below(&mut random, wait.longest_s) } else { 0.0 };
            seen.latencies_s.push(0.01 + place_s + wait_s);
        }
        same_distribution(&seen, &Latency::new(0.01, 0.03, wait));
    }
}

prop_compose! {
    fn a_latency()(
        transit_s in 0.0..0.2f64,
        fan_out_s in prop_oneof![Just(0.0), 0.0..0.5f64],
        at_once in prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64],
        longest_s in prop_oneof![Just(0.0), 0.0..2.0f64],
    ) -> Latency {
        Latency::new(transit_s, fan_out_s, Wait { at_once, longest_s })
    }
}

proptest! {
    #[test]
    fn a_quantile_never_falls_and_stays_between_the_ends(latency in a_latency(), one in 0.0..1.0f64, other in 0.0..1.0f64) {
        let (low, high) = (latency.quantile_s(one.min(other)), latency.quantile_s(one.max(other)));
        prop_assert!(low <= high);
        prop_assert!((latency.min_s()..=latency.max_s() + 1e-12).contains(&low));
        prop_assert!((latency.min_s()..=latency.max_s() + 1e-12).contains(&high));
    }

    #[test]
    fn the_mean_is_the_integral_of_the_quantiles(latency in a_latency()) {
        let steps = 4_000;
        let quantiles = (0..steps).map(|n| latency.quantile_s((f64::from(n) + 0.5) / f64::from(steps)));
        let integral = quantiles.sum::<f64>() / f64::from(steps);
        prop_assert!((integral - latency.mean_s()).abs() < 1e-6 + latency.max_s() / 2_000.0, "{integral} {latency:?}");
    }

    #[test]
    fn a_quantile_is_the_smallest_latency_with_its_share(latency in a_latency(), q in 0.001..1.0f64) {
        let quantile_s = latency.quantile_s(q);
        prop_assert!(latency.share_within(quantile_s) >= q - 1e-9);
        prop_assert!(latency.share_within(quantile_s - 1e-6) <= q);
    }

    #[test]
    fn shares_are_shares_and_answers_have_the_events_that_come(
        rate_per_s in 0.001..1_000.0f64, gap_s in 0.0..1.0f64, hold_s in 0.001..60.0f64,
    ) {
        for arrivals in [Arrivals::Poisson, Arrivals::Fixed] {
            let cycle = Cycle { arrivals, rate_per_s, gap_s, hold_s };
            prop_assert!((0.0..=1.0).contains(&cycle.empty_share()));
            prop_assert!((0.0..=1.0).contains(&cycle.wait().at_once));
            let events_per_s = cycle.events_per_answer() * cycle.answers_per_s();
            prop_assert!((events_per_s / rate_per_s - 1.0).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&polling::empty_share(arrivals, rate_per_s, gap_s)));
            prop_assert!(polling::events_per_non_empty_poll(arrivals, rate_per_s, gap_s) >= 1.0);
        }
    }
}
