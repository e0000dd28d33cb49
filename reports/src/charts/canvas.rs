//! Drawing, in pixels of a chart at its natural size. The backend has whole coordinates, so everything is drawn eight
//! times larger and the drawing's size is set back: curves stay smooth.

use std::cell::RefCell;

use feedbench_record::Transport;
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::letters::Letters;
use crate::look::{Look, Medium};
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

/// What is drawn on.
#[derive(Clone, Copy)]
pub(crate) struct Sheet {
    /// Width and height (px).
    pub(crate) size: Point,
    pub(crate) look: Look,
    /// Does a page with a script show it? Then its parts can be found again, with what they can be read by.
    pub(crate) interactive: bool,
}

/// What a reader gets who points at a place.
pub(crate) struct Reading {
    pub(crate) at: Point,
    pub(crate) text: String,
}

/// A drawing in progress.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    sheet: Sheet,
    /// Everything is moved by so much (px).
    offset: Point,
    /// The finished groups, each with a mark in the drawing where it belongs.
    groups: &'a RefCell<Vec<String>>,
}

/// Stands around the number of a group, in a text that is drawn in its place: the backend knows no groups.
const GROUP_MARK: char = '\u{e000}';

/// Draws an SVG.
pub(crate) fn svg(sheet: Sheet, names: &Names<'_>, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    let groups = RefCell::new(Vec::new());
    let body = body(sheet, (0.0, 0.0), &groups, |canvas| {
        canvas.fill(&corners(0.0, 0.0, sheet.size.0, sheet.size.1), PAPER);
        draw(canvas);
    });
    let body = with_groups(body, &groups.into_inner());
    let Names { id, title, description } = names;
    let (title, description) = (escape(title), escape(description));
    let (width, height) = sheet.size;
    let (viewed_width, viewed_height) = scaled(sheet);
    // A column of a journal has a width on paper.
    let (width, height) = match sheet.look.medium {
        Medium::Page | Medium::Slide => (width.to_string(), height.to_string()),
        Medium::Paper => ("88mm".to_owned(), format!("{:.2}mm", height * 88.0 / width)),
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {viewed_width} {viewed_height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\" stroke-linejoin=\"round\">\n<title id=\"{id}-title\">{title}</title>\
         <desc id=\"{id}-desc\">{description}</desc>\n{body}</svg>\n"
    )
}

fn scaled(sheet: Sheet) -> (u32, u32) {
    ((sheet.size.0 * OVERSAMPLING).round() as u32, (sheet.size.1 * OVERSAMPLING).round() as u32)
}

/// What the backend writes, without its root.
fn body(sheet: Sheet, offset: Point, groups: &RefCell<Vec<String>>, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, scaled(sheet)).into_drawing_area();
        draw(&mut Canvas { area, sheet, offset, groups });
    }
    let body = text.split_once('\n').map_or("", |(_root, body)| body);
    let body = body.trim_end().trim_end_matches("</svg>");
    // Text keeps the newline that the backend puts behind it; it would be selected and copied.
    body.replace("\n</text>", "</text>").replace(">\n", ">")
}

fn with_groups(mut body: String, groups: &[String]) -> String {
    // From the last to the first: a group stands inside of one that was finished after it.
    for (number, group) in groups.iter().enumerate().rev() {
        let mark = format!("{GROUP_MARK}{number}{GROUP_MARK}</text>");
        let Some(at) = body.find(&mark) else { continue };
        let start = body[..at].rfind("<text").unwrap_or(at);
        body.replace_range(start..at + mark.len(), group);
    }
    body
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escape_attribute(text: &str) -> String {
    escape(text).replace('"', "&quot;")
}

/// The corners of a rectangle.
pub(crate) fn corners(left: f64, top: f64, right: f64, bottom: f64) -> [Point; 4] {
    [(left, top), (right, top), (right, bottom), (left, bottom)]
}

impl Canvas<'_> {
    /// Everything drawn from now on is moved by so much more (px).
    pub(crate) fn shift(&mut self, by: Point) {
        self.offset = (self.offset.0 + by.0, self.offset.1 + by.1);
    }

    /// Language and medium.
    pub(crate) fn look(&self) -> Look {
        self.sheet.look
    }

    /// Draws what belongs to one transport, so that a page can hide it, and read its figures where a reader points.
    pub(crate) fn series(
        &self,
        transport: Transport,
        label: &str,
        readings: &[Reading],
        draw: impl FnOnce(&Canvas<'_>),
    ) {
        if !self.sheet.interactive {
            return draw(self);
        }
        let drawn = body(self.sheet, self.offset, self.groups, |canvas| draw(canvas));
        let readings: Vec<_> = readings.iter().map(|reading| self.reading(reading)).collect();
        let group = format!(
            "<g data-transport=\"{}\" data-label=\"{}\" data-readings=\"{}\">{drawn}</g>",
            transport.id(),
            escape_attribute(label),
            escape_attribute(&format!("[{}]", readings.join(",")))
        );
        let number = {
            let mut groups = self.groups.borrow_mut();
            groups.push(group);
            groups.len() - 1
        };
        self.text((0.0, 0.0), &format!("{GROUP_MARK}{number}{GROUP_MARK}"), Letters::new(1.0, PAPER));
    }

    /// A reading as a line of JSON: place (px of the drawing) and text.
    fn reading(&self, Reading { at, text }: &Reading) -> String {
        let (x, y) = (at.0 + self.offset.0, at.1 + self.offset.1);
        format!("[{x:.1},{y:.1},{}]", serde_json::Value::from(text.as_str()))
    }

    fn at(&self, (x, y): Point) -> (i32, i32) {
        let place = |along: f64, offset: f64| ((along + offset) * OVERSAMPLING).round() as i32;
        (place(x, self.offset.0), place(y, self.offset.1))
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
