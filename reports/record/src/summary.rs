//! The document that `--json` prints: one object for scripts, computed from records. Every figure here and every figure
//! of a report's table comes from [`Cell::of`], so that the two cannot differ.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::histogram::Histogram;
use crate::ledger::{Layer, Way};
use crate::run::{Polls, Processes, Record, Usage};
use crate::scenario::ConnectionPolicy;
use crate::transport::{Manner, Transport};
use crate::verdict::{Verdict, Workload};

/// The version of this form.
pub const SCHEMA_VERSION: u32 = 1;

/// What one run of the command measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Always [`SCHEMA_VERSION`].
    pub schema: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// The suite.
    pub suite: String,
    /// The folder of the results; `null` when nothing was written.
    pub dir: Option<String>,
    /// Was the run stopped before its end?
    pub interrupted: bool,
    /// Every cell that was measured, in the order of measurement.
    pub cells: Vec<Cell>,
    /// What searches for a capacity found; their steps are among the cells.
    #[serde(default)]
    pub capacities: Vec<Capacity>,
}

/// One cell in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// The record's name.
    pub id: String,
    /// The transport.
    pub transport: Transport,
    /// The number of clients.
    pub clients: u32,
    /// The repetition, from 1.
    pub repetition: u32,
    /// What else was chosen.
    pub scenario: CellScenario,
    /// How many processes took part.
    pub processes: Processes,
    /// Events of the window times the clients that should get them.
    pub expected: Option<u64>,
    /// Events of the window that reached their client.
    pub delivered: u64,
    /// `expected - delivered`.
    pub lost: Option<u64>,
    /// Delivered again, over the whole cell.
    pub duplicated: u64,
    /// Delivered after a later one, over the whole cell.
    pub reordered: u64,
    /// From the intended publish instant to the delivery; `null` where the clocks cannot be compared.
    pub latency_us: Option<Latency>,
    /// Bytes above TCP, both directions, whole cell without the opening of pushed connections, over events delivered;
    /// `null` for a closed workload, whose bytes grow with the machine's speed.
    pub bytes_per_event: BytesPerEvent,
    /// Both directions at the load generator's sockets, a second of the window.
    pub bits_per_s: Option<f64>,
    /// Requests of polling and long polling that were answered in the window.
    pub polls: Option<Polls>,
    /// Requests answered in a second of the window of a closed workload; `null` for an open one, whose schedule sets
    /// their number.
    #[serde(default)]
    pub requests_per_s: Option<f64>,
    /// CPU time in the window over requests answered in it; `null` for an open workload.
    #[serde(default)]
    pub cpu_us_per_request: Option<Sides>,
    /// CPU time in the window over events delivered in it; `null` for a closed workload, whose requests it is spent on.
    pub cpu_us_per_event: Sides,
    /// CPU time a second with all clients connected and nothing published.
    pub cpu_idle_us_per_s: Sides,
    /// Resident memory that the clients added, for each of them.
    pub rss_bytes_per_client: Sides,
    /// What a client costs while nothing is published; `null` for a workload that publishes.
    #[serde(default)]
    pub idle: Option<IdleCost>,
    /// How late the publisher was.
    pub publish_lag_us: Option<PublishLag>,
    /// Is the cell valid?
    pub verdict: Verdict,
}

/// The part of the scenario that scripts compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellScenario {
    /// Events per second and topic.
    pub rate_per_s: f64,
    /// `poisson` or `fixed`.
    pub arrivals: crate::scenario::Arrivals,
    /// `broadcast`, `rooms=N` or `unicast`.
    pub fanout: crate::scenario::Fanout,
    /// Length of the event text.
    pub payload_bytes: u32,
    /// Poll interval.
    pub interval_ms: u64,
    /// Hold time of a long poll.
    pub hold_ms: u64,
    /// Emulated round-trip time.
    pub rtt_ms: u64,
    /// How much a transit may be longer or shorter than half of that.
    #[serde(default)]
    pub jitter_ms: u64,
    /// What the line of a connection carries each way (bit/s); `null` where nothing limits it.
    #[serde(default)]
    pub bandwidth_bits_per_s: Option<u64>,
    /// The longest TCP segment, as its options say it; `null` for the one of loopback.
    #[serde(default)]
    pub mss_bytes: Option<u32>,
    /// The application protocol.
    pub protocol: crate::scenario::Protocol,
    /// HTTP/2: clients that share a connection.
    #[serde(default = "crate::scenario::one")]
    pub clients_per_connection: u32,
    /// Inside TLS?
    pub tls: bool,
    /// TLS: does a client that connects again take up its last session?
    #[serde(default)]
    pub tls_resumption: bool,
    /// How what the server sends is compressed.
    #[serde(default)]
    pub compression: crate::scenario::Compression,
    /// The header profile.
    pub headers: String,
    /// The length of the cookie.
    pub cookie_bytes: u32,
    /// What happens to a connection after a request.
    pub connection: crate::scenario::ConnectionPolicy,
}

