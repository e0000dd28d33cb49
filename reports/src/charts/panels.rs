//! Small charts over time: one for each point, all with the same axes, so that lines of twelve kinds do not cross in one.

use feedbench_record::run::Second;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point as Place, Reading, Stroke, corners};
use super::frame::{LABEL, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title};
use super::letters::Letters;
use super::place::place;
use super::scale::Scale;
use super::timeline::{Measure, ms_at};
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::significant;
use crate::set::{Item, Point};
use crate::style::{INK, INVALID, MUTED, Style, tint};
use crate::text::charts_lines as text;
use crate::text::common;

const HEADER: f64 = 26.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 34.0;
const BETWEEN: f64 = 40.0;
const KEY: f64 = 26.0;
/// Up to so many seconds, each has a marker of its own.
const MARKED_SECONDS: usize = 40;
const AFTER: RGBColor = RGBColor(243, 244, 246);

/// Where the small charts stand.
pub(super) struct Grid {
    look: Look,
    panels: usize,
    columns: usize,
    /// The width and the height of a plot (px).
    plot: Place,
}

impl Grid {
    pub(super) fn of(look: Look, panels: usize) -> Grid {
        let (columns, height) = match look.medium {
            Medium::Page => (3, 120.0),
            Medium::Slide if panels > 6 => (3, 56.0),
            Medium::Slide => (3, 108.0),
            Medium::Paper => (2, 104.0),
        };
        let width = (look.width() - LEFT - RIGHT - BETWEEN * (columns - 1) as f64) / columns as f64;
        Grid { look, panels, columns, plot: (width, height) }
    }

    fn rows(&self) -> usize {
        self.panels.div_ceil(self.columns)
    }

    fn row_height(&self) -> f64 {
        HEADER + self.plot.1 + 16.0
    }

    /// The height of the drawing (px).
    pub(super) fn height(&self) -> f64 {
        KEY + self.rows() as f64 * self.row_height() + 40.0
    }

