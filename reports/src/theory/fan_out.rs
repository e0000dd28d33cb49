//! What a delivery takes on the way: the one input that theory takes from measurement.
//!
//! **Transit.** Half of the emulated round trip, and the publisher's lag: latency runs from the intended instant.
//! Derived: the first. Measured: the mean lag.
//!
//! **Fan-out.** A release to N clients is a queue with two stations: the server writes the event for one client after the
//! other, s each, and the load generator reads it, l each. Where each side has cores of its own they work at the same time,
//! and the slower one sets the pace, max(s, l); where they share the cores, s + l. The last client has the event after
//! F = N · pace, and a client's place in the queue is no different from any other: uniform on (0, F).
//! Measured: s and l, the CPU time of the window beyond what idles, over the deliveries of the window and over the cores.
//! Derived: the pace, F, and the shape.
//!
//! So for what is pushed or held, theory says how CPU time becomes a distribution of latencies, and the comparison is one of
//! shape and scale. CPU time over deliveries holds more than the release, too: a held request is also read and parsed, mostly
//! after the last client has its answer, so that the release itself is shorter than F.

use feedbench_record::run::Usage;
use feedbench_record::{Histogram, Record};

/// The constant part of every latency (s).
pub(super) fn transit_s(record: &Record) -> f64 {
    let lag_us = record.histograms.publish_lag.as_ref().and_then(Histogram::mean_us).unwrap_or(0.0);
    record.scenario.rtt_ms as f64 / 2e3 + lag_us / 1e6
}

/// From one client of a release to the next (s); `None` where the CPU time was not measured or nothing was delivered.
pub(super) fn pace_s(record: &Record) -> Option<f64> {
    let server = record.server.as_ref()?;
    let (window_s, deliveries) = (record.window.seconds(), record.counts.delivered);
    if deliveries == 0 {
        return None;
    }
    let of = |usage: &Usage| {
        let idle_us = usage.cpu_idle_us_per_s.unwrap_or(0.0) * window_s;
        let busy_us = (usage.cpu_window_us? as f64 - idle_us).max(0.0);
        Some(busy_us / 1e6 / deliveries as f64 / f64::from(usage.cores.max(1)))
    };
    let (served, read) = (of(server)?, of(&record.loadgen)?);
    Some(if record.scenario.pinned { served.max(read) } else { served + read })
}

/// The clients that share a release.
pub(super) fn clients_of_a_topic(record: &Record) -> f64 {
    let clients = record.scenario.clients.max(1);
    f64::from(clients) / f64::from(record.scenario.fanout.topics(clients).clamp(1, clients))
}
