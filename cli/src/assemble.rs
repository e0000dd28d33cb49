//! From what both children of a pair measured to the record of the cell, or of its shard.

use feedbench_record::Transport;
use feedbench_record::Verdict;
use feedbench_record::Way;
use feedbench_record::agreement::agree;
use feedbench_record::judge;
use feedbench_record::merge::shard_id;
use feedbench_record::run::{
    Bytes, Counts, EndBytes, Histograms, KernelCounters, NOTHING_WAS_PUBLISHED, Processes, Record, SCHEMA_VERSION,
};
use feedbench_record::scenario::{Compression, Scenario};
use feedbench_wire::control::{LoadResult, ServerResult};
use feedbench_wire::ledger;

use crate::bench::Bench;
use crate::suite::CellPlan;

/// What a pair of processes left.
pub(crate) struct Measured {
    pub(crate) load: LoadResult,
    /// `None` when the server is not ours.
    pub(crate) server: Option<ServerResult>,
    pub(crate) kernel: KernelCounters,
    pub(crate) published: Published,
    pub(crate) started_at: jiff::Timestamp,
    /// Was the feed standard input, and did it end before the window?
    pub(crate) input_over: bool,
}

/// The publisher's own count of events, for each topic; `None` where it does not tell.
#[derive(Debug, Default)]
pub(crate) struct Published {
    pub(crate) in_window: Option<Vec<u64>>,
    pub(crate) in_cell: Option<Vec<u64>>,
}

impl Published {
    /// The counts of a server of ours.
    pub(crate) fn by(server: &ServerResult) -> Published {
        Published { in_window: Some(server.published_in_window.clone()), in_cell: Some(server.published.clone()) }
    }
}

/// The record of the cell that has this scenario, or of its shard, with its verdict.
pub(crate) fn record(plan: &CellPlan, scenario: Scenario, bench: &Bench, measured: Measured) -> Record {
    let Measured { load, server, published, kernel, started_at, input_over } = measured;
    let expected_in_window = published.in_window.as_ref().map(|events| deliveries(events, &scenario));
    let expected = published.in_cell.as_ref().map(|events| deliveries(events, &scenario));
    // An input that ends makes the window shorter too, and nobody has stopped the cell.
    let interrupted = !input_over && load.window.seconds() * 1e3 < scenario.window_ms as f64;
    let own_events_in_window = scenario.shard.and(published.in_window.as_ref()).map(|events| own(events, &scenario));
    let mut agreement = agree(&load.connections, server.as_ref().map(|server| server.connections.as_slice()));
    if let (Some(ours), Some(server)) = (&load.bytes.ledger, &server) {
        agreement.compare_layers(ours, &server.ledger);
    }
    let silent = scenario.is_silent() && load.delivered == 0;
    let latency_absent =
        plan.latency_absent(bench.target.as_ref()).or_else(|| silent.then(|| NOTHING_WAS_PUBLISHED.to_owned()));
    let mut record = Record {
        schema: SCHEMA_VERSION,
        id: scenario.shard.map_or(plan.id.clone(), |shard| shard_id(&plan.id, shard)),
        suite: plan.suite.clone(),
        transport: plan.transport,
        repetition: plan.repetition,
        scenario,
        interrupted,
        started_at: started_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: bench.tool.clone(),
        machine: bench.machine.clone(),
        processes: Processes { server: u32::from(server.is_some()), loadgen: 1 },
        window: load.window,
        events_in_window: published.in_window.map(|events| events.iter().sum()),
        own_events_in_window,
        shards: Vec::new(),
        counts: Counts {
            duplicated: load.duplicated_in_window,
            reordered: load.reordered_in_window,
            // Bytes that are no event have no instant.
            malformed: 0,
            lost: lost(expected_in_window, load.delivered_in_window),
            expected: expected_in_window,
            delivered: load.delivered_in_window,
        },
        cell_counts: Counts {
            duplicated: load.duplicated,
            reordered: load.reordered,
            malformed: load.malformed,
            // A publisher that does not tell its count cannot hide a gap that a client saw.
            lost: lost(expected, load.delivered).or((load.skipped > 0).then_some(load.skipped)),
            expected,
            delivered: load.delivered,
        },
        errors: load.errors,
        reconnects: load.reconnects,
        restarts: load.restarts,
        recycles: load.recycles,
        slow_readers: server.as_ref().map(|server| server.slow_readers),
        polls: load.polls_in_window,
        cell_polls: load.polls,
        bytes: Bytes {
            loadgen: load.bytes,
            server: server.as_ref().map(|server| EndBytes::of(&server.connections, Way::Down, server.ledger)),
            payload_down: load.payload_down,
            // The load generator's clients publish nothing.
            payload_up: 0,
            in_window: load.bytes_in_window,
            ip_in_window: load.ip_in_window,
            reads: load.reads,
            ip: load.ip,
            // How long one is once it is compressed, no rule of its framing says; a ping never is.
            heartbeat: ledger::heartbeat(plan.transport, plan.scenario.protocol)
                .filter(|_| plan.scenario.compression == Compression::None || plan.transport == Transport::WebSocket),
            agreement,
        },
        loadgen: load.usage,
        server: server.as_ref().map(|server| server.usage),
        kernel,
        histograms: Histograms {
            delivery_latency: load.delivery_latency.filter(|_| latency_absent.is_none()),
            connect_time: load.connect_time,
            tls_handshake_time: load.tls_handshake_time,
            server_loop_lag: server.as_ref().map(|server| server.loop_lag.clone()),
            publish_lag: server.map(|server| server.publish_lag),
            worker_lag: load.worker_lag,
            poll_lateness: load.poll_lateness,
            loop_lag: Some(load.loop_lag),
            link_error: load.link_error,
        },
        latency_absent,
        seconds: load.seconds,
        step: None,
        verdict: Verdict::default(),
    };
    record.verdict = judge::judge(&record);
    record
}

/// The deliveries that so many events of each topic make.
fn deliveries(published: &[u64], scenario: &Scenario) -> u64 {
    let topics = scenario.topics();
    let of_topic = |topic: u32| topics.binary_search(&topic).ok().and_then(|index| published.get(index));
    scenario.client_numbers().filter_map(|client| of_topic(scenario.fanout.topic_of(client))).sum()
}

/// The events of the topics whose first client is one of this shard's. Topic and client have the same number there: the
/// first clients of a cell follow one topic each, in order.
fn own(published: &[u64], scenario: &Scenario) -> u64 {
    let clients = scenario.client_numbers();
    scenario.topics().iter().zip(published).filter(|(topic, _)| clients.contains(topic)).map(|(_, events)| events).sum()
}

fn lost(expected: Option<u64>, delivered: u64) -> Option<u64> {
    expected.map(|expected| expected.saturating_sub(delivered))
}
