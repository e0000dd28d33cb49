//! Spread of the delivery latency: a box with whiskers for each point.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Reading, Stroke, corners};
use super::curves::{self, Curve};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, nothing};
use super::labels::{EMPTY, broken};
use super::letters::{Letters, text_width};
use super::repetitions;
use super::scale::{Form, Scale};
use super::scene::Scene;
use crate::estimate::Estimate;
use crate::look::{Look, Medium};
use crate::number::{grouped, significant};
use crate::style::{INK, INVALID, MUTED, PAPER, Style, shade, tint};
use crate::text::charts_lines as text;

/// Whisker, box, median, box, whisker: the rows of the data.
const PARTS: [(f64, &str); 5] = [(0.01, "p1"), (0.25, "p25"), (0.5, "p50"), (0.75, "p75"), (0.99, "p99")];
const LINE: f64 = 16.0;
const AXIS_HEIGHT: f64 = 52.0;
/// More boxes than these stand closer on a slide.
const DENSE: usize = 6;
/// Half of a box's height (px).
const HALF: f64 = 9.0;

/// One point's box.
struct Row<'a> {
    curve: &'a Curve<'a>,
    /// As in [`PARTS`].
    parts: [Estimate; 5],
    /// Its label, broken into lines, and how much stands behind it.
    label: Vec<String>,
    behind: String,
    /// What stands at its right end.
    median: String,
}

impl<'a> Row<'a> {
    fn of(look: Look, curve: &'a Curve<'a>, dense: bool) -> Option<Row<'a>> {
        let parts: Vec<_> = PARTS.iter().map(|&(share, _)| curve.ms_at(share)).collect::<Option<_>>()?;
        let parts: [Estimate; 5] = parts.try_into().ok()?;
        let deliveries = grouped(curve.fewest());
        let behind = match curve.n() {
            _ if dense => String::new(),
            1 => text::deliveries_of_one(look.lang, deliveries),
            n => text::deliveries_of_more(look.lang, deliveries, n),
        };
        let widest = if look.medium == Medium::Paper { 150.0 } else { 240.0 };
        let label = broken(look.lang, &curve.point.marked_label(), widest);
        let median = format!("{} {} ms", PARTS[2].1, significant(parts[2].median));
        Some(Row { curve, parts, label, behind, median })
    }

    fn height(&self) -> f64 {
        let lines = self.label.len() + usize::from(!self.behind.is_empty());
        (lines as f64 * LINE + 12.0).max(2.0 * HALF + 16.0)
    }

    fn width(&self) -> f64 {
        let label = self.label.iter().map(|line| text_width(line, LABEL)).fold(0.0, f64::max);
        label.max(text_width(&self.behind, SMALL))
    }
}

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (look, lang, points) = (scene.look, scene.lang(), scene.points.as_slice());
    let curves = curves::of(points);
    // A slide has room for one line each of many; its caption says how much stands behind them.
    let dense = look.medium == Medium::Slide && curves.len() > DENSE;
    let rows: Vec<_> = curves.iter().filter_map(|curve| Row::of(look, curve, dense)).collect();
    let [logarithmic, linear] = Form::ALL.map(|form| text::latency_axis(lang, form.name(lang)));
    let key = key(look, &rows);
    let top = key.len() as f64 * LINE + 12.0;
    let mut notes: Vec<_> =
        curves::theory_note(lang, &curves).into_iter().chain(curves::missing(lang, points)).collect();
    if rows.iter().any(|row| row.curve.n() > 1) {
        notes.insert(0, text::spread_repetitions(lang).to_owned());
    }
    let height = if rows.is_empty() { EMPTY } else { top + rows.iter().map(Row::height).sum::<f64>() + AXIS_HEIGHT };
    let plan = Plan {
        name: "latency-spread".to_owned(),
        title: text::spread_title(lang).to_owned(),
        description: text::spread_description(lang, &logarithmic),
        notes,
        data: curves::data(lang, points, &PARTS),
        height,
    };
    let draw = |canvas: &Canvas<'_>, form: Form, axis: &str| {
        if rows.is_empty() {
            return nothing(canvas, height);
        }
        for (line, words) in key.iter().enumerate() {
            canvas.text((16.0, 10.0 + line as f64 * LINE), words, Letters::new(SMALL, MUTED));
        }
        boxes(canvas, &rows, top, form, axis);
    };
    plan.draw_either(
        look,
        &scene.caption,
        Form::ALL.map(|form| form.name(lang)),
        |canvas| draw(canvas, Form::Logarithmic, &logarithmic),
        |canvas| draw(canvas, Form::Linear, &linear),
    )
}

