//! The figures of a process with their bounds: what the inputs leave open, what no model holds, and the sampling error.

use feedbench_record::scenario::Arrivals;

use super::expectation::{DEVIATIONS, Expectation, POLL_LATENESS_SHARE, POLLS_SKIPPED_SHARE, WAKE_UP_S};
use super::model::{Model, Process};
use super::polling;

impl Model {
    /// The events that one realisation has in the window, over all topics.
    fn events(&self) -> f64 {
        (self.rate_per_s * self.window_s * self.topics).max(1.0)
    }

    /// How many independent waits the window shows; infinitely many where nothing is left to chance.
    ///
    /// Polls at spread phases: the waits of any two pairs of client and event are independent, because each is the
    /// difference of a uniform phase and an instant, modulo the interval. In step, all clients of a topic have one wait.
    fn independent_waits(&self) -> f64 {
        let of_one = match (self.process, self.arrivals) {
            (Process::Polling { in_step: false, .. }, Arrivals::Poisson) => self.clients * self.events() / self.topics,
            (Process::Polling { in_step: false, interval_s }, Arrivals::Fixed) => {
                self.clients * self.instants(interval_s)
            }
            (Process::Polling { interval_s, .. }, Arrivals::Fixed) => self.topics * self.instants(interval_s),
            (Process::Polling { .. }, Arrivals::Poisson) => self.events(),
            (Process::LongPolling { .. }, _) => {
                let waits = self.cycle().and_then(|cycle| cycle.effective_events(self.window_s));
                waits.map_or(f64::INFINITY, |waits| waits * self.topics)
            }
            (Process::Pushed { lifetime_s: None }, _) => f64::INFINITY,
            (Process::Pushed { .. }, _) => self.events(),
        };
        of_one / self.shrinking().powi(2)
    }

    /// By how much the median over realisations varies less than one of them: the median of n normal values has the
    /// variance π/2n for large n, and never more than one value has.
    pub(super) fn shrinking(&self) -> f64 {
        (std::f64::consts::FRAC_PI_2 / self.realisations).sqrt().min(1.0)
    }

    /// What no model of the latency holds (s): waking up, and polls that start late.
    fn slack_s(&self) -> f64 {
        match self.process {
            Process::Polling { interval_s, .. } => WAKE_UP_S + POLL_LATENESS_SHARE * interval_s,
            _ => WAKE_UP_S,
        }
    }

    /// The mean latency (s).
    pub(super) fn mean_s(&self) -> Expectation {
        let sampling_s = DEVIATIONS * (self.wait().variance_s2() / self.independent_waits()).max(0.0).sqrt();
        let [short, long] = self.extremes().map(|model| model.latency().mean_s());
        let slack_s = self.slack_s() + sampling_s;
        Expectation { value: self.latency().mean_s(), low: (short - slack_s).max(0.0), high: long + slack_s }
    }

    /// The latency (s) that the share `q` does not exceed. The share that a window shows within it varies with the waits of
    /// the window, and the quantiles at both ends of that variation turn it into seconds.
    pub(super) fn quantile_s(&self, q: f64) -> Expectation {
        let latency = self.latency();
        let of_one_wait = latency.share_deviation(latency.quantile_s(q));
        let sampling = DEVIATIONS * of_one_wait / self.independent_waits().sqrt();
        let [short, long] = self.extremes().map(|model| model.latency());
        Expectation {
            value: latency.quantile_s(q),
            low: (short.quantile_s(q - sampling) - self.slack_s()).max(0.0),
            high: long.quantile_s(q + sampling) + self.slack_s(),
        }
    }

    /// The share of requests that bring nothing; `None` where nobody asks.
    pub(super) fn empty_share(&self) -> Option<Expectation> {
        match self.process {
            Process::Pushed { .. } => None,
            Process::Polling { interval_s, in_step } => {
                let value = polling::empty_share(self.arrivals, self.rate_per_s, interval_s);
                let deviation = match (self.arrivals, in_step) {
                    (Arrivals::Poisson, false) => polling::empty_share_deviation,
                    (Arrivals::Poisson, true) => polling::empty_share_deviation_in_step,
                    // One event more or less at an edge of the window.
                    (Arrivals::Fixed, _) => |_, interval_s, window_s| interval_s / window_s / DEVIATIONS,
                };
                let deviation = deviation(self.rate_per_s, interval_s, self.window_s) / self.topics.sqrt();
                Some(Expectation::within(value, DEVIATIONS * deviation * self.shrinking() + POLLS_SKIPPED_SHARE))
            }
            Process::LongPolling { .. } => {
                let share = |model: Model| model.cycle().map(|cycle| cycle.empty_share());
                let [short, long] = self.extremes();
                let (value, high, low) = (share(*self)?, share(short)?, share(long)?);
                let answers = self.cycle()?.answers_per_s() * self.window_s * self.topics;
                let sampling = DEVIATIONS * (value * (1.0 - value) / answers).sqrt() * self.shrinking() + 1.0 / answers;
                Some(Expectation { value, low: (low - sampling).max(0.0), high: (high + sampling).min(1.0) })
            }
        }
    }

    /// The requests that are answered in a second, over all clients; `None` where nobody asks.
    pub(super) fn polls_per_s(&self) -> Option<Expectation> {
        match self.process {
            Process::Pushed { .. } => None,
            Process::Polling { interval_s, in_step } => {
                // A window has one instant of a client's grid more or less, and spread phases average that.
                let edge = interval_s / self.window_s / if in_step { 1.0 } else { self.clients.sqrt() };
                let value = self.clients / interval_s;
                Some(Expectation::within(value, value * (POLLS_SKIPPED_SHARE + edge)))
            }
            Process::LongPolling { .. } => {
                let rate = |model: Model| model.cycle().map(|cycle| model.clients * cycle.answers_per_s());
                let [short, long] = self.extremes();
                let (value, high, low) = (rate(*self)?, rate(short)?, rate(long)?);
                let cycle = self.cycle()?;
                let sampling =
                    DEVIATIONS * cycle.answers_deviation(self.window_s) * self.shrinking() / self.topics.sqrt();
                // One answer more or less at an edge of the window.
                let bound = sampling + 1.0 / (cycle.answers_per_s() * self.window_s);
                Some(Expectation { value, low: (low * (1.0 - bound)).max(0.0), high: high * (1.0 + bound) })
            }
        }
    }
}
