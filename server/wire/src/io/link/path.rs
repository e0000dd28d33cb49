//! What lies between two ends, and the draws of its jitter.

use std::time::Duration;

use feedbench_record::Scenario;
use feedbench_record::ledger::Way;
use feedbench_record::scenario::split_mix;

/// The network between two ends: a line of some rate each way, and behind it a transit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The round-trip time. A transit takes half of it …
    pub rtt: Duration,
    /// … and up to so much less or more.
    pub jitter: Duration,
    /// What the line of a connection carries each way (bit/s of what TCP carries); `None` where it takes no time.
    pub bandwidth_bits_per_s: Option<u64>,
    /// From what the jitter is drawn.
    pub seed: u64,
}

impl Path {
    /// The path of a scenario; `None` where nothing lies between both ends.
    pub fn of(scenario: &Scenario) -> Option<Path> {
        let path = Path {
            rtt: Duration::from_millis(scenario.rtt_ms),
            jitter: Duration::from_millis(scenario.jitter_ms),
            bandwidth_bits_per_s: scenario.bandwidth_bits_per_s,
            seed: scenario.seed,
        };
        (path != Path { seed: path.seed, ..Path::default() }).then_some(path)
    }
}

/// The draws of one connection: number by number, so that they depend on nothing that happened before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Draws(u64);

impl Draws {
    /// Of a client's connection, counted from 0.
    pub(super) fn of(seed: u64, client: u32, connection: u32) -> Draws {
        Draws(split_mix(split_mix(seed, client.into()), connection.into()))
    }

    /// How far a transit is from the shortest that the jitter makes: from 0 to twice the jitter, all alike.
    pub(super) fn above_least(self, jitter: Duration, way: Way, piece: u32) -> Duration {
        let steps = 2 * jitter.as_nanos() + 1;
        let draw = split_mix(split_mix(self.0, way.index() as u64), piece.into());
        // The upper half of the product; a jitter of seconds has 2^33 steps, which 2^64 draws fill evenly enough.
        Duration::from_nanos(((u128::from(draw) * steps) >> 64) as u64)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const JITTER: Duration = Duration::from_millis(10);

    fn draws(seed: u64, client: u32, connection: u32, way: Way) -> Vec<f64> {
        let draws = Draws::of(seed, client, connection);
        (0..10_000).map(|piece| draws.above_least(JITTER, way, piece).as_secs_f64() * 1e3).collect()
    }

    #[test]
    fn jitter_is_uniform_between_nothing_and_twice_itself() {
        let drawn = draws(1, 2, 3, Way::Up);
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        // A uniform distribution of width 20 ms deviates by 20 / sqrt(12) ms, the mean of 10,000 by a hundredth of that.
        assert!((mean - 10.0).abs() < 0.3, "{mean}");
        let in_tenth = |tenth: f64| drawn.iter().filter(|ms| (tenth..tenth + 2.0).contains(*ms)).count();
        for tenth in (0..20).step_by(2) {
            assert!((850..1_150).contains(&in_tenth(f64::from(tenth))), "{tenth}");
        }
        assert!(drawn.iter().all(|ms| (0.0..=20.0).contains(ms)));
        assert_eq!(Draws::default().above_least(Duration::ZERO, Way::Up, 7), Duration::ZERO);
    }

    #[test]
    fn a_seed_a_client_a_connection_and_a_direction_have_draws_of_their_own_and_the_same_again() {
        let first = draws(1, 0, 0, Way::Up);
        assert_eq!(first, draws(1, 0, 0, Way::Up));
        for other in
            [draws(2, 0, 0, Way::Up), draws(1, 1, 0, Way::Up), draws(1, 0, 1, Way::Up), draws(1, 0, 0, Way::Down)]
        {
            assert!(first.iter().zip(&other).filter(|(one, other)| one == other).count() < 10);
        }
    }

    #[test]
    fn a_scenario_without_a_network_has_no_path() {
        assert_eq!(Path::of(&Scenario::default()), None);
        let path = Path::of(&Scenario { rtt_ms: 100, jitter_ms: 50, seed: 7, ..Scenario::default() }).unwrap();
        assert_eq!((path.rtt, path.jitter, path.seed), (Duration::from_millis(100), Duration::from_millis(50), 7));
        let line = Path::of(&Scenario { bandwidth_bits_per_s: Some(1_000), ..Scenario::default() }).unwrap();
        assert_eq!((line.rtt, line.bandwidth_bits_per_s), (Duration::ZERO, Some(1_000)));
    }
}
