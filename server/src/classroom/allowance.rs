//! How often everybody together may publish: a bucket that fills at a rate.

use std::sync::{Mutex, PoisonError};

/// The longest text that a page may publish (bytes).
pub const TEXT_MAX_BYTES: usize = 1_000;
/// Texts per second, and at once after a pause.
pub const TEXTS_PER_S: u64 = 20;

/// What one text takes (us of filling).
const PRICE_US: u64 = 1_000_000 / TEXTS_PER_S;
/// What the bucket holds (us of filling).
const FULL_US: u64 = 1_000_000;

/// The bucket.
#[derive(Debug)]
pub struct Allowance(Mutex<Bucket>);

#[derive(Debug)]
struct Bucket {
    held_us: u64,
    at_us: u64,
}

impl Allowance {
    /// A full one at an instant (us).
    pub fn new(now_us: u64) -> Allowance {
        Allowance(Mutex::new(Bucket { held_us: FULL_US, at_us: now_us }))
    }

    /// Takes what one text needs at an instant (us), or nothing and false.
    pub fn take(&self, now_us: u64) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let filled_us = now_us.saturating_sub(bucket.at_us);
        bucket.held_us = bucket.held_us.saturating_add(filled_us).min(FULL_US);
        bucket.at_us = bucket.at_us.max(now_us);
        let enough = bucket.held_us >= PRICE_US;
        if enough {
            bucket.held_us -= PRICE_US;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_second_allows_more_than_its_rate_and_what_was_saved(gaps_us in proptest::collection::vec(0u64..200_000, 1..200)) {
            let allowance = Allowance::new(0);
            let mut now_us = 0;
            let mut taken = 0;
            for gap_us in gaps_us {
                now_us += gap_us;
                taken += u64::from(allowance.take(now_us));
                prop_assert!(taken <= TEXTS_PER_S + now_us / PRICE_US);
            }
        }
    }

    #[test]
    fn who_waits_long_enough_may_always_publish() {
        let allowance = Allowance::new(0);
        while allowance.take(0) {}
        assert!((1..100).all(|n| allowance.take(n * PRICE_US)));
    }
}
