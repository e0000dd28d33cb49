#![allow(clippy::unwrap_used)]

use super::*;
use crate::agreement::ConnectionBytes;
use crate::histogram::{Histogram, Precision};
use crate::ledger::{IpBytes, Layer, Ledger, Way};
use crate::run::{Counts, EndBytes, Polls, Second, Segments, SlowReaderCounts, Usage};
use crate::scenario::{Fanout, Scenario};
use crate::verdict::Code;
use proptest::prelude::*;

/// What one client brings to the record of its cell.
#[derive(Clone, Debug)]
struct Client {
    latencies: Vec<(u32, i64)>,
    numbers: [u64; 12],
    error: Option<&'static str>,
    differs: bool,
}

fn clients(number: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Client>> {
    let client = (
        proptest::collection::vec((0u32..5, -1i64..70_000_000), 0..6),
        any::<[u16; 12]>(),
        proptest::option::of(prop_oneof![Just("reset"), Just("closed-early")]),
        proptest::bool::weighted(0.1),
    );
    let client = client.prop_map(|(latencies, numbers, error, differs)| Client {
        latencies,
        numbers: numbers.map(u64::from),
        error,
        differs,
    });
    proptest::collection::vec(client, number)
}

fn histogram(values: impl Iterator<Item = i64>) -> Histogram {
    let mut histogram = Histogram::new(Precision::Fine);
    values.for_each(|value| histogram.record(value));
    histogram
}

/// The record that so many clients leave, summed up here once more and in another way.
fn record_of(clients: &[Client], scenario: Scenario) -> Record {
    let text = include_str!("../../../published/2026-11-20-default/records/001-polling-1000-r1.json");
    let mut record: Record = serde_json::from_str(text).unwrap();
    let sum = |index: usize| clients.iter().map(|client| client.numbers[index]).sum::<u64>();
    let latencies = || clients.iter().flat_map(|client| client.latencies.iter().copied());
    let all = |index: usize| histogram(clients.iter().map(move |client| client.numbers[index] as i64));
    let counts = Counts {
        expected: Some(sum(0) + sum(1)),
        delivered: sum(0),
        lost: Some(sum(1)),
        duplicated: sum(2),
        reordered: sum(3),
        malformed: sum(4),
    };
    let polls = Some(Polls { total: sum(5), empty: sum(6), skipped: sum(7) });
    let mut ledger = Ledger::default();
    for (nth, layer) in Layer::ALL.into_iter().enumerate() {
        *ledger.up.get_mut(layer) = sum(nth);
        *ledger.down.get_mut(layer) = sum(11 - nth);
    }
    ledger.polls.count = sum(8);
    ledger.repetition.heads = sum(9);
    let connection = |client: &Client| ConnectionBytes {
        client: ([127, 0, 0, 1], client.numbers[0] as u16).into(),
        written: client.numbers[1],
        read: client.numbers[2],
        kernel_written: None,
        kernel_read: None,
        ledger_written: client.numbers[1] + u64::from(client.differs),
        ledger_read: client.numbers[2],
        unclassified: 0,
        segments: Some(Segments { out: client.numbers[3], again: client.numbers[4] }),
        clean: client.error.is_none(),
    };
    let connections: Vec<_> = clients.iter().map(connection).collect();
    let end = EndBytes::of(&connections, Way::Up, ledger);
    let usage = Usage {
        cpu_window_us: Some(sum(3)),
        cpu_idle_us_per_s: Some(sum(4) as f64),
        cores: 1,
        rss_before_bytes: sum(5),
        rss_window_bytes: Some(sum(6)),
        run_delay_us: Some(sum(7)),
        cores_busy_us: Some(5),
        major_faults: Some(sum(8)),
    };
    record.id = match scenario.shard {
        Some(shard) => shard_id("001-polling-x-r1", shard),
        None => "001-polling-x-r1".to_owned(),
    };
    record.scenario = scenario;
    record.processes = Processes { server: 1, loadgen: 1 };
    (record.counts, record.cell_counts, record.polls, record.cell_polls) = (counts, counts, polls, polls);
    record.errors.clear();
    for kind in clients.iter().filter_map(|client| client.error) {
        *record.errors.entry(kind.to_owned()).or_default() += 1;
    }
    record.slow_readers = Some(SlowReaderCounts { missed: sum(9), dropped: sum(11) });
    (record.reconnects, record.restarts, record.recycles) = (sum(8), sum(9), sum(10));
    record.bytes.agreement = crate::agreement::agree(&connections, None);
    (record.bytes.loadgen, record.bytes.server) = (end, Some(end));
    (record.bytes.payload_down, record.bytes.payload_up, record.bytes.reads) = (sum(0), sum(1), sum(2));
    (record.bytes.in_window, record.bytes.ip_in_window) = (Some(sum(3)), Some(sum(5)));
    let once = IpBytes { connections: clients.len() as u64, up: sum(4), down: sum(5), ..IpBytes::default() };
    record.bytes.ip =
        Some(IpBytes { segments_up: sum(6), segments_down: sum(7), once_up: sum(8), once_down: sum(9), ..once });
    (record.loadgen, record.server) = (usage, Some(usage));
    record.histograms.delivery_latency = Some(histogram(latencies().map(|(_, us)| us)));
    record.histograms.connect_time = all(0);
    record.histograms.publish_lag = Some(all(1));
    record.histograms.worker_lag = all(2);
    record.histograms.poll_lateness = Some(all(3));
    record.histograms.link_error = Some(all(4));
    record.histograms.tls_handshake_time = Some(all(5));
    let last = latencies().map(|(second, _)| second + 1).max().unwrap_or(0);
    let second = |second| {
        let mut latency = Histogram::new(Precision::Coarse);
        latencies().filter(|(at, _)| *at == second).for_each(|(_, us)| latency.record(us));
        let delivered = latency.count();
        Second { second, delivered, latency: (delivered > 0).then_some(latency), bytes: Some(delivered * 300) }
    };
    record.seconds = (0..last).map(second).collect();
    record.verdict = judge(&record);
    record
}

fn scenario(clients: usize) -> Scenario {
    Scenario { clients: clients as u32, fanout: Fanout::Unicast, ..Scenario::default() }
}

/// The records of so many shards, each of which published one event a topic.
fn parts_of(clients: &[Client], of: u32) -> Vec<Record> {
    let part = |number| {
        let scenario = scenario(clients.len()).part(number, of);
        let numbers = scenario.client_numbers();
        let mut record = record_of(&clients[numbers.start as usize..numbers.end as usize], scenario);
        record.events_in_window = Some(u64::from(record.scenario.clients));
        record.own_events_in_window = record.events_in_window;
        record
    };
    (1..=of).map(part).collect()
}

proptest! {
    // Some megabytes of histograms a case.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_merge_of_the_parts_is_the_record_of_the_whole_in_whichever_order_they_come(
        clients in clients(1..40), of in 1u32..7, seed: u64,
    ) {
        let of = of.min(clients.len() as u32);
        let mut parts = parts_of(&clients, of);
        let mut whole = record_of(&clients, scenario(clients.len()));
        whole.events_in_window = Some(clients.len() as u64);
        whole.processes = Processes { server: of, loadgen: of };
        let merged = merge(parts.clone(), vec![]).unwrap();
        // The kernel's name of a difference is the connection's; how the shards did is what only a merged record has.
        whole.shards = merged.shards.clone();
        whole.verdict = judge(&whole);
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(merged.shards.len() as u32, of);

        let turn = (seed % u64::from(of)) as usize;
        parts.rotate_left(turn);
        parts.swap(0, of as usize - 1);
        prop_assert_eq!(&merge(parts, vec![]).unwrap(), &merged);
    }

    #[test]
    fn the_clients_of_a_lost_shard_are_in_no_figure_and_the_verdict_says_so(clients in clients(3..20), lost in 1u32..4) {
        let mut parts = parts_of(&clients, 3);
        let gone = parts.remove(lost as usize - 1);
        let why = Some("the server process ended by itself (signal: 9)".to_owned());
        let note = ShardPart { number: lost, clients: gone.scenario.clients, lost: why, reasons: vec![] };
        let merged = merge(parts.clone(), vec![note]).unwrap();
        prop_assert_eq!(merged.counts.delivered + gone.counts.delivered, clients.iter().map(|c| c.numbers[0]).sum::<u64>());
        prop_assert_eq!(merged.scenario.clients + gone.scenario.clients, clients.len() as u32);
        prop_assert_eq!(merged.processes.server, 2);
        let reason = merged.verdict.reasons.iter().find(|reason| reason.code == Code::ShardLost).unwrap();
        let told = format!("shard {lost} of 3: the server");
        prop_assert!(!merged.verdict.valid && reason.text.starts_with(&told));
        prop_assert_eq!(merge(parts, vec![]), Err(MergeError::Incomplete));
    }
}

