//! Delivery latency as cumulative distribution: which share of the deliveries took at most so long.

use super::canvas::Canvas;
use super::curves::{self, Curve};
use super::frame::{Chart, Plan, Room, base_line, bottom_axis, bottom_title, left_axis, left_title, nothing};
use super::labels::{EMPTY, Labels};
use super::plane::Plane;
use super::scale::{Form, Scale};
use super::scene::Scene;
use crate::look::Medium;
use crate::text::charts_lines as text;

/// A point of a line stands at every so many deliveries of a thousand.
const PER_MILLE: usize = 2;
const MARKED: [(f64, &str); 5] = [(0.1, "p10"), (0.25, "p25"), (0.5, "p50"), (0.75, "p75"), (0.9, "p90")];
/// Rows of the data beside those that are marked.
const ROWS: [(f64, &str); 11] = [
    (0.0, "p0"),
    (0.01, "p1"),
    (0.05, "p5"),
    (0.1, "p10"),
    (0.25, "p25"),
    (0.5, "p50"),
    (0.75, "p75"),
    (0.9, "p90"),
    (0.95, "p95"),
    (0.99, "p99"),
    (1.0, "p100"),
];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (lang, points) = (scene.lang(), scene.points.as_slice());
    let curves = curves::of(points);
    let labels = Labels::of(scene.look, curves.iter().map(|curve| curve.point));
    let [logarithmic, linear] = Form::ALL.map(|form| text::latency_axis(lang, form.name(lang)));
    let plan = Plan {
        name: "latency-distribution".to_owned(),
        title: text::distribution_title(lang).to_owned(),
        description: text::distribution_description(lang, &logarithmic, text::share_axis(lang)),
        notes: curves::notes(lang, points, &curves),
        data: curves::data(lang, points, &ROWS),
        height: if curves.is_empty() { EMPTY } else { labels.drawing_height() },
    };
    let height = plan.height;
    plan.draw_either(
        scene.look,
        &scene.caption,
        Form::ALL.map(|form| form.name(lang)),
        |canvas| draw(canvas, &curves, &labels, Form::Logarithmic, &logarithmic, height),
        |canvas| draw(canvas, &curves, &labels, Form::Linear, &linear, height),
    )
}

fn draw(canvas: &Canvas<'_>, curves: &[Curve<'_>], labels: &Labels, form: Form, axis: &str, height: f64) {
    let Some((low, high)) = curves::bounds(curves) else { return nothing(canvas, height) };
    let look = canvas.look();
    let left = if look.medium == Medium::Paper { 56.0 } else { 66.0 };
    let room = Room { left, top: 12.0, right: look.width() - labels.width(), bottom: height - 52.0 };
    let x = form.scale(low, high).between(room.left, room.right);
    let y = Scale::linear(100.0).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 6, true);
    left_axis(canvas, room, &y, 5, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, axis);
    left_title(canvas, 16.0, room, text::share_axis(look.lang));

    let shares: Vec<f64> = (0..1_000_u32).step_by(PER_MILLE).map(|mille| f64::from(mille) / 1_000.0).collect();
    let plane = Plane {
        room,
        at: &|share, ms| (x.at(ms), y.at(100.0 * share)),
        shares: &shares,
        marked: &MARKED,
        closed: true,
        beside: (0.0, 8.0),
    };
    plane.draw(canvas, curves, labels);
}
