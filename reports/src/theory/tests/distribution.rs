//! The sum of transit, place and wait.

use proptest::prelude::*;

use super::{close, same_distribution};
use crate::theory::latency::{Latency, Wait};
use crate::theory::simulation;

#[test]
fn place_and_wait_add_up_as_independent_numbers_do() {
    let mut random = simulation::random(16);
    for wait in [Wait { at_once: 0.3, longest_s: 0.1 }, Wait::uniform(0.02), Wait { at_once: 0.9, longest_s: 1e-3 }] {
        let mut seen = simulation::Seen::default();
        for _ in 0..100_000 {
            let place_s = simulation::below(&mut random, 0.03);
            let wait_s = simulation::wait(&mut random, wait);
            seen.latencies_s.push(0.01 + place_s + wait_s);
        }
        same_distribution(&seen, &Latency::new(0.01, 0.03, wait));
    }
}

#[test]
fn a_share_varies_from_wait_to_wait_as_it_does_in_play() {
    let mut random = simulation::random(17);
    for (wait, fan_out_s) in
        [(Wait { at_once: 0.4, longest_s: 0.1 }, 0.03), (Wait::uniform(0.02), 0.05), (Wait::uniform(1.0), 0.0)]
    {
        let latency = Latency::new(0.01, fan_out_s, wait);
        for q in [0.2, 0.5, 0.9] {
            let within_s = latency.quantile_s(q) - 0.01;
            let shares: Vec<f64> = (0..10_000)
                .map(|_| simulation::wait(&mut random, wait))
                .map(|wait_s| {
                    (0..50).filter(|place| (f64::from(*place) + 0.5) / 50.0 * fan_out_s + wait_s <= within_s).count()
                })
                .map(|places| places as f64 / 50.0)
                .collect();
            let mean = shares.iter().sum::<f64>() / shares.len() as f64;
            let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / shares.len() as f64;
            assert!((mean - q).abs() < 0.02, "{mean} {q}");
            close(variance.sqrt(), latency.share_deviation(latency.quantile_s(q)), 0.05);
        }
    }
    assert_eq!(Latency::new(0.0, 0.5, Wait::NONE).share_deviation(0.2), 0.0);
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
        let steps = 1_000;
        let quantiles = (0..steps).map(|n| latency.quantile_s((f64::from(n) + 0.5) / f64::from(steps)));
        let integral = quantiles.sum::<f64>() / f64::from(steps);
        prop_assert!((integral - latency.mean_s()).abs() < 1e-6 + latency.max_s() / 1_500.0, "{integral} {latency:?}");
    }

    #[test]
    fn a_quantile_is_the_smallest_latency_with_its_share(latency in a_latency(), q in 0.001..1.0f64) {
        let quantile_s = latency.quantile_s(q);
        prop_assert!(latency.share_within(quantile_s) >= q - 1e-9);
        prop_assert!(latency.share_within(quantile_s - 1e-6) <= q);
    }
}
