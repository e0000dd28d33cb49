//! The sums of a record's parts, structure by structure.

use std::collections::BTreeMap;
use std::ops::Add;

use crate::agreement::Agreement;
use crate::histogram::Histogram;
use crate::ledger::IpBytes;
use crate::run::{
    Bytes, Clocks, Counts, EndBytes, Histograms, KernelCounters, MemoryPressure, Polls, Second, SlowReaderCounts,
    Usage, Window,
};

/// A sum that is known only if both of its parts are.
pub(super) fn both<T>(one: Option<T>, other: Option<T>, add: impl FnOnce(T, T) -> T) -> Option<T> {
    one.zip(other).map(|(one, other)| add(one, other))
}

pub(super) fn known(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    both(one, other, |one, other| one + other)
}

/// Shards that were started together have one window. Of others the longest counts, so that no rate is too high.
pub(super) fn longer(one: Window, other: Window) -> Window {
    let key = |window: Window| (window.end_us.saturating_sub(window.start_us), std::cmp::Reverse(window.start_us));
    if key(other) > key(one) { other } else { one }
}

pub(super) fn add_counts(sum: &mut Counts, part: Counts) {
    let Counts { expected, delivered, lost, duplicated, reordered, malformed } = part;
    sum.expected = known(sum.expected, expected);
    sum.delivered += delivered;
    // A loss that one shard knows of is one, whether or not the others can tell; and no surplus makes up for it.
    sum.lost = sum.lost.into_iter().chain(lost).reduce(|one, other| one + other);
    sum.duplicated += duplicated;
    sum.reordered += reordered;
    sum.malformed += malformed;
}

pub(super) fn add_errors(sum: &mut BTreeMap<String, u64>, part: BTreeMap<String, u64>) {
    for (kind, count) in part {
        *sum.entry(kind).or_default() += count;
    }
}

pub(super) fn add_slow_readers(one: SlowReaderCounts, other: SlowReaderCounts) -> SlowReaderCounts {
    let SlowReaderCounts { missed, dropped } = other;
    SlowReaderCounts { missed: one.missed + missed, dropped: one.dropped + dropped }
}

pub(super) fn add_polls(one: Polls, other: Polls) -> Polls {
    let Polls { total, empty, skipped } = other;
    Polls { total: one.total + total, empty: one.empty + empty, skipped: one.skipped + skipped }
}

pub(super) fn add_bytes(sum: &mut Bytes, part: Bytes) {
    let Bytes { loadgen, server, payload_down, payload_up, in_window, ip_in_window, reads, ip, heartbeat, agreement } =
        part;
    sum.loadgen = add_end(sum.loadgen, loadgen);
    sum.server = both(sum.server, server, add_end);
    sum.payload_down += payload_down;
    sum.payload_up += payload_up;
    sum.in_window = known(sum.in_window, in_window);
    sum.ip_in_window = known(sum.ip_in_window, ip_in_window);
    sum.reads += reads;
    sum.ip = both(sum.ip, ip, |mut one: IpBytes, other| {
        one += other;
        one
    });
    // A rule of the framing, the same for every shard.
    sum.heartbeat = sum.heartbeat.or(heartbeat);
    add_agreement(&mut sum.agreement, agreement);
}

fn add_end(one: EndBytes, other: EndBytes) -> EndBytes {
    let EndBytes { connections, up, down, opening_up, opening_down, ledger, segments } = other;
    EndBytes {
        connections: one.connections + connections,
        up: one.up + up,
        down: one.down + down,
        opening_up: known(one.opening_up, opening_up),
        opening_down: known(one.opening_down, opening_down),
        // As of connections: those count of which the kernel told.
        segments: one.segments.into_iter().chain(segments).reduce(Add::add),
        ledger: both(one.ledger, ledger, |mut one, other| {
            one += other;
            one
        }),
    }
}

fn add_agreement(sum: &mut Agreement, part: Agreement) {
    let Agreement {
        compared,
        compared_with_kernel,
        excluded,
        excluded_names,
        unclassified,
        differences,
        difference_names,
    } = part;
    sum.compared += compared;
    sum.compared_with_kernel += compared_with_kernel;
    sum.excluded += excluded;
    sum.name_excluded(excluded_names);
    sum.unclassified += unclassified;
    sum.differences += differences;
    sum.name_differences(difference_names);
}

/// The pairs of processes share the machine's cores, and what they use together is held against these.
pub(super) fn add_usage(one: Usage, other: Usage) -> Usage {
    let Usage {
        cpu_window_us,
        cpu_idle_us_per_s,
        cores,
        rss_before_bytes,
        rss_window_bytes,
        run_delay_us,
        cores_busy_us,
        major_faults,
    } = other;
    Usage {
        cpu_window_us: known(one.cpu_window_us, cpu_window_us),
        cpu_idle_us_per_s: both(one.cpu_idle_us_per_s, cpu_idle_us_per_s, |one, other| one + other),
        cores: one.cores.max(cores),
        rss_before_bytes: one.rss_before_bytes + rss_before_bytes,
        rss_window_bytes: known(one.rss_window_bytes, rss_window_bytes),
        run_delay_us: known(one.run_delay_us, run_delay_us),
        // Each process has looked at the same cores.
        cores_busy_us: one.cores_busy_us.max(cores_busy_us),
        major_faults: known(one.major_faults, major_faults),
    }
}

