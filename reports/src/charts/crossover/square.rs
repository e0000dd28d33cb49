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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::estimate::Dot;
    use crate::fixture::sweeps;
    use crate::lang::Lang;
    use crate::set;
    use feedbench_record::Record;
    use proptest::prelude::*;

    fn contender(transport: Transport, values: &[f64]) -> Contender {
        let dots = values.iter().map(|&value| Dot { value, valid: true }).collect();
        Contender { transport, estimate: Estimate::of(dots).unwrap() }
    }

    fn square(mut contenders: Vec<Contender>) -> Square {
        contenders.sort_by(|a, b| a.estimate.median.total_cmp(&b.estimate.median));
        Square { rate_per_s: 1.0, interval_ms: 1_000.0, contenders, invalid: Vec::new(), missing: Vec::new() }
    }

    fn squares(records: &[Record], figure: fn(&Item<'_>) -> Option<f64>) -> Vec<Square> {
        let points = set::points(&set::of(records, Lang::En));
        let grids = grids(&points);
        assert_eq!(grids.len(), 1);
        grids[0].squares(figure)
    }

    fn on_ip(item: &Item<'_>) -> Option<f64> {
        item.cell.bytes_per_event.ip
    }

    fn at(squares: &[Square], rate_per_s: f64, interval_ms: f64) -> &Square {
        squares.iter().find(|square| (square.rate_per_s, square.interval_ms) == (rate_per_s, interval_ms)).unwrap()
    }

    #[test]
    fn polling_wins_where_it_costs_least_and_nowhere_else() {
        let squares = squares(&sweeps::crossover(1), on_ip);
        assert_eq!(squares.len(), sweeps::RATES.len() * sweeps::INTERVALS.len());
        assert_eq!(at(&squares, 10.0, 10_000.0).winning_transports(), [Transport::Polling]);
        assert_eq!(at(&squares, 0.2, 500.0).winning_transports(), [Transport::WebSocket]);
        for square in &squares {
            let costs = |contender: &&Contender| contender.transport == Transport::Polling;
            let polling = square.contenders.iter().find(costs).unwrap().estimate.median;
            let lowest = square.contenders.iter().map(|c| c.estimate.median).fold(f64::INFINITY, f64::min);
            assert_eq!(square.winning_transports().contains(&Transport::Polling), polling <= lowest * 1.05);
        }
    }

    #[test]
    fn figures_of_one_repetition_tie_within_five_percent() {
        let [polling, sse] = [Transport::Polling, Transport::Sse];
        let winners = |other| square(vec![contender(sse, &[100.0]), contender(polling, &[other])]).winning_transports();
        assert_eq!(winners(105.0), [polling, sse]);
        assert_eq!(winners(105.1), [sse]);
    }

    #[test]
    fn figures_of_several_repetitions_tie_where_their_spreads_overlap() {
        let [polling, sse] = [Transport::Polling, Transport::Sse];
        let winners = |other: &[f64]| {
            square(vec![contender(sse, &[100.0, 110.0, 120.0]), contender(polling, other)]).winning_transports()
        };
        assert_eq!(winners(&[119.0, 200.0, 300.0]), [polling, sse]);
        assert_eq!(winners(&[121.0, 122.0, 123.0]), [sse]);
    }

    #[test]
    fn the_runner_up_is_the_lowest_that_does_not_tie() {
        let all = [(Transport::Sse, 100.0), (Transport::WebSocket, 104.0), (Transport::Polling, 150.0)];
        let square = square(all.map(|(transport, value)| contender(transport, &[value])).to_vec());
        let (next, ratio) = square.runner_up().unwrap();
        assert_eq!((square.winners().len(), next.transport, ratio), (2, Transport::Polling, 1.5));
    }

    #[test]
    fn what_costs_nothing_has_no_multiple() {
        let square = square(vec![contender(Transport::Sse, &[0.0]), contender(Transport::Polling, &[3.0])]);
        assert_eq!(square.winning_transports(), [Transport::Sse]);
        assert!(square.runner_up().is_none());
    }

    #[test]
    fn without_polling_a_square_says_nothing_and_without_another_it_says_so() {
        let mut records = sweeps::crossover(1);
        let first = |transport, rate| {
            let wanted = move |record: &Record| record.transport == transport && record.scenario.rate_per_s == rate;
            sweeps::crossover(1).iter().position(wanted).unwrap()
        };
        sweeps::spoil(&mut records[first(Transport::Polling, 10.0)]);
        sweeps::spoil(&mut records[first(Transport::Sse, 2.0)]);
        let squares = squares(&records, on_ip);
        let undecided = at(&squares, 10.0, 500.0);
        assert!(undecided.winners().is_empty() && !undecided.is_complete());
        assert!(at(&squares, 10.0, 1_000.0).is_complete());
        for interval_ms in sweeps::INTERVALS {
            let square = at(&squares, 2.0, interval_ms as f64);
            assert_eq!(square.invalid, [Transport::Sse]);
            assert!(!square.winners().is_empty() && !square.winning_transports().contains(&Transport::Sse));
        }
    }

    #[test]
    fn one_value_of_an_axis_is_no_map() {
        let points = |records: &[Record]| grids(&set::points(&set::of(records, Lang::En))).len();
        let some = |wanted: fn(&Record) -> bool| sweeps::crossover(1).into_iter().filter(wanted).collect::<Vec<_>>();
        assert_eq!(points(&some(|record| record.scenario.rate_per_s == 1.0)), 0);
        assert_eq!(points(&some(|record| record.scenario.interval_ms == 500)), 0);
        assert_eq!(points(&some(|record| record.transport == Transport::Polling)), 0);
        assert_eq!(points(&some(|record| record.scenario.rate_per_s <= 0.5)), 1);
    }

    proptest! {
        #[test]
        fn nobody_beats_a_winner(values in proptest::collection::vec(0.0f64..1e6, 6)) {
            let contenders = Transport::ALL.into_iter().zip(&values).map(|(transport, &value)| contender(transport, &[value]));
            let square = square(contenders.collect());
            let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert!(!square.winners().is_empty());
            prop_assert!(square.winners().iter().all(|winner| winner.estimate.median <= lowest * 1.05 + 1e-9));
            if let Some((next, ratio)) = square.runner_up() {
                prop_assert!(next.estimate.median > lowest * 1.05 - 1e-9 && ratio > 1.05 - 1e-9);
            }
        }
    }
}
