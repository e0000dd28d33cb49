//! Header profiles through the real command.

use crate::common::{self, demand_integrity};
use feedbench_record::Record;

fn run(options: &[&str]) -> Vec<Record> {
    let small = ["--clients", "5", "--rate", "20", "--interval", "200ms", "--warmup", "300ms", "--duration", "1500ms"];
    let records = common::run(&[&small[..], options].concat());
    records.iter().for_each(demand_integrity);
    records
}

#[test]
fn a_file_heads_requests_and_answers_and_the_record_names_it_without_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let profile = dir.path().join("mine.txt");
    std::fs::write(&profile, "[polling]\nHost: {host}\nX-Mine: yes\n\n[answer]\nserver: mine\n").unwrap();
    let records = run(&["--transport", "polling", "--headers", profile.to_str().unwrap(), "--cookie", "1000"]);
    let [record] = records.as_slice() else { panic!("{} records", records.len()) };
    assert_eq!((record.scenario.headers.as_str(), record.scenario.cookie_bytes), ("mine.txt", 1_000));
    let (polls, bytes) = (record.cell_polls.unwrap().total, record.bytes.loadgen);
    // `GET /polling?cursor=a3f2-17 HTTP/1.1`, host, X-Mine, and the cookie with its name.
    assert!((1_075..1_120).contains(&(bytes.up / polls)), "{} bytes a request", bytes.up / polls);
    assert!(!serde_json::to_string(record).unwrap().contains(dir.path().to_str().unwrap()));
}

#[test]
fn a_suite_names_profile_and_cookie_and_every_transport_is_measured_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("browser.toml");
    let text = "name = \"browser\"\nabout = \"x\"\ntransports = [\"sse\", \"websocket\"]\n[scenario]\n\
                headers = \"chromium\"\ncookie_bytes = 50\n";
    std::fs::write(&suite, text).unwrap();
    for record in run(&["--suite", suite.to_str().unwrap()]) {
        assert_eq!((record.scenario.headers.as_str(), record.scenario.cookie_bytes), ("chromium", 50), "{}", record.id);
        let opening = record.bytes.loadgen.opening_up.unwrap() / record.bytes.loadgen.connections;
        assert!((540..620).contains(&opening), "{}: a head of {opening} bytes", record.id);
    }
}
