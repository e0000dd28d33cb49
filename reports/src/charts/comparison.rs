//! Two results compared: every figure of every cell as the ratio of B to A, with its interval and its repetitions.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point, Reading, Stroke};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, bottom_title};
use super::letters::{Letters, text_width};
use crate::compare::{ComparedCell, Comparison, Interval, Shift, Verdict, Weighed};
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::look::Look;
use crate::style::{self, GRID, INK, INVALID, MUTED, PAPER, Style, tint};
use crate::text::common::{self, listed};
use crate::text::compare as text;

const ROW: f64 = 24.0;
const HEAD: f64 = 30.0;
const KEY: f64 = 34.0;
const AXIS: f64 = 52.0;
/// Repetitions stand so far above and below their line.
const BESIDE: f64 = 7.6;
const DOT: f64 = 2.2;
const NARROW: Stroke = Stroke { colour: GRID, width: 1.0, dash: &[] };

/// So many cells fit a sheet of paper.
const CELLS: usize = 3;

/// The figures of some cells that have a ratio.
struct Forest<'c> {
    look: Look,
    cells: &'c [(&'c ComparedCell, Vec<Row<'c>>)],
    /// How far the axis goes to either side of 1, as a logarithm: the same in every chart.
    reach: f64,
}

/// A figure with what is needed to draw it.
struct Row<'c> {
    name: &'static str,
    weighed: &'c Weighed,
    ratio: Shift,
    /// The median of A, which every repetition is a multiple of.
    unit: f64,
    words: String,
}

/// The charts, of a few cells each; none where no figure has a ratio.
pub(crate) fn charts(comparison: &Comparison, look: Look, caption: &str) -> Vec<Chart> {
    let mut cells: Vec<_> = comparison.cells.iter().map(|cell| (cell, Row::all(cell, look))).collect();
    cells.retain(|(_, rows)| !rows.is_empty());
    let ratios = cells.iter().flat_map(|(_, rows)| rows).flat_map(Row::ratios);
    // As far to both sides, so that 1 is in the middle; at least 2 %, or noise would look large.
    let reach = ratios.map(|ratio| ratio.ln().abs()).fold(1.02f64.ln(), f64::max).min(100f64.ln()) * 1.06;
    let sheets = cells.chunks(CELLS);
    let (all, title) = (sheets.len(), text::chart_title(look.lang));
    let chart = |(index, cells)| {
        let forest = Forest { look, cells, reach };
        let plan = Plan {
            name: if all == 1 { "comparison".to_owned() } else { format!("comparison-{}", index + 1) },
            title: if all == 1 { title.to_owned() } else { text::chart_part(look.lang, title, index + 1, all) },
            description: text::chart_description(look.lang).to_owned(),
            notes: not_drawn(cells, look.lang).into_iter().collect(),
            data: comparison.table(),
            height: forest.height(),
        };
        plan.draw(look, caption, |canvas| forest.draw(canvas))
    };
    sheets.enumerate().map(chart).collect()
}

