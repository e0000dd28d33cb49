//! What the clients of a worker share: where the cell stands, how far it is, and every open connection's meter.

use std::cell::{Cell, RefCell, RefMut};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use feedbench_record::scenario::Protocol;
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadPlan, Timeline};
use feedbench_wire::io::transcript::{Scribe, Transcript};
use feedbench_wire::io::{Distance, Meter};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use slab::Slab;
use tokio::sync::{Notify, watch};

use crate::connect::Network;
use crate::h2::{self, Groups, Joined};
use crate::lean::LastHead;
use crate::recorder::Recorder;
use crate::requests::Requests;
use crate::scratch::Scratch;
use crate::tls::ClientTls;
use crate::worker::Worker;

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

/// A worker's view of [`Phase`].
#[derive(Clone, Debug)]
pub(crate) struct Phases(pub(crate) watch::Receiver<Phase>);

impl Phases {
    /// Has the time come when the server ends the feed?
    pub(crate) fn feed_ended(&self, now_us: u64) -> bool {
        self.end_us().is_some_and(|end_us| now_us >= end_us)
    }

    /// When the server ends the feed (us), as far as it is known.
    pub(crate) fn end_us(&self) -> Option<u64> {
        self.0.borrow().timeline.map(|timeline| timeline.end_us)
    }

    /// Waits for what `wanted` finds in the phase; for ever when the cell is dropped before it comes.
    pub(crate) async fn wait_for<T: Copy>(&mut self, wanted: impl Fn(&Phase) -> Option<T>) -> T {
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
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) connected: AtomicU32,
    /// Events delivered, by worker.
    delivered: Vec<Delivered>,
    /// Rung for what cannot wait for the next look: the last client is connected, one gave up, a worker is done.
    pub(crate) news: Notify,
    gave_up: Mutex<Option<String>>,
}

/// Events delivered to the clients of one worker, which alone writes it: in a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Delivered(AtomicU64);

impl Progress {
    /// The progress of so many workers.
    pub(crate) fn new(workers: u32) -> Progress {
        Progress {
            connected: AtomicU32::default(),
            delivered: (0..workers).map(|_| Delivered::default()).collect(),
            news: Notify::new(),
            gave_up: Mutex::default(),
        }
    }

    /// Events delivered so far.
    pub(crate) fn delivered(&self) -> u64 {
        self.delivered.iter().map(|of_worker| of_worker.0.load(Relaxed)).sum()
    }

