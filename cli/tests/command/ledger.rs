//! The ledger of real runs: framing to the byte, and heartbeats as their rules say.

use crate::common::{self, demand_integrity, ledger};
use feedbench_record::ledger::{Layer, Way};
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Transport};

/// Cells of five clients, a second each.
fn run(options: &[&str]) -> Vec<Record> {
    let short = ["--clients", "5", "--warmup", "100ms", "--duration", "1s"];
    let records = common::run(&[&short[..], options].concat());
    records.iter().for_each(demand_integrity);
    records
}

#[test]
fn a_server_frame_adds_2_4_or_10_bytes_to_an_event_and_client_frames_are_control() {
    for (payload, framing) in [("125", 2), ("126", 4), ("65535", 4), ("65536", 10)] {
        for frames in [&["--rate", "10"][..], &["--rate", "10", "--binary"]] {
            let records = run(&[&["--transport", "websocket", "--payload", payload][..], frames].concat());
            let (record, ledger) = (&records[0], ledger(&records[0]));
            let events = record.cell_counts.delivered;
            assert!(events > 0);
            assert_eq!(ledger.down.event_framing, framing * events, "payload of {payload} bytes");
            assert_eq!(ledger.down.payload, payload.parse::<u64>().unwrap() * events);
            let up = Layer::ALL.into_iter().filter(|&layer| ledger.up.get(layer) > 0).collect::<Vec<_>>();
            assert_eq!(up, [Layer::OpeningHandshake, Layer::Control], "the client's frames are pongs and closes");
        }
    }
}

#[test]
fn a_heartbeat_takes_what_its_framing_says() {
    let pushed: Vec<_> = Transport::ALL.into_iter().filter(|t| t.manner() == Manner::Pushed).collect();
    let names = pushed.iter().map(|transport| transport.id()).collect::<Vec<_>>().join(",");
    let records = run(&["--transport", &names, "--rate", "2", "--heartbeat", "50ms"]);
    assert_eq!(records.len(), pushed.len());
    for record in &records {
        let (seen, rule) = (ledger(record).heartbeats, record.bytes.heartbeat.unwrap());
        assert!(seen.count > 5, "{}: {seen:?}", record.id);
        assert_eq!((seen.up, seen.down), (rule.up * seen.count, rule.down * seen.count), "{}", record.id);
    }
}

#[test]
fn the_layers_of_each_transport_are_those_that_it_has_and_add_up() {
    for record in run(&["--rate", "20", "--interval", "100ms"]) {
        let ledger = ledger(&record);
        for way in Way::ALL {
            let sum = if way == Way::Up { record.bytes.loadgen.up } else { record.bytes.loadgen.down };
            assert_eq!(ledger.layers(way).total(), sum, "{} {}", record.id, way.id());
        }
        let (pushed, events) = (record.transport.manner() == Manner::Pushed, record.cell_counts.delivered);
        assert_eq!(ledger.down.payload, record.bytes.payload_down);
        assert_eq!(ledger.pushed_events.count, if pushed { events } else { 0 }, "{}", record.id);
        assert_eq!(ledger.polls.count, record.cell_polls.map_or(0, |polls| polls.total), "{}", record.id);
        assert_eq!(ledger.empty_polls.count, record.cell_polls.map_or(0, |polls| polls.empty), "{}", record.id);
        assert_eq!(ledger.up.opening_handshake > 0, pushed, "{}", record.id);
        assert_eq!(ledger.repetition.heads > 0, !pushed, "{}", record.id);
    }
}
