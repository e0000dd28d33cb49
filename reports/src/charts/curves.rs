//! The distribution of delivery latencies of each point, over its repetitions, and what theory expects beside it.

use feedbench_record::Histogram;

use super::repetitions;
use crate::estimate::{Dot, Estimate};
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::set::{Item, Point};
use crate::table::{ABSENT, Table};
use crate::text::charts_lines as text;
use crate::text::reasons::latency_absent;
use crate::theory::{self, Latency};

/// One repetition's latencies, ready to be asked for many quantiles: the histogram itself walks through its classes each time.
struct Quantiles {
    /// The value of each class (ms), and how many deliveries took at most so long.
    steps: Vec<(f64, u64)>,
    count: u64,
    below: u64,
}

impl Quantiles {
    /// `None` where nothing lies inside of the histogram's bounds.
    fn of(histogram: &Histogram) -> Option<Quantiles> {
        let mut sum = 0;
        let step = |(us, count): (u64, u64)| {
            sum += count;
            (us as f64 / 1_000.0, sum)
        };
        let steps: Vec<_> = histogram.steps().map(step).collect();
        (!steps.is_empty()).then(|| Quantiles { steps, count: histogram.count(), below: histogram.below() })
    }

    /// What [`Histogram::quantile_us`] says, in ms.
    fn ms_at(&self, share: f64) -> Option<f64> {
        let rank = ((share * self.count as f64).ceil() as u64).clamp(1, self.count);
        let inside = rank.checked_sub(self.below).filter(|&rank| rank > 0)?;
        let step = self.steps.partition_point(|&(_, sum)| sum < inside);
        self.steps.get(step).map(|&(ms, _)| ms)
    }
}

/// The latencies of one point.
pub(super) struct Curve<'a> {
    pub(super) point: &'a Point<'a>,
    repetitions: Vec<(&'a Item<'a>, Quantiles)>,
    /// Are those that count valid ones?
    valid: bool,
    /// The deliveries of the repetition that counts and has the fewest.
    fewest: u64,
    /// What theory expects; `None` where it has no word on the point.
    theory: Option<Latency>,
}

impl<'a> Curve<'a> {
    /// `None` where no repetition has a latency.
    fn of(point: &'a Point<'a>) -> Option<Curve<'a>> {
        let quantiles =
            |item: &'a Item<'a>| Some((item, Quantiles::of(item.record.histograms.delivery_latency.as_ref()?)?));
        let repetitions: Vec<_> = point.items().iter().filter_map(quantiles).collect();
        let valid = repetitions.iter().any(|(item, _)| item.valid());
        let counted = repetitions.iter().filter(|(item, _)| item.valid() == valid);
        let fewest = counted.map(|(_, quantiles)| quantiles.count).min()?;
        let records: Vec<_> = point.items().iter().map(|item| item.record).collect();
        let theory = theory::of_repetitions(&records).latency().ok();
        Some(Curve { point, repetitions, valid, fewest, theory })
    }

    /// The latency (ms) that this share of the deliveries (0 to 1) does not exceed. `None` where it lies outside of the
    /// bounds in a repetition that counts: the median over the others would be too small.
    pub(super) fn ms_at(&self, share: f64) -> Option<Estimate> {
        let mut dots = Vec::with_capacity(self.repetitions.len());
        for (item, quantiles) in &self.repetitions {
            match quantiles.ms_at(share) {
                Some(value) => dots.push(Dot { value, valid: item.valid() }),
                None if item.valid() == self.valid => return None,
                None => {}
            }
        }
        Estimate::of(dots)
    }

    /// The median (ms); infinite where it lies outside of the bounds.
    pub(super) fn median(&self) -> f64 {
        self.ms_at(0.5).map_or(f64::INFINITY, |estimate| estimate.median)
    }

    /// Are those that count valid ones?
    pub(super) fn is_valid(&self) -> bool {
        self.valid
    }

    /// What [`Curve::ms_at`] says of one repetition.
    fn ms_of(&self, wanted: &Item<'_>, share: f64) -> Option<f64> {
        let mut all = self.repetitions.iter();
        all.find(|(item, _)| std::ptr::eq(*item, wanted)).and_then(|(_, quantiles)| quantiles.ms_at(share))
    }

    /// What theory expects there (ms).
    pub(super) fn expected_ms_at(&self, share: f64) -> Option<f64> {
        self.theory.map(|latency| latency.quantile_s(share) * 1_000.0)
    }

    /// Enough deliveries for a percentile: at least one above it.
    pub(super) fn supports(&self, share: f64) -> bool {
        self.fewest as f64 * (1.0 - share) >= 1.0 - 1e-6
    }

    /// The deliveries of the repetition that counts and has the fewest.
    pub(super) fn fewest(&self) -> u64 {
        self.fewest
    }

    /// The last share that all deliveries but one do not exceed.
    pub(super) fn last_share(&self) -> f64 {
        1.0 - 1.0 / self.fewest.max(1) as f64
    }

    /// The repetitions that count.
    pub(super) fn n(&self) -> usize {
        self.repetitions.iter().filter(|(item, _)| item.valid() == self.valid).count()
    }

    /// The smallest and the largest latency (ms) of any repetition, and the largest that theory expects.
    pub(super) fn bounds(&self) -> (f64, f64) {
        let ends = |(_, quantiles): &(_, Quantiles)| Some((quantiles.steps.first()?.0, quantiles.steps.last()?.0));
        let ends = || self.repetitions.iter().filter_map(ends);
        let longest = self.expected_ms_at(1.0).unwrap_or(0.0);
        (ends().map(|ends| ends.0).fold(f64::INFINITY, f64::min), ends().map(|ends| ends.1).fold(longest, f64::max))
    }
}

