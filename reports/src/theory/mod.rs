//! Theory beside measurement: what a cell should show if its transport is what the RFCs say, computed from its scenario.
//!
//! The entrance is [`of_repetitions`], for all records of a point; it gives [`Expected`]:
//!
//! - [`Expected::latency`]: the distribution, for a line in a chart. `quantile_s(0.99)` is the latency that 99 % of the
//!   deliveries do not exceed, `share_within(s)` the way back, and `mean_s` the mean.
//! - [`empty_polls_at`]: the share of empty polls at any rate, for a curve.
//! - [`Expected::figure`]: any figure of [`Quantity`] with its bound, or the reason why there is none.
//! - [`table::table`]: every figure of every point beside its measurement, as rows.
//!
//! The parts, from the formulas to the figures:
//!
//! - [`latency`]: the distribution that all transports share the shape of.
//! - [`polling`], [`long_polling`], [`pushed`]: one process each, with its derivation (RFC 6202 sections 2 and 3).
//! - [`framing`]: constants of framing (RFC 6455, RFC 9112, HTML Living Standard).
//! - [`fan_out`]: what a delivery takes on the way: **the input that is measured**, CPU time and the publisher's lag.
//! - [`model`]: scenario, process and input together; [`figures`]: its figures with sampling errors; [`bytes`]: bytes by layer.
//! - [`expectation`]: a figure with its bound, and the tolerances, each a constant with its reason.
//!
//! **When does a measurement agree?** When it lies within the bound, which is the sum of what the inputs leave open (the
//! fan-out a quarter shorter or longer), what no model holds (waking up, the lateness of polls), and the sampling error at
//! 99 %: all clients share one realisation of the arrivals, so that a window of few events is noisy however many clients there are.
//! Repetitions with seeds of their own are realisations of their own, and their median varies less. No bound is fitted to a
//! result. Where a figure deviates, the model lacks something that the measurement has, and the table says so.

mod bytes;
mod expectation;
mod fan_out;
mod figures;
mod framing;
mod latency;
mod long_polling;
mod model;
mod polling;
mod pushed;
#[cfg(test)]
mod simulation;
pub(crate) mod table;

use std::collections::BTreeSet;

use feedbench_record::{Layer, Record};

use bytes::Bytes;
pub(crate) use expectation::{Absent, Expectation, FAN_OUT_SHARE};
pub(crate) use latency::Latency;
use model::Model;

/// A figure that theory has a word on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// The mean delivery latency (ms).
    MeanLatency,
    /// The median of the delivery latency (ms).
    LatencyP50,
    /// Its 99th percentile (ms).
    LatencyP99,
    /// Bytes per delivered event above TCP, without the opening handshake.
    Bytes,
    /// Of those, the bytes of one layer, both directions together.
    LayerBytes(Layer),
    /// The share of requests that brought nothing (0 to 1).
    EmptyPolls,
    /// Requests answered in a second of the window.
    PollsPerS,
}

/// What theory expects of a cell, or of the median over the repetitions of a point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expected {
    latency: Result<(Latency, [Expectation; 3]), Absent>,
    bytes: Result<Bytes, Absent>,
    /// `None` where nobody polls.
    empty_polls: Result<Option<Expectation>, Absent>,
    polls_per_s: Result<Option<Expectation>, Absent>,
}

/// What theory expects of one record.
#[cfg(test)]
pub(crate) fn of(record: &Record) -> Expected {
    expected(record, 1)
}

/// What theory expects of the median over the valid ones of these records, which are repetitions of one transport at one
/// point of a scenario. Every figure is the median of theirs, because each has CPU times and a number of events of its own.
pub(crate) fn of_repetitions(records: &[&Record]) -> Expected {
    let valid: Vec<_> = records.iter().copied().filter(|record| record.verdict.valid).collect();
    let seeds: BTreeSet<_> = valid.iter().map(|record| record.scenario.seed).collect();
    let mut all: Vec<_> = valid.into_iter().map(|record| expected(record, seeds.len())).collect();
    // The line of a chart is that of the middle repetition: a distribution has no median.
    all.sort_by(|one, other| one.sort_key().total_cmp(&other.sort_key()));
    let Some(middle) = all.get(all.len().saturating_sub(1) / 2) else { return Expected::absent(Absent::Invalid) };
    Expected {
        latency: middle.latency.map(|(line, _)| (line, LATENCIES.map(|figure| median(&all, figure)))),
        bytes: middle.bytes.clone().map(|bytes| Bytes {
            total: median(&all, Quantity::Bytes),
            layers: bytes.layers.iter().map(|&(of, _)| (of, median(&all, Quantity::LayerBytes(of)))).collect(),
        }),
        empty_polls: middle.empty_polls.map(|has| has.map(|_| median(&all, Quantity::EmptyPolls))),
        polls_per_s: middle.polls_per_s.map(|has| has.map(|_| median(&all, Quantity::PollsPerS))),
    }
}

