//! Horizontal bars, one group for each cell, each bar with its figure at its end.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point, Stroke, corners};
use super::frame::{LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title};
use super::letters::{Letters, text_width};
use super::scale::Scale;
use super::scene::Scene;
use crate::look::Look;
use crate::number::significant;
use crate::set::Item;
use crate::style::{INK, INVALID, MUTED, PAPER, ink_on, tint};
use crate::text::common;

/// How a part of a bar is filled.
#[derive(Clone, Copy)]
pub(super) enum Fill {
    /// With the colour of the cell's transport.
    Full,
    /// With a tint of it.
    Light,
    /// With a colour of its own.
    Solid(RGBColor),
    /// With a tint of its own colour, inside an outline.
    Outlined(RGBColor),
}

impl Fill {
    /// The colour of the area, and that of the outline if there is one.
    fn colours(self, of_transport: RGBColor) -> (RGBColor, Option<RGBColor>) {
        match self {
            Fill::Full => (of_transport, None),
            Fill::Light => (tint(of_transport, 0.4), None),
            Fill::Solid(colour) => (colour, None),
            Fill::Outlined(colour) => (tint(colour, 0.3), Some(colour)),
        }
    }
}

/// A part of a bar.
#[derive(Clone)]
pub(super) struct Part {
    /// In units of the axis.
    pub(super) length: f64,
    pub(super) fill: Fill,
    /// What stands inside where there is room.
    pub(super) text: String,
}

impl Part {
    /// A part with nothing inside.
    pub(super) fn plain(length: f64, fill: Fill) -> Part {
        Part { length, fill, text: String::new() }
    }
}

