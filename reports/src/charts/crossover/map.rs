//! The drawing of a map: a square for each event rate and poll interval.

use feedbench_record::Transport;
use plotters::style::text_anchor::HPos;

use super::square::Square;
use super::{place, winners};
use crate::charts::canvas::{Canvas, Point, Reading, Stroke, corners};
use crate::charts::frame::{LABEL, Room, SMALL, bottom_title, left_title};
use crate::charts::letters::{Letters, text_width, wrap};
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{plain, significant};
use crate::style::{self, INK, INVALID, MUTED, PAPER, Style, tint};
use crate::text::{charts_sweep as text, common};

const LEFT: f64 = 74.0;
const RIGHT: f64 = 16.0;
const AXIS_HEIGHT: f64 = 52.0;
const KEY_LINE: f64 = 20.0;
/// What remains of a transport's colour behind the figures.
const GROUND: f64 = 0.4;
const BORDER: Stroke = Stroke { colour: INK, width: 3.0, dash: &[] };
const PARTLY: Stroke = Stroke { colour: INK, width: 1.3, dash: &[5.0, 4.0] };
const THEORY: Stroke = Stroke { colour: INK, width: 1.8, dash: &[1.8, 3.2] };

/// What is drawn.
pub(super) struct Map<'m> {
    pub(super) look: Look,
    /// Ascending, one for each column.
    pub(super) rates: &'m [f64],
    /// Ascending (ms), one for each row from the bottom.
    pub(super) intervals: &'m [f64],
    pub(super) transports: &'m [Transport],
    /// Rate by rate.
    pub(super) squares: &'m [Square],
    /// What the figures in the squares are.
    pub(super) head: String,
    pub(super) unit: &'static str,
    /// Rate times interval of the border by theory.
    pub(super) border: Option<f64>,
}

/// The title of the axis at the bottom.
pub(super) fn x_title(lang: Lang) -> String {
    text::axis_title(lang, text::rate(lang), text::per_s(lang), false)
}

/// The title of the axis at the left.
pub(super) fn y_title(lang: Lang) -> String {
    text::axis_title(lang, text::interval(lang), text::s(lang), false)
}

/// One entry of the key.
#[derive(Clone, Copy)]
enum Sign {
    Of(Transport),
    Theory,
    Hatched,
}

