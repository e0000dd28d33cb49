//! The gates: what could have disturbed a measurement, each with what was measured of it and how much of it may be. What
//! exceeds its bound is a reason against the cell; a report shows all of them, so that a reader sees how near each was.

use std::ops::Add;

use crate::judge::{
    CLOCK_RATE_PPM, CLOCK_STEP_US, CPU_SHARE, FOREIGN_CPU_SHARE, LINE_SHARE, LINK_ERROR_P99_US, LOOP_LAG_P99_US,
    LOOP_LAG_SHARE, MAJOR_FAULTS, MEMORY_LIMIT_HITS, MEMORY_STALL_SHARE, POLL_LATENESS_P99_US, POLL_LATENESS_SHARE,
    POLLS_SKIPPED_SHARE, PORTS_EXHAUSTED, PUBLISH_LAG_P99_US, PUBLISH_LAG_SHARE, RETRANSMITTED_SHARE, STEAL_SHARE,
    SUSPENDED_US, SWAP_INS, THROTTLED_SHARE, WORKER_LAG_P99_US, WORKER_LAG_SHARE, explained_latency_us,
};
use crate::ledger::Ledger;
use crate::run::{Record, Segments, Usage};
use crate::scenario::ConnectionPolicy;
use crate::transport::Manner;
use crate::verdict::{Code, Reason, Workload};

/// One figure with its bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The reason's code when the bound is exceeded.
    pub code: Code,
    /// What was measured, for people.
    pub name: &'static str,
    /// In what.
    pub unit: Unit,
    /// How much of it there was; `None` where it was not measured.
    pub figure: Option<f64>,
    /// How much of it there may be; infinite where it is only reported.
    pub bound: f64,
    reason: Option<String>,
}

/// The unit of a figure and its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Hundredths of what there is.
    Percent,
    /// A number.
    Count,
    /// Parts per million.
    Ppm,
}

impl Gate {
    fn new(code: Code, name: &'static str, unit: Unit, figure: Option<f64>, bound: f64) -> Gate {
        Gate { code, name, unit, figure, bound, reason: None }
    }

    /// With the text of the reason, if the bound is exceeded.
    fn or(mut self, text: impl FnOnce(f64, f64) -> String) -> Gate {
        self.reason = self.figure.filter(|&figure| figure > self.bound).map(|figure| text(figure, self.bound));
        self
    }

    /// The reason against the cell, if the bound is exceeded.
    pub fn reason(&self) -> Option<Reason> {
        Some(Reason { class: self.code.class(), code: self.code, text: self.reason.clone()? })
    }
}

/// Every gate of a cell, in a fixed order.
pub fn gates(record: &Record) -> Vec<Gate> {
    let mut gates = lags(record);
    gates.extend(polls(record));
    gates.extend(link(record));
    gates.extend(line(record));
    gates.extend(processors(record));
    gates.extend(network(record));
    gates.extend(clocks(record));
    gates.extend(memory(record));
    if record.workload() == Workload::Closed {
        gates.retain(|gate| !gate.code.is_of_open_workloads());
    }
    gates
}

fn p99_ms(histogram: Option<&crate::Histogram>) -> Option<f64> {
    histogram?.quantile_us(0.99).map(|us| us as f64 / 1e3)
}

fn lags(record: &Record) -> Vec<Gate> {
    let histograms = &record.histograms;
    let latency = histograms.delivery_latency.as_ref().and_then(|h| h.quantile_us(0.99)).unwrap_or(0);
    let beyond = latency.saturating_sub(explained_latency_us(record));
    let bound = PUBLISH_LAG_P99_US.max((beyond as f64 * PUBLISH_LAG_SHARE) as u64) as f64 / 1e3;
    let publish = p99_ms(histograms.publish_lag.as_ref());
    let publish = Gate::new(Code::PublishLag, "publish lag (p99)", Unit::Ms, publish, bound)
        .or(|p99, bound| format!("the publisher was late: p99 {p99:.1} ms, bound {bound:.1} ms"));
    let bound = WORKER_LAG_P99_US.max((latency as f64 * WORKER_LAG_SHARE) as u64) as f64 / 1e3;
    let worker = p99_ms(Some(&histograms.worker_lag));
    let worker = Gate::new(Code::WorkerLag, "worker lag (p99)", Unit::Ms, worker, bound)
        .or(|p99, bound| format!("the load generator was late to read: p99 {p99:.1} ms, bound {bound:.1} ms"));
    let bound = LOOP_LAG_P99_US.max((beyond as f64 * LOOP_LAG_SHARE) as u64) as f64 / 1e3;
    let looped = p99_ms(histograms.loop_lag.as_ref());
    let looped = Gate::new(Code::WorkerLoopLag, "lag of the workers' timers (p99)", Unit::Ms, looped, bound)
        .or(|p99, bound| format!("the load generator was late to everything: p99 {p99:.1} ms, bound {bound:.1} ms"));
    vec![publish, worker, looped]
}

