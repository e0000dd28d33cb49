//! What a process has used up, read at the edges of the phases: the difference of two readings is what a phase cost.

use feedbench_record::run::Usage;

use crate::Clock;
use crate::sys::{cores, cpu_time, memory, run_delay};

/// What this process has used up to an instant.
#[derive(Clone, Debug)]
pub struct Reading {
    at_us: u64,
    cpu_us: u64,
    run_delay_us: Option<u64>,
    cores_busy_us: Option<u64>,
    major_faults: u64,
}

impl Reading {
    /// Reads everything now.
    pub fn now(clock: Clock) -> Reading {
        Reading {
            at_us: clock.now_us(),
            cpu_us: cpu_time::used_us(),
            run_delay_us: run_delay::waited_us(),
            cores_busy_us: cores::busy_us(&cores::allowed()),
            major_faults: memory::major_faults(),
        }
    }

    /// When it was taken (us).
    pub fn at_us(&self) -> u64 {
        self.at_us
    }

    /// CPU time a second from here to a later reading (us/s); `None` when no time has passed.
    pub fn cpu_us_per_s(&self, later: &Reading) -> Option<f64> {
        let span_us = later.at_us.checked_sub(self.at_us).filter(|&us| us > 0)?;
        Some((later.cpu_us - self.cpu_us) as f64 * 1e6 / span_us as f64)
    }

    /// Writes into `usage` what the window cost that began here and ended at a later reading.
    pub fn window_to(&self, later: &Reading, usage: &mut Usage) {
        let grown = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?));
        usage.cpu_window_us = Some(later.cpu_us - self.cpu_us);
        usage.run_delay_us = grown(self.run_delay_us, later.run_delay_us);
        usage.cores_busy_us = grown(self.cores_busy_us, later.cores_busy_us);
        usage.major_faults = Some(later.major_faults - self.major_faults);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_does_between_two_readings_is_in_their_difference() {
        let before = Reading::now(Clock::Monotonic);
        while cpu_time::used_us() < before.cpu_us + 30_000 {}
        let after = Reading::now(Clock::Monotonic);
        let mut usage = Usage::default();
        before.window_to(&after, &mut usage);
        assert!(usage.cpu_window_us.unwrap() >= 30_000);
        assert!(usage.cores_busy_us.is_some() && usage.major_faults.is_some());
        assert!(before.cpu_us_per_s(&after).unwrap() > 0.0);
        assert_eq!(before.cpu_us_per_s(&before), None);
    }
}
