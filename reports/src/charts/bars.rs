//! Horizontal bars, one group for each cell, each bar with its figure at its end.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Stroke, corners};
use super::frame::{LABEL, Plan, Room, SMALL, WIDTH, base_line, bottom_axis, bottom_title};
use super::letters::{Letters, text_width};
use super::scale::Scale;
use crate::number::significant;
use crate::set::{INVALID_MARK, Item};
use crate::style::{INK, INVALID, MUTED, PAPER, tint};

/// How much of a colour a part of a bar has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shade {
    Full,
    Light,
}

impl Shade {
    fn of(self, colour: RGBColor) -> RGBColor {
        match self {
            Shade::Full => colour,
            Shade::Light => tint(colour, 0.4),
        }
    }
}

/// One bar.
pub(super) struct Bar {
    /// The parts from the left, each with its length in units of the axis.
    pub(super) parts: Vec<(f64, Shade)>,
    /// What stands at its end.
    pub(super) text: String,
}

/// The bars of one cell.
pub(super) struct Group {
    label: String,
    colour: RGBColor,
    valid: bool,
    bars: Vec<Bar>,
}

/// Makes a group of each cell.
pub(super) fn groups(items: &[Item<'_>], bars: impl Fn(&Item<'_>) -> Vec<Bar>) -> Vec<Group> {
    let group = |item: &Item<'_>| Group {
        label: item.label.clone(),
        colour: item.style().colour,
        valid: item.valid(),
        bars: bars(item),
    };
    items.iter().map(group).collect()
}

/// What stands above the bars: the shades and their meaning.
pub(super) type Key = &'static [(Shade, &'static str)];

const GAP: f64 = 15.0;
const KEY_HEIGHT: f64 = 30.0;
const AXIS_HEIGHT: f64 = 52.0;
/// Between the end of a bar and its text.
const TEXT_GAP: f64 = 7.0;

/// Where the bars of all groups stand.
pub(super) struct Layout<'a> {
    groups: &'a [Group],
    key: Key,
    axis: &'a str,
    bar: f64,
}

impl<'a> Layout<'a> {
    pub(super) fn new(groups: &'a [Group], key: Key, axis: &'a str) -> Self {
        let alone = groups.iter().all(|group| group.bars.len() <= 1);
        Layout { groups, key, axis, bar: if alone { 26.0 } else { 17.0 } }
    }

    fn group_height(&self, group: &Group) -> f64 {
        // An invalid cell's mark is a second line of its label.
        (group.bars.len().max(1) as f64 * self.bar).max(if group.valid { 0.0 } else { 32.0 }) + GAP
    }

    /// The height of the drawing (px).
    pub(super) fn height(&self) -> f64 {
        KEY_HEIGHT + self.groups.iter().map(|group| self.group_height(group)).sum::<f64>() + AXIS_HEIGHT
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>) {
        let longest = self.groups.iter().map(|group| text_width(&group.label, LABEL)).fold(0.0, f64::max);
        let room = Room {
            left: (longest + 28.0).min(WIDTH / 2.0),
            top: KEY_HEIGHT,
            right: WIDTH - 20.0,
            bottom: self.height() - AXIS_HEIGHT,
        };
        let bars = || self.groups.iter().flat_map(|group| &group.bars);
        // Every bar and the text at its end have to fit.
        let unit = bars()
            .filter(|bar| length(bar) > 0.0)
            .map(|bar| (room.right - room.left - TEXT_GAP - text_width(&bar.text, SMALL)) / length(bar))
            .fold(f64::INFINITY, f64::min);
        // Without any length there is no axis, only what the texts say.
        let high = if unit.is_finite() { (room.right - room.left) / unit } else { 1.0 };
        let scale = Scale::linear(high).between(room.left, room.right);
        if unit.is_finite() {
            bottom_axis(canvas, room, &scale, 6, true);
        }
        bottom_title(canvas, room, self.axis);
        self.draw_key(canvas, room);
        let mut top = room.top + GAP / 2.0;
        for group in self.groups {
            self.draw_group(canvas, &scale, room, top, group);
            top += self.group_height(group);
        }
        base_line(canvas, (room.left, room.top), (room.left, room.bottom));
    }