fn polls(record: &Record) -> Vec<Gate> {
    let mut gates = Vec::new();
    if let Some(lateness) = &record.histograms.poll_lateness {
        let share = record.scenario.interval_ms as f64 * 1_000.0 * POLL_LATENESS_SHARE;
        let bound = POLL_LATENESS_P99_US.max(share as u64) as f64 / 1e3;
        let late = Gate::new(Code::LatePolls, "poll lateness (p99)", Unit::Ms, p99_ms(Some(lateness)), bound);
        gates.push(late.or(|p99, bound| format!("polls started late: p99 {p99:.1} ms, bound {bound:.1} ms")));
    }
    if let Some(polls) = record.polls {
        let planned = polls.total + polls.skipped;
        let skipped = (planned > 0).then(|| polls.skipped as f64 * 100.0 / planned as f64);
        let bound = POLLS_SKIPPED_SHARE * 100.0;
        let skipped = Gate::new(Code::LatePolls, "polls skipped", Unit::Percent, skipped, bound);
        gates
            .push(skipped.or(|_, bound| format!("{} of {planned} polls were skipped, bound {bound} %", polls.skipped)));
    }
    gates
}

/// The distance's own error, where there is a distance. Clients that all hear of an event at once are only reported.
fn link(record: &Record) -> Option<Gate> {
    let error = p99_ms(Some(record.histograms.link_error.as_ref()?));
    let (name, bound) = match record.transport.manner() {
        Manner::Asks if !record.scenario.synchronised => {
            ("error of the distance (p99)", LINK_ERROR_P99_US as f64 / 1e3)
        }
        Manner::Asks | Manner::Waits | Manner::Pushed => ("error of the distance in a fan-out (p99)", f64::INFINITY),
    };
    let gate = Gate::new(Code::LinkError, name, Unit::Ms, error, bound);
    Some(
        gate.or(|p99, bound| {
            format!("the distance was longer than it was to be: p99 {p99:.1} ms, bound {bound:.1} ms")
        }),
    )
}

/// What was to come down a connection, of what its line carries, where there is a line.
fn line(record: &Record) -> Option<Gate> {
    let bits_per_s = record.scenario.bandwidth_bits_per_s?;
    let offered = offered_bits_per_s(record);
    let share = offered.map(|offered| offered * 100.0 / bits_per_s.max(1) as f64);
    let gate = Gate::new(Code::LineFull, "use of the line to a client", Unit::Percent, share, LINE_SHARE * 100.0);
    Some(gate.or(|_, _| {
        let offered = offered.unwrap_or_default();
        format!("the line was full: offered {offered:.0} bit/s of {bits_per_s} bit/s to each connection")
    }))
}

/// The mean of what came to the socket of a connection from the server, which is ahead of the line (bit/s), while events
/// were published; but where clients ask without an end, over all the time. What opens a connection that is kept is left out.
fn offered_bits_per_s(record: &Record) -> Option<f64> {
    let (scenario, end) = (&record.scenario, &record.bytes.loadgen);
    let is_kept = scenario.connection == ConnectionPolicy::KeepAlive;
    let once =
        end.ledger.filter(|_| is_kept).map_or(0, |Ledger { down, .. }| down.opening_handshake + down.tls_handshake);
    let around_ms = match record.transport.manner() {
        Manner::Asks => scenario.idle_ms + scenario.drain_ms(),
        Manner::Waits | Manner::Pushed => 0,
    };
    let seconds = record.window.seconds() + (scenario.warmup_ms + around_ms) as f64 / 1e3;
    let connections = f64::from(scenario.clients.div_ceil(scenario.sharing()).max(1));
    (seconds > 0.0).then(|| end.down.saturating_sub(once) as f64 * 8.0 / connections / seconds)
}

