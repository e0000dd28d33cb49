//! CLOCK_PROCESS_CPUTIME_ID: CPU time of all threads of this process, in nanoseconds where /proc has ticks of 10 ms.

use rustix::time::{ClockId, clock_gettime};

/// CPU time that this process has used (us).
pub fn used_us() -> u64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as u64 * 1_000_000 + used.tv_nsec as u64 / 1_000
}
