//! One cell as a process: what was chosen for it, what a delivery takes on the way, and the formulas for its transport.

use feedbench_record::scenario::{Arrivals, ConnectionPolicy, Recycle, Source};
use feedbench_record::transport::Manner;
use feedbench_record::{Record, Transport, Workload};

use super::expectation::{Absent, FAN_OUT_SHARE};
use super::latency::{Latency, Wait};
use super::long_polling::Cycle;
use super::{fan_out, framing, polling, pushed};

/// With fewer different instants than this, a lattice is no distribution.
const LATTICE_STEPS: u32 = 50;
/// Poisson events meet a release that is under way, where releases take this share of the time or more: the formulas have
/// no queue of events.
const BUSY_SHARE: f64 = 0.5;

/// How the transport reads the feed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Process {
    Polling { interval_s: f64, in_step: bool },
    LongPolling { hold_s: f64 },
    Pushed { lifetime_s: Option<f64> },
}

/// A cell as a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Model {
    pub(super) process: Process,
    pub(super) arrivals: Arrivals,
    pub(super) rate_per_s: f64,
    transit_s: f64,
    /// From an answer to the arrival of the next request, without the fan-out's part (s).
    round_trips_s: f64,
    fan_out_s: f64,
    pub(super) clients: f64,
    pub(super) topics: f64,
    pub(super) window_s: f64,
    /// How many realisations of the arrivals the figure is the median of.
    pub(super) realisations: f64,
    latency_absent: Option<Absent>,
}

/// Is there a reason why nothing about the cell follows from theory?
pub(super) fn absent(record: &Record) -> Option<Absent> {
    let scenario = &record.scenario;
    match scenario.source {
        _ if !record.verdict.valid => Some(Absent::Invalid),
        _ if record.workload() == Workload::Closed => Some(Absent::Closed),
        // A request that is not held is answered at once, and brings the next one.
        _ if record.transport.manner() == Manner::Waits && scenario.hold_ms == 0 => Some(Absent::Closed),
        Source::Replay { .. } => Some(Absent::Replay),
        Source::Stdin => Some(Absent::Stdin),
        Source::Synthetic if record.server.is_none() => Some(Absent::OtherServer),
        Source::Synthetic if record.window.seconds() <= 0.0 => Some(Absent::NoEvents),
        Source::Synthetic => None,
    }
}

impl Model {
    /// The process of a record's cell. `realisations` is the number of different seeds that the figure is the median of.
    ///
    /// # Errors
    /// With the reason why its formulas do not hold.
    pub(super) fn of(record: &Record, realisations: usize) -> Result<Model, Absent> {
        absent(record).map_or(Ok(()), Err)?;
        let scenario = &record.scenario;
        let seconds = |ms: u64| ms as f64 / 1e3;
        let process = match record.transport.manner() {
            Manner::Asks => {
                Process::Polling { interval_s: seconds(scenario.interval_ms), in_step: scenario.synchronised }
            }
            Manner::Waits => Process::LongPolling { hold_s: seconds(scenario.hold_ms) },
            Manner::Pushed => Process::Pushed { lifetime_s: lifetime_s(record) },
        };
        // Polls are spread, and none waits for all others.
        let is_queue = !matches!(process, Process::Polling { .. });
        let pace_s = if is_queue { fan_out::pace_s(record) } else { Some(0.0) };
        let fan_out_s = pace_s.unwrap_or(0.0) * fan_out::clients_of_a_topic(record);
        let clients = f64::from(scenario.clients.max(1));
        let topics = clients / fan_out::clients_of_a_topic(record);
        // The next request crosses half of a round trip after the answer has crossed the other; a new connection adds one.
        let round_trips = if scenario.connection == ConnectionPolicy::KeepAlive { 1.0 } else { 2.0 };
        let mut model = Model {
            process,
            // No event has no gap to the next one.
            arrivals: if scenario.rate_per_s > 0.0 { scenario.arrivals } else { Arrivals::Poisson },
            rate_per_s: scenario.rate_per_s.max(0.0),
            transit_s: fan_out::transit_s(record),
            round_trips_s: round_trips * seconds(scenario.rtt_ms),
            fan_out_s,
            clients,
            topics,
            window_s: record.window.seconds(),
            realisations: realisations.max(1) as f64,
            latency_absent: None,
        };
        model.latency_absent = match pace_s {
            _ if model.rate_per_s == 0.0 => Some(Absent::NoEvents),
            _ if scenario.jitter_ms > 0 || scenario.bandwidth_bits_per_s.is_some() => Some(Absent::Network),
            None => Some(Absent::NoCpu),
            Some(_) if model.overlaps() => Some(Absent::Overlap),
            Some(_) if model.is_coarse_lattice() => Some(Absent::InStep),
            Some(_) => None,
        };
        Ok(model)
    }

