//! Bytes by layer, beside records whose requests and framing are known.

use feedbench_record::{Layer, Record, Scenario, Transport};

use crate::fixture;
use crate::theory::{self, Expectation, Quantity, simulation};

fn layer(record: &Record, layer: Layer) -> Expectation {
    theory::of(record).figure(Quantity::LayerBytes(layer)).unwrap().unwrap()
}

#[test]
fn requests_of_polling_are_counted_from_the_schedule() {
    let mut record = fixture::record(Transport::Polling);
    let clients = u64::from(record.scenario.clients);
    // A ramp of half a second, 15 s of phases, and the poll that a client begins with.
    let polls = 1.0 + 0.25 + 15.0;
    let events = record.cell_counts.expected.unwrap() as f64 / clients as f64;
    let ledger = record.bytes.loadgen.ledger.as_mut().unwrap();
    ledger.polls.count = (polls * clients as f64) as u64;
    (ledger.up.request_headers, ledger.down.response_headers) = (ledger.polls.count * 70, ledger.polls.count * 125);
    let expected = theory::of(&record).figure(Quantity::LayerBytes(Layer::RequestHeaders)).unwrap().unwrap();
    assert!((expected.value - 70.0 * polls / events).abs() < 1e-6, "{expected:?}");
    assert!(expected.agrees(70.0 * polls / events) && !expected.agrees(70.0 * (polls + 1.0) / events), "{expected:?}");
}

#[test]
fn framing_of_what_is_pushed_is_known_to_the_byte() {
    for (transport, framing) in
        [(Transport::IframeStreaming, 28.0), (Transport::FetchStreaming, 1.0), (Transport::WebSocket, 2.0)]
    {
        let expected = theory::of(&fixture::record(transport));
        let framed = expected.figure(Quantity::LayerBytes(Layer::EventFraming)).unwrap().unwrap();
        assert_eq!(framed.value, framing, "{transport}");
        let layers = Layer::ALL.map(|layer| expected.figure(Quantity::LayerBytes(layer)).unwrap());
        let sum: f64 = layers.into_iter().flatten().map(|bytes| bytes.value).sum();
        let total = expected.figure(Quantity::Bytes).unwrap().unwrap();
        assert!((sum - total.value).abs() < 1e-9, "{transport}");
    }
}

#[test]
fn requests_of_long_polling_are_one_for_each_batch_and_two_more() {
    let mut record = fixture::record(Transport::LongPolling);
    let clients = u64::from(record.scenario.clients);
    let events = record.cell_counts.expected.unwrap() / clients;
    // A gap of 10 ms at 2 events/s: hardly any batch has two.
    let polls = events + 2;
    let ledger = record.bytes.loadgen.ledger.as_mut().unwrap();
    ledger.polls.count = polls * clients;
    (ledger.up.request_headers, ledger.down.response_headers) = (ledger.polls.count * 80, ledger.polls.count * 130);
    let expected = theory::of(&record);
    let heads = expected.figure(Quantity::LayerBytes(Layer::RequestHeaders)).unwrap().unwrap();
    assert!((heads.value / (80.0 * polls as f64 / events as f64) - 1.0).abs() < 1e-3, "{heads:?}");
    let framing = expected.figure(Quantity::LayerBytes(Layer::EventFraming)).unwrap().unwrap();
    assert!((framing.value - 2.0 * polls as f64 / events as f64).abs() < 2e-3, "{framing:?}");
}

#[test]
fn a_stream_says_its_position_and_its_end_once() {
    let mut record = fixture::record(Transport::IframeStreaming);
    let clients = u64::from(record.scenario.clients);
    record.cell_counts.expected = Some(64 * clients);
    // 64 chunks of 128 bytes, one around the prologue of 100 bytes, and the last one.
    assert_eq!(layer(&record, Layer::BodyFraming).value, f64::from(64 * 6 + 6 + 5) / 64.0);
    assert_eq!(layer(&record, Layer::Control).value, 100.0 / 64.0);
    record.scenario.heartbeat_ms = 1_000;
    let silent = layer(&record, Layer::Control).value - 100.0 / 64.0;
    // Three seconds of silence around the events, and now and then more than one between two of them.
    assert!(silent > 3.0 * 8.0 / 64.0, "{silent}");
}

#[test]
fn empty_answers_have_brackets_and_no_commas() {
    let scenario = Scenario { rtt_ms: 100, hold_ms: 200, rate_per_s: 4.0, ..Scenario::default() };
    let mut record = fixture::record_of(Transport::LongPolling, scenario, 1);
    for usage in [record.server.as_mut().unwrap(), &mut record.loadgen] {
        (usage.cpu_window_us, usage.cpu_idle_us_per_s) = (Some(0), Some(0.0));
    }
    // So many that what is said once does not count.
    record.cell_counts.expected = Some(1_000_000_000_000);
    let published = simulation::poisson(&mut simulation::random(21), 4.0, 20_000.0);
    let seen = simulation::long_polling(&published, 0.05, 0.2);
    let framing: usize = seen.answers.iter().map(|&events| 2 + events.saturating_sub(1)).sum();
    let per_event = framing as f64 / published.len() as f64;
    let expected = layer(&record, Layer::EventFraming).value;
    assert!((per_event / expected - 1.0).abs() < 0.01, "{per_event} {expected}");
}