/// Delivery latency (us). A percentile beyond the histogram's bounds is `null`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median.
    pub p50: Option<u64>,
    /// 90th percentile.
    pub p90: Option<u64>,
    /// 99th percentile.
    pub p99: Option<u64>,
    /// 99.9th percentile.
    pub p999: Option<u64>,
    /// The largest.
    pub max: Option<u64>,
}

/// Bytes per delivered event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BytesPerEvent {
    /// Everything above TCP.
    pub total: Option<f64>,
    /// The event text.
    pub payload: Option<f64>,
    /// `total - payload`.
    pub overhead: Option<f64>,
    /// On IP: with the headers of every segment, without what opens and closes a connection that is kept.
    pub ip: Option<f64>,
    /// By layer and direction; they add up to `total`.
    pub layers: Option<Layers>,
    /// What opens a pushed connection, both directions, for each connection; not in `total`.
    pub opening: Option<f64>,
    /// TLS: the handshake of a connection, both directions, for each connection. In `total` only where each request has a
    /// connection of its own.
    #[serde(default)]
    pub tls_handshake: Option<f64>,
}

/// Bytes per delivered event by layer; layers without a byte are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Layers {
    /// From client to server.
    pub up: BTreeMap<String, f64>,
    /// From server to client.
    pub down: BTreeMap<String, f64>,
}

impl Layers {
    /// The bytes of a layer in one direction; 0 where it has none.
    pub fn get(&self, way: Way, layer: Layer) -> f64 {
        let of_way = match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
        };
        of_way.get(layer.id()).copied().unwrap_or(0.0)
    }
}

/// One figure for each side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sides {
    /// All server processes.
    pub server: Option<f64>,
    /// All load generator processes.
    pub loadgen: Option<f64>,
}

/// What one client of a silent feed costs a minute of the window. What opens and ends its connection is not in it, unless
/// that happens in the window: where each request has a connection of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IdleCost {
    /// Bytes above TCP, both directions; `null` when the window did not end.
    pub bytes_per_client_minute: Option<f64>,
    /// The same on IP; `null` where a connection did not last through the window.
    pub ip_bytes_per_client_minute: Option<f64>,
    /// CPU time of all processes of a side; with few clients, most of it is what the processes need themselves.
    pub cpu_us_per_client_minute: Sides,
}

/// How late the publisher was (us).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublishLag {
    /// Median.
    pub p50: Option<u64>,
    /// 99th percentile.
    pub p99: Option<u64>,
}

impl Latency {
    /// The figures of a histogram; `None` when it is empty.
    pub fn of(histogram: &Histogram) -> Option<Latency> {
        Some(Latency {
            mean: histogram.mean_us()?,
            p50: histogram.quantile_us(0.5),
            p90: histogram.quantile_us(0.9),
            p99: histogram.quantile_us(0.99),
            p999: histogram.quantile_us(0.999),
            max: histogram.max_us(),
        })
    }
}

