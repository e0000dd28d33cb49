//! Drawing, in pixels of a chart at its natural size. The backend has whole coordinates, so everything is drawn eight
//! times larger and the drawing's size is set back: curves stay smooth.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::letters::Letters;
use crate::style::{Marker, PAPER};

const OVERSAMPLING: f64 = 8.0;
/// The SVG backend divides a font's size by this.
const FONT_DIVISOR: f64 = 1.24;

/// A point (px from the left, px from the top).
pub(crate) type Point = (f64, f64);

/// How a line looks.
#[derive(Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: RGBColor,
    pub(crate) width: f64,
    pub(crate) dash: &'static [f64],
}

/// What a drawing is called, for those who do not see it.
pub(crate) struct Names<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

/// A drawing in progress.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    top: f64,
}

/// Draws an SVG of the given size (px).
pub(crate) fn svg(size: Point, names: &Names<'_>, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut text = String::new();
    let scaled = ((size.0 * OVERSAMPLING).round() as u32, (size.1 * OVERSAMPLING).round() as u32);
    {
        let area = SVGBackend::with_string(&mut text, scaled).into_drawing_area();
        let mut canvas = Canvas { area, top: 0.0 };
        canvas.fill(&corners(0.0, 0.0, size.0, size.1), PAPER);
        draw(&mut canvas);
    }
    let body = text.split_once('\n').map_or("", |(_root, body)| body);
    // Text keeps the newline that the backend puts behind it; it would be selected and copied.
    let body = body.replace("\n</text>", "</text>").replace(">\n", ">");
    let Names { id, title, description } = names;
    let (title, description) = (escape(title), escape(description));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\" stroke-linejoin=\"round\">\n<title id=\"{id}-title\">{title}</title>\
         <desc id=\"{id}-desc\">{description}</desc>\n{body}",
        size.0, size.1, scaled.0, scaled.1
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The corners of a rectangle.
pub(crate) fn corners(left: f64, top: f64, right: f64, bottom: f64) -> [Point; 4] {
    [(left, top), (right, top), (right, bottom), (left, bottom)]
}

impl Canvas<'_> {
    /// Everything drawn from now on is moved down by so much more (px).
    pub(crate) fn move_down(&mut self, by: f64) {
        self.top += by;
    }

    fn at(&self, (x, y): Point) -> (i32, i32) {
        ((x * OVERSAMPLING).round() as i32, ((y + self.top) * OVERSAMPLING).round() as i32)
    }

    /// A line through the points.
    pub(crate) fn line(&self, points: &[Point], stroke: Stroke) {
        let style = ShapeStyle {
            color: stroke.colour.to_rgba(),
            filled: false,
            stroke_width: (stroke.width * OVERSAMPLING).round() as u32,
        };
        for part in dashes(points, stroke.dash) {
            let path: Vec<_> = part.into_iter().map(|point| self.at(point)).collect();
            let drawn = self.area.draw(&PathElement::new(path, style));
            drawn.expect("the backend writes to a String, which does not fail");
        }
    }

    /// An area.
    pub(crate) fn fill(&self, points: &[Point], colour: RGBColor) {
        let path: Vec<_> = points.iter().map(|&point| self.at(point)).collect();
        let drawn = self.area.draw(&Polygon::new(path, colour.filled()));
        drawn.expect("the backend writes to a String, which does not fail");
    }

    /// A text, its middle at the point's height.
    pub(crate) fn text(&self, at: Point, text: &str, letters: Letters) {
        let style = if letters.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = letters.size * OVERSAMPLING * FONT_DIVISOR;
        let mut font = FontDesc::new(FontFamily::Name("system-ui, sans-serif"), size, style);
        if letters.upwards {
            font = font.transform(FontTransform::Rotate270);
        }
        let style = TextStyle::from(font).color(&letters.colour).pos(Pos::new(letters.anchor, VPos::Center));
        let drawn = self.area.draw(&Text::new(text.to_owned(), self.at(at), style));
        drawn.expect("the backend writes to a String, which does not fail");
    }

    /// A transport's marker, with a white edge that parts it from lines.
    pub(crate) fn marker(&self, at: Point, marker: Marker, radius: f64, colour: RGBColor) {
        let around = |outline: &[Point], by: f64| -> Vec<Point> {
            outline.iter().map(|&(x, y)| (at.0 + x * by, at.1 + y * by)).collect()
        };
        let outline: &[Point] = match marker {
            Marker::Circle => {
                for (radius, colour) in [(radius + 1.2, PAPER), (radius, colour)] {
                    let pixels = (radius * OVERSAMPLING).round() as i32;
                    let drawn = self.area.draw(&Circle::new(self.at(at), pixels, colour.filled()));
                    drawn.expect("the backend writes to a String, which does not fail");
                }
                return;
            }
            Marker::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Marker::TriangleUp => &[(0.0, -1.2), (1.15, 0.9), (-1.15, 0.9)],
            Marker::TriangleDown => &[(0.0, 1.2), (1.15, -0.9), (-1.15, -0.9)],
            Marker::Diamond => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            Marker::Cross => &CROSS,
        };
        self.fill(&around(outline, radius + 1.6), PAPER);
        self.fill(&around(outline, radius), colour);
    }

    /// Diagonal lines inside a rectangle: the mark of an invalid cell's bar.
    pub(crate) fn hatch(&self, left: f64, top: f64, right: f64, bottom: f64, stroke: Stroke) {
        const GAP: f64 = 6.0;
        let height = bottom - top;
        let mut from = left - height + GAP;
        while from < right {
            // A line that rises from (from, bottom) to (from + height, top), cut at both sides.
            let (start, end) = (from.max(left), (from + height).min(right));
            if start < end {
                self.line(&[(start, bottom - (start - from)), (end, bottom - (end - from))], stroke);
            }
            from += GAP;
        }
    }
}

const CROSS: [Point; 12] = [
    (-1.2, -0.7),
    (-0.7, -1.2),
    (0.0, -0.5),
    (0.7, -1.2),
    (1.2, -0.7),
    (0.5, 0.0),
    (1.2, 0.7),
    (0.7, 1.2),
    (0.0, 0.5),
    (-0.7, 1.2),
    (-1.2, 0.7),
    (-0.5, 0.0),
];

/// Cuts a line into the parts that a dash pattern draws.
fn dashes(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    if pattern.is_empty() || points.len() < 2 {
        return vec![points.to_vec()];
    }
    let mut parts = Vec::new();
    let mut part = vec![points[0]];
    let (mut phase, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut length = (to.0 - from.0).hypot(to.1 - from.1);
        while length > left {
            let share = left / length;
            from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            length -= left;
            if phase % 2 == 0 {
                part.push(from);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![from];
            }
            phase = (phase + 1) % pattern.len();
            left = pattern[phase];
        }
        left -= length;
        if phase % 2 == 0 {
            part.push(to);
        }
    }
    parts.push(part);
    parts.retain(|part| part.len() > 1);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share_of_a_line_whatever_its_points() {
        let line: Vec<Point> = (0..=90).map(|x| (f64::from(x), 0.0)).collect();
        let parts = dashes(&line, &[6.0, 3.0]);
        assert_eq!(parts.len(), 10);
        let drawn: f64 = parts.iter().map(|part| part[part.len() - 1].0 - part[0].0).sum();
        assert!((drawn - 60.0).abs() < 1e-6, "{drawn}");
    }
}
