//! Polling (RFC 6202 section 2.1, "short polling"): a request on a timer, answered at once.
//!
//! **Latency.** Let T be the interval and d one transit. A poll that reads the feed at t brings what was published in
//! (t − T, t], d later. Where the instants of publication and of polling have nothing to do with each other, an event is
//! uniform on that interval, and its latency is uniform on (d, T + d), with the mean T/2 + d. A timer that is set anew after
//! each answer makes it T + 2d from poll to poll: mean T/2 + 2d, at most T + 3d.
//!
//! **Empty polls.** With Poisson arrivals of the rate λ, no event in T has the probability exp(−λT); a poll that is not
//! empty brings λT / (1 − exp(−λT)) events. With a fixed gap a, an interval that is shorter than a meets an event in the
//! share T/a of all cases, and a longer one always: max(0, 1 − T/a) are empty.
//!
//! **Fixed gaps in step.** The remainders of the publication instants by T are a lattice: where a/T is p/q in lowest terms
//! they have q values, T/q apart, and each client has q latencies. Over clients whose phases are spread at random these
//! are uniform all the same. Where all clients poll in step, their offset is the experiment's accident, and there is no
//! expectation unless the lattice is fine ([`lattice_steps`]).

use feedbench_record::scenario::Arrivals;

use super::latency::Wait;

/// From one poll to the next where the timer is set anew after each answer (s). feedbench polls on a fixed grid, and other
/// clients often do this.
#[cfg_attr(not(test), expect(dead_code, reason = "feedbench's own clients poll on a grid"))]
pub(crate) fn restarted_period_s(interval_s: f64, transit_s: f64) -> f64 {
    interval_s + 2.0 * transit_s
}

/// How long an event waits for the next poll, `period_s` from poll to poll.
pub(crate) fn wait(period_s: f64) -> Wait {
    Wait::uniform(period_s)
}

/// The share of polls that bring nothing (0 to 1).
pub(crate) fn empty_share(arrivals: Arrivals, rate_per_s: f64, period_s: f64) -> f64 {
    match arrivals {
        Arrivals::Poisson => (-rate_per_s * period_s).exp(),
        Arrivals::Fixed => (1.0 - rate_per_s * period_s).max(0.0),
    }
}

/// The mean number of events in an answer that has some; 1 at least.
pub(crate) fn events_per_non_empty_poll(arrivals: Arrivals, rate_per_s: f64, period_s: f64) -> f64 {
    let events = rate_per_s * period_s;
    let full = 1.0 - empty_share(arrivals, rate_per_s, period_s);
    if full > 0.0 { (events / full).max(1.0) } else { 1.0 }
}

/// The number q of different remainders that multiples of the gap leave by the period, if there are `at_most` so many.
/// The comparison is to a millionth of the period: more exactly, no schedule in microseconds is kept.
pub(crate) fn lattice_steps(gap_s: f64, period_s: f64, at_most: u32) -> Option<u32> {
    let turns = gap_s / period_s;
    (1..=at_most).find(|&steps| {
        let remainder = (f64::from(steps) * turns).fract();
        remainder.min(1.0 - remainder) < 1e-6
    })
}

/// The standard deviation of the share of empty polls that one realisation of Poisson arrivals shows in a window.
///
/// Polls that are spread over the period look at all instants of the window alike: the share is the time average of the
/// indicator "nothing in the period before". Two instants u apart, u < T, are both empty with the probability
/// exp(−λ(T + u)), and independent beyond T, so that the covariance is exp(−λ(T + u)) − exp(−2λT). Twice its integral
/// over u from 0 to T, divided by the window, is the variance (an upper bound, close for windows of many periods):
/// 2/W · [exp(−λT)(1 − exp(−λT))/λ − T exp(−2λT)].
pub(crate) fn empty_share_deviation(rate_per_s: f64, period_s: f64, window_s: f64) -> f64 {
    let empty = (-rate_per_s * period_s).exp();
    let integral = if rate_per_s > 0.0 { empty * (1.0 - empty) / rate_per_s } else { period_s };
    (2.0 / window_s * (integral - period_s * empty * empty)).max(0.0).sqrt()
}

/// The same where all clients poll in step: W/T intervals that do not overlap, each empty or not by itself.
pub(crate) fn empty_share_deviation_in_step(rate_per_s: f64, period_s: f64, window_s: f64) -> f64 {
    let empty = (-rate_per_s * period_s).exp();
    (empty * (1.0 - empty) * period_s / window_s).sqrt()
}
