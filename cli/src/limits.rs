//! Whether this machine can hold what is asked of it, before anything starts.

use anyhow::ensure;
use feedbench_record::run::Machine;
use feedbench_wire::sys::files;

use crate::suite::CellPlan;

/// Memory of one client at both ends with the kernel's buffers (bytes): an upper estimate, to refuse only what would
/// certainly fail.
const BYTES_PER_CLIENT: u64 = 64 * 1024;

/// How many clients one pair of processes holds, and what sets that limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// By open files: each client is one file of the server and one of the load generator.
    pub(crate) by_files: u64,
    /// By memory.
    pub(crate) by_memory: u64,
    /// By source addresses 127.0.0.1 to 127.0.0.254 with 5,000 clients each.
    pub(crate) by_ports: u64,
}

impl Capacity {
    /// The capacity of a machine.
    pub(crate) fn of(machine: &Machine) -> Capacity {
        let memory = machine.cgroup_memory_bytes.map_or(machine.memory_bytes, |limit| limit.min(machine.memory_bytes));
        Capacity {
            by_files: machine.file_limit.saturating_sub(files::RESERVED),
            by_memory: memory / 2 / BYTES_PER_CLIENT,
            by_ports: 254 * 5_000,
        }
    }

    /// The most clients.
    pub(crate) fn clients(&self) -> u64 {
        self.by_files.min(self.by_memory).min(self.by_ports)
    }

    /// What to raise for more.
    pub(crate) fn advice(&self) -> &'static str {
        match self.clients() {
            n if n == self.by_files => {
                "raise the hard limit of open files (ulimit -Hn, or LimitNOFILE= of the service)"
            }
            n if n == self.by_memory => "give the machine or its control group more memory",
            _ => "there are no more source addresses",
        }
    }
}

/// Refuses cells that this machine cannot hold.
///
/// # Errors
/// With what to raise.
pub(crate) fn check(plans: &[CellPlan], machine: &Machine) -> anyhow::Result<()> {
    let capacity = Capacity::of(machine);
    let most = plans.iter().map(|plan| plan.scenario.clients).max().unwrap_or(0);
    ensure!(
        u64::from(most) <= capacity.clients(),
        "{most} clients are more than the {} this machine holds (feedbench doctor); {}",
        capacity.clients(),
        capacity.advice()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scarcest_resource_sets_the_limit_and_names_what_to_raise() {
        let machine = Machine { file_limit: 20_000, memory_bytes: 24 << 30, ..Machine::default() };
        let capacity = Capacity::of(&machine);
        assert_eq!(capacity.clients(), 19_900);
        assert!(capacity.advice().contains("ulimit"));
        let small = Machine { cgroup_memory_bytes: Some(256 << 20), ..machine };
        assert_eq!(Capacity::of(&small).clients(), 2_048);
        assert!(Capacity::of(&small).advice().contains("memory"));
    }
}
