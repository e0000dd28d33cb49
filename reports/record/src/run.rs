//! The record of one cell: one transport at one point of a scenario, once. Written when the cell ends, never
//! overwritten, and the only thing a report is made from. What was not measured is `null`, never zero.

use std::collections::BTreeMap;
use std::ops::Add;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agreement::{Agreement, ConnectionBytes};
use crate::capacity::Step;
use crate::histogram::Histogram;
use crate::ledger::{Exchanges, IpBytes, Ledger, Way};
use crate::scenario::Scenario;
use crate::transport::Transport;
use crate::verdict::{Reason, Verdict, Workload};

/// The version of this form. A reader refuses a record of another version.
pub const SCHEMA_VERSION: u32 = 1;

/// Why a closed workload has no delivery latency.
pub const CLOSED_HAS_NO_LATENCY: &str =
    "the workload is closed: a slow answer keeps the next question back, and with it the wait that it would have shown";

/// Why an idle workload has no delivery latency.
pub const NOTHING_WAS_PUBLISHED: &str = "nothing was published";

/// The record of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Always [`SCHEMA_VERSION`].
    pub schema: u32,
    /// `NNN-<transport>-<clients>-r<repetition>`: also the file's name.
    pub id: String,
    /// The suite that the cell belongs to.
    pub suite: String,
    /// The transport of every client.
    pub transport: Transport,
    /// Which repetition of the cell this is, from 1.
    pub repetition: u32,
    /// Everything else that was chosen.
    pub scenario: Scenario,
    /// Was the cell stopped before its window's end?
    pub interrupted: bool,
    /// The start of the cell, UTC (RFC 3339).
    pub started_at: String,
    /// What measured.
    pub tool: Tool,
    /// What it ran on.
    pub machine: Machine,
    /// How many processes served and asked.
    pub processes: Processes,
    /// The measurement window.
    pub window: Window,
    /// Events of the window over all topics, as the publisher counted them; `null` when it does not tell.
    pub events_in_window: Option<u64>,
    /// In the record of a shard: of those, the events of the topics whose client of the lowest number is one of its own.
    /// Shards may publish the same topic; these add up to the events of the cell.
    #[serde(default)]
    pub own_events_in_window: Option<u64>,
    /// The shards that this record is the sum of; empty where one pair of processes did it all.
    #[serde(default)]
    pub shards: Vec<ShardPart>,
    /// Events of the window.
    pub counts: Counts,
    /// Events of the whole cell, warm-up and drain included.
    pub cell_counts: Counts,
    /// Errors of clients by kind.
    pub errors: BTreeMap<String, u64>,
    /// Connections opened after a client's first.
    pub reconnects: u64,
    /// Epochs seen after a client's first: how often the server was another one.
    pub restarts: u64,
    /// Streams that the server ended and the client took up again.
    pub recycles: u64,
    /// What became of clients that read too slowly, as the server counted it; `null` when the server is not ours.
    #[serde(default)]
    pub slow_readers: Option<SlowReaderCounts>,
    /// Polling and long polling: the requests answered in the window.
    pub polls: Option<Polls>,
    /// Polling and long polling: the requests of the whole cell.
    pub cell_polls: Option<Polls>,
    /// Every byte of the whole cell.
    pub bytes: Bytes,
    /// CPU and memory of the load generator.
    pub loadgen: Usage,
    /// CPU and memory of the server; `null` when it is not ours to measure.
    pub server: Option<Usage>,
    /// Counters of the kernel over the whole cell; `null` where the kernel does not tell.
    pub kernel: KernelCounters,
    /// Durations.
    pub histograms: Histograms,
    /// Why `histograms.delivery_latency` is absent.
    pub latency_absent: Option<String>,
    /// The window and the drain, second by second.
    pub seconds: Vec<Second>,
    /// What the cell was for, where it is a step of a search for a capacity; `null` for any other cell.
    #[serde(default)]
    pub step: Option<Step>,
    /// Is the cell valid?
    pub verdict: Verdict,
}

impl Record {
    /// Which workload the cell had. Against a server of one's own, which may publish whatever was chosen, a feed is
    /// silent only if nothing came.
    pub fn workload(&self) -> Workload {
        if self.scenario.is_closed(self.transport) {
            Workload::Closed
        } else if self.scenario.is_silent() && self.cell_counts.delivered == 0 {
            Workload::Idle
        } else {
            Workload::Open
        }
    }

