//! One cell: fresh pairs of processes, their phases on one timeline, and the record of what they measured.

use std::cell::{Cell, RefCell};

use anyhow::{Context as _, anyhow, bail};
use feedbench_loadgen::probe;
use feedbench_record::merge::merge;
use feedbench_record::run::{KernelCounters, ShardPart};
use feedbench_record::scenario::{Source, topic_name};
use feedbench_record::{Record, Scenario};
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadResult, ServerOrder, Timeline};
use futures_util::future::{join_all, try_join_all};
use tokio::sync::mpsc;

use crate::assemble::{self, Measured, Published};
use crate::bench::{Bench, Target};
use crate::clocks;
use crate::input;
use crate::interrupt::Interrupt;
use crate::kernel::{Reading, TimeWait};
use crate::pair::{Pair, Results};
use crate::progress::Progress;
use crate::suite::CellPlan;

/// From the order to start to the first phase (us): all children have it by then.
const LEAD_US: u64 = 20_000;
/// Orders that wait for a pair at most; each may be a line to be published.
const ORDERS_WAITING: usize = 4;

/// What was measured of a cell.
pub(crate) struct Outcome {
    pub(crate) record: Record,
    /// The records that it is the sum of; none where one pair of processes did it all.
    pub(crate) shards: Vec<Record>,
}

/// Measures one cell. `None` when it was interrupted before its window began.
///
/// # Errors
/// When a child cannot do what it is ordered to before the cell has started, or no pair measured it to its end. The
/// children are gone in any case.
pub(crate) async fn measure(
    plan: &CellPlan,
    bench: &Bench,
    progress: &mut Progress,
) -> anyhow::Result<Option<Outcome>> {
    let started_at = jiff::Timestamp::now();
    let before = Reading::take();
    let (time_wait, clocks) = (TimeWait::watch(), clocks::Watch::start());
    let pairs = plan.scenarios().into_iter().enumerate().map(|(index, scenario)| Pair::start(index, scenario, bench));
    let mut pairs = pairs.collect::<anyhow::Result<Vec<_>>>()?;
    let input_over = Cell::new(false);
    let outcome = phases(plan, bench, &mut pairs, &RefCell::new(progress), &input_over).await;
    let scenarios: Vec<_> = pairs.iter().map(|pair| pair.scenario().clone()).collect();
    join_all(pairs.into_iter().map(Pair::end)).await;
    let Some(results) = outcome? else { return Ok(None) };
    let kernel =
        KernelCounters { time_wait_peak: time_wait.peak(), clocks: clocks.clocks(), ..before.until(&Reading::take()) };

    let (mut records, mut lost, mut why) = (Vec::new(), Vec::new(), None);
    for (scenario, results) in scenarios.into_iter().zip(results) {
        match results {
            Ok((load, _)) if load.window.start_us == load.window.end_us => {
                if input_over.get() {
                    bail!("standard input ended before the measurement window began (--warmup says when)");
                }
                return Ok(None);
            }
            Ok((load, server)) => {
                let published = match (&server, &bench.target) {
                    (Some(server), _) => Published::by(server),
                    (None, Some(target)) => {
                        let in_window = ask_published(&scenario, target, &load).await?;
                        Published { in_window, in_cell: None }
                    }
                    (None, None) => Published::default(),
                };
                let input_over = input_over.get();
                let measured = Measured { load, server, published, kernel, started_at, input_over };
                records.push(assemble::record(plan, scenario, bench, measured));
            }
            Err(error) => {
                let number = scenario.shard.map_or(1, |shard| shard.number);
                let ended = Some(format!("{error:#}"));
                lost.push(ShardPart { number, clients: scenario.clients, lost: ended, reasons: Vec::new() });
                why = why.or(Some(error));
            }
        }
    }
    match (records.len() + lost.len(), records.pop()) {
        (_, None) => Err(why.unwrap_or_else(|| anyhow!("nothing was measured"))),
        (1, Some(record)) => Ok(Some(Outcome { record, shards: Vec::new() })),
        (_, Some(last)) => {
            records.push(last);
            let record = merge(records.clone(), lost).context("the shards' records do not fit together")?;
            Ok(Some(Outcome { record, shards: records }))
        }
    }
}

