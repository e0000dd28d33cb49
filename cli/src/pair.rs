//! One pair of processes of a cell: a server, and the load generator with its clients. A cell that is split has several.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use feedbench_record::Scenario;
use feedbench_wire::Clock;
use feedbench_wire::control::{
    LoadAnswer, LoadOrder, LoadPlan, LoadResult, ServePlan, ServerAnswer, ServerOrder, ServerResult, Timeline,
};
use feedbench_wire::io::tls::Trust;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::bench::Bench;
use crate::child::Child;
use crate::progress::Progress;
use crate::suite::CellPlan;

/// How long a child may take to answer where it has nothing to wait for.
const PROMPT: Duration = Duration::from_secs(20);
/// How long past their time the ramp and the end of a cell may take.
const PATIENCE: Duration = Duration::from_secs(30);

type Server = Child<ServerOrder, ServerAnswer>;
type Loadgen = Child<LoadOrder, LoadAnswer>;

/// What a pair measured; without a server of ours, only the load generator's side.
pub(crate) type Results = (LoadResult, Option<ServerResult>);

/// A pair of processes. Dropped, they are killed.
pub(crate) struct Pair {
    /// Where it stands among the pairs of its cell, from 0.
    index: usize,
    scenario: Scenario,
    server: Option<Server>,
    loadgen: Loadgen,
}

impl Pair {
    /// Starts both processes; with a target of one's own, only the load generator.
    ///
    /// # Errors
    /// When a process cannot be started.
    pub(crate) fn start(index: usize, scenario: Scenario, bench: &Bench) -> anyhow::Result<Pair> {
        let loadgen = Child::start("load generator", "loadgen-child")?;
        let server = match bench.target {
            Some(_) => None,
            None => Some(Child::start("server", "server-child")?),
        };
        Ok(Pair { index, scenario, server, loadgen })
    }

    /// What the pair is to measure: the scenario of the cell, or a part of it.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The ramp: until every client knows its position in the feed.
    ///
    /// # Errors
    /// When a child cannot do what it is ordered to, or a client gets no position in time.
    pub(crate) async fn connect(
        &mut self,
        plan: &CellPlan,
        bench: &Bench,
        progress: &RefCell<&mut Progress>,
    ) -> anyhow::Result<()> {
        let mut load = LoadPlan {
            target: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            host: String::new(),
            transport: plan.transport,
            scenario: self.scenario.clone(),
            headers: plan.headers.clone(),
            cores: bench.cores.loadgen.clone(),
            latency_absent: plan.latency_absent(bench.target.as_ref()),
            clock_ahead_us: 0,
            server_ends_feed: true,
            tls: None,
        };
        let identity = bench.identity.as_ref().filter(|_| self.scenario.tls);
        if let Some(server) = &mut self.server {
            let serve = ServePlan {
                listen: load.target,
                scenario: self.scenario.clone(),
                headers: plan.headers.clone(),
                replay_file: plan.replay_file.clone(),
                cores: bench.cores.server.clone(),
                tls: identity.cloned(),
            };
            load.target = listen(server, serve).await?;
            load.host = load.target.to_string();
            let name = load.target.ip().to_string();
            load.tls = identity.map(|identity| Trust { certificates: identity.certificates.clone(), name });
        } else if let Some(target) = &bench.target {
            load.target = target.address;
            load.host = target.host.clone();
            load.clock_ahead_us = target.clock_ahead_us;
            load.server_ends_feed = false;
            load.tls = target.tls.clone();
        }
        self.ramp(load, progress).await
    }

    async fn ramp(&mut self, load: LoadPlan, progress: &RefCell<&mut Progress>) -> anyhow::Result<()> {
        let Scenario { clients, connects_per_s, .. } = self.scenario;
        // A client connects, and asks for its place in the feed.
        let crowd = Duration::from_millis(Timeline::crowd_ms(&self.scenario) + 2 * self.scenario.round_trip_max_ms());
        let ramp = Duration::from_millis(u64::from(clients) * 1_000 / u64::from(connects_per_s));
        self.loadgen.order(&LoadOrder::Load(Box::new(load))).await?;
        self.loadgen.order(&LoadOrder::Connect).await?;
        let connected = async {
            loop {
                match self.loadgen.answer().await? {
                    LoadAnswer::Ready => {}
                    LoadAnswer::Progress { connected, .. } => progress.borrow_mut().ramp(self.index, connected),
                    LoadAnswer::Connected => return Ok(()),
                    LoadAnswer::Failed(why) => bail!(why),
                    LoadAnswer::Result(_) => bail!("every client left during the ramp"),
                }
            }
        };
        let limit = ramp + PATIENCE + crowd;
        timeout(limit, connected).await.map_err(|_| anyhow!("not all clients were connected after {limit:?}"))?
    }

