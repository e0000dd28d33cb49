//! Distance through the real command: what physics says of every transport, and that nothing is lost on the way. How late
//! the links are is the machine's, and asked of nobody here.

use crate::common::{self, at_once, demand_refusal, demand_whole, errors, feedbench};
use feedbench_record::trace::Trace;
use feedbench_record::verdict::Code;
use feedbench_record::{Record, Transport};

const RTT_US: u64 = 40_000;

fn run(options: &[&str]) -> Vec<Record> {
    let small = ["--clients", "8", "--rate", "20", "--interval", "200ms", "--warmup", "300ms", "--duration", "1s"];
    common::run(&[&small[..], options].concat())
}

fn demand_distance(record: &Record) {
    let (id, histograms) = (&record.id, &record.histograms);
    assert!(
        histograms.delivery_latency.as_ref().unwrap().min_us().unwrap() >= RTT_US / 2,
        "{id}: one transit at least"
    );
    assert!(histograms.connect_time.min_us().unwrap() >= RTT_US, "{id}: a round trip at least");
    let error = histograms.link_error.as_ref().unwrap();
    assert!(error.count() > 0 && error.below() == 0, "{id}");
}

#[test]
fn both_kinds_of_client_lose_nothing_over_a_distance_and_nothing_is_faster_than_it() {
    let all = Transport::ALL.map(Transport::id).join(",");
    let (lean, reference) = (("lean", all.as_str()), ("reference", "polling,sse,websocket"));
    let of = |(client, transports)| run(&["--rtt", "40ms", "--client", client, "--transport", transports]);
    for (records, (_, transports)) in at_once([&|| of(lean), &|| of(reference)]).iter().zip([lean, reference]) {
        assert_eq!(records.len(), transports.split(',').count());
        for record in records {
            demand_whole(record);
            demand_distance(record);
        }
    }
}

#[test]
fn a_connection_for_each_request_costs_a_round_trip_each_time() {
    for record in run(&["--rtt", "40ms", "--transport", "polling,long-polling", "--connection", "close"]) {
        demand_whole(&record);
        demand_distance(&record);
        assert!(record.bytes.loadgen.connections > u64::from(record.scenario.clients), "{}", record.id);
    }
}

#[test]
fn a_run_sweeps_over_distances_and_none_has_no_error() {
    let records = run(&["--rtt", "0,40ms", "--transport", "websocket", "--server-shards", "2"]);
    assert_eq!(records.iter().map(|record| record.scenario.rtt_ms).collect::<Vec<_>>(), [0, 40]);
    records.iter().for_each(demand_whole);
    demand_distance(&records[1]);
    let near = serde_json::to_value(&records[0]).unwrap();
    assert!(near["histograms"].get("link_error").is_none());
}

#[test]
fn over_jitter_and_a_line_nothing_is_lost_and_nothing_is_faster_than_they_let_it() {
    for (client, transports) in [("lean", "polling,long-polling,sse,websocket"), ("reference", "websocket")] {
        let line = ["--rtt", "40ms", "--jitter", "10ms", "--bandwidth", "1M", "--client", client];
        for record in run(&[&line[..], &["--transport", transports]].concat()) {
            demand_whole(&record);
            let latency = record.histograms.delivery_latency.as_ref().unwrap();
            // The shortest transit, and the event's text on the line.
            assert!(latency.min_us().unwrap() >= RTT_US / 2 - 10_000 + 800, "{}", record.id);
            assert!(record.histograms.connect_time.min_us().unwrap() >= RTT_US - 20_000, "{}", record.id);
        }
    }
}

#[test]
fn a_line_takes_its_time_next_door_too() {
    for record in run(&["--bandwidth", "200k", "--transport", "polling,long-polling,websocket"]) {
        demand_whole(&record);
        let latency = record.histograms.delivery_latency.as_ref().unwrap();
        assert!(latency.min_us().unwrap() >= 100 * 8 * 1_000_000 / 200_000, "{}", record.id);
        assert!(record.histograms.link_error.as_ref().unwrap().count() > 0, "{}", record.id);
    }
}

