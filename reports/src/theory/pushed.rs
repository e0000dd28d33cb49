//! Streams (RFC 6202 section 3) and WebSocket (RFC 6455): the server writes what is published, and no event waits for a
//! request: latency d.
//!
//! A stream is recycled to bound memory (section 3.2). If it lives for r seconds, and the client is away for the gap g until
//! its next request has arrived, the share g / (r + g) of the events falls into a gap and waits uniformly on (0, g). The
//! longest latency is then g + d: 3d where only transits make the gap.
//!
//! A connection that has been silent for h carries a heartbeat. At the rate λ a gap between two events is longer than k·h with
//! the probability exp(−λkh), and the sum over all k from 1 on is 1 / (exp(λh) − 1) heartbeats for each event.

use feedbench_record::scenario::Arrivals;

use super::latency::Wait;

/// How long an event waits for its client's connection; `lifetime_s` is that of a stream that is recycled.
pub(crate) fn wait(lifetime_s: Option<f64>, gap_s: f64) -> Wait {
    match lifetime_s {
        Some(lifetime_s) if gap_s > 0.0 => Wait { at_once: lifetime_s / (lifetime_s + gap_s), longest_s: gap_s },
        _ => Wait::NONE,
    }
}

/// The mean number of heartbeats between two events.
pub(crate) fn heartbeats_per_event(arrivals: Arrivals, rate_per_s: f64, silent_s: f64) -> f64 {
    match arrivals {
        Arrivals::Poisson => 1.0 / (rate_per_s * silent_s).exp_m1(),
        Arrivals::Fixed => (1.0 / (rate_per_s * silent_s)).floor(),
    }
}
