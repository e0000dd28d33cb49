//! Every transport through the real command: fresh processes, real sockets, and the demand that nothing is lost and all
//! witnesses name the same bytes.

use crate::common::{self, Outcome, demand_whole};
use feedbench_record::transport::Manner;
use feedbench_record::{Transport, schema};

const SMALL: [(&str, &str); 5] =
    [("--rate", "20"), ("--interval", "200ms"), ("--warmup", "300ms"), ("--duration", "1500ms"), ("--clients", "20")];

fn run(more: &[&str]) -> Outcome {
    let small = SMALL.iter().filter(|(option, _)| !more.contains(option)).flat_map(|&(option, value)| [option, value]);
    common::outcome(&[&small.collect::<Vec<_>>()[..], more].concat())
}

#[test]
fn every_transport_loses_nothing_and_all_witnesses_name_the_same_bytes() {
    let outcome = run(&[]);
    assert_eq!(outcome.records.len(), Transport::ALL.len());
    for (record, transport) in outcome.records.iter().zip(Transport::ALL) {
        assert_eq!(record.transport, transport);
        demand_whole(record);
        assert_eq!(record.bytes.loadgen.connections, 20, "{}", record.id);
        assert_eq!(record.polls.is_some(), transport.manner() != Manner::Pushed);
        let payload = record.cell_counts.delivered * u64::from(record.scenario.payload_bytes);
        assert_eq!(record.bytes.payload_down, payload, "{}", record.id);
        if transport.manner() == Manner::Pushed {
            let ledger = record.bytes.loadgen.ledger.unwrap();
            assert_eq!(
                (ledger.up.request_headers, record.recycles),
                (0, 0),
                "{}: it opens once and asks no more",
                record.id
            );
        }
        assert!(record.loadgen.cpu_window_us.unwrap() > 0 && record.server.unwrap().cpu_window_us.unwrap() > 0);
    }
}

#[test]
fn records_and_the_json_document_keep_to_their_schemas() {
    let outcome = run(&["--transport", "polling,websocket"]);
    let summary_schema = jsonschema::validator_for(&schema::summary()).unwrap();
    let summary = serde_json::to_value(&outcome.summary).unwrap();
    let errors: Vec<_> = summary_schema.iter_errors(&summary).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let record_schema = jsonschema::validator_for(&schema::record()).unwrap();
    for record in &outcome.records {
        let record = serde_json::to_value(record).unwrap();
        let errors: Vec<_> = record_schema.iter_errors(&record).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let broken = serde_json::json!({ "schema": 1 });
        assert!(!record_schema.is_valid(&broken), "the schema accepts anything");
    }
}

#[test]
fn a_recycled_stream_is_taken_up_again_and_loses_nothing() {
    for recycle in ["2KiB", "300ms"] {
        let outcome = run(&["--transport", "iframe-streaming,sse,fetch-streaming", "--recycle", recycle]);
        for record in &outcome.records {
            demand_whole(record);
            assert!(record.recycles > 0, "{} with {recycle}", record.id);
        }
    }
}

#[test]
fn every_client_gets_its_own_topic_and_nothing_else() {
    for fanout in ["rooms=3", "unicast"] {
        for record in run(&["--transport", "long-polling,websocket", "--fanout", fanout]).records {
            demand_whole(&record);
        }
    }
}

#[test]
fn binary_frames_carry_the_same_events() {
    demand_whole(&run(&["--transport", "websocket", "--binary"]).records[0]);
}

#[test]
fn a_long_hold_and_an_idle_heartbeat_disturb_nothing() {
    let quiet = ["--transport", "long-polling,sse,websocket", "--rate", "2", "--hold", "100ms", "--heartbeat", "50ms"];
    for record in run(&quiet).records {
        demand_whole(&record);
    }
}

#[test]
fn a_replay_brings_the_recorded_events_at_the_given_rate() {
    for record in run(&["--transport", "polling,sse,websocket", "--feed", "earthquakes", "--rate", "30"]).records {
        demand_whole(&record);
    }
}

#[test]
fn several_numbers_of_clients_and_repetitions_are_cells_of_their_own() {
    let outcome = run(&["--transport", "websocket", "--clients", "5,10", "--repeat", "2"]);
    let ids: Vec<_> = outcome.records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids, ["001-websocket-5-r1", "002-websocket-10-r1", "003-websocket-5-r2", "004-websocket-10-r2"]);
}
