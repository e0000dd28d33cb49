//! The search for a capacity: how many clients, or how many events a second, before 99 % of the deliveries take longer than
//! they may? Every step is a cell with a record of its own; what the search found follows from these records alone.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::judge::{CPU_SHARE, POLLS_SKIPPED_SHARE};
use crate::run::{Record, Usage};
use crate::summary::Cell;
use crate::transport::Transport;
use crate::verdict::Code;

/// What changes from step to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// The number of clients.
    Clients,
    /// The events per second and topic.
    Rate,
}

impl Axis {
    /// The name on the command line and in records.
    pub const fn id(self) -> &'static str {
        match self {
            Axis::Clients => "clients",
            Axis::Rate => "rate",
        }
    }

    /// The unit of its values, for people.
    pub const fn unit(self) -> &'static str {
        match self {
            Axis::Clients => "clients",
            Axis::Rate => "events/s",
        }
    }

    fn value(self, record: &Record) -> f64 {
        match self {
            Axis::Clients => record.scenario.clients.into(),
            Axis::Rate => record.scenario.rate_per_s,
        }
    }
}

/// An axis that is neither of the two.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" cannot be searched; there are: clients, rate")]
pub struct UnknownAxis(String);

impl FromStr for Axis {
    type Err = UnknownAxis;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Axis::Clients, Axis::Rate]
            .into_iter()
            .find(|axis| axis.id() == text)
            .ok_or_else(|| UnknownAxis(text.to_owned()))
    }
}

/// What a cell was for that is a step of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The start of the search, UTC (RFC 3339), which all its steps share.
    pub search: String,
    /// Which step it is, from 1.
    pub number: u32,
    /// What changes from step to step.
    pub axis: Axis,
    /// 99 % of the deliveries may take so long (us).
    pub slo_us: u64,
    /// The search ends when what held and what did not are no further apart than this share of what held.
    pub resolution: f64,
    /// The least that was to be tried.
    pub least: f64,
    /// The most that this machine holds.
    pub most: f64,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The cell is valid, and p99 is within the SLO.
    Held,
    /// p99 is beyond the SLO, something was lost, or the server had no CPU left.
    Missed,
    /// The load generator or the machine was the limit: it says nothing of the server.
    Disturbed,
}

/// What ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// A little more was missed.
    Slo,
    /// With a little more, the load generator or the machine could not follow: the capacity is at least what held.
    LoadGenerator,
    /// This machine holds no more: the capacity is at least what held.
    Machine,
    /// The search was stopped before its end.
    Unfinished,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    /// The transport.
    pub transport: Transport,
    /// What was searched.
    pub axis: Axis,
    /// 99 % of the deliveries may take so long (us).
    pub slo_us: u64,
    /// How exact it is: a share of the capacity.
    pub resolution: f64,
    /// The most that held; `null` where nothing did.
    pub capacity: Option<f64>,
    /// The least that did not.
    pub failed: Option<f64>,
    /// What ended the search.
    pub limit: Limit,
    /// The same in a sentence.
    pub text: String,
    /// Every step, in the order of measurement.
    pub steps: Vec<StepFigures>,
}

/// One step in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepFigures {
    /// The record's name.
    pub id: String,
    /// Clients, or events per second and topic.
    pub value: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// Median of the delivery latency (us).
    pub p50_us: Option<u64>,
    /// 99th percentile (us).
    pub p99_us: Option<u64>,
    /// CPU time of the server, in cores.
    pub server_cores: Option<f64>,
    /// CPU time of the load generator, in cores.
    pub loadgen_cores: Option<f64>,
    /// Why it did not hold, or is disturbed.
    pub why: Vec<String>,
}