#[test]
fn a_line_that_gets_more_than_it_carries_is_a_reason_and_the_cell_comes_to_its_end() {
    let line = ["--bandwidth", "11k", "--payload", "64", "--arrivals", "fixed", "--transport", "iframe-streaming"];
    for record in run(&line) {
        let reasons = &record.verdict.reasons;
        let reason = reasons.iter().find(|reason| reason.code == Code::LineFull);
        assert!(reason.is_some_and(|reason| reason.text.contains("of 11000 bit/s")), "{reasons:?}");
    }
}

#[test]
fn segments_are_cut_as_on_ethernet_and_the_kernels_and_the_bytes_on_ip_know_it() {
    let large = ["--payload", "100000B", "--transport", "polling,websocket", "--mss"];
    for (mss, is_cut) in [("1460", true), ("32767", false)] {
        for record in run(&[&large[..], &[mss]].concat()) {
            demand_whole(&record);
            let of_kernel = record.bytes.server.as_ref().unwrap().segments.unwrap();
            let ip = record.bytes.ip.unwrap();
            for segments in [of_kernel.out - of_kernel.again, ip.segments_down] {
                // 69 of 1,448 bytes and a part of one; the rest is acknowledgements, and writes that end in a part.
                let per_event = segments as f64 / record.cell_counts.delivered as f64;
                assert_eq!((69.0..90.0).contains(&per_event), is_cut, "{}: {per_event}", record.id);
            }
            let headers = ip.down - record.bytes.loadgen.down;
            assert!(headers >= ip.segments_down * 40 && headers <= (ip.segments_down + ip.connections) * 52, "{ip:?}");
        }
    }
}

#[test]
fn in_a_trace_everything_takes_its_time() {
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["trace", "--json", "--rtt", "40ms", "--transport", "polling,websocket", "--out"])
        .arg(out.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let traces: Vec<Trace> = serde_json::from_slice(&output.stdout).unwrap();
    for step in traces.iter().flat_map(|trace| &trace.steps) {
        assert!(step.received_us.is_some_and(|at_us| at_us >= step.sent_us + RTT_US / 2), "{step:?}");
    }
}

#[test]
fn a_distance_that_cannot_be_made_is_refused_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("far.toml");
    std::fs::write(&suite, "name = \"far\"\nabout = \"x\"\n[sweep]\nrtt_ms = [0, 10001]\n").unwrap();
    let suite = suite.to_str().unwrap();
    for (arguments, says) in [
        (&["run", "--rtt", "-1"][..], "0 to 10s"),
        (&["run", "--rtt=-5ms"], "0 to 10s"),
        (&["run", "--rtt", "50,11s"], "0 to 10s"),
        (&["run", "--rtt", "far"], "50ms"),
        (&["run", "--suite", suite], "0 to 10s"),
        (&["trace", "--rtt", "0,50"], "feedbench run sweeps"),
        (&["load", "--target", "http://127.0.0.1:9", "--rtt", "0,50"], "feedbench run sweeps"),
        (&["serve", "--rtt", "50"], "run, load and trace"),
        (&["serve", "--jitter", "5"], "run, load and trace"),
        (&["serve", "--bandwidth", "1M"], "run, load and trace"),
        (&["run", "--jitter", "1"], "half of the RTT"),
        (&["run", "--rtt", "0,40", "--jitter", "20"], "half of the RTT"),
        (&["trace", "--rtt", "40", "--jitter", "21"], "half of the RTT"),
        (&["run", "--rtt", "40", "--jitter", "-1"], "0 to half of --rtt"),
        (&["run", "--rtt", "40", "--jitter", "0.5"], "whole number"),
        (&["run", "--bandwidth", "999"], "1k to 100G"),
        (&["run", "--bandwidth", "101G"], "1k to 100G"),
        (&["run", "--bandwidth", "-1"], "no bandwidth"),
        (&["run", "--bandwidth", "wide"], "no bandwidth"),
        (&["run", "--bandwidth", "64k", "--rate", "10", "--payload", "801"], "the line would be full"),
        (&["run", "--mss", "87"], "88 to 32767"),
        (&["serve", "--mss", "65536"], "88 to 32767"),
    ] {
        demand_refusal(&mut feedbench(arguments), says);
    }
}
