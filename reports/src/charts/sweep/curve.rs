//! The measured line of one transport: its points, how far their repetitions lie apart, and the repetitions.

use feedbench_record::Transport;

use crate::charts::canvas::{Canvas, Point, Stroke};
use crate::charts::frame::Room;
use crate::charts::scale::Scale;
use crate::estimate::Estimate;
use crate::style::{self, INVALID, Marker, PAPER, Style, tint};

/// The measured line of one transport.
pub(crate) struct Curve {
    pub(crate) transport: Transport,
    pub(crate) label: String,
    /// Ascending along the axis.
    pub(crate) spots: Vec<(f64, Estimate)>,
    /// Does its one point hold for every value?
    pub(crate) is_level: bool,
}

impl Curve {
    fn ink(&self) -> Style {
        style::of(self.transport)
    }
}

/// Where curves are drawn.
pub(super) struct Drawn {
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) room: Room,
}

impl Drawn {
    pub(super) fn at(&self, curve: &Curve, value: f64, height: f64) -> Point {
        let x = if curve.is_level { self.room.right } else { self.x.at(value) };
        (x, self.y.at(height))
    }

    pub(super) fn end(&self, curve: &Curve) -> Point {
        curve.spots.last().map_or((self.room.right, self.room.bottom), |(value, e)| self.at(curve, *value, e.median))
    }

    /// The spread of every point that counts, joined where neighbours have one.
    pub(super) fn band(&self, canvas: &Canvas<'_>, curve: &Curve) {
        let colour = tint(curve.ink().colour, 0.22);
        let mut upper: Vec<Point> = Vec::new();
        let mut lower: Vec<Point> = Vec::new();
        let ends = |(value, estimate): &(f64, Estimate)| {
            let (low, high) = estimate.spread.filter(|_| estimate.valid)?.ends();
            Some((self.at(curve, *value, high), self.at(curve, *value, low)))
        };
        for spot in curve.spots.iter().map(ends).chain([None]) {
            match spot {
                Some((high, low)) if curve.is_level => {
                    let corners = [(self.room.left, high.1), high, low, (self.room.left, low.1)];
                    canvas.fill(&corners, colour);
                }
                Some((high, low)) => {
                    upper.push(high);
                    lower.push(low);
                }
                None => {
                    if let ([high], [low]) = (upper.as_slice(), lower.as_slice()) {
                        canvas.line(&[*high, *low], Stroke { colour, width: 5.0, dash: &[] });
                    } else if upper.len() > 1 {
                        let around: Vec<_> = upper.iter().chain(lower.iter().rev()).copied().collect();
                        canvas.fill(&around, colour);
                    }
                    (upper, lower) = (Vec::new(), Vec::new());
                }
            }
        }
    }

    pub(super) fn line(&self, canvas: &Canvas<'_>, curve: &Curve, is_joined: bool) {
        let Style { colour, dash, marker } = curve.ink();
        if let ([(_, estimate)], true) = (curve.spots.as_slice(), curve.is_level) {
            let (height, width) = (self.y.at(estimate.median), if estimate.valid { 1.6 } else { 1.0 });
            canvas.line(&[(self.room.left, height), (self.room.right, height)], Stroke { colour, width, dash });
            return;
        }
        let counted = curve.spots.iter().filter(|spot| spot.1.valid);
        let path: Vec<_> = counted.map(|(value, estimate)| self.at(curve, *value, estimate.median)).collect();
        if is_joined {
            canvas.line(&path, Stroke { colour, width: 2.2, dash });
        }
        for (value, estimate) in &curve.spots {
            for dot in estimate.dots.iter().filter(|_| estimate.dots.len() > 1) {
                let at = self.at(curve, *value, dot.value);
                if dot.valid {
                    canvas.marker(at, Marker::Circle, 1.5, tint(colour, 0.7));
                } else {
                    ring(canvas, at, 2.4);
                }
            }
            let at = self.at(curve, *value, estimate.median);
            if estimate.valid {
                canvas.marker(at, marker, 4.0, colour);
            } else {
                ring(canvas, at, 5.0);
            }
        }
    }
}

/// The mark of what is invalid.
fn ring(canvas: &Canvas<'_>, at: Point, radius: f64) {
    canvas.marker(at, Marker::Circle, radius, INVALID);
    canvas.fill(&circle(at, radius - 1.2), PAPER);
}

fn circle((x, y): Point, radius: f64) -> Vec<Point> {
    let angles = (0..24).map(|step| f64::from(step) * std::f64::consts::TAU / 24.0);
    angles.map(|angle| (x + radius * angle.cos(), y + radius * angle.sin())).collect()
}
