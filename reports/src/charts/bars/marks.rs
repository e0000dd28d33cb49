//! What stands on a bar: its repetitions with their spread, and what theory expects.

use super::super::canvas::{Canvas, Point, Stroke};
use super::super::scale::Scale;
use crate::estimate::{Estimate, Spread};
use crate::style::{INK, INVALID, Marker, PAPER};

/// The radius of a dot (px).
const RADIUS: f64 = 1.9;

/// The repetitions of a bar between its edges (px): the first at the top, so that dots of one value stand side by side.
/// A figure that was measured once is its bar.
pub(super) fn repetitions(canvas: &Canvas<'_>, scale: &Scale, (upper, lower): (f64, f64), estimate: &Estimate) {
    if estimate.dots.len() < 2 {
        return;
    }
    if let Some(spread) = estimate.spread {
        let (low, high) = spread.ends();
        whisker(canvas, (scale.at(low), scale.at(high)), f64::midpoint(upper, lower), spread);
    }
    let (first, last) = (upper + 2.0, lower - 2.0);
    let step = (last - first) / (estimate.dots.len() - 1) as f64;
    for (number, one) in estimate.dots.iter().enumerate() {
        dot(canvas, (scale.at(one.value), first + step * number as f64), one.valid);
    }
}

/// From `low` to `high` (px): an interval has caps, a range has none.
pub(super) fn whisker(canvas: &Canvas<'_>, (low, high): (f64, f64), y: f64, spread: Spread) {
    for (colour, width) in [(PAPER, 3.6), (INK, 1.4)] {
        let stroke = Stroke { colour, width, dash: &[] };
        canvas.line(&[(low, y), (high, y)], stroke);
        if let Spread::Interval { .. } = spread {
            for x in [low, high] {
                canvas.line(&[(x, y - 5.0), (x, y + 5.0)], stroke);
            }
        }
    }
}

/// One repetition; a ring where it is invalid.
pub(in super::super) fn dot(canvas: &Canvas<'_>, at: Point, valid: bool) {
    if valid {
        return canvas.marker(at, Marker::Circle, RADIUS, INK);
    }
    let angles = (0..=16).map(|step| f64::from(step) * std::f64::consts::TAU / 16.0);
    let around: Vec<Point> =
        angles.map(|angle| (at.0 + (RADIUS + 0.6) * angle.cos(), at.1 + (RADIUS + 0.6) * angle.sin())).collect();
    canvas.fill(&around, PAPER);
    canvas.line(&around, Stroke { colour: INVALID, width: 1.3, dash: &[] });
}

/// A thin line across a bar, a little longer than it is thick.
pub(super) fn theory(canvas: &Canvas<'_>, x: f64, (upper, lower): (f64, f64)) {
    for (colour, width) in [(PAPER, 3.4), (INK, 1.3)] {
        canvas.line(&[(x, upper - 2.0), (x, lower + 2.0)], Stroke { colour, width, dash: &[] });
    }
}
