//! Long polling (RFC 6202 section 2): the server holds the request until there is something to say, and the client asks
//! again when it has its answer.
//!
//! **The cycle.** After an answer the server has no request of the client for the gap g: the answer's transit, the next
//! request's, and whatever turns it around (g = 2d where nothing else does). Let λ be the rate, x = λg, and H the time for
//! which the server holds a request. N events come in the gap, Poisson with the mean x. If there are some, the next request
//! finds them: they waited uniformly on (0, g), and are answered in one batch, d later. If there is none, the request
//! is held. The first event is answered at once, unless H passes before, with the probability exp(−λH): then the
//! answer is empty, and the next cycle begins.
//!
//! Let e = exp(−x) (1 − exp(−λH)) be the share of answers with an event that found the request held. Then an answer has
//! x + e events in the mean, of which e do not wait:
//!
//! - mean latency d + x (g/2) / (x + e), which is [λg (g/2 + d) + exp(−λg) d] / [λg + exp(−λg)] for H → ∞: d for λ → 0,
//!   2d for λ → ∞ and g = 2d;
//! - answers per second 1 / (g + e/λ), because a request is held for e/λ in the mean;
//! - share of empty answers exp(−λ(g + H)): nothing in the gap, and nothing as long as the request is held.
//!
//! The longest latency is g + d: 3d. Fixed gaps a: an event that comes after the gap has passed (a > g) always finds the
//! request held, and otherwise there is a batch every g with the mean g/2 + d over all phases.
//!
//! **One realisation.** All clients of a topic share the arrivals, and wait together for the same event. A window of W
//! seconds is W/(g + e/λ) cycles, however many clients there are. With K events and S seconds of waiting in a cycle, the
//! mean m of all waits is the ratio E\[S\]/E\[K\], and its variance E\[(S − mK)²\] / (n E\[K\]²) over n cycles, where
//! E\[S\] = xg/2, E\[S²\] = xg²/3 + (xg/2)², E\[SK\] = (g/2)(x + x²), E\[K²\] = x + x² + e. At λ = 4/s and d = 50 ms the mean
//! latency of a window of 10, 30, 60 or 120 s has 7.4, 4.3, 3.0 or 2.1 % as its standard deviation.

use feedbench_record::scenario::Arrivals;

use super::latency::Wait;

/// The cycle of answers and requests of one client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cycle {
    /// How the events are spaced.
    pub(crate) arrivals: Arrivals,
    /// Events a second; 0 for a feed that stays silent, with Poisson arrivals.
    pub(crate) rate_per_s: f64,
    /// From an answer to the next request's arrival at the server (s).
    pub(crate) gap_s: f64,
    /// How long the server holds a request (s).
    pub(crate) hold_s: f64,
}

impl Cycle {
    /// λg: the events that come in a gap.
    fn in_gap(&self) -> f64 {
        self.rate_per_s * self.gap_s
    }

    /// e: the events of an answer that found the request held; with Poisson arrivals.
    fn held(&self) -> f64 {
        (-self.in_gap()).exp() * -(-self.rate_per_s * self.hold_s).exp_m1()
    }

    /// e/λ: how long a request is held in the mean (s); to its end where no event ever comes.
    fn held_s(&self) -> f64 {
        if self.rate_per_s > 0.0 { self.held() / self.rate_per_s } else { self.hold_s }
    }

    /// Do fixed gaps find every request held?
    fn finds_all_held(&self) -> bool {
        self.in_gap() < 1.0
    }

    /// How long an event waits until a request asks for it.
    pub(crate) fn wait(&self) -> Wait {
        match self.arrivals {
            Arrivals::Poisson => {
                let events = self.events_per_answer();
                let at_once = if events > 0.0 { self.held() / events } else { 1.0 };
                Wait { at_once, longest_s: self.gap_s }
            }
            Arrivals::Fixed if self.finds_all_held() => Wait::NONE,
            Arrivals::Fixed => Wait::uniform(self.gap_s),
        }
    }

    /// The mean number of events in an answer, empty ones included.
    pub(crate) fn events_per_answer(&self) -> f64 {
        match self.arrivals {
            Arrivals::Poisson => self.in_gap() + self.held(),
            Arrivals::Fixed => self.rate_per_s / self.answers_per_s(),
        }
    }

    /// The answers a second and client.
    pub(crate) fn answers_per_s(&self) -> f64 {
        match self.arrivals {
            Arrivals::Poisson => 1.0 / (self.gap_s + self.held_s()),
            Arrivals::Fixed if self.finds_all_held() => self.rate_per_s * (1.0 + self.empty_between()),
            Arrivals::Fixed => 1.0 / self.gap_s,
        }
    }

    /// The share of answers that bring nothing (0 to 1).
    pub(crate) fn empty_share(&self) -> f64 {
        match self.arrivals {
            // Less than one answer in a billion is none.
            Arrivals::Poisson => {
                Some((-self.rate_per_s * (self.gap_s + self.hold_s)).exp()).filter(|&share| share > 1e-9).unwrap_or(0.0)
            }
            Arrivals::Fixed => self.empty_between() / (1.0 + self.empty_between()),
        }
    }

    /// Requests between two events of a fixed gap that are held to their end: each takes g + H.
    fn empty_between(&self) -> f64 {
        if self.finds_all_held() { (1.0 / (self.rate_per_s * (self.gap_s + self.hold_s))).floor() } else { 0.0 }
    }

    /// The number of independent events whose mean wait would vary as much as the mean wait of a window; `None` where
    /// nothing varies.
    pub(crate) fn effective_events(&self, window_s: f64) -> Option<f64> {
        if self.arrivals == Arrivals::Fixed {
            return None;
        }
        let (x, g, e) = (self.in_gap(), self.gap_s, self.held());
        let events = x + e;
        let mean_s = self.wait().mean_s();
        let waits2 = x * g * g / 3.0 + (x * g / 2.0).powi(2);
        let waits_events = g / 2.0 * (x + x * x);
        let events2 = x + x * x + e;
        let spread = waits2 - 2.0 * mean_s * waits_events + mean_s * mean_s * events2;
        let of_mean = spread / (window_s * self.answers_per_s() * events * events);
        (of_mean > 0.0).then(|| self.wait().variance_s2() / of_mean)
    }

    /// The relative standard deviation of the number of answers in a window: of a renewal process whose cycle has the
    /// mean m and the variance v it is sqrt(v / mW) for large W. A request is held for the minimum of H and an
    /// exponential time, whose second moment is 2/λ² · (1 − exp(−λH)(1 + λH)).
    pub(crate) fn answers_deviation(&self, window_s: f64) -> f64 {
        if self.arrivals == Arrivals::Fixed || self.rate_per_s == 0.0 {
            return 0.0;
        }
        let (rate, hold) = (self.rate_per_s, self.rate_per_s * self.hold_s);
        let second = (-self.in_gap()).exp() * 2.0 / (rate * rate) * (1.0 - (-hold).exp() * (1.0 + hold));
        ((second - self.held_s().powi(2)).max(0.0) * self.answers_per_s() / window_s).sqrt()
    }

    /// The relative standard deviation of the events per answer in a window.
    pub(crate) fn batch_deviation(&self, window_s: f64) -> f64 {
        if self.arrivals == Arrivals::Fixed || self.rate_per_s == 0.0 {
            return 0.0;
        }
        let (x, events) = (self.in_gap(), self.events_per_answer());
        let variance = x + x * x + self.held() - events * events;
        (variance.max(0.0) / (window_s * self.answers_per_s())).sqrt() / events
    }
}
