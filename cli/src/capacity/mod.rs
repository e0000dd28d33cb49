//! `feedbench run --find-capacity`: for each transport the most clients, or the highest rate, at which 99 % of the deliveries
//! keep to a service level objective (SLO). [`search`] says which value is tried next; each step is a cell as any other.

mod search;

use anyhow::{bail, ensure};
use feedbench_record::capacity::{self, Axis, Step};
use feedbench_record::run::Machine;
use feedbench_record::scenario::Source;
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Scenario};

use crate::args::CapacityOptions;
use crate::bench::Bench;
use crate::cell::{self, Outcome};
use crate::progress::Progress;
use crate::results::Results;
use crate::suite::{BeyondLimits, CellPlan, Split, id};
use crate::{limits, values};
use search::Search;

/// What held and what did not are no further apart than this share of what held.
const RESOLUTION: f64 = 0.05;
/// Latencies beyond it are not told apart (ms).
const SLO_MAX_MS: u64 = 60_000;
/// The share of the poll interval that 99 % of the deliveries wait at most, whatever the server does.
const WAIT_P99: f64 = 0.99;
/// Steps of a rate (1/s).
const RATE_GRAIN: f64 = 0.001;
/// Events that the window of the lowest rate has on average; twice what a verdict needs, because their number varies.
const EVENTS: u64 = 20;

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Goal {
    axis: Axis,
    slo_us: u64,
}

impl Goal {
    /// The goal that the options name; `None` without one.
    ///
    /// # Errors
    /// When one of the two options is missing, or the objective is none.
    pub(crate) fn of(options: &CapacityOptions) -> anyhow::Result<Option<Goal>> {
        let (axis, slo_ms) = match (options.find_capacity, options.slo) {
            (None, None) => return Ok(None),
            (None, Some(_)) => bail!("--slo is what --find-capacity searches by; name both, or none"),
            (Some(_), None) => {
                bail!("--find-capacity needs --slo: how long may 99 % of the deliveries take? (--slo 200ms)")
            }
            (Some(axis), Some(slo_ms)) => (axis, slo_ms),
        };
        ensure!(
            (1..=SLO_MAX_MS).contains(&slo_ms),
            "--slo {slo_ms}ms can be no objective; it is at least 1ms and at most 60s"
        );
        Ok(Some(Goal { axis, slo_us: slo_ms * 1_000 }))
    }

    /// Checks the cells that the searches begin with.
    ///
    /// # Errors
    /// When a search has no one start, or an end that is known before it begins.
    pub(crate) fn check(self, starts: &[CellPlan]) -> anyhow::Result<()> {
        for start in starts {
            let scenario = &start.scenario;
            ensure!(start.repetition == 1, "--find-capacity measures each step once; leave --repeat out");
            ensure!(
                self.axis == Axis::Rate || starts.iter().all(|other| other.scenario.clients == scenario.clients),
                "--find-capacity clients begins with one number of clients; name it with --clients"
            );
            let swept = |of: &CellPlan| (of.scenario.rate_per_s, of.scenario.payload_bytes, of.scenario.interval_ms);
            ensure!(
                starts.iter().all(|other| swept(other) == swept(start)),
                "--find-capacity begins with one value of each of --rate, --payload and --interval"
            );
            ensure!(
                !scenario.is_silent(),
                "--rate 0 publishes nothing, and there is no latency to search by; take a --rate above 0"
            );
            ensure!(
                !scenario.is_closed(start.transport),
                "--interval 0 is a closed workload, which has no latency to search by; take --interval 1ms or more"
            );
            ensure!(
                self.axis == Axis::Clients || !matches!(scenario.source, Source::Replay { own_pace: true, .. }),
                "a replay at its own pace has no rate to search for; give it one with --rate, or search for clients"
            );
            self.check_wait(start)?;
        }
        Ok(())
    }

    /// A poll waits for its interval before it asks: no server makes that shorter.
    fn check_wait(self, start: &CellPlan) -> anyhow::Result<()> {
        let interval_ms = start.scenario.interval_ms;
        let wait_ms = interval_ms as f64 * WAIT_P99 + start.scenario.rtt_ms as f64;
        let slo_ms = self.slo_us / 1_000;
        ensure!(
            start.transport.manner() != Manner::Asks || wait_ms < slo_ms as f64,
            "{} each {interval_ms} ms takes {wait_ms:.0} ms for 99 % of the deliveries on any server, and --slo is {slo_ms} ms; \
             take --interval {}ms, --slo {}ms, or another --transport",
            start.transport.title(),
            (slo_ms / 2).max(1),
            interval_ms * 2
        );
        Ok(())
    }

    /// The scenario of a step.
    fn scenario(self, start: &Scenario, value: u32) -> Scenario {
        let mut scenario = Scenario { clients_asked: None, ..start.clone() };
        match self.axis {
            Axis::Clients => scenario.clients = value,
            Axis::Rate => scenario.rate_per_s = f64::from(value) * RATE_GRAIN,
        }
        scenario
    }

    /// The value that a search begins with, and the least that it tries.
    fn start(self, start: &Scenario) -> (u32, u32) {
        match self.axis {
            Axis::Clients => (start.clients, 1),
            Axis::Rate => {
                let rate = (start.rate_per_s / RATE_GRAIN).round().max(1.0) as u32;
                let least = EVENTS as f64 * 1_000.0 / start.window_ms as f64 / RATE_GRAIN;
                (rate, (least.ceil() as u32).min(rate))
            }
        }
    }

