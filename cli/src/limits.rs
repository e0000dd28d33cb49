//! Whether this machine can hold what is asked of it, and what is done where it cannot, before anything starts.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::ensure;
use feedbench_record::run::Machine;
use feedbench_record::scenario::{ConnectionPolicy, Scenario};
use feedbench_record::transport::{Manner, Transport};
use feedbench_server::ledger::ACCOUNTS_MAX;
use feedbench_wire::sys::{files, ports};

use crate::suite::{BeyondLimits, CellPlan};

/// Memory of one client at both ends with the kernel's buffers (bytes): an upper estimate, to refuse only what would
/// certainly fail.
const BYTES_PER_CLIENT: u64 = 64 * 1024;

/// How long Linux keeps a connection in TIME_WAIT (ms).
const TIME_WAIT_MS: u64 = 60_000;

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

/// Makes every cell fit this machine, and returns one line for each number of clients that it had to lower. `target` is the
/// server's address when it is not ours.
///
/// # Errors
/// When a cell has more clients than this machine holds and its suite does not let them be reduced, or more connections
/// than can be told apart: with what to raise, or to ask for less of.
pub(crate) fn fit(plans: &mut [CellPlan], machine: &Machine, target: Option<IpAddr>) -> anyhow::Result<Vec<String>> {
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
    for plan in plans {
        check_connections(plan.transport, &plan.scenario, target)?;
    }
    Ok(told)
}

/// Refuses more connections than both ends can account for, and more than there are ports for where only one source
/// address can be had (on loopback, the load generator takes turns with 65,533 of them).
fn check_connections(transport: Transport, scenario: &Scenario, target: Option<IpAddr>) -> anyhow::Result<()> {
    let policy = scenario.connection;
    if policy == ConnectionPolicy::KeepAlive {
        return Ok(());
    }
    let ramp_ms = u64::from(scenario.clients) * 1_000 / u64::from(scenario.connects_per_s.max(1));
    let cell_ms = ramp_ms + scenario.idle_ms + scenario.warmup_ms + scenario.window_ms + scenario.drain_ms();
    let connections = connections_in(cell_ms, transport, scenario);
    ensure!(
        connections <= ACCOUNTS_MAX as u64,
        "--connection {policy} makes about {connections} connections in a cell, and the bytes of at most {ACCOUNTS_MAX} \
         are accounted for; take fewer --clients, a longer --interval, a lower --rate or a shorter --duration"
    );
    let many_sources = matches!(target, None | Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let ports = ports::ephemeral().map_or(0, |ports| ports.len() as u64 / 2);
    let waiting = connections_in(cell_ms.min(TIME_WAIT_MS), transport, scenario);
    ensure!(
        many_sources || waiting <= ports,
        "--connection {policy} makes about {waiting} connections within 60 s (TIME_WAIT), and one source address has \
         ports for {ports}; take fewer --clients, a longer --interval or a lower --rate, or a target at 127.0.0.1"
    );
    Ok(())
}

/// How many requests, each with a connection of its own, all clients make in a span: one at each instant of the schedule,
/// or one for each event or hold time.
fn connections_in(span_ms: u64, transport: Transport, scenario: &Scenario) -> u64 {
    let per_client = match transport.manner() {
        Manner::Asks => span_ms / scenario.interval_ms.max(1),
        Manner::Waits => {
            let events = (span_ms as f64 * scenario.rate_per_s / 1_000.0).ceil() as u64;
            events + span_ms / scenario.hold_ms.max(1)
        }
        Manner::Pushed => 0,
    };
    u64::from(scenario.clients) * (per_client + 1)
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
            headers: feedbench_wire::headers::Profile::default(),
            replay_file: None,
        }
    }

    fn machine() -> Machine {
        Machine { file_limit: 20_000, memory_bytes: 24 << 30, ..Machine::default() }
    }

    #[test]
    fn a_cell_that_may_be_reduced_keeps_what_was_asked_and_says_so_once() {
        let mut plans = [10_000, 100_000, 100_000].map(|clients| plan(clients, BeyondLimits::Reduce));
        let told = fit(&mut plans, &machine(), None).unwrap();
        let clients = plans.each_ref().map(|plan| (plan.scenario.clients, plan.scenario.clients_asked));
        assert_eq!(clients, [(10_000, None), (19_900, Some(100_000)), (19_900, Some(100_000))]);
        assert_eq!(plans[1].id, "003-websocket-19900-r1");
        assert!(told.len() == 1 && told[0].contains("100000") && told[0].contains("19900"), "{told:?}");
    }

    #[test]
    fn a_cell_that_may_not_be_reduced_is_refused_with_what_to_raise() {
        let mut plans = [plan(100_000, BeyondLimits::Refuse)];
        let message = fit(&mut plans, &machine(), None).unwrap_err().to_string();
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

    #[test]
    fn closed_connections_need_ports_and_accounts() {
        let policy = ConnectionPolicy::Close;
        let scenario =
            |clients, interval_ms| Scenario { clients, interval_ms, connection: policy, ..Scenario::default() };
        let refused = |transport, scenario: &Scenario, target| {
            check_connections(transport, scenario, target).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let elsewhere = Some(IpAddr::from([192, 0, 2, 1]));
        assert_eq!(refused(Transport::Polling, &scenario(1_000, 1_000), None), "");
        assert_eq!(refused(Transport::Polling, &scenario(100, 1_000), elsewhere), "");
        assert!(refused(Transport::Polling, &scenario(1_000, 1_000), elsewhere).contains("--interval"));
        assert!(refused(Transport::LongPolling, &scenario(1_000, 1_000), elsewhere).contains("--rate"));
        assert!(refused(Transport::Polling, &scenario(1_000, 1), None).contains("1000000"));
        let kept = Scenario { connection: ConnectionPolicy::KeepAlive, ..scenario(1_000, 1) };
        assert_eq!(refused(Transport::Polling, &kept, elsewhere), "");
    }
}