impl Map<'_> {
    /// The height of the drawing (px).
    pub(super) fn height(&self) -> f64 {
        self.top() + self.intervals.len() as f64 * self.row_height() + AXIS_HEIGHT
    }

    /// Does the border by theory run through the map?
    pub(super) fn shows_border(&self) -> bool {
        // In whatever room: that of the drawing depends on whether the key has the line.
        let room = Room { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 };
        !self.border_line(room).is_empty()
    }

    fn row_height(&self) -> f64 {
        match self.look.medium {
            Medium::Page => 66.0,
            Medium::Slide => 58.0,
            Medium::Paper => 62.0,
        }
    }

    fn head_lines(&self) -> Vec<String> {
        wrap_any(&self.head, SMALL, self.look.width() - LEFT - RIGHT)
    }

    /// Each entry of the key with the place of its middle at the left.
    fn key(&self) -> Vec<(Point, Sign, String)> {
        let lang = self.look.lang;
        let mut entries: Vec<_> =
            self.transports.iter().map(|&t| (Sign::Of(t), common::transport(lang, t).to_owned())).collect();
        if let Some(events) = self.border.filter(|_| self.shows_border()) {
            entries.push((Sign::Theory, text::break_even_key(lang, significant(events))));
        }
        if self.squares.iter().any(|square| !square.is_complete()) {
            entries.push((Sign::Hatched, text::hatched(lang).to_owned()));
        }
        let head = self.head_lines().len() as f64 * 17.0;
        let (mut x, mut y) = (LEFT, 16.0 + head);
        let mut places = Vec::new();
        for (sign, text) in entries {
            let width = sign_width(sign) + text_width(&text, SMALL);
            if x > LEFT && x + width > self.look.width() - RIGHT {
                (x, y) = (LEFT, y + KEY_LINE);
            }
            places.push(((x, y), sign, text));
            x += width + 18.0;
        }
        places
    }

    fn top(&self) -> f64 {
        self.key().last().map_or(0.0, |((_, y), ..)| *y) + 18.0
    }

    fn room(&self) -> Room {
        Room { left: LEFT, top: self.top(), right: self.look.width() - RIGHT, bottom: self.height() - AXIS_HEIGHT }
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>) {
        let lang = self.look.lang;
        let room = self.room();
        for (index, line) in self.head_lines().iter().enumerate() {
            canvas.text((LEFT, 10.0 + 17.0 * index as f64), line, Letters::new(SMALL, MUTED));
        }
        for (at, sign, text) in self.key() {
            draw_sign(canvas, at, sign);
            canvas.text((at.0 + sign_width(sign), at.1), &text, Letters::new(SMALL, INK));
        }
        bottom_title(canvas, room, &x_title(lang));
        left_title(canvas, 20.0, room, &y_title(lang));
        let letters = Letters::new(SMALL, MUTED);
        for (column, &rate) in self.rates.iter().enumerate() {
            let (left, _, right, _) = self.sides(room, column, 0);
            let at = ((left + right) / 2.0, room.bottom + 15.0);
            canvas.text(at, &plain(rate), letters.anchored(HPos::Center));
        }
        for (row, &interval) in self.intervals.iter().enumerate() {
            let (_, top, _, bottom) = self.sides(room, 0, row);
            let at = (room.left - 7.0, (top + bottom) / 2.0);
            canvas.text(at, &plain(interval / 1_000.0), letters.anchored(HPos::Right));
        }
        for (column, row, square) in self.placed() {
            let sides = self.sides(room, column, row);
            self.of_winner(canvas, square, &[], |canvas| ground(canvas, sides, square));
        }
        self.borders(canvas, room);
        // Below the figures, which would not be read through it.
        let line = self.border_line(room);
        if !line.is_empty() {
            canvas.line(&line, Stroke { colour: PAPER, width: 4.2, dash: &[] });
            canvas.line(&line, THEORY);
        }
        for (column, row, square) in self.placed() {
            let sides = self.sides(room, column, row);
            let middle = ((sides.0 + sides.2) / 2.0, (sides.1 + sides.3) / 2.0);
            let readings = self.reading(middle, square);
            self.of_winner(canvas, square, readings.as_slice(), |canvas| figures(canvas, sides, square));
        }
    }

    fn placed(&self) -> impl Iterator<Item = (usize, usize, &Square)> {
        let rows = self.intervals.len();
        self.squares.iter().enumerate().map(move |(index, square)| (index / rows, index % rows, square))
    }

    fn at(&self, column: usize, row: usize) -> &Square {
        &self.squares[column * self.intervals.len() + row]
    }

    /// The left, upper, right and lower side of a square.
    fn sides(&self, room: Room, column: usize, row: usize) -> (f64, f64, f64, f64) {
        let (width, height) = self.size(room);
        let (left, bottom) = (room.left + column as f64 * width, room.bottom - row as f64 * height);
        (left, bottom - height, left + width, bottom)
    }

    fn size(&self, room: Room) -> (f64, f64) {
        let (columns, rows) = (self.rates.len() as f64, self.intervals.len() as f64);
        ((room.right - room.left) / columns, (room.bottom - room.top) / rows)
    }

    /// Draws what belongs to the transport that is lowest in a square.
    fn of_winner(&self, canvas: &Canvas<'_>, square: &Square, readings: &[Reading], draw: impl Fn(&Canvas<'_>)) {
        match square.winners().first() {
            Some(best) => {
                canvas.series(best.transport, common::transport(self.look.lang, best.transport), readings, draw);
            }
            None => draw(canvas),
        }
    }

    fn reading(&self, at: Point, square: &Square) -> Option<Reading> {
        let lang = self.look.lang;
        let best = square.winners().first()?;
        let value = text::with_unit(&significant(best.estimate.median), self.unit);
        let next = square
            .runner_up()
            .map(|(next, ratio)| text::next_is(lang, common::transport(lang, next.transport), significant(ratio)));
        let parts = [Some(winners(square, lang)), Some(value), next];
        let reading = parts.into_iter().flatten().collect::<Vec<_>>().join(common::label_comma(lang));
        Some(Reading { at, text: format!("{}: {reading}", place(square, lang)) })
    }

    /// Lines between squares whose winners differ.
    fn borders(&self, canvas: &Canvas<'_>, room: Room) {
        let line = |from: Point, to: Point, one: &Square, other: &Square| {
            if one.winners().is_empty()
                || other.winners().is_empty()
                || one.winning_transports() == other.winning_transports()
            {
                return;
            }
            canvas.line(&[from, to], if one.is_disjoint_from(other) { BORDER } else { PARTLY });
        };
        // Dashed ones first, so that they do not lie upon the others.
        for (column, row, square) in self.placed() {
            let (left, top, right, bottom) = self.sides(room, column, row);
            if column + 1 < self.rates.len() {
                line((right, top), (right, bottom), square, self.at(column + 1, row));
            }
            if row + 1 < self.intervals.len() {
                line((left, top), (right, top), square, self.at(column, row + 1));
            }
        }
    }

    /// The border by theory, as far as it runs inside the room. Between two measured values the map is logarithmic.
    fn border_line(&self, room: Room) -> Vec<Point> {
        const STEPS: usize = 240;
        let Some(events) = self.border else { return Vec::new() };
        let (columns, rows) = (self.rates.len() as f64, self.intervals.len() as f64);
        let (width, height) = self.size(room);
        let point = |step: usize| {
            let column = columns * step as f64 / STEPS as f64;
            let interval_ms = events / value_at(self.rates, column - 0.5) * 1_000.0;
            let row = place_of(self.intervals, interval_ms) + 0.5;
            (0.0..=rows).contains(&row).then_some((room.left + column * width, room.bottom - row * height))
        };
        (0..=STEPS).filter_map(point).collect()
    }
}

