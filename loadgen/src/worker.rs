//! One worker thread: its share of the clients on a runtime of its own, and one recorder for all of them.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context as _;
use feedbench_record::scenario::ClientKind;
use feedbench_wire::control::LoadPlan;
use feedbench_wire::io::transcript::Transcript;
use feedbench_wire::{Clock, loop_lag};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::LocalSet;

use crate::fault::Ended;
use crate::recorder::Recorder;
use crate::requests::Requests;
use crate::session::Session;
use crate::shared::{Phases, Progress, Shared};
use crate::sources::Sources;
use crate::wake::ClientStack;
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
        let shared = Rc::new(Shared::new(&self, sources, self.mask_keys()));
        let recorder = Rc::new(RefCell::new(Recorder::new(self.plan.clock_ahead_us)));
        let in_window = tokio::task::spawn_local(bytes_in_window(self.phases.clone(), Rc::clone(&shared)));
        let over = Rc::clone(&shared);
        let over = tokio::task::spawn_local(async move { over.tell_over().await });
        let windows = tokio::task::spawn_local(follow_window(self.phases.clone(), Rc::clone(&recorder)));
        let loop_lag = tokio::task::spawn_local(watch_loop(self.phases.clone(), self.clock, Rc::clone(&recorder)));
        let requests = Rc::new(Requests::of(&self.plan).await?);
        let connect_us = self.phases.clone().wait_for(|phase| phase.connect_us).await;
        let plan = Rc::new(self.plan);
        let mut clients = Vec::new();
        let of_process = plan.scenario.client_numbers().zip(0_u64..);
        for (client, nth) in of_process.skip(self.index as usize).step_by(self.of as usize) {
            let phase_us = poll_phase_us(&plan, client);
            let (plan, requests, shared) = (Rc::clone(&plan), Rc::clone(&requests), Rc::clone(&shared));
            let connect_us = connect_us + nth * 1_000_000 / u64::from(plan.scenario.connects_per_s);
            let mut session = Session::new(client, phase_us, plan, requests, shared, Rc::clone(&recorder));
            // A client begins with its instant of the ramp: before it, it needs neither memory nor a timer.
            if session.wait_until(connect_us).await.is_none() {
                break;
            }
            clients.push(tokio::task::spawn_local(async move { run_client(&mut session).await }));
        }
        for client in clients {
            client.await.context("a client ended in a panic")?;
        }
        windows.abort();
        over.abort();
        loop_lag.abort();
        let bytes_in_window = if in_window.is_finished() { in_window.await.ok() } else { None };
        let recorder = recorder.replace(Recorder::new(0));
        Ok(WorkerResult { recorder, bytes_in_window })
    }
}

/// One client from its first connection to its last. It is no larger than what it does at the moment: that lies on the
/// heap, and what leads from one to the next is gone before it is waited for.
async fn run_client(session: &mut Session) {
    loop {
        let using = {
            let Some(stack) = Box::pin(session.open()).await else { return };
            use_connection(session, stack)
        };
        let closing = {
            let ended = using.await;
            Box::pin(session.close(ended))
        };
        closing.await;
    }
}

fn use_connection(session: &mut Session, stack: ClientStack) -> Pin<Box<dyn Future<Output = Ended> + '_>> {
    let transport = session.transport();
    match session.client_kind() {
        ClientKind::Reference => Box::pin(transport::run(transport, session, stack)),
        ClientKind::Lean => lean::run(transport, session, stack),
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

async fn watch_loop(mut phases: Phases, clock: Clock, recorder: Rc<RefCell<Recorder>>) {
    let window = phases.wait_for(|phase| phase.timeline).await.window;
    loop_lag::watch(clock, window, |us| recorder.borrow_mut().loop_lag.record(us as i64)).await;
}

async fn bytes_in_window(mut phases: Phases, shared: Rc<Shared>) -> u64 {
    let window = phases.wait_for(|phase| phase.timeline).await.window;
    shared.clock().sleep_until_us(window.start_us).await;
    let before = shared.bytes();
    shared.clock().sleep_until_us(window.end_us).await;
    shared.bytes() - before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_hardly_larger_than_its_session() {
        fn bytes<F>(_: impl FnOnce(Session) -> F) -> usize {
            size_of::<F>()
        }
        let task = bytes(|mut session| async move { run_client(&mut session).await });
        assert!(task <= size_of::<Session>() + 64, "{task} for {}", size_of::<Session>());
    }
}
