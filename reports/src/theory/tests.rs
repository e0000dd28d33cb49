//! The formulas beside the simulated processes and beside figures that were published, and a report's figures beside records.

mod bytes;
mod distribution;
mod long_polling;

use proptest::prelude::*;

use feedbench_record::scenario::{Arrivals, Fanout};
use feedbench_record::{Scenario, Transport};

use super::latency::{Latency, Wait};
use super::long_polling::Cycle;
use super::{polling, pushed, simulation};
use crate::fixture;

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
fn a_silent_connection_says_so_as_often_as_derived() {
    for (seed, rate_per_s) in [(18, 0.05), (19, 0.2)] {
        let published = simulation::poisson(&mut simulation::random(seed), rate_per_s, 20_000.0 / rate_per_s);
        let beats = simulation::heartbeats(&published, 15.0) as f64 / published.len() as f64;
        close(beats, pushed::heartbeats_per_event(Arrivals::Poisson, rate_per_s, 15.0), 0.04);
    }
    let published = simulation::fixed(20.0, 40.0, 40_000.0);
    let beats = simulation::heartbeats(&published, 15.0) as f64 / published.len() as f64;
    close(beats, pushed::heartbeats_per_event(Arrivals::Fixed, 1.0 / 40.0, 15.0), 0.001);
}

/// The standard deviation of the mean latency of all clients that poll every second, over realisations.
fn deviation_of_polling(
    clients: u32,
    in_step: bool,
    arrivals: impl Fn(&mut rand_chacha::ChaCha8Rng) -> Vec<f64>,
) -> f64 {
    let mut random = simulation::random(20);
    let realisations = 1_000;
    let variance = (0..realisations).map(|_| {
        let published = arrivals(&mut random);
        let mean_s = (0..clients)
            .map(|_| if in_step { 0.0 } else { simulation::below(&mut random, 1.0) })
            .map(|phase_s| simulation::polling(&published, phase_s - 1.0, 1.0, 0.0, false).mean_s())
            .sum::<f64>();
        (mean_s / f64::from(clients) - 0.5).powi(2)
    });
    (variance.sum::<f64>() / f64::from(realisations)).sqrt()
}

#[test]
fn the_mean_of_polling_varies_with_the_pairs_of_clients_and_events_or_in_step_with_the_events() {
    let bound_s = |arrivals, synchronised, rate_per_s| {
        let scenario = Scenario { clients: 10, arrivals, synchronised, rate_per_s, ..Scenario::default() };
        let expected = super::of(&fixture::record_of(Transport::Polling, scenario, 1));
        let mean = expected.figure(super::Quantity::MeanLatency).unwrap().unwrap();
        // 2 % of the interval for polls that start late, and 0.2 ms for waking up.
        ((mean.high - mean.value) / 1e3 - 0.0202) / 2.576
    };
    let poisson = |random: &mut _| simulation::poisson(random, 2.0, 10.0);
    close(deviation_of_polling(10, false, poisson), bound_s(Arrivals::Poisson, false, 2.0), 0.08);
    close(deviation_of_polling(10, true, poisson), bound_s(Arrivals::Poisson, true, 2.0), 0.08);
    let fixed = |random: &mut _| simulation::fixed(simulation::below(random, 1.0), 1.0, 10.0);
    close(deviation_of_polling(10, false, fixed), bound_s(Arrivals::Fixed, false, 1.0), 0.08);
}

#[test]
fn topics_are_realisations_of_their_own() {
    for (transport, quantity) in
        [(Transport::Polling, super::Quantity::EmptyPolls), (Transport::LongPolling, super::Quantity::PollsPerS)]
    {
        let sampling = |fanout| {
            let scenario = Scenario { clients: 100, fanout, hold_ms: 1_000, ..Scenario::default() };
            let expected = super::of(&fixture::record_of(transport, scenario, 1)).figure(quantity).unwrap().unwrap();
            expected.high / expected.value
        };
        let (one, many) = (sampling(Fanout::Broadcast), sampling(Fanout::Unicast));
        assert!((many - 1.0) < 0.5 * (one - 1.0), "{transport}: {many} {one}");
    }
}

#[test]
fn a_release_goes_at_the_pace_of_its_slower_side() {
    for (serves_s, reads_s) in [(7e-6, 5e-6), (3e-6, 11e-6)] {
        let seen = simulation::release(10_000, serves_s, reads_s);
        let fan_out_s = 10_000.0 * serves_s.max(reads_s);
        same_distribution(&seen, &Latency::new(0.0, fan_out_s, Wait::NONE));
    }
}

proptest! {
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
