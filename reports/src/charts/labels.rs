//! Labels beside the ends of lines, instead of a key that the eye has to go to and come back from.

use super::canvas::{Canvas, Point as Place, Stroke};
use super::frame::{LABEL, Room};
use super::letters::{Letters, text_width, wrap};
use super::place::place;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::set::Point;
use crate::style::{INK, INVALID, Style, tint};
use crate::text::common::label_comma;

/// The height of a drawing that has nothing to draw (px).
pub(super) const EMPTY: f64 = 80.0;
const LINE: f64 = 16.0;
const BETWEEN: f64 = 3.0;

/// The labels of some points, broken so that the plot keeps most of the drawing.
pub(super) struct Labels {
    texts: Vec<Vec<String>>,
    look: Look,
}

impl Labels {
    pub(super) fn of<'a>(look: Look, points: impl Iterator<Item = &'a Point<'a>>) -> Labels {
        let widest = match look.medium {
            Medium::Page => 270.0,
            Medium::Slide => 235.0,
            Medium::Paper => 150.0,
        };
        Labels { texts: points.map(|point| broken(look.lang, &point.marked_label(), widest)).collect(), look }
    }

    /// From the plot's right side to the texts: the leaders and the markers.
    fn gap(&self) -> f64 {
        if self.look.medium == Medium::Paper { 36.0 } else { 48.0 }
    }

    /// What the labels need right of the plot (px).
    pub(super) fn width(&self) -> f64 {
        self.gap() + self.texts.iter().flatten().map(|line| text_width(line, LABEL)).fold(0.0, f64::max) + 8.0
    }

    fn height_of_one(&self) -> f64 {
        self.texts.iter().map(Vec::len).max().unwrap_or(1) as f64 * LINE + BETWEEN
    }

    /// The height of a drawing (px) of lines with these labels: that of its medium, or what the labels need.
    pub(super) fn drawing_height(&self) -> f64 {
        let usual = match self.look.medium {
            Medium::Page => 440.0,
            Medium::Slide => 350.0,
            Medium::Paper => 340.0,
        };
        (self.texts.len() as f64 * self.height_of_one() + 80.0).max(usual)
    }

    /// The middle of each label (px from the top), for lines that end at these heights.
    pub(super) fn places(&self, room: Room, ends: &[Place]) -> Vec<f64> {
        let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
        let height = self.height_of_one();
        place(&wanted, height, room.top + height / 2.0 - 6.0, room.bottom + 10.0)
    }

    /// The label of the point with this index, whose line ends there.
    pub(super) fn draw(
        &self,
        canvas: &Canvas<'_>,
        index: usize,
        point: &Point<'_>,
        right: f64,
        end: Place,
        middle: f64,
    ) {
        let leader = Stroke { colour: tint(point.style().colour, 0.7), width: 1.0, dash: &[] };
        let left = right + self.gap();
        // Level until the axes' end: a leader that falls through the data would be taken for a line.
        canvas.line(&[end, (right + 3.0, end.1), (left - 20.0, middle), (left - 12.0, middle)], leader);
        self.text(canvas, index, point, (left - 9.0, middle), left);
    }

    /// The middle of each label of a key, for lines whose ends cannot be told apart: in the order of these values.
    pub(super) fn key_places(&self, room: Room, order: &[f64]) -> Vec<f64> {
        let before = |value: f64| order.iter().filter(|other| **other < value).count();
        let wanted: Vec<Place> =
            order.iter().map(|&value| (0.0, room.top + before(value) as f64 * self.height_of_one())).collect();
        self.places(room, &wanted)
    }

    /// A label beside a sample of its line.
    pub(super) fn draw_key(&self, canvas: &Canvas<'_>, index: usize, point: &Point<'_>, right: f64, middle: f64) {
        let Style { colour, dash, .. } = point.style();
        let left = right + self.gap();
        let at = (left - 20.0, middle);
        canvas.line(&[(at.0 - 15.0, middle), (at.0 + 15.0, middle)], Stroke { colour, width: 2.4, dash });
        self.text(canvas, index, point, at, left);
    }

    /// The marker there, and the text from `left` on.
    fn text(&self, canvas: &Canvas<'_>, index: usize, point: &Point<'_>, at: Place, left: f64) {
        let Style { colour, marker, .. } = point.style();
        canvas.marker(at, marker, 4.4, colour);
        let ink = if point.is_valid() { INK } else { INVALID };
        let lines = &self.texts[index];
        let first = at.1 - (lines.len() - 1) as f64 * LINE / 2.0;
        for (number, line) in lines.iter().enumerate() {
            canvas.text((left, first + number as f64 * LINE), line, Letters::new(LABEL, ink));
        }
    }
}

/// A label in lines of at most this width (px): broken between its parts where it does not fit in one.
pub(super) fn broken(lang: Lang, label: &str, widest: f64) -> Vec<String> {
    if text_width(label, LABEL) <= widest {
        return vec![label.to_owned()];
    }
    label.split_inclusive(label_comma(lang)).flat_map(|part| wrap(part, LABEL, widest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_breaks_between_its_parts_and_only_where_it_has_to() {
        let lines = |lang, label| broken(lang, label, 150.0);
        assert_eq!(lines(Lang::En, "server-sent events"), ["server-sent events"]);
        assert_eq!(lines(Lang::En, "server-sent events, 10,000 clients"), ["server-sent events,", "10,000 clients"]);
        assert_eq!(lines(Lang::Zh, "服务器发送事件，10,000 个客户端"), ["服务器发送事件，", "10,000 个客户端"]);
    }
}