    /// Are both of one transport at one point of one suite, and so repetitions of each other? Seeds differ, and what does
    /// not concern the transport may. A step of a search is a repetition of none but a step of the same search: how
    /// often it is measured depends on how it ended.
    pub fn same_point(&self, other: &Record) -> bool {
        let search = |record: &Record| record.step.as_ref().map(|step| (step.search.clone(), step.axis, step.slo_us));
        let point = |record: &Record| Scenario { seed: 0, ..record.scenario.as_seen_by(record.transport) };
        (self.transport, &self.suite) == (other.transport, &other.suite)
            && search(self) == search(other)
            && point(self) == point(other)
    }
}

/// What measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// The version of feedbench.
    pub version: String,
    /// The commit it was built from, with `+changes` when the tree was not clean; `null` outside a checkout.
    pub commit: Option<String>,
    /// `release` or `debug`.
    pub profile: String,
    /// The memory allocator.
    pub allocator: String,
    /// The versions of the libraries that touch what is measured.
    pub libraries: BTreeMap<String, String>,
}

/// What it ran on: no host name, no user, no path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// `Linux` and the kernel's release.
    pub kernel: String,
    /// The processor architecture.
    pub arch: String,
    /// The processor's model, as the kernel names it.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: u32,
    /// Memory (bytes).
    pub memory_bytes: u64,
    /// The memory limit of the control group (bytes); `null` without one.
    pub cgroup_memory_bytes: Option<u64>,
    /// Open files allowed for each process.
    pub file_limit: u64,
    /// The kernel's clock source.
    pub clock_source: Option<String>,
}

/// How many processes took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Processes {
    /// Server processes; 0 when the server is not ours.
    pub server: u32,
    /// Load generator processes.
    pub loadgen: u32,
}

/// What a merged record keeps of one of its shards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShardPart {
    /// Which one it is, from 1; there are as many as the record lists.
    pub number: u32,
    /// Its clients.
    pub clients: u32,
    /// What ended it before the cell was over; its clients are then in no figure. `null` when it was measured to its end.
    pub lost: Option<String>,
    /// Every reason against its own figures.
    pub reasons: Vec<Reason>,
}

/// The measurement window, in microseconds of CLOCK_MONOTONIC. An event belongs to it if its intended instant does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// The first instant inside.
    pub start_us: u64,
    /// The first instant after it.
    pub end_us: u64,
}

impl Window {
    /// Does an intended instant belong to the window?
    pub fn contains(self, at_us: u64) -> bool {
        (self.start_us..self.end_us).contains(&at_us)
    }

    /// The length (s).
    pub fn seconds(self) -> f64 {
        self.end_us.saturating_sub(self.start_us) as f64 / 1e6
    }
}

/// Events by fate. Duplicated, reordered and malformed ones are counted beside `delivered`, which counts each event of
/// each client once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Events published (the publisher's own count) times the clients that follow their topic; `null` when the
    /// publisher does not tell.
    pub expected: Option<u64>,
    /// Events that reached their client, each once.
    pub delivered: u64,
    /// `expected - delivered`; without `expected` the events that a client missed between two that it got, `null` if
    /// there were none.
    pub lost: Option<u64>,
    /// Events that reached a client again.
    pub duplicated: u64,
    /// Events that came after a later one.
    pub reordered: u64,
    /// Texts that are no event, and bytes that are no framing.
    pub malformed: u64,
}

/// What became of clients that read more slowly than events came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SlowReaderCounts {
    /// Events that they will never get.
    pub missed: u64,
    /// Connections that were closed for it.
    pub dropped: u64,
}

/// The requests of polling and long polling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Polls {
    /// Requests answered.
    pub total: u64,
    /// Those answered with no event.
    pub empty: u64,
    /// Instants of the schedule that passed while a request was outstanding.
    pub skipped: u64,
}

/// Bytes above TCP, at both ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bytes {
    /// Counted at the load generator's sockets.
    pub loadgen: EndBytes,
    /// Counted at the server's sockets; `null` when the server is not ours.
    pub server: Option<EndBytes>,
    /// Event text delivered to clients (bytes).
    pub payload_down: u64,
    /// Event text published by clients (bytes).
    pub payload_up: u64,
    /// Both directions between the window's start and its end, at the load generator's sockets; `null` when the window
    /// did not end.
    pub in_window: Option<u64>,
    /// The same on IP, from the counters of the load generator's kernel at both instants; `null` but for a silent feed, and
    /// where a connection did not last.
    #[serde(default)]
    pub ip_in_window: Option<u64>,
    /// Successful reads at the load generator's sockets.
    pub reads: u64,
    /// On IP, from the segment counters of the load generator's kernel; `null` where it does not tell.
    #[serde(default)]
    pub ip: Option<IpBytes>,
    /// One heartbeat by the rules of its framing, with what answers it: compared with every one that the ledger saw.
    #[serde(default)]
    pub heartbeat: Option<Exchanges>,
    /// Do the ends and the kernel agree?
    pub agreement: Agreement,
}

