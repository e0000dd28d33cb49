//! Overhead of all clients by their number: an article's figures and the measured ones in one picture.

use super::canvas::{Canvas, Stroke};
use super::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title};
use super::letters::{Letters, text_width};
use super::place::place;
use super::scale::Scale;
use super::scene::Scene;
use crate::lang::Lang;
use crate::look::Look;
use crate::number::{grouped, significant};
use crate::quantum_leap::{self, Origin, Point, Series};
use crate::set::Item;
use crate::style::{self, INK, INVALID, Style, tint};
use crate::table::{Align, Heading, Table};
use crate::text::common;

const X_AXIS: &str = "clients, each with one message a second (logarithmic)";
const Y_AXIS: &str = "overhead of all clients (bit/s, logarithmic)";
const LABEL_GAP: f64 = 44.0;
const HEIGHT: f64 = 440.0;

/// The chart; `None` when no cell belongs to the suite that reproduces the article.
pub(crate) fn chart(items: &[Item<'_>], look: Look) -> Option<Chart> {
    let items: Vec<_> = items.iter().filter(|item| quantum_leap::belongs(item.record)).cloned().collect();
    let records: Vec<_> = items.iter().map(|item| item.record).collect();
    let series = quantum_leap::series(&records, look.lang)?;
    let scene = Scene::of(&items, look);
    let plan = Plan {
        name: "quantum-leap".to_owned(),
        title: "Overhead bandwidth: published, recomputed, measured".to_owned(),
        description: format!(
            "Left to right: {X_AXIS}, with the use cases A, B and C of Lubbers and Greco (2010). Bottom to top: {Y_AXIS}, \
             everything but the payload. Dotted: as published. Thin: recomputed from the article's heads and frames, \
             dashed on IP. Thick, with markers: measured above TCP."
        ),
        notes: Vec::new(),
        data: data(&series, look.lang),
        height: HEIGHT,
    };
    Some(plan.draw(look, &scene.caption, |canvas| draw(canvas, &series)))
}

fn text_of(series: &Series, lang: Lang) -> String {
    let invalid = series.points.iter().any(|point| point.invalid);
    if invalid { format!("{} {}", series.label, common::invalid(lang)) } else { series.label.clone() }
}

fn draw(canvas: &Canvas<'_>, series: &[Series]) {
    let points = || series.iter().flat_map(|series| &series.points);
    let fold =
        |of: fn(&Point) -> f64| (points().map(of).fold(f64::INFINITY, f64::min), points().map(of).fold(0.0, f64::max));
    let ((fewest, most), (low, high)) = (fold(|point| point.clients), fold(|point| point.bits_per_s));
    let longest =
        series.iter().map(|series| text_width(&text_of(series, canvas.look().lang), SMALL)).fold(0.0, f64::max);
    let room = Room {
        left: 120.0,
        top: 26.0,
        right: canvas.look().width() - LABEL_GAP - longest - 8.0,
        bottom: HEIGHT - 52.0,
    };
    let x = Scale::logarithmic(fewest * 0.8, most * 1.2).between(room.left, room.right);
    let y = Scale::logarithmic(low, high).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 0, true);
    left_axis(canvas, room, &y, 0, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, X_AXIS);
    left_title(canvas, 20.0, room, Y_AXIS);
    for (name, clients) in quantum_leap::use_cases() {
        let letters = Letters::new(LABEL, INK).bold().anchored(plotters::style::text_anchor::HPos::Center);
        canvas.text((x.at(clients), room.top - 12.0), name, letters);
    }
    let mut ends = Vec::new();
    for line in series {
        let path: Vec<_> = line.points.iter().map(|point| (x.at(point.clients), y.at(point.bits_per_s))).collect();
        let Style { colour, marker, .. } = style::of(line.transport);
        let (colour, width, dash): (_, _, &'static [f64]) = match line.origin {
            Origin::Published => (colour, 2.0, &[2.0, 4.0]),
            Origin::Recomputed => (tint(colour, 0.6), 1.2, &[]),
            Origin::RecomputedOnIp => (tint(colour, 0.6), 1.6, &[7.0, 4.0]),
            Origin::Measured => (colour, 2.6, &[]),
        };
        canvas.line(&path, Stroke { colour, width, dash });
        for (point, &at) in line.points.iter().zip(&path).filter(|_| line.origin == Origin::Measured) {
            canvas.marker(at, marker, 5.0, if point.invalid { INVALID } else { colour });
        }
        ends.extend(path.last().copied());
    }
    let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let placed = place(&wanted, 17.0, room.top, room.bottom + 20.0);
    for ((line, &end), middle) in series.iter().zip(&ends).zip(placed) {
        let colour = style::of(line.transport).colour;
        let at = (room.right + LABEL_GAP, middle);
        let leader = Stroke { colour: tint(colour, 0.45), width: 1.0, dash: &[] };
        canvas.line(&[end, (room.right + 4.0, end.1), (at.0 - 12.0, middle), (at.0 - 4.0, middle)], leader);
        let invalid = line.points.iter().any(|point| point.invalid);
        let letters = Letters::new(SMALL, if invalid { INVALID } else { INK });
        let letters = if line.origin == Origin::Measured { letters.bold() } else { letters };
        canvas.text(at, &text_of(line, canvas.look().lang), letters);
    }
}

fn data(series: &[Series], lang: Lang) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let header = vec![
        heading("line", Align::Left),
        heading("clients", Align::Right),
        heading("overhead of all clients (bit/s)", Align::Right),
    ];
    let row = |line: &Series, point: &Point| {
        let mark = if point.invalid { format!(" {}", common::invalid(lang)) } else { String::new() };
        vec![format!("{}{mark}", line.label), grouped(point.clients as u64), significant(point.bits_per_s)]
    };
    let rows = series.iter().flat_map(|line| line.points.iter().map(move |point| row(line, point)));
    Table { header, rows: rows.collect() }
}
