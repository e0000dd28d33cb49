//! Which cores this process may use, and how to keep to some of them (sched_setaffinity(2)).

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that this process may use, by the kernel's numbers.
pub fn allowed() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect()
}

/// Keeps the calling thread, and every thread it starts from now on, to `cores`. An empty list changes nothing.
///
/// # Errors
/// The kernel's, when none of the cores exists or is allowed.
pub fn keep_to(cores: &[usize]) -> io::Result<()> {
    if cores.is_empty() {
        return Ok(());
    }
    let mut set = CpuSet::new();
    cores.iter().for_each(|&core| set.set(core));
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_to_the_core_it_was_given() {
        let first = allowed()[..1].to_vec();
        let kept = std::thread::spawn(move || keep_to(&first).map(|()| allowed() == first)).join();
        assert!(matches!(kept, Ok(Ok(true))));
    }
}
