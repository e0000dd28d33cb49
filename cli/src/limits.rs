//! Whether this machine can hold what is asked of it, and what is done where it cannot, before anything starts.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::ensure;
use feedbench_record::run::Machine;
use feedbench_record::scenario::{ClientKind, ConnectionPolicy, Scenario};
use feedbench_record::transport::{Manner, Transport};
use feedbench_server::ledger::ACCOUNTS_MAX;
use feedbench_wire::sys::{files, ports};

use crate::suite::{BeyondLimits, CellPlan, ShardOf, Split};

/// Files that the command itself has open for a pair of processes: an input and an output of each, and what tells that
/// it has ended.
const FILES_PER_PAIR: u64 = 6;

/// Memory of one client at both ends with the kernel's two sockets (bytes): one and a half times what was measured, so that
/// what fits by this estimate does fit.
///
/// Measured (1,000 to 20,000 clients, 100-byte events): 18 to 20 KiB of server and 35 KiB of reference client for polls and
/// long polls, 16 and 23 KiB for streams, 9 and 11 KiB for WebSocket; 3 to 4 KiB of lean client; 10 KiB of kernel.
fn bytes_per_client(client: ClientKind, manner: Manner) -> u64 {
    let kib = match (client, manner) {
        (ClientKind::Reference, Manner::Asks | Manner::Waits) => 20 + 35 + 10,
        (ClientKind::Reference, Manner::Pushed) => 16 + 23 + 10,
        (ClientKind::Lean, Manner::Asks | Manner::Waits) => 20 + 4 + 10,
        (ClientKind::Lean, Manner::Pushed) => 16 + 4 + 10,
    };
    kib * 1_024 * 3 / 2
}

/// How long Linux keeps a connection in TIME_WAIT (ms).
const TIME_WAIT_MS: u64 = 60_000;

/// How many clients of one kind and manner this machine holds, and what sets that limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// How the clients are built.
    client: ClientKind,
    /// In one pair of processes, by open files: each client is one file of the server and one of the load generator.
    pub(crate) by_files_of_a_pair: u64,
    /// Pairs of processes, by the files that the command itself may open.
    pub(crate) pairs: u64,
    /// By memory, of which a quarter is left for everything else.
    pub(crate) by_memory: u64,
    /// By source addresses 127.0.0.1 to 127.0.0.254 with 5,000 clients each.
    pub(crate) by_ports: u64,
}

impl Capacity {
    /// The capacity of a machine for such clients.
    pub(crate) fn of(machine: &Machine, client: ClientKind, manner: Manner) -> Capacity {
        let memory = machine.cgroup_memory_bytes.map_or(machine.memory_bytes, |limit| limit.min(machine.memory_bytes));
        let files = machine.file_limit.saturating_sub(files::RESERVED);
        Capacity {
            client,
            by_files_of_a_pair: files,
            pairs: files / FILES_PER_PAIR,
            by_memory: memory / 4 * 3 / bytes_per_client(client, manner),
            by_ports: 254 * 5_000,
        }
    }

    /// The most clients of so many pairs of processes.
    pub(crate) fn of_pairs(&self, pairs: u64) -> u64 {
        self.by_files_of_a_pair.saturating_mul(pairs).min(self.by_memory).min(self.by_ports)
    }

    /// The most clients of one cell.
    pub(crate) fn clients(&self) -> u64 {
        self.of_pairs(self.pairs)
    }

    /// The fewest pairs of processes that hold so many clients.
    pub(crate) fn pairs_for(&self, clients: u64) -> u64 {
        clients.div_ceil(self.by_files_of_a_pair.max(1)).max(1)
    }

    /// What to raise for more than so many pairs hold.
    pub(crate) fn advice(&self, pairs: u64) -> &'static str {
        match self.of_pairs(pairs) {
            n if n == self.by_memory && self.client == ClientKind::Reference => {
                "give the machine or its control group more memory, or take --client lean"
            }
            n if n == self.by_memory => "give the machine or its control group more memory",
            n if n == self.by_ports => "there are no more source addresses",
            _ => "raise the hard limit of open files (ulimit -Hn, or LimitNOFILE= of the service)",
        }
    }
}

