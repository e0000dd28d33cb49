//! The distribution of delivery latencies of each point, over its repetitions: as the lines of a chart.

use feedbench_record::Histogram;

use super::canvas::{Canvas, Point as Place, Reading, Stroke};
use super::frame::Room;
use super::labels::Labels;
use super::repetitions;
use crate::estimate::{Dot, Estimate, Spread};
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::set::{Item, Point};
use crate::style::{Style, shade, tint};
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
    fn median(&self) -> f64 {
        self.ms_at(0.5).map_or(f64::INFINITY, |estimate| estimate.median)
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

/// The plane of a chart.
pub(super) struct Plane<'s> {
    pub(super) room: Room,
    /// The place of a share of the deliveries and a latency (ms).
    pub(super) at: &'s dyn Fn(f64, f64) -> Place,
    /// The shares at which a line has a point, in ascending order.
    pub(super) shares: &'s [f64],
    /// Those that have a marker and can be read, with their names.
    pub(super) marked: &'s [(f64, &'s str)],
    /// Has the axis a place for all deliveries? Then all lines end at the same height, and the labels are a key. Otherwise
    /// a line ends at the last share that its deliveries support, and its label stands there.
    pub(super) closed: bool,
    /// How far beside the line its repetitions stand (px).
    pub(super) beside: Place,
}

/// A share of the deliveries, and the latency there.
type Course = Vec<(f64, Estimate)>;

impl Plane<'_> {
    fn course(&self, curve: &Curve<'_>) -> Course {
        let last = 1.0 - 1.0 / curve.fewest.max(1) as f64;
        let end = if self.closed { 1.0 } else { last };
        let inside = self.shares.iter().filter(|&&share| share < last).map(|&share| (share, share));
        // The line ends at the largest latency.
        let all = inside.chain([(end, 1.0)]).map(|(place, share)| Some((place, curve.ms_at(share)?)));
        all.skip_while(Option::is_none).map_while(|point| point).collect()
    }

    /// Draws all curves with their labels.
    pub(super) fn draw(&self, canvas: &Canvas<'_>, curves: &[Curve<'_>], labels: &Labels) {
        let courses: Vec<_> = curves.iter().map(|curve| self.course(curve)).collect();
        // All bands first: none may lie on the line of another transport.
        for (curve, course) in curves.iter().zip(&courses).filter(|(curve, _)| curve.n() > 1) {
            let band = |canvas: &Canvas<'_>| self.band(canvas, curve, course);
            canvas.series(curve.point.transport(), curve.point.label(), &[], band);
        }
        let end = |course: &Course| course.last().map(|(share, estimate)| (self.at)(*share, estimate.median));
        let ends: Vec<_> =
            courses.iter().map(|course| end(course).unwrap_or((self.room.left, self.room.bottom))).collect();
        let middles = match self.closed {
            true => labels.key_places(self.room, &curves.iter().map(Curve::median).collect::<Vec<_>>()),
            false => labels.places(self.room, &ends),
        };
        for (index, (curve, course)) in curves.iter().zip(&courses).enumerate() {
            let (point, marked) = (curve.point, self.marked(curve));
            let readings: Vec<_> = marked.iter().map(|mark| mark.reading(canvas.look().lang)).collect();
            canvas.series(point.transport(), point.label(), &readings, |canvas| {
                self.line(canvas, curve, course);
                self.theory(canvas, curve, curves);
                marked.iter().for_each(|mark| self.mark(canvas, curve, mark));
                match self.closed {
                    true => labels.draw_key(canvas, index, point, self.room.right, middles[index]),
                    false => labels.draw(canvas, index, point, self.room.right, ends[index], middles[index]),
                }
            });
        }
    }

    fn band(&self, canvas: &Canvas<'_>, curve: &Curve<'_>, course: &Course) {
        let side = |end: fn((f64, f64)) -> f64| -> Vec<Place> {
            let end = |spread: Option<Spread>, median| spread.map_or(median, |spread| end(spread.ends()));
            course.iter().map(|(share, e)| (self.at)(*share, end(e.spread, e.median))).collect()
        };
        let (low, high) = (side(|ends| ends.0), side(|ends| ends.1));
        let outline: Vec<_> = low.into_iter().chain(high.into_iter().rev()).collect();
        canvas.fill(&outline, tint(curve.point.style().colour, 0.22));
    }

    fn line(&self, canvas: &Canvas<'_>, curve: &Curve<'_>, course: &Course) {
        let Style { colour, dash, .. } = curve.point.style();
        let path: Vec<_> = course.iter().map(|(share, estimate)| (self.at)(*share, estimate.median)).collect();
        let stroke = match (curve.valid, dash) {
            (true, dash) => Stroke { colour, width: 2.4, dash },
            (false, []) => Stroke { colour, width: 1.2, dash: &[2.0, 2.0] },
            (false, dash) => Stroke { colour, width: 1.2, dash },
        };
        canvas.line(&path, stroke);
    }

    /// A thin line from where the measured latencies begin: theory has no shortest one that a logarithm could show.
    fn theory(&self, canvas: &Canvas<'_>, curve: &Curve<'_>, curves: &[Curve<'_>]) {
        let low = bounds(curves).map_or(0.0, |(low, _)| low);
        let last = if self.closed { 1.0 } else { 1.0 - 1.0 / curve.fewest.max(1) as f64 };
        let shares = self.shares.iter().copied().filter(|&share| share < last).chain([last]);
        let expected = shares.filter_map(|share| Some((share, curve.expected_ms_at(share)?)));
        let path: Vec<_> = expected.filter(|&(_, ms)| ms >= low).map(|(share, ms)| (self.at)(share, ms)).collect();
        canvas.line(&path, Stroke { colour: shade(curve.point.style().colour), width: 1.0, dash: &[] });
    }

    fn marked<'s>(&'s self, curve: &Curve<'_>) -> Vec<Mark<'s>> {
        let mark = |&(share, name): &(f64, &'s str)| {
            let estimate = curve.ms_at(share)?;
            let expected_ms = curve.expected_ms_at(share);
            Some(Mark { at: (self.at)(share, estimate.median), share, name, estimate, expected_ms })
        };
        self.marked.iter().filter(|(share, _)| curve.supports(*share)).filter_map(mark).collect()
    }

    fn mark(&self, canvas: &Canvas<'_>, curve: &Curve<'_>, mark: &Mark<'_>) {
        let Style { colour, marker, .. } = curve.point.style();
        match curve.valid {
            true => canvas.marker(mark.at, marker, 3.6, colour),
            false => repetitions::hollow(canvas, mark.at, marker, 3.6, colour),
        }
        if mark.estimate.dots.len() > 1 {
            for &dot in &mark.estimate.dots {
                let (x, y) = (self.at)(mark.share, dot.value);
                repetitions::dot(canvas, (x + self.beside.0, y + self.beside.1), dot, colour);
            }
        }
    }
}

/// A place of a line that can be read.
struct Mark<'s> {
    at: Place,
    share: f64,
    name: &'s str,
    estimate: Estimate,
    expected_ms: Option<f64>,
}

impl Mark<'_> {
    fn reading(&self, lang: Lang) -> Reading {
        let measured = repetitions::reading(lang, self.name, &self.estimate, "ms");
        let expected = self.expected_ms.map(|ms| text::reading_theory(lang, significant(ms), "ms"));
        Reading { at: self.at, text: measured + &expected.unwrap_or_default() }
    }
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
