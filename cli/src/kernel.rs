//! The kernel's counters around a cell. They belong to the whole network namespace or machine: what else runs meanwhile
//! is in them too.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use feedbench_record::run::{KernelCounters, MemoryPressure};
use feedbench_wire::Clock;
use tokio::task::JoinHandle;

use crate::{cgroup, memory_pressure};

/// A reading of the counters.
pub(crate) struct Reading {
    at_us: u64,
    tcp: BTreeMap<String, u64>,
    steal_us: Option<u64>,
    throttled_us: Option<u64>,
    memory: MemoryPressure,
}

impl Reading {
    /// Reads them now.
    pub(crate) fn take() -> Reading {
        let mut tcp = counters("/proc/net/netstat");
        tcp.append(&mut counters("/proc/net/snmp"));
        Reading {
            at_us: Clock::Monotonic.now_us(),
            tcp,
            steal_us: steal_us(),
            throttled_us: throttled_us(),
            memory: memory_pressure::so_far(),
        }
    }

    /// What was counted from this reading to a later one.
    pub(crate) fn until(&self, later: &Reading) -> KernelCounters {
        let tcp = |name: &str| Some(later.tcp.get(name)?.saturating_sub(*self.tcp.get(name)?));
        let grown = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?));
        KernelCounters {
            over_us: later.at_us - self.at_us,
            listen_overflows: tcp("TcpExt.ListenOverflows"),
            listen_drops: tcp("TcpExt.ListenDrops"),
            tcp_backlog_drop: tcp("TcpExt.TCPBacklogDrop"),
            tcp_time_wait_overflow: tcp("TcpExt.TCPTimeWaitOverflow"),
            time_wait_peak: None,
            out_segs: tcp("Tcp.OutSegs"),
            retrans_segs: tcp("Tcp.RetransSegs"),
            steal_us: grown(self.steal_us, later.steal_us),
            throttled_us: grown(self.throttled_us, later.throttled_us),
            clocks: None,
            memory: memory_pressure::between(self.memory, later.memory),
        }
    }
}

/// Watches how many sockets are in TIME_WAIT, until it is asked or dropped.
pub(crate) struct TimeWait {
    peak: Arc<AtomicU64>,
    watcher: JoinHandle<()>,
}

impl TimeWait {
    /// Looks five times a second from now on.
    pub(crate) fn watch() -> TimeWait {
        let peak = Arc::new(AtomicU64::new(time_wait().unwrap_or(0)));
        let seen = Arc::clone(&peak);
        let watcher = tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_millis(200));
            loop {
                tick.tick().await;
                seen.fetch_max(time_wait().unwrap_or(0), Relaxed);
            }
        });
        TimeWait { peak, watcher }
    }

    /// The most sockets that were there at once; `None` where the kernel does not tell.
    pub(crate) fn peak(&self) -> Option<u64> {
        let now = time_wait()?;
        Some(self.peak.fetch_max(now, Relaxed).max(now))
    }
}

impl Drop for TimeWait {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// Sockets in TIME_WAIT: `TCP: inuse 4 orphan 0 tw 2 alloc 6 mem 0`.
fn time_wait() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/net/sockstat").ok()?;
    let mut words = text.lines().find_map(|line| line.strip_prefix("TCP:"))?.split_whitespace();
    words.find(|word| *word == "tw")?;
    words.next()?.parse().ok()
}

/// `Prefix.Name` and its value, from a file of line pairs: names, then values, both after the same prefix.
fn counters(path: &str) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let mut found = BTreeMap::new();
    for pair in lines.chunks_exact(2) {
        let (Some((prefix, names)), Some((_, values))) = (pair[0].split_once(':'), pair[1].split_once(':')) else {
            continue;
        };
        let values = values.split_whitespace().map(|value| value.parse().unwrap_or(0));
        found.extend(names.split_whitespace().map(|name| format!("{prefix}.{name}")).zip(values));
    }
    found
}

/// CPU time that the host of a virtual machine took, all cores.
fn steal_us() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let steal: u64 = text.lines().next()?.split_whitespace().nth(8)?.parse().ok()?;
    Some(steal * 1_000_000 / rustix::param::clock_ticks_per_second())
}

/// Time that this process's control group, or one around it, was throttled (version 2 and version 1 of the interface).
fn throttled_us() -> Option<u64> {
    let throttled = |text: &String| {
        cgroup::value(text, "throttled_usec").or_else(|| Some(cgroup::value(text, "throttled_time")? / 1_000))
    };
    // A limit of a group around this one holds for both, and is told by that one alone.
    cgroup::files("cpu", "cpu.stat").iter().filter_map(throttled).reduce(u64::saturating_add)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_the_counters_that_a_verdict_needs() {
        let counted = Reading::take().until(&Reading::take());
        assert!(counted.listen_overflows.is_some() && counted.listen_drops.is_some());
        assert!(counted.retrans_segs.is_some() && counted.steal_us.is_some());
    }

    #[tokio::test]
    async fn who_closes_first_waits() {
        let watched = TimeWait::watch();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop(listener.accept().unwrap());
        assert_eq!(std::io::Read::read(&mut client, &mut [0]).unwrap(), 0);
        drop(client);
        assert!(watched.peak().unwrap() >= 1);
    }
}
