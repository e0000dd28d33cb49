//! Compressed cells: the same events as without, fewer bytes, and other people's programs as witnesses.

use std::process::{Command, Output};

use crate::common::server::Server;
use crate::common::{self, at_once, demand_refusal, demand_whole, errors, feedbench, ledger};
use feedbench_record::Record;
use feedbench_record::scenario::{ClientKind, Compression};
use feedbench_record::transport::Manner;

/// Cells of five clients.
fn run(compression: Compression, client: ClientKind, options: &[&str]) -> Vec<Record> {
    let short = ["--clients", "5", "--warmup", "100ms", "--duration", "800ms", "--rate", "20"];
    let frequent = ["--interval", "100ms", "--heartbeat", "30ms"];
    let how = ["--compression", compression.id(), "--client", client.id()];
    let records = common::run(&[&short, &frequent[..], &how, options].concat());
    records.iter().for_each(demand_whole);
    records
}

/// The same cells in every way of compression: what must be the same in all of them, and what becomes less.
fn compare(client: ClientKind, transports: &str) {
    let [plain, alone, takeover] =
        Compression::ALL.map(|compression| move || run(compression, client, &["--transport", transports]));
    let [plain, alone, takeover] = at_once([&plain, &alone, &takeover]);
    for ((plain, alone), takeover) in plain.iter().zip(&alone).zip(&takeover) {
        let id = &plain.id;
        assert_eq!(ledger(plain).compressed.before, 0, "{id}");
        for record in [alone, takeover] {
            assert_eq!(record.transport, plain.transport);
            assert_eq!(record.cell_counts, plain.cell_counts, "{id}");
            assert_eq!(record.bytes.payload_down, plain.bytes.payload_down, "{id}: the texts are the same");
            let ledger = ledger(record);
            assert!(ledger.compressed.before > 0, "{id}");
            assert_eq!(ledger.down.payload, ledger.compressed.after, "{id}: compressed content is payload");
            let pushed = record.transport.manner() == Manner::Pushed;
            assert_eq!(ledger.pushed_events.count, if pushed { record.cell_counts.delivered } else { 0 }, "{id}");
            assert_eq!(ledger.polls.count, record.cell_polls.map_or(0, |polls| polls.total), "{id}");
            assert_eq!(ledger.empty_polls.count, record.cell_polls.map_or(0, |polls| polls.empty), "{id}");
        }
        if plain.transport.manner() == Manner::Pushed {
            let (alone, takeover) = (ledger(alone).compressed, ledger(takeover).compressed);
            assert!(takeover.after < alone.after, "{id}: what went before is not said again");
        }
    }
}

#[test]
fn compressed_answers_bring_the_same_events_and_every_byte_has_its_layer() {
    compare(ClientKind::Lean, "polling,long-polling,iframe-streaming");
}

#[test]
fn compressed_streams_and_messages_bring_the_same_events_and_every_byte_has_its_layer() {
    compare(ClientKind::Lean, "sse,fetch-streaming,websocket");
}

#[test]
fn clients_on_libraries_inflate_the_same() {
    compare(ClientKind::Reference, "polling,sse");
}

#[test]
fn a_compressed_stream_that_is_recycled_is_taken_up_again() {
    for compression in ["per-event", "per-connection"] {
        let how = compression.parse().unwrap();
        let streams = ["--transport", "sse", "--recycle", "500B"];
        for record in run(how, ClientKind::Lean, &streams) {
            assert!(record.recycles > 5, "{}: {}", record.id, record.recycles);
        }
    }
}

#[test]
fn what_contradicts_compression_is_refused_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let profile = dir.path().join("identity.txt");
    std::fs::write(&profile, "[polling]\nHost: {host}\nAccept-Encoding: identity\n").unwrap();
    let profile = profile.to_str().unwrap();
    for (arguments, says) in [
        (&["run", "--compression", "per-event", "--client", "reference"][..], "take --client lean"),
        (&["run", "--compression", "zip"], "there are: none, per-event, per-connection"),
        (&["trace", "--compression", "per-event"], "--compression"),
        (&["run", "--transport", "polling", "--compression", "per-event", "--headers", profile], "does not take gzip"),
    ] {
        demand_refusal(&mut feedbench(arguments), says);
    }
}

/// What curl reads of an address; `None` where there is no curl.
fn curl(options: &[&str], url: &str) -> Option<Output> {
    let output = Command::new("curl").args(["--silent", "--max-time", "2"]).args(options).arg(url).output().ok()?;
    assert!(matches!(output.status.code(), Some(0 | 28)), "{}", errors(&output));
    Some(output)
}

#[test]
fn curl_inflates_what_the_server_compresses() {
    for compression in ["per-event", "per-connection"] {
        let options = ["--rate", "20", "--compression", compression];
        let server = Server::start(feedbench(&["serve", "--listen", "127.0.0.1:0"]).args(options));
        let url = |path: &str| format!("http://{}/{path}", server.address);
        let Some(stream) = curl(&["--compressed", "--no-buffer"], &url("sse")) else {
            println!("no curl here");
            return;
        };
        let text = String::from_utf8(stream.stdout).unwrap();
        let events = text.lines().filter(|line| line.starts_with("data: {\"seq\":") && line.ends_with('}')).count();
        assert!(events >= 10, "{compression}: {events} events in two seconds: {text}");
        let cursor = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
        let poll = url(&format!("polling?cursor={cursor}"));
        let answer = curl(&["--compressed", "--include"], &poll).unwrap();
        let (head, body) = String::from_utf8(answer.stdout).unwrap().split_once("\r\n\r\n").map(own).unwrap();
        assert!(head.contains("content-encoding: gzip"), "{head}");
        assert!(body.starts_with("[{\"seq\":") && body.ends_with("}]"), "{body}");
        let plain = curl(&["--include"], &poll).unwrap();
        assert!(!String::from_utf8(plain.stdout).unwrap().contains("content-encoding"));
    }
}

fn own((head, body): (&str, &str)) -> (String, String) {
    (head.to_owned(), body.to_owned())
}