/// How the step of a record ended; `None` when it is no step.
pub fn outcome(record: &Record) -> Option<Outcome> {
    let step = record.step.as_ref()?;
    let codes = || record.verdict.reasons.iter().map(|reason| reason.code);
    // Polls that are skipped wait for the server; polls that start late wait for the load generator.
    let skipped = record
        .polls
        .is_some_and(|polls| polls.skipped as f64 > (polls.total + polls.skipped) as f64 * POLLS_SKIPPED_SHARE);
    let asked_late = !skipped && codes().any(|code| code == Code::LatePolls);
    let loadgen_is_full = share(record, Some(&record.loadgen)).is_some_and(|share| share > CPU_SHARE);
    let p99_us = record.histograms.delivery_latency.as_ref().and_then(|latency| latency.quantile_us(0.99));
    Some(if loadgen_is_full || asked_late || codes().any(is_a_disturbance) {
        Outcome::Disturbed
    } else if record.verdict.valid && p99_us.is_some_and(|p99_us| p99_us <= step.slo_us) {
        Outcome::Held
    } else {
        Outcome::Missed
    })
}

/// Does a reason speak of the load generator or of the machine, and not of the server?
fn is_a_disturbance(code: Code) -> bool {
    matches!(
        code,
        Code::WorkerLag
            | Code::WorkerLoopLag
            | Code::LinkError
            | Code::Starved
            | Code::PortsExhausted
            | Code::ClockStep
            | Code::MemoryPressure
            | Code::ListenOverflow
            | Code::Retransmitted
            | Code::Steal
            | Code::Throttled
            | Code::WindowTooShort
            | Code::Interrupted
    )
}

/// The share of its cores that a side used.
fn share(record: &Record, usage: Option<&Usage>) -> Option<f64> {
    Some(cores(record, usage)? / f64::from(usage?.cores.max(1)))
}

fn cores(record: &Record, usage: Option<&Usage>) -> Option<f64> {
    Some(usage?.cpu_window_us? as f64 / 1e6 / record.window.seconds().max(1e-6))
}

/// What the searches found whose steps are among these records, each once, in the order of their first steps.
pub fn capacities(records: &[Record]) -> Vec<Capacity> {
    let mut searches: Vec<Vec<&Record>> = Vec::new();
    for record in records.iter().filter(|record| record.step.is_some()) {
        match searches.iter_mut().find(|search| is_same_search(search[0], record)) {
            Some(search) => search.push(record),
            None => searches.push(vec![record]),
        }
    }
    searches.into_iter().filter_map(|search| Capacity::of(&search)).collect()
}

/// Are both steps of one search?
pub fn is_same_search(one: &Record, other: &Record) -> bool {
    let search = |record: &Record| record.step.as_ref().map(|step| (step.search.clone(), step.axis, step.slo_us));
    let clients = |record: &Record| match record.step {
        Some(Step { axis: Axis::Rate, .. }) => Some(record.scenario.clients),
        _ => None,
    };
    one.transport == other.transport && search(one) == search(other) && clients(one) == clients(other)
}

impl Capacity {
    /// What the steps of one search found; `None` without a step.
    fn of(search: &[&Record]) -> Option<Capacity> {
        let mut search = search.to_vec();
        search.sort_by_key(|record| record.step.as_ref().map(|step| step.number));
        let steps: Vec<_> = search.iter().filter_map(|record| StepFigures::of(record)).collect();
        let (first, goal) = (search.first()?, search.first()?.step.as_ref()?);
        // A value that was tried again counts as it ended then.
        let last = |value: f64| steps.iter().rfind(|step| step.value == value).map(|step| step.outcome);
        let of = |held: bool| {
            let values = steps.iter().map(|step| step.value);
            values.filter(move |&value| (last(value) == Some(Outcome::Held)) == held).collect::<Vec<_>>()
        };
        let capacity = of(true).into_iter().reduce(f64::max);
        let failed = of(false).into_iter().reduce(f64::min);
        let disturbed = failed.and_then(last) == Some(Outcome::Disturbed);
        let is_close = match (capacity, failed) {
            (Some(held), Some(failed)) => {
                failed - held <= (held * goal.resolution).max(goal.axis.grain()) * (1.0 + 1e-9)
            }
            (None, Some(failed)) => failed <= goal.least,
            (held, None) => held.is_some_and(|held| held >= goal.most),
        };
        let limit = match failed {
            _ if !is_close => Limit::Unfinished,
            None => Limit::Machine,
            Some(_) if disturbed => Limit::LoadGenerator,
            Some(_) => Limit::Slo,
        };
        let mut found = Capacity {
            transport: first.transport,
            axis: goal.axis,
            slo_us: goal.slo_us,
            resolution: goal.resolution,
            capacity,
            failed,
            limit,
            text: String::new(),
            steps,
        };
        found.text = found.sentence();
        Some(found)
    }

