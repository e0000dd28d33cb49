//! Which value is tried next: doubling from a start until one fails, or halving until one holds, then the middle between
//! both. Nothing here measures; the same outcomes give the same values.

use feedbench_record::capacity::Outcome;

/// A search for the largest value that holds.
#[derive(Clone, Debug)]
pub(super) struct Search {
    least: u32,
    most: u32,
    /// What held and what did not are to be no further apart than this share of what held.
    resolution: f64,
    held: Option<u32>,
    failed: Option<u32>,
    next: u32,
    /// The value was disturbed once, and is tried a second time.
    again: bool,
}

impl Search {
    /// From `start` on, which is brought between `least` and `most`.
    pub(super) fn new(start: u32, least: u32, most: u32, resolution: f64) -> Search {
        let least = least.max(1).min(most);
        Search { least, most, resolution, held: None, failed: None, next: start.clamp(least, most), again: false }
    }

    /// The value to try; `None` when the search is over.
    pub(super) fn next(&self) -> Option<u32> {
        let wanted = match (self.held, self.failed) {
            (Some(held), None) => held < self.most,
            (None, Some(failed)) => failed > self.least,
            (Some(held), Some(failed)) => failed - held > self.grain(held),
            (None, None) => true,
        };
        wanted.then_some(self.next)
    }

    /// How the value of [`Search::next`] ended. One that was disturbed is tried once more before it counts as too much.
    pub(super) fn told(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Disturbed if !self.again => {
                self.again = true;
                return;
            }
            Outcome::Held => self.held = Some(self.next),
            Outcome::Missed | Outcome::Disturbed => self.failed = Some(self.next),
        }
        self.again = false;
        self.next = match (self.held, self.failed) {
            (Some(held), None) => held.saturating_mul(2).min(self.most),
            (None, Some(failed)) => (failed / 2).max(self.least),
            (Some(held), Some(failed)) => held + (failed - held) / 2,
            (None, None) => self.next,
        };
    }

    /// How far apart both may stay.
    fn grain(&self, held: u32) -> u32 {
        ((f64::from(held) * self.resolution) as u32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RESOLUTION: f64 = 0.05;

    /// Searches until the end, and gives what held and what did not, with the number of steps.
    fn run(mut search: Search, mut oracle: impl FnMut(u32) -> Outcome) -> (Option<u32>, Option<u32>, u32) {
        let mut steps = 0;
        while let Some(value) = search.next() {
            assert!((search.least..=search.most).contains(&value));
            search.told(oracle(value));
            steps += 1;
            assert!(steps < 200, "without end: {search:?}");
        }
        (search.held, search.failed, steps)
    }

    #[test]
    fn it_doubles_and_then_takes_the_middle() {
        let mut tried = Vec::new();
        run(Search::new(100, 1, 10_000, RESOLUTION), |value| {
            tried.push(value);
            if value <= 650 { Outcome::Held } else { Outcome::Missed }
        });
        assert_eq!(tried, [100, 200, 400, 800, 600, 700, 650, 675]);
    }

    #[test]
    fn a_disturbed_value_is_tried_once_more_and_then_taken_for_too_much() {
        let mut tried = Vec::new();
        let found = run(Search::new(4, 1, 8, RESOLUTION), |value| {
            tried.push(value);
            if value == 4 && tried.len() == 1 || value > 6 { Outcome::Disturbed } else { Outcome::Held }
        });
        assert_eq!(tried, [4, 4, 8, 8, 6, 7, 7]);
        assert_eq!((found.0, found.1), (Some(6), Some(7)));
    }

    proptest! {
        #[test]
        fn the_threshold_of_any_monotone_oracle_is_found(
            least in 1u32..50,
            most in 50u32..5_000_000,
            start in 1u32..5_000_000,
            threshold in 0u32..6_000_000,
        ) {
            let holds = |value| if value <= threshold { Outcome::Held } else { Outcome::Missed };
            let (held, failed, steps) = run(Search::new(start, least, most, RESOLUTION), holds);
            prop_assert!(steps <= 24 + 25, "{steps} steps");
            prop_assert!(held.is_none_or(|held| held <= threshold) && failed.is_none_or(|failed| failed > threshold));
            match (held, failed) {
                (Some(held), None) => prop_assert_eq!(held, most),
                (None, Some(failed)) => prop_assert_eq!(failed, least),
                (Some(held), Some(failed)) => {
                    prop_assert!(failed - held <= ((f64::from(held) * RESOLUTION) as u32).max(1));
                }
                (None, None) => prop_assert!(false, "nothing was tried"),
            }
        }

        #[test]
        fn any_oracle_comes_to_an_end(
            most in 1u32..5_000_000,
            start in 1u32..5_000_000,
            outcomes in proptest::collection::vec(0..3, 200),
        ) {
            let mut outcomes = outcomes.into_iter().cycle();
            let oracle = |_| match outcomes.next() {
                Some(0) => Outcome::Held,
                Some(1) => Outcome::Missed,
                _ => Outcome::Disturbed,
            };
            let (held, failed, steps) = run(Search::new(start, 1, most, RESOLUTION), oracle);
            prop_assert!(steps <= 100, "{steps} steps");
            prop_assert!(held.zip(failed).is_none_or(|(held, failed)| held < failed));
        }
    }
}
