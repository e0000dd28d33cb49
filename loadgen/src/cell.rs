//! One cell along its phases: ramp, idle second, warm-up, window, drain, end of the feed.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use feedbench_record::run::Usage;
use feedbench_record::transport::Manner;
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, LoadResult, Timeline};
use feedbench_wire::io::ip::so_far;
use feedbench_wire::io::transcript::Transcript;
use feedbench_wire::{Clock, Reading, sys};
use tokio::sync::{mpsc, watch};

use crate::h2;
use crate::recorder::Recorder;
use crate::shared::{Phase, Phases, Progress};
use crate::worker::{Worker, WorkerResult};

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(200);
/// How long after the feed's end clients wait for the server before they leave by themselves.
const PATIENCE_US: u64 = 8_000_000;

/// Runs one cell: takes `orders` as they come and gives answers to `answer`. A trace has everything written down that its
/// clients read and write.
///
/// # Errors
/// When a client never gets a place in the feed, or a worker fails.
pub fn run(
    plan: LoadPlan,
    clock: Clock,
    orders: mpsc::UnboundedReceiver<LoadOrder>,
    answer: impl Fn(LoadAnswer),
    transcript: Option<&Transcript>,
) -> anyhow::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot make a runtime")?;
    runtime.block_on(async {
        let rss_before_bytes = sys::memory::resident_bytes().unwrap_or(0);
        let cell = Cell::start(plan, clock, orders, answer, transcript)?;
        cell.run(rss_before_bytes).await
    })
}

struct Cell<A> {
    plan: LoadPlan,
    clock: Clock,
    orders: mpsc::UnboundedReceiver<LoadOrder>,
    answer: A,
    phase: watch::Sender<Phase>,
    progress: Arc<Progress>,
    workers: Vec<JoinHandle<anyhow::Result<WorkerResult>>>,
}

/// Readings at the edges of the phases.
#[derive(Default)]
struct Readings {
    idle: Option<Reading>,
    start: Option<Reading>,
    window_start: Option<Reading>,
    window_end: Option<Reading>,
    rss_window_bytes: Option<u64>,
    /// The connections on IP at both ends of the window, where somebody wants to know: how many, and their bytes.
    ip: Option<IpAtEdges>,
}

/// What a silent feed's connections were on IP so far, at both ends of the window.
#[derive(Default)]
struct IpAtEdges {
    is_v6: bool,
    start: Option<(u64, u64)>,
    end: Option<(u64, u64)>,
}

impl<A: Fn(LoadAnswer)> Cell<A> {
    fn start(
        plan: LoadPlan,
        clock: Clock,
        orders: mpsc::UnboundedReceiver<LoadOrder>,
        answer: A,
        transcript: Option<&Transcript>,
    ) -> anyhow::Result<Self> {
        let phase = watch::Sender::new(Phase::default());
        // A thread for each core, but never one without a client.
        let of = cores().min(plan.scenario.clients.max(1));
        let progress = Arc::new(Progress::new(of));
        let mut workers = Vec::new();
        for index in 0..of {
            let worker = Worker {
                index,
                of,
                plan: plan.clone(),
                clock,
                phases: Phases(phase.subscribe()),
                progress: Arc::clone(&progress),
                transcript: transcript.cloned(),
            };
            let progress = Arc::clone(&progress);
            let thread = std::thread::Builder::new().name(format!("worker-{index}"));
            let work = move || {
                let result = worker.run();
                progress.news.notify_one();
                result
            };
            workers.push(thread.spawn(work).context("cannot start a worker thread")?);
        }
        answer(LoadAnswer::Ready);
        Ok(Cell { plan, clock, orders, answer, phase, progress, workers })
    }

