//! Overhead of all clients by their number: an article's figures and the measured ones in one picture.

use plotters::style::text_anchor::HPos;

use super::bars;
use super::canvas::{Canvas, Reading, Stroke};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title};
use super::letters::Letters;
use super::place::place;
use super::scale::Scale;
use super::scene::Scene;
use crate::estimate::Spread;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::grouped;
use crate::quantum_leap::{self, Origin, Point, Series};
use crate::set::Item;
use crate::style::{self, INK, INVALID, PAPER, Style, tint};
use crate::table::{Align, Heading, Table};
use crate::text::{common, quantum_leap as text};

const LABEL_GAP: f64 = 44.0;
const LEFT: f64 = 84.0;
/// From the middle of a marker to the first of the dots beside it, and from one to the next (px).
const DOTS_AT: f64 = 10.0;
const DOTS_STEP: f64 = 4.5;

fn height(medium: Medium) -> f64 {
    match medium {
        Medium::Page => 440.0,
        Medium::Slide | Medium::Paper => 350.0,
    }
}

/// The chart; `None` when no cell belongs to the suite that reproduces the article.
pub(crate) fn chart(items: &[Item<'_>], look: Look) -> Option<Chart> {
    let items: Vec<_> = items.iter().filter(|item| quantum_leap::belongs(item.record)).cloned().collect();
    let records: Vec<_> = items.iter().map(|item| item.record).collect();
    let (lang, series) = (look.lang, quantum_leap::series(&records, look.lang)?);
    let scene = Scene::of(&items, look);
    let repeated = series.iter().flat_map(|line| &line.points).any(|point| point.mbit_per_s.dots.len() > 1);
    let plan = Plan {
        name: "quantum-leap".to_owned(),
        title: text::chart_title(lang).to_owned(),
        description: text::chart_description(lang, text::x_axis(lang), text::y_axis(lang)),
        notes: if repeated { vec![text::whiskers_note(lang).to_owned()] } else { Vec::new() },
        data: data(&series, lang),
        height: height(look.medium),
    };
    Some(plan.draw(look, &scene.caption, |canvas| draw(canvas, &series)))
}

/// How many of a line's repetitions are invalid, and how many it has.
fn invalid(series: &Series) -> (usize, usize) {
    let dots = || series.points.iter().flat_map(|point| &point.mbit_per_s.dots);
    (dots().filter(|dot| !dot.valid).count(), dots().count())
}

fn label(series: &Series, look: Look) -> String {
    let paper = look.medium == Medium::Paper;
    let label = if paper { &series.short } else { &series.label };
    match invalid(series) {
        (0, _) => label.clone(),
        _ if paper => format!("{label} ✗"),
        (invalid, all) if invalid == all => format!("{label} {}", common::invalid(look.lang)),
        (invalid, all) => format!("{label} {}", common::some_invalid(look.lang, invalid, all)),
    }
}

fn letters(series: &Series) -> Letters {
    let letters = Letters::new(SMALL, if invalid(series).0 > 0 { INVALID } else { INK });
    if series.origin == Origin::Measured { letters.bold() } else { letters }
}

/// Both axes of the plot.
struct Axes {
    x: Scale,
    y: Scale,
}

fn draw(canvas: &Canvas<'_>, series: &[Series]) {
    let look = canvas.look();
    let points = || series.iter().flat_map(|series| &series.points);
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let longest = most(&mut series.iter().map(|line| letters(line).width(&label(line, look))));
    let right = look.width() - LABEL_GAP - longest - 8.0;
    let room = Room { left: LEFT, top: 26.0, right, bottom: height(look.medium) - 52.0 };
    let clients = || points().map(|point| point.clients);
    let x = Scale::logarithmic(least(&mut clients()) * 0.8, most(&mut clients()) * 1.2);
    let low = least(&mut points().map(|point| point.mbit_per_s.bounds().0));
    let y = Scale::logarithmic(low, most(&mut points().map(|point| point.mbit_per_s.bounds().1)));
    let axes = Axes { x: x.between(room.left, room.right), y: y.between(room.bottom, room.top) };
    bottom_axis(canvas, room, &axes.x, 0, true);
    left_axis(canvas, room, &axes.y, 0, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    // Where the labels take much of the width, the title stands below the whole drawing.
    let below = if look.medium == Medium::Paper { Room { left: 0.0, right: look.width(), ..room } } else { room };
    bottom_title(canvas, below, text::x_axis(look.lang));
    left_title(canvas, 20.0, room, text::y_axis(look.lang));
    for (name, clients) in quantum_leap::use_cases() {
        let letters = Letters::new(LABEL, INK).bold().anchored(HPos::Center);
        canvas.text((axes.x.at(clients), room.top - 12.0), name, letters);
    }
    let end = |line: &Series| line.points.last().map_or(room.bottom, |point| axes.y.at(point.mbit_per_s.median));
    let wanted: Vec<f64> = series.iter().map(end).collect();
    let placed = place(&wanted, 17.0, room.top, room.bottom + 20.0);
    for (line, middle) in series.iter().zip(placed) {
        let readings: Vec<_> = line.points.iter().map(|point| reading(line, point, &axes, look)).collect();
        canvas.series(line.transport, &line.label, &readings, |canvas| {
            draw_line(canvas, line, &axes);
            draw_label(canvas, line, (room.right, middle), &axes);
        });
    }
}

fn draw_line(canvas: &Canvas<'_>, line: &Series, axes: &Axes) {
    let at = |point: &Point| (axes.x.at(point.clients), axes.y.at(point.mbit_per_s.median));
    let path: Vec<_> = line.points.iter().map(at).collect();
    let Style { colour, marker, .. } = style::of(line.transport);
    let (shade, width, dash): (_, _, &'static [f64]) = match line.origin {
        Origin::Published => (colour, 2.0, &[2.0, 4.0]),
        Origin::Recomputed => (tint(colour, 0.6), 1.2, &[]),
        Origin::RecomputedOnIp => (tint(colour, 0.6), 1.6, &[7.0, 4.0]),
        Origin::Measured => (colour, 2.6, &[]),
    };
    canvas.line(&path, Stroke { colour: shade, width, dash });
    for (point, &at) in line.points.iter().zip(&path).filter(|(point, _)| point.measured) {
        draw_spread(canvas, point, at.0, &axes.y);
        canvas.marker(at, marker, 5.0, if point.mbit_per_s.valid { colour } else { INVALID });
        draw_repetitions(canvas, point, at.0, &axes.y);
    }
}

/// How far the repetitions of a point lie apart, below its marker.
fn draw_spread(canvas: &Canvas<'_>, point: &Point, x: f64, y: &Scale) {
    let Some(spread) = point.mbit_per_s.spread else { return };
    let (low, high) = spread.ends();
    let (low, high) = (y.at(low), y.at(high));
    for (colour, width) in [(PAPER, 3.6), (INK, 1.4)] {
        let stroke = Stroke { colour, width, dash: &[] };
        canvas.line(&[(x, low), (x, high)], stroke);
        if let Spread::Interval { .. } = spread {
            for end in [low, high] {
                canvas.line(&[(x - 6.0, end), (x + 6.0, end)], stroke);
            }
        }
    }
}

/// The repetitions beside a marker.
fn draw_repetitions(canvas: &Canvas<'_>, point: &Point, x: f64, y: &Scale) {
    let dots = &point.mbit_per_s.dots;
    for (number, dot) in dots.iter().enumerate().filter(|_| dots.len() > 1) {
        bars::dot(canvas, (x + DOTS_AT + DOTS_STEP * number as f64, y.at(dot.value)), dot.valid);
    }
}

fn draw_label(canvas: &Canvas<'_>, line: &Series, (right, middle): (f64, f64), axes: &Axes) {
    let Some(last) = line.points.last() else { return };
    let end = (axes.x.at(last.clients), axes.y.at(last.mbit_per_s.median));
    let at = (right + LABEL_GAP, middle);
    let leader = Stroke { colour: tint(style::of(line.transport).colour, 0.45), width: 1.0, dash: &[] };
    canvas.line(&[end, (right + 4.0, end.1), (at.0 - 12.0, middle), (at.0 - 4.0, middle)], leader);
    canvas.text(at, &label(line, canvas.look()), letters(line));
}

fn reading(line: &Series, point: &Point, axes: &Axes, look: Look) -> Reading {
    let value = bars::Figure { look, unit: " Mbit/s" }.reading("", &point.mbit_per_s);
    Reading {
        at: (axes.x.at(point.clients), axes.y.at(point.mbit_per_s.median)),
        text: text::reading(look.lang, &line.label, grouped(point.clients as u64), value),
    }
}

/// The lines as rows: the columns of every chart's data, with the clients before them.
fn data(series: &[Series], lang: Lang) -> Table {
    let row = |line: &Series, point: &Point| {
        let mut row = bars::figures(&line.label, text::overhead_of_all(lang), Some(&point.mbit_per_s), lang);
        row.insert(1, grouped(point.clients as u64));
        row
    };
    let rows = series.iter().flat_map(|line| line.points.iter().map(move |point| row(line, point)));
    let mut table = bars::data(lang, rows);
    table.header[0].text = text::line(lang).to_owned();
    table.header.insert(1, Heading { text: text::clients(lang).to_owned(), align: Align::Right });
    table
}
