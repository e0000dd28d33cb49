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
    use super::*;
    use crate::sys::cores::{allowed, keep_to};

    #[test]
    fn the_wait_is_the_second_figure() {
        assert_eq!(waited_ns("337687 59399 1\n"), Some(59_399));
        assert_eq!(waited_ns(""), None);
    }

    #[test]
    fn two_threads_that_want_one_core_wait_for_it() {
        let Some(before_us) = waited_us() else { return };
        let core = allowed()[..1].to_vec();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    keep_to(&core).unwrap();
                    // Until the other one has had to wait, however busy the machine is.
                    while waited_us().unwrap() < before_us + 1_000 {}
                });
            }
        });
    }
}