    /// Why a client gave up, if one did.
    pub(crate) fn gave_up(&self) -> Option<String> {
        self.gave_up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the clients of one worker share.
pub(crate) struct Shared {
    plan: LoadPlan,
    requests: Requests,
    recorder: RefCell<Recorder>,
    clock: Clock,
    worker: u32,
    workers: u32,
    /// The number of the process's first client.
    first: u32,
    phases: Phases,
    /// The cell is over, as every client of the worker was told.
    over: Cell<bool>,
    progress: Arc<Progress>,
    transcript: Option<Transcript>,
    places: RefCell<Box<[Place]>>,
    /// Of a protocol that lets clients share connections: those, and their meters.
    groups: RefCell<Groups>,
    shared_meters: RefCell<Slab<Meter>>,
    /// The bytes of those that are over.
    over_bytes: Cell<u64>,
    network: Network,
    distance: Option<Distance>,
    tls: ClientTls,
    scratch: Scratch,
    last_head: RefCell<LastHead>,
    mask_keys: RefCell<ChaCha8Rng>,
}

/// What a worker knows of one of its clients.
#[derive(Default)]
struct Place {
    /// Those that it was to open over a distance so far.
    connections: u32,
    /// The meter of its open connection.
    open: Option<Meter>,
    /// Wakes it when the cell is over.
    waits: Option<Waker>,
}

impl Shared {
    pub(crate) fn new(
        worker: Worker,
        requests: Requests,
        network: Network,
        distance: Option<Distance>,
        tls: ClientTls,
        mask_keys: ChaCha8Rng,
    ) -> Shared {
        let clients = worker.plan.scenario.client_numbers();
        let share = clients.len().div_ceil(worker.of as usize);
        let scenario = &worker.plan.scenario;
        let sharing = if scenario.protocol == Protocol::Http2 { share as u32 } else { 0 };
        let groups = RefCell::new(Groups::new(sharing, scenario.clients_per_connection));
        Shared {
            requests,
            recorder: RefCell::new(Recorder::new(worker.plan.clock_ahead_us)),
            plan: worker.plan,
            clock: worker.clock,
            worker: worker.index,
            workers: worker.of,
            first: clients.start,
            phases: worker.phases,
            over: Cell::default(),
            progress: worker.progress,
            transcript: worker.transcript,
            places: RefCell::new((0..share).map(|_| Place::default()).collect()),
            groups,
            shared_meters: RefCell::default(),
            over_bytes: Cell::default(),
            network,
            distance,
            tls,
            scratch: Scratch::default(),
            last_head: RefCell::default(),
            mask_keys: RefCell::new(mask_keys),
        }
    }

    /// What the clients are to do.
    pub(crate) fn plan(&self) -> &LoadPlan {
        &self.plan
    }

    /// What they say.
    pub(crate) fn requests(&self) -> &Requests {
        &self.requests
    }

    /// What they are counted by.
    ///
    /// # Panics
    /// If somebody keeps it.
    pub(crate) fn recorder(&self) -> RefMut<'_, Recorder> {
        self.recorder.borrow_mut()
    }

    /// Where the cell stands.
    pub(crate) fn phases(&self) -> &Phases {
        &self.phases
    }

    /// Clients leave by themselves.
    pub(crate) fn over(&self) -> bool {
        self.over.get()
    }

    /// Tells every client of the worker when the cell is over.
    pub(crate) async fn tell_over(&self) {
        self.phases.clone().wait_for(|phase| phase.over.then_some(())).await;
        self.over.set(true);
        self.places.borrow_mut().iter_mut().filter_map(|place| place.waits.take()).for_each(Waker::wake);
    }

    /// Writes down the next connection, if somebody wants to read it.
    pub(crate) fn scribe(&self) -> Option<Scribe> {
        self.transcript.as_ref().map(Transcript::connection)
    }

    /// Which one of the worker's clients it is.
    fn place(&self, client: u32) -> u32 {
        (client - self.first) / self.workers
    }

    fn at_place<T>(&self, client: u32, act: impl FnOnce(&mut Place) -> T) -> T {
        act(&mut self.places.borrow_mut()[self.place(client) as usize])
    }

    /// What a client finds that shares its connection with its neighbours; waits while one of them is about to open it.
    pub(crate) async fn join(&self, client: u32) -> Joined {
        poll_fn(|cx| self.groups.borrow_mut().poll_join(cx, self.place(client))).await
    }

    /// A client whose turn it was has opened a connection for its neighbours, or not.
    pub(crate) fn joinable(&self, client: u32, connection: Option<Rc<h2::Connection>>) {
        self.groups.borrow_mut().opened(self.place(client), connection);
    }

    /// Has the time come when the server ends the feed?
    pub(crate) fn feed_ended(&self) -> bool {
        self.phases.feed_ended(self.clock.now_us())
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// What makes connections.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// How far the target is, if not next door.
    pub(crate) fn distance(&self) -> Option<&Distance> {
        self.distance.as_ref()
    }

    /// The same for a client's next connection, whose jitter is its own.
    pub(crate) fn next_distance(&self, client: u32) -> Option<Distance> {
        let distance = self.distance.as_ref()?;
        let connection = self.at_place(client, |place| {
            place.connections = place.connections.wrapping_add(1);
            place.connections.wrapping_sub(1)
        });
        Some(distance.of_connection(client, connection))
    }

    /// What TLS is done with, or not.
    pub(crate) fn tls(&self) -> &ClientTls {
        &self.tls
    }

    /// How long a question and its answer may be on their way.
    pub(crate) fn round_trip(&self) -> Duration {
        Duration::from_millis(self.plan.scenario.round_trip_max_ms())
    }

    /// Where bytes are read into.
    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// The last head of an answer.
    pub(crate) fn last_head(&self) -> &RefCell<LastHead> {
        &self.last_head
    }

    /// A key to mask a frame with. RFC 6455 section 10.3 wants it unpredictable for the scripts of a page, which nobody
    /// runs here: so it follows from the seed.
    pub(crate) fn mask_key(&self) -> [u8; 4] {
        self.mask_keys.borrow_mut().random()
    }

    /// One more client knows its position in the feed.
    pub(crate) fn positioned(&self, of: u32) {
        if self.progress.connected.fetch_add(1, Relaxed) + 1 == of {
            self.progress.news.notify_one();
        }
    }

    pub(crate) fn delivered(&self) {
        let Delivered(count) = &self.progress.delivered[self.worker as usize];
        count.store(count.load(Relaxed) + 1, Relaxed);
    }

    pub(crate) fn give_up(&self, why: String) {
        self.progress.gave_up.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.progress.news.notify_one();
    }

    pub(crate) fn opened(&self, client: u32, meter: Meter) {
        self.at_place(client, |place| place.open = Some(meter));
    }

    pub(crate) fn closed(&self, client: u32) {
        if let Some(meter) = self.at_place(client, |place| place.open.take()) {
            self.over_bytes.set(self.over_bytes.get() + bytes_of(&meter));
        }
    }

    /// The connection that a client has opened is all its neighbours' from now on. Gives what it is closed by.
    pub(crate) fn opened_for_all(&self, client: u32) -> Option<usize> {
        let meter = self.at_place(client, |place| place.open.take())?;
        Some(self.shared_meters.borrow_mut().insert(meter))
    }

    pub(crate) fn closed_for_all(&self, key: Option<usize>) {
        if let Some(meter) = key.and_then(|key| self.shared_meters.borrow_mut().try_remove(key)) {
            self.over_bytes.set(self.over_bytes.get() + bytes_of(&meter));
        }
    }

    /// Tells the recorder of the bytes so far.
    pub(crate) fn tell_total(&self) {
        let bytes = self.bytes();
        self.recorder().total(bytes);
    }

    /// Bytes of all connections so far, both directions.
    pub(crate) fn bytes(&self) -> u64 {
        self.over_bytes.get()
            + self.places.borrow().iter().filter_map(|place| place.open.as_ref()).map(bytes_of).sum::<u64>()
            + self.shared_meters.borrow().iter().map(|(_, meter)| bytes_of(meter)).sum::<u64>()
    }
}

/// The cell as one client sees it: for a future that has the session to itself.
pub(crate) struct InCell {
    pub(crate) shared: Rc<Shared>,
    pub(crate) client: u32,
}

impl InCell {
    /// Waits for `future`, but no longer than the cell lasts.
    // No async function: that would have the room of the future twice.
    pub(crate) fn unless_over<F: Future + Unpin>(&self, mut future: F) -> impl Future<Output = Option<F::Output>> {
        poll_fn(move |cx| match Pin::new(&mut future).poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.shared.over() => Poll::Ready(None),
            Poll::Pending => {
                self.shared.at_place(self.client, |place| match &mut place.waits {
                    Some(waker) => waker.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                });
                Poll::Pending
            }
        })
    }
}

fn bytes_of(meter: &Meter) -> u64 {
    meter.counts().written() + meter.counts().read()
}