fn some_parts() -> Vec<Record> {
    let client = Client { latencies: vec![(0, 5)], numbers: [3; 12], error: None, differs: false };
    parts_of(&vec![client; 9], 3)
}

#[test]
fn what_is_not_one_cell_is_not_merged() {
    assert_eq!(merge(vec![], vec![]), Err(MergeError::Nothing));
    let spoilt = |spoil: fn(&mut Vec<Record>)| {
        let mut parts = some_parts();
        spoil(&mut parts);
        merge(parts, vec![]).map(|_| ()).unwrap_err()
    };
    assert_eq!(spoilt(|parts| parts.truncate(2)), MergeError::Incomplete);
    assert_eq!(spoilt(|parts| parts[0] = parts[1].clone()), MergeError::Incomplete);
    assert_eq!(spoilt(|parts| parts[1].scenario = Scenario::default()), MergeError::Whole);
    let differences: [fn(&mut Vec<Record>); 7] = [
        |parts| parts[1].scenario.rate_per_s = 3.0,
        |parts| parts[1].scenario.shard.as_mut().unwrap().of = 4,
        |parts| parts[1].repetition = 2,
        |parts| parts[1].transport = crate::Transport::Sse,
        |parts| parts[1].tool.version = "0.0.1".to_owned(),
        |parts| parts[1].machine.cores = 96,
        |parts| parts[1].suite = "other".to_owned(),
    ];
    let coarse = |parts: &mut Vec<Record>| parts[1].histograms.worker_lag = Histogram::new(Precision::Coarse);
    assert_eq!(spoilt(coarse), MergeError::Precision);
    for different in differences {
        assert_eq!(spoilt(different), MergeError::Different);
    }
}