/// One bar.
pub(super) struct Bar {
    /// From the left.
    pub(super) parts: Vec<Part>,
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
pub(super) fn groups<'a>(
    items: impl IntoIterator<Item = &'a Item<'a>>,
    bars: impl Fn(&Item<'_>) -> Vec<Bar>,
) -> Vec<Group> {
    let group = |item: &'a Item<'a>| Group {
        label: item.label.clone(),
        colour: item.style().colour,
        valid: item.valid(),
        bars: bars(item),
    };
    items.into_iter().map(group).collect()
}

/// What stands above the bars: the fills and their meaning.
pub(super) type Key<'a> = &'a [(Fill, &'a str)];

const GAP: f64 = 15.0;
/// One line of the key.
const KEY_LINE: f64 = 20.0;
const INSIDE: f64 = 10.5;
const AXIS_HEIGHT: f64 = 52.0;
/// Between the end of a bar and its text.
const TEXT_GAP: f64 = 7.0;

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

/// Where the bars of all groups stand.
pub(super) struct Layout<'a> {
    look: Look,
    groups: &'a [Group],
    key: Key<'a>,
    axis: Axis<'a>,
    bar: f64,
}

impl<'a> Layout<'a> {
    pub(super) fn new(look: Look, groups: &'a [Group], key: Key<'a>, axis: Axis<'a>) -> Self {
        let alone = groups.iter().all(|group| group.bars.len() <= 1);
        Layout { look, groups, key, axis, bar: if alone { 26.0 } else { 17.0 } }
    }

    fn group_height(&self, group: &Group) -> f64 {
        // An invalid cell's mark is a second line of its label.
        (group.bars.len().max(1) as f64 * self.bar).max(if group.valid { 0.0 } else { 32.0 }) + GAP
    }

    /// The height of the drawing (px).
    pub(super) fn height(&self) -> f64 {
        self.key_height() + self.groups.iter().map(|group| self.group_height(group)).sum::<f64>() + AXIS_HEIGHT
    }

    fn left(&self) -> f64 {
        let longest = self.groups.iter().map(|group| text_width(&group.label, LABEL)).fold(0.0, f64::max);
        (longest + 28.0).min(self.look.width() / 2.0)
    }

    /// Each entry of the key with the place of its left upper corner.
    fn key_places(&self) -> Vec<(Point, Fill, &'a str)> {
        let (left, mut x, mut y) = (self.left(), self.left(), 6.0);
        let mut places = Vec::new();
        for &(fill, text) in self.key {
            let width = 27.0 + text_width(text, SMALL);
            if x > left && x + width > self.look.width() - 16.0 {
                (x, y) = (left, y + KEY_LINE);
            }
            places.push(((x, y), fill, text));
            x += width + 20.0;
        }
        places
    }

    fn key_height(&self) -> f64 {
        self.key_places().last().map_or(10.0, |((_, y), ..)| y + 24.0)
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>) {
        let room = Room {
            left: self.left(),
            top: self.key_height(),
            right: self.look.width() - 20.0,
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
            let end = self.axis.end.unwrap_or(high);
            let axis = Scale::linear(end).between(room.left, scale.at(end));
            bottom_axis(canvas, room, &axis, 6, true);
        }
        bottom_title(canvas, room, self.axis.title);
        self.draw_key(canvas);
        let mut top = room.top + GAP / 2.0;
        for group in self.groups {
            self.draw_group(canvas, &scale, room, top, group);
            top += self.group_height(group);
        }
        base_line(canvas, (room.left, room.top), (room.left, room.bottom));
    }

    fn draw_key(&self, canvas: &Canvas<'_>) {
        for ((x, y), fill, text) in self.key_places() {
            let (area, outline) = fill.colours(MUTED);
            canvas.fill(&corners(x, y, x + 20.0, y + 12.0), area);
            outline.into_iter().for_each(|colour| frame(canvas, (x, y, x + 20.0, y + 12.0), colour, &[]));
            canvas.text((x + 27.0, y + 6.0), text, Letters::new(SMALL, INK));
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
            canvas.text(
                (x, middle + 9.0),
                common::invalid(self.look.lang),
                Letters { size: SMALL, colour: INVALID, ..label.bold() },
            );
        }
        let mut y = middle - group.bars.len() as f64 * self.bar / 2.0;
        for bar in &group.bars {
            let (upper, lower) = (y + 1.0, y + self.bar - 1.0);
            let mut sum = 0.0;
            for part in &bar.parts {
                let (from, to) = (scale.at(sum), scale.at(sum + part.length.max(0.0)));
                draw_part(canvas, (from, upper, to, lower), part, group);
                sum += part.length.max(0.0);
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
}

/// The left, upper, right and lower side of a rectangle.
type Sides = (f64, f64, f64, f64);

fn draw_part(canvas: &Canvas<'_>, sides: Sides, part: &Part, group: &Group) {
    let (left, top, right, bottom) = sides;
    let (area, outline) = part.fill.colours(group.colour);
    if !group.valid {
        canvas.fill(&corners(left, top, right, bottom), tint(area, 0.3));
        canvas.hatch(left, top, right, bottom, Stroke { colour: area, width: 1.4, dash: &[] });
        return frame(canvas, sides, outline.unwrap_or(area), &[4.0, 2.5]);
    }
    canvas.fill(&corners(left, top, right, bottom), area);
    if let Some(colour) = outline {
        // Inside the area, so that two parts beside each other keep their lengths.
        let inset = ((right - left) / 2.0).min(0.7);
        frame(canvas, (left + inset, top + 0.7, right - inset, bottom - 0.7), colour, &[]);
    }
    if !part.text.is_empty() && text_width(&part.text, INSIDE) + 4.0 <= right - left {
        let letters = Letters::new(INSIDE, ink_on(area)).anchored(HPos::Center);
        canvas.text(((left + right) / 2.0, (top + bottom) / 2.0), &part.text, letters);
    }
}

fn frame(canvas: &Canvas<'_>, (left, top, right, bottom): Sides, colour: RGBColor, dash: &'static [f64]) {
    let outline = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    canvas.line(&outline, Stroke { colour, width: 1.4, dash });
}

fn length(bar: &Bar) -> f64 {
    bar.parts.iter().map(|part| part.length.max(0.0)).sum()
}

/// The chart of one plan.
pub(super) fn chart<'a>(
    scene: &Scene<'_>,
    plan: Plan,
    groups: &'a [Group],
    key: Key<'a>,
    axis: impl Into<Axis<'a>>,
) -> super::Chart {
    let layout = Layout::new(scene.look, groups, key, axis.into());
    Plan { height: layout.height(), ..plan }.draw(scene.look, &scene.caption, |canvas| layout.draw(canvas))
}

/// The bars of both sides: the server's in full, the load generator's light. A figure that is absent says why.
pub(super) fn sides(figures: [Option<f64>; 2], unit: &str, delivered: u64, per_event: bool) -> Vec<Bar> {
    let bar = |(figure, side, fill)| match figure {
        Some(figure) => Bar { parts: vec![Part::plain(figure, fill)], text: format!("{} {unit}", significant(figure)) },
        None if per_event && delivered == 0 => absent(side, "no event was delivered"),
        None => absent(side, "not measured"),
    };
    let [server, loadgen] = figures;
    [(server, "server: ", Fill::Full), (loadgen, "load generator: ", Fill::Light)].map(bar).into()
}

/// The key of [`sides`].
pub(super) const SIDES: Key<'static> = &[(Fill::Full, "server"), (Fill::Light, "load generator")];

/// A bar without a figure.
pub(super) fn absent(of: &str, why: &str) -> Bar {
    Bar { parts: Vec::new(), text: format!("{of}{why}") }
}
