//! Records as a run would write them, for all transports, from one seed.

pub mod quantum_leap;
pub mod sweeps;

use std::collections::BTreeMap;

use feedbench_record::agreement::Agreement;
use feedbench_record::capacity::{Axis, Outcome, Step, outcome};
use feedbench_record::histogram::Precision;
use feedbench_record::ledger::{Exchanges, IpBytes, Repetition};
use feedbench_record::run::{
    Bytes, Counts, EndBytes, Histograms, KernelCounters, Machine, Polls, Processes, SCHEMA_VERSION, Second, Segments,
    Tool, Usage, Window,
};
use feedbench_record::transport::Manner;
use feedbench_record::{Histogram, Ledger, Record, Scenario, Transport, Way, judge, verdict};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.next()).ln()
    }
}

fn position(transport: Transport) -> usize {
    Transport::ALL.into_iter().position(|other| other == transport).unwrap()
}

/// One latency (us), as the transport's manner explains it.
fn latency(numbers: &mut Numbers, record: &Record) -> i64 {
    let fanout_us = 4.0 + position(record.transport) as f64;
    let share = numbers.next() * f64::from(record.scenario.clients) * fanout_us;
    let wait = match record.transport.manner() {
        Manner::Asks => numbers.next() * record.scenario.interval_ms as f64 * 1_000.0,
        Manner::Waits => numbers.exponential(900.0),
        Manner::Pushed => numbers.exponential(250.0),
    };
    (150.0 + share + wait) as i64
}

fn empty(precision: Precision) -> Histogram {
    Histogram::new(precision)
}

fn of(values: impl IntoIterator<Item = i64>) -> Histogram {
    filled(Precision::Fine, values)
}

fn coarse(values: impl IntoIterator<Item = i64>) -> Histogram {
    filled(Precision::Coarse, values)
}

fn filled(precision: Precision, values: impl IntoIterator<Item = i64>) -> Histogram {
    let mut histogram = empty(precision);
    values.into_iter().for_each(|value| histogram.record(value));
    histogram
}

/// A cell as it should be: 1,000 clients, nothing lost.
pub fn record(transport: Transport) -> Record {
    record_of(transport, Scenario::default(), 1)
}

/// A cell of a scenario and a repetition, with nothing against it.
pub fn record_of(transport: Transport, scenario: Scenario, repetition: u32) -> Record {
    let position = position(transport);
    let clients = u64::from(scenario.clients);
    let asks = transport.manner() != Manner::Pushed;
    let mut record = Record {
        schema: SCHEMA_VERSION,
        id: format!("{:03}-{transport}-{clients}-r{repetition}", position + 1),
        suite: "default".to_owned(),
        transport,
        repetition,
        interrupted: false,
        started_at: format!("2026-03-01T10:0{position}:00Z"),
        tool: tool(),
        machine: machine(),
        processes: Processes { server: 1, loadgen: 1 },
        window: Window { start_us: 5_000_000, end_us: 5_000_000 + scenario.window_ms * 1_000 },
        events_in_window: Some(0),
        own_events_in_window: None,
        shards: Vec::new(),
        counts: Counts::default(),
        cell_counts: Counts::default(),
        errors: BTreeMap::new(),
        reconnects: 0,
        restarts: 0,
        recycles: 0,
        slow_readers: None,
        polls: asks.then_some(Polls { total: 14_000, empty: 2_100, skipped: 0 }),
        cell_polls: asks.then_some(Polls { total: 16_000, empty: 4_100, skipped: 0 }),
        bytes: bytes(0, 0, transport),
        loadgen: usage(scenario.clients, 6.0 + position as f64 * 0.4, 9_000.0),
        server: Some(usage(scenario.clients, 14.0 - position as f64, 21_000.0 - 1_500.0 * position as f64)),
        kernel: KernelCounters { over_us: 16_000_000, retrans_segs: Some(0), ..KernelCounters::default() },
        histograms: Histograms {
            delivery_latency: None,
            connect_time: of([90, 120, 400]),
            tls_handshake_time: None,
            publish_lag: Some(of([40, 60, 80, 300])),
            worker_lag: of([20, 90, 700]),
            poll_lateness: asks.then(|| of([30, 200, 900])),
            loop_lag: Some(coarse([300, 1_100, 1_900])),
            server_loop_lag: Some(coarse([300, 1_200, 2_900])),
            link_error: None,
        },
        latency_absent: None,
        seconds: Vec::new(),
        step: None,
        verdict: verdict::Verdict::default(),
        scenario,
    };
    deliver(&mut record, repetition);
    record.verdict = judge::judge(&record);
    record
}

