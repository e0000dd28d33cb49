//! How far the two ends are from each other: a path that many connections have, its timers, and its own error.

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
use feedbench_record::ledger::Way;
use tokio::time::{Instant, Sleep, sleep_until};

use super::alarms::{Alarm, Alarms};
use super::path::{Draws, Path};

/// What links make: a round-trip time, its jitter, and the rate of a line. Its clones have one round-trip time, which
/// may change at any time and holds for what starts its way from then on; jitter and rate stay. A default is no distance.
#[derive(Clone, Debug, Default)]
pub struct Distance {
    apart: Arc<Apart>,
    /// Those of a connection, once it is one's own.
    draws: Draws,
}

#[derive(Debug, Default)]
struct Apart {
    rtt_us: AtomicU32,
    /// With the round-trip time of the beginning.
    path: Path,
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
        Distance::of(Path { rtt, ..Path::default() })
    }

    /// The distance of a path, on the same timers.
    pub fn of(path: Path) -> Distance {
        Distance::over(path, None)
    }

    /// A distance to measure with: its timers are exact to what the machine is late by, and its own error is counted.
    ///
    /// # Errors
    /// When the process may have no more files.
    ///
    /// # Panics
    /// Outside of a runtime with I/O. What has this distance is to be used in the same one.
    pub fn exact(path: Path) -> io::Result<Distance> {
        let error = Mutex::new(Error { window: None, histogram: Histogram::new(Precision::Fine) });
        Ok(Distance::over(path, Some(Exact { alarms: Alarms::new()?, error })))
    }

    fn over(path: Path, exact: Option<Exact>) -> Distance {
        let apart = Apart { rtt_us: AtomicU32::new(0), path, exact };
        let distance = Distance { apart: Arc::new(apart), draws: Draws::of(path.seed, 0, 0) };
        distance.set_rtt(path.rtt);
        distance
    }

    /// The same for one connection, whose jitter follows from the seed, its client, and its number among those of the client.
    pub fn of_connection(&self, client: u32, connection: u32) -> Distance {
        Distance { apart: Arc::clone(&self.apart), draws: Draws::of(self.apart.path.seed, client, connection) }
    }

    /// Changes the round-trip time, to the microsecond. At most 71 minutes; more is taken for that.
    pub fn set_rtt(&self, rtt: Duration) {
        self.apart.rtt_us.store(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX), Relaxed);
    }

    /// The round-trip time.
    pub fn rtt(&self) -> Duration {
        Duration::from_micros(self.apart.rtt_us.load(Relaxed).into())
    }

    /// Waits for as long as something without content takes this way, as a SYN, ahead of everything else.
    pub async fn cross(&self, way: Way) {
        let start = Instant::now();
        let due = start + self.transit(way, 0);
        self.timer(due).await;
        self.moved(start, due);
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

    /// Does everything arrive when it starts?
    pub(super) fn is_none(&self) -> bool {
        let Path { jitter, bandwidth_bits_per_s, .. } = self.apart.path;
        self.rtt().is_zero() && jitter.is_zero() && bandwidth_bits_per_s.is_none()
    }

    /// The rate of the line, if it has one.
    pub(super) fn bandwidth_bits_per_s(&self) -> Option<u64> {
        self.apart.path.bandwidth_bits_per_s
    }

    /// How long a piece takes behind the line: half of the round-trip time, and the jitter that is drawn for it.
    pub(super) fn transit(&self, way: Way, piece: u32) -> Duration {
        let (half, jitter) = (self.rtt() / 2, self.apart.path.jitter);
        (half + self.draws.above_least(jitter, way, piece)).saturating_sub(jitter)
    }

    /// Something that started at this instant and was due at that one has just been moved.
    pub(super) fn moved(&self, start: Instant, due: Instant) {
        let Some(mut error) = self.error() else { return };
        if error.window.as_ref().is_some_and(|window| window.contains(&start)) {
            error.histogram.record(Instant::now().saturating_duration_since(due).as_micros() as i64);
        }
    }

    /// Waits for an instant.
    pub(super) fn timer(&self, due: Instant) -> Timer {
        match &self.apart.exact {
            Some(exact) => Timer::Alarm(exact.alarms.at(due)),
            None => Timer::Runtime(Box::pin(sleep_until(due))),
        }
    }

    fn error(&self) -> Option<MutexGuard<'_, Error>> {
        let exact = self.apart.exact.as_ref()?;
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
