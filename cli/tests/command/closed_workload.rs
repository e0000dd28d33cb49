//! `--interval 0` through the real command: requests a second and what one costs, and no word of latency.

use std::path::Path;

use crate::common::{Outcome, demand_integrity, outcome_in};
use feedbench_record::scenario::ClientKind;
use feedbench_record::verdict::Workload;
use feedbench_record::{Class, Transport};

fn run(out: &tempfile::TempDir, options: &[&str]) -> Outcome {
    let small = ["--interval", "0", "--clients", "4", "--warmup", "200ms", "--duration", "2"];
    outcome_in(out.path(), &[&small[..], options].concat())
}

#[test]
fn a_closed_workload_has_a_throughput_and_no_latency() {
    for client in ClientKind::ALL {
        let out = tempfile::tempdir().unwrap();
        let outcome = run(&out, &["--transport", "polling", "--client", client.id()]);
        let (record, cell) = (&outcome.records[0], &outcome.summary.cells[0]);
        demand_integrity(record);
        assert_eq!(record.verdict.workload, Workload::Closed, "{client}");
        assert!(record.histograms.delivery_latency.is_none() && record.histograms.poll_lateness.is_none());
        assert!(record.latency_absent.as_ref().unwrap().contains("closed"), "{client}");
        assert!(record.seconds.iter().all(|second| second.latency.is_none()), "{client}");
        let (polls, whole) = (record.polls.unwrap(), record.cell_polls.unwrap());
        assert_eq!((polls.skipped, whole.skipped), (0, 0), "{client}");
        assert!(whole.total > polls.total && polls.total > 0, "{client}: {polls:?} of {whole:?}");
        assert_eq!(record.cell_counts.lost, Some(0), "{client}");

        assert_eq!(cell.requests_per_s.unwrap(), polls.total as f64 / record.window.seconds());
        let cpu = cell.cpu_us_per_request.unwrap();
        for (us, usage) in [(cpu.server, record.server.unwrap()), (cpu.loadgen, record.loadgen)] {
            assert_eq!(us.unwrap(), usage.cpu_window_us.unwrap() as f64 / polls.total as f64);
        }
        assert!(cell.latency_us.is_none() && cell.cpu_us_per_event.server.is_none());
        assert!(cell.bytes_per_event.total.is_none() && cell.bytes_per_event.layers.is_none());
        let text = serde_json::to_value(&outcome.summary).unwrap();
        assert_eq!(text["cells"][0]["verdict"]["workload"], "closed: throughput only");
        assert_eq!(outcome.status, if record.verdict.valid { 0 } else { 3 });
        let timing: Vec<_> = record.verdict.of_class(Class::Timing).collect();
        assert!(timing.iter().all(|reason| !reason.code.is_of_open_workloads()), "{timing:?}");
    }
}

#[test]
fn beside_a_closed_cell_the_other_transports_are_measured_as_ever() {
    let out = tempfile::tempdir().unwrap();
    let outcome = run(&out, &["--transport", "polling,websocket", "--rate", "20"]);
    let [closed, open] = outcome.summary.cells.as_slice() else { panic!("two cells") };
    assert_eq!((closed.transport, open.transport), (Transport::Polling, Transport::WebSocket));
    assert_eq!((closed.verdict.workload, open.verdict.workload), (Workload::Closed, Workload::Open));
    assert!(open.requests_per_s.is_none() && open.cpu_us_per_request.is_none());
    assert!(open.latency_us.is_some() && open.bytes_per_event.total.is_some());
    let dir = Path::new(outcome.summary.dir.as_ref().unwrap());
    let latency = std::fs::read_to_string(dir.join("charts/latency-by-percentile.svg")).unwrap();
    assert!(latency.contains("WebSocket") && !latency.contains(">polling"));
    let page = std::fs::read_to_string(dir.join("report.html")).unwrap();
    assert!(page.contains("Closed workloads: throughput only"));
}
