//! One worker thread: its share of the clients on a runtime of its own, and one recorder for all of them.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context as _;
use feedbench_record::Scenario;
use feedbench_record::scenario::ClientKind;
use feedbench_wire::control::LoadPlan;
use feedbench_wire::io::transcript::Transcript;
use feedbench_wire::io::{Distance, Path};
use feedbench_wire::{Clock, loop_lag};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::task::LocalSet;

use crate::connect::Network;
use crate::fault::Ended;
use crate::line::Line;
use crate::recorder::Recorder;
use crate::requests::Requests;
use crate::session::Session;
use crate::shared::{Phases, Progress, Shared};
use crate::sources::Sources;
use crate::tls::ClientTls;
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
        let network = Network::Kernel(self.sources());
        LocalSet::new().block_on(&runtime, self.clients(network))
    }

    fn sources(&self) -> Sources {
        let (worker, workers) = self.place();
        Sources::new(self.plan.target, self.plan.scenario.connection, worker, workers)
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

    /// Runs every client to its end, on the current set of local tasks.
    ///
    /// # Errors
    /// When the plan cannot be carried out.
    pub(crate) async fn clients(self, network: Network) -> anyhow::Result<WorkerResult> {
        let (requests, mask_keys) = (Requests::of(&self.plan).await?, self.mask_keys());
        let distance = distance(&self.plan.scenario, self.clock).context("cannot make the distance's timers")?;
        let tls = ClientTls::of(&self.plan)?;
        let (mut phases, index, of) = (self.phases.clone(), self.index, self.of);
        let shared = Rc::new(Shared::new(self, requests, network, distance, tls, mask_keys));
        let in_window = tokio::task::spawn_local(bytes_in_window(phases.clone(), Rc::clone(&shared)));
        let seconds = tokio::task::spawn_local(bytes_by_second(phases.clone(), Rc::clone(&shared)));
        let over = Rc::clone(&shared);
        let over = tokio::task::spawn_local(async move { over.tell_over().await });
        let windows = tokio::task::spawn_local(follow_window(phases.clone(), Rc::clone(&shared)));
        let loop_lag = tokio::task::spawn_local(watch_loop(phases.clone(), Rc::clone(&shared)));
        let connect_us = phases.wait_for(|phase| phase.connect_us).await;
        let scenario = &shared.plan().scenario;
        let of_process = scenario.client_numbers().zip(0_u64..);
        let share = of_process.skip(index as usize).step_by(of as usize);
        let mut clients = Vec::with_capacity(share.size_hint().0);
        for (client, nth) in share {
            let connect_us = connect_us + nth * 1_000_000 / u64::from(scenario.connects_per_s);
            let mut session = Session::new(client, Rc::clone(&shared));
            // A client begins with its instant of the ramp: before it, it needs neither memory nor a timer.
            if session.wait_until(connect_us).await.is_none() {
                break;
            }
            clients.push(tokio::task::spawn_local(async move { run_client(&mut session).await }));
        }
        for client in clients {
            client.await.context("a client ended in a panic")?;
        }
        seconds.abort();
        if shared.recorder().has_totals() {
            shared.tell_total();
        }
        windows.abort();
        over.abort();
        loop_lag.abort();
        let bytes_in_window = if in_window.is_finished() { in_window.await.ok() } else { None };
        let mut recorder = std::mem::replace(&mut *shared.recorder(), Recorder::new(0));
        recorder.link_error = shared.distance().and_then(Distance::errors);
        Ok(WorkerResult { recorder, bytes_in_window })
    }
}

/// The distance of a worker's clients, unless the target is next door. In simulated time the runtime's timers are exact.
fn distance(scenario: &Scenario, clock: Clock) -> io::Result<Option<Distance>> {
    let path = Path::of(scenario);
    match clock {
        Clock::Monotonic => path.map(Distance::exact).transpose(),
        Clock::Runtime { .. } => Ok(path.map(Distance::of)),
    }
}

/// One client from its first connection to its last. It is no larger than what it does at the moment: that lies on the
/// heap, and what leads from one to the next is gone before it is waited for.
async fn run_client(session: &mut Session) {
    loop {
        let using = {
            let Some(line) = Box::pin(session.open()).await else { return };
            use_connection(session, line)
        };
        let closing = {
            let ended = using.await;
            Box::pin(session.close(ended))
        };
        closing.await;
    }
}

fn use_connection(session: &mut Session, line: Line) -> Pin<Box<dyn Future<Output = Ended> + '_>> {
    let transport = session.transport();
    match session.client_kind() {
        ClientKind::Reference => Box::pin(transport::run(transport, session, line)),
        ClientKind::Lean => lean::run(transport, session, line),
    }
}

/// The window is known before its first event; a stop makes it shorter.
async fn follow_window(mut phases: Phases, shared: Rc<Shared>) {
    loop {
        let window = phases.0.borrow_and_update().timeline.map(|timeline| timeline.window);
        if let Some(window) = window {
            shared.recorder().measure(window);
            if let Some(distance) = shared.distance() {
                distance.measure(shared.clock().instant(window.start_us)..shared.clock().instant(window.end_us));
            }
        }
        if phases.0.changed().await.is_err() {
            return;
        }
    }
}

async fn watch_loop(mut phases: Phases, shared: Rc<Shared>) {
    let window = phases.wait_for(|phase| phase.timeline).await.window;
    loop_lag::watch(shared.clock(), window, |us| shared.recorder().loop_lag.record(us as i64)).await;
}

async fn bytes_in_window(mut phases: Phases, shared: Rc<Shared>) -> u64 {
    let window = phases.wait_for(|phase| phase.timeline).await.window;
    shared.clock().sleep_until_us(window.start_us).await;
    let before = shared.bytes();
    shared.clock().sleep_until_us(window.end_us).await;
    shared.bytes() - before
}

/// Looks at the clients' meters once a second: what they share needs no more room than before.
async fn bytes_by_second(mut phases: Phases, shared: Rc<Shared>) {
    let mut at_us = phases.wait_for(|phase| phase.timeline).await.window.start_us;
    loop {
        shared.clock().sleep_until_us(at_us).await;
        shared.tell_total();
        at_us += 1_000_000;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_so_small_that_the_runtime_needs_256_bytes_for_it() {
        fn bytes<F>(_: impl FnOnce(Session) -> F) -> usize {
            size_of::<F>()
        }
        let task = bytes(|mut session| async move { run_client(&mut session).await });
        // The runtime adds about 100 bytes, and rounds up to the next 128.
        assert!(task <= 152, "{task} with a session of {}", size_of::<Session>());
    }
}