/// What a server that is not ours has published in the window, topic by topic; `None` when it no longer knows.
async fn ask_published(scenario: &Scenario, target: &Target, load: &LoadResult) -> anyhow::Result<Option<Vec<u64>>> {
    let theirs = |ours_us: u64| ours_us.saturating_add_signed(target.clock_ahead_us);
    let (from_us, to_us) = (theirs(load.window.start_us), theirs(load.window.end_us));
    let mut published = Vec::new();
    for topic in scenario.topics() {
        let topic = topic_name(topic);
        match probe::published(target.address, &target.host, target.tls.as_ref(), &topic, (from_us, to_us)).await? {
            Some(events) => published.push(events),
            None => return Ok(None),
        }
    }
    Ok(Some(published))
}

/// From the ramp to the results of every pair; `None` when it was interrupted before the first phase.
async fn phases(
    plan: &CellPlan,
    bench: &Bench,
    pairs: &mut [Pair],
    progress: &RefCell<&mut Progress>,
    input_over: &Cell<bool>,
) -> anyhow::Result<Option<Vec<anyhow::Result<Results>>>> {
    let mut interrupt = bench.interrupt.clone();
    let connected = pairs.iter_mut().map(async |pair| {
        let connected = pair.connect(plan, bench, progress).await;
        connected.map_err(|error| match pair.scenario().shard {
            Some(shard) => error.context(shard.to_string()),
            None => error,
        })
    });
    tokio::select! {
        connected = try_join_all(connected) => drop(connected?),
        () = interrupt.wait() => return Ok(None),
    }
    // One instant for all: their clock is that of the machine.
    let timeline = Timeline::of(&plan.scenario, Clock::Monotonic.now_us() + LEAD_US);
    let (orders, heard): (Vec<_>, Vec<_>) = pairs.iter().map(|_| mpsc::channel(ORDERS_WAITING)).unzip();
    let measured = join_all(pairs.iter_mut().zip(heard).map(|(pair, heard)| pair.run(timeline, heard, progress)));
    let lines = (plan.scenario.source == Source::Stdin).then(|| input::lines(timeline));
    tokio::select! {
        results = measured => Ok(Some(results)),
        error = lead(interrupt, timeline, lines, &orders, input_over) => Err(error),
    }
}

/// Gives all pairs the orders that come in the middle of a cell: the lines of standard input, and, when it ends in time
/// or the command is interrupted, to stop. Never ends but with an error.
async fn lead(
    mut interrupt: Interrupt,
    timeline: Timeline,
    mut lines: Option<mpsc::Receiver<std::io::Result<input::Line>>>,
    pairs: &[mpsc::Sender<ServerOrder>],
    input_over: &Cell<bool>,
) -> anyhow::Error {
    let tell = async |order: ServerOrder| {
        for pair in pairs {
            // A pair that is lost listens no more.
            let _ = pair.send(order.clone()).await;
        }
    };
    loop {
        tokio::select! {
            () = interrupt.wait() => break,
            line = next(&mut lines) => match line {
                Some(Ok((at_us, line))) if at_us < timeline.window.end_us => {
                    tell(ServerOrder::Publish { at_us, line }).await;
                }
                Some(Err(error)) => return anyhow!(error).context("cannot read standard input"),
                None if Clock::Monotonic.now_us() < timeline.window.end_us => {
                    input_over.set(true);
                    break;
                }
                // The window is over, and so is the reading.
                Some(Ok(_)) | None => lines = None,
            },
        }
    }
    tell(ServerOrder::Stop(timeline.stopped(Clock::Monotonic.now_us()))).await;
    std::future::pending().await
}

/// The next line of standard input; for ever where it is not the feed.
async fn next(
    lines: &mut Option<mpsc::Receiver<std::io::Result<input::Line>>>,
) -> Option<std::io::Result<input::Line>> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}
