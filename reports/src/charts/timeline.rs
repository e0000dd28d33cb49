//! Latency and deliveries over time: one small chart for each cell, all with the same axes, so that lines of twelve
//! kinds do not cross in one.

use feedbench_record::run::Second;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point, Stroke, corners};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title};
use super::letters::Letters;
use super::place::place;
use super::scale::Scale;
use super::scene::Scene;
use crate::number::{grouped, significant};
use crate::set::Item;
use crate::style::{INK, INVALID, MUTED, Style, tint};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::common;

const COLUMNS: usize = 3;
const X_AXIS: &str = "time since the window's start (s)";
const LATENCY_AXIS: &str = "latency (ms, logarithmic)";
const DELIVERIES_AXIS: &str = "deliveries (1/s)";
const HEADER: f64 = 26.0;
const PLOT: f64 = 120.0;
const ROW: f64 = HEADER + PLOT + 16.0;
const LEFT: f64 = 84.0;
const BETWEEN: f64 = 40.0;
const KEY: f64 = 26.0;
/// Up to so many seconds, each has a marker of its own.
const MARKED_SECONDS: usize = 40;
const AFTER: RGBColor = RGBColor(243, 244, 246);

/// A second's median and 99th percentile (ms).
fn figures(second: &Second) -> Option<(f64, f64)> {
    let latency = second.latency.as_ref()?;
    Some((latency.quantile_us(0.5)? as f64 / 1_000.0, latency.quantile_us(0.99)? as f64 / 1_000.0))
}