    async fn run(mut self, rss_before_bytes: u64) -> anyhow::Result<()> {
        // To ask for every connection takes milliseconds, which would be the delay of an event.
        let silent = self.plan.scenario.is_silent();
        let ip = silent.then(|| IpAtEdges { is_v6: self.plan.target.is_ipv6(), ..IpAtEdges::default() });
        let mut readings = Readings { ip, ..Readings::default() };
        let mut tick = tokio::time::interval(PROGRESS);
        let mut connected = false;
        while self.workers.iter().any(|worker| !worker.is_finished()) {
            let timeline = self.phase.borrow().timeline;
            let next_us = timeline.and_then(|timeline| readings.next_us(timeline).or_else(|| self.leave_us(timeline)));
            tokio::select! {
                () = self.progress.news.notified() => self.tell_progress(&mut connected)?,
                order = self.orders.recv() => match order {
                    Some(order) => self.obey(&order)?,
                    None => bail!("the parent is gone"),
                },
                () = sleep_until(self.clock, next_us) => {
                    if let Some(timeline) = timeline {
                        let now_us = self.clock.now_us();
                        readings.take(timeline, self.clock);
                        if self.leave_us(timeline).is_some_and(|leave_us| now_us >= leave_us) {
                            self.phase.send_modify(|phase| phase.over = true);
                        }
                    }
                }
                _ = tick.tick() => self.tell_progress(&mut connected)?,
            }
        }
        let workers = std::mem::take(&mut self.workers);
        let result = self.result(workers, &readings, rss_before_bytes)?;
        (self.answer)(LoadAnswer::Result(Box::new(result)));
        Ok(())
    }

    /// When clients leave although the server has not ended the feed; `None` once they were told to.
    fn leave_us(&self, timeline: Timeline) -> Option<u64> {
        (!self.phase.borrow().over).then(|| leave_us(&self.plan, timeline))
    }

    fn obey(&self, order: &LoadOrder) -> anyhow::Result<()> {
        match order {
            LoadOrder::Load(_) => bail!("a second order to load"),
            LoadOrder::Connect => self.phase.send_modify(|phase| phase.connect_us = Some(self.clock.now_us())),
            LoadOrder::StartAt(timeline) | LoadOrder::Stop(timeline) => {
                self.phase.send_modify(|phase| phase.timeline = Some(*timeline));
            }
        }
        Ok(())
    }

    fn tell_progress(&self, connected: &mut bool) -> anyhow::Result<()> {
        if let Some(why) = self.progress.gave_up().filter(|_| !*connected) {
            bail!(why);
        }
        let now_connected = self.progress.connected.load(Relaxed);
        let delivered = self.progress.delivered();
        (self.answer)(LoadAnswer::Progress { connected: now_connected, delivered });
        if !*connected && now_connected >= self.plan.scenario.clients {
            *connected = true;
            (self.answer)(LoadAnswer::Connected);
        }
        Ok(())
    }

    fn result(
        &self,
        workers: Vec<JoinHandle<anyhow::Result<WorkerResult>>>,
        readings: &Readings,
        rss_before_bytes: u64,
    ) -> anyhow::Result<LoadResult> {
        let mut recorder = Recorder::new(0);
        let mut bytes_in_window = Some(0);
        let threads = workers.len() as u32;
        for worker in workers {
            let result = worker.join().map_err(|_| anyhow!("a worker ended in a panic"))??;
            recorder.add(result.recorder);
            bytes_in_window = bytes_in_window.zip(result.bytes_in_window).map(|(sum, more)| sum + more);
        }
        // A connection that is gone has taken its counters along.
        let scenario = &self.plan.scenario;
        let connections = h2::connections(scenario.clients, threads, scenario.clients_per_connection);
        let stayed = recorder.connections.len() as u64 == u64::from(connections);
        let ip_in_window = readings.ip.as_ref().filter(|_| stayed).and_then(IpAtEdges::in_between);
        let usage = readings.usage(rss_before_bytes, cores());
        Ok(LoadResult { ip_in_window, usage, ..counted(&self.plan, recorder, bytes_in_window) })
    }
}

/// When clients leave although the server has not ended the feed.
pub(crate) fn leave_us(plan: &LoadPlan, timeline: Timeline) -> u64 {
    let round_trip_us = plan.scenario.round_trip_max_ms() * 1_000;
    let patience_us = if plan.server_ends_feed { PATIENCE_US + 2 * round_trip_us } else { 0 };
    timeline.end_us + patience_us
}

