//! A distribution of delivery latencies in closed form.
//!
//! All transports share one shape, a sum of three parts that do not depend on each other:
//!
//! - the *transit*, the same for every delivery;
//! - the *place* in the release, uniform on (0, fan-out): one core serves the clients of a topic one after the other;
//! - the *wait* for the next reading of the feed: none for a share of the events, uniform for the others ([`Wait`]).
//!
//! The sum of a uniform on (0, a) and one on (0, b) has the trapezoid as density. Its distribution function is
//! `[x² − (x−a)²₊ − (x−b)²₊ + (x−a−b)²₊] / 2ab`, where `y₊` is y above 0 and 0 below.

/// How long an event waits until the feed is read for its client (s): not at all with the probability `at_once`, and
/// uniformly on (0, `longest_s`) otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wait {
    /// The share of the events that do not wait (0 to 1).
    pub(crate) at_once: f64,
    /// The longest wait of the others (s).
    pub(crate) longest_s: f64,
}

impl Wait {
    /// Every event is read when it is published.
    pub(crate) const NONE: Wait = Wait { at_once: 1.0, longest_s: 0.0 };

    /// Every event waits, uniformly on (0, `longest_s`).
    pub(crate) const fn uniform(longest_s: f64) -> Wait {
        Wait { at_once: 0.0, longest_s }
    }

    /// The mean (s).
    pub(crate) fn mean_s(self) -> f64 {
        (1.0 - self.at_once) * self.longest_s / 2.0
    }

    /// The variance (s²): the second moment of a uniform on (0, b) is b² / 3.
    pub(crate) fn variance_s2(self) -> f64 {
        (1.0 - self.at_once) * self.longest_s.powi(2) / 3.0 - self.mean_s().powi(2)
    }
}

/// An expected distribution of delivery latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Latency {
    transit_s: f64,
    fan_out_s: f64,
    wait: Wait,
}

impl Latency {
    /// The sum of transit, place and wait. No duration is negative.
    pub(crate) fn new(transit_s: f64, fan_out_s: f64, wait: Wait) -> Latency {
        Latency { transit_s, fan_out_s, wait }
    }

    /// The mean (s).
    pub(crate) fn mean_s(&self) -> f64 {
        self.transit_s + self.fan_out_s / 2.0 + self.wait.mean_s()
    }

    /// The shortest (s).
    pub(crate) fn min_s(&self) -> f64 {
        self.transit_s
    }

    /// The longest (s).
    pub(crate) fn max_s(&self) -> f64 {
        let wait_s = if self.wait.at_once < 1.0 { self.wait.longest_s } else { 0.0 };
        self.transit_s + self.fan_out_s + wait_s
    }

    /// The share of the deliveries (0 to 1) that take `latency_s` at most.
    pub(crate) fn share_within(&self, latency_s: f64) -> f64 {
        let rest_s = latency_s - self.transit_s;
        let at_once = self.wait.at_once;
        at_once * ramp(rest_s, self.fan_out_s)
            + (1.0 - at_once) * trapezoid(rest_s, self.fan_out_s, self.wait.longest_s)
    }

    /// By how much the share within `latency_s` differs from one wait to another: the standard deviation, over waits, of the
    /// share of places that come within it after this wait. Clients fill the places of every release, and only waits are
    /// left to chance. The mean square over a uniform wait is the integral of `ramp²`.
    pub(crate) fn share_deviation(&self, latency_s: f64) -> f64 {
        let rest_s = latency_s - self.transit_s;
        let Wait { at_once, longest_s } = self.wait;
        let waiting = if longest_s > 0.0 {
            (ramp_squared_integral(rest_s, self.fan_out_s) - ramp_squared_integral(rest_s - longest_s, self.fan_out_s))
                / longest_s
        } else {
            ramp(rest_s, self.fan_out_s).powi(2)
        };
        let square = at_once * ramp(rest_s, self.fan_out_s).powi(2) + (1.0 - at_once) * waiting;
        (square - self.share_within(latency_s).powi(2)).max(0.0).sqrt()
    }

    /// The latency (s) that the share `q` (0 to 1, limited to it) does not exceed: the smallest one with this property,
    /// halved down to the resolution of the number.
    pub(crate) fn quantile_s(&self, q: f64) -> f64 {
        let q = q.clamp(0.0, 1.0);
        let (mut below, mut enough) = (self.min_s(), self.max_s());
        if self.share_within(below) >= q {
            return below;
        }
        for _ in 0..64 {
            let middle = (below + enough) / 2.0;
            if self.share_within(middle) >= q {
                enough = middle;
            } else {
                below = middle;
            }
        }
        enough
    }
}

/// The distribution function of a uniform on (0, `a`), and of the constant 0 where `a` is 0.
fn ramp(x: f64, a: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x >= a {
        1.0
    } else {
        x / a
    }
}

/// The integral of the square of [`ramp`] up to `x`.
fn ramp_squared_integral(x: f64, a: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x < a {
        x.powi(3) / (3.0 * a * a)
    } else {
        x - a * 2.0 / 3.0
    }
}

/// The distribution function of the sum of uniforms on (0, `a`) and (0, `b`).
fn trapezoid(x: f64, a: f64, b: f64) -> f64 {
    let (short, long) = if a < b { (a, b) } else { (b, a) };
    // So short a side rounds no corner that a number could show, and the difference of squares would lose its digits.
    if short <= long * 1e-6 {
        return ramp(x - short / 2.0, long);
    }
    if x >= a + b {
        return 1.0;
    }
    let square = |y: f64| y.max(0.0).powi(2);
    (square(x) - square(x - a) - square(x - b)) / (2.0 * a * b)
}
