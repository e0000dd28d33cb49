//! `feedbench trace` of real exchanges: every byte is explained, and the files are what they should be.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::common::{errors, feedbench, refusal};
use feedbench_record::ledger::{Layer, Way};
use feedbench_record::trace::{StepKind, Trace, What};
use feedbench_record::transport::Manner;
use feedbench_record::{Transport, Way as Direction};

fn trace(arguments: &[&str], out: &Path) -> Output {
    feedbench(&["trace", "--out"]).arg(out).args(arguments).output().unwrap()
}

fn traces(arguments: &[&str]) -> Vec<Trace> {
    let out = tempfile::tempdir().unwrap();
    let output = trace(&[&["--json"][..], arguments].concat(), out.path());
    assert!(output.status.success(), "{}", errors(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn kinds(trace: &Trace) -> Vec<StepKind> {
    trace.steps.iter().map(|step| step.kind).collect()
}

/// All bytes of a direction, in the order in which they were sent.
fn stream(trace: &Trace, way: Direction) -> Vec<u8> {
    let steps = trace.steps.iter().filter(|step| step.way == way);
    steps.flat_map(|step| &step.runs).flat_map(|run| run.bytes.clone()).collect()
}

#[test]
fn every_byte_of_every_transport_is_explained() {
    let traces = traces(&[]);
    assert_eq!(traces.iter().map(|trace| trace.transport).collect::<Vec<_>>(), Transport::ALL);
    for trace in &traces {
        let name = trace.transport;
        let runs = || trace.steps.iter().flat_map(|step| &step.runs);
        assert!(runs().all(|run| run.layer != Layer::Unclassified && !run.bytes.is_empty()), "{name}");
        let events = runs().filter(|run| run.what == What::EventText).count();
        assert!(events > 0, "{name}");
        for step in &trace.steps {
            assert!(step.received_us.is_some_and(|received_us| received_us >= step.sent_us), "{name}: {step:?}");
        }
        // What a peer would read is there to the byte: heads in text, and the events of the feed.
        let (up, down) = (stream(trace, Way::Up), stream(trace, Way::Down));
        assert!(up.starts_with(format!("GET /{name}").as_bytes()), "{name}");
        assert!(down.starts_with(b"HTTP/1.1 "), "{name}");
        let texts = down.windows(7).filter(|window| window == b"{\"seq\":").count();
        assert_eq!(texts, events, "{name}");
        let pushed = name.manner() == Manner::Pushed;
        for (kind, expected) in [
            (StepKind::Connect, true),
            (StepKind::Request, true),
            (StepKind::Fin, true),
            (StepKind::Answer, !pushed),
            (StepKind::AnswerHead, pushed),
            (StepKind::Position, pushed),
            (StepKind::Event, pushed),
            (StepKind::Heartbeat, pushed),
            (StepKind::HeartbeatAnswer, name == Transport::WebSocket),
            (StepKind::Close, name == Transport::WebSocket),
        ] {
            assert_eq!(kinds(trace).contains(&kind), expected, "{name}: {kind:?}");
        }
        let handshake = trace.handshake.as_ref();
        assert_eq!(handshake.is_some(), name == Transport::WebSocket);
        assert!(handshake.is_none_or(|handshake| handshake.accept == handshake.sent), "{handshake:?}");
    }
}

#[test]
fn a_connection_for_each_request_is_seen_from_its_first_segment_to_its_last() {
    for policy in ["close", "http1.0"] {
        let traces = traces(&["--transport", "polling,long-polling", "--connection", policy, "--headers", "chromium"]);
        for trace in &traces {
            let count = |wanted| kinds(trace).into_iter().filter(|&kind| kind == wanted).count();
            assert!(trace.clients.len() > 2);
            assert_eq!(count(StepKind::Connect), trace.clients.len(), "{} {policy}", trace.transport);
            assert_eq!(count(StepKind::Request), trace.clients.len(), "{} {policy}", trace.transport);
        }
    }
}

#[test]
fn the_dump_the_diagrams_the_page_and_the_packets_are_written() {
    let out = tempfile::tempdir().unwrap();
    let pcap = out.path().join("websocket.pcapng");
    let output = trace(&["--transport", "websocket", "--pcap", pcap.to_str().unwrap()], out.path());
    assert!(output.status.success(), "{}", errors(&output));
    let dump = String::from_utf8(output.stdout).unwrap();
    for word in ["GET /websocket", "RFC 6455 section 5.2", "event framing", "SHA-1", "FIN", "trace.html"] {
        assert!(dump.contains(word), "{word}");
    }
    let folders = std::fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().path());
    let folder: PathBuf = folders.into_iter().find(|path| path.is_dir()).unwrap();
    assert!(std::fs::read_to_string(folder.join("ladder-websocket.svg")).unwrap().starts_with("<svg"));
    assert!(std::fs::read_to_string(folder.join("trace.html")).unwrap().contains("</html>"));
    assert!(serde_json::from_slice::<Trace>(&std::fs::read(folder.join("trace-websocket.json")).unwrap()).is_ok());
    // The block type of a section header, and the byte order mark (pcapng section 4.1).
    let packets = std::fs::read(&pcap).unwrap();
    assert_eq!((&packets[..4], &packets[8..12]), (&[0x0a, 0x0d, 0x0d, 0x0a][..], &[0x4d, 0x3c, 0x2b, 0x1a][..]));
}

#[test]
fn what_cannot_be_traced_is_told_in_one_line() {
    let out = tempfile::tempdir().unwrap();
    for (arguments, told) in [
        (&["--pcap", "x.pcapng"][..], "--transport"),
        (&["--rate", "100000"], "1000"),
        (&["--duration", "3600", "--rate", "0.1"], "600s"),
        (&["--connection", "close"], "--transport"),
        (&["--transport", "sse", "--pcap", "/no/such/folder/x"], "cannot write"),
    ] {
        let said = refusal(&trace(arguments, out.path()));
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
}
