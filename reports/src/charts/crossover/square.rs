//! Who wins at one event rate and poll interval.

use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};

use crate::estimate::Estimate;
use crate::set::{Item, Point};
use crate::sweep::{self, Axis};

/// Two values of one repetition each are a tie when they lie no farther apart than this share of the lower one.
pub(super) const TIE_SHARE: f64 = 0.05;

/// One transport with its figure.
#[derive(Clone, Debug)]
pub(super) struct Contender {
    pub(super) transport: Transport,
    pub(super) estimate: Estimate,
}

impl Contender {
    /// Is the other one no different, as far as the repetitions can tell? Their intervals (of few repetitions: their
    /// ranges) overlap, or where one of them has no spread, the values are within [`TIE_SHARE`].
    fn ties_with(&self, other: &Contender) -> bool {
        match (self.estimate.spread, other.estimate.spread) {
            (Some(one), Some(two)) => {
                let ((a, b), (c, d)) = (one.ends(), two.ends());
                a <= d && c <= b
            }
            _ => {
                let (one, two) = (self.estimate.median, other.estimate.median);
                (one - two).abs() <= TIE_SHARE * one.abs().min(two.abs())
            }
        }
    }
}

/// One square of the map.
#[derive(Clone, Debug)]
pub(super) struct Square {
    pub(super) rate_per_s: f64,
    pub(super) interval_ms: f64,
    /// Those with a valid figure, the lowest first; of equal ones in the order of the transport table.
    pub(super) contenders: Vec<Contender>,
    /// Transports that were measured here, and whose repetitions are all invalid.
    pub(super) invalid: Vec<Transport>,
    /// Transports of the map that have no figure here.
    pub(super) missing: Vec<Transport>,
}

impl Square {
    /// Those that are lowest: one, or several that tie with the lowest, in this order. Empty where fewer than two can be
    /// compared, and where polling cannot: the square would tell nothing of its interval.
    pub(super) fn winners(&self) -> &[Contender] {
        let asks = |transport: &Transport| transport.manner() == Manner::Asks;
        let [best, others @ ..] = self.contenders.as_slice() else { return &[] };
        if others.is_empty() || self.invalid.iter().chain(&self.missing).any(asks) {
            return &[];
        }
        // Sorted by their medians, those that tie need not stand together; a farther one with a wide spread counts as a
        // tie only if all before it do.
        let tied = others.iter().take_while(|other| best.ties_with(other)).count();
        &self.contenders[..=tied]
    }

    /// Those that win, in the order of the transport table.
    pub(super) fn winning_transports(&self) -> Vec<Transport> {
        let mut transports: Vec<_> = self.winners().iter().map(|winner| winner.transport).collect();
        transports.sort_unstable();
        transports
    }

    /// The lowest that does not tie, and its figure over the winner's.
    pub(super) fn runner_up(&self) -> Option<(&Contender, f64)> {
        let winners = self.winners().len();
        let (best, next) = (self.contenders.first()?, self.contenders.get(winners).filter(|_| winners > 0)?);
        (best.estimate.median > 0.0).then(|| (next, next.estimate.median / best.estimate.median))
    }

    /// Could every transport of the map take part?
    pub(super) fn is_complete(&self) -> bool {
        self.invalid.is_empty() && self.missing.is_empty()
    }

    /// Is there no transport that wins here and there?
    pub(super) fn is_disjoint_from(&self, other: &Square) -> bool {
        let theirs = |contender: &Contender| other.winners().iter().any(|w| w.transport == contender.transport);
        !self.winners().iter().any(theirs)
    }
}

/// The points of one map: several event rates and several poll intervals, everything else of the scenario equal.
pub(super) struct Grid<'p, 'a> {
    /// Events per second and topic, ascending.
    pub(super) rates: Vec<f64>,
    /// Poll intervals (ms), ascending.
    pub(super) intervals: Vec<f64>,
    /// Polling, and at least one other, in the order of the transport table.
    pub(super) transports: Vec<Transport>,
    pub(super) points: Vec<&'p Point<'a>>,
}