/// Publishes by a schedule that every transport shares, and counts what each client gets.
fn deliver(record: &mut Record, repetition: u32) {
    let mut schedule = Numbers(0x9e37_79b9_7f4a_7c15 + u64::from(repetition));
    let mut numbers = Numbers(0xd1b5_4a32_d192_ed03 + position(record.transport) as u64 * 977);
    let window_s = record.scenario.window_ms as f64 / 1_000.0;
    let mut all = empty(Precision::Fine);
    let seconds = window_s as usize + 3;
    let mut second_histograms = vec![empty(Precision::Coarse); seconds];
    let (mut at_s, mut events) = (schedule.exponential(1.0 / record.scenario.rate_per_s), 0);
    while at_s < window_s {
        events += 1;
        for _ in 0..record.scenario.clients {
            let us = latency(&mut numbers, record);
            all.record(us);
            let second = (at_s + us as f64 / 1e6) as usize;
            second_histograms[second.min(seconds - 1)].record(us);
        }
        at_s += schedule.exponential(1.0 / record.scenario.rate_per_s);
    }
    let delivered = events * u64::from(record.scenario.clients);
    let seconds = second_histograms.into_iter().enumerate().map(|(second, histogram)| Second {
        second: second as u32,
        delivered: histogram.count(),
        latency: Some(histogram),
        bytes: None,
    });
    record.seconds = seconds.collect();
    record.histograms.delivery_latency = Some(all);
    record.events_in_window = Some(events);
    record.counts = Counts { expected: Some(delivered), delivered, lost: Some(0), ..Counts::default() };
    let whole = delivered + delivered / 5;
    record.cell_counts = Counts { expected: Some(whole), delivered: whole, lost: Some(0), ..Counts::default() };
    record.bytes = bytes(whole, u64::from(record.scenario.clients), record.transport);
}

fn bytes(events: u64, connections: u64, transport: Transport) -> Bytes {
    let ledger = ledger(events, connections, transport);
    let end = EndBytes {
        connections,
        up: ledger.total(Way::Up),
        down: ledger.total(Way::Down),
        opening_up: Some(ledger.up.opening_handshake),
        opening_down: Some(ledger.down.opening_handshake),
        ledger: Some(ledger),
        segments: Some(Segments { out: 4 * events, again: 0 }),
    };
    let heartbeat = match transport.manner() {
        Manner::Pushed => {
            Some(Exchanges { count: 1, up: if transport == Transport::WebSocket { 6 } else { 0 }, down: 8 })
        }
        Manner::Asks | Manner::Waits => None,
    };
    Bytes {
        loadgen: end,
        server: Some(end),
        payload_down: events * 100,
        payload_up: 0,
        in_window: Some((end.up + end.down) * 5 / 6),
        ip_in_window: None,
        reads: events.max(1),
        ip: Some(ip(&end, events, connections, transport)),
        heartbeat,
        agreement: Agreement { compared: connections, compared_with_kernel: connections, ..Agreement::default() },
    }
}