/// The bytes of all connections, as one end counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndBytes {
    /// Connections.
    pub connections: u64,
    /// From client to server (bytes).
    pub up: u64,
    /// From server to client (bytes).
    pub down: u64,
    /// Of `up`: the first request head of each connection of a pushed transport, paid once however long it lives; `null`
    /// where it was not told apart.
    pub opening_up: Option<u64>,
    /// Of `down`: the answer's head.
    pub opening_down: Option<u64>,
    /// The same bytes by layer; `null` where nobody looked at them.
    #[serde(default)]
    pub ledger: Option<Ledger>,
    /// The segments that this end's kernel sent for them; `null` where it does not tell.
    #[serde(default)]
    pub segments: Option<Segments>,
}

/// The TCP segments that one end sent on connections of its own, as its kernel counted them (`TCP_INFO`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segments {
    /// All of them, acknowledgements and those sent again included.
    pub out: u64,
    /// Of those, the ones sent again on connections that sent payload again. A bare FIN that a busy peer acknowledges late
    /// is sent again, too, and delays nothing.
    pub again: u64,
}

impl Add for Segments {
    type Output = Segments;

    fn add(self, more: Segments) -> Segments {
        Segments { out: self.out + more.out, again: self.again + more.again }
    }
}

impl EndBytes {
    /// The sum of the connections of one end, which writes in the direction `writes`.
    pub fn of(connections: &[ConnectionBytes], writes: Way, ledger: Ledger) -> EndBytes {
        let written = connections.iter().map(|connection| connection.written).sum();
        let read = connections.iter().map(|connection| connection.read).sum();
        let (up, down) = if writes == Way::Up { (written, read) } else { (read, written) };
        EndBytes {
            connections: connections.len() as u64,
            up,
            down,
            opening_up: Some(ledger.up.opening_handshake),
            opening_down: Some(ledger.down.opening_handshake),
            ledger: Some(ledger),
            segments: connections.iter().filter_map(|connection| connection.segments).reduce(Add::add),
        }
    }
}

/// CPU and memory of one side, all its processes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// CPU time between the window's start and its end (us; CLOCK_PROCESS_CPUTIME_ID).
    pub cpu_window_us: Option<u64>,
    /// CPU time a second while all clients were connected and nothing was published (us/s).
    pub cpu_idle_us_per_s: Option<f64>,
    /// Cores it may use.
    pub cores: u32,
    /// Resident memory before the first connection (bytes).
    pub rss_before_bytes: u64,
    /// Resident memory at the window's end (bytes).
    pub rss_window_bytes: Option<u64>,
    /// Time in the window that its threads could have run and waited for a core (us, summed over the threads;
    /// `/proc/self/task/*/schedstat`). Processes of one side that share a core wait for each other.
    #[serde(default)]
    pub run_delay_us: Option<u64>,
    /// Time in the window that its cores were busy, whoever used them (us, summed over the cores; `/proc/stat`). Every
    /// process that keeps to the same cores sees the same.
    #[serde(default)]
    pub cores_busy_us: Option<u64>,
    /// Pages that it had to wait for in the window, because they were on a disk (`getrusage`).
    #[serde(default)]
    pub major_faults: Option<u64>,
}

/// What the kernel counted between the cell's start and its end, over the whole network namespace or machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KernelCounters {
    /// Time between the two readings (us).
    pub over_us: u64,
    /// Connections refused because an accept queue was full (`/proc/net/netstat`).
    pub listen_overflows: Option<u64>,
    /// SYNs dropped at a listener.
    pub listen_drops: Option<u64>,
    /// Packets dropped because a socket's backlog was full.
    pub tcp_backlog_drop: Option<u64>,
    /// TIME_WAIT sockets that did not fit.
    pub tcp_time_wait_overflow: Option<u64>,
    /// The most sockets in TIME_WAIT at once (`/proc/net/sockstat`, read five times a second); those left by what ran
    /// before are among them.
    #[serde(default)]
    pub time_wait_peak: Option<u64>,
    /// Segments sent (`/proc/net/snmp`).
    pub out_segs: Option<u64>,
    /// Segments sent again.
    pub retrans_segs: Option<u64>,
    /// CPU time taken by the host of a virtual machine (us, all cores; `/proc/stat`).
    pub steal_us: Option<u64>,
    /// Time that a control group was throttled (us; `cpu.stat`).
    pub throttled_us: Option<u64>,
    /// What the clocks did.
    #[serde(default)]
    pub clocks: Option<Clocks>,
    /// How short memory was.
    #[serde(default)]
    pub memory: MemoryPressure,
}