/// The value at a place between ascending values that stand at 0, 1, 2 …; beyond them it goes on as between the last two.
fn value_at(values: &[f64], place: f64) -> f64 {
    let before = (place.floor().max(0.0) as usize).min(values.len() - 2);
    let (low, high) = (values[before], values[before + 1]);
    low * (high / low).powf(place - before as f64)
}

/// The place of a value: the other way round.
fn place_of(values: &[f64], value: f64) -> f64 {
    let before = values.iter().filter(|&&other| other <= value).count().saturating_sub(1).min(values.len() - 2);
    let (low, high) = (values[before], values[before + 1]);
    before as f64 + (value / low).ln() / (high / low).ln()
}

/// Breaks a text at spaces, and one without spaces where the line is full.
fn wrap_any(text: &str, size: f64, width: f64) -> Vec<String> {
    let full = |line: &String| text_width(line, size) > width;
    let mut lines = Vec::new();
    for line in wrap(text, size, width) {
        if !full(&line) {
            lines.push(line);
            continue;
        }
        let mut part = String::new();
        for letter in line.chars() {
            if text_width(&part, size) + size > width {
                lines.push(std::mem::take(&mut part));
            }
            part.push(letter);
        }
        lines.push(part);
    }
    lines
}

fn sign_width(sign: Sign) -> f64 {
    match sign {
        Sign::Of(_) => 27.0,
        Sign::Theory | Sign::Hatched => 32.0,
    }
}

fn draw_sign(canvas: &Canvas<'_>, (x, y): Point, sign: Sign) {
    match sign {
        Sign::Of(transport) => {
            let Style { colour, marker, .. } = style::of(transport);
            canvas.fill(&corners(x, y - 8.0, x + 20.0, y + 8.0), tint(colour, GROUND));
            canvas.marker((x + 10.0, y), marker, 4.6, colour);
        }
        Sign::Theory => canvas.line(&[(x, y), (x + 25.0, y)], THEORY),
        Sign::Hatched => hatch(canvas, (x, y - 8.0, x + 25.0, y + 8.0)),
    }
}

