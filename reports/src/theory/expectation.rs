//! One expected figure with its bound, and why a figure may have none.

use feedbench_record::judge;

/// The share of windows whose figures the sampling error holds: 99 % of a normal distribution lie within so many standard
/// deviations.
pub(crate) const DEVIATIONS: f64 = 2.576;
/// The fan-out may be this much shorter or longer than CPU time over deliveries says: the CPU time holds more than the
/// release, and the order of a release is not quite that of a queue. Chosen, not measured.
pub(crate) const FAN_OUT_SHARE: f64 = 0.25;
/// What waking two processes up may take beside all that is modelled (s). Chosen, not measured.
pub(crate) const WAKE_UP_S: f64 = 200e-6;
/// A poll may be late by this share of the interval before its cell is invalid, so nothing finer is claimed.
pub(crate) const POLL_LATENESS_SHARE: f64 = judge::POLL_LATENESS_SHARE;
/// The share of polls that may be skipped in a valid cell.
pub(crate) const POLLS_SKIPPED_SHARE: f64 = judge::POLLS_SKIPPED_SHARE;
/// What is counted byte by byte may differ by this share: events that are on their way at an edge of the cell.
pub(crate) const COUNTED_SHARE: f64 = 0.005;

/// What theory expects, and from where to where a measurement agrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Expectation {
    /// The expected figure.
    pub(crate) value: f64,
    /// The lowest measurement that agrees.
    pub(crate) low: f64,
    /// The highest one.
    pub(crate) high: f64,
}

impl Expectation {
    /// A figure with the same bound on both sides, and none below 0.
    pub(crate) fn within(value: f64, bound: f64) -> Expectation {
        Expectation { value, low: (value - bound).max(0.0), high: value + bound }
    }

    /// Every end in another unit; `factor` is above 0.
    pub(crate) fn times(self, factor: f64) -> Expectation {
        Expectation { value: self.value * factor, low: self.low * factor, high: self.high * factor }
    }

    /// Does a measurement lie within the bound? An end is not missed by the rounding of a number.
    pub(crate) fn agrees(&self, measured: f64) -> bool {
        let rounding = 1e-9 * self.high.abs().max(measured.abs());
        (self.low - rounding..=self.high + rounding).contains(&measured)
    }

    /// By which share of the expected figure a measurement differs; `None` where nothing is expected and something was
    /// measured.
    pub(crate) fn deviation(&self, measured: f64) -> Option<f64> {
        // The share of requests that a hold time of many events leaves empty is some number, and none that can be seen.
        const NOTHING: f64 = 1e-9;
        if self.value < NOTHING { (measured < NOTHING).then_some(0.0) } else { Some(measured / self.value - 1.0) }
    }
}

/// Why there is no expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// No valid repetition stands behind the figure.
    Invalid,
    /// Each answer brings the next request: the machine sets the pace, and no theory does.
    Closed,
    /// The events come at the pace of a recording, or have its lengths.
    Replay,
    /// The events come when somebody writes them.
    Stdin,
    /// The server is not one of feedbench's own, and tells neither its CPU time nor its schedule.
    OtherServer,
    /// Nothing was published, or nobody knows how much.
    NoEvents,
    /// The CPU time was not measured.
    NoCpu,
    /// All clients poll in step with publications at equal gaps: so few instants of the interval occur that their
    /// accidental offset decides.
    InStep,
    /// Jitter or a line stretches some transits and not others.
    Network,
    /// A release is not over when the next one begins.
    Overlap,
    /// Neither HTTP/1.1 nor plain text.
    Protocol,
    /// Recycled streams say their heads again, as often as the cell lasts.
    Recycled,
    /// The byte ledger is missing.
    NoLedger,
}