/// What the clocks did during the cell, looked at five times a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clocks {
    /// The largest change of CLOCK_REALTIME against CLOCK_BOOTTIME from one look to the next (us): somebody set it.
    pub step_us: u64,
    /// Growth of CLOCK_BOOTTIME against CLOCK_MONOTONIC (us): the machine was suspended.
    pub suspended_us: u64,
    /// How much faster CLOCK_MONOTONIC ran than CLOCK_MONOTONIC_RAW (parts per million).
    pub rate_ppm: i64,
}

/// How short memory was between the cell's start and its end; `null` where the kernel does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryPressure {
    /// Time that some task of the machine waited for memory (us; `/proc/pressure/memory`).
    pub stalled_us: Option<u64>,
    /// Pages that the machine read back from swap (`/proc/vmstat`).
    pub swap_ins: Option<u64>,
    /// How often this control group, or one around it, met its memory limit (`memory.events`: high and max;
    /// `memory.failcnt`).
    pub limit_hits: Option<u64>,
    /// Processes of this control group that the kernel killed for memory.
    pub oom_kills: Option<u64>,
}

/// Durations of the cell (us).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Histograms {
    /// From an event's intended publish instant to its delivery; events of the window.
    pub delivery_latency: Option<Histogram>,
    /// From `connect()` to the established connection.
    pub connect_time: Histogram,
    /// From the established connection to the end of its TLS handshake; absent without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_handshake_time: Option<Histogram>,
    /// From an event's intended publish instant to the actual one; events of the window.
    pub publish_lag: Option<Histogram>,
    /// From the instant at which the load generator's runtime learned that a socket can be read to the read that
    /// completed a delivery: the load generator's own part of the latency.
    pub worker_lag: Histogram,
    /// From a poll's planned instant to its start; polls of the window.
    pub poll_lateness: Option<Histogram>,
    /// How late a timer of the load generator's workers was, at instants that are evenly spread over the window.
    #[serde(default)]
    pub loop_lag: Option<Histogram>,
    /// The same in the server's runtime.
    #[serde(default)]
    pub server_loop_lag: Option<Histogram>,
    /// How late the load generator's links moved what was due over the distance, both ways, in the window; absent without a
    /// distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_error: Option<Histogram>,
}

/// One second of the window or the drain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Second {
    /// Whole seconds since the window's start.
    pub second: u32,
    /// Deliveries in this second.
    pub delivered: u64,
    /// Their latency, to two digits; `null` where the clocks cannot be compared.
    pub latency: Option<Histogram>,
    /// Bytes of both directions at the load generator's sockets in this second; `null` in a record from before they were
    /// counted. The last second ends with the last connection.
    #[serde(default)]
    pub bytes: Option<u64>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::scenario::repetition_seed;

    fn record() -> Record {
        let text = include_str!("../../published/2026-11-20-default/records/006-websocket-1000-r1.json");
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn repetitions_are_of_one_point_and_other_suites_scenarios_and_transports_are_not() {
        let first = record();
        let mut second = Record { repetition: 2, id: "012-websocket-1000-r2".to_owned(), ..record() };
        second.scenario.seed = repetition_seed(first.scenario.seed, 2);
        second.scenario.interval_ms = 77;
        assert!(first.same_point(&second) && second.same_point(&first) && first.same_point(&first));
        let spoils: [fn(&mut Record); 4] = [
            |record| record.suite = "another".to_owned(),
            |record| record.transport = Transport::Sse,
            |record| record.scenario.clients += 1,
            |record| record.scenario.heartbeat_ms += 1,
        ];
        for spoil in spoils {
            let mut other = second.clone();
            spoil(&mut other);
            assert!(!first.same_point(&other));
        }
        second.transport = Transport::Polling;
        let polling = Record { transport: Transport::Polling, ..record() };
        assert!(!polling.same_point(&second), "an interval concerns polling");
    }

    #[test]
    fn a_feed_is_idle_only_if_nothing_came() {
        let mut record = record();
        record.scenario.rate_per_s = 0.0;
        assert_eq!(record.workload(), Workload::Open, "the server published all the same");
        record.cell_counts.delivered = 0;
        assert_eq!(record.workload(), Workload::Idle);
        (record.transport, record.scenario.interval_ms) = (Transport::Polling, 0);
        assert_eq!(record.workload(), Workload::Closed);
    }
}