/// Every grid of a report: at least two rates and two intervals of polling, and another transport.
pub(super) fn grids<'p, 'a>(points: &'p [Point<'a>]) -> Vec<Grid<'p, 'a>> {
    let mut families: Vec<(&str, Scenario, Vec<&'p Point<'a>>)> = Vec::new();
    for point in points {
        let scenario = point.scenario();
        // A rate of 0 and an interval of 0 have no place among the others.
        if scenario.rate_per_s <= 0.0 || point.first().is_closed() {
            continue;
        }
        let usual = Scenario::default();
        let common = Scenario {
            rate_per_s: usual.rate_per_s,
            interval_ms: usual.interval_ms,
            ..sweep::without_measurement(scenario)
        };
        let suite = point.first().record.suite.as_str();
        match families.iter_mut().find(|family| (family.0, &family.1) == (suite, &common)) {
            Some(family) => family.2.push(point),
            None => families.push((suite, common, vec![point])),
        }
    }
    families.into_iter().filter_map(|(_, _, points)| Grid::of(points)).collect()
}

impl<'p, 'a> Grid<'p, 'a> {
    fn of(points: Vec<&'p Point<'a>>) -> Option<Self> {
        let asks = |point: &&&Point<'_>| point.transport().manner() == Manner::Asks;
        let values = |axis: Axis| {
            let mut values: Vec<f64> = points.iter().filter(asks).map(|point| axis.value(point.scenario())).collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            values
        };
        let (rates, intervals) = (values(Axis::Rate), values(Axis::Interval));
        let present = |transport: &Transport| points.iter().any(|point| point.transport() == *transport);
        let transports: Vec<_> = Transport::ALL.into_iter().filter(present).collect();
        let others = transports.iter().any(|transport| transport.manner() != Manner::Asks);
        (rates.len() > 1 && intervals.len() > 1 && others).then_some(Grid { rates, intervals, transports, points })
    }

    /// The squares, rate by rate, and of each rate from the shortest interval to the longest.
    pub(super) fn squares(&self, figure: fn(&Item<'_>) -> Option<f64>) -> Vec<Square> {
        let each = self.rates.iter().flat_map(|&rate| self.intervals.iter().map(move |&interval| (rate, interval)));
        each.map(|(rate, interval)| self.square(rate, interval, figure)).collect()
    }

    fn square(&self, rate_per_s: f64, interval_ms: f64, figure: fn(&Item<'_>) -> Option<f64>) -> Square {
        let mut square =
            Square { rate_per_s, interval_ms, contenders: Vec::new(), invalid: Vec::new(), missing: Vec::new() };
        for &transport in &self.transports {
            let point = self.point(transport, rate_per_s, interval_ms);
            match point.and_then(|point| point.estimate(figure)) {
                Some(estimate) if estimate.valid => square.contenders.push(Contender { transport, estimate }),
                Some(_) => square.invalid.push(transport),
                None => square.missing.push(transport),
            }
        }
        square.contenders.sort_by(|a, b| a.estimate.median.total_cmp(&b.estimate.median));
        square
    }

    /// The point of a transport; the interval counts only where it concerns the transport, or was measured with it.
    fn point(&self, transport: Transport, rate_per_s: f64, interval_ms: f64) -> Option<&'p Point<'a>> {
        let of_rate = || {
            let wanted = |point: &&&Point<'_>| {
                point.transport() == transport && Axis::Rate.value(point.scenario()) == rate_per_s
            };
            self.points.iter().filter(wanted).copied()
        };
        let exactly = of_rate().find(|point| Axis::Interval.value(point.scenario()) == interval_ms);
        exactly.or_else(|| of_rate().next().filter(|_| !Axis::Interval.concerns(transport)))
    }
}
