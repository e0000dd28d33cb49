//! Searches for a capacity: latency and CPU time against what was searched, every step a point.

use feedbench_record::capacity::{Axis, Capacity, Outcome, StepFigures};

use super::canvas::{Canvas, Point, Stroke};
use super::frame::{
    Chart, LABEL, Plan, Room, SMALL, base_line, bottom_axis, bottom_title, left_axis, left_title, nothing,
};
use super::letters::{Letters, text_width};
use super::place::place;
use super::scale::Scale;
use super::scene::Scene;
use crate::capacity::{label, sentence, table};
use crate::lang::Lang;
use crate::look::Medium;
use crate::number::plain;
use crate::style::{self, INK, INVALID, MUTED, PAPER, Style, tint};
use crate::text::{charts_bars as text, common};

const LABEL_HEIGHT: f64 = 19.0;
const LABEL_GAP: f64 = 50.0;
const LEFT: f64 = 76.0;
const KEY_LINE: f64 = 20.0;

/// The height of the plot with its axes (px).
fn height(medium: Medium) -> f64 {
    match medium {
        Medium::Page => 440.0,
        Medium::Slide | Medium::Paper => 340.0,
    }
}

/// A line, or the points of a line that is not named.
struct Curve {
    /// At its end; empty for the thin line beside one that has it.
    label: String,
    style: Style,
    points: Vec<(f64, f64, Outcome)>,
}

/// What one chart shows.
struct Words {
    name: &'static str,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    /// The line, and the thin line.
    lines: [&'static str; 2],
    lang: Lang,
}

/// Both charts of each axis that was searched.
pub(crate) fn charts(capacities: &[Capacity], scene: &Scene<'_>) -> Vec<Chart> {
    let of = |axis| capacities.iter().filter(|capacity| capacity.axis == axis).collect::<Vec<_>>();
    let of_axis = |axis| {
        let searches = of(axis);
        if searches.is_empty() {
            Vec::new()
        } else {
            vec![latency(axis, &searches, scene), cpu(axis, &searches, scene)]
        }
    };
    [Axis::Clients, Axis::Rate].into_iter().flat_map(of_axis).collect()
}

fn x_axis(axis: Axis, lang: Lang) -> &'static str {
    match axis {
        Axis::Clients => text::capacity_clients_axis(lang),
        Axis::Rate => text::capacity_rate_axis(lang),
    }
}

fn latency(axis: Axis, searches: &[&Capacity], scene: &Scene<'_>) -> Chart {
    let lang = scene.lang();
    let words = Words {
        name: match axis {
            Axis::Clients => "capacity-clients-latency",
            Axis::Rate => "capacity-rate-latency",
        },
        title: text::capacity_latency_title(lang),
        x: x_axis(axis, lang),
        y: text::capacity_latency_axis(lang),
        lines: ["p99", "p50"],
        lang,
    };
    let curves = curves(searches, lang, |step| ms(step.p99_us), |step| ms(step.p50_us));
    let mut bounds: Vec<_> = searches.iter().map(|capacity| capacity.slo_us as f64 / 1_000.0).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    chart(&words, &curves, &bounds, searches, scene, Scale::logarithmic)
}

/// In ms, and above 0 for the logarithm.
fn ms(us: Option<u64>) -> Option<f64> {
    us.map(|us| us.max(1) as f64 / 1_000.0)
}

fn cpu(axis: Axis, searches: &[&Capacity], scene: &Scene<'_>) -> Chart {
    let lang = scene.lang();
    let words = Words {
        name: match axis {
            Axis::Clients => "capacity-clients-cpu",
            Axis::Rate => "capacity-rate-cpu",
        },
        title: text::capacity_cpu_title(lang),
        x: x_axis(axis, lang),
        y: text::capacity_cpu_axis(lang),
        lines: [common::server(lang), common::load_generator(lang)],
        lang,
    };
    let curves = curves(searches, lang, |step| step.server_cores, |step| step.loadgen_cores);
    chart(&words, &curves, &[], searches, scene, |_, high| Scale::linear(high * 1.05))
}

