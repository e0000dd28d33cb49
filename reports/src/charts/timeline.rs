//! Latency, deliveries and bytes over time: one small chart for each point, all with the same axes, so that lines of twelve
//! kinds do not cross in one.

use feedbench_record::run::Second;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point as Place, Reading, Stroke, corners};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title};
use super::letters::Letters;
use super::place::place;
use super::repetitions::{Columns, left, right};
use super::scale::Scale;
use super::scene::Scene;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::significant;
use crate::set::{Item, Point};
use crate::style::{INK, INVALID, MUTED, Style, tint};
use crate::table::Table;
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

/// What a chart shows of each second.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Latency,
    Deliveries,
    Bytes,
}

impl Measure {
    const fn axis(self, lang: Lang) -> &'static str {
        match self {
            Measure::Latency => text::seconds_latency_axis(lang),
            Measure::Deliveries => text::deliveries_axis(lang),
            Measure::Bytes => text::bytes_axis(lang),
        }
    }

    const fn title(self, lang: Lang) -> &'static str {
        match self {
            Measure::Latency => text::latency_over_time(lang),
            Measure::Deliveries => text::deliveries_over_time(lang),
            Measure::Bytes => text::bytes_over_time(lang),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Measure::Latency => "latency-over-time",
            Measure::Deliveries => "deliveries-over-time",
            Measure::Bytes => "bytes-over-time",
        }
    }

    const fn meaning(self, lang: Lang) -> &'static str {
        match self {
            Measure::Latency => text::panel_latency(lang),
            Measure::Deliveries => text::panel_deliveries(lang),
            Measure::Bytes => text::panel_bytes(lang),
        }
    }

    /// The unit, as a reading has it.
    const fn unit(self) -> &'static str {
        match self {
            Measure::Latency => "ms",
            Measure::Deliveries => "1/s",
            Measure::Bytes => "kB/s",
        }
    }

    /// The figures of a second, with their names: the one that is drawn thick first.
    fn figures(self) -> &'static [(&'static str, fn(&Second) -> Option<f64>)] {
        match self {
            Measure::Latency => &[("p50", |second| ms_at(second, 0.5)), ("p99", |second| ms_at(second, 0.99))],
            Measure::Deliveries => &[("", |second| Some(second.delivered as f64))],
            Measure::Bytes => &[("", |second| Some(second.bytes? as f64 / 1_000.0))],
        }
    }

    /// The figure that is drawn thick.
    fn first(self, second: &Second) -> Option<f64> {
        self.figures()[0].1(second)
    }
}

fn ms_at(second: &Second, share: f64) -> Option<f64> {
    second.latency.as_ref()?.quantile_us(share).map(|us| us as f64 / 1_000.0)
}

/// Latency over time.
pub(crate) fn latency(scene: &Scene<'_>) -> Chart {
    chart(scene, Measure::Latency)
}

/// Deliveries over time.
pub(crate) fn deliveries(scene: &Scene<'_>) -> Chart {
    chart(scene, Measure::Deliveries)
}

/// Bytes over time; `None` where no record has them.
pub(crate) fn bytes(scene: &Scene<'_>) -> Option<Chart> {
    let mut seconds = scene.items.iter().flat_map(|item| &item.record.seconds);
    seconds.any(|second| second.bytes.is_some()).then(|| chart(scene, Measure::Bytes))
}

fn chart(scene: &Scene<'_>, measure: Measure) -> Chart {
    let (look, lang, points) = (scene.look, scene.lang(), scene.points.as_slice());
    let grid = Grid::of(look, points.len());
    let repeated = points.iter().any(|point| point.items().len() > 1);
    let sentences = [text::panels(lang, text::time_axis(lang), measure.axis(lang))];
    let sentences = sentences.into_iter().chain([measure.meaning(lang), text::panel_grey(lang)].map(str::to_owned));
    let sentences = sentences.chain(repeated.then(|| text::panel_repetitions(lang).to_owned()));
    let space = if lang == Lang::En { " " } else { "" };
    let plan = Plan {
        name: measure.name().to_owned(),
        title: measure.title(lang).to_owned(),
        description: sentences.collect::<Vec<_>>().join(space),
        notes: notes(lang, points, measure, repeated),
        data: data(lang, points, measure),
        height: grid.height(),
    };
    let y = scale(&scene.items, measure);
    plan.draw(look, &scene.caption, |canvas| grid.draw(canvas, points, y, measure))
}

