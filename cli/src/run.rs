//! The main job: every cell in turn, then the report.

use std::path::PathBuf;

use crate::args::RunOptions;
use crate::bench::{Bench, Cores, Target};
use crate::capacity::{self, Goal};
use crate::cell::{self, Outcome};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::progress::{self, Progress};
use crate::results::Results;
use crate::suite::{self, CellPlan, Split, Suite};
use crate::{certificate, limits, machine, output, values};

/// Runs a suite.
///
/// # Errors
/// When a value is wrong, this machine cannot hold a cell, or a child fails. What was measured before is written.
pub(crate) fn main(options: &RunOptions) -> anyhow::Result<Exit> {
    let suite = Suite::of(options)?;
    let mut plans = suite.cells(&options.cells, &options.scenario, &options.feed)?;
    plans.iter().try_for_each(|plan| values::check_line(&plan.scenario))?;
    suite::split(&mut plans, Split::of(options))?;
    let goal = Goal::of(&options.capacity)?;
    goal.map_or(Ok(()), |goal| goal.check(&plans))?;
    all(Job {
        suite: suite.name,
        plans,
        goal,
        target: None,
        pin: !options.no_pin,
        out: options.results.out.clone(),
        json: options.results.json,
        report: options.charts.report(&options.language),
    })
}

/// Cells to measure and where to put the results.
pub(crate) struct Job {
    pub(crate) suite: String,
    pub(crate) plans: Vec<CellPlan>,
    /// The plans are where searches begin.
    pub(crate) goal: Option<Goal>,
    /// A server that is already running; `None` for a fresh one in each cell.
    pub(crate) target: Option<Target>,
    /// Keep each side to its half of the cores?
    pub(crate) pin: bool,
    pub(crate) out: PathBuf,
    pub(crate) json: bool,
    /// How the report is written.
    pub(crate) report: feedbench_reports::Options,
}

/// Measures every cell and writes the report, over what there is when one fails or the command is interrupted.
///
/// # Errors
/// When this machine cannot hold a cell, the results cannot be written, or a cell fails.
pub(crate) fn all(mut job: Job) -> anyhow::Result<Exit> {
    let machine = machine::machine();
    let target = job.target.as_ref().map(|target| target.address.ip());
    let splits: Vec<_> = job.plans.iter().map(|plan| plan.split).collect();
    for line in limits::fit(&mut job.plans, &machine, target)? {
        eprintln!("feedbench: {line}");
    }
    if job.goal.is_some() {
        // How many pairs of processes a step of a search gets, depends on the step.
        job.plans.iter_mut().zip(splits).for_each(|(plan, split)| plan.split = split);
    }
    let tool = machine::tool();
    let results = Results::create(&job.out, &job.suite, &tool, &machine)?;
    if let (None, [_, _, ..]) = (&job.goal, job.plans.as_slice()) {
        let whole = job.plans.iter().map(progress::expected).sum();
        eprintln!("feedbench: {} cells, about {}", job.plans.len(), progress::about(whole));
    }
    let cores = if job.pin { Cores::halves() } else { Cores::default() };
    job.plans.iter_mut().for_each(|plan| plan.scenario.pinned = cores.pinned());
    let serves_tls = job.target.is_none() && job.plans.iter().any(|plan| plan.scenario.tls);
    let identity = serves_tls.then(|| certificate::make(&[])).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let bench = Bench { tool, machine, cores, interrupt: Interrupt::listen()?, target: job.target, identity };
        let mut records = Vec::new();
        let outcome = match job.goal {
            None => cells(&job.plans, &bench, &results, &mut records).await,
            Some(goal) => capacity::find(goal, &job.plans, &bench, &results, &mut records).await,
        };
        let interrupted = bench.interrupt.asked();
        let told = output::results(&job.suite, &results, &records, interrupted, job.json, &job.report);
        outcome.and(told).map(|()| Exit::of(&records, interrupted))
    })
}

async fn cells(
    plans: &[CellPlan],
    bench: &Bench,
    results: &Results,
    records: &mut Vec<feedbench_record::Record>,
) -> anyhow::Result<()> {
    let mut progress = Progress::new(plans.len());
    for (index, plan) in plans.iter().enumerate() {
        progress.cell(plan, &plans[index + 1..]);
        let measured = cell::measure(plan, bench, &mut progress).await;
        if let Some(Outcome { record, shards }) =
            measured.map_err(|error| error.context(format!("cell {}", plan.id)))?
        {
            results.write_shards(&shards)?;
            results.write(&record)?;
            records.push(record);
        }
        if bench.interrupt.asked() {
            break;
        }
    }
    progress.finish();
    Ok(())
}
