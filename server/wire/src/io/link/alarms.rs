//! Alarms to the microsecond. The runtime's timers are 1 ms coarse and late by up to two of them, and a distance would be
//! wrong by that much each way.
//!
//! All alarms of a worker lie in one list, by their instants, and one timerfd (timerfd_create(2)) is set to the first of
//! them. Distances are alike, so a new alarm is nearly always the last one: the timer is set once for each that rings.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

/// The alarms of one runtime, which its end silences.
#[derive(Clone, Debug)]
pub(super) struct Alarms(Arc<Clock>);

#[derive(Debug)]
struct Clock {
    timer: AsyncFd<OwnedFd>,
    waiting: Mutex<Waiting>,
}

/// Who waits, in the order of their instants.
#[derive(Debug, Default)]
struct Waiting {
    wakers: BTreeMap<(Instant, u64), Waker>,
    /// Tells alarms of one instant apart.
    next_number: u64,
}

impl Alarms {
    /// Alarms in the current runtime.
    ///
    /// # Errors
    /// When the process may have no more files.
    ///
    /// # Panics
    /// Outside of a runtime with I/O.
    pub(super) fn new() -> io::Result<Alarms> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(deprecated, reason = "it is unsound for what may close its descriptor, and its successor is unsafe")]
        let timer = AsyncFd::new(timer)?;
        let clock = Arc::new(Clock { timer, waiting: Mutex::default() });
        tokio::spawn(ring(Arc::clone(&clock)));
        Ok(Alarms(clock))
    }

    /// An alarm for this instant.
    pub(super) fn at(&self, due: Instant) -> Alarm {
        Alarm { alarms: self.clone(), due, number: None }
    }
}

impl Clock {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the timer to the first alarm. The descriptor and the duration are good, so that there is nothing to fail.
    fn set(&self, waiting: &Waiting) {
        let Some(((due, _), _)) = waiting.wakers.first_key_value() else { return };
        // Nothing at all would stop the timer.
        let left = due.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let first = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let once = Itimerspec { it_interval: zero, it_value: first };
        let _ = timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once);
    }
}

/// Wakes whoever is due, each time the timer expires.
async fn ring(clock: Arc<Clock>) {
    while let Ok(mut expired) = clock.timer.readable().await {
        // To set the timer again takes the place of reading it.
        expired.clear_ready();
        let now = Instant::now();
        let due = {
            let mut waiting = clock.waiting();
            let later = waiting.wakers.split_off(&(now, u64::MAX));
            let due = std::mem::replace(&mut waiting.wakers, later);
            clock.set(&waiting);
            due
        };
        due.into_values().for_each(Waker::wake);
    }
}

/// Waits for an instant. Nobody waits for it any more once it is dropped.
#[derive(Debug)]
pub(super) struct Alarm {
    alarms: Alarms,
    due: Instant,
    /// Its number in the list, if it was ever in there.
    number: Option<u64>,
}

impl Alarm {
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Waits for another instant instead.
    pub(super) fn reset(&mut self, due: Instant) {
        self.leave();
        self.due = due;
    }

    fn leave(&mut self) {
        let Some(number) = self.number.take() else { return };
        let waker = self.alarms.0.waiting().wakers.remove(&(self.due, number));
        // Only now: with it may go a task, and with that one other alarms.
        drop(waker);
    }

    fn enter(&mut self, waker: &Waker) {
        let mut waiting = self.alarms.0.waiting();
        let number = *self.number.get_or_insert_with(|| {
            waiting.next_number += 1;
            waiting.next_number
        });
        let key = (self.due, number);
        let before = waiting.wakers.insert(key, waker.clone());
        if before.is_none() && waiting.wakers.first_key_value().is_some_and(|(first, _)| *first == key) {
            self.alarms.0.set(&waiting);
        }
        drop(waiting);
        drop(before);
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.due {
            self.leave();
            return Poll::Ready(());
        }
        self.enter(cx.waker());
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn alarms_ring_in_the_order_of_their_instants_and_never_early() {
        let alarms = Alarms::new().unwrap();
        let (start, order) = (Instant::now(), Mutex::new(Vec::new()));
        let wait = async |ms| {
            let due = start + Duration::from_millis(ms);
            alarms.at(due).await;
            assert!(Instant::now() >= due);
            order.lock().unwrap().push(ms);
        };
        tokio::join!(wait(300), wait(1), wait(150), wait(150), wait(0));
        assert_eq!(*order.lock().unwrap(), [0, 1, 150, 150, 300]);
        assert!(alarms.0.waiting().wakers.is_empty());
    }

    #[tokio::test]
    async fn an_alarm_that_is_dropped_or_reset_leaves_nothing_behind() {
        let alarms = Alarms::new().unwrap();
        let far = Instant::now() + Duration::from_secs(3_600);
        let mut alarm = alarms.at(far);
        let poll = |alarm: &mut Alarm| Pin::new(alarm).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll(&mut alarm).is_pending() && poll(&mut alarm).is_pending());
        assert_eq!(alarms.0.waiting().wakers.len(), 1);
        alarm.reset(Instant::now());
        assert!(poll(&mut alarm).is_ready() && alarms.0.waiting().wakers.is_empty());
        alarm.reset(far);
        assert!(poll(&mut alarm).is_pending());
        drop(alarm);
        assert!(alarms.0.waiting().wakers.is_empty());
    }
}