/// For each search the line that is named, and the thin one beside it.
fn curves(
    searches: &[&Capacity],
    lang: Lang,
    named: fn(&StepFigures) -> Option<f64>,
    thin: fn(&StepFigures) -> Option<f64>,
) -> Vec<Curve> {
    let curve = |search: &Capacity, label: String, figure: fn(&StepFigures) -> Option<f64>| {
        let point = |step: &StepFigures| Some((step.value, figure(step)?, step.outcome));
        let mut points: Vec<_> = search.steps.iter().filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Curve { label, style: style::of(search.transport), points }
    };
    let both =
        |search: &&Capacity| [curve(search, String::new(), thin), curve(search, label(search, searches, lang), named)];
    searches.iter().flat_map(both).filter(|curve| !curve.points.is_empty()).collect()
}

fn chart(
    words: &Words,
    curves: &[Curve],
    bounds: &[f64],
    searches: &[&Capacity],
    scene: &Scene<'_>,
    scale: impl Fn(f64, f64) -> Scale,
) -> Chart {
    let ([named, thin], lang) = (words.lines, words.lang);
    let plan = Plan {
        name: words.name.to_owned(),
        title: words.title.to_owned(),
        description: text::capacity_description(lang, named, thin, words.x, words.y)
            + if bounds.is_empty() { "" } else { text::slo_description(lang) },
        notes: searches.iter().map(|search| sentence(search, lang)).collect(),
        data: table(searches, lang),
        height: height(scene.look.medium) + key_height(words, scene.look.width()),
    };
    plan.draw(scene.look, &scene.caption, |canvas| draw(canvas, words, curves, bounds, &scale))
}

fn draw(canvas: &Canvas<'_>, words: &Words, curves: &[Curve], bounds: &[f64], scale: &impl Fn(f64, f64) -> Scale) {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let heights = || points().map(|point| point.1).chain(bounds.iter().copied());
    let (low, high) = (heights().fold(f64::INFINITY, f64::min), heights().fold(0.0, f64::max));
    let width = canvas.look().width();
    let (top, bottom) = (key_height(words, width), key_height(words, width) + height(canvas.look().medium));
    if points().next().is_none() || high <= 0.0 {
        return nothing(canvas, bottom);
    }
    let named: Vec<_> = curves.iter().filter(|curve| !curve.label.is_empty()).collect();
    let slo: Vec<_> = bounds.iter().map(|ms| format!("SLO {} ms", plain(*ms))).collect();
    let labels = named.iter().map(|curve| &curve.label).chain(&slo);
    let longest = labels.map(|text| text_width(text, LABEL)).fold(0.0, f64::max);
    let room = Room { left: LEFT, top, right: width - LABEL_GAP - longest - 10.0, bottom: bottom - 52.0 };
    let values = || points().map(|point| point.0);
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let x = Scale::logarithmic(least, most).between(room.left, room.right);
    let y = scale(low, high).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 0, true);
    left_axis(canvas, room, &y, 6, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, words.x);
    left_title(canvas, 20.0, room, words.y);
    key(canvas, words);
    for &bound in bounds {
        let level = y.at(bound);
        canvas.line(&[(room.left, level), (room.right, level)], Stroke { colour: INK, width: 1.6, dash: &[7.0, 4.0] });
    }
    for curve in curves {
        let thin = curve.label.is_empty();
        let Style { colour, dash, marker } = curve.style;
        let (colour, width) = if thin { (tint(colour, 0.5), 1.2) } else { (colour, 2.2) };
        let path: Vec<Point> = curve.points.iter().map(|&(value, height, _)| (x.at(value), y.at(height))).collect();
        canvas.line(&path, Stroke { colour, width, dash });
        for (&at, &(_, _, outcome)) in path.iter().zip(&curve.points) {
            canvas.marker(at, marker, if thin { 2.4 } else { 4.0 }, colour);
            if !thin {
                mark(canvas, at, outcome);
            }
        }
    }
    let ends: Vec<Point> = named
        .iter()
        .filter_map(|curve| curve.points.last().map(|&(value, height, _)| (x.at(value), y.at(height))))
        .chain(bounds.iter().map(|&bound| (room.right, y.at(bound))))
        .collect();
    let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let placed = place(&wanted, LABEL_HEIGHT, room.top, room.bottom + 20.0);
    let styles = named.iter().map(|curve| Some(curve.style)).chain(bounds.iter().map(|_| None));
    let texts = named.iter().map(|curve| &curve.label).chain(&slo);
    for (((style, text), &end), middle) in styles.zip(texts).zip(&ends).zip(placed) {
        name(canvas, style, text, end, (room.right + LABEL_GAP, middle));
    }
}

