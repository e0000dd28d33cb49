//! One worker thread: its share of the clients on a runtime of its own, and one recorder for all of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context as _;
use feedbench_record::scenario::ClientKind;
use feedbench_wire::Clock;
use feedbench_wire::control::LoadPlan;
use feedbench_wire::io::transcript::Transcript;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::LocalSet;

use crate::recorder::Recorder;
use crate::requests::Requests;
use crate::session::Session;
use crate::shared::{Phases, Progress, Shared};
use crate::sources::Sources;
use crate::{lean, transport};

/// Which clients a worker has, and what it tells.
pub(crate) struct Worker {
    pub(crate) index: u32,
    pub(crate) of: u32,
    pub(crate) plan: LoadPlan,
    pub(crate) clock: Clock,
    pub(crate) phases: Phases,
    pub(crate) progress: Arc<Progress>,
    pub(crate) transcript: Option<Transcript>,
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

    /// Which worker this is of all processes of the cell, and how many they have together.
    fn place(&self) -> (u32, u32) {
        let (process, processes) = self.plan.scenario.shard.map_or((0, 1), |shard| (shard.number - 1, shard.of));
        (process * self.of + self.index, processes * self.of)
    }

    /// Random numbers of this worker alone; those below it belong to the clients' phases.
    fn mask_keys(&self) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.plan.scenario.seed);
        rng.set_stream(u64::MAX - u64::from(self.place().0));
        rng
    }

    async fn clients(self) -> anyhow::Result<WorkerResult> {
        let (worker, workers) = self.place();
        let sources = Sources::new(self.plan.target, self.plan.scenario.connection, worker, workers);
        let shared = Rc::new(Shared::new(self.clock, Arc::clone(&self.progress), sources, self.mask_keys()));
        let recorder = Rc::new(RefCell::new(Recorder::new(self.plan.clock_ahead_us)));
        let in_window = tokio::task::spawn_local(bytes_in_window(self.phases.clone(), Rc::clone(&shared)));
        let windows = tokio::task::spawn_local(follow_window(self.phases.clone(), Rc::clone(&recorder)));
        let requests = Rc::new(Requests::of(&self.plan).await?);
        let connect_us = self.phases.clone().wait_for(|phase| phase.connect_us).await;
        let plan = Rc::new(self.plan);
        let mut clients = Vec::new();
        let of_process = plan.scenario.client_numbers().zip(0_u64..);
        for (client, nth) in of_process.skip(self.index as usize).step_by(self.of as usize) {
            let phase_us = poll_phase_us(&plan, client);
            let (plan, requests, shared) = (Rc::clone(&plan), Rc::clone(&requests), Rc::clone(&shared));
            let phases = self.phases.clone();
            let connect_us = connect_us + nth * 1_000_000 / u64::from(plan.scenario.connects_per_s);
            let mut session = Session::new(client, phase_us, plan, requests, shared, phases, Rc::clone(&recorder));
            session.write_down(self.transcript.clone());
            clients.push(tokio::task::spawn_local(async move { run_client(&mut session, connect_us).await }));
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
async fn run_client(session: &mut Session, connect_us: u64) {
    // On the heap, so that a client is no larger than what it does at the moment.
    Box::pin(session.wait_until(connect_us)).await;
    while let Some(stack) = Box::pin(session.open()).await {
        let (kind, transport) = (session.client_kind(), session.transport());
        let ended = match kind {
            ClientKind::Reference => Box::pin(transport::run(transport, session, stack)).await,
            ClientKind::Lean => lean::run(transport, session, stack).await,
        };
        Box::pin(session.close(ended)).await;
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
    shared.clock().sleep_until_us(window.start_us).await;
    let before = shared.bytes();
    shared.clock().sleep_until_us(window.end_us).await;
    shared.bytes() - before
}
