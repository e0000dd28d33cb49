//! A server of one's own, and the load generator against it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use crate::common::server::Server;
use crate::common::{Outcome, demand_integrity, errors, feedbench};
use feedbench_record::{Record, Transport};

/// `feedbench serve` on a free port.
fn serve(options: &[&str]) -> Server {
    Server::start(feedbench(&["serve", "--listen", "127.0.0.1:0"]).args(options))
}

/// What the load generator leaves that asks it.
fn load(server: &Server, options: &[&str]) -> Vec<Record> {
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["load", "--json", "--clients", "10", "--interval", "200ms", "--warmup", "200ms"])
        .args(["--duration", "1500ms", "--target", &format!("http://{}", server.address)])
        .args(["--out", out.path().to_str().unwrap()])
        .args(options)
        .output()
        .unwrap();
    let outcome = Outcome::of(&output);
    assert!(matches!(outcome.status, 0 | 3), "{}", errors(&output));
    outcome.records
}

fn get(server: &Server, path: &str) -> String {
    let mut socket = TcpStream::connect(&server.address).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn every_transport_is_measured_against_a_running_server() {
    let server = serve(&["--rate", "20"]);
    let records = load(&server, &[]);
    assert_eq!(records.len(), Transport::ALL.len());
    for record in &records {
        demand_integrity(record);
        assert_eq!(record.counts.lost, Some(0), "{}", record.id);
        assert!(record.counts.delivered > 0, "{}", record.id);
        assert_eq!(record.processes.server, 0);
        assert!(record.server.is_none() && record.bytes.server.is_none(), "a server that is not ours has no figures");
        assert!(record.histograms.publish_lag.is_none());
        assert!(record.histograms.delivery_latency.is_some(), "both share a clock");
        assert_eq!(record.bytes.agreement.compared, 0);
    }
}

#[test]
fn the_clients_of_rooms_get_what_was_published_in_theirs() {
    let server = serve(&["--rate", "20", "--fanout", "rooms=3"]);
    for record in load(&server, &["--transport", "polling,websocket", "--fanout", "rooms=3"]) {
        demand_integrity(&record);
        assert_eq!(record.counts.lost, Some(0), "{}", record.id);
    }
}

#[test]
fn a_topic_that_the_server_does_not_have_is_an_error_and_no_measurement() {
    let server = serve(&[]);
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["load", "--transport", "sse", "--clients", "10", "--fanout", "rooms=3"])
        .args(["--target", &format!("http://{}", server.address), "--out", out.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("http-status"), "{}", errors(&output));
}

#[test]
fn the_lines_of_standard_input_are_events() {
    let mut server = serve(&["--feed", "-"]);
    let mut stdin = server.process.stdin.take().unwrap();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(stream, "GET /fetch-streaming HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("{\"cursor\"")));
    writeln!(stdin, "a line with \"quotes\" and </script>").unwrap();
    let event = lines.find(|line| line.starts_with("{\"seq\"")).unwrap();
    assert!(event.ends_with(r#""data":"a line with \"quotes\" and \u003c/script\u003e"}"#), "{event}");
    drop(lines);
}

#[test]
fn a_server_tells_what_it_is() {
    let server = serve(&["--feed", "earthquakes", "--rate", "50"]);
    assert!(get(&server, "/clock").contains("boot_id"));
    assert!(get(&server, "/stats").contains("\"epoch\""));
    assert!(get(&server, "/nothing").starts_with("HTTP/1.1 404"));
}

#[test]
fn the_demo_opens_its_page_in_the_browser_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let (browser, opened) = (folder.path().join("browser"), folder.path().join("opened"));
    std::fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > {0}.part && mv {0}.part {0}\n", opened.display()))
        .unwrap();
    std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = feedbench(&["demo", "--listen", "127.0.0.1:0"]);
    let server = Server::start(command.env("BROWSER", &browser));
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let address = loop {
        match std::fs::read_to_string(&opened) {
            Ok(address) => break address,
            Err(_) if std::time::Instant::now() < patience => std::thread::sleep(std::time::Duration::from_millis(20)),
            Err(error) => panic!("no browser was opened: {error}"),
        }
    };
    assert_eq!(address.trim(), format!("http://{}/", server.address));
    assert!(get(&server, "/").contains("<script type=\"module\" src=\"/page/main.js\">"));
}

#[test]
fn without_its_page_a_server_takes_one_port_and_lists_its_endpoints() {
    let server = serve(&["--no-page"]);
    assert!(get(&server, "/").contains("/long-polling"));
    assert!(get(&server, "/classroom").starts_with("HTTP/1.1 404"));
}