/// Layers as a real run has them, with round figures.
fn ledger(events: u64, connections: u64, transport: Transport) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.down.payload = events * 100;
    if transport.manner() == Manner::Pushed {
        let framing = 2 + 8 * (5 - position(transport) as u64);
        ledger.up.opening_handshake = 220 * connections;
        ledger.down.opening_handshake = 130 * connections;
        ledger.down.event_framing = events * framing;
        ledger.down.control = 50 * connections;
        if transport != Transport::WebSocket {
            ledger.down.body_framing = events * 6;
        }
        let down = ledger.down.event_framing + ledger.down.payload + ledger.down.body_framing;
        ledger.pushed_events = Exchanges { count: events, up: 0, down };
        return ledger;
    }
    let polls = if transport == Transport::Polling { events * 3 / 5 } else { events };
    ledger.up.request_headers = polls * 70;
    ledger.down.response_headers = polls * 125;
    ledger.down.event_framing = polls * 2 + events / 4;
    ledger.polls = Exchanges { count: polls, up: polls * 70, down: ledger.down.total() };
    let empty = polls / 4;
    ledger.empty_polls = Exchanges { count: empty, up: empty * 70, down: empty * 127 };
    ledger.repetition = Repetition { heads: polls * 190, identical: polls * 148 };
    ledger
}

/// A segment and its acknowledgement for each message.
fn ip(end: &EndBytes, events: u64, connections: u64, transport: Transport) -> IpBytes {
    let messages = if transport.manner() == Manner::Pushed { events } else { events * 3 / 5 };
    let (segments_up, segments_down) = (messages + 6 * connections, messages + 5 * connections);
    IpBytes {
        connections,
        up: end.up + 52 * segments_up + 8 * connections,
        down: end.down + 52 * segments_down + 8 * connections,
        segments_up,
        segments_down,
        once_up: (52 * 4 + 8) * connections + end.opening_up.unwrap_or(0),
        once_down: (52 * 2 + 8) * connections + end.opening_down.unwrap_or(0),
    }
}

fn usage(clients: u32, kib_per_client: f64, us_per_s: f64) -> Usage {
    let before = 6 << 20;
    Usage {
        cpu_window_us: Some((us_per_s * f64::from(clients) / 100.0) as u64),
        cpu_idle_us_per_s: Some(us_per_s / 40.0),
        cores: 1,
        run_delay_us: Some(9_000),
        cores_busy_us: Some((us_per_s * f64::from(clients) / 100.0) as u64 + 40_000),
        major_faults: Some(0),
        rss_before_bytes: before,
        rss_window_bytes: Some(before + (kib_per_client * 1_024.0 * f64::from(clients)) as u64),
    }
}

fn tool() -> Tool {
    let libraries = [("hyper", "1.12.0"), ("tokio", "1.54.0"), ("tokio-tungstenite", "0.30.0")];
    Tool {
        version: "0.1.0".to_owned(),
        commit: Some("3f2c1ab".to_owned()),
        profile: "release".to_owned(),
        allocator: "system".to_owned(),
        libraries: libraries.map(|(name, version)| (name.to_owned(), version.to_owned())).into(),
    }
}

fn machine() -> Machine {
    Machine {
        kernel: "Linux 6.18.5".to_owned(),
        arch: "x86_64".to_owned(),
        cpu: "AMD EPYC 7B13".to_owned(),
        cores: 2,
        memory_bytes: 8_320_000_000,
        cgroup_memory_bytes: None,
        file_limit: 20_000,
        clock_source: Some("tsc".to_owned()),
    }
}

/// All transports, all valid.
pub fn suite() -> Vec<Record> {
    Transport::ALL.map(record).into()
}

/// Events were lost and bytes disagree.
pub fn lossy(transport: Transport) -> Record {
    let mut record = record(transport);
    for counts in [&mut record.counts, &mut record.cell_counts] {
        counts.delivered -= 37;
        counts.lost = Some(37);
    }
    record.histograms.publish_lag = Some(of([9_000; 10]));
    record.bytes.agreement.differences = 21;
    record.bytes.agreement.difference_names = vec!["127.0.0.2:40001 down: 900 sent, 800 received".to_owned()];
    record.bytes.agreement.excluded = 1;
    record.bytes.agreement.excluded_names = vec!["127.0.0.2:40002".to_owned()];
    record.verdict = judge::judge(&record);
    record
}

/// Against another host: no latency, no server of ours.
pub fn remote(transport: Transport) -> Record {
    let mut record = record(transport);
    record.histograms.delivery_latency = None;
    record.histograms.publish_lag = None;
    record.latency_absent = Some("the target is another host, and the clocks were not compared".to_owned());
    record.seconds.iter_mut().for_each(|second| second.latency = None);
    record.server = None;
    record.bytes.server = None;
    record.processes.server = 0;
    for counts in [&mut record.counts, &mut record.cell_counts] {
        (counts.expected, counts.lost) = (None, None);
    }
    record.events_in_window = None;
    record.verdict = judge::judge(&record);
    record
}

