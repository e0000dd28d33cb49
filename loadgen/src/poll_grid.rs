//! When a client polls: at a phase of its own and every interval after it. Instants that pass while a request is
//! outstanding are skipped and counted; the phase stays on its grid. A closed workload has no grid: nothing of it is late or
//! skipped.

use feedbench_record::Scenario;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A client's instant within the poll interval (us): spread at random, or 0 for all.
pub(crate) fn phase_us(scenario: &Scenario, client: u32) -> u64 {
    let interval_us = (scenario.interval_ms * 1_000).max(1);
    if scenario.synchronised {
        return 0;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(scenario.seed);
    rng.set_stream(u64::from(client) + 1);
    rng.random_range(0..interval_us)
}

/// The poll instants of one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollGrid {
    next_us: u64,
    interval_us: u64,
}

impl PollGrid {
    /// The instants `phase_us`, `phase_us + interval_us`, … that come after `now_us`.
    ///
    /// # Panics
    /// If the interval is 0: a closed workload has no grid.
    pub(crate) fn after(now_us: u64, phase_us: u64, interval_us: u64) -> PollGrid {
        assert!(interval_us > 0, "an interval of 0 has no grid");
        let mut grid = PollGrid { next_us: phase_us, interval_us };
        let (next_us, _) = grid.next(now_us);
        PollGrid { next_us, interval_us }
    }

    /// The next instant that has not passed, and how many were skipped to find it.
    pub(crate) fn next(&mut self, now_us: u64) -> (u64, u64) {
        let skipped = match now_us.checked_sub(self.next_us) {
            Some(late_us) => late_us / self.interval_us + 1,
            None => 0,
        };
        let planned_us = self.next_us + skipped * self.interval_us;
        self.next_us = planned_us + self.interval_us;
        (planned_us, skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_instant_that_passed_during_a_request_is_skipped_and_the_phase_stays() {
        let mut grid = PollGrid::after(0, 300, 1_000);
        assert_eq!(grid.next(0), (300, 0));
        assert_eq!(grid.next(310), (1_300, 0));
        assert_eq!(grid.next(3_350), (4_300, 2));
        assert_eq!(grid.next(4_301), (5_300, 0));
    }

    #[test]
    fn instants_before_the_first_poll_were_never_planned() {
        let mut grid = PollGrid::after(10_000, 300, 1_000);
        assert_eq!(grid.next(10_000), (10_300, 0));
    }

    proptest! {
        #[test]
        fn every_instant_of_the_grid_is_either_planned_or_skipped(
            (interval, first) in (1u64..2_000).prop_flat_map(|interval| (Just(interval), 1..=interval)),
            steps in proptest::collection::vec(0u64..5_000, 1..50),
        ) {
            let mut grid = PollGrid::after(0, first, interval);
            let (mut now, mut seen) = (0, 0);
            for step in steps {
                now += step;
                let (planned, skipped) = grid.next(now);
                seen += skipped + 1;
                prop_assert!(planned > now);
                prop_assert_eq!(planned, first + (seen - 1) * interval);
                now = planned;
            }
        }
    }
}