impl<'c> Row<'c> {
    /// Every figure of a cell that has a ratio.
    fn all(cell: &'c ComparedCell, look: Look) -> Vec<Row<'c>> {
        cell.figures.iter().filter_map(|weighed| Row::of(weighed, look)).collect()
    }

    fn of(weighed: &'c Weighed, look: Look) -> Option<Row<'c>> {
        let ratio = weighed.ratio?;
        let change = weighed.change()?;
        let words = format!("{change} · {}", text::verdict(look.lang, weighed.verdict));
        Some(Row { name: text::share_of(look.lang, weighed.figure), weighed, ratio, unit: weighed.a.median?, words })
    }

    /// Every ratio that is drawn.
    fn ratios(&self) -> impl Iterator<Item = f64> {
        let Weighed { a, b, .. } = self.weighed;
        let dots =
            [&a.values, &b.values, &a.left_out, &b.left_out].into_iter().flatten().map(|value| value / self.unit);
        let ends = self.ratio.interval.into_iter().flat_map(|interval| [interval.low, interval.high]);
        dots.chain(ends).chain([self.ratio.estimate]).filter(|ratio| *ratio > 0.0)
    }
}

impl Forest<'_> {
    fn height(&self) -> f64 {
        let cells: f64 = self.cells.iter().map(|(_, rows)| HEAD + ROW * rows.len() as f64).sum();
        KEY + cells + AXIS
    }

    fn room(&self) -> Room {
        let rows = || self.cells.iter().flat_map(|(_, rows)| rows);
        let left = rows().map(|row| text_width(row.name, SMALL)).fold(0.0, f64::max) + 24.0;
        let right = rows().map(|row| text_width(&row.words, SMALL)).fold(0.0, f64::max) + 20.0;
        Room { left, top: KEY, right: self.look.width() - right, bottom: self.height() - AXIS }
    }

    /// The pixel of a ratio; what lies beyond the axis stands at its end.
    fn at(&self, room: Room, ratio: f64) -> f64 {
        let share = (ratio.ln() / self.reach).clamp(-1.0, 1.0);
        (room.left + room.right) / 2.0 + share * (room.right - room.left) / 2.0
    }

    fn draw(&self, canvas: &Canvas<'_>) {
        let room = self.room();
        self.draw_key(canvas, room);
        for ratio in ticks(self.reach) {
            let x = self.at(room, ratio);
            let stroke = if ratio == 1.0 { Stroke { colour: MUTED, width: 1.2, ..NARROW } } else { NARROW };
            canvas.line(&[(x, room.top), (x, room.bottom)], stroke);
            let letters = Letters::new(SMALL, MUTED).anchored(HPos::Center);
            canvas.text((x, room.bottom + 15.0), &tick_text(ratio), letters);
        }
        bottom_title(canvas, room, text::chart_axis(self.look.lang));
        let mut y = room.top;
        for (cell, rows) in self.cells {
            let style = style::of(cell.transport);
            let label = Letters::new(LABEL, INK).bold();
            canvas.text((8.0, y + HEAD - 12.0), &cell.label, label);
            let at = (16.0 + label.width(&cell.label), y + HEAD - 12.0);
            if let Some(marks) = self.marks(cell) {
                canvas.text(at, &marks, Letters::new(SMALL, INVALID));
            }
            y += HEAD;
            let middles: Vec<f64> = (0..rows.len()).map(|row| y + ROW * (row as f64 + 0.5)).collect();
            let reading = |(row, &middle): (&Row<'_>, &f64)| Reading {
                at: (self.at(room, row.ratio.estimate), middle),
                text: format!("{}: {}", row.name, row.words),
            };
            let readings: Vec<_> = rows.iter().zip(&middles).map(reading).collect();
            canvas.series(cell.transport, &cell.label, &readings, |canvas| {
                rows.iter().zip(&middles).for_each(|(row, &middle)| self.draw_row(canvas, room, middle, row, style));
            });
            y += ROW * rows.len() as f64;
        }
    }

    /// What has to be known of every figure of a cell; `None` where there is nothing.
    fn marks(&self, cell: &ComparedCell) -> Option<String> {
        let (lang, a, b) = (self.look.lang, cell.a, cell.b);
        let incomparable = (!cell.differences.is_empty()).then(|| text::caveat_head(lang).to_owned());
        let invalid = (a.invalid + b.invalid > 0)
            .then(|| text::invalid_of(lang, common::invalid(lang), a.invalid, a.measured, b.invalid, b.measured));
        incomparable.into_iter().chain(invalid).reduce(|one, other| format!("{one} · {other}"))
    }

    fn draw_row(&self, canvas: &Canvas<'_>, room: Room, y: f64, row: &Row<'_>, style: Style) {
        canvas.text((room.left - 10.0, y), row.name, Letters::new(SMALL, INK).anchored(HPos::Right));
        let at = |ratio| self.at(room, ratio);
        if let Some(Interval { low, high, .. }) = row.ratio.interval {
            whisker(canvas, (at(low), y), (at(high), y), style);
        }
        for (sample, y, colour) in
            [(&row.weighed.a, y - BESIDE, tint(INK, 0.5)), (&row.weighed.b, y + BESIDE, style.colour)]
        {
            let place = |value: f64| (at((value / row.unit).max(f64::MIN_POSITIVE)), y);
            sample.values.iter().for_each(|&value| canvas.marker(place(value), style::Marker::Circle, DOT, colour));
            let cross = |&value: &f64| canvas.marker(place(value), style::Marker::Cross, DOT, INVALID);
            sample.left_out.iter().for_each(cross);
        }
        estimate(canvas, (at(row.ratio.estimate), y), style, row.ratio.interval.is_some());
        let told = Letters::new(SMALL, INK);
        let is_shown = matches!(row.weighed.verdict, Verdict::Better | Verdict::Worse);
        canvas.text(
            (room.right + 10.0, y),
            &row.words,
            if is_shown { told } else { Letters { colour: MUTED, ..told } },
        );
    }

    fn draw_key(&self, canvas: &Canvas<'_>, room: Room) {
        let style = Style { colour: MUTED, dash: &[], marker: style::Marker::Diamond };
        let (mut x, y, lang) = (8.0, 14.0, self.look.lang);
        let has = |with_interval: bool| {
            let mut rows = self.cells.iter().flat_map(|(_, rows)| rows);
            rows.any(|row| row.ratio.interval.is_some() == with_interval)
        };
        let mut entry = |text: &str, draw: &dyn Fn(Point)| {
            draw((x + 10.0, y));
            canvas.text((x + 26.0, y), text, Letters::new(SMALL, MUTED));
            x += 26.0 + text_width(text, SMALL) + 16.0;
        };
        let dot = |colour| move |at| canvas.marker(at, style::Marker::Circle, DOT + 0.6, colour);
        entry(text::key_a(lang), &dot(tint(INK, 0.5)));
        entry(text::key_b(lang), &dot(MUTED));
        if has(true) {
            entry(text::key_estimate(lang), &|at: Point| {
                whisker(canvas, (at.0 - 10.0, at.1), (at.0 + 10.0, at.1), style);
                estimate(canvas, at, style, true);
            });
        }
        if has(false) {
            entry(text::key_no_interval(lang), &|at: Point| estimate(canvas, at, style, false));
        }
        debug_assert!(room.top >= y);
    }
}

/// The figures that have no ratio, each with its cells where other cells have it.
fn not_drawn(cells: &[(&ComparedCell, Vec<Row<'_>>)], lang: Lang) -> Option<String> {
    let figures = cells.iter().flat_map(|(cell, _)| cell.figures.iter().map(move |weighed| (cell, weighed)));
    let without: Vec<_> = figures.filter(|(_, weighed)| weighed.ratio.is_none() && !weighed.is_absent()).collect();
    let told = |figure| {
        let of_figure = without.iter().filter(|(_, weighed)| weighed.figure == figure);
        let labels: Vec<_> = of_figure.map(|(cell, _)| cell.label.clone()).collect();
        let name = text::share_of(lang, figure);
        if labels.len() == cells.len() { name.to_owned() } else { text::in_cells(lang, name, listed(lang, &labels)) }
    };
    let figures: Vec<_> = distinct(without.iter().map(|(_, weighed)| weighed.figure)).into_iter().map(told).collect();
    (!figures.is_empty()).then(|| text::not_drawn(lang, listed(lang, &figures)))
}

/// An interval, with a bar at either end.
fn whisker(canvas: &Canvas<'_>, from: Point, to: Point, style: Style) {
    let stroke = Stroke { colour: style.colour, width: 1.8, dash: &[] };
    canvas.line(&[from, to], stroke);
    for (x, y) in [from, to] {
        canvas.line(&[(x, y - 3.5), (x, y + 3.5)], stroke);
    }
}

/// An estimate: hollow where it has no interval.
fn estimate(canvas: &Canvas<'_>, at: Point, style: Style, has_interval: bool) {
    canvas.marker(at, style::Marker::Diamond, 3.4, style.colour);
    if !has_interval {
        canvas.marker(at, style::Marker::Diamond, 1.0, PAPER);
    }
}

/// Round ratios within e^-reach and e^reach, about four to each side.
fn ticks(reach: f64) -> Vec<f64> {
    let high = reach.exp();
    let is_inside = |ratio: &f64| *ratio > 0.0 && ratio.ln().abs() <= reach * 0.97;
    if high < 2.0 {
        let step =
            [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].into_iter().find(|step| (high - 1.0) / step <= 5.0).unwrap_or(0.2);
        let steps = ((high - 1.0) / step).ceil() as i32;
        return (-steps..=steps).map(|n| 1.0 + f64::from(n) * step).filter(is_inside).collect();
    }
    let digits: &[f64] = if high < 30.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    (-3..=3).flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power))).filter(is_inside).collect()
}

fn tick_text(ratio: f64) -> String {
    format!("{ratio:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_have_1_among_them() {
        let texts = |high: f64| ticks(high.ln()).into_iter().map(tick_text).collect::<Vec<_>>();
        assert_eq!(texts(1.05), ["0.96", "0.98", "1", "1.02", "1.04"]);
        assert_eq!(texts(12.0), ["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
        for high in [1.02, 1.1, 1.5, 1.99, 2.1, 40.0, 100.0] {
            let texts = texts(high);
            assert!(texts.contains(&"1".to_owned()) && (3..=11).contains(&texts.len()), "{high}: {texts:?}");
        }
    }
}
