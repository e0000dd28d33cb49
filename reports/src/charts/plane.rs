//! Lines of latencies in a plane: bands, medians, repetitions, theory and labels, whichever axis is the latency.

use super::canvas::{Canvas, Point as Place, Reading, Stroke};
use super::curves::{self, Curve};
use super::frame::Room;
use super::labels::Labels;
use super::repetitions;
use crate::estimate::{Estimate, Spread};
use crate::lang::Lang;
use crate::number::significant;
use crate::style::{Style, shade, tint};
use crate::text::charts_lines as text;

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
        let last = curve.last_share();
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
        let stroke = match (curve.is_valid(), dash) {
            (true, dash) => Stroke { colour, width: 2.4, dash },
            (false, []) => Stroke { colour, width: 1.2, dash: &[2.0, 2.0] },
            (false, dash) => Stroke { colour, width: 1.2, dash },
        };
        canvas.line(&path, stroke);
    }

    /// A thin line from where the measured latencies begin: theory has no shortest one that a logarithm could show.
    fn theory(&self, canvas: &Canvas<'_>, curve: &Curve<'_>, curves: &[Curve<'_>]) {
        let low = curves::bounds(curves).map_or(0.0, |(low, _)| low);
        let last = if self.closed { 1.0 } else { curve.last_share() };
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
        match curve.is_valid() {
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
