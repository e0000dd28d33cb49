//! Which members' sockets can be read or written again.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Release};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

/// The members whose bell has rung, in that order. One task takes them, and is woken by the first.
#[derive(Debug, Default)]
pub(super) struct Rung {
    members: Mutex<VecDeque<u32>>,
    reader: AtomicWaker,
}

/// The bell of one member. It may outlive its member, and then rings for whoever has the number by then: who is asked in
/// vain loses nothing.
#[derive(Debug)]
struct Bell {
    member: u32,
    has_rung: AtomicBool,
    rung: Arc<Rung>,
}

/// A member's own end of its bell.
#[derive(Debug)]
pub(super) struct Rope {
    bell: Arc<Bell>,
    waker: Waker,
}

impl Rung {
    /// Has `waker` woken by the next bell. Those that rang before are to be taken after this.
    pub(super) fn wake(&self, waker: &Waker) {
        self.reader.register(waker);
    }

    /// The member that has waited longest.
    pub(super) fn take(&self) -> Option<u32> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// A bell for a member.
    pub(super) fn hang(self: &Arc<Self>, member: u32) -> Rope {
        let bell = Arc::new(Bell { member, has_rung: AtomicBool::new(false), rung: Arc::clone(self) });
        Rope { waker: Waker::from(Arc::clone(&bell)), bell }
    }
}

impl Rope {
    /// Rings.
    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Whatever rings after this, rings again.
    pub(super) fn answer(&self) {
        self.bell.has_rung.store(false, Release);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.has_rung.swap(true, AcqRel) {
            self.rung.members.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.member);
            self.rung.reader.wake();
        }
    }
}