    fn sentence(&self) -> String {
        let (title, unit, axis) = (self.transport.title(), self.axis.unit(), self.axis);
        let slo = format!("p99 within {} ms", self.slo_us as f64 / 1_000.0);
        let why = || {
            let last = self.failed.and_then(|failed| self.steps.iter().rfind(|step| step.value == failed));
            last.map_or(String::new(), |step| step.why.join("; "))
        };
        let failed = self.failed.map_or(String::new(), |failed| axis.text(failed));
        match (self.capacity.map(|held| axis.text(held)), self.limit) {
            (Some(held), Limit::Slo) => format!("{title}: {held} {unit} with {slo}; {failed} were too many: {}", why()),
            (Some(held), Limit::LoadGenerator) => format!(
                "{title}: at least {held} {unit} with {slo}; with {failed} the load generator or the machine, not the server, \
                 was the limit: {}",
                why()
            ),
            (Some(held), Limit::Machine) => {
                format!("{title}: at least {held} {unit} with {slo}; this machine holds no more")
            }
            (Some(held), Limit::Unfinished) => {
                format!("{title}: at least {held} {unit} with {slo}; the search was stopped before its end")
            }
            (None, Limit::Unfinished) => format!("{title}: the search was stopped before anything held"),
            (None, Limit::LoadGenerator) => format!(
                "{title}: nothing is known; with {failed} {unit} already the load generator or the machine, not the server, \
                 was the limit: {}",
                why()
            ),
            (None, _) => format!("{title}: not even {failed} {unit} with {slo}: {}", why()),
        }
    }
}

impl Axis {
    /// The least distance of two values.
    pub const fn grain(self) -> f64 {
        match self {
            Axis::Clients => 1.0,
            Axis::Rate => 0.001,
        }
    }

    /// A value for people.
    pub fn text(self, value: f64) -> String {
        match self {
            Axis::Clients => format!("{value:.0}"),
            Axis::Rate => format!("{}", (value * 1_000.0).round() / 1_000.0),
        }
    }
}

impl StepFigures {
    fn of(record: &Record) -> Option<StepFigures> {
        let (step, outcome) = (record.step.as_ref()?, outcome(record)?);
        let latency = Cell::of(record).latency_us;
        let p99_us = latency.and_then(|latency| latency.p99);
        let mut why: Vec<_> = record.verdict.reasons.iter().map(|reason| reason.text.clone()).collect();
        if p99_us.is_none_or(|p99_us| p99_us > step.slo_us) {
            let p99 = p99_us.map_or("of deliveries is not known".to_owned(), |us| format!("was {} ms", ms(us)));
            why.insert(0, format!("p99 {p99}"));
        }
        Some(StepFigures {
            id: record.id.clone(),
            value: step.axis.value(record),
            outcome,
            p50_us: latency.and_then(|latency| latency.p50),
            p99_us,
            server_cores: cores(record, record.server.as_ref()),
            loadgen_cores: cores(record, Some(&record.loadgen)),
            why,
        })
    }
}

fn ms(us: u64) -> String {
    format!("{:.1}", us as f64 / 1_000.0)
}

impl Outcome {
    /// The word for people.
    pub const fn title(self) -> &'static str {
        match self {
            Outcome::Held => "held",
            Outcome::Missed => "missed",
            Outcome::Disturbed => "disturbed",
        }
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::histogram::{Histogram, Precision};
    use crate::judge::judge;

    const SLO_US: u64 = 20_000;