    fn draw_key(&self, canvas: &Canvas<'_>, room: Room) {
        let mut x = room.left;
        for (shade, text) in self.key {
            canvas.fill(&corners(x, 6.0, x + 20.0, 18.0), shade.of(MUTED));
            canvas.text((x + 27.0, 12.0), text, Letters::new(SMALL, INK));
            x += 27.0 + text_width(text, SMALL) + 22.0;
        }
    }

    fn draw_group(&self, canvas: &Canvas<'_>, scale: &Scale, room: Room, top: f64, group: &Group) {
        let height = self.group_height(group) - GAP;
        let (x, middle) = (room.left - 10.0, top + height / 2.0);
        let label = Letters::new(LABEL, INK).anchored(HPos::Right);
        if group.valid {
            canvas.text((x, middle), &group.label, label);
        } else {
            canvas.text((x, middle - 8.0), &group.label, label);
            canvas.text((x, middle + 9.0), INVALID_MARK, Letters { size: SMALL, colour: INVALID, ..label.bold() });
        }
        let mut y = middle - group.bars.len() as f64 * self.bar / 2.0;
        for bar in &group.bars {
            let (upper, lower) = (y + 1.0, y + self.bar - 1.0);
            let mut sum = 0.0;
            for &(part, shade) in &bar.parts {
                let (from, to) = (scale.at(sum), scale.at(sum + part.max(0.0)));
                self.draw_part(canvas, (from, upper, to, lower), shade.of(group.colour), group);
                sum += part.max(0.0);
            }
            let at = (scale.at(sum) + TEXT_GAP, y + self.bar / 2.0);
            let colour = if bar.parts.is_empty() { MUTED } else { INK };
            // The grid would run through the digits.
            let end = at.0 + text_width(&bar.text, SMALL);
            canvas.fill(&corners(at.0 - 3.0, upper, end.min(room.right), lower), PAPER);
            canvas.text(at, &bar.text, Letters::new(SMALL, colour));
            y += self.bar;
        }
    }

    fn draw_part(&self, canvas: &Canvas<'_>, sides: (f64, f64, f64, f64), fill: RGBColor, group: &Group) {
        let (left, top, right, bottom) = sides;
        if group.valid {
            return canvas.fill(&corners(left, top, right, bottom), fill);
        }
        canvas.fill(&corners(left, top, right, bottom), tint(fill, 0.3));
        canvas.hatch(left, top, right, bottom, Stroke { colour: fill, width: 1.4, dash: &[] });
        let outline = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        canvas.line(&outline, Stroke { colour: group.colour, width: 1.4, dash: &[4.0, 2.5] });
    }
}

fn length(bar: &Bar) -> f64 {
    bar.parts.iter().map(|(part, _)| part.max(0.0)).sum()
}

/// The chart of one plan.
pub(super) fn chart(plan: Plan, groups: &[Group], key: Key, axis: &str, caption: &str) -> super::Chart {
    let layout = Layout::new(groups, key, axis);
    Plan { height: layout.height(), ..plan }.draw(caption, |canvas| layout.draw(canvas))
}

/// The bars of both sides: the server's in full, the load generator's light. A figure that is absent says why.
pub(super) fn sides(figures: [Option<f64>; 2], unit: &str, delivered: u64, per_event: bool) -> Vec<Bar> {
    let bar = |(figure, side, shade)| match figure {
        Some(figure) => Bar { parts: vec![(figure, shade)], text: format!("{} {unit}", significant(figure)) },
        None if per_event && delivered == 0 => absent(side, "no event was delivered"),
        None => absent(side, "not measured"),
    };
    let [server, loadgen] = figures;
    [(server, "server: ", Shade::Full), (loadgen, "load generator: ", Shade::Light)].map(bar).into()
}

/// The key of [`sides`].
pub(super) const SIDES: Key = &[(Shade::Full, "server"), (Shade::Light, "load generator")];

/// A bar without a figure.
pub(super) fn absent(of: &str, why: &str) -> Bar {
    Bar { parts: Vec::new(), text: format!("{of}{why}") }
}
