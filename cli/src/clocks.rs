//! What the clocks do during a cell. Every instant of a record is one of CLOCK_MONOTONIC: the others are its witnesses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use feedbench_record::run::Clocks;
use rustix::time::{ClockId, clock_gettime};
use tokio::task::JoinHandle;

/// From one look to the next: slewing at 500 ppm changes a clock by 100 us in it.
const LOOK: Duration = Duration::from_millis(200);
/// Clocks that are read further apart than this (ns) do not make one look: the thread lost its core in between.
const APART_NS: i64 = 100_000;
/// How often a look is tried before it is left out.
const TRIES: u32 = 50;

/// Four clocks at one instant (ns).
#[derive(Clone, Copy, Debug)]
struct Look {
    monotonic: i64,
    raw: i64,
    boottime: i64,
    realtime: i64,
}

impl Look {
    fn now() -> Option<Look> {
        (0..TRIES).find_map(|_| {
            let before = ns(ClockId::Monotonic);
            let (raw, boottime, realtime) = (ns(ClockId::MonotonicRaw), ns(ClockId::Boottime), ns(ClockId::Realtime));
            let after = ns(ClockId::Monotonic);
            (after - before <= APART_NS).then_some(Look { monotonic: before.midpoint(after), raw, boottime, realtime })
        })
    }
}

fn ns(clock: ClockId) -> i64 {
    let now = clock_gettime(clock);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// All looks so far.
#[derive(Clone, Copy, Debug)]
struct Looks {
    first: Look,
    last: Look,
    step_ns: i64,
}

impl Looks {
    fn from(first: Look) -> Looks {
        Looks { first, last: first, step_ns: 0 }
    }

    fn add(&mut self, look: Look) {
        // A suspension moves both, and is not taken for a step.
        let ahead = |look: Look| look.realtime - look.boottime;
        self.step_ns = self.step_ns.max((ahead(look) - ahead(self.last)).abs());
        self.last = look;
    }

    fn clocks(&self) -> Clocks {
        let (first, last) = (self.first, self.last);
        let slept = (last.boottime - last.monotonic) - (first.boottime - first.monotonic);
        let (monotonic, raw) = (last.monotonic - first.monotonic, last.raw - first.raw);
        Clocks {
            step_us: self.step_ns as u64 / 1_000,
            suspended_us: u64::try_from(slept / 1_000).unwrap_or(0),
            rate_ppm: ((monotonic - raw) as f64 * 1e6 / raw.max(1) as f64).round() as i64,
        }
    }
}

/// Watches the clocks, until it is asked or dropped.
pub(crate) struct Watch {
    looks: Arc<Mutex<Option<Looks>>>,
    watcher: JoinHandle<()>,
}

impl Watch {
    /// Looks five times a second from now on.
    pub(crate) fn start() -> Watch {
        let looks = Arc::new(Mutex::new(None));
        look(&looks);
        let seen = Arc::clone(&looks);
        let watcher = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                look(&seen);
            }
        });
        Watch { looks, watcher }
    }

    /// What they did until now; `None` when they could not be read together.
    pub(crate) fn clocks(&self) -> Option<Clocks> {
        look(&self.looks);
        self.looks.lock().unwrap_or_else(PoisonError::into_inner).map(|looks| looks.clocks())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

fn look(looks: &Mutex<Option<Looks>>) {
    let Some(look) = Look::now() else { return };
    looks.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| Looks::from(look)).add(look);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const START: Look = Look { monotonic: 5_000_000_000, raw: 4_000_000_000, boottime: 9_000_000_000, realtime: 0 };

    /// A look so much later, with the wall clock set by `set_ns`.
    fn after(look: Look, ns: i64, set_ns: i64) -> Look {
        Look {
            monotonic: look.monotonic + ns,
            raw: look.raw + ns,
            boottime: look.boottime + ns,
            realtime: look.realtime + ns + set_ns,
        }
    }

    #[test]
    fn clocks_that_agree_have_done_nothing() {
        let mut looks = Looks::from(START);
        looks.add(after(START, 200_000_000, 0));
        assert_eq!(looks.clocks(), Clocks::default());
    }

    #[test]
    fn a_clock_that_was_set_and_set_back_is_seen() {
        for set_ns in [3_000_000, -3_000_000] {
            let mut looks = Looks::from(START);
            let set = after(START, 200_000_000, set_ns);
            looks.add(set);
            looks.add(after(set, 200_000_000, -set_ns));
            assert_eq!(looks.clocks(), Clocks { step_us: 3_000, ..Clocks::default() });
        }
    }

    #[test]
    fn a_suspension_is_no_step_and_a_rate_is_neither() {
        let mut looks = Looks::from(START);
        let mut slept = after(START, 1_000_000_000, 0);
        slept.boottime += 70_000_000;
        slept.realtime += 70_000_000;
        looks.add(slept);
        assert_eq!(looks.clocks(), Clocks { suspended_us: 70_000, ..Clocks::default() });
        let mut looks = Looks::from(START);
        looks.add(Look { raw: START.raw + 998_000_000, ..after(START, 1_000_000_000, 0) });
        assert_eq!(looks.clocks(), Clocks { rate_ppm: 2_004, ..Clocks::default() });
    }

    #[tokio::test]
    async fn the_clocks_of_this_machine_can_be_read_together() {
        assert!(Watch::start().clocks().is_some());
    }
}