/// Makes every cell fit this machine, decides how many pairs of processes it gets where nobody has said so, and returns
/// one line for each number of clients that it had to lower. `target` is the server's address when it is not ours.
///
/// # Errors
/// When a cell has more clients than this machine, or the pairs that were asked for, can hold and its suite does not let
/// them be reduced, or more connections than can be told apart: with what to raise, or to ask for less of.
pub(crate) fn fit(plans: &mut [CellPlan], machine: &Machine, target: Option<IpAddr>) -> anyhow::Result<Vec<String>> {
    let mut told = Vec::new();
    for plan in plans {
        let capacity = Capacity::of(machine, plan.scenario.client, plan.transport.manner());
        told.extend(fit_one(plan, &capacity)?.filter(|line| !told.contains(line)));
        for scenario in plan.scenarios() {
            check_connections(plan.transport, &scenario, target)?;
        }
    }
    Ok(told)
}

fn fit_one(plan: &mut CellPlan, capacity: &Capacity) -> anyhow::Result<Option<String>> {
    let asked = plan.scenario.clients;
    let (most, advice) = match plan.split {
        Split::AsNeeded => (capacity.clients(), capacity.advice(capacity.pairs)),
        Split::Into(pairs) => (capacity.of_pairs(pairs.into()), capacity.advice(pairs.into())),
        Split::Single => (capacity.of_pairs(1), capacity.advice(1)),
        Split::Only(ShardOf { number, of }) => {
            let clients = plan.scenario.part(number, of).clients;
            let most = capacity.of_pairs(1);
            ensure!(
                u64::from(clients) <= most,
                "shard {number} of {of} has {clients} clients, and one pair of processes holds {most} (feedbench doctor); \
                 take more shards, or {}",
                capacity.advice(1)
            );
            return Ok(None);
        }
    };
    let mut told = None;
    if u64::from(asked) > most {
        let fitting = u32::try_from(most).unwrap_or(u32::MAX);
        let (within, more) = match plan.split {
            Split::Into(pairs) if most < capacity.clients() => {
                (format!(" in {}", pairs_of_processes(pairs)), "take more --server-shards, or ")
            }
            _ => (String::new(), ""),
        };
        ensure!(
            plan.beyond_limits == BeyondLimits::Reduce && fitting > 0,
            "{asked} clients are more than the {most} this machine holds{within} (feedbench doctor); {more}{advice}"
        );
        plan.reduce(fitting);
        told = Some(fitting);
    }
    if plan.split == Split::AsNeeded {
        plan.split = Split::Into(capacity.pairs_for(plan.scenario.clients.into()).try_into().unwrap_or(u32::MAX));
    }
    Ok(told.map(|fitting| {
        let pairs = pairs_of_processes(plan.scenarios().len() as u32);
        format!(
            "{asked} clients were asked for; this machine and version hold {fitting} in {pairs}, so many are measured \
             ({advice})"
        )
    }))
}

