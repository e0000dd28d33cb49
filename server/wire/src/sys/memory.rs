//! Resident memory of this process, and what it had to wait for because it was not resident (getrusage(2)).

use std::mem::MaybeUninit;

/// Resident set size (bytes); `None` when /proc does not tell.
pub fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Pages that this process had to wait for so far, because they were on a disk.
#[allow(unsafe_code)]
pub fn major_faults() -> u64 {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the kernel writes one rusage, which `usage` has room for, and all-zero is a valid one.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    usage.ru_majflt as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_that_is_touched_is_resident() {
        let before = super::resident_bytes().unwrap_or_default();
        // So much that what other tests give back meanwhile does not count.
        let block = std::hint::black_box(vec![1u8; 256 << 20]);
        let after = super::resident_bytes().unwrap_or_default();
        assert!(before > 0 && after > before + (128 << 20), "{before} then {after}, with {} bytes", block.len());
    }
}