/// The share of polls (0 to 1) that would bring nothing in the record's cell at another rate, for a curve over rates. `None`
/// where nobody polls or theory has no word on the cell.
pub(crate) fn empty_polls_at(record: &Record, rate_per_s: f64) -> Option<f64> {
    let share = Model::of(record, 1).ok()?.at_rate(rate_per_s).empty_share()?;
    Some(share.value)
}

const LATENCIES: [Quantity; 3] = [Quantity::MeanLatency, Quantity::LatencyP50, Quantity::LatencyP99];

fn expected(record: &Record, realisations: usize) -> Expected {
    let model = match Model::of(record, realisations) {
        Ok(model) => model,
        Err(absent) => return Expected::absent(absent),
    };
    if model.cycle().is_some() && model.latency_absent() == Some(Absent::NoCpu) {
        // The gap between two long polls has the fan-out in it.
        return Expected::absent(Absent::NoCpu);
    }
    let ms = |seconds: Expectation| seconds.times(1e3);
    let latencies = || [model.mean_s(), model.quantile_s(0.5), model.quantile_s(0.99)].map(ms);
    Expected {
        latency: model.latency_absent().map_or_else(|| Ok((model.latency(), latencies())), Err),
        bytes: Bytes::of(record, &model),
        empty_polls: Ok(model.empty_share()),
        polls_per_s: Ok(model.polls_per_s()),
    }
}

/// The median of each end of a figure; every one of `all` has the figure if one has it.
fn median(all: &[Expected], quantity: Quantity) -> Expectation {
    let figures: Vec<_> = all.iter().filter_map(|expected| expected.figure(quantity).ok().flatten()).collect();
    let of = |end: fn(&Expectation) -> f64| {
        let mut values: Vec<_> = figures.iter().map(end).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        match values.len() {
            0 => 0.0,
            odd if odd % 2 == 1 => values[middle],
            _ => f64::midpoint(values[middle - 1], values[middle]),
        }
    };
    Expectation { value: of(|figure| figure.value), low: of(|figure| figure.low), high: of(|figure| figure.high) }
}

impl Expected {
    fn absent(absent: Absent) -> Expected {
        Expected { latency: Err(absent), bytes: Err(absent), empty_polls: Err(absent), polls_per_s: Err(absent) }
    }

    fn sort_key(&self) -> f64 {
        self.latency.map_or(0.0, |(line, _)| line.mean_s())
    }

    /// The distribution of the delivery latency.
    ///
    /// # Errors
    /// With the reason why there is none.
    pub(crate) fn latency(&self) -> Result<Latency, Absent> {
        self.latency.map(|(line, _)| line)
    }

    /// A figure with its bound; `None` where the transport has no such figure.
    ///
    /// # Errors
    /// With the reason why theory has no word on it.
    pub(crate) fn figure(&self, quantity: Quantity) -> Result<Option<Expectation>, Absent> {
        let latency = |index: usize| self.latency.map(|(_, figures)| Some(figures[index]));
        let bytes = || self.bytes.as_ref().map_err(|&absent| absent);
        match quantity {
            Quantity::MeanLatency => latency(0),
            Quantity::LatencyP50 => latency(1),
            Quantity::LatencyP99 => latency(2),
            Quantity::Bytes => Ok(Some(bytes()?.total)),
            Quantity::LayerBytes(layer) => Ok(bytes()?.layer(layer)),
            Quantity::EmptyPolls => self.empty_polls,
            Quantity::PollsPerS => self.polls_per_s,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
