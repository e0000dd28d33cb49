//! Whether this machine can hold what is asked of it, and what is done where it cannot, before anything starts.

use anyhow::ensure;
use feedbench_record::run::Machine;
use feedbench_wire::sys::files;

use crate::suite::{BeyondLimits, CellPlan};

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

/// Makes every cell fit this machine, and returns one line for each number of clients that it had to lower.
///
/// # Errors
/// When a cell has more clients than this machine holds and its suite does not let them be reduced: with what to raise.
pub(crate) fn fit(plans: &mut [CellPlan], machine: &Machine) -> anyhow::Result<Vec<String>> {
    let capacity = Capacity::of(machine);
    let (most, advice) = (capacity.clients(), capacity.advice());
    let mut told = Vec::new();
    for plan in plans.iter_mut().filter(|plan| u64::from(plan.scenario.clients) > most) {
        let asked = plan.scenario.clients;
        let fitting = u32::try_from(most).unwrap_or(u32::MAX);
        ensure!(
            plan.beyond_limits == BeyondLimits::Reduce && fitting > 0,
            "{asked} clients are more than the {most} this machine holds (feedbench doctor); {advice}"
        );
        plan.reduce(fitting);
        let line = format!(
            "{asked} clients were asked for; this machine and version hold {fitting} in one pair of processes, so many \
             are measured ({advice})"
        );
        if !told.contains(&line) {
            told.push(line);
        }
    }
    Ok(told)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use feedbench_record::{Scenario, Transport};

    fn plan(clients: u32, beyond_limits: BeyondLimits) -> CellPlan {
        CellPlan {
            id: format!("003-websocket-{clients}-r1"),
            suite: "mine".to_owned(),
            transport: Transport::WebSocket,
            repetition: 1,
            scenario: Scenario { clients, ..Scenario::default() },
            beyond_limits,
            replay_file: None,
        }
    }

    fn machine() -> Machine {
        Machine { file_limit: 20_000, memory_bytes: 24 << 30, ..Machine::default() }
    }

    #[test]
    fn a_cell_that_may_be_reduced_keeps_what_was_asked_and_says_so_once() {
        let mut plans = [10_000, 100_000, 100_000].map(|clients| plan(clients, BeyondLimits::Reduce));
        let told = fit(&mut plans, &machine()).unwrap();
        let clients = plans.each_ref().map(|plan| (plan.scenario.clients, plan.scenario.clients_asked));
        assert_eq!(clients, [(10_000, None), (19_900, Some(100_000)), (19_900, Some(100_000))]);
        assert_eq!(plans[1].id, "003-websocket-19900-r1");
        assert!(told.len() == 1 && told[0].contains("100000") && told[0].contains("19900"), "{told:?}");
    }

    #[test]
    fn a_cell_that_may_not_be_reduced_is_refused_with_what_to_raise() {
        let mut plans = [plan(100_000, BeyondLimits::Refuse)];
        let message = fit(&mut plans, &machine()).unwrap_err().to_string();
        assert!(message.contains("19900") && message.contains("ulimit"), "{message}");
        assert_eq!(plans[0].scenario.clients, 100_000);
    }

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
