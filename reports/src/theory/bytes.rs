//! Expected bytes per delivered event above TCP, by layer: how often something is said, times how long it is.
//!
//! The times are those of the whole cell, as the figures beside them: connecting, an idle phase, warm-up, window and drain.
//! Derived: the number of requests, from schedule and process; every constant of framing ([`super::framing`]).
//! Measured: the number of events of the cell (the publisher's own count), and the mean length of the heads of one request
//! and of one answer, from the ledger. So a wrong head shows nowhere here, and a request too many shows at once.
//!
//! - *Polling*: a client polls when it has connected, and then every interval until the feed ends:
//!   1 + (ramp/2 + idle + warm-up + window + drain) / T requests, two brackets each, and a comma for each event but the first
//!   of an answer.
//! - *Long polling*: one answer for every x + e events (see [`super::long_polling`]), two empty ones (to the first request,
//!   which asks where the feed stands, and at the feed's end), and one for each hold time without a publication.
//! - *Streams and WebSocket*: framing for each event, and once on a connection its position and its end. What a client
//!   asks for when the feed has ended depends on who is faster, and is part of the bound.

use feedbench_record::scenario::{Compression, Protocol};
use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Ledger, Record, Transport};

use super::expectation::{Absent, COUNTED_SHARE, DEVIATIONS, Expectation, POLLS_SKIPPED_SHARE};
use super::model::Model;
use super::{framing, polling, pushed};

/// The phases of a cell begin by messages between its processes, each of which takes its time (s).
const HANDOVER_S: f64 = 0.5;
/// Requests of a long poll that bring nothing: the first and the last.
const LONG_POLLS_ONCE: f64 = 2.0;

/// Expected bytes per delivered event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bytes {
    /// All layers but the opening handshake.
    pub(crate) total: Expectation,
    /// Each layer that has bytes, both directions together.
    pub(crate) layers: Vec<(Layer, Expectation)>,
}

impl Bytes {
    /// What a cell of this process needs.
    ///
    /// # Errors
    /// With the reason why its bytes do not follow from the scenario.
    pub(super) fn of(record: &Record, model: &Model) -> Result<Bytes, Absent> {
        let scenario = &record.scenario;
        if scenario.tls || scenario.protocol != Protocol::Http1 || scenario.compression != Compression::None {
            return Err(Absent::Protocol);
        }
        if record.recycles > 0 || (scenario.recycle.is_some() && record.transport.manner() == Manner::Pushed) {
            return Err(Absent::Recycled);
        }
        let ledger = record.bytes.loadgen.ledger.ok_or(Absent::NoLedger)?;
        let events = record.cell_counts.expected.ok_or(Absent::NoEvents)? as f64 / f64::from(scenario.clients.max(1));
        if events <= 0.0 {
            return Err(Absent::NoEvents);
        }
        match record.transport.manner() {
            Manner::Asks => polls(record, model, &ledger, events),
            Manner::Waits => long_polls(record, model, &ledger, events),
            Manner::Pushed => of_pushed(record, model, events),
        }
    }

    /// Layers in the order of the ledger; `more` is what their sum may have beside them.
    fn sum(layers: Vec<(Layer, Expectation)>, more: f64) -> Bytes {
        let all = |end: fn(&Expectation) -> f64| layers.iter().map(|(_, bytes)| end(bytes)).sum::<f64>();
        let total = Expectation { value: all(|b| b.value), low: all(|b| b.low), high: all(|b| b.high) + more };
        Bytes { total, layers }
    }

    /// The bytes of a layer; `None` where it should have none.
    pub(crate) fn layer(&self, layer: Layer) -> Option<Expectation> {
        self.layers.iter().find(|(of, _)| *of == layer).map(|&(_, bytes)| bytes)
    }
}

/// A figure that is counted, not sampled.
fn counted(value: f64) -> Expectation {
    Expectation::within(value, value * COUNTED_SHARE)
}

/// The layers of requests that are answered: `requests` and `commas` for each event.
fn asked(record: &Record, ledger: &Ledger, requests: Expectation, commas: Expectation) -> Result<Bytes, Absent> {
    if ledger.polls.count == 0 {
        return Err(Absent::NoLedger);
    }
    let length = |bytes: u64| bytes as f64 / ledger.polls.count as f64;
    let brackets = requests.times(framing::ARRAY);
    let framing = Expectation {
        value: brackets.value + commas.value,
        low: brackets.low + commas.low,
        high: brackets.high + commas.high,
    };
    let layers = vec![
        (Layer::RequestHeaders, requests.times(length(ledger.up.request_headers))),
        (Layer::ResponseHeaders, requests.times(length(ledger.down.response_headers))),
        (Layer::EventFraming, framing),
        (Layer::Payload, counted(record.scenario.payload_bytes.into())),
    ];
    Ok(Bytes::sum(layers, 0.0))
}

