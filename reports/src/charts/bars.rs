//! Horizontal bars, one group for each point: a bar is as long as the median of its repetitions, which stand on it as dots
//! with their spread as a whisker; its figure is at its end.
//!
//! - `part`: what a bar is made of, and how it is filled. `marks`: whiskers, dots and the line of theory.
//! - `key`: what stands above the bars. `label`: what stands beside them.
//! - `figure`: a median with its unit, as text and as rows. `sides`: server and load generator.

mod figure;
mod key;
mod label;
mod marks;
mod part;
mod sides;
#[cfg(test)]
mod tests;

use feedbench_record::Transport;

use super::canvas::{Canvas, Reading, corners};
use super::frame::{Chart, Plan, Room, SMALL, base_line, bottom_axis};
use super::letters::{Letters, text_width, wrap};
use super::scale::Scale;
use super::scene::Scene;
use crate::estimate::Estimate;
use crate::look::{Look, Medium};
use crate::set::Point;
use crate::style::{INK, MUTED, PAPER};
pub(super) use figure::{Figure, data, figures, row, row_of_theory, with_repetitions};
pub(super) use key::Key;
use label::Label;
pub(super) use marks::dot;
use part::Ground;
pub(super) use part::{Fill, Part};
pub(super) use sides::{key as sides_key, rows as side_rows, sides};

/// One bar.
#[derive(Default)]
pub(super) struct Bar {
    /// From the left.
    pub(super) parts: Vec<Part>,
    /// What stands at its end.
    pub(super) text: String,
    /// What a reader gets who points at its end; empty for no more than its text.
    pub(super) reading: String,
    /// The figure over the repetitions, in units of the axis from its start.
    pub(super) estimate: Option<Estimate>,
    /// What theory expects, in units of the axis.
    pub(super) expected: Option<f64>,
}

/// A bar without a figure.
pub(super) fn absent(text: impl Into<String>) -> Bar {
    Bar { text: text.into(), ..Bar::default() }
}

impl Bar {
    fn length(&self) -> f64 {
        self.parts.iter().map(|part| part.length.max(0.0)).sum()
    }

    /// Where its text can begin: behind everything that is drawn (units of the axis).
    fn reach(&self) -> f64 {
        let estimate = self.estimate.as_ref().map_or(0.0, |estimate| estimate.bounds().1);
        self.length().max(estimate).max(self.expected.unwrap_or(0.0))
    }
}

/// The bars of one point.
pub(super) struct Group {
    transport: Transport,
    label: String,
    mark: Option<String>,
    valid: bool,
    bars: Vec<Bar>,
}

/// Makes a group of each point.
pub(super) fn groups<'p, 'a: 'p>(
    points: impl IntoIterator<Item = &'p Point<'a>>,
    bars: impl Fn(&Point<'a>) -> Vec<Bar>,
) -> Vec<Group> {
    let group = |point: &Point<'a>| Group {
        transport: point.transport(),
        label: point.label().to_owned(),
        mark: point.mark(),
        valid: point.is_valid(),
        bars: bars(point),
    };
    points.into_iter().map(group).collect()
}

/// The axis below the bars.
pub(super) struct Axis<'a> {
    pub(super) title: &'a str,
    /// Where it ends; `None` where the room does.
    pub(super) end: Option<f64>,
}

impl<'a> From<&'a str> for Axis<'a> {
    fn from(title: &'a str) -> Self {
        Axis { title, end: None }
    }
}

/// From the plot's lower edge to the first line of the axis' title, and below the last one.
const AXIS_HEIGHT: f64 = 52.0;
const TITLE: f64 = SMALL + 0.5;
const TITLE_LINE: f64 = 17.0;
/// Between the end of a bar and its text.
const TEXT_GAP: f64 = 8.0;
const MARGIN: f64 = 16.0;

