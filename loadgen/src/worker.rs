//! One worker thread: its share of the clients on a runtime of its own, and one recorder for all of them.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadPlan, Timeline};
use feedbench_wire::io::Meter;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::sync::{Notify, watch};
use tokio::task::LocalSet;

use crate::recorder::Recorder;
use crate::session::Session;
use crate::transport;

/// Where the cell stands, told to every client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Phase {
    /// When the ramp began (us).
    pub(crate) connect_us: Option<u64>,
    /// The phases after it.
    pub(crate) timeline: Option<Timeline>,
    /// Clients leave by themselves.
    pub(crate) over: bool,
}

/// A client's view of [`Phase`].
#[derive(Clone, Debug)]
pub(crate) struct Phases(pub(crate) watch::Receiver<Phase>);

impl Phases {
    pub(crate) fn over(&self) -> bool {
        self.0.borrow().over
    }

    /// Has the time come when the server ends the feed?
    pub(crate) fn feed_ended(&self, now_us: u64) -> bool {
        self.0.borrow().timeline.is_some_and(|timeline| now_us >= timeline.end_us)
    }

    pub(crate) async fn unless_over<F: Future>(&mut self, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            _ = self.0.wait_for(|phase| phase.over) => None,
        }
    }

    /// Waits for what `wanted` finds in the phase; for ever when the cell is dropped before it comes.
    async fn wait_for<T: Copy>(&mut self, wanted: impl Fn(&Phase) -> Option<T>) -> T {
        loop {
            let found = self.0.wait_for(|phase| wanted(phase).is_some()).await.ok().and_then(|phase| wanted(&phase));
            match found {
                Some(found) => return found,
                None => std::future::pending().await,
            }
        }
    }
}

/// How far the workers are, readable while they run.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) connected: AtomicU32,
    pub(crate) delivered: AtomicU64,
    /// Rung for what cannot wait for the next look: the last client is connected, one gave up, a worker is done.
    pub(crate) news: Notify,
    gave_up: Mutex<Option<String>>,
}

impl Progress {
    /// Why a client gave up, if one did.
    pub(crate) fn gave_up(&self) -> Option<String> {
        self.gave_up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the clients of one worker share.
pub(crate) struct Shared {
    clock: Clock,
    progress: Arc<Progress>,
    /// The meters of open connections, by client.
    open: RefCell<Vec<Option<Meter>>>,
    /// The bytes of those that are over.
    over_bytes: Cell<u64>,
}

impl Shared {
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// One more client knows its position in the feed.
    pub(crate) fn positioned(&self, of: u32) {
        if self.progress.connected.fetch_add(1, Relaxed) + 1 == of {
            self.progress.news.notify_one();
        }
    }

    pub(crate) fn delivered(&self) {
        self.progress.delivered.fetch_add(1, Relaxed);
    }

    pub(crate) fn give_up(&self, why: String) {
        self.progress.gave_up.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.progress.news.notify_one();
    }

    pub(crate) fn opened(&self, client: u32, meter: Meter) {
        let mut open = self.open.borrow_mut();
        let index = client as usize;
        if open.len() <= index {
            open.resize_with(index + 1, || None);
        }
        open[index] = Some(meter);
    }

    pub(crate) fn closed(&self, client: u32) {
        if let Some(meter) = self.open.borrow_mut().get_mut(client as usize).and_then(Option::take) {
            self.over_bytes.set(self.over_bytes.get() + bytes_of(&meter));
        }
    }

    /// Bytes of all connections so far, both directions.
    fn bytes(&self) -> u64 {
        self.over_bytes.get() + self.open.borrow().iter().flatten().map(bytes_of).sum::<u64>()
    }
}

fn bytes_of(meter: &Meter) -> u64 {
    meter.counts().written() + meter.counts().read()
}

/// Which clients a worker has, and what it tells.
pub(crate) struct Worker {
    pub(crate) index: u32,
    pub(crate) of: u32,
    pub(crate) plan: LoadPlan,
    pub(crate) clock: Clock,
    pub(crate) phases: Phases,
    pub(crate) progress: Arc<Progress>,
}

/// What a worker leaves.
pub(crate) struct WorkerResult {
    pub(crate) recorder: Recorder,
    /// Both directions between the window's start and its end.
    pub(crate) bytes_in_window: Option<u64>,
}

impl Worker {
    /// Runs every client to its end. Returns when all of them have left.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub(crate) fn run(self) -> anyhow::Result<WorkerResult> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("cannot make a runtime for a worker")?;
        LocalSet::new().block_on(&runtime, self.clients())
    }

    async fn clients(self) -> anyhow::Result<WorkerResult> {
        let shared = Rc::new(Shared {
            clock: self.clock,
            progress: Arc::clone(&self.progress),
            open: RefCell::default(),
            over_bytes: Cell::default(),
        });
        let recorder = Rc::new(RefCell::new(Recorder::new(self.plan.clock_ahead_us)));
        let in_window = tokio::task::spawn_local(bytes_in_window(self.phases.clone(), Rc::clone(&shared)));
        let windows = tokio::task::spawn_local(follow_window(self.phases.clone(), Rc::clone(&recorder)));
        let connect_us = self.phases.clone().wait_for(|phase| phase.connect_us).await;
        let plan = Rc::new(self.plan);
        let mut clients = Vec::new();
        for client in (self.index..plan.scenario.clients).step_by(self.of as usize) {
            let phase_us = poll_phase_us(&plan, client);
            let (plan, shared, phases) = (Rc::clone(&plan), Rc::clone(&shared), self.phases.clone());
            let connect_us = connect_us + u64::from(client) * 1_000_000 / u64::from(plan.scenario.connects_per_s);
            let session = Session::new(client, phase_us, plan, shared, phases, Rc::clone(&recorder));
            clients.push(tokio::task::spawn_local(run_client(session, connect_us)));
        }
        for client in clients {
            client.await.context("a client ended in a panic")?;
        }
        windows.abort();
        let bytes_in_window = if in_window.is_finished() { in_window.await.ok() } else { None };
        let recorder = recorder.replace(Recorder::new(0));
        Ok(WorkerResult { recorder, bytes_in_window })
    }
}

/// One client from its instant of the ramp to its end: a connection after the other.
async fn run_client(mut session: Session, connect_us: u64) {
    session.wait_until(connect_us).await;
    while let Some(stack) = session.open().await {
        let ended = transport::run(session.transport(), &mut session, stack).await;
        session.close(ended).await;
    }
}

/// A client's instant within the poll interval: spread at random, or 0 for all.
fn poll_phase_us(plan: &LoadPlan, client: u32) -> u64 {
    let scenario = &plan.scenario;
    let interval_us = (scenario.interval_ms * 1_000).max(1);
    if scenario.synchronised {
        return 0;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(scenario.seed);
    rng.set_stream(u64::from(client) + 1);
    rng.random_range(0..interval_us)
}

/// The window is known before its first event; a stop makes it shorter.
async fn follow_window(mut phases: Phases, recorder: Rc<RefCell<Recorder>>) {
    loop {
        let window = phases.0.borrow_and_update().timeline.map(|timeline| timeline.window);
        recorder.borrow_mut().window = window;
        if phases.0.changed().await.is_err() {
            return;
        }
    }
}

async fn bytes_in_window(mut phases: Phases, shared: Rc<Shared>) -> u64 {
    let window = phases.wait_for(|phase| phase.timeline).await.window;
    shared.clock.sleep_until_us(window.start_us).await;
    let before = shared.bytes();
    shared.clock.sleep_until_us(window.end_us).await;
    shared.bytes() - before
}