/// From a client's first connection to the end of the feed (s): clients connect evenly over the ramp.
fn lifetime_s(record: &Record) -> f64 {
    let scenario = &record.scenario;
    let connects_per_s = f64::from(scenario.connects_per_s.max(1)) * f64::from(record.processes.loadgen.max(1));
    let ramp_s = f64::from(scenario.clients) / connects_per_s;
    let phases_ms = [scenario.idle_ms, scenario.warmup_ms, scenario.window_ms, scenario.drain_ms()];
    ramp_s / 2.0 + phases_ms.into_iter().map(|ms| ms as f64 / 1e3).sum::<f64>()
}

/// How long events are published (s).
fn published_s(record: &Record) -> f64 {
    [record.scenario.warmup_ms, record.scenario.window_ms].into_iter().map(|ms| ms as f64 / 1e3).sum()
}

fn polls(record: &Record, model: &Model, ledger: &Ledger, events: f64) -> Result<Bytes, Absent> {
    let interval_s = model.interval_s().ok_or(Absent::Closed)?;
    let polls = 1.0 + lifetime_s(record) / interval_s;
    let bound = HANDOVER_S / interval_s + polls * POLLS_SKIPPED_SHARE;
    let published_s = published_s(record);
    let rate_per_s = events / published_s;
    let batch = polling::events_per_non_empty_poll(record.scenario.arrivals, rate_per_s, interval_s);
    let deviation = polling::empty_share_deviation(rate_per_s, interval_s, published_s);
    let commas_bound = DEVIATIONS * deviation * published_s / interval_s / events + COUNTED_SHARE;
    let commas = Expectation::within(1.0 - 1.0 / batch, commas_bound);
    asked(record, ledger, Expectation::within(polls, bound).times(1.0 / events), commas)
}

fn long_polls(record: &Record, model: &Model, ledger: &Ledger, events: f64) -> Result<Bytes, Absent> {
    let batch = |model: &Model| model.cycle().map_or(1.0, |cycle| cycle.events_per_answer());
    let [short, long] = model.extremes();
    let deviation = model.cycle().map_or(0.0, |cycle| cycle.batch_deviation(model.window_s()));
    let sampling = DEVIATIONS * deviation * model.shrinking() + COUNTED_SHARE;
    let answers = Expectation {
        value: 1.0 / batch(model),
        low: 1.0 / batch(&long) * (1.0 - sampling),
        high: 1.0 / batch(&short) * (1.0 + sampling),
    };
    let hold_s = record.scenario.hold_ms as f64 / 1e3;
    let once = (LONG_POLLS_ONCE + ((lifetime_s(record) - published_s(record)) / hold_s).floor()) / events;
    let requests = Expectation { value: answers.value + once, low: answers.low + once, high: answers.high + once };
    // An answer with n events has n - 1 commas, and the more answers there are, the fewer.
    let full = 1.0 - model.cycle().map_or(0.0, |cycle| cycle.empty_share());
    let commas = |answers: f64| (1.0 - answers * full).max(0.0);
    let commas = Expectation { value: commas(answers.value), low: commas(answers.high), high: commas(answers.low) };
    asked(record, ledger, requests, commas)
}

fn of_pushed(record: &Record, model: &Model, events: f64) -> Result<Bytes, Absent> {
    let (transport, scenario) = (record.transport, &record.scenario);
    let payload = u64::from(scenario.payload_bytes);
    let known = || Some((framing::mean_framed(transport, payload, events as u64)?, framing::once(transport)?));
    let (event, once) = known().ok_or(Absent::Protocol)?;
    let heartbeats = heartbeats(record, events);
    let beat = framing::heartbeat(transport).unwrap_or_default();
    let with_heartbeats = |value: f64, beat: f64| {
        let bound = DEVIATIONS * heartbeats.sqrt() + heartbeats * COUNTED_SHARE;
        Expectation::within(value + heartbeats * beat / events, value * COUNTED_SHARE + bound * beat / events)
    };
    let chunks = with_heartbeats(event.body + once.body / events, beat.body);
    let body = Expectation { low: (chunks.low - event.body * model.shared_share()).max(0.0), ..chunks };
    let layers = vec![
        (Layer::BodyFraming, body),
        (Layer::EventFraming, counted(event.event)),
        (Layer::Control, with_heartbeats(once.event / events, beat.event)),
        (Layer::Payload, counted(payload as f64)),
    ];
    let layers = layers.into_iter().filter(|(_, bytes)| bytes.value > 0.0).collect();
    let end = &record.bytes.loadgen;
    let head = end.opening_up.unwrap_or(0) as f64 / end.connections.max(1) as f64;
    // A cursor of up to 32 bytes makes the head of a second request longer than that of the first one.
    let asks_again = if transport == Transport::WebSocket { 0.0 } else { head + 32.0 };
    Ok(Bytes::sum(layers, asks_again / events))
}

/// Heartbeats of one connection: between its events, and while nothing is published before and after them.
fn heartbeats(record: &Record, events: f64) -> f64 {
    let silent_s = record.scenario.heartbeat_ms as f64 / 1e3;
    if silent_s <= 0.0 {
        return 0.0;
    }
    let published_s = published_s(record);
    let per_event = pushed::heartbeats_per_event(record.scenario.arrivals, events / published_s, silent_s);
    events * per_event + ((lifetime_s(record) - published_s) / silent_s).floor()
}
