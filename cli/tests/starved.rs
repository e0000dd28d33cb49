//! A side that does not get its cores, and a load generator that is asked for more than it can: no such cell is valid, and
//! the verdict names the side.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use common::{Outcome, feedbench};
use feedbench_record::verdict::Code;
use feedbench_record::{Class, Record};
use feedbench_wire::sys::cores;

/// One cell at a time has the machine.
static ALONE: Mutex<()> = Mutex::new(());

/// Threads for each of the cores: so many that a process beside them gets a small part of it.
const THREADS: usize = 12;

/// Threads that want nothing but a core, until this is dropped.
struct Busy {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    fn on(cores: &[usize]) -> Busy {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = |core: usize| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                cores::keep_to(&[core]).unwrap();
                while !stop.load(Relaxed) {
                    std::hint::spin_loop();
                }
            })
        };
        let threads = cores.iter().flat_map(|&core| [core; THREADS]).map(thread).collect();
        Busy { stop, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn measure(options: &[&str]) -> Record {
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["run", "--json", "--transport", "websocket", "--warmup", "100ms"])
        .args(["--out", out.path().to_str().unwrap()])
        .args(options)
        .output()
        .unwrap();
    let mut outcome = Outcome::of(&output);
    assert_eq!(outcome.status, 3, "not invalid: {}", common::errors(&output));
    outcome.records.pop().unwrap()
}

fn reasons_of(record: &Record, code: Code) -> Vec<&str> {
    let reasons = record.verdict.of_class(Class::Timing).filter(|reason| reason.code == code);
    reasons.map(|reason| reason.text.as_str()).collect()
}

#[test]
fn a_side_whose_cores_are_taken_is_named_and_the_cell_is_invalid() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut server = cores::allowed();
    if server.len() < 2 {
        println!("skipped: on one core the sides cannot be told apart");
        return;
    }
    // As the command shares them out.
    let loadgen = server.split_off(server.len() / 2);
    for (cores, side) in [(loadgen, "load generator"), (server, "server")] {
        let _busy = Busy::on(&cores);
        let record = measure(&["--clients", "20", "--rate", "50", "--duration", "2s"]);
        let starved = reasons_of(&record, Code::Starved);
        assert!(starved.iter().any(|text| text.contains(side)), "{side}: {:?}", record.verdict.reasons);
    }
}

#[test]
fn a_load_generator_that_is_asked_for_more_than_it_can_is_never_valid() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let record = measure(&["--clients", "300", "--rate", "5000", "--duration", "3s"]);
    let codes = [Code::Saturated, Code::Starved, Code::WorkerLag, Code::WorkerLoopLag];
    let named = codes.iter().flat_map(|&code| reasons_of(&record, code)).next();
    assert!(named.is_some(), "{:?}", record.verdict.reasons);
}
