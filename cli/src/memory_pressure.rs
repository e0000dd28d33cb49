//! How short memory is: what the machine and this control group have counted so far.

use feedbench_record::run::MemoryPressure;

use crate::cgroup;

/// Reads the counters now, since the machine started; what the kernel does not tell is `None`.
pub(crate) fn so_far() -> MemoryPressure {
    let read = |path| std::fs::read_to_string(path).ok();
    let (events, failures) = (cgroup::files("memory", "memory.events"), cgroup::files("memory", "memory.failcnt"));
    let hits = |text: &String| Some(cgroup::value(text, "max")? + cgroup::value(text, "high")?);
    let kills = [events.first().cloned(), cgroup::files("memory", "memory.oom_control").into_iter().next()];
    MemoryPressure {
        stalled_us: read("/proc/pressure/memory").and_then(|text| stalled_us(&text)),
        swap_ins: read("/proc/vmstat").and_then(|text| cgroup::value(&text, "pswpin")),
        // A limit of a group around this one is met by it as well.
        limit_hits: events
            .iter()
            .filter_map(hits)
            .chain(failures.iter().filter_map(|text| text.trim().parse().ok()))
            .max(),
        oom_kills: kills.iter().flatten().find_map(|text| cgroup::value(text, "oom_kill")),
    }
}

/// What was counted between two readings.
pub(crate) fn between(before: MemoryPressure, after: MemoryPressure) -> MemoryPressure {
    let grown = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?));
    MemoryPressure {
        stalled_us: grown(before.stalled_us, after.stalled_us),
        swap_ins: grown(before.swap_ins, after.swap_ins),
        limit_hits: grown(before.limit_hits, after.limit_hits),
        oom_kills: grown(before.oom_kills, after.oom_kills),
    }
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=US`: time in which at least one task waited.
fn stalled_us(pressure: &str) -> Option<u64> {
    pressure.lines().find_map(|line| line.strip_prefix("some ")?.rsplit_once("total=")?.1.trim().parse().ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_some_and_not_of_full_is_taken() {
        let text = "some avg10=0.00 avg60=0.00 avg300=0.00 total=17\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n";
        assert_eq!(stalled_us(text), Some(17));
        assert_eq!(stalled_us("full avg10=0.00 total=5\n"), None);
    }

    #[test]
    fn this_machine_counts_pages_that_come_back_from_swap() {
        let before = so_far();
        assert!(between(before, so_far()).swap_ins.is_some());
    }

    #[test]
    fn what_was_not_told_once_is_not_known() {
        let told = MemoryPressure { stalled_us: Some(3), oom_kills: Some(1), ..MemoryPressure::default() };
        let more = MemoryPressure { stalled_us: Some(9), ..MemoryPressure::default() };
        let between = between(told, more);
        assert_eq!((between.stalled_us, between.oom_kills, between.swap_ins), (Some(6), None, None));
    }
}
