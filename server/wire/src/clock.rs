//! The one clock. Every instant in feedbench is a number of microseconds of CLOCK_MONOTONIC, which all processes of one
//! boot and one time namespace share.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

/// Where instants come from: a parameter of everything that needs one.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// CLOCK_MONOTONIC.
    Monotonic,
    /// The runtime's own clock, which a test may pause: microseconds since `origin`.
    Runtime {
        /// The instant that counts as 0.
        origin: Instant,
    },
}

impl Clock {
    /// Now (us).
    pub fn now_us(self) -> u64 {
        match self {
            Clock::Monotonic => monotonic_us(),
            Clock::Runtime { origin } => origin.elapsed().as_micros() as u64,
        }
    }

    /// The runtime's instant for a time of this clock.
    pub fn instant(self, at_us: u64) -> Instant {
        match self {
            Clock::Monotonic => Instant::now() + Duration::from_micros(at_us.saturating_sub(monotonic_us())),
            Clock::Runtime { origin } => origin + Duration::from_micros(at_us),
        }
    }

    /// Waits until a time of this clock; returns at once when it has passed. The runtime's timers are 1 ms coarse.
    pub async fn sleep_until_us(self, at_us: u64) {
        if self.now_us() < at_us {
            tokio::time::sleep_until(self.instant(at_us)).await;
        }
    }
}

fn monotonic_us() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1_000
}

/// The wall clock (us since 1970).
pub fn realtime_us() -> u64 {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1_000
}

/// Names the life of the kernel and the time namespace: two processes with the same text share CLOCK_MONOTONIC.
pub fn boot_id() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/time").map(|link| link.to_string_lossy().into_owned());
    format!("{} {}", boot.trim(), namespace.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_paused_clock_moves_by_exactly_what_was_slept() {
        let clock = Clock::Runtime { origin: Instant::now() };
        clock.sleep_until_us(1_500_000).await;
        assert_eq!(clock.now_us(), 1_500_000);
        clock.sleep_until_us(1_000_000).await;
        assert_eq!(clock.now_us(), 1_500_000, "the past does not wait");
    }

    #[test]
    fn the_boot_has_a_name() {
        assert!(boot_id().len() > 36);
    }
}
