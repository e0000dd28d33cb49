//! What this machine can hold.

use std::io::Write as _;

use feedbench_record::run::Machine;
use feedbench_record::scenario::ClientKind;
use feedbench_record::transport::Manner;
use feedbench_wire::sys::{cores, ports, run_delay};
use serde::Serialize;

use crate::args::DoctorOptions;
use crate::exit::Exit;
use crate::kernel::Reading;
use crate::limits::Capacity;
use crate::{machine, output};

/// The findings.
#[derive(Serialize)]
struct Findings {
    machine: Machine,
    /// First and last port that the kernel gives to clients.
    ephemeral_ports: Option<(u32, u32)>,
    /// Pending connections of a listener.
    somaxconn: Option<u32>,
    /// Most clients of one cell, by the most costly kind: reference clients that poll.
    clients: u64,
    /// The same with lean clients that are pushed to.
    clients_lean: u64,
    /// Most clients of one pair of processes.
    clients_of_a_pair: u64,
    /// Most pairs of processes of one cell.
    pairs: u64,
    by_files_of_a_pair: u64,
    by_memory: u64,
    by_ports: u64,
    advice: &'static str,
    /// Gates of the verdict that this kernel tells nothing about.
    gates_not_measured: Vec<&'static str>,
}

/// Looks and tells.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn main(options: &DoctorOptions) -> anyhow::Result<Exit> {
    let machine = machine::machine();
    let capacity = Capacity::of(&machine, ClientKind::Reference, Manner::Asks);
    let findings = Findings {
        ephemeral_ports: ephemeral_ports(),
        somaxconn: number("/proc/sys/net/core/somaxconn"),
        clients: capacity.clients(),
        clients_lean: Capacity::of(&machine, ClientKind::Lean, Manner::Pushed).clients(),
        clients_of_a_pair: capacity.of_pairs(1),
        pairs: capacity.pairs,
        by_files_of_a_pair: capacity.by_files_of_a_pair,
        by_memory: capacity.by_memory,
        by_ports: capacity.by_ports,
        advice: capacity.advice(capacity.pairs),
        gates_not_measured: not_measured(),
        machine,
    };
    if options.json {
        output::json(&findings)?;
    } else {
        tell(&findings)?;
    }
    Ok(Exit::Valid)
}

fn tell(findings: &Findings) -> anyhow::Result<()> {
    let machine = &findings.machine;
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30));
    let unknown = || "unknown".to_owned();
    let blind = &findings.gates_not_measured;
    let lines = [
        ("system", format!("{} {}", machine.kernel, machine.arch)),
        ("processor", format!("{}, {} cores for this process", machine.cpu, machine.cores)),
        ("memory", gib(machine.memory_bytes)),
        ("memory limit of the group", machine.cgroup_memory_bytes.map_or("none".to_owned(), gib)),
        ("open files a process", format!("{} (raised to the hard limit)", machine.file_limit)),
        (
            "client ports",
            findings.ephemeral_ports.map_or_else(unknown, |(first, last)| {
                format!("{first} to {last} for each of 254 source addresses, of which 5,000 are used")
            }),
        ),
        ("listen queue", findings.somaxconn.map_or_else(unknown, |n| n.to_string())),
        ("clock source", machine.clock_source.clone().unwrap_or_else(unknown)),
        (
            "clients of a cell",
            format!(
                "{} polling on the reference client (memory {}, ports {}), {} lean and pushed to",
                findings.clients, findings.by_memory, findings.by_ports, findings.clients_lean
            ),
        ),
        (
            "of a pair of processes",
            format!(
                "{} (files {}); at most {} pairs",
                findings.clients_of_a_pair, findings.by_files_of_a_pair, findings.pairs
            ),
        ),
        ("for more", findings.advice.to_owned()),
        ("gates not measured", if blind.is_empty() { "none".to_owned() } else { blind.join("; ") }),
    ];
    let mut stdout = std::io::stdout().lock();
    for (name, value) in lines {
        writeln!(stdout, "{name:<27}{value}")?;
    }
    Ok(())
}

/// What a verdict on this machine cannot look at, each with the file that is missing.
fn not_measured() -> Vec<&'static str> {
    let counted = Reading::take().until(&Reading::take());
    let memory = counted.memory;
    let gates = [
        (counted.listen_overflows.is_some(), "listen queue overflows (/proc/net/netstat)"),
        (counted.steal_us.is_some(), "CPU taken by the host (/proc/stat)"),
        (cores::busy_us(&cores::allowed()).is_some(), "others' CPU on our cores (/proc/stat)"),
        (run_delay::waited_us().is_some(), "time waited for a core (/proc/self/task/*/schedstat)"),
        (counted.throttled_us.is_some(), "throttling of the control group (cpu.stat)"),
        (memory.stalled_us.is_some(), "time waited for memory (/proc/pressure/memory)"),
        (memory.swap_ins.is_some(), "pages read back from swap (/proc/vmstat)"),
        (memory.limit_hits.is_some(), "memory limit of the control group (memory.events)"),
        (memory.oom_kills.is_some(), "processes killed for memory (memory.events)"),
    ];
    gates.into_iter().filter(|(told, _)| !told).map(|(_, gate)| gate).collect()
}

fn number(path: &str) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn ephemeral_ports() -> Option<(u32, u32)> {
    ports::ephemeral().map(|ports| (u32::from(*ports.start()), u32::from(*ports.end())))
}