/// Where the bars of all groups stand.
struct Layout<'a> {
    look: Look,
    groups: &'a [Group],
    labels: Vec<Label<'a>>,
    key: Key,
    axis: Axis<'a>,
    /// The thickness of a bar, and what parts two groups (px).
    bar: f64,
    gap: f64,
}

impl<'a> Layout<'a> {
    fn new(look: Look, groups: &'a [Group], key: Key, axis: Axis<'a>) -> Self {
        let alone = groups.iter().all(|group| group.bars.len() <= 1);
        let (bar, gap) = match (alone, look.medium) {
            (true, _) => (26.0, 15.0),
            (false, Medium::Page | Medium::Paper) => (17.0, 15.0),
            // A slide is low.
            (false, Medium::Slide) => (16.0, 11.0),
        };
        let key = key.with_marks(look.lang, &groups.iter().flat_map(|group| &group.bars));
        let labels = groups.iter().map(|group| Label::of(group, look)).collect();
        Layout { look, groups, labels, key, axis, bar, gap }
    }

    fn group_heights(&self) -> impl Iterator<Item = f64> {
        let height =
            |(group, label): (&Group, &Label<'_>)| (group.bars.len() as f64 * self.bar).max(label.height()) + self.gap;
        self.groups.iter().zip(&self.labels).map(height)
    }

    /// The height of the drawing (px).
    fn height(&self) -> f64 {
        self.key_height() + self.group_heights().sum::<f64>() + self.axis_height()
    }

    fn left(&self) -> f64 {
        self.labels.iter().map(Label::width).fold(0.0, f64::max) + 28.0
    }

    /// From where to where the key stands: where there is little room, below the labels too.
    fn key_room(&self) -> (f64, f64) {
        let left = if self.look.medium == Medium::Page { self.left() } else { MARGIN };
        (left, self.look.width() - MARGIN)
    }

    fn key_height(&self) -> f64 {
        self.key.height(self.key_room())
    }

    /// The title in lines of about the same length.
    fn title_lines(&self) -> Vec<String> {
        let lines = |width| wrap(self.axis.title, TITLE, width);
        let room = self.look.width() - 2.0 * MARGIN;
        let fewest = lines(room).len();
        let even = lines(text_width(self.axis.title, TITLE) / fewest as f64 * 1.15);
        if even.len() == fewest { even } else { lines(room) }
    }

    fn axis_height(&self) -> f64 {
        AXIS_HEIGHT + (self.title_lines().len() as f64 - 1.0) * TITLE_LINE
    }

    fn room(&self) -> Room {
        Room {
            left: self.left(),
            top: self.key_height(),
            right: self.look.width() - 20.0,
            bottom: self.height() - self.axis_height(),
        }
    }

    /// The scale on which every bar and the text at its end fit; `None` where no bar has a length.
    fn scale(&self, room: Room) -> Option<Scale> {
        let width = room.right - room.left;
        let bars = self.groups.iter().flat_map(|group| &group.bars);
        let unit = bars
            .filter(|bar| bar.reach() > 0.0)
            .map(|bar| (width - TEXT_GAP - text_width(&bar.text, SMALL)).max(width / 8.0) / bar.reach())
            .fold(f64::INFINITY, f64::min);
        unit.is_finite().then(|| Scale::linear(width / unit).between(room.left, room.right))
    }

    fn draw(&self, canvas: &Canvas<'_>) {
        let room = self.room();
        let scale = self.scale(room);
        if let Some(scale) = &scale {
            let end = self.axis.end.unwrap_or_else(|| scale.value_at(room.right));
            bottom_axis(canvas, room, &Scale::linear(end).between(room.left, scale.at(end)), 6, true);
        }
        self.draw_title(canvas, room);
        self.key.draw(canvas, self.key_room());
        // Without any length there is no axis, only what the texts say.
        let scale = scale.unwrap_or_else(|| Scale::linear(1.0).between(room.left, room.right));
        let mut top = room.top + self.gap / 2.0;
        for ((group, label), height) in self.groups.iter().zip(&self.labels).zip(self.group_heights()) {
            let middle = top + (height - self.gap) / 2.0;
            let readings = self.readings(group, &scale, middle);
            canvas.series(group.transport, &group.label, &readings, |canvas| {
                label.draw(canvas, (room.left - 10.0, middle));
                self.draw_bars(canvas, &scale, middle, group);
            });
            top += height;
        }
        base_line(canvas, (room.left, room.top), (room.left, room.bottom));
    }

    /// The axis' title below the middle of the plot, moved so that it stays inside of the drawing.
    fn draw_title(&self, canvas: &Canvas<'_>, room: Room) {
        for (number, line) in self.title_lines().iter().enumerate() {
            let half = text_width(line, TITLE) / 2.0;
            let width = self.look.width();
            let x = f64::midpoint(room.left, room.right).min(width - MARGIN - half).max(MARGIN + half);
            let letters = Letters::new(TITLE, INK).anchored(plotters::style::text_anchor::HPos::Center);
            canvas.text((x, room.bottom + 38.0 + number as f64 * TITLE_LINE), line, letters);
        }
    }

    /// The bars of a group whose middle stands there, each with its upper edge (px).
    fn tops<'g>(&self, group: &'g Group, middle: f64) -> impl Iterator<Item = (&'g Bar, f64)> {
        let (bar, first) = (self.bar, middle - group.bars.len() as f64 * self.bar / 2.0);
        group.bars.iter().enumerate().map(move |(number, one)| (one, first + number as f64 * bar))
    }

