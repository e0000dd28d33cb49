//! A TCP connection for each request, through the real command.

use crate::common::{self, demand_integrity};
use feedbench_record::Record;
use feedbench_record::scenario::ConnectionPolicy;

fn run(options: &[&str]) -> Vec<Record> {
    let small = ["--clients", "10", "--rate", "20", "--interval", "100ms", "--warmup", "300ms", "--duration", "1500ms"];
    common::run(&[&small[..], options].concat())
}

/// Every request has a connection, every connection is accounted for at both ends, and its end is no fault.
fn demand_one_connection_a_request(record: &Record, policy: ConnectionPolicy) {
    demand_integrity(record);
    assert_eq!(record.scenario.connection, policy, "{}", record.id);
    assert_eq!(record.counts.lost, Some(0), "{}", record.id);
    assert!(record.counts.delivered > 0, "{}", record.id);
    assert!(record.errors.is_empty() && record.reconnects == 0, "{}: {:?}", record.id, record.errors);
    let (polls, connections) = (record.cell_polls.unwrap().total, record.bytes.loadgen.connections);
    // A client whose request is under way when the feed ends gets a connection, but no answer.
    let clients = u64::from(record.scenario.clients);
    assert!((polls..=polls + clients).contains(&connections), "{}: {connections} for {polls} polls", record.id);
    assert!(polls > 20 * clients, "{}: {polls} polls", record.id);
    let (agreement, server) = (&record.bytes.agreement, record.bytes.server.unwrap());
    assert_eq!(agreement.differences, 0, "{}: {agreement:?}", record.id);
    assert_eq!(agreement.compared + agreement.excluded, connections, "{}: {agreement:?}", record.id);
    assert_eq!(agreement.compared_with_kernel, agreement.compared, "{}", record.id);
    assert!(agreement.excluded <= clients, "{}: {agreement:?}", record.id);
    assert!(server.connections <= connections, "{}", record.id);
}

#[test]
fn every_request_has_a_connection_of_its_own_and_the_server_is_left_with_its_time_wait() {
    for policy in [ConnectionPolicy::Close, ConnectionPolicy::Http10] {
        let records = run(&["--transport", "polling,long-polling", "--connection", policy.id()]);
        assert_eq!(records.len(), 2);
        for record in &records {
            demand_one_connection_a_request(record, policy);
            // What runs beside this test can only add to it.
            let waiting = record.kernel.time_wait_peak.unwrap() + record.kernel.tcp_time_wait_overflow.unwrap();
            let closed = record.bytes.loadgen.connections;
            assert!(waiting >= closed, "{}: {waiting} in TIME_WAIT after {closed} closes", record.id);
        }
    }
}

#[test]
fn the_policy_goes_together_with_a_header_profile() {
    for record in run(&[
        "--transport",
        "polling,long-polling",
        "--connection",
        "close",
        "--headers",
        "firefox",
        "--cookie",
        "100",
    ]) {
        demand_one_connection_a_request(&record, ConnectionPolicy::Close);
    }
}

#[test]
fn a_suite_names_the_policy() {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("close.toml");
    let text = "name = \"close\"\nabout = \"x\"\ntransports = [\"polling\"]\n[scenario]\nconnection = \"http1.0\"\n";
    std::fs::write(&suite, text).unwrap();
    let [record] = &run(&["--suite", suite.to_str().unwrap(), "--transport", "polling"])[..] else {
        panic!("one cell")
    };
    demand_one_connection_a_request(record, ConnectionPolicy::Http10);
}
