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

/// Time that some cores were busy since the machine started (us, summed over them), whoever used them; `None` when /proc does
/// not tell. Time taken by the host of a virtual machine is not in it.
pub fn busy_us(cores: &[usize]) -> Option<u64> {
    busy_ticks(&std::fs::read_to_string("/proc/stat").ok()?, cores)
        .map(|ticks| ticks * 1_000_000 / rustix::param::clock_ticks_per_second())
}

/// From the lines `cpuN user nice system idle iowait irq softirq steal …` (proc_stat(5)).
fn busy_ticks(stat: &str, cores: &[usize]) -> Option<u64> {
    cores.iter().map(|core| of_core(stat, *core)).sum()
}

fn of_core(stat: &str, core: usize) -> Option<u64> {
    let name = format!("cpu{core}");
    let fields = stat.lines().find_map(|line| line.strip_prefix(&name)?.strip_prefix(' '))?;
    let ticks: Vec<u64> = fields.split_whitespace().map_while(|field| field.parse().ok()).collect();
    let [user, nice, system, _idle, _iowait, irq, softirq, ..] = ticks[..] else { return None };
    Some(user + nice + system + irq + softirq)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_all_but_idle_waiting_and_stolen_time_of_the_cores_asked_for() {
        let stat =
            "cpu  9 9 9 9 9 9 9 9 9 9\ncpu1 10 20 30 1000 1000 4 5 1000 0 0\ncpu11 1 0 0 7 7 0 0 7 0 0\nintr 1\n";
        assert_eq!(busy_ticks(stat, &[1]), Some(69));
        assert_eq!(busy_ticks(stat, &[1, 11]), Some(70));
        assert_eq!(busy_ticks(stat, &[2]), None);
        assert!(busy_us(&allowed()).is_some_and(|us| us > 0));
    }

    #[test]
    fn a_thread_keeps_to_the_core_it_was_given() {
        let first = allowed()[..1].to_vec();
        let kept = std::thread::spawn(move || keep_to(&first).map(|()| allowed() == first)).join();
        assert!(matches!(kept, Ok(Ok(true))));
    }
}