    /// The most that this machine holds, found as the start was allowed.
    fn most(self, start: &CellPlan, machine: &Machine) -> u32 {
        let fits = |value: u32| {
            let scenario = self.scenario(&start.scenario, value);
            let allowed = values::check(&scenario).is_ok();
            let mut plan = [CellPlan { scenario, beyond_limits: BeyondLimits::Refuse, ..start.clone() }];
            allowed && limits::fit(&mut plan, machine, None).is_ok()
        };
        let (mut fitting, mut beyond) = (self.start(&start.scenario).0, u32::MAX);
        while beyond - fitting > 1 {
            let middle = fitting + (beyond - fitting) / 2;
            if fits(middle) { fitting = middle } else { beyond = middle }
        }
        fitting
    }

    /// A value as the record has it.
    fn value(self, value: u32) -> f64 {
        match self.axis {
            Axis::Clients => value.into(),
            Axis::Rate => f64::from(value) * RATE_GRAIN,
        }
    }
}

/// Searches from each start, and adds every step's record to `records`.
///
/// # Errors
/// When a cell fails, or the results cannot be written.
pub(crate) async fn find(
    goal: Goal,
    starts: &[CellPlan],
    bench: &Bench,
    results: &Results,
    records: &mut Vec<Record>,
) -> anyhow::Result<()> {
    let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut progress = Progress::of_searches();
    for start in starts {
        let ((first, least), most) = (goal.start(&start.scenario), goal.most(start, &bench.machine));
        let mut search = Search::new(first, least, most, RESOLUTION);
        let (mut number, mut before) = (0, None);
        while let Some(value) = search.next() {
            number += 1;
            let repetition = if before == Some(value) { 2 } else { 1 };
            before = Some(value);
            let scenario = goal.scenario(&start.scenario, value);
            let name = id(&format!("{:03}", records.len() + 1), start.transport, scenario.clients, repetition);
            let mut plan = CellPlan { id: name, repetition, scenario, ..start.clone() };
            if let Split::Into(pairs) = &mut plan.split {
                *pairs = (*pairs).min(plan.scenario.clients);
            }
            limits::fit(std::slice::from_mut(&mut plan), &bench.machine, None)?;
            progress.cell(&plan, &[]);
            let measured = cell::measure(&plan, bench, &mut progress).await;
            let measured = measured.map_err(|error| error.context(format!("cell {}", plan.id)))?;
            let Some(Outcome { mut record, shards }) = measured else { return Ok(()) };
            results.write_shards(&shards)?;
            record.step = Some(Step {
                search: began.clone(),
                number,
                axis: goal.axis,
                slo_us: goal.slo_us,
                resolution: RESOLUTION,
                least: goal.value(least),
                most: goal.value(most),
            });
            results.write(&record)?;
            let outcome = capacity::outcome(&record);
            records.push(record);
            if bench.interrupt.asked() {
                return Ok(());
            }
            if let Some(outcome) = outcome {
                search.told(outcome);
            }
        }
    }
    progress.finish();
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::args::{CellOptions, FeedOptions, ScenarioOptions};
    use crate::suite;
    use feedbench_record::Transport;

    fn starts(transport: Transport, clients: Vec<u32>) -> Vec<CellPlan> {
        let cells = CellOptions { transport: vec![transport], clients, repeat: None };
        suite::load_suite().cells(&cells, &ScenarioOptions::default(), &FeedOptions::default()).unwrap()
    }

    fn machine() -> Machine {
        Machine { file_limit: 5_000, memory_bytes: 24 << 30, ..Machine::default() }
    }

    #[test]
    fn the_most_is_what_the_machine_holds() {
        let goal = Goal { axis: Axis::Clients, slo_us: 200_000 };
        let start = &starts(Transport::WebSocket, vec![100])[0];
        let most = goal.most(start, &machine());
        let fits = |clients| {
            let scenario = Scenario { clients, ..start.scenario.clone() };
            limits::fit(&mut [CellPlan { scenario, ..start.clone() }], &machine(), None).is_ok()
        };
        assert!(fits(most) && !fits(most + 1), "{most}");
        let rate = Goal { axis: Axis::Rate, ..goal };
        assert_eq!(rate.value(rate.most(start, &machine())).round(), 100_000.0);
    }

    #[test]
    fn a_search_by_rate_never_goes_below_what_a_verdict_needs() {
        let goal = Goal { axis: Axis::Rate, slo_us: 200_000 };
        let scenario = |rate_per_s, window_ms| Scenario { rate_per_s, window_ms, ..Scenario::default() };
        assert_eq!(goal.start(&scenario(50.0, 10_000)), (50_000, 2_000));
        assert_eq!(goal.start(&scenario(0.5, 10_000)), (500, 500), "a start below it is the least");
    }

    #[test]
    fn an_objective_that_polling_never_meets_is_refused_with_one_that_it_may() {
        let polling = starts(Transport::Polling, vec![100]);
        let refused = |slo_us| Goal { axis: Axis::Clients, slo_us }.check(&polling).err().map(|e| e.to_string());
        assert_eq!(refused(1_000_000), None);
        let message = refused(200_000).unwrap();
        assert!(message.contains("990 ms") && message.contains("--interval 100ms") && message.contains("--slo 2000ms"));
        assert!(Goal { axis: Axis::Clients, slo_us: 5_000 }.check(&starts(Transport::Sse, vec![100])).is_ok());
        assert!(Goal { axis: Axis::Clients, slo_us: 5_000 }.check(&starts(Transport::Sse, vec![1, 2])).is_err());
        assert!(Goal { axis: Axis::Rate, slo_us: 5_000 }.check(&starts(Transport::Sse, vec![1, 2])).is_ok());
    }
}