/// One axis for all.
fn scale(items: &[Item<'_>], measure: Measure) -> Option<Scale> {
    let seconds = || items.iter().flat_map(|item| &item.record.seconds);
    let values = || seconds().flat_map(|second| measure.figures().iter().filter_map(|(_, figure)| figure(second)));
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    (high > 0.0).then(|| match measure {
        Measure::Latency => Scale::logarithmic(low, high),
        Measure::Deliveries | Measure::Bytes => Scale::linear(high * 1.05),
    })
}

/// Where the small charts stand.
struct Grid {
    look: Look,
    panels: usize,
    columns: usize,
    /// The width and the height of a plot (px).
    plot: Place,
}

impl Grid {
    fn of(look: Look, panels: usize) -> Grid {
        let (columns, height) = match look.medium {
            Medium::Page => (3, 120.0),
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

    fn height(&self) -> f64 {
        KEY + self.rows() as f64 * self.row_height() + 40.0
    }

    fn room(&self, index: usize) -> Room {
        let (column, row) = (index % self.columns, index / self.columns);
        let left = LEFT + column as f64 * (self.plot.0 + BETWEEN);
        let top = KEY + row as f64 * self.row_height() + HEADER;
        Room { left, top, right: left + self.plot.0, bottom: top + self.plot.1 }
    }

    fn draw(&self, canvas: &Canvas<'_>, points: &[Point<'_>], y: Option<Scale>, measure: Measure) {
        let items = || points.iter().flat_map(Point::items);
        let seconds = items().filter_map(|item| item.record.seconds.last()).map(|second| second.second + 1);
        let seconds = Scale::linear(f64::from(seconds.max().unwrap_or(1).max(1)));
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
                let panel = Panel { point, room, x, y, measure };
                panel.draw(canvas);
            } else {
                heading(canvas, point, room);
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

fn heading(canvas: &Canvas<'_>, point: &Point<'_>, room: Room) {
    let Style { colour, marker, .. } = point.style();
    let y = room.top - 13.0;
    canvas.marker((room.left + 5.0, y), marker, 4.4, colour);
    let mut free = room.right - room.left - 17.0;
    match point.mark() {
        None => free += BETWEEN - 12.0,
        Some(mark) => {
            let letters = Letters::new(SMALL, INVALID).bold().anchored(HPos::Right);
            canvas.text((room.right + BETWEEN - 22.0, y), &mark, letters);
            free += BETWEEN - 22.0 - letters.width(&mark) - 6.0;
        }
    }
    // A label longer than its chart is set smaller.
    let label = Letters::new(LABEL, INK).bold();
    let size = (LABEL * free / label.width(point.label())).clamp(7.0, LABEL);
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
}

impl Panel<'_> {
    fn draw(&self, canvas: &Canvas<'_>) {
        let readings = self.readings(canvas.look().lang);
        canvas.series(self.point.transport(), self.point.label(), &readings, |canvas| {
            heading(canvas, self.point, self.room);
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

fn notes(lang: Lang, points: &[Point<'_>], measure: Measure, repeated: bool) -> Vec<String> {
    let has = |point: &Point<'_>, wanted: &dyn Fn(&Second) -> bool| {
        point.items().iter().flat_map(|item| &item.record.seconds).any(wanted)
    };
    let listed = |points: Vec<&Point<'_>>| {
        common::listed(lang, &points.into_iter().map(Point::marked_label).collect::<Vec<_>>())
    };
    let mut notes = Vec::new();
    if repeated {
        notes.push(text::panel_repetitions(lang).to_owned());
    }
    let without: Vec<_> = points.iter().filter(|point| !has(point, &|_| true)).collect();
    if !without.is_empty() {
        notes.push(text::no_seconds(lang, listed(without)));
    }
    let no_bytes = |point: &Point<'_>| has(point, &|_| true) && !has(point, &|second| second.bytes.is_some());
    let without: Vec<_> = points.iter().filter(|point| measure == Measure::Bytes && no_bytes(point)).collect();
    if !without.is_empty() {
        notes.push(text::no_bytes(lang, listed(without)));
    }
    notes
}

fn data(lang: Lang, points: &[Point<'_>], measure: Measure) -> Table {
    let columns = Columns::of(lang, points, measure.unit());
    let named = measure == Measure::Latency;
    let mut header = vec![left(text::point(lang)), right(text::second(lang))];
    header.extend(named.then(|| right(text::percentile(lang))));
    header.extend(columns.headings());
    let mut rows = Vec::new();
    for point in points {
        let mut seconds: Vec<_> =
            point.items().iter().flat_map(|item| &item.record.seconds).map(|second| second.second).collect();
        seconds.sort_unstable();
        seconds.dedup();
        for number in seconds {
            for (name, figure) in measure.figures() {
                let of_item = |item: &Item<'_>| {
                    item.record.seconds.iter().find(|second| second.second == number).and_then(figure)
                };
                let mut row = vec![point.label().to_owned(), number.to_string()];
                row.extend(named.then(|| (*name).to_owned()));
                row.extend(columns.texts(point, point.estimate(of_item).as_ref(), of_item));
                rows.push(row);
            }
        }
    }
    Table { header, rows }
}
