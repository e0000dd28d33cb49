//! How the command ends: the exit status is part of the contract with scripts.

use std::process::ExitCode;

use feedbench_record::Record;
use feedbench_record::capacity::{Capacity, Limit, capacities};
use feedbench_record::verdict::{Class, Code};

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: everything asked for was done, and every cell is valid, or every capacity was found.
    Valid,
    /// 1: a bound of `compare` was exceeded.
    Failed,
    /// 2: something that was named could not be read; the rest was reported.
    Incomplete,
    /// 3: a cell was invalid, or the load generator or the machine ended a search for a capacity.
    Invalid,
    /// 130: interrupted; what was measured is written.
    Interrupted,
}

impl Exit {
    /// The exit of a run with these records.
    pub(crate) fn of(records: &[Record], interrupted: bool) -> Exit {
        if interrupted {
            Exit::Interrupted
        } else if records.iter().all(is_as_it_should_be) && capacities(records).iter().all(is_found) {
            Exit::Valid
        } else {
            Exit::Invalid
        }
    }
}

/// A step of a search may fail, for it was to be found what fails; but what was sent must be what arrived, or be lost.
fn is_as_it_should_be(record: &Record) -> bool {
    let mut reasons = record.verdict.of_class(Class::Integrity);
    match record.step {
        None => record.verdict.valid,
        Some(_) => reasons.all(|reason| matches!(reason.code, Code::Lost | Code::ClosedEarly | Code::Errors)),
    }
}

fn is_found(capacity: &Capacity) -> bool {
    matches!(capacity.limit, Limit::Slo | Limit::Machine)
}

/// The exit status; an error is wrong use, told in one line.
pub(crate) fn code(outcome: anyhow::Result<Exit>) -> ExitCode {
    match outcome {
        Ok(Exit::Valid) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::Incomplete) => ExitCode::from(2),
        Ok(Exit::Invalid) => ExitCode::from(3),
        Ok(Exit::Interrupted) => ExitCode::from(130),
        Err(error) => wrong_use(&format!("{error:#}")),
    }
}

/// Arguments that were not understood, told in one line as every other wrong use; or the help and the version, which
/// the parser treats as errors too.
pub(crate) fn not_understood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A closed standard output leaves nobody to tell.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    // The first paragraph says what is wrong; the rest is about usage.
    let what = text.split("\n\n").next().unwrap_or(&text).trim_start_matches("error: ");
    wrong_use(&format!("{what} (feedbench --help)"))
}

fn wrong_use(what: &str) -> ExitCode {
    let line: Vec<_> = what.split_whitespace().collect();
    eprintln!("feedbench: {}", line.join(" "));
    ExitCode::from(2)
}