    fn room(&self, index: usize) -> Room {
        let (column, row) = (index % self.columns, index / self.columns);
        let left = LEFT + column as f64 * (self.plot.0 + BETWEEN);
        let top = KEY + row as f64 * self.row_height() + HEADER;
        Room { left, top, right: left + self.plot.0, bottom: top + self.plot.1 }
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>, points: &[Point<'_>], y: Option<Scale>, measure: Measure) {
        let items = || points.iter().flat_map(Point::items);
        let seconds = items().filter_map(|item| item.record.seconds.last()).map(|second| second.second + 1);
        let seconds = Scale::linear(f64::from(seconds.max().unwrap_or(1).max(1)));
        let size = heading_size(points, self.plot.0);
        for (index, point) in points.iter().enumerate() {
            let room = self.room(index);
            let x = seconds.between(room.left, room.right);
            let window_end = x.at(shown(point).record.window.seconds());
            if window_end < room.right - 0.5 {
                canvas.fill(&corners(window_end, room.top, room.right, room.bottom), AFTER);
            }
            bottom_axis(canvas, room, &x, 5, index + self.columns >= points.len());
            if let Some(y) = y.map(|y| y.between(room.bottom, room.top)) {
                left_axis(canvas, room, &y, 3, index % self.columns == 0);
                let panel = Panel { point, room, x, y, measure, size };
                panel.draw(canvas);
            } else {
                heading(canvas, point, room, size);
                empty(canvas, point, room);
            }
            base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
        }
        let bottom = KEY + self.rows() as f64 * self.row_height() - 16.0;
        let all = Room { left: LEFT, top: KEY + HEADER, right: self.look.width() - RIGHT, bottom };
        bottom_title(canvas, all, text::time_axis(self.look.lang));
        left_title(canvas, 16.0, all, measure.axis(self.look.lang));
        canvas.fill(&corners(LEFT, 6.0, LEFT + 20.0, 18.0), tint(MUTED, 0.15));
        canvas.text((LEFT + 27.0, 12.0), text::after_window(self.look.lang), Letters::new(SMALL, INK));
    }
}

/// The repetition that is drawn in full: the first valid one, or the first where none is.
fn shown<'s, 'a>(point: &'s Point<'a>) -> &'s Item<'a> {
    point.items().iter().find(|item| item.valid()).unwrap_or(point.first())
}

/// The room right of a heading's marker, beside the mark (px).
fn free(point: &Point<'_>, plot: f64) -> f64 {
    let all = plot - 17.0 + BETWEEN - 12.0;
    point.mark().map_or(all, |mark| all - 16.0 - mark_letters().width(&mark))
}

fn mark_letters() -> Letters {
    Letters::new(SMALL, INVALID).bold().anchored(HPos::Right)
}

/// The size at which every heading has room: where one label is longer than its chart, all are set smaller.
fn heading_size(points: &[Point<'_>], plot: f64) -> f64 {
    let label = Letters::new(LABEL, INK).bold();
    let sizes = points.iter().map(|point| LABEL * free(point, plot) / label.width(point.label()));
    sizes.fold(LABEL, f64::min).max(7.0)
}

fn heading(canvas: &Canvas<'_>, point: &Point<'_>, room: Room, size: f64) {
    let Style { colour, marker, .. } = point.style();
    let y = room.top - 13.0;
    canvas.marker((room.left + 5.0, y), marker, 4.4, colour);
    if let Some(mark) = point.mark() {
        canvas.text((room.right + BETWEEN - 22.0, y), &mark, mark_letters());
    }
    let label = Letters::new(LABEL, INK).bold();
    canvas.text((room.left + 15.0, y), point.label(), Letters { size, ..label });
}

/// The seconds that follow each other without a gap.
fn runs<T>(seconds: &[Second], figure: impl Fn(&Second) -> Option<T>) -> Vec<Vec<(f64, T)>> {
    let mut runs: Vec<Vec<(f64, T)>> = Vec::new();
    let mut next = None;
    for second in seconds {
        let Some(value) = figure(second) else { continue };
        if next != Some(second.second) {
            runs.push(Vec::new());
        }
        next = Some(second.second + 1);
        if let Some(run) = runs.last_mut() {
            run.push((f64::from(second.second), value));
        }
    }
    runs
}

/// One small chart.
struct Panel<'s> {
    point: &'s Point<'s>,
    room: Room,
    x: Scale,
    y: Scale,
    measure: Measure,
    /// Of the heading's letters (px).
    size: f64,
}

impl Panel<'_> {
    fn draw(&self, canvas: &Canvas<'_>) {
        let readings = self.readings(canvas.look().lang);
        canvas.series(self.point.transport(), self.point.label(), &readings, |canvas| {
            heading(canvas, self.point, self.room, self.size);
            let shown = shown(self.point);
            let others = self.point.items().iter().filter(|item| !std::ptr::eq(*item, shown));
            others.for_each(|item| self.faint(canvas, item));
            match self.measure {
                Measure::Latency => self.latency(canvas, shown),
                Measure::Deliveries | Measure::Bytes => self.steps(canvas, shown),
            }
        });
    }

    /// What the repetition that is drawn in full has in each second.
    fn readings(&self, lang: Lang) -> Vec<Reading> {
        let reading = |second: &Second| {
            let first = self.measure.first(second)?;
            let at = (self.x.at(f64::from(second.second) + 0.5), self.y.at(first));
            let unit = self.measure.unit();
            let figures = self.measure.figures().iter().filter_map(|(name, figure)| {
                let value = format!("{} {unit}", significant(figure(second)?));
                Some(if name.is_empty() { value } else { format!("{name} {value}") })
            });
            let figures = figures.collect::<Vec<_>>().join(common::label_comma(lang));
            Some(Reading { at, text: text::reading_second(lang, second.second, figures) })
        };
        shown(self.point).record.seconds.iter().filter_map(reading).collect()
    }

    /// A line at the height of each second's middle.
    fn path(&self, run: &[(f64, f64)]) -> Vec<Place> {
        run.iter().map(|&(second, value)| (self.x.at(second + 0.5), self.y.at(value))).collect()
    }