/// Polling as fast as it is answered.
pub fn closed() -> Record {
    let mut record = record(Transport::Polling);
    record.scenario.interval_ms = 0;
    record.polls = Some(Polls { total: 800_000, empty: 799_000, skipped: 0 });
    record.cell_polls = Some(Polls { total: 1_200_000, empty: 1_199_000, skipped: 0 });
    (record.histograms.delivery_latency, record.histograms.poll_lateness) = (None, None);
    record.seconds.iter_mut().for_each(|second| second.latency = None);
    record.latency_absent = Some(feedbench_record::run::CLOSED_HAS_NO_LATENCY.to_owned());
    record.verdict = judge::judge(&record);
    record
}

/// The steps of a search for the most clients, on a server that takes so long for each client.
pub fn search(transport: Transport, slo_us: u64) -> Vec<Record> {
    let step = |(number, clients): (u32, u32)| {
        let mut record = record_of(transport, Scenario { clients, rate_per_s: 2.0, ..Scenario::default() }, 1);
        record.id = format!("{number:03}-{transport}-{clients}-r1");
        record.step = Some(Step {
            search: "2026-03-01T10:00:00Z".to_owned(),
            number,
            axis: Axis::Clients,
            slo_us,
            resolution: 0.05,
            least: 1.0,
            most: 5_000.0,
        });
        record
    };
    let mut steps = Vec::new();
    let (mut held, mut failed, mut next): (u32, Option<u32>, u32) = (0, None, 100);
    while failed.is_none_or(|failed| failed - held > (held / 20).max(1)) && held < 5_000 {
        let record = step((steps.len() as u32 + 1, next));
        match outcome(&record) {
            Some(Outcome::Held) => held = next,
            _ => failed = Some(next),
        }
        next = failed.map_or(2 * held, |failed| held + (failed - held) / 2).min(5_000);
        steps.push(record);
    }
    steps
}

/// Three searches; in the last one the load generator was the limit.
pub fn searches() -> Vec<Record> {
    let mut late = search(Transport::WebSocket, 12_000);
    for record in &mut late {
        if outcome(record) == Some(Outcome::Missed) {
            record.histograms.worker_lag = of([90_000; 10]);
            record.verdict = judge::judge(record);
        }
    }
    [search(Transport::LongPolling, 12_000), search(Transport::Sse, 12_000), late].concat()
}

/// Stopped after three seconds of the window.
pub fn interrupted(transport: Transport) -> Record {
    let mut record = record(transport);
    record.interrupted = true;
    record.seconds.truncate(3);
    record.bytes.in_window = None;
    for usage in [Some(&mut record.loadgen), record.server.as_mut()].into_iter().flatten() {
        usage.cpu_window_us = None;
        usage.rss_window_bytes = None;
    }
    record.verdict = judge::judge(&record);
    record
}

/// Nothing arrived.
pub fn silent(transport: Transport) -> Record {
    let mut record = record(transport);
    for counts in [&mut record.counts, &mut record.cell_counts] {
        *counts = Counts { expected: counts.expected, lost: counts.expected, ..Counts::default() };
    }
    record.histograms.delivery_latency = Some(empty(Precision::Fine));
    record.seconds.iter_mut().for_each(|second| {
        second.delivered = 0;
        second.latency = Some(empty(Precision::Coarse));
    });
    record.bytes = bytes(0, 1_000, transport);
    record.verdict = judge::judge(&record);
    record
}

/// All transports; the first ones with something against them.
pub fn troubled_suite() -> Vec<Record> {
    let troubles: [fn(Transport) -> Record; 4] = [silent, lossy, interrupted, remote];
    let record = |(index, transport)| troubles.get(index).unwrap_or(&(record as fn(Transport) -> Record))(transport);
    Transport::ALL.into_iter().enumerate().map(record).collect()
}