/// The two sides: what the text of a reason calls them, and what they used.
fn sides(record: &Record) -> [(Side, Option<&Usage>); 2] {
    [(Side::Loadgen, Some(&record.loadgen)), (Side::Server, record.server.as_ref())]
}

#[derive(Clone, Copy)]
enum Side {
    Loadgen,
    Server,
}

impl Side {
    const fn title(self) -> &'static str {
        match self {
            Side::Loadgen => "load generator",
            Side::Server => "server",
        }
    }

    const fn pick(self, loadgen: &'static str, server: &'static str) -> &'static str {
        match self {
            Side::Loadgen => loadgen,
            Side::Server => server,
        }
    }
}

fn processors(record: &Record) -> Vec<Gate> {
    let window_us = record.window.end_us.saturating_sub(record.window.start_us) as f64;
    let mut gates = Vec::new();
    for (side, usage) in sides(record) {
        let Some(usage) = usage else { continue };
        let cores_us = window_us * f64::from(usage.cores.max(1));
        let share = |us: f64| (cores_us > 0.0).then(|| us * 100.0 / cores_us);
        let used = usage.cpu_window_us.and_then(|used| share(used as f64));
        let name = side.pick("CPU of the load generator's cores", "CPU of the server's cores");
        gates.push(
            Gate::new(Code::Saturated, name, Unit::Percent, used, CPU_SHARE * 100.0)
                .or(|used, bound| format!("the {} used {used:.0} % of its cores, bound {bound:.0} %", side.title())),
        );
        let foreign = foreign_us(record, usage).and_then(share);
        let name = side.pick("others' CPU on the load generator's cores", "others' CPU on the server's cores");
        let foreign = Gate::new(Code::Starved, name, Unit::Percent, foreign, FOREIGN_CPU_SHARE * 100.0);
        gates.push(foreign.or(|share, bound| {
            let side = side.title();
            format!(
                "something else used {share:.0} % of the {side}'s cores, bound {bound:.0} % (run nothing beside it)"
            )
        }));
    }
    let kernel = &record.kernel;
    let share = |us: Option<u64>, of_us: f64| us.filter(|_| of_us > 0.0).map(|us| us as f64 * 100.0 / of_us);
    let (over_us, cores) = (kernel.over_us as f64, f64::from(record.machine.cores.max(1)));
    let steal = share(kernel.steal_us, over_us * cores);
    gates.push(
        Gate::new(Code::Steal, "CPU taken by the host", Unit::Percent, steal, STEAL_SHARE * 100.0)
            .or(|steal, bound| format!("the host took {steal:.1} % of the CPU time, bound {bound:.0} %")),
    );
    let throttled = share(kernel.throttled_us, over_us);
    gates.push(Gate::new(Code::Throttled, "time throttled", Unit::Percent, throttled, THROTTLED_SHARE * 100.0).or(
        |throttled, bound| format!("the control group was throttled {throttled:.1} % of the time, bound {bound:.0} %"),
    ));
    gates
}

/// Time in the window that a side's cores were busy with what is not feedbench (us). Cores that both sides share are busy
/// with both; and with a server that is not ours, of which nobody can tell.
fn foreign_us(record: &Record, usage: &Usage) -> Option<f64> {
    let ours = if record.scenario.pinned {
        usage.cpu_window_us?
    } else {
        record.loadgen.cpu_window_us? + record.server.as_ref()?.cpu_window_us?
    };
    Some(usage.cores_busy_us?.saturating_sub(ours) as f64)
}

fn network(record: &Record) -> Vec<Gate> {
    let kernel = &record.kernel;
    let dropped = [kernel.listen_overflows, kernel.listen_drops, kernel.tcp_backlog_drop];
    let dropped = dropped.into_iter().flatten().reduce(|sum, more| sum + more).map(|dropped| dropped as f64);
    let dropped = Gate::new(Code::ListenOverflow, "packets dropped at a full queue", Unit::Count, dropped, 0.0);
    let dropped = dropped.or(|dropped, bound| {
        format!(
            "the kernel dropped {dropped} packets at a full queue, bound {bound} (raise net.core.somaxconn, or ramp more slowly)"
        )
    });
    let portless = record.errors.get(PORTS_EXHAUSTED).copied().unwrap_or(0) as f64;
    let portless = Gate::new(Code::PortsExhausted, "connections without a free port", Unit::Count, Some(portless), 0.0);
    let portless = portless.or(|count, bound| {
        format!(
            "{count} connections found no free port, bound {bound} (fewer clients, more source addresses, or a wider \
             net.ipv4.ip_local_port_range)"
        )
    });
    vec![dropped, portless, retransmitted(record)]
}

