//! How long the threads of this process were kept waiting for a core (`schedstat` of the kernel's scheduler statistics).

/// Time that the threads which live now could have run and did not (us, since each began); `None` when /proc does not tell.
pub fn waited_us() -> Option<u64> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    // A thread may end between the listing and the look at it.
    let waited =
        threads.filter_map(|thread| waited_ns(&std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?));
    waited.reduce(|sum, more| sum + more).map(|ns| ns / 1_000)
}

/// The second figure of `time on a core, time waiting for one, turns`.
fn waited_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;
    use crate::sys::cores::{allowed, keep_to};

    #[test]
    fn the_wait_is_the_second_figure() {
        assert_eq!(waited_ns("337687 59399 1\n"), Some(59_399));
        assert_eq!(waited_ns(""), None);
    }

    #[test]
    fn two_threads_that_want_one_core_wait_for_it() {
        if waited_us().is_none() {
            return;
        }
        let own_us = || waited_ns(&std::fs::read_to_string("/proc/thread-self/schedstat").unwrap()).unwrap() / 1_000;
        let core = allowed()[..1].to_vec();
        let have_waited = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    keep_to(&core).unwrap();
                    while own_us() < 1_000 {}
                    have_waited.fetch_add(1, Relaxed);
                    // Who went now would leave the core to the other one, which has not waited yet.
                    while have_waited.load(Relaxed) < 2 {}
                    let own_us = own_us();
                    assert!(waited_us().unwrap() >= own_us);
                });
            }
        });
    }
}