impl BytesPerEvent {
    fn of(record: &Record) -> BytesPerEvent {
        let end = &record.bytes.loadgen;
        let events = events_to_divide_by(record, record.cell_counts.delivered);
        let per_event = |bytes: u64| (events > 0).then(|| bytes as f64 / events as f64);
        let opening = end.opening_up.zip(end.opening_down).map(|(up, down)| up + down);
        // Where each request has a connection of its own, its handshake is a part of what it costs.
        let kept =
            record.scenario.connection == ConnectionPolicy::KeepAlive || record.transport.manner() == Manner::Pushed;
        let tls_handshake = end
            .ledger
            .filter(|_| record.scenario.tls)
            .map(|ledger| Way::ALL.iter().map(|&way| ledger.layers(way).tls_handshake).sum::<u64>());
        let once = opening.unwrap_or(0) + tls_handshake.filter(|_| kept).unwrap_or(0);
        let total = (end.up + end.down).saturating_sub(once);
        let payload = record.bytes.payload_down + record.bytes.payload_up;
        let layers = |way| {
            let of = |layer| Some((Layer::id(layer).to_owned(), per_event(end.ledger?.layers(way).get(layer))?));
            let shown = |layer: &Layer| match layer {
                Layer::OpeningHandshake => false,
                Layer::TlsHandshake => !kept,
                _ => true,
            };
            Layer::ALL.into_iter().filter(shown).filter_map(of).filter(|&(_, bytes)| bytes > 0.0).collect()
        };
        let layers = end.ledger.filter(|_| events > 0).map(|_| Layers { up: layers(Way::Up), down: layers(Way::Down) });
        let on_ip = record.bytes.ip.map(|ip| (ip.up + ip.down).saturating_sub(ip.once_up + ip.once_down));
        let per_connection = |bytes: u64| bytes as f64 / end.connections as f64;
        let pushed = record.transport.manner() == Manner::Pushed && end.connections > 0;
        BytesPerEvent {
            total: per_event(total),
            payload: per_event(payload),
            overhead: per_event(total.saturating_sub(payload)),
            ip: on_ip.and_then(per_event),
            layers,
            opening: opening.filter(|_| pushed).map(per_connection),
            tls_handshake: tls_handshake.filter(|_| end.connections > 0).map(per_connection),
        }
    }
}

impl Cell {
    /// The figures of a record.
    pub fn of(record: &Record) -> Cell {
        let scenario = &record.scenario;
        let sides = |figure: &dyn Fn(&Usage) -> Option<f64>| Sides {
            server: record.server.as_ref().and_then(figure),
            loadgen: figure(&record.loadgen),
        };
        let delivered = record.counts.delivered;
        let events = events_to_divide_by(record, delivered);
        let requests = record.polls.map(|polls| polls.total).filter(|_| record.workload() == Workload::Closed);
        Cell {
            id: record.id.clone(),
            transport: record.transport,
            clients: scenario.clients,
            repetition: record.repetition,
            scenario: CellScenario {
                rate_per_s: scenario.rate_per_s,
                arrivals: scenario.arrivals,
                fanout: scenario.fanout,
                payload_bytes: scenario.payload_bytes,
                interval_ms: scenario.interval_ms,
                hold_ms: scenario.hold_ms,
                rtt_ms: scenario.rtt_ms,
                jitter_ms: scenario.jitter_ms,
                bandwidth_bits_per_s: scenario.bandwidth_bits_per_s,
                mss_bytes: scenario.mss_bytes,
                protocol: scenario.protocol,
                clients_per_connection: scenario.clients_per_connection,
                tls: scenario.tls,
                tls_resumption: scenario.tls_resumption,
                compression: scenario.compression,
                headers: scenario.headers.clone(),
                cookie_bytes: scenario.cookie_bytes,
                connection: scenario.connection,
            },
            processes: record.processes,
            expected: record.counts.expected,
            delivered,
            lost: record.counts.lost,
            duplicated: record.cell_counts.duplicated,
            reordered: record.cell_counts.reordered,
            latency_us: record.histograms.delivery_latency.as_ref().and_then(Latency::of),
            bytes_per_event: BytesPerEvent::of(record),
            bits_per_s: record.bytes.in_window.map(|bytes| bytes as f64 * 8.0 / record.window.seconds().max(1e-6)),
            polls: record.polls,
            requests_per_s: requests.map(|requests| requests as f64 / record.window.seconds().max(1e-6)),
            cpu_us_per_request: requests.map(|requests| sides(&|usage| cpu_us_per(usage, requests))),
            cpu_us_per_event: sides(&|usage| cpu_us_per(usage, events)),
            cpu_idle_us_per_s: sides(&|usage| usage.cpu_idle_us_per_s),
            rss_bytes_per_client: sides(&|usage| {
                let added = usage.rss_window_bytes? as f64 - usage.rss_before_bytes as f64;
                Some(added / f64::from(scenario.clients.max(1)))
            }),
            idle: IdleCost::of(record),
            publish_lag_us: record
                .histograms
                .publish_lag
                .as_ref()
                .map(|h| PublishLag { p50: h.quantile_us(0.5), p99: h.quantile_us(0.99) }),
            verdict: record.verdict.clone(),
        }
    }
}

