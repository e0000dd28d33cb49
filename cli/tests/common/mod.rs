//! Runs the real command.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod server;

use std::path::Path;
use std::process::{Command, Output};

use feedbench_record::ledger::{Ledger, Way};
use feedbench_record::summary::Summary;
use feedbench_record::{Class, Record};

/// The command with its arguments.
pub fn feedbench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedbench"));
    command.args(arguments);
    command
}

/// Standard error as text.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a run left: the document it printed and its records.
pub struct Outcome {
    pub status: i32,
    pub summary: Summary,
    pub records: Vec<Record>,
}

impl Outcome {
    /// Reads the output of a command that was given `--json` and `--out`.
    pub fn of(output: &Output) -> Outcome {
        let summary: Summary = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("no summary ({error}); standard error: {}", errors(output)));
        let records = records(Path::new(summary.dir.as_ref().unwrap()));
        Outcome { status: output.status.code().unwrap(), summary, records }
    }
}

/// What `feedbench run` leaves with these options, at least one record: valid or not is the machine's.
pub fn outcome(options: &[&str]) -> Outcome {
    outcome_in(tempfile::tempdir().unwrap().path(), options)
}

/// The same, and its files stay.
pub fn outcome_in(out: &Path, options: &[&str]) -> Outcome {
    let output = feedbench(&["run", "--json", "--out"]).arg(out).args(options).output().unwrap();
    let outcome = Outcome::of(&output);
    assert!(matches!(outcome.status, 0 | 3), "status {}: {}", outcome.status, errors(&output));
    assert!(!outcome.records.is_empty(), "{}", errors(&output));
    outcome
}

/// Its records alone.
pub fn run(options: &[&str]) -> Vec<Record> {
    outcome(options).records
}

/// Demands that the command did nothing but say in one line what is wrong. Gives the line.
pub fn refusal(output: &Output) -> String {
    let line = errors(output);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(output.stdout.is_empty(), "{line}");
    assert!(line.lines().count() == 1 && line.starts_with("feedbench: "), "{line}");
    line
}

/// The same of a command that is still to be run, and that the line says why.
pub fn demand_refusal(command: &mut Command, says: &str) {
    let line = refusal(&command.output().unwrap());
    assert!(line.contains(says), "{command:?}: {says}: {line}");
}

/// Runs that have nothing to do with each other, side by side: most of a cell is waiting.
pub fn at_once<const N: usize>(runs: [&(dyn Fn() -> Vec<Record> + Sync); N]) -> [Vec<Record>; N] {
    std::thread::scope(|scope| runs.map(|run| scope.spawn(run)).map(|run| run.join().unwrap()))
}

/// The records of a result folder, in the order of their names.
pub fn records(dir: &Path) -> Vec<Record> {
    let mut paths: Vec<_> =
        std::fs::read_dir(dir.join("records")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
}

/// Demands that there is no integrity reason, and prints the timing reasons: they are the machine's.
pub fn demand_integrity(record: &Record) {
    for reason in record.verdict.of_class(Class::Timing) {
        println!("{}: {}", record.id, reason.text);
    }
    let reasons: Vec<_> = record.verdict.of_class(Class::Integrity).map(|reason| &reason.text).collect();
    assert!(reasons.is_empty(), "{}: {reasons:?}", record.id);
}

/// Demands that nothing is lost, and that layers, sockets, both ends and both kernels name the same bytes.
pub fn demand_whole(record: &Record) {
    demand_integrity(record);
    let id = &record.id;
    assert!(record.counts.delivered > 0 && record.counts.expected == Some(record.counts.delivered), "{id}");
    assert_eq!(record.cell_counts.lost, Some(0), "{id}");
    assert!(record.errors.is_empty() && record.reconnects == 0, "{id}: {:?}", record.errors);
    let agreement = &record.bytes.agreement;
    assert_eq!((agreement.differences, agreement.excluded, agreement.unclassified), (0, 0, 0), "{id}: {agreement:?}");
    let connections = record.bytes.loadgen.connections;
    assert_eq!((agreement.compared, agreement.compared_with_kernel), (connections, connections), "{id}: {agreement:?}");
    let (ours, theirs) = (&record.bytes.loadgen, record.bytes.server.as_ref().unwrap());
    assert_eq!((ours.up, ours.down), (theirs.up, theirs.down), "{id}");
    let ledger = ledger(record);
    for (way, carried) in [(Way::Up, ours.up), (Way::Down, ours.down)] {
        let layers = ledger.layers(way);
        assert_eq!((layers.total(), layers.unclassified), (carried, 0), "{id} {}", way.id());
    }
}

/// The ledger, on which both ends agree.
pub fn ledger(record: &Record) -> Ledger {
    let (ours, theirs) = (record.bytes.loadgen.ledger.unwrap(), record.bytes.server.unwrap().ledger.unwrap());
    assert_eq!(ours, theirs, "{}: both ends", record.id);
    ours
}

/// The processes whose parent is `parent`.
pub fn children_of(parent: u32) -> Vec<u32> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes.filter(|&process| parent_of(process) == Some(parent)).collect()
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Waits until every one of `processes` is gone, or has ended and waits for its parent.
pub fn wait_until_gone(processes: &[u32]) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let alive = |process: &u32| {
        std::fs::read_to_string(format!("/proc/{process}/stat"))
            .is_ok_and(|stat| !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')))
    };
    while processes.iter().any(alive) {
        assert!(std::time::Instant::now() < deadline, "still alive: {processes:?}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