fn height(items: &[Item<'_>]) -> f64 {
    KEY + items.len().div_ceil(COLUMNS) as f64 * ROW + 40.0
}

fn notes(items: &[Item<'_>]) -> Vec<String> {
    let without = items.iter().filter(|item| item.record.seconds.is_empty()).map(|item| item.label.as_str());
    let without = without.collect::<Vec<_>>();
    if without.is_empty() { Vec::new() } else { vec![format!("No figures second by second: {}.", without.join(", "))] }
}

/// Latency over time.
pub(crate) fn latency(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let plan = Plan {
        name: "latency-over-time".to_owned(),
        title: "Latency over time".to_owned(),
        description: format!(
            "A small chart for each cell, all with the same axes. Left to right: {X_AXIS}. Bottom to top: \
             {LATENCY_AXIS} of the deliveries of each second; the thick line is the median (p50), the thin line the \
             99th percentile (p99). Grey: after the window's end."
        ),
        notes: notes(items),
        data: data(items, &["p50 (ms)", "p99 (ms)"], |second| {
            let figures = second.latency.as_ref().map(|h| [0.5, 0.99].map(|share| h.quantile_us(share)));
            let texts = figures.map(|f| f.map(|us| us.map(|us| significant(us as f64 / 1_000.0))));
            texts.unwrap_or_default().map(|text| text.unwrap_or(ABSENT.to_owned())).to_vec()
        }),
        height: height(items),
    };
    let all = || items.iter().flat_map(|item| &item.record.seconds).filter_map(figures);
    let (low, high) = (all().map(|f| f.0).fold(f64::INFINITY, f64::min), all().map(|f| f.1).fold(0.0, f64::max));
    let scale = (high > 0.0).then(|| Scale::logarithmic(low, high));
    plan.draw(scene.look, &scene.caption, |canvas| panels(canvas, items, scale, LATENCY_AXIS, draw_latency))
}

/// Deliveries over time.
pub(crate) fn deliveries(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let plan = Plan {
        name: "deliveries-over-time".to_owned(),
        title: "Deliveries over time".to_owned(),
        description: format!(
            "A small chart for each cell, all with the same axes. Left to right: {X_AXIS}. Bottom to top: \
             {DELIVERIES_AXIS}, all clients of the cell together. Grey: after the window's end."
        ),
        notes: notes(items),
        data: data(items, &["deliveries"], |second| vec![grouped(second.delivered)]),
        height: height(items),
    };
    let most = items.iter().flat_map(|item| &item.record.seconds).map(|second| second.delivered).max().unwrap_or(0);
    let scale = (most > 0).then(|| Scale::linear(most as f64 * 1.05));
    plan.draw(scene.look, &scene.caption, |canvas| panels(canvas, items, scale, DELIVERIES_AXIS, draw_deliveries))
}

type DrawPanel = fn(&Canvas<'_>, &Item<'_>, Room, &Scale, &Scale);

fn panels(canvas: &Canvas<'_>, items: &[Item<'_>], y: Option<Scale>, axis: &str, draw: DrawPanel) {
    let seconds = items.iter().filter_map(|item| item.record.seconds.last()).map(|second| second.second + 1);
    let seconds = seconds.max().unwrap_or(1).max(1);
    let rows = items.len().div_ceil(COLUMNS);
    let width = (canvas.look().width() - LEFT - 36.0 - BETWEEN * (COLUMNS - 1) as f64) / COLUMNS as f64;
    for (index, item) in items.iter().enumerate() {
        let (column, row) = (index % COLUMNS, index / COLUMNS);
        let left = LEFT + column as f64 * (width + BETWEEN);
        let top = KEY + row as f64 * ROW + HEADER;
        let room = Room { left, top, right: left + width, bottom: top + PLOT };
        let x = Scale::linear(f64::from(seconds)).between(room.left, room.right);
        let last_in_column = index + COLUMNS >= items.len();
        let window_end = x.at(item.record.window.seconds());
        if window_end < room.right - 0.5 {
            canvas.fill(&corners(window_end, room.top, room.right, room.bottom), AFTER);
        }
        bottom_axis(canvas, room, &x, 5, last_in_column);
        heading(canvas, item, room);
        if let Some(y) = y.map(|y| y.between(room.bottom, room.top)) {
            left_axis(canvas, room, &y, 3, column == 0);
            draw(canvas, item, room, &x, &y);
        } else {
            empty(canvas, item, room);
        }
        base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    }
    let all = Room {
        left: LEFT,
        top: KEY + HEADER,
        right: canvas.look().width() - 36.0,
        bottom: KEY + rows as f64 * ROW - 16.0,
    };
    bottom_title(canvas, all, X_AXIS);
    left_title(canvas, 20.0, all, axis);
    canvas.fill(&corners(LEFT, 6.0, LEFT + 20.0, 18.0), tint(MUTED, 0.15));
    canvas.text((LEFT + 27.0, 12.0), "after the window's end", Letters::new(SMALL, INK));
}

fn heading(canvas: &Canvas<'_>, item: &Item<'_>, room: Room) {
    let Style { colour, marker, .. } = item.style();
    let y = room.top - 13.0;
    canvas.marker((room.left + 5.0, y), marker, 4.4, colour);
    let mark = Letters::new(SMALL, INVALID).bold().anchored(HPos::Right);
    let mut free = room.right - room.left - 17.0;
    if item.valid() {
        free += BETWEEN - 12.0;
    } else {
        canvas.text((room.right, y), common::invalid(canvas.look().lang), mark);
        free -= mark.width(common::invalid(canvas.look().lang)) + 6.0;
    }
    // A label longer than its chart is set smaller.
    let label = Letters::new(LABEL, INK).bold();
    let size = (LABEL * free / label.width(&item.label)).clamp(7.0, LABEL);
    canvas.text((room.left + 15.0, y), &item.label, Letters { size, ..label });
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

fn draw_latency(canvas: &Canvas<'_>, item: &Item<'_>, room: Room, x: &Scale, y: &Scale) {
    let Style { colour, marker, .. } = item.style();
    let runs = runs(&item.record.seconds, figures);
    let line = |run: &[(f64, (f64, f64))], pick: fn((f64, f64)) -> f64| -> Vec<Point> {
        run.iter().map(|&(second, figures)| (x.at(second + 0.5), y.at(pick(figures)))).collect()
    };
    for run in &runs {
        let (median, high) = (line(run, |f| f.0), line(run, |f| f.1));
        let band: Vec<_> = median.iter().chain(high.iter().rev()).copied().collect();
        canvas.fill(&band, tint(colour, 0.18));
        canvas.line(&high, Stroke { colour, width: 1.1, dash: &[] });
        canvas.line(&median, Stroke { colour, width: 2.4, dash: &[] });
        if item.record.seconds.len() <= MARKED_SECONDS {
            median.iter().for_each(|&at| canvas.marker(at, marker, 2.2, colour));
        }
    }
    let Some(&(second, (median, high))) = runs.last().and_then(|run| run.last()) else {
        return empty(canvas, item, room);
    };
    let placed = place(&[y.at(high), y.at(median)], 13.0, room.top + 3.0, room.bottom - 3.0);
    for (middle, text) in placed.into_iter().zip(["p99", "p50"]) {
        canvas.text((x.at(second + 0.5) + 7.0, middle), text, Letters::new(SMALL - 1.0, INK));
    }
}

fn draw_deliveries(canvas: &Canvas<'_>, item: &Item<'_>, room: Room, x: &Scale, y: &Scale) {
    let Style { colour, .. } = item.style();
    for run in runs(&item.record.seconds, |second| Some(second.delivered)) {
        let steps: Vec<Point> = run
            .iter()
            .flat_map(|&(second, delivered)| [second, second + 1.0].map(|at| (x.at(at), y.at(delivered as f64))))
            .collect();
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { continue };
        let mut area = vec![(first.0, room.bottom)];
        area.extend(&steps);
        area.push((last.0, room.bottom));
        canvas.fill(&area, tint(colour, 0.25));
        canvas.line(&steps, Stroke { colour, width: 1.8, dash: &[] });
    }
    if item.record.seconds.is_empty() {
        empty(canvas, item, room);
    }
}

fn empty(canvas: &Canvas<'_>, item: &Item<'_>, room: Room) {
    let seconds = &item.record.seconds;
    let silent = !seconds.is_empty() && seconds.iter().all(|second| second.delivered == 0);
    let text = if silent { "nothing was delivered" } else { "not measured" };
    let at = ((room.left + room.right) / 2.0, (room.top + room.bottom) / 2.0);
    canvas.text(at, text, Letters::new(SMALL, MUTED).anchored(HPos::Center));
}

fn data(items: &[Item<'_>], figures: &[&str], texts: impl Fn(&Second) -> Vec<String>) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let mut header = vec![heading("cell", Align::Left), heading("second", Align::Right)];
    header.extend(figures.iter().map(|figure| heading(figure, Align::Right)));
    let row = |item: &Item<'_>, second: &Second| {
        [item.label.clone(), second.second.to_string()].into_iter().chain(texts(second)).collect()
    };
    let rows = items.iter().flat_map(|item| item.record.seconds.iter().map(move |second| row(item, second)));
    Table { header, rows: rows.collect() }
}