/// What the parts of a box mean, in lines.
fn key(look: Look, rows: &[Row<'_>]) -> Vec<String> {
    let lang = look.lang;
    let mut parts = vec![text::spread_key_box(lang), text::spread_key_median(lang), text::spread_key_whiskers(lang)];
    if rows.iter().any(|row| row.parts[2].dots.len() > 1) {
        parts.push(text::spread_key_dots(lang));
    }
    if rows.iter().any(|row| row.curve.expected_ms_at(0.5).is_some()) {
        parts.push(text::spread_key_theory(lang));
    }
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if text_width(line, SMALL) + text_width(part, SMALL) < look.width() - 44.0 => {
                *line += &format!(" · {part}");
            }
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

fn boxes(canvas: &Canvas<'_>, rows: &[Row<'_>], top: f64, form: Form, axis: &str) {
    let left = 28.0 + rows.iter().map(Row::width).fold(0.0, f64::max);
    let widest = rows.iter().map(|row| text_width(&row.median, SMALL)).fold(0.0, f64::max);
    let bottom = top + rows.iter().map(Row::height).sum::<f64>();
    let room = Room { left, top, right: canvas.look().width() - widest - 24.0, bottom };
    let bounds = |row: &Row<'_>| {
        let expected = |share| row.curve.expected_ms_at(share).filter(|&ms| ms > 0.0);
        let (shortest, longest) = (row.parts[0].bounds().0, row.parts[4].bounds().1);
        (shortest.min(expected(0.01).unwrap_or(shortest)), longest.max(expected(0.99).unwrap_or(longest)))
    };
    let low = rows.iter().map(|row| bounds(row).0).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|row| bounds(row).1).fold(0.0, f64::max);
    let x = form.scale(low, high).between(room.left, room.right);
    bottom_axis(canvas, room, &x, 6, true);
    bottom_title(canvas, room, axis);
    let mut upper = top;
    for row in rows {
        let middle = upper + row.height() / 2.0;
        let at = (x.at(row.parts[2].median), middle);
        let name = PARTS[2].1;
        let readings = [Reading { at, text: reading(canvas, row, name) }];
        canvas.series(row.curve.point.transport(), row.curve.point.label(), &readings, |canvas| {
            label(canvas, row, room.left - 12.0, middle);
            draw_box(canvas, row, &x, middle);
            canvas.text((room.right + 10.0, middle), &row.median, Letters::new(SMALL, INK));
        });
        upper += row.height();
    }
    base_line(canvas, (room.left, room.top), (room.left, room.bottom));
}

/// The median with how sure it is, and the other parts.
fn reading(canvas: &Canvas<'_>, row: &Row<'_>, name: &str) -> String {
    let others = PARTS.iter().zip(&row.parts).filter(|((_, other), _)| *other != name);
    let others = others.map(|((_, name), part)| format!("{name} {} ms", significant(part.median)));
    let median = repetitions::reading(canvas.look().lang, name, &row.parts[2], "ms");
    format!("{median}; {}", others.collect::<Vec<_>>().join(", "))
}

fn label(canvas: &Canvas<'_>, row: &Row<'_>, right: f64, middle: f64) {
    let valid = row.curve.point.is_valid();
    let letters = Letters::new(LABEL, if valid { INK } else { INVALID }).anchored(HPos::Right);
    let lines = row.label.len() + usize::from(!row.behind.is_empty());
    let first = middle - (lines - 1) as f64 * LINE / 2.0;
    for (number, line) in row.label.iter().enumerate() {
        canvas.text((right, first + number as f64 * LINE), line, letters);
    }
    if !row.behind.is_empty() {
        let last = first + row.label.len() as f64 * LINE;
        canvas.text((right, last), &row.behind, Letters { size: SMALL, colour: MUTED, ..letters });
    }
}

fn draw_box(canvas: &Canvas<'_>, row: &Row<'_>, x: &Scale, middle: f64) {
    let Style { colour, .. } = row.curve.point.style();
    let valid = row.curve.point.is_valid();
    let [p1, p25, p50, p75, p99] = [0, 1, 2, 3, 4].map(|part| x.at(row.parts[part].median));
    let (upper, lower) = (middle - HALF, middle + HALF);
    let line = Stroke { colour, width: if valid { 1.8 } else { 1.2 }, dash: if valid { &[] } else { &[3.0, 2.5] } };
    for (from, to) in [(p25, p1), (p75, p99)] {
        canvas.line(&[(from, middle), (to, middle)], line);
        canvas.line(&[(to, middle - HALF / 2.0), (to, middle + HALF / 2.0)], Stroke { dash: &[], ..line });
    }
    let inside = if valid { tint(colour, 0.35) } else { PAPER };
    canvas.fill(&corners(p25, upper, p75, lower), inside);
    let outline = [(p25, upper), (p75, upper), (p75, lower), (p25, lower), (p25, upper)];
    canvas.line(&outline, line);
    canvas.line(&[(p50, upper), (p50, lower)], Stroke { colour: shade(colour), width: 2.6, dash: &[] });
    if let [Some(short), Some(half), Some(long)] = [0.01, 0.5, 0.99].map(|share| row.curve.expected_ms_at(share)) {
        let thin = Stroke { colour: shade(colour), width: 1.0, dash: &[] };
        let (y, half) = (upper - 3.5, x.at(half));
        canvas.line(&[(x.at(short), y), (x.at(long), y)], thin);
        canvas.line(&[(half, y - 3.0), (half, y + 3.0)], thin);
    }
    if row.parts[2].dots.len() > 1 {
        for &dot in &row.parts[2].dots {
            repetitions::dot(canvas, (x.at(dot.value), lower + 4.5), dot, colour);
        }
    }
}