    fn draw_bars(&self, canvas: &Canvas<'_>, scale: &Scale, middle: f64, group: &Group) {
        for (bar, top) in self.tops(group, middle) {
            let (upper, lower) = (top + 1.0, top + self.bar - 1.0);
            let mut sum = 0.0;
            for part in &bar.parts {
                let (from, to) = (scale.at(sum), scale.at(sum + part.length.max(0.0)));
                part.draw(canvas, (from, upper, to, lower), Ground { transport: group.transport, valid: group.valid });
                sum += part.length.max(0.0);
            }
            let start = scale.at(bar.reach()) + TEXT_GAP;
            // The grid would run through the digits.
            let end = (start + text_width(&bar.text, SMALL)).min(self.look.width());
            canvas.fill(&corners(start - 3.0, upper, end.max(start), lower), PAPER);
            let colour = if bar.parts.is_empty() { MUTED } else { INK };
            canvas.text((start, top + self.bar / 2.0), &bar.text, Letters::new(SMALL, colour));
            if let Some(estimate) = &bar.estimate {
                marks::repetitions(canvas, scale, (upper, lower), estimate);
            }
            if let Some(expected) = bar.expected {
                marks::theory(canvas, scale.at(expected), (upper, lower));
            }
        }
    }

    /// What a reader of a group gets: each part with a text of its own, and each bar's figure.
    fn readings(&self, group: &Group, scale: &Scale, middle: f64) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (bar, top) in self.tops(group, middle) {
            let (mut sum, y) = (0.0, top + self.bar / 2.0);
            for part in &bar.parts {
                let at = (scale.at(sum + part.length / 2.0), y);
                sum += part.length.max(0.0);
                if !part.reading.is_empty() {
                    readings.push(Reading { at, text: part.reading.clone() });
                }
            }
            let text = if bar.reading.is_empty() { &bar.text } else { &bar.reading };
            readings.push(Reading { at: (scale.at(sum), y), text: text.clone() });
        }
        readings
    }
}

/// The chart of one plan.
pub(super) fn chart<'a>(
    scene: &Scene<'_>,
    plan: Plan,
    groups: &'a [Group],
    key: Key,
    axis: impl Into<Axis<'a>>,
) -> Chart {
    let layout = Layout::new(scene.look, groups, key, axis.into());
    Plan { height: layout.height(), ..plan }.draw(scene.look, &scene.caption, |canvas| layout.draw(canvas))
}