fn pairs_of_processes(pairs: u32) -> String {
    if pairs == 1 { "one pair of processes".to_owned() } else { format!("{pairs} pairs of processes") }
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
            split: Split::AsNeeded,
            headers: feedbench_wire::headers::Profile::default(),
            replay_file: None,
        }
    }

    fn machine() -> Machine {
        Machine { file_limit: 20_000, memory_bytes: 24 << 30, ..Machine::default() }
    }

    fn told(mut plan: CellPlan, split: Split) -> (CellPlan, String) {
        plan.split = split;
        let mut plans = [plan];
        let told = match fit(&mut plans, &machine(), None) {
            Ok(told) => told.join(" "),
            Err(error) => error.to_string(),
        };
        let [plan] = plans;
        (plan, told)
    }

    #[test]
    fn a_cell_that_is_more_than_one_pair_of_processes_holds_gets_as_few_as_hold_it() {
        for (clients, pairs) in [(1, 1), (19_900, 1), (19_901, 2), (100_000, 6)] {
            let (fitted, told) = told(plan(clients, BeyondLimits::Refuse), Split::AsNeeded);
            assert_eq!((fitted.split, told.as_str()), (Split::Into(pairs), ""));
            let parts = fitted.scenarios();
            assert_eq!(parts.iter().map(|part| part.clients).sum::<u32>(), clients);
            assert!(parts.iter().all(|part| part.clients <= 19_900 && part.shard.is_some() == (pairs > 1)));
        }
    }

    #[test]
    fn a_cell_that_may_be_reduced_keeps_what_was_asked_and_says_so_once() {
        let mut plans = [10_000, 900_000, 900_000].map(|clients| plan(clients, BeyondLimits::Reduce));
        let told = fit(&mut plans, &machine(), None).unwrap();
        let most = Capacity::of(&machine(), Scenario::default().client, Manner::Pushed).by_memory as u32;
        let clients = plans.each_ref().map(|plan| (plan.scenario.clients, plan.scenario.clients_asked));
        assert_eq!(clients, [(10_000, None), (most, Some(900_000)), (most, Some(900_000))]);
        assert_eq!(plans[1].id, format!("003-websocket-{most}-r1"));
        assert!(told.len() == 1 && told[0].contains("900000") && told[0].contains("pairs of processes"), "{told:?}");
    }

    #[test]
    fn a_cell_that_may_not_be_reduced_is_refused_with_what_to_raise() {
        let mut plan = plan(900_000, BeyondLimits::Refuse);
        plan.scenario.client = ClientKind::Reference;
        let (refused, message) = told(plan, Split::AsNeeded);
        assert!(message.contains("memory") && message.contains("--client lean"), "{message}");
        assert_eq!(refused.scenario.clients, 900_000);
    }

    #[test]
    fn pairs_that_were_asked_for_hold_no_more_than_their_files() {
        let (_, message) = told(plan(100_000, BeyondLimits::Refuse), Split::Into(1));
        for says in ["19900", "one pair of processes", "--server-shards", "ulimit"] {
            assert!(message.contains(says), "{message}");
        }
        assert_eq!(told(plan(100_000, BeyondLimits::Refuse), Split::Into(6)).1, "");
        let only = |of| Split::Only(ShardOf { number: of, of });
        assert!(told(plan(100_000, BeyondLimits::Refuse), only(5)).1.contains("shard 5 of 5 has 20000 clients"));
        assert_eq!(told(plan(100_000, BeyondLimits::Refuse), only(6)).1, "");
    }

    #[test]
    fn the_scarcest_resource_sets_the_limit_and_names_what_to_raise() {
        let of = |machine: &Machine| Capacity::of(machine, ClientKind::Reference, Manner::Asks);
        let capacity = of(&machine());
        assert_eq!(capacity.of_pairs(1), 19_900);
        assert!(capacity.advice(1).contains("ulimit") && capacity.clients() > 100_000);
        let small = Machine { cgroup_memory_bytes: Some(256 << 20), ..machine() };
        assert_eq!(of(&small).clients(), of(&small).by_memory);
        assert!(of(&small).advice(1).contains("memory"));
        let files = Machine { file_limit: 130, ..machine() };
        assert_eq!((of(&files).clients(), of(&files).pairs), (150, 5));
        assert!(of(&files).advice(5).contains("ulimit"));
    }

    #[test]
    fn a_lean_client_costs_less_memory_than_a_reference_client() {
        for manner in [Manner::Asks, Manner::Waits, Manner::Pushed] {
            assert!(bytes_per_client(ClientKind::Lean, manner) < bytes_per_client(ClientKind::Reference, manner));
        }
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
