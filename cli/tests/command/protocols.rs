//! Protocols through the real command: nothing is lost over any of them, and every byte has its layer in every combination.

use crate::common::{self, at_once, demand_refusal, demand_whole, feedbench};
use feedbench_record::scenario::Protocol;
use feedbench_record::{Record, Transport};

fn run(options: &[&str]) -> Vec<Record> {
    let small = ["--clients", "6", "--rate", "20", "--interval", "200ms", "--warmup", "200ms", "--duration", "800ms"];
    common::run(&[&small[..], options].concat())
}

#[test]
fn over_http_2_both_kinds_of_client_lose_nothing_and_hpack_repeats_little() {
    let all = Transport::ALL.map(Transport::id).join(",");
    let (lean, reference) = (("lean", all.as_str()), ("reference", "polling,sse,websocket"));
    let http2 = ["--http", "2", "--headers", "chromium", "--client"];
    let of = |(client, transports)| run(&[&http2[..], &[client, "--transport", transports]].concat());
    for (records, (_, transports)) in at_once([&|| of(lean), &|| of(reference)]).iter().zip([lean, reference]) {
        assert_eq!(records.len(), transports.split(',').count());
        for record in records {
            demand_whole(record);
            assert_eq!(record.scenario.protocol, Protocol::Http2);
            let hpack = record.bytes.loadgen.ledger.unwrap().hpack;
            let (first, later) = (hpack.first_requests, hpack.repeated_requests);
            assert_eq!(first.count, record.bytes.loadgen.connections, "{}", record.id);
            if later.count > 0 {
                assert!(later.wire * first.count * 3 < first.wire * later.count, "{}: {hpack:?}", record.id);
                assert!(later.compressed * 4 < later.uncompressed, "{}: {hpack:?}", record.id);
            }
        }
    }
}

#[test]
fn shared_far_encrypted_and_compressed_at_once_every_byte_has_its_layer() {
    let all = ["--http", "2", "--tls", "--clients-per-connection", "3", "--rtt", "10ms", "--compression", "per-event"];
    let records = run(&all);
    assert_eq!(records.len(), Transport::ALL.len());
    for record in &records {
        demand_whole(record);
        // Clients of one worker share, three by three.
        assert!(record.bytes.loadgen.connections <= 4, "{}: {}", record.id, record.bytes.loadgen.connections);
        let ledger = record.bytes.loadgen.ledger.unwrap();
        assert!(ledger.compressed.before > 0 && ledger.down.payload == ledger.compressed.after, "{}", record.id);
        assert!(ledger.up.tls_handshake > 0 && ledger.down.tls > 0, "{}", record.id);
    }
}

#[test]
fn what_does_not_exist_is_refused_with_what_does() {
    for (arguments, says) in [
        (&["run", "--http", "2", "--connection", "close", "--transport", "polling"][..], "there are: --http 1.1"),
        (&["run", "--clients-per-connection", "3"], "cannot share a connection of HTTP/1.1"),
        (&["run", "--http", "2", "--clients-per-connection", "101"], "1 to 100"),
        (&["run", "--http", "3"], "there are: 1.1, 2"),
        (&["trace", "--http", "2"], "leave it out"),
        (&["run", "--tls-resumption"], "--tls"),
    ] {
        demand_refusal(&mut feedbench(arguments), says);
    }
}