fn hatch(canvas: &Canvas<'_>, (left, top, right, bottom): (f64, f64, f64, f64)) {
    canvas.hatch(left, top, right, bottom, Stroke { colour: tint(INVALID, 0.6), width: 1.0, dash: &[] });
}

/// A stripe for each winner, hatched where not every transport could take part, inside a light edge.
fn ground(canvas: &Canvas<'_>, sides: (f64, f64, f64, f64), square: &Square) {
    let (left, top, right, bottom) = sides;
    let winners = square.winning_transports();
    let width = (right - left) / winners.len().max(1) as f64;
    for (index, &winner) in winners.iter().enumerate() {
        let from = left + index as f64 * width;
        canvas.fill(&corners(from, top, from + width, bottom), tint(style::of(winner).colour, GROUND));
    }
    if !square.is_complete() {
        hatch(canvas, sides);
    }
    let edge = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    canvas.line(&edge, Stroke { colour: PAPER, width: 1.2, dash: &[] });
}

/// Markers of the winners, the lowest figure, and the next transport with its multiple, as far as there is room.
fn figures(canvas: &Canvas<'_>, (left, top, right, bottom): (f64, f64, f64, f64), square: &Square) {
    let (width, x, y) = (right - left - 8.0, (left + right) / 2.0, (top + bottom) / 2.0);
    if square.winners().is_empty() {
        return boxed(canvas, (x, y), "✗", Letters::new(LABEL, INVALID).bold().anchored(HPos::Center));
    }
    let winners = square.winning_transports();
    let gap = 17.0_f64.min(width / winners.len() as f64);
    for (index, &winner) in winners.iter().enumerate() {
        let Style { colour, marker, .. } = style::of(winner);
        let offset = (index as f64 - (winners.len() - 1) as f64 / 2.0) * gap;
        canvas.marker((x + offset, y - 19.0), marker, 4.8, colour);
    }
    let Some(best) = square.winners().first() else { return };
    let tie = if winners.len() > 1 { "≈ " } else { "" };
    let value = format!("{tie}{}", significant(best.estimate.median));
    let letters = Letters::new(LABEL, INK).bold().anchored(HPos::Center);
    let boxed_if_needed = |at: Point, text: &str, letters: Letters| {
        if square.is_complete() { canvas.text(at, text, letters) } else { boxed(canvas, at, text, letters) }
    };
    if letters.width(&value) <= width {
        boxed_if_needed((x, y), &value, letters);
    }
    let Some((next, ratio)) = square.runner_up() else { return };
    let times = format!("× {}", significant(ratio));
    let taken = text_width(&times, SMALL);
    if taken + 14.0 <= width {
        let Style { colour, marker, .. } = style::of(next.transport);
        boxed_if_needed((x + 7.0, y + 19.0), &times, Letters::new(SMALL, INK).anchored(HPos::Center));
        canvas.marker((x - taken / 2.0 - 1.0, y + 19.0), marker, 3.2, colour);
    }
}

/// A text on paper: lines would run through its letters.
fn boxed(canvas: &Canvas<'_>, at: Point, text: &str, letters: Letters) {
    let (half, height) = (letters.width(text) / 2.0 + 2.0, letters.size * 0.62);
    canvas.fill(&corners(at.0 - half, at.1 - height, at.0 + half, at.1 + height), PAPER);
    canvas.text(at, text, letters);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_between_measured_values_is_found_again(place in -0.5f64..4.5) {
            let values = [0.2, 0.5, 1.0, 5.0, 10.0];
            prop_assert!((place_of(&values, value_at(&values, place)) - place).abs() < 1e-9);
        }
    }

    #[test]
    fn a_measured_value_stands_in_the_middle_of_its_column() {
        let values = [500.0, 1_000.0, 10_000.0];
        for (place, &value) in values.iter().enumerate() {
            assert!((place_of(&values, value) - place as f64).abs() < 1e-12);
        }
    }
}
