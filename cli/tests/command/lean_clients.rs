//! Both kinds of client against the real server, with the same scenario and the same seed: what one sends and takes, the
//! other does.

use crate::common::{self, Outcome, at_once, demand_refusal, demand_whole, feedbench, ledger};
use feedbench_record::ledger::{Layer, Way};
use feedbench_record::scenario::ClientKind;
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Transport};

/// Cells of five clients.
fn run(client: ClientKind, options: &[&str]) -> Vec<Record> {
    let short = ["--clients", "5", "--warmup", "100ms", "--duration", "1s", "--rate", "20"];
    let frequent = ["--interval", "100ms", "--heartbeat", "30ms", "--client", client.id()];
    let records = common::run(&[&short, &frequent[..], options].concat());
    for record in &records {
        demand_whole(record);
        assert_eq!(record.scenario.client, client, "{}", record.id);
    }
    records
}

/// The layers that do not depend on when the client asked, or how many events the server found at once. A client of a
/// stream may ask once more before it hears that the feed has ended.
fn timeless_layers(record: &Record) -> Vec<(Way, Layer, u64)> {
    let layers = match record.transport.manner() {
        Manner::Pushed => &[Layer::OpeningHandshake, Layer::EventFraming, Layer::Payload][..],
        Manner::Asks | Manner::Waits => &[Layer::OpeningHandshake, Layer::Payload],
    };
    let ledger = ledger(record);
    let of_way = |way| layers.iter().map(move |&layer| (way, layer, ledger.layers(way).get(layer)));
    Way::ALL.into_iter().flat_map(of_way).collect()
}

#[test]
fn both_kinds_of_client_take_the_same_events_and_bytes() {
    let binary = &["--transport", "websocket", "--binary", "--headers", "chromium", "--cookie", "100"];
    for (options, cells) in [(&[][..], Transport::ALL.len()), (binary, 1)] {
        let [reference, lean] = [ClientKind::Reference, ClientKind::Lean].map(|client| move || run(client, options));
        let [reference, lean] = at_once([&reference, &lean]);
        assert_eq!((reference.len(), lean.len()), (cells, cells));
        for (reference, lean) in reference.iter().zip(&lean) {
            let id = &lean.id;
            assert_eq!(reference.transport, lean.transport);
            assert_eq!(reference.cell_counts, lean.cell_counts, "{id}");
            assert_eq!(reference.bytes.payload_down, lean.bytes.payload_down, "{id}");
            assert_eq!(timeless_layers(reference), timeless_layers(lean), "{id}");
            let (theirs, ours) = (ledger(reference), ledger(lean));
            assert_eq!(reference.bytes.loadgen.connections, lean.bytes.loadgen.connections, "{id}");
            assert_eq!(theirs.heartbeats.count > 0, ours.heartbeats.count > 0, "{id}");
            assert_eq!(reference.bytes.heartbeat, lean.bytes.heartbeat, "{id}");
            let rule = lean.bytes.heartbeat.map_or((0, 0), |rule| (rule.up, rule.down));
            let beats = ours.heartbeats;
            assert_eq!((beats.up, beats.down), (rule.0 * beats.count, rule.1 * beats.count), "{id}: each is answered");
        }
    }
}

#[test]
fn a_stream_that_is_ended_by_the_server_is_taken_up_again() {
    for record in run(ClientKind::Lean, &["--transport", "iframe-streaming,sse,fetch-streaming", "--recycle", "500B"]) {
        assert!(record.recycles > 5, "{}: {}", record.id, record.recycles);
    }
}

#[test]
fn every_poll_of_a_lean_client_can_have_a_connection_of_its_own() {
    for policy in ["close", "http1.0"] {
        let transports = ["--transport", "polling,long-polling", "--connection", policy];
        let records = run(ClientKind::Lean, &transports);
        assert_eq!(records.len(), 2);
        for record in &records {
            let (polls, connections) = (record.cell_polls.unwrap().total, record.bytes.loadgen.connections);
            let clients = u64::from(record.scenario.clients);
            assert!((polls..=polls + clients).contains(&connections), "{}: {connections} for {polls}", record.id);
        }
    }
}

#[test]
fn a_suite_names_the_kind_of_client_and_a_wrong_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("lean.toml");
    let text = "name = \"lean\"\nabout = \"x\"\ntransports = [\"websocket\"]\nclients = [2]\n[scenario]\nclient = \"lean\"\n\
                warmup_ms = 100\nwindow_ms = 200\n";
    std::fs::write(&suite, text).unwrap();
    let output = feedbench(&["run", "--json", "--suite", suite.to_str().unwrap(), "--out"]).arg(dir.path()).output();
    let [record] = &Outcome::of(&output.unwrap()).records[..] else { panic!("one cell") };
    assert_eq!(record.scenario.client, ClientKind::Lean);

    for (arguments, says) in [
        (&["run", "--client", "fat"][..], "there are: reference, lean"),
        (&["serve", "--client", "lean"], "--client is for run and load"),
    ] {
        demand_refusal(&mut feedbench(arguments), says);
    }
}