/// The counters are those of the whole machine, and every shard has read them all: the most that one has seen.
pub(super) fn most(one: KernelCounters, other: KernelCounters) -> KernelCounters {
    let KernelCounters {
        over_us,
        listen_overflows,
        listen_drops,
        tcp_backlog_drop,
        tcp_time_wait_overflow,
        time_wait_peak,
        out_segs,
        retrans_segs,
        steal_us,
        throttled_us,
        clocks,
        memory,
    } = other;
    KernelCounters {
        over_us: one.over_us.max(over_us),
        listen_overflows: one.listen_overflows.max(listen_overflows),
        listen_drops: one.listen_drops.max(listen_drops),
        tcp_backlog_drop: one.tcp_backlog_drop.max(tcp_backlog_drop),
        tcp_time_wait_overflow: one.tcp_time_wait_overflow.max(tcp_time_wait_overflow),
        time_wait_peak: one.time_wait_peak.max(time_wait_peak),
        out_segs: one.out_segs.max(out_segs),
        retrans_segs: one.retrans_segs.max(retrans_segs),
        steal_us: one.steal_us.max(steal_us),
        throttled_us: one.throttled_us.max(throttled_us),
        clocks: one.clocks.into_iter().chain(clocks).reduce(worst_clocks),
        memory: worst_memory(one.memory, memory),
    }
}

fn worst_clocks(one: Clocks, other: Clocks) -> Clocks {
    let Clocks { step_us, suspended_us, rate_ppm } = other;
    Clocks {
        step_us: one.step_us.max(step_us),
        suspended_us: one.suspended_us.max(suspended_us),
        rate_ppm: [one.rate_ppm, rate_ppm].into_iter().max_by_key(|ppm| (ppm.unsigned_abs(), *ppm)).unwrap_or(rate_ppm),
    }
}

fn worst_memory(one: MemoryPressure, other: MemoryPressure) -> MemoryPressure {
    let MemoryPressure { stalled_us, swap_ins, limit_hits, oom_kills } = other;
    MemoryPressure {
        stalled_us: one.stalled_us.max(stalled_us),
        swap_ins: one.swap_ins.max(swap_ins),
        limit_hits: one.limit_hits.max(limit_hits),
        oom_kills: one.oom_kills.max(oom_kills),
    }
}

fn added(mut one: Histogram, other: &Histogram) -> Histogram {
    one.add(other);
    one
}

pub(super) fn add_histograms(sum: &mut Histograms, part: Histograms) {
    let Histograms {
        delivery_latency,
        connect_time,
        tls_handshake_time,
        publish_lag,
        worker_lag,
        poll_lateness,
        loop_lag,
        server_loop_lag,
        link_error,
    } = part;
    sum.delivery_latency = both(sum.delivery_latency.take(), delivery_latency, |one, other| added(one, &other));
    sum.connect_time.add(&connect_time);
    sum.tls_handshake_time = both(sum.tls_handshake_time.take(), tls_handshake_time, |one, other| added(one, &other));
    sum.publish_lag = both(sum.publish_lag.take(), publish_lag, |one, other| added(one, &other));
    sum.worker_lag.add(&worker_lag);
    sum.poll_lateness = both(sum.poll_lateness.take(), poll_lateness, |one, other| added(one, &other));
    sum.loop_lag = both(sum.loop_lag.take(), loop_lag, |one, other| added(one, &other));
    sum.server_loop_lag = both(sum.server_loop_lag.take(), server_loop_lag, |one, other| added(one, &other));
    sum.link_error = both(sum.link_error.take(), link_error, |one, other| added(one, &other));
}

/// Second for second, each counted from its own window's start.
pub(super) fn add_seconds(sum: &mut Vec<Second>, part: Vec<Second>) {
    let mut all: BTreeMap<_, _> = std::mem::take(sum).into_iter().map(|second| (second.second, second)).collect();
    for Second { second, delivered, latency, bytes } in part {
        // A shard that has ended moves no more bytes.
        let one = all.entry(second).or_insert(Second { second, delivered: 0, latency: None, bytes: Some(0) });
        one.delivered += delivered;
        one.bytes = known(one.bytes, bytes);
        // A second without deliveries has no latencies.
        one.latency = match (one.latency.take(), latency) {
            (Some(one), Some(more)) => Some(added(one, &more)),
            (one, more) => one.or(more),
        };
    }
    *sum = all.into_values().collect();
}
