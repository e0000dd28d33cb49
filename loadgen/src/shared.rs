//! What the clients of a worker share: where the cell stands, how far it is, and every open connection's meter.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use feedbench_wire::Clock;
use feedbench_wire::control::Timeline;
use feedbench_wire::io::Meter;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tokio::sync::{Notify, watch};

use crate::scratch::Scratch;
use crate::sources::Sources;

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
        self.end_us().is_some_and(|end_us| now_us >= end_us)
    }

    /// When the server ends the feed (us), as far as it is known.
    pub(crate) fn end_us(&self) -> Option<u64> {
        self.0.borrow().timeline.map(|timeline| timeline.end_us)
    }

    pub(crate) async fn unless_over<F: Future>(&mut self, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            _ = self.0.wait_for(|phase| phase.over) => None,
        }
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
    sources: Sources,
    scratch: Scratch,
    mask_keys: RefCell<ChaCha8Rng>,
}

impl Shared {
    pub(crate) fn new(clock: Clock, progress: Arc<Progress>, sources: Sources, mask_keys: ChaCha8Rng) -> Shared {
        let (scratch, mask_keys) = (Scratch::default(), RefCell::new(mask_keys));
        Shared { clock, progress, open: RefCell::default(), over_bytes: Cell::default(), sources, scratch, mask_keys }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Where connections leave from.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where bytes are read into.
    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
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
    pub(crate) fn bytes(&self) -> u64 {
        self.over_bytes.get() + self.open.borrow().iter().flatten().map(bytes_of).sum::<u64>()
    }
}

fn bytes_of(meter: &Meter) -> u64 {
    meter.counts().written() + meter.counts().read()
}
