//! How late a runtime is to everything: a timer in it that has nothing to do but to look at the clock.
//!
//! The instants are evenly spread over the window, so the lags are those of a random instant: a runtime that is late for
//! half a second counts for half a second, and not for one sample.

use feedbench_record::run::Window;

use crate::Clock;

/// From one instant to the next (us): often enough for a percentile of a window, and seldom enough to be nothing beside
/// what the side itself uses.
pub const TICK_US: u64 = 20_000;

/// Runs the timer through a window and tells how late it was for each of its instants (us).
pub async fn watch(clock: Clock, window: Window, mut late_us: impl FnMut(u64)) {
    let mut due_us = window.start_us;
    while due_us < window.end_us {
        clock.sleep_until_us(due_us).await;
        let now_us = clock.now_us();
        // Whatever came due meanwhile would have been late as well.
        while due_us <= now_us.min(window.end_us.saturating_sub(1)) {
            late_us(now_us - due_us);
            due_us += TICK_US;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    const WINDOW: Window = Window { start_us: 20_000, end_us: 100_000 };

    #[tokio::test(start_paused = true)]
    async fn a_runtime_with_nothing_to_do_is_on_time() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let mut lags = Vec::new();
        watch(clock, WINDOW, |us| lags.push(us)).await;
        assert_eq!(lags, [0; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn every_instant_of_a_stall_is_late_by_what_was_left_of_it() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let lags = RefCell::new(Vec::new());
        let stall = async {
            clock.sleep_until_us(35_000).await;
            // The clock goes on and nobody gets a turn.
            advance(Duration::from_millis(31)).await;
        };
        tokio::join!(watch(clock, WINDOW, |us| lags.borrow_mut().push(us)), stall);
        assert_eq!(*lags.borrow(), [0, 26_000, 6_000, 0]);
    }
}
