//! The processes themselves, played event by event, to hold the formulas against. A simulator knows when things happen and
//! nothing of distributions: publications come, requests leave and arrive, answers cross back.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Exp};

use super::latency::Wait;

/// What one client has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// From publication to delivery, in the order of publication (s).
    pub(super) latencies_s: Vec<f64>,
    /// The number of events in each answer.
    pub(super) answers: Vec<usize>,
    /// When the last answer was read (s).
    pub(super) until_s: f64,
}

impl Seen {
    pub(super) fn mean_s(&self) -> f64 {
        self.latencies_s.iter().sum::<f64>() / self.latencies_s.len() as f64
    }

    pub(super) fn quantile_s(&self, q: f64) -> f64 {
        let mut sorted = self.latencies_s.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[((q * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
    }

    pub(super) fn empty_share(&self) -> f64 {
        self.answers.iter().filter(|&&events| events == 0).count() as f64 / self.answers.len() as f64
    }

    pub(super) fn events_per_full_answer(&self) -> f64 {
        let full = self.answers.iter().filter(|&&events| events > 0).count();
        self.answers.iter().sum::<usize>() as f64 / full as f64
    }

    pub(super) fn events_per_answer(&self) -> f64 {
        self.answers.iter().sum::<usize>() as f64 / self.answers.len() as f64
    }

    pub(super) fn answers_per_s(&self) -> f64 {
        self.answers.len() as f64 / self.until_s
    }
}

pub(super) fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Poisson publications until `until_s`.
pub(super) fn poisson(random: &mut ChaCha8Rng, rate_per_s: f64, until_s: f64) -> Vec<f64> {
    let gaps = Exp::new(rate_per_s).expect("a rate is above 0");
    let mut at_s = 0.0;
    let next = std::iter::from_fn(|| {
        at_s += gaps.sample(random);
        Some(at_s)
    });
    next.take_while(|&at_s| at_s < until_s).collect()
}

/// Publications with equal gaps, from `first_s` on.
pub(super) fn fixed(first_s: f64, gap_s: f64, until_s: f64) -> Vec<f64> {
    (0..).map(|n| first_s + f64::from(n) * gap_s).take_while(|&at_s| at_s < until_s).collect()
}

/// One reading of the feed at `at_s` by a client whose answers take `down_s`.
fn read(seen: &mut Seen, published: &[f64], next: &mut usize, at_s: f64, down_s: f64) {
    let first = *next;
    while published.get(*next).is_some_and(|&event_s| event_s <= at_s) {
        seen.latencies_s.push(at_s + down_s - published[*next]);
        *next += 1;
    }
    seen.answers.push(*next - first);
    seen.until_s = at_s + down_s;
}

/// Polls that leave every `interval_s` from `phase_s` on, or that long after each answer.
pub(super) fn polling(published: &[f64], phase_s: f64, interval_s: f64, transit_s: f64, restarts: bool) -> Seen {
    let (mut seen, mut next, mut leaves_s) = (Seen::default(), 0, phase_s);
    while next < published.len() {
        read(&mut seen, published, &mut next, leaves_s + transit_s, transit_s);
        leaves_s = if restarts { seen.until_s + interval_s } else { leaves_s + interval_s };
    }
    seen
}

/// Requests that are held for `hold_s` at most, and asked again as soon as they are answered.
pub(super) fn long_polling(published: &[f64], transit_s: f64, hold_s: f64) -> Seen {
    let (mut seen, mut next, mut arrives_s) = (Seen::default(), 0, transit_s);
    while let Some(&event_s) = published.get(next) {
        let answered_s = event_s.max(arrives_s).min(arrives_s + hold_s);
        read(&mut seen, published, &mut next, answered_s, transit_s);
        arrives_s = seen.until_s + transit_s;
    }
    seen
}

/// A stream that lives for `lifetime_s` and is asked for again when its end was read.
pub(super) fn recycled_stream(published: &[f64], transit_s: f64, lifetime_s: f64) -> Seen {
    let (mut seen, mut begins_s) = (Seen::default(), 0.0);
    for &event_s in published {
        while event_s > begins_s + lifetime_s + 2.0 * transit_s {
            begins_s += lifetime_s + 2.0 * transit_s;
        }
        let ends_s = begins_s + lifetime_s;
        let written_s = if event_s <= ends_s { event_s } else { ends_s + 2.0 * transit_s };
        seen.latencies_s.push(written_s + transit_s - event_s);
    }
    seen
}

/// A release to `clients` by one server and one load generator with cores of their own: when each client has read (s).
pub(super) fn release(clients: usize, serves_s: f64, reads_s: f64) -> Seen {
    let (mut served_s, mut read_s, mut seen) = (0.0, 0.0_f64, Seen::default());
    for _ in 0..clients {
        served_s += serves_s;
        read_s = read_s.max(served_s) + reads_s;
        seen.latencies_s.push(read_s);
    }
    seen
}

/// The heartbeats of a connection that says something after every `silent_s` without an event.
pub(super) fn heartbeats(published: &[f64], silent_s: f64) -> usize {
    let (mut last_s, mut beats) = (0.0, 0);
    for &event_s in published {
        while last_s + silent_s < event_s {
            last_s += silent_s;
            beats += 1;
        }
        last_s = event_s;
    }
    beats
}

/// A uniform number below `end`.
pub(super) fn below(random: &mut ChaCha8Rng, end: f64) -> f64 {
    random.random_range(0.0..end)
}

/// One event's wait (s).
pub(super) fn wait(random: &mut ChaCha8Rng, wait: Wait) -> f64 {
    if below(random, 1.0) < wait.at_once { 0.0 } else { below(random, wait.longest_s) }
}