#[test]
fn what_belongs_to_the_machine_is_not_added() {
    let mut parts = some_parts();
    parts.iter_mut().for_each(|part| part.kernel.listen_drops = Some(7));
    parts[2].kernel.listen_drops = Some(9);
    parts[1].started_at = "2020-01-01T00:00:00Z".to_owned();
    let merged = merge(parts, vec![]).unwrap();
    assert_eq!(merged.kernel.listen_drops, Some(9));
    assert_eq!(merged.loadgen.cores, 1);
    assert_eq!(merged.started_at, "2020-01-01T00:00:00Z");
}

#[test]
fn what_one_shard_does_not_tell_nobody_knows_but_a_known_loss_is_one() {
    let mut parts = some_parts();
    parts[1].bytes.ip = None;
    parts[1].loadgen.rss_window_bytes = None;
    parts[1].counts.expected = None;
    parts[1].counts.lost = None;
    (parts[1].histograms.delivery_latency, parts[1].latency_absent) = (None, Some("another clock".to_owned()));
    let lost: u64 = [0, 2].iter().filter_map(|&part: &usize| parts[part].counts.lost).sum();
    let merged = merge(parts, vec![]).unwrap();
    assert!(merged.bytes.ip.is_none() && merged.loadgen.rss_window_bytes.is_none() && merged.counts.expected.is_none());
    assert!(merged.histograms.delivery_latency.is_none() && merged.latency_absent.is_some());
    assert_eq!(merged.counts.lost, Some(lost));
}

#[test]
fn a_topic_that_every_shard_publishes_is_counted_once() {
    let mut parts = some_parts();
    parts.iter_mut().for_each(|part| (part.events_in_window, part.own_events_in_window) = (Some(20), Some(0)));
    parts[0].own_events_in_window = Some(20);
    assert_eq!(merge(parts.clone(), vec![]).unwrap().events_in_window, Some(20));
    let why = Some("gone".to_owned());
    let lost = ShardPart { number: 1, clients: 3, lost: why, reasons: vec![] };
    assert_eq!(merge(parts.split_off(1), vec![lost]).unwrap().events_in_window, Some(20));
}
