//! One cell: two fresh processes, their phases, and the record of what they measured.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use feedbench_loadgen::probe;
use feedbench_record::Record;
use feedbench_record::run::KernelCounters;
use feedbench_record::scenario::topic_name;
use feedbench_wire::Clock;
use feedbench_wire::control::{
    LoadAnswer, LoadOrder, LoadPlan, LoadResult, ServePlan, ServerAnswer, ServerOrder, ServerResult, Timeline,
};
use tokio::time::timeout;

use crate::assemble::{self, Measured, Published};
use crate::bench::{Bench, Target};
use crate::child::Child;
use crate::clocks;
use crate::interrupt::Interrupt;
use crate::kernel::{Reading, TimeWait};
use crate::progress::Progress;
use crate::suite::CellPlan;

/// How long a child may take to answer where it has nothing to wait for.
const PROMPT: Duration = Duration::from_secs(20);
/// How long past their time the ramp and the end of a cell may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// From the order to start to the first phase (us): both children have it by then.
const LEAD_US: u64 = 20_000;

type Server = Child<ServerOrder, ServerAnswer>;
type Loadgen = Child<LoadOrder, LoadAnswer>;

/// Measures one cell. `None` when it was interrupted before its window began.
///
/// # Errors
/// When a child cannot do what it is ordered to. The children are gone in any case.
pub(crate) async fn measure(plan: &CellPlan, bench: &Bench, progress: &mut Progress) -> anyhow::Result<Option<Record>> {
    let started_at = jiff::Timestamp::now();
    let before = Reading::take();
    let (time_wait, clocks) = (TimeWait::watch(), clocks::Watch::start());
    let mut loadgen: Loadgen = Child::start("load generator", "loadgen-child")?;
    let mut server: Option<Server> = match bench.target {
        Some(_) => None,
        None => Some(Child::start("server", "server-child")?),
    };
    let mut interrupt = bench.interrupt.clone();
    let connected = tokio::select! {
        connected = connect(plan, bench, server.as_mut(), &mut loadgen, progress) => connected.map(Some),
        () = interrupt.wait() => Ok(None),
    };
    let outcome = match connected {
        Ok(Some(())) => phases(plan, &mut interrupt, server.as_mut(), &mut loadgen, progress).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    loadgen.end().await;
    if let Some(server) = server {
        server.end().await;
    }
    let Some((load, server)) = outcome? else { return Ok(None) };
    if load.window.start_us == load.window.end_us {
        return Ok(None);
    }
    let published = match (&server, &bench.target) {
        (Some(server), _) => {
            Published { in_window: Some(server.published_in_window.clone()), in_cell: Some(server.published.clone()) }
        }
        (None, Some(target)) => Published { in_window: ask_published(plan, target, &load).await?, in_cell: None },
        (None, None) => Published::default(),
    };
    let kernel =
        KernelCounters { time_wait_peak: time_wait.peak(), clocks: clocks.clocks(), ..before.until(&Reading::take()) };
    Ok(Some(assemble::record(plan, bench, Measured { load, server, published, kernel, started_at })))
}

/// What a server that is not ours has published in the window, topic by topic; `None` when it no longer knows.
async fn ask_published(plan: &CellPlan, target: &Target, load: &LoadResult) -> anyhow::Result<Option<Vec<u64>>> {
    let theirs = |ours_us: u64| ours_us.saturating_add_signed(target.clock_ahead_us);
    let (from_us, to_us) = (theirs(load.window.start_us), theirs(load.window.end_us));
    let mut published = Vec::new();
    for topic in 0..plan.scenario.fanout.topics(plan.scenario.clients) {
        let topic = topic_name(topic);
        match probe::published(target.address, &target.host, &topic, from_us, to_us).await? {
            Some(events) => published.push(events),
            None => return Ok(None),
        }
    }
    Ok(Some(published))
}

/// The ramp: until every client knows its position in the feed.
async fn connect(
    plan: &CellPlan,
    bench: &Bench,
    server: Option<&mut Server>,
    loadgen: &mut Loadgen,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let mut load = LoadPlan {
        target: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        host: String::new(),
        transport: plan.transport,
        scenario: plan.scenario.clone(),
        headers: plan.headers.clone(),
        cores: bench.cores.loadgen.clone(),
        latency_absent: plan.latency_absent(bench.target.as_ref()),
        clock_ahead_us: 0,
        server_ends_feed: true,
    };
    if let Some(server) = server {
        load.target = serve(plan, bench, server, load.target).await?;
        load.host = load.target.to_string();
    } else if let Some(target) = &bench.target {
        load.target = target.address;
        load.host = target.host.clone();
        load.clock_ahead_us = target.clock_ahead_us;
        load.server_ends_feed = false;
    }
    ramp(loadgen, load, progress).await
}

/// Orders a server to listen and returns where it does.
async fn serve(plan: &CellPlan, bench: &Bench, server: &mut Server, listen: SocketAddr) -> anyhow::Result<SocketAddr> {
    let serve = ServePlan {
        listen,
        scenario: plan.scenario.clone(),
        headers: plan.headers.clone(),
        replay_file: plan.replay_file.clone(),
        cores: bench.cores.server.clone(),
    };
    server.order(&ServerOrder::Serve(Box::new(serve))).await?;
    match timeout(PROMPT, server.answer()).await.context("the server process does not answer")?? {
        ServerAnswer::Ready { address } => Ok(address),
        ServerAnswer::Failed(why) => bail!(why),
        ServerAnswer::Result(_) => bail!("the server answered out of turn"),
    }
}

/// Starts the load generator's clients and waits until every one of them knows its position in the feed.
///
/// # Errors
/// When a client gets none, or it takes 30 s longer than the ramp should.
async fn ramp(loadgen: &mut Loadgen, load: LoadPlan, progress: &mut Progress) -> anyhow::Result<()> {
    let scenario = &load.scenario;
    let ramp = Duration::from_millis(u64::from(scenario.clients) * 1_000 / u64::from(scenario.connects_per_s));
    let clients = scenario.clients;
    loadgen.order(&LoadOrder::Load(Box::new(load))).await?;
    loadgen.order(&LoadOrder::Connect).await?;
    let connected = async {
        loop {
            match loadgen.answer().await? {
                LoadAnswer::Ready => {}
                LoadAnswer::Progress { connected, .. } => progress.ramp(connected, clients),
                LoadAnswer::Connected => return Ok(()),
                LoadAnswer::Failed(why) => bail!(why),
                LoadAnswer::Result(_) => bail!("every client left during the ramp"),
            }
        }
    };
    let limit = ramp + PATIENCE;
    timeout(limit, connected).await.map_err(|_| anyhow!("not all clients were connected after {limit:?}"))?
}

/// From the idle second to both results. An interruption makes the rest of the timeline shorter.
async fn phases(
    plan: &CellPlan,
    interrupt: &mut Interrupt,
    mut server: Option<&mut Server>,
    loadgen: &mut Loadgen,
    progress: &mut Progress,
) -> anyhow::Result<(LoadResult, Option<ServerResult>)> {
    let mut timeline = Timeline::of(&plan.scenario, Clock::Monotonic.now_us() + LEAD_US);
    if let Some(server) = &mut server {
        server.order(&ServerOrder::StartAt(timeline)).await?;
    }
    loadgen.order(&LoadOrder::StartAt(timeline)).await?;
    let deadline = Clock::Monotonic.instant(timeline.end_us) + PATIENCE;
    let mut stopped = false;
    let (mut load, mut served) = (None, None);
    while load.is_none() || (served.is_none() && server.is_some()) {
        tokio::select! {
            answer = loadgen.answer(), if load.is_none() => match answer? {
                LoadAnswer::Progress { delivered, .. } => progress.phase(timeline, delivered),
                LoadAnswer::Result(result) => load = Some(*result),
                LoadAnswer::Failed(why) => bail!(why),
                LoadAnswer::Ready | LoadAnswer::Connected => {}
            },
            answer = answer_of(&mut server), if served.is_none() => match answer? {
                ServerAnswer::Result(result) => served = Some(*result),
                ServerAnswer::Failed(why) => bail!(why),
                ServerAnswer::Ready { .. } => {}
            },
            () = interrupt.wait(), if !stopped => {
                stopped = true;
                timeline = timeline.stopped(Clock::Monotonic.now_us());
                if let Some(server) = &mut server {
                    server.order(&ServerOrder::Stop(timeline)).await?;
                }
                loadgen.order(&LoadOrder::Stop(timeline)).await?;
            }
            () = tokio::time::sleep_until(deadline) => bail!("the cell did not end {PATIENCE:?} after its time"),
        }
    }
    let load = load.context("the load generator gave no result")?;
    Ok((load, served))
}

/// The next answer of a server; for ever without one.
async fn answer_of(server: &mut Option<&mut Server>) -> anyhow::Result<ServerAnswer> {
    match server {
        Some(server) => server.answer().await,
        None => std::future::pending().await,
    }
}