/// The curves of all points that have latencies.
pub(super) fn of<'a>(points: &'a [Point<'a>]) -> Vec<Curve<'a>> {
    points.iter().filter_map(Curve::of).collect()
}

/// The smallest and the largest latency (ms) of all of them; `None` where there is none.
pub(super) fn bounds(curves: &[Curve<'_>]) -> Option<(f64, f64)> {
    curves.iter().map(Curve::bounds).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// How the repetitions are drawn, and which points cannot be, in whole or in part.
pub(super) fn notes(lang: Lang, points: &[Point<'_>], curves: &[Curve<'_>]) -> Vec<String> {
    let method = repetitions::note(lang, &curves.iter().map(Curve::n).collect::<Vec<_>>());
    method.into_iter().chain(theory_note(lang, curves)).chain(missing(lang, points)).collect()
}

/// What the thin lines are, where there are some.
pub(super) fn theory_note(lang: Lang, curves: &[Curve<'_>]) -> Option<String> {
    curves.iter().any(|curve| curve.theory.is_some()).then(|| text::theory_note(lang).to_owned())
}

/// Which points have no latency, in whole or in part.
pub(super) fn missing(lang: Lang, points: &[Point<'_>]) -> Vec<String> {
    points.iter().flat_map(|point| missing_of(lang, point)).collect()
}

fn missing_of(lang: Lang, point: &Point<'_>) -> Vec<String> {
    let latency = |item: &Item<'_>| match item.record.histograms.delivery_latency.as_ref() {
        Some(histogram) if histogram.count() > 0 => None,
        Some(_) => Some(text::nothing_delivered(lang).to_owned()),
        None => Some(latency_absent(lang, item.record).unwrap_or_else(|| text::no_reason(lang).to_owned())),
    };
    let label = point.marked_label();
    let reasons: Vec<_> = point.items().iter().filter_map(latency).collect();
    let mut notes = Vec::new();
    if let Some(reason) = reasons.first() {
        notes.push(match (reasons.len(), point.items().len()) {
            (some, all) if some == all => text::no_latency(lang, &label, reason),
            (some, all) => text::no_latency_of_some(lang, &label, some, all, reason),
        });
    }
    let histograms = point.items().iter().filter_map(|item| item.record.histograms.delivery_latency.as_ref());
    let outside: u64 = histograms.map(Histogram::outside).sum();
    if outside > 0 {
        notes.push(text::outside(lang, &label, grouped(outside)));
    }
    notes
}

/// The name of each share, as far as the deliveries of one of the curves go.
pub(super) fn supported<'s>(curves: &[Curve<'_>], shares: &[(f64, &'s str)]) -> Vec<(f64, &'s str)> {
    shares.iter().copied().filter(|&(share, _)| curves.iter().any(|curve| curve.supports(share))).collect()
}

/// The latency of each point at these shares.
pub(super) fn data(lang: Lang, points: &[Point<'_>], shares: &[(f64, &str)]) -> Table {
    let columns = repetitions::Columns::of(lang, points, "ms");
    let mut header = vec![
        repetitions::left(text::point(lang)),
        repetitions::right(text::deliveries(lang)),
        repetitions::right(text::percentile(lang)),
    ];
    header.extend(columns.headings());
    header.push(repetitions::right(text::theory(lang, "ms")));
    let mut rows = Vec::new();
    for point in points {
        let curve = Curve::of(point);
        for &(share, name) in shares {
            let curve = curve.as_ref().filter(|curve| share == 0.0 || share == 1.0 || curve.supports(share));
            let estimate = curve.and_then(|curve| curve.ms_at(share));
            let deliveries = curve.map_or(ABSENT.to_owned(), |curve| grouped(curve.fewest));
            let mut row = vec![point.label().to_owned(), deliveries, name.to_owned()];
            row.extend(columns.texts(point, estimate.as_ref(), |item| curve?.ms_of(item, share)));
            row.push(curve.and_then(|c| c.expected_ms_at(share)).map_or(ABSENT.to_owned(), significant));
            rows.push(row);
        }
    }
    Table { header, rows }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::estimate::Spread;
    use crate::fixture;
    use crate::set;
    use feedbench_record::histogram::Precision;
    use feedbench_record::{Record, Scenario, Transport, judge};
    use proptest::prelude::*;

    fn of_us(values: impl IntoIterator<Item = i64>) -> Histogram {
        let mut histogram = Histogram::new(Precision::Fine);
        values.into_iter().for_each(|value| histogram.record(value));
        histogram
    }

    /// Repetitions of one point whose latencies are all the same in each: 1 ms in the first, 2 ms in the second …
    fn repetitions(number: u32) -> Vec<Record> {
        let scenario = Scenario { clients: 10, ..Scenario::default() };
        let mut records: Vec<_> =
            (1..=number).map(|r| fixture::record_of(Transport::Sse, scenario.clone(), r)).collect();
        for record in &mut records {
            let us = i64::from(record.repetition) * 1_000;
            record.histograms.delivery_latency = Some(of_us([us; 100]));
        }
        records
    }

    fn at_median(records: &[Record]) -> Estimate {
        let points = set::points(&set::of(records, Lang::En));
        Curve::of(&points[0]).unwrap().ms_at(0.5).unwrap()
    }

    #[test]
    fn the_line_is_the_median_and_the_band_the_interval_of_six_repetitions() {
        let estimate = at_median(&repetitions(6));
        assert!((estimate.median - 3.5).abs() < 0.01, "{estimate:?}");
        let Some(Spread::Interval { low, high, .. }) = estimate.spread else { panic!("{estimate:?}") };
        assert!((low - 1.0).abs() < 0.01 && (high - 6.0).abs() < 0.01, "{estimate:?}");
    }

    #[test]
    fn an_invalid_repetition_is_a_dot_and_does_not_move_the_line() {
        let mut records = repetitions(3);
        records[2].counts.lost = Some(9);
        records[2].verdict = judge::judge(&records[2]);
        let estimate = at_median(&records);
        assert!((estimate.median - 1.5).abs() < 0.01, "{estimate:?}");
        assert_eq!(estimate.dots.iter().map(|dot| dot.valid).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_share_outside_of_the_bounds_in_one_repetition_has_no_median() {
        let mut records = repetitions(3);
        records[1].histograms.delivery_latency = Some(of_us((0..100).map(|n| if n < 60 { 500 } else { 61_000_000 })));
        let points = set::points(&set::of(&records, Lang::En));
        let curve = Curve::of(&points[0]).unwrap();
        assert!(curve.ms_at(0.5).is_some());
        assert_eq!(curve.ms_at(0.9), None);
        assert_eq!(missing(Lang::En, &points), ["server-sent events: 40 deliveries outside 0 to 60 s."]);
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_histogram(
            values in proptest::collection::vec(-3i64..70_000_000, 1..200),
            share in 0.0f64..=1.0,
        ) {
            let histogram = of_us(values);
            let quantiles = Quantiles::of(&histogram);
            let expected = histogram.quantile_us(share).map(|us| us as f64 / 1_000.0);
            prop_assert_eq!(quantiles.and_then(|quantiles| quantiles.ms_at(share)), expected);
        }
    }
}