    /// From the idle second to both results. `orders` are those that come in between: lines to be published, and a shorter
    /// timeline. When one of the processes cannot go on, both are killed.
    ///
    /// # Errors
    /// When one of the processes ends, fails, or gives no result in time.
    pub(crate) async fn run(
        &mut self,
        timeline: Timeline,
        orders: mpsc::Receiver<ServerOrder>,
        progress: &RefCell<&mut Progress>,
    ) -> anyhow::Result<Results> {
        let results = self.phases(timeline, orders, progress).await;
        if results.is_err() {
            // The half that is left would disturb the other pairs.
            self.loadgen.kill().await;
            if let Some(server) = &mut self.server {
                server.kill().await;
            }
        }
        results
    }

    async fn phases(
        &mut self,
        mut timeline: Timeline,
        mut orders: mpsc::Receiver<ServerOrder>,
        progress: &RefCell<&mut Progress>,
    ) -> anyhow::Result<Results> {
        let Pair { index, scenario, server, loadgen } = self;
        let patience =
            PATIENCE + Duration::from_millis(Timeline::crowd_ms(scenario) + 2 * scenario.round_trip_max_ms());
        if let Some(server) = server {
            server.order(&ServerOrder::StartAt(timeline)).await?;
        }
        loadgen.order(&LoadOrder::StartAt(timeline)).await?;
        let deadline = Clock::Monotonic.instant(timeline.end_us) + patience;
        let (mut load, mut served) = (None, None);
        while load.is_none() || (served.is_none() && server.is_some()) {
            tokio::select! {
                answer = loadgen.answer(), if load.is_none() => match answer? {
                    LoadAnswer::Progress { delivered, .. } => progress.borrow_mut().phase(*index, timeline, delivered),
                    LoadAnswer::Result(result) => load = Some(*result),
                    LoadAnswer::Failed(why) => bail!(why),
                    LoadAnswer::Ready | LoadAnswer::Connected => {}
                },
                answer = answer_of(server.as_mut()), if served.is_none() => match answer? {
                    ServerAnswer::Result(result) => served = Some(*result),
                    ServerAnswer::Failed(why) => bail!(why),
                    ServerAnswer::Ready { .. } => {}
                },
                Some(order) = orders.recv() => {
                    if let ServerOrder::Stop(stopped) = order {
                        timeline = stopped;
                        loadgen.order(&LoadOrder::Stop(stopped)).await?;
                    }
                    if let Some(server) = server {
                        timeout(PROMPT, server.order(&order)).await.context("the server process takes no orders")??;
                    }
                }
                () = tokio::time::sleep_until(deadline) => bail!("the cell did not end {patience:?} after its time"),
            }
        }
        let load = load.context("the load generator gave no result")?;
        Ok((load, served))
    }

    /// Ends both processes.
    pub(crate) async fn end(self) {
        let Pair { server, loadgen, .. } = self;
        loadgen.end().await;
        if let Some(server) = server {
            server.end().await;
        }
    }
}

/// Orders a server to listen and returns where it does.
async fn listen(server: &mut Server, serve: ServePlan) -> anyhow::Result<SocketAddr> {
    server.order(&ServerOrder::Serve(Box::new(serve))).await?;
    match timeout(PROMPT, server.answer()).await.context("the server process does not answer")?? {
        ServerAnswer::Ready { address } => Ok(address),
        ServerAnswer::Failed(why) => bail!(why),
        ServerAnswer::Result(_) => bail!("the server answered out of turn"),
    }
}

/// The next answer of a server; for ever without one.
async fn answer_of(server: Option<&mut Server>) -> anyhow::Result<ServerAnswer> {
    match server {
        Some(server) => server.answer().await,
        None => std::future::pending().await,
    }
}