    /// The same cell with a fan-out that takes so many times as long.
    fn with_fan_out(self, factor: f64) -> Model {
        Model { fan_out_s: self.fan_out_s * factor, ..self }
    }

    /// The cell with the shortest and with the longest fan-out that it may rightly have.
    pub(super) fn extremes(self) -> [Model; 2] {
        [1.0 - FAN_OUT_SHARE, 1.0 + FAN_OUT_SHARE].map(|factor| self.with_fan_out(factor))
    }

    /// From an answer, or the end of a stream, to the arrival of the next request (s).
    fn gap_s(&self) -> f64 {
        self.round_trips_s + self.fan_out_s
    }

    /// The cycle of a long poll; `None` for another transport.
    pub(super) fn cycle(&self) -> Option<Cycle> {
        let Process::LongPolling { hold_s } = self.process else { return None };
        Some(Cycle { arrivals: self.arrivals, rate_per_s: self.rate_per_s, gap_s: self.gap_s(), hold_s })
    }

    pub(super) fn wait(&self) -> Wait {
        match self.process {
            Process::Polling { interval_s, .. } => polling::wait(interval_s),
            Process::LongPolling { .. } => self.cycle().map_or(Wait::NONE, |cycle| cycle.wait()),
            Process::Pushed { lifetime_s } => pushed::wait(lifetime_s, self.gap_s()),
        }
    }

    /// The distribution of the latency.
    pub(super) fn latency(&self) -> Latency {
        Latency::new(self.transit_s, self.fan_out_s, self.wait())
    }

    /// The different instants of the interval at which fixed gaps publish; as many as there are events where these do not
    /// come round.
    pub(super) fn instants(&self, interval_s: f64) -> f64 {
        let events = (self.rate_per_s * self.window_s).max(1.0);
        let steps = polling::lattice_steps(1.0 / self.rate_per_s, interval_s, LATTICE_STEPS);
        steps.map_or(events, |steps| events.min(steps.into()))
    }

    /// Does a release often begin before the one before it is over? Equal gaps on one topic are safe up to the full time.
    fn overlaps(&self) -> bool {
        let busy_share = self.rate_per_s * self.topics * self.fan_out_s;
        let is_even = self.arrivals == Arrivals::Fixed && self.topics == 1.0;
        matches!(self.process, Process::Pushed { .. }) && busy_share >= if is_even { 1.0 } else { BUSY_SHARE }
    }

    fn is_coarse_lattice(&self) -> bool {
        matches!(self.process, Process::Polling { in_step: true, interval_s }
            if self.arrivals == Arrivals::Fixed && self.instants(interval_s) * self.topics < LATTICE_STEPS.into())
    }

    /// The reason why the latency has no distribution, if there is one.
    pub(super) fn latency_absent(&self) -> Option<Absent> {
        self.latency_absent
    }

    /// The same cell at another rate.
    pub(super) fn at_rate(self, rate_per_s: f64) -> Model {
        Model { rate_per_s, ..self }
    }

    /// The interval of polling (s); `None` for another transport.
    pub(super) fn interval_s(&self) -> Option<f64> {
        let Process::Polling { interval_s, .. } = self.process else { return None };
        Some(interval_s)
    }

    /// The share of events that come before the client was served with the one before: they share its chunk.
    pub(super) fn shared_share(&self) -> f64 {
        match self.arrivals {
            Arrivals::Poisson => -(-self.rate_per_s * self.fan_out_s).exp_m1(),
            Arrivals::Fixed => 0.0,
        }
    }

    /// The window over all realisations, for what varies with its number of events (s).
    pub(super) fn window_s(&self) -> f64 {
        self.window_s * self.topics
    }
}

/// How long a stream lives before it is recycled (s).
fn lifetime_s(record: &Record) -> Option<f64> {
    let scenario = &record.scenario;
    match scenario.recycle.filter(|_| record.transport != Transport::WebSocket)? {
        Recycle::Ms(ms) => Some(ms as f64 / 1e3),
        Recycle::Bytes(bytes) => {
            let framed = framing::mean_framed(record.transport, scenario.payload_bytes.into(), 1)?;
            let body = f64::from(scenario.payload_bytes) + framed.event;
            Some(bytes as f64 / (body * scenario.rate_per_s))
        }
    }
}
