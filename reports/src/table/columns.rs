//! The columns: name, unit, and how a figure becomes a text.

use feedbench_record::summary::{Cell, Latency};
use feedbench_record::{Layer, Way, Workload};

use super::{ABSENT, Align, Heading, Selection};
use crate::conditions::{arrivals_name, compression_name, distinct, fanout_name};
use crate::lang::Lang;
use crate::number::{grouped, plain, significant};
use crate::text::{columns as text, common};

/// What a column is about: the page and the charts show one group or some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Name,
    Scenario,
    Delivery,
    Bytes,
    Cpu,
    Memory,
    /// Of closed workloads.
    Throughput,
    /// Of silent feeds.
    Silence,
    Verdict,
}

/// One column, for people (`text`) and for programs (`raw`, empty when absent).
pub(crate) struct Column {
    pub(crate) group: Group,
    /// Empty for programs alone.
    head: fn(Lang) -> &'static str,
    pub(super) csv: &'static str,
    /// The smallest selection that has it.
    pub(super) from: Selection,
    pub(super) text: fn(&Cell, Lang) -> String,
    pub(super) raw: fn(&Cell) -> String,
}

impl Column {
    pub(super) fn heading(&self, lang: Lang) -> Heading {
        let align = match self.group {
            Group::Name if self.csv == "transport" => Align::Left,
            Group::Scenario | Group::Verdict => Align::Left,
            Group::Name
            | Group::Delivery
            | Group::Bytes
            | Group::Cpu
            | Group::Memory
            | Group::Throughput
            | Group::Silence => Align::Right,
        };
        Heading { text: (self.head)(lang).to_owned(), align }
    }

    fn is_for_people(&self) -> bool {
        !(self.head)(Lang::En).is_empty()
    }

    /// The scenario and the repetition are for programs; people see what tells two rows apart, and the figures of closed
    /// workloads where there are some.
    pub(super) fn is_shown(&self, cells: &[Cell]) -> bool {
        match self.group {
            Group::Scenario => distinct(cells.iter().map(self.raw)).len() > 1,
            Group::Throughput | Group::Silence => {
                self.is_for_people() && cells.iter().any(|cell| !(self.raw)(cell).is_empty())
            }
            _ => self.is_for_people(),
        }
    }
}

fn optional<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(String::new, text)
}

fn shown<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| ABSENT.to_owned(), text)
}

/// A percentile beyond the histogram's bounds has no value: what lies above it tells on which side it fell.
fn percentile(cell: &Cell, pick: fn(&Latency) -> [Option<u64>; 5], inside: fn(u64) -> String, raw: bool) -> String {
    let Some(latency) = &cell.latency_us else {
        return if raw { String::new() } else { ABSENT.to_owned() };
    };
    let [value, above @ ..] = pick(latency);
    match (value, above.iter().any(Option::is_some), raw) {
        (Some(us), ..) => inside(us),
        (None, true, false) => "< 0 s".to_owned(),
        (None, false, false) => "> 60 s".to_owned(),
        (None, true, true) => "<0".to_owned(),
        (None, false, true) => ">60000000".to_owned(),
    }
}

fn yes_or_no(yes: bool, lang: Lang) -> String {
    if yes { common::yes(lang) } else { common::no(lang) }.to_owned()
}

fn ms(us: u64) -> String {
    significant(us as f64 / 1_000.0)
}

fn kib(bytes: f64) -> String {
    significant(bytes / 1_024.0)
}

fn empty_share(cell: &Cell) -> Option<f64> {
    cell.polls.filter(|polls| polls.total > 0).map(|polls| polls.empty as f64 / polls.total as f64)
}

fn reason_codes(cell: &Cell) -> String {
    let codes = cell.verdict.reasons.iter().map(|reason| match serde_json::to_value(reason.code) {
        Ok(serde_json::Value::String(code)) => code,
        _ => format!("{:?}", reason.code),
    });
    distinct(codes).join(", ")
}

fn verdict(cell: &Cell, lang: Lang) -> String {
    match (cell.verdict.workload, cell.verdict.valid) {
        (Workload::Open, true) => text::valid(lang).to_owned(),
        (Workload::Closed, true) => text::throughput_only(lang).to_owned(),
        (Workload::Idle, true) => text::silent(lang).to_owned(),
        (_, false) => text::invalid(lang, reason_codes(cell)),
    }
}

macro_rules! columns {
    ($($group:ident $from:ident $head:ident $csv:literal $text:expr, $raw:expr;)*) => {
        &[$(Column { group: Group::$group, head: text::$head, csv: $csv, from: Selection::$from, text: $text, raw: $raw },)*]
    };
}