/// The events that bytes and CPU time are for; none where the pace of requests is the machine's own.
fn events_to_divide_by(record: &Record, delivered: u64) -> u64 {
    match record.workload() {
        Workload::Open => delivered,
        Workload::Closed | Workload::Idle => 0,
    }
}

impl IdleCost {
    /// What a client of this cell costs; `None` where the feed was not silent.
    fn of(record: &Record) -> Option<IdleCost> {
        if record.workload() != Workload::Idle {
            return None;
        }
        let client_minutes = f64::from(record.scenario.clients) * record.window.seconds() / 60.0;
        let each = |sum: f64| (client_minutes > 0.0).then(|| sum / client_minutes);
        let bytes = |bytes: Option<u64>| each(bytes? as f64);
        let cpu = |usage: &Usage| each(usage.cpu_window_us? as f64);
        Some(IdleCost {
            bytes_per_client_minute: bytes(record.bytes.in_window),
            ip_bytes_per_client_minute: bytes(record.bytes.ip_in_window),
            cpu_us_per_client_minute: Sides {
                server: record.server.as_ref().and_then(cpu),
                loadgen: cpu(&record.loadgen),
            },
        })
    }
}

fn cpu_us_per(usage: &Usage, count: u64) -> Option<f64> {
    usage.cpu_window_us.filter(|_| count > 0).map(|us| us as f64 / count as f64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_client_has_a_price_a_minute_and_none_an_event() {
        let text = include_str!("../../published/2026-11-20-default/records/006-websocket-1000-r1.json");
        let mut record: Record = serde_json::from_str(text).unwrap();
        assert!(Cell::of(&record).idle.is_none(), "the feed was not silent");
        record.scenario.rate_per_s = 0.0;
        (record.counts.delivered, record.cell_counts.delivered) = (0, 0);
        (record.window.start_us, record.window.end_us) = (0, 120_000_000);
        (record.bytes.in_window, record.bytes.ip_in_window) = (Some(1_000 * 2 * 56), Some(1_000 * 2 * 280));
        record.loadgen.cpu_window_us = Some(3_000_000);
        record.server = None;
        let cell = Cell::of(&record);
        let idle = cell.idle.unwrap();
        assert_eq!((idle.bytes_per_client_minute, idle.ip_bytes_per_client_minute), (Some(56.0), Some(280.0)));
        assert_eq!(idle.cpu_us_per_client_minute, Sides { server: None, loadgen: Some(1_500.0) });
        let per_event = cell.bytes_per_event;
        assert_eq!((per_event.total, per_event.payload, per_event.ip, per_event.layers), (None, None, None, None));
        assert_eq!(cell.cpu_us_per_event, Sides { server: None, loadgen: None });
    }

    #[test]
    fn a_tls_handshake_is_paid_once_where_a_connection_is_kept_and_with_every_request_where_none_is() {
        let text = include_str!("../../published/2026-11-20-default/records/001-polling-1000-r1.json");
        let mut record: Record = serde_json::from_str(text).unwrap();
        let clear = Cell::of(&record).bytes_per_event;
        assert_eq!(clear.tls_handshake, None);
        record.scenario.tls = true;
        let connections = record.bytes.loadgen.connections;
        record.bytes.loadgen.up += 700 * connections;
        record.bytes.loadgen.ledger.as_mut().unwrap().up.tls_handshake = 700 * connections;
        let kept = Cell::of(&record).bytes_per_event;
        assert_eq!((kept.total, kept.tls_handshake), (clear.total, Some(700.0)));
        record.scenario.connection = ConnectionPolicy::Close;
        let closed = Cell::of(&record).bytes_per_event;
        let events = record.cell_counts.delivered as f64;
        assert!((closed.total.unwrap() - clear.total.unwrap() - (700 * connections) as f64 / events).abs() < 1e-6);
        assert!(closed.layers.unwrap().get(Way::Up, Layer::TlsHandshake) > 0.0);
    }
}