fn retransmitted(record: &Record) -> Gate {
    let ends = [record.bytes.loadgen.segments, record.bytes.server.and_then(|server| server.segments)];
    let ours = ends.into_iter().flatten().reduce(Add::add);
    // Where our own were not counted, those of the whole machine stand for them.
    let all = record.kernel.out_segs.zip(record.kernel.retrans_segs).map(|(out, again)| Segments { out, again });
    let counted = ours.or(all);
    let share = counted.map(|segments| segments.again as f64 * 100.0 / segments.out.max(1) as f64);
    let Segments { out, again } = counted.unwrap_or_default();
    Gate::new(Code::Retransmitted, "segments sent again", Unit::Percent, share, RETRANSMITTED_SHARE * 100.0)
        .or(|_, bound| format!("the kernel sent {again} of {out} segments again, bound {bound} %"))
}

fn clocks(record: &Record) -> Vec<Gate> {
    let clocks = record.kernel.clocks;
    let ms = |us: u64| us as f64 / 1e3;
    let gate = |name, unit, figure, bound| Gate::new(Code::ClockStep, name, unit, figure, bound);
    let step = gate("step of the wall clock", Unit::Ms, clocks.map(|clocks| ms(clocks.step_us)), ms(CLOCK_STEP_US));
    let suspended = clocks.map(|clocks| ms(clocks.suspended_us));
    let suspended = gate("time suspended", Unit::Ms, suspended, ms(SUSPENDED_US));
    let rate = clocks.map(|clocks| clocks.rate_ppm.unsigned_abs() as f64);
    let rate = gate("deviation of the clock's rate", Unit::Ppm, rate, CLOCK_RATE_PPM as f64);
    vec![
        step.or(|step, bound| format!("the wall clock was set by {step:.1} ms, bound {bound:.1} ms")),
        suspended.or(|ms, bound| format!("the machine was suspended for {ms:.1} ms, bound {bound:.1} ms")),
        rate.or(|ppm, bound| format!("the clock ran {ppm:.0} ppm off the hardware's, bound {bound:.0} ppm")),
    ]
}

fn memory(record: &Record) -> Vec<Gate> {
    let memory = &record.kernel.memory;
    let gate = |name, unit, figure, bound| Gate::new(Code::MemoryPressure, name, unit, figure, bound);
    let count = |count: Option<u64>| count.map(|count| count as f64);
    let over_us = record.kernel.over_us;
    let stalled = memory.stalled_us.filter(|_| over_us > 0).map(|us| us as f64 * 100.0 / over_us as f64);
    let stalled = gate("time that tasks waited for memory", Unit::Percent, stalled, MEMORY_STALL_SHARE * 100.0);
    let swapped = gate("pages read back from swap", Unit::Count, count(memory.swap_ins), SWAP_INS as f64);
    let hits = count(memory.limit_hits);
    let hits = gate("times at the group's memory limit", Unit::Count, hits, MEMORY_LIMIT_HITS as f64);
    let kills = gate("processes killed for memory", Unit::Count, count(memory.oom_kills), 0.0);
    let mut gates = vec![
        stalled.or(|share, bound| format!("tasks waited for memory {share:.1} % of the time, bound {bound:.0} %")),
        swapped.or(|pages, bound| format!("{pages} pages came back from swap, bound {bound}")),
        hits.or(|hits, bound| format!("the control group met its memory limit {hits} times, bound {bound}")),
        kills.or(|kills, bound| format!("the kernel killed {kills} processes for memory, bound {bound}")),
    ];
    for (side, usage) in sides(record) {
        let Some(usage) = usage else { continue };
        let name = side.pick("load generator's pages from the disk", "server's pages from the disk");
        let faults = gate(name, Unit::Count, count(usage.major_faults), MAJOR_FAULTS as f64);
        gates.push(faults.or(|faults, bound| {
            format!("the {} waited for {faults} pages from the disk, bound {bound}", side.title())
        }));
    }
    gates
}