/// A column of a layer in one direction.
macro_rules! layer {
    (text $way:ident $layer:ident) => {
        |cell, _| shown(layer(cell, Way::$way, Layer::$layer), significant)
    };
    (raw $way:ident $layer:ident) => {
        |cell| optional(layer(cell, Way::$way, Layer::$layer), |n| n.to_string())
    };
}

/// A column of a latency percentile: the figure itself first, then the larger ones.
macro_rules! percentile_column {
    (text $($field:ident)*) => { |cell, _| percentile(cell, |l| pad([$(l.$field),*]), ms, false) };
    (raw $($field:ident)*) => { |cell| percentile(cell, |l| pad([$(l.$field),*]), |us| us.to_string(), true) };
}

fn layer(cell: &Cell, way: Way, layer: Layer) -> Option<f64> {
    cell.bytes_per_event.layers.as_ref().map(|layers| layers.get(way, layer))
}

fn pad<const N: usize>(figures: [Option<u64>; N]) -> [Option<u64>; 5] {
    std::array::from_fn(|index| figures.get(index).copied().flatten())
}

/// Every column, in the order of every table.
pub(crate) const COLUMNS: &[Column] = columns! {
    Name Full hidden "id" |c, _| c.id.clone(), |c| c.id.clone();
    Name Narrow transport "transport" |c, lang| common::transport(lang, c.transport).to_owned(), |c| c.transport.id().to_owned();
    Name Short clients "clients" |c, _| grouped(u64::from(c.clients)), |c| c.clients.to_string();
    Scenario Narrow repetition "repetition" |c, _| c.repetition.to_string(), |c| c.repetition.to_string();
    Scenario Narrow rate "rate_per_s" |c, _| plain(c.scenario.rate_per_s), |c| c.scenario.rate_per_s.to_string();
    Scenario Narrow arrivals "arrivals" |c, lang| arrivals_name(c.scenario.arrivals, lang).to_owned(),
        |c| format!("{:?}", c.scenario.arrivals).to_lowercase();
    Scenario Narrow fan_out "fanout" |c, lang| fanout_name(c.scenario.fanout, lang), |c| c.scenario.fanout.to_string();
    Scenario Narrow payload "payload_bytes" |c, _| grouped(u64::from(c.scenario.payload_bytes)),
        |c| c.scenario.payload_bytes.to_string();
    Scenario Narrow interval "interval_ms" |c, _| grouped(c.scenario.interval_ms), |c| c.scenario.interval_ms.to_string();
    Scenario Narrow hold "hold_ms" |c, _| grouped(c.scenario.hold_ms), |c| c.scenario.hold_ms.to_string();
    Scenario Narrow rtt "rtt_ms" |c, _| grouped(c.scenario.rtt_ms), |c| c.scenario.rtt_ms.to_string();
    Scenario Narrow jitter "jitter_ms" |c, _| grouped(c.scenario.jitter_ms), |c| c.scenario.jitter_ms.to_string();
    Scenario Narrow bandwidth "bandwidth_bits_per_s" |c, _| shown(c.scenario.bandwidth_bits_per_s, grouped),
        |c| optional(c.scenario.bandwidth_bits_per_s, |bits| bits.to_string());
    Scenario Narrow mss "mss_bytes" |c, _| shown(c.scenario.mss_bytes, |bytes| grouped(bytes.into())),
        |c| optional(c.scenario.mss_bytes, |bytes| bytes.to_string());
    Scenario Narrow protocol "protocol" |c, _| c.scenario.protocol.to_string(), |c| c.scenario.protocol.id().to_owned();
    Scenario Narrow sharing "clients_per_connection" |c, _| c.scenario.clients_per_connection.to_string(),
        |c| c.scenario.clients_per_connection.to_string();
    Scenario Narrow tls "tls" |c, lang| yes_or_no(c.scenario.tls, lang), |c| c.scenario.tls.to_string();
    Scenario Narrow resumption "tls_resumption" |c, lang| yes_or_no(c.scenario.tls_resumption, lang),
        |c| c.scenario.tls_resumption.to_string();
    Scenario Narrow compression "compression" |c, lang| compression_name(c.scenario.compression, lang).to_owned(),
        |c| c.scenario.compression.to_string();
    Scenario Narrow headers "headers" |c, _| c.scenario.headers.clone(), |c| c.scenario.headers.clone();
    Scenario Narrow connection "connection" |c, _| c.scenario.connection.to_string(), |c| c.scenario.connection.to_string();
    Scenario Full server_processes "server_processes" |c, _| c.processes.server.to_string(),
        |c| c.processes.server.to_string();
    Delivery Full hidden "expected" |c, _| shown(c.expected, grouped), |c| optional(c.expected, |n| n.to_string());
    Delivery Short delivered "delivered" |c, _| grouped(c.delivered), |c| c.delivered.to_string();
    Delivery Narrow lost "lost" |c, _| shown(c.lost, grouped), |c| optional(c.lost, |n| n.to_string());
    Delivery Full hidden "duplicated" |c, _| grouped(c.duplicated), |c| c.duplicated.to_string();
    Delivery Full hidden "reordered" |c, _| grouped(c.reordered), |c| c.reordered.to_string();
    Delivery Full latency_mean "latency_mean_us"
        |c, _| shown(c.latency_us, |l| significant(l.mean / 1_000.0)), |c| optional(c.latency_us, |l| l.mean.to_string());
    Delivery Narrow latency_p50 "latency_p50_us" percentile_column!(text p50 p90 p99 p999 max),
        percentile_column!(raw p50 p90 p99 p999 max);
    Delivery Full hidden "latency_p90_us" percentile_column!(text p90 p99 p999 max),
        percentile_column!(raw p90 p99 p999 max);
    Delivery Narrow latency_p99 "latency_p99_us" percentile_column!(text p99 p999 max),
        percentile_column!(raw p99 p999 max);
    Delivery Full hidden "latency_p999_us" percentile_column!(text p999 max), percentile_column!(raw p999 max);
    Delivery Short latency_max "latency_max_us" percentile_column!(text max), percentile_column!(raw max);
    Bytes Narrow bytes_per_event "bytes_per_event_total" |c, _| shown(c.bytes_per_event.total, significant),
        |c| optional(c.bytes_per_event.total, |n| n.to_string());
    Bytes Full payload_per_event "bytes_per_event_payload" |c, _| shown(c.bytes_per_event.payload, significant),
        |c| optional(c.bytes_per_event.payload, |n| n.to_string());
    Bytes Short overhead_per_event "bytes_per_event_overhead" |c, _| shown(c.bytes_per_event.overhead, significant),
        |c| optional(c.bytes_per_event.overhead, |n| n.to_string());
    Bytes Full on_ip "bytes_per_event_ip" |c, _| shown(c.bytes_per_event.ip, significant),
        |c| optional(c.bytes_per_event.ip, |n| n.to_string());
    Bytes Full opening "opening_bytes_per_connection"
        |c, _| shown(c.bytes_per_event.opening, significant), |c| optional(c.bytes_per_event.opening, |n| n.to_string());
    Bytes Full hidden "bytes_per_event_up_request_headers" layer!(text Up RequestHeaders), layer!(raw Up RequestHeaders);
    Bytes Full hidden "bytes_per_event_up_body_framing" layer!(text Up BodyFraming), layer!(raw Up BodyFraming);
    Bytes Full hidden "bytes_per_event_up_event_framing" layer!(text Up EventFraming), layer!(raw Up EventFraming);
    Bytes Full hidden "bytes_per_event_up_control" layer!(text Up Control), layer!(raw Up Control);
    Bytes Full hidden "bytes_per_event_up_payload" layer!(text Up Payload), layer!(raw Up Payload);
    Bytes Full hidden "bytes_per_event_up_tls" layer!(text Up Tls), layer!(raw Up Tls);
    Bytes Full hidden "bytes_per_event_up_unclassified" layer!(text Up Unclassified), layer!(raw Up Unclassified);
    Bytes Full hidden "bytes_per_event_down_response_headers" layer!(text Down ResponseHeaders), layer!(raw Down ResponseHeaders);
    Bytes Full hidden "bytes_per_event_down_body_framing" layer!(text Down BodyFraming), layer!(raw Down BodyFraming);
    Bytes Full hidden "bytes_per_event_down_event_framing" layer!(text Down EventFraming), layer!(raw Down EventFraming);
    Bytes Full hidden "bytes_per_event_down_control" layer!(text Down Control), layer!(raw Down Control);
    Bytes Full hidden "bytes_per_event_down_payload" layer!(text Down Payload), layer!(raw Down Payload);
    Bytes Full hidden "bytes_per_event_down_tls" layer!(text Down Tls), layer!(raw Down Tls);
    Bytes Full hidden "bytes_per_event_down_unclassified" layer!(text Down Unclassified), layer!(raw Down Unclassified);
    Bytes Full hidden "bits_per_s" |c, _| shown(c.bits_per_s, significant), |c| optional(c.bits_per_s, |n| n.to_string());
    Bytes Full empty_polls "polls_empty_share"
        |c, _| shown(empty_share(c), |share| significant(share * 100.0)),
        |c| optional(empty_share(c), |share| share.to_string());
    Bytes Full hidden "polls_total" |c, _| shown(c.polls, |p| grouped(p.total)), |c| optional(c.polls, |p| p.total.to_string());
    Bytes Full hidden "polls_skipped" |c, _| shown(c.polls, |p| grouped(p.skipped)),
        |c| optional(c.polls, |p| p.skipped.to_string());
    Cpu Narrow server_cpu "server_cpu_us_per_event" |c, _| shown(c.cpu_us_per_event.server, significant),
        |c| optional(c.cpu_us_per_event.server, |n| n.to_string());
    Cpu Full loadgen_cpu "loadgen_cpu_us_per_event"
        |c, _| shown(c.cpu_us_per_event.loadgen, significant),
        |c| optional(c.cpu_us_per_event.loadgen, |n| n.to_string());
    Cpu Full server_idle_cpu "server_cpu_idle_us_per_s"
        |c, _| shown(c.cpu_idle_us_per_s.server, significant),
        |c| optional(c.cpu_idle_us_per_s.server, |n| n.to_string());
    Cpu Full loadgen_idle_cpu "loadgen_cpu_idle_us_per_s"
        |c, _| shown(c.cpu_idle_us_per_s.loadgen, significant),
        |c| optional(c.cpu_idle_us_per_s.loadgen, |n| n.to_string());
    Memory Short server_memory "server_rss_bytes_per_client"
        |c, _| shown(c.rss_bytes_per_client.server, kib), |c| optional(c.rss_bytes_per_client.server, |n| n.to_string());
    Memory Full loadgen_memory "loadgen_rss_bytes_per_client"
        |c, _| shown(c.rss_bytes_per_client.loadgen, kib),
        |c| optional(c.rss_bytes_per_client.loadgen, |n| n.to_string());
    Throughput Narrow requests_per_s "requests_per_s" |c, _| shown(c.requests_per_s, significant),
        |c| optional(c.requests_per_s, |n| n.to_string());
    Throughput Narrow server_cpu_per_request "server_cpu_us_per_request"
        |c, _| shown(c.cpu_us_per_request.and_then(|cpu| cpu.server), significant),
        |c| optional(c.cpu_us_per_request.and_then(|cpu| cpu.server), |n| n.to_string());
    Throughput Short loadgen_cpu_per_request "loadgen_cpu_us_per_request"
        |c, _| shown(c.cpu_us_per_request.and_then(|cpu| cpu.loadgen), significant),
        |c| optional(c.cpu_us_per_request.and_then(|cpu| cpu.loadgen), |n| n.to_string());
    Silence Narrow silent_bytes "bytes_per_client_minute"
        |c, _| shown(c.idle.and_then(|idle| idle.bytes_per_client_minute), significant),
        |c| optional(c.idle.and_then(|idle| idle.bytes_per_client_minute), |n| n.to_string());
    Silence Narrow silent_bytes_on_ip "ip_bytes_per_client_minute"
        |c, _| shown(c.idle.and_then(|idle| idle.ip_bytes_per_client_minute), significant),
        |c| optional(c.idle.and_then(|idle| idle.ip_bytes_per_client_minute), |n| n.to_string());
    Silence Narrow silent_server_cpu "server_cpu_us_per_client_minute"
        |c, _| shown(c.idle.and_then(|idle| idle.cpu_us_per_client_minute.server), significant),
        |c| optional(c.idle.and_then(|idle| idle.cpu_us_per_client_minute.server), |n| n.to_string());
    Silence Short silent_loadgen_cpu "loadgen_cpu_us_per_client_minute"
        |c, _| shown(c.idle.and_then(|idle| idle.cpu_us_per_client_minute.loadgen), significant),
        |c| optional(c.idle.and_then(|idle| idle.cpu_us_per_client_minute.loadgen), |n| n.to_string());
    Delivery Full hidden "publish_lag_p99_us" |c, _| shown(c.publish_lag_us.and_then(|l| l.p99), ms),
        |c| optional(c.publish_lag_us.and_then(|l| l.p99), |us| us.to_string());
    Verdict Narrow verdict "verdict" verdict,
        |c| if c.verdict.valid { "valid" } else { "invalid" }.to_owned();
    Verdict Full hidden "workload" |c, _| c.verdict.workload.id().to_owned(), |c| c.verdict.workload.id().to_owned();
    Verdict Full hidden "reasons" |c, _| reason_codes(c),
        |c| c.verdict.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ");
};
