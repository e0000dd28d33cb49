//! Delivery latency by percentile, one line for each point, each with its label at its end.

use super::canvas::Canvas;
use super::curves::{self, Curve};
use super::frame::{Chart, Plan, Room, base_line, bottom_axis, bottom_title, left_axis, left_title, nothing};
use super::labels::{EMPTY, Labels};
use super::plane::Plane;
use super::scale::{Form, Scale};
use super::scene::Scene;
use crate::look::Medium;
use crate::text::charts_lines as text;

/// A point of a line stands at every so many pixels.
const STEP: f64 = 1.5;
/// The percentiles that have a marker, and a row in the data.
const MARKED: [(f64, &str); 8] = [
    (0.5, "p50"),
    (0.9, "p90"),
    (0.99, "p99"),
    (0.999, "p99.9"),
    (0.999_9, "p99.99"),
    (0.999_99, "p99.999"),
    (0.999_999, "p99.9999"),
    (0.999_999_9, "p99.99999"),
];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (lang, points) = (scene.lang(), scene.points.as_slice());
    let curves = curves::of(points);
    let labels = Labels::of(scene.look, curves.iter().map(|curve| curve.point));
    let [logarithmic, linear] = Form::ALL.map(|form| text::latency_axis(lang, form.name(lang)));
    let rows = [vec![(0.0, "p0")], curves::supported(&curves, &MARKED), vec![(1.0, "p100")]].concat();
    let plan = Plan {
        name: "latency-by-percentile".to_owned(),
        title: text::percentile_title(lang).to_owned(),
        description: text::percentile_description(lang, text::percentile_axis(lang), &logarithmic),
        notes: curves::notes(lang, points, &curves),
        data: curves::data(lang, points, &rows),
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
    let left = if look.medium == Medium::Paper { 66.0 } else { 76.0 };
    let room = Room { left, top: 12.0, right: look.width() - labels.width(), bottom: height - 52.0 };
    let deliveries = curves.iter().map(Curve::fewest).max().unwrap_or(1);
    let x = Scale::nines(deliveries).between(room.left, room.right);
    let y = form.scale(low, high).between(room.bottom, room.top);
    bottom_axis(canvas, room, &x, 0, true);
    left_axis(canvas, room, &y, 6, true);
    base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
    bottom_title(canvas, room, text::percentile_axis(look.lang));
    left_title(canvas, 16.0, room, axis);

    let steps = ((room.right - room.left) / STEP).ceil() as usize;
    let shares: Vec<f64> = (0..=steps).map(|step| x.value_at(room.left + step as f64 * STEP)).collect();
    let plane = Plane {
        room,
        at: &|share, ms| (x.at(share), y.at(ms)),
        shares: &shares,
        marked: &MARKED,
        closed: false,
        beside: (8.0, 0.0),
    };
    plane.draw(canvas, curves, labels);
}
