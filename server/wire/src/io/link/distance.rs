//! How far the two ends are from each other: the one place that says when something is due.

use std::future::Future;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use feedbench_record::Histogram;
use feedbench_record::histogram::Precision;
use tokio::time::{Instant, Sleep, sleep_until};

use super::alarms::{Alarm, Alarms};

/// The round-trip time that links make. Its clones are one value, which may change at any time and holds for what
/// starts its way from then on. 0 is no distance.
#[derive(Clone, Debug, Default)]
pub struct Distance(Arc<Apart>);

#[derive(Debug, Default)]
struct Apart {
    rtt_us: AtomicU32,
    exact: Option<Exact>,
}

/// A distance that is measured with: its timers are fine, and what they are late by is counted.
#[derive(Debug)]
struct Exact {
    alarms: Alarms,
    error: Mutex<Error>,
}

/// From the instant at which something was due to the one at which it was moved.
#[derive(Debug)]
struct Error {
    /// What began its way in this time counts.
    window: Option<Range<Instant>>,
    histogram: Histogram,
}

impl Distance {
    /// A distance of this round-trip time, on the runtime's timers: of 1 ms, and exact where time is simulated.
    pub fn new(rtt: Duration) -> Distance {
        let distance = Distance::default();
        distance.set_rtt(rtt);
        distance
    }

    /// A distance to measure with: its timers are exact to what the machine is late by, and its own error is counted.
    ///
    /// # Errors
    /// When the process may have no more files.
    ///
    /// # Panics
    /// Outside of a runtime with I/O. What has this distance is to be used in the same one.
    pub fn exact(rtt: Duration) -> io::Result<Distance> {
        let error = Mutex::new(Error { window: None, histogram: Histogram::new(Precision::Fine) });
        let exact = Some(Exact { alarms: Alarms::new()?, error });
        let distance = Distance(Arc::new(Apart { rtt_us: AtomicU32::new(0), exact }));
        distance.set_rtt(rtt);
        Ok(distance)
    }

    /// Changes the round-trip time, to the microsecond. At most 71 minutes; more is taken for that.
    pub fn set_rtt(&self, rtt: Duration) {
        self.0.rtt_us.store(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX), Relaxed);
    }

    /// The round-trip time.
    pub fn rtt(&self) -> Duration {
        Duration::from_micros(self.0.rtt_us.load(Relaxed).into())
    }

    /// Waits for as long as something takes one way.
    pub async fn cross(&self) {
        let due = self.due(Instant::now());
        self.timer(due).await;
        self.moved(due);
    }

    /// From now on the error of what begins its way in this time is counted, and no other.
    pub fn measure(&self, window: Range<Instant>) {
        if let Some(mut error) = self.error() {
            error.window = Some(window);
        }
    }

    /// Service instant - due instant (us) of everything that began its way in the time to be measured; `None` of a distance
    /// that is not measured with.
    pub fn errors(&self) -> Option<Histogram> {
        self.error().map(|error| error.histogram.clone())
    }

    /// When what starts its way at this instant arrives, if nothing is ahead of it.
    pub(super) fn due(&self, start: Instant) -> Instant {
        start + self.transit()
    }

    /// The time of a transit, one way.
    pub(super) fn transit(&self) -> Duration {
        self.rtt() / 2
    }

    /// Something that was due has just been moved.
    pub(super) fn moved(&self, due: Instant) {
        let Some(mut error) = self.error() else { return };
        if error.window.as_ref().is_some_and(|window| window.contains(&(due - self.transit()))) {
            error.histogram.record(Instant::now().saturating_duration_since(due).as_micros() as i64);
        }
    }

    /// Waits for an instant.
    pub(super) fn timer(&self, due: Instant) -> Timer {
        match &self.0.exact {
            Some(exact) => Timer::Alarm(exact.alarms.at(due)),
            None => Timer::Runtime(Box::pin(sleep_until(due))),
        }
    }

    fn error(&self) -> Option<MutexGuard<'_, Error>> {
        let exact = self.0.exact.as_ref()?;
        Some(exact.error.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Waits for an instant, by the clock of its distance.
#[derive(Debug)]
pub(super) enum Timer {
    Runtime(Pin<Box<Sleep>>),
    Alarm(Alarm),
}

impl Timer {
    /// Waits for this instant from now on, if it is another one.
    pub(super) fn set(&mut self, due: Instant) {
        match self {
            Timer::Runtime(sleep) if sleep.deadline() != due => sleep.as_mut().reset(due),
            Timer::Alarm(alarm) if alarm.due() != due => alarm.reset(due),
            Timer::Runtime(_) | Timer::Alarm(_) => {}
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            Timer::Runtime(sleep) => sleep.as_mut().poll(cx),
            Timer::Alarm(alarm) => Pin::new(alarm).poll(cx),
        }
    }
}