    /// A line that stays level for each second.
    fn stairs(&self, run: &[(f64, f64)]) -> Vec<Place> {
        let ends = |&(second, value): &(f64, f64)| [second, second + 1.0].map(|x| (self.x.at(x), self.y.at(value)));
        run.iter().flat_map(ends).collect()
    }

    /// A repetition beside the one that is drawn in full.
    fn faint(&self, canvas: &Canvas<'_>, item: &Item<'_>) {
        let colour = tint(item.style().colour, 0.55);
        let stroke = Stroke { colour, width: 0.9, dash: if item.valid() { &[] } else { &[3.0, 2.5] } };
        for run in runs(&item.record.seconds, |second| self.measure.first(second)) {
            let path = if self.measure == Measure::Latency { self.path(&run) } else { self.stairs(&run) };
            canvas.line(&path, stroke);
        }
    }

    fn latency(&self, canvas: &Canvas<'_>, item: &Item<'_>) {
        let Style { colour, marker, .. } = item.style();
        let figures = |second: &Second| Some((ms_at(second, 0.5)?, ms_at(second, 0.99)?));
        let runs = runs(&item.record.seconds, figures);
        for run in &runs {
            let pick = |of: fn((f64, f64)) -> f64| run.iter().map(|&(x, both)| (x, of(both))).collect::<Vec<_>>();
            let (median, high) = (self.path(&pick(|both| both.0)), self.path(&pick(|both| both.1)));
            if self.point.items().len() == 1 {
                let band: Vec<_> = median.iter().chain(high.iter().rev()).copied().collect();
                canvas.fill(&band, tint(colour, 0.18));
            }
            let dash: &[f64] = if item.valid() { &[] } else { &[3.0, 2.5] };
            canvas.line(&high, Stroke { colour, width: 1.1, dash });
            canvas.line(&median, Stroke { colour, width: if item.valid() { 2.4 } else { 1.4 }, dash });
            if item.record.seconds.len() <= MARKED_SECONDS {
                median.iter().for_each(|&at| canvas.marker(at, marker, 2.2, colour));
            }
        }
        let Some(&(second, (median, high))) = runs.last().and_then(|run| run.last()) else {
            return empty(canvas, self.point, self.room);
        };
        let ends = [self.y.at(high), self.y.at(median)];
        let placed = place(&ends, 13.0, self.room.top + 3.0, self.room.bottom - 3.0);
        for (middle, name) in placed.into_iter().zip(["p99", "p50"]) {
            canvas.text((self.x.at(second + 0.5) + 7.0, middle), name, Letters::new(SMALL - 1.0, INK));
        }
    }

    fn steps(&self, canvas: &Canvas<'_>, item: &Item<'_>) {
        let Style { colour, .. } = item.style();
        let runs = runs(&item.record.seconds, |second| self.measure.first(second));
        for run in &runs {
            let stairs = self.stairs(run);
            let (Some(first), Some(last)) = (stairs.first(), stairs.last()) else { continue };
            if self.point.items().len() == 1 {
                let feet = [(last.0, self.room.bottom), (first.0, self.room.bottom)];
                let area: Vec<_> = stairs.iter().copied().chain(feet).collect();
                canvas.fill(&area, tint(colour, 0.25));
            }
            let stroke = match item.valid() {
                true => Stroke { colour, width: 1.8, dash: &[] },
                false => Stroke { colour, width: 1.2, dash: &[3.0, 2.5] },
            };
            canvas.line(&stairs, stroke);
        }
        if runs.is_empty() {
            empty(canvas, self.point, self.room);
        }
    }
}

fn empty(canvas: &Canvas<'_>, point: &Point<'_>, room: Room) {
    let lang = canvas.look().lang;
    let mut seconds = point.items().iter().flat_map(|item| &item.record.seconds).peekable();
    let silent = seconds.peek().is_some() && seconds.all(|second| second.delivered == 0);
    let words = if silent { text::nothing_delivered(lang) } else { common::not_measured(lang) };
    let at = ((room.left + room.right) / 2.0, (room.top + room.bottom) / 2.0);
    canvas.text(at, words, Letters::new(SMALL, MUTED).anchored(HPos::Center));
}