/// What the clients of a cell counted: all of its result but what only the kernel tells.
pub(crate) fn counted(plan: &LoadPlan, recorder: Recorder, bytes_in_window: Option<u64>) -> LoadResult {
    let latency = plan.latency_absent.is_none();
    let manner = plan.transport.manner();
    let by_schedule = manner == Manner::Asks && !plan.scenario.is_closed(plan.transport);
    let asks_or_waits = manner != Manner::Pushed;
    LoadResult {
        window: recorder.window.unwrap_or_default(),
        delivered_in_window: recorder.in_window.delivered,
        duplicated_in_window: recorder.in_window.duplicated,
        reordered_in_window: recorder.in_window.reordered,
        delivered: recorder.in_cell.delivered,
        skipped: recorder.skipped,
        duplicated: recorder.in_cell.duplicated,
        reordered: recorder.in_cell.reordered,
        malformed: recorder.malformed,
        errors: recorder.errors.iter().map(|(&kind, &count)| (kind.to_owned(), count)).collect(),
        reconnects: recorder.reconnects,
        restarts: recorder.restarts,
        recycles: recorder.recycles,
        polls_in_window: asks_or_waits.then_some(recorder.polls_in_window),
        polls: asks_or_waits.then_some(recorder.polls),
        bytes: recorder.bytes(),
        ip: recorder.ip(),
        bytes_in_window,
        ip_in_window: None,
        reads: recorder.reads,
        payload_down: recorder.payload_down,
        seconds: recorder.seconds(latency),
        delivery_latency: latency.then_some(recorder.delivery_latency),
        connect_time: recorder.connect_time,
        tls_handshake_time: recorder.tls_handshake_time,
        worker_lag: recorder.worker_lag,
        poll_lateness: by_schedule.then_some(recorder.poll_lateness),
        loop_lag: recorder.loop_lag,
        link_error: recorder.link_error,
        usage: Usage::default(),
        connections: recorder.connections,
    }
}

/// Waits until an instant; for ever without one.
async fn sleep_until(clock: Clock, at_us: Option<u64>) {
    match at_us {
        Some(at_us) => clock.sleep_until_us(at_us).await,
        None => std::future::pending().await,
    }
}

/// The cores that this process keeps to.
fn cores() -> u32 {
    sys::cores::allowed().len().max(1) as u32
}

impl IpAtEdges {
    /// The bytes between both looks, if they were at the same connections.
    fn in_between(&self) -> Option<u64> {
        let ((connections, before), (still, after)) = self.start.zip(self.end)?;
        (connections == still).then(|| after.checked_sub(before)).flatten()
    }
}

impl Readings {
    /// The next instant at which something is to be read.
    fn next_us(&self, timeline: Timeline) -> Option<u64> {
        let instants = [
            (timeline.idle_us, self.idle.is_some()),
            (timeline.start_us, self.start.is_some()),
            (timeline.window.start_us, self.window_start.is_some()),
            (timeline.window.end_us, self.window_end.is_some()),
        ];
        instants.into_iter().find(|(_, taken)| !taken).map(|(at_us, _)| at_us)
    }

    /// Takes the readings whose instant has come.
    fn take(&mut self, timeline: Timeline, clock: Clock) {
        let window = timeline.window;
        // Outside of the readings of the window: what it takes is no cost of a client.
        if let Some(ip) = self.ip.as_mut().filter(|_| clock.now_us() >= window.start_us) {
            ip.start.get_or_insert_with(|| so_far(ip.is_v6));
        }
        let reading = Reading::now(clock);
        if let Some(ip) = self.ip.as_mut().filter(|_| reading.at_us() >= window.end_us) {
            ip.end.get_or_insert_with(|| so_far(ip.is_v6));
        }
        for (at_us, edge) in [
            (timeline.idle_us, &mut self.idle),
            (timeline.start_us, &mut self.start),
            (window.start_us, &mut self.window_start),
            (window.end_us, &mut self.window_end),
        ] {
            if reading.at_us() >= at_us {
                edge.get_or_insert_with(|| reading.clone());
            }
        }
        if self.window_end.is_some() && self.rss_window_bytes.is_none() {
            self.rss_window_bytes = sys::memory::resident_bytes();
        }
    }

    fn usage(&self, rss_before_bytes: u64, cores: u32) -> Usage {
        let idle = self.idle.as_ref().zip(self.start.as_ref());
        let mut usage = Usage {
            cpu_idle_us_per_s: idle.and_then(|(idle, start)| idle.cpu_us_per_s(start)),
            cores,
            rss_before_bytes,
            rss_window_bytes: self.rss_window_bytes,
            ..Usage::default()
        };
        if let (Some(start), Some(end)) = (&self.window_start, &self.window_end) {
            start.window_to(end, &mut usage);
        }
        usage
    }
}