/// A label with its leader; without a style that of the objective.
fn name(canvas: &Canvas<'_>, style: Option<Style>, text: &str, end: Point, at: Point) {
    let colour = style.map_or(INK, |style| style.colour);
    let level = (at.0 - LABEL_GAP + 3.0, end.1);
    let leader = Stroke { colour: tint(colour, 0.7), width: 1.0, dash: &[] };
    canvas.line(&[end, level, (at.0 - 20.0, at.1), (at.0 - 12.0, at.1)], leader);
    if let Some(style) = style {
        canvas.marker((at.0 - 9.0, at.1), style.marker, 4.4, style.colour);
    }
    canvas.text(at, text, Letters::new(LABEL, INK));
}

/// How a step ended, around its marker.
fn mark(canvas: &Canvas<'_>, (x, y): Point, outcome: Outcome) {
    match outcome {
        Outcome::Held => {}
        Outcome::Missed => {
            for (colour, width) in [(PAPER, 4.6), (INVALID, 2.2)] {
                for slope in [-1.0, 1.0] {
                    let stroke = Stroke { colour, width, dash: &[] };
                    canvas.line(&[(x - 5.5, y - 5.5 * slope), (x + 5.5, y + 5.5 * slope)], stroke);
                }
            }
        }
        Outcome::Disturbed => {
            let angles = (0..=24).map(|step| f64::from(step) * std::f64::consts::TAU / 24.0);
            let around: Vec<Point> = angles.map(|angle| (x + 8.0 * angle.cos(), y + 8.0 * angle.sin())).collect();
            canvas.line(&around, Stroke { colour: INVALID, width: 1.8, dash: &[] });
        }
    }
}

/// What stands in the key, above the axes: a line, or how a step ended.
#[derive(Clone, Copy)]
enum Sign {
    Line(Stroke),
    Step(Outcome),
}

/// The entries of the key, each with the place of its left end.
fn entries(words: &Words, width: f64) -> Vec<(Point, Sign, &'static str)> {
    let outcomes = [Outcome::Held, Outcome::Missed, Outcome::Disturbed];
    let meanings = [text::held(words.lang), text::missed(words.lang), text::disturbed_key(words.lang)];
    let line = |(text, (width, colour))| (Sign::Line(Stroke { colour, width, dash: &[] }), text);
    let lines = words.lines.into_iter().zip([(2.2, MUTED), (1.2, tint(MUTED, 0.5))]).map(line);
    let signs = lines.chain(outcomes.into_iter().zip(meanings).map(|(outcome, text)| (Sign::Step(outcome), text)));
    let (mut x, mut y) = (LEFT, 14.0);
    let mut entries = Vec::new();
    for (sign, text) in signs {
        let length = sign.width() + 6.0 + text_width(text, SMALL);
        if x > LEFT && x + length > width - 8.0 {
            (x, y) = (LEFT, y + KEY_LINE);
        }
        entries.push(((x, y), sign, text));
        x += length + 16.0;
    }
    entries
}

/// The room of the key above the plot (px).
fn key_height(words: &Words, width: f64) -> f64 {
    entries(words, width).last().map_or(0.0, |((_, y), ..)| y + 26.0)
}

impl Sign {
    fn width(self) -> f64 {
        match self {
            Sign::Line(_) => 24.0,
            Sign::Step(_) => 16.0,
        }
    }
}

fn key(canvas: &Canvas<'_>, words: &Words) {
    for ((x, y), sign, text) in entries(words, canvas.look().width()) {
        match sign {
            Sign::Line(stroke) => canvas.line(&[(x, y), (x + sign.width(), y)], stroke),
            Sign::Step(outcome) => {
                let at = (x + sign.width() / 2.0, y);
                canvas.marker(at, style::Marker::Circle, 4.0, MUTED);
                mark(canvas, at, outcome);
            }
        }
        canvas.text((x + sign.width() + 6.0, y), text, Letters::new(SMALL, MUTED));
    }
}