    /// A step of a search that ended so, made of a real record.
    fn step(number: u32, clients: u32, ended: Outcome) -> Record {
        let text = include_str!("../../published/2026-11-20-default/records/006-websocket-1000-r1.json");
        let mut record: Record = serde_json::from_str(text).unwrap();
        record.scenario.clients = clients;
        let search = "2026-03-01T10:00:00Z".to_owned();
        let (least, most) = (1.0, 4_000.0);
        record.step = Some(Step { search, number, axis: Axis::Clients, slo_us: SLO_US, resolution: 0.05, least, most });
        let mut latency = Histogram::new(Precision::Fine);
        (0..1_000).for_each(|_| latency.record(if ended == Outcome::Held { 10_000 } else { 30_000 }));
        record.histograms.delivery_latency = Some(latency);
        record.histograms.worker_lag = Histogram::new(Precision::Fine);
        if ended == Outcome::Disturbed {
            record.kernel.steal_us = Some(record.kernel.over_us);
        }
        record.verdict = judge(&record);
        assert_eq!(outcome(&record), Some(ended));
        record
    }

    /// Clients, and how it ended with them.
    type Steps<'a> = &'a [(u32, Outcome)];

    fn found(steps: Steps<'_>) -> Capacity {
        let number = 1..=steps.len() as u32;
        let records: Vec<_> =
            number.zip(steps).map(|(number, &(clients, ended))| step(number, clients, ended)).collect();
        let mut found = capacities(&records);
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn the_limit_of_a_search_follows_from_its_steps() {
        use Outcome::{Disturbed, Held, Missed};
        let cases: [(Steps<'_>, Option<f64>, Limit, &str); 8] = [
            (
                &[(1_000, Held), (2_000, Missed), (1_950, Held)],
                Some(1_950.0),
                Limit::Slo,
                "2000 were too many: p99 was 30.0 ms",
            ),
            (
                &[(1_000, Held), (1_010, Disturbed), (1_010, Disturbed)],
                Some(1_000.0),
                Limit::LoadGenerator,
                "at least 1000",
            ),
            (&[(1_000, Held), (1_010, Disturbed), (1_010, Missed)], Some(1_000.0), Limit::Slo, "1000 clients"),
            (&[(2_000, Disturbed), (2_000, Held), (4_000, Held)], Some(4_000.0), Limit::Machine, "holds no more"),
            (&[(1_000, Held), (2_000, Missed)], Some(1_000.0), Limit::Unfinished, "stopped before its end"),
            (&[(2, Missed), (1, Missed)], None, Limit::Slo, "not even 1 clients"),
            (&[(1, Disturbed), (1, Disturbed)], None, Limit::LoadGenerator, "nothing is known"),
            (&[(8, Missed)], None, Limit::Unfinished, "before anything held"),
        ];
        for (steps, capacity, limit, says) in cases {
            let found = found(steps);
            assert_eq!((found.capacity, found.limit), (capacity, limit), "{steps:?}");
            assert!(found.text.contains(says), "{}", found.text);
            assert_eq!(found.steps.len(), steps.len());
        }
    }

    #[test]
    fn a_full_server_has_missed_and_a_full_load_generator_says_nothing() {
        let full = |spoil: fn(&mut Record)| {
            let mut record = step(1, 1_000, Outcome::Held);
            spoil(&mut record);
            record.verdict = judge(&record);
            assert!(!record.verdict.valid);
            outcome(&record).unwrap()
        };
        assert_eq!(full(|r| r.server.as_mut().unwrap().cpu_window_us = Some(60_000_000)), Outcome::Missed);
        assert_eq!(full(|r| r.loadgen.cpu_window_us = Some(60_000_000)), Outcome::Disturbed);
        assert_eq!(full(|r| r.cell_counts.lost = Some(1)), Outcome::Missed);
    }

    #[test]
    fn a_cell_that_is_no_step_belongs_to_no_search() {
        let mut record = step(1, 10, Outcome::Held);
        record.step = None;
        assert!(outcome(&record).is_none() && capacities(&[record]).is_empty());
    }

    #[test]
    fn searches_of_other_transports_and_other_starts_are_apart() {
        let one = step(1, 10, Outcome::Held);
        let (mut other, mut later) = (one.clone(), one.clone());
        other.transport = Transport::Sse;
        later.step.as_mut().unwrap().search = "2026-03-01T11:00:00Z".to_owned();
        assert_eq!(capacities(&[one, other, later]).len(), 3);
    }
}
