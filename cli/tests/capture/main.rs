//! An independent witness: tcpdump captures loopback during a run, and what it counts is compared with the ledger.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod pcap;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use common::{Outcome, demand_integrity, feedbench};
use feedbench_record::ledger::Way;
use feedbench_record::{Record, Transport};
use pcap::{Capture, Sums};

/// The part of a difference on IP that the rule for the segments after the client's last look may be wrong by.
const IP_SHARE: f64 = 0.01;

/// A capture that runs.
struct Tcpdump {
    process: Child,
    said: BufReader<ChildStderr>,
}

impl Tcpdump {
    /// Captures TCP on loopback, from now on. Says why where it may not.
    fn start(file: &Path) -> Result<Tcpdump, String> {
        let mut tcpdump = Command::new("tcpdump");
        tcpdump
            .args(["-i", "lo", "-B", "65536", "-s", "256", "-U", "--immediate-mode", "-n", "-w"])
            .arg(file)
            .arg("tcp");
        let mut process = tcpdump
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("tcpdump cannot be started: {error}"))?;
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut all = String::new();
        while !all.contains("listening on") {
            if said.read_line(&mut all).unwrap() == 0 {
                process.wait().unwrap();
                return Err(format!("tcpdump may not capture here: {}", all.trim()));
            }
        }
        Ok(Tcpdump { process, said })
    }

    /// Ends the capture; how many packets it missed.
    fn end(mut self) -> u64 {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.process), rustix::process::Signal::INT)
            .unwrap();
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        assert!(self.process.wait().unwrap().success(), "{said}");
        let missed = said.lines().find(|line| line.contains("dropped by kernel")).unwrap();
        missed.split_whitespace().next().unwrap().parse().unwrap()
    }
}

/// Runs cells while tcpdump captures, and compares.
fn compare(arguments: &[&str]) {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("lo.pcap");
    let tcpdump = match Tcpdump::start(&file) {
        Ok(tcpdump) => tcpdump,
        Err(why) if std::env::var_os("FEEDBENCH_REQUIRE_ALL").is_some() => panic!("{why}"),
        Err(why) => return println!("SKIPPED: {why}"),
    };
    let run = feedbench(arguments).arg("--json").arg("--out").arg(out.path()).output().unwrap();
    let outcome = Outcome::of(&run);
    assert_eq!(tcpdump.end(), 0, "a capture with holes is no witness");

    let capture = Capture::read(&std::fs::read(&file).unwrap());
    assert!(!outcome.records.is_empty());
    for record in &outcome.records {
        demand_integrity(record);
        // Another server may be asked on this machine meanwhile: ours is the one with as many connections.
        let connections = record.bytes.loadgen.connections;
        let seen = capture.of(record.transport).find(|port| port.connections == connections);
        agree(record, &seen.unwrap_or_else(|| panic!("{}: not captured", record.id)).ways);
    }
}

fn agree(record: &Record, seen: &[Sums; Way::ALL.len()]) {
    let (ledger, ip) = (record.bytes.loadgen.ledger.unwrap(), record.bytes.ip.unwrap());
    for way in Way::ALL {
        let (seen, name) = (seen[way.index()], format!("{} {}", record.id, way.id()));
        assert_eq!(ledger.total(way), seen.payload_bytes, "{name}: payload of TCP");
        let (counted, segments) = match way {
            Way::Up => (ip.up, ip.segments_up),
            Way::Down => (ip.down, ip.segments_down),
        };
        println!(
            "{name}: {counted} bytes on IP in {segments} segments, captured {} in {}",
            seen.ip_bytes, seen.segments
        );
        let difference = counted.abs_diff(seen.ip_bytes) as f64 / seen.ip_bytes as f64;
        assert!(difference <= IP_SHARE, "{name}: {counted} bytes on IP, {} captured", seen.ip_bytes);
    }
}

#[test]
fn a_capture_counts_the_same_bytes_where_each_poll_has_a_connection_of_its_own() {
    for policy in ["close", "http1.0"] {
        compare(&[
            "run",
            "--transport",
            "polling,long-polling",
            "--connection",
            policy,
            "--headers",
            "firefox",
            "--clients",
            "7",
            "--rate",
            "5",
            "--warmup",
            "200ms",
            "--duration",
            "2s",
            "--interval",
            "200ms",
        ]);
    }
}

#[test]
fn a_capture_counts_the_same_bytes_as_the_ledger_for_every_transport() {
    let all = Transport::ALL.map(Transport::id).join(",");
    let short = ["--warmup", "200ms", "--duration", "2s", "--interval", "200ms", "--heartbeat", "300ms"];
    compare(&[&["run", "--transport", &all, "--clients", "10", "--rate", "5"][..], &short].concat());
}
