//! Any measure against what was swept: clients, event rate, payload, poll interval or round-trip time.

pub(super) mod picture;

use picture::{Curve, Picture, Quantity, Words};

use super::frame::Chart;
use super::scene::Scene;
use crate::lang::Lang;
use crate::number::plain;
use crate::set::{Item, Point};
use crate::sweep::{self, Axis, Course, Sweep};
use crate::text::{charts_sweep as text, common};

/// One figure of a cell.
pub(super) struct Measure {
    /// The first part of the chart's name.
    pub(super) id: &'static str,
    pub(super) title: fn(Lang) -> &'static str,
    /// On the axis.
    pub(super) name: fn(Lang) -> &'static str,
    pub(super) unit: fn(Lang) -> &'static str,
    pub(super) figure: fn(&Item<'_>) -> Option<f64>,
    /// What else is in it; empty for nothing.
    pub(super) about: fn(Lang) -> &'static str,
}

const MEASURES: [Measure; 6] = [
    Measure {
        id: "p50",
        title: text::title_p50,
        name: text::latency_p50,
        unit: text::ms,
        figure: |item| item.cell.latency_us?.p50.map(ms),
        about: text::nothing_to_add,
    },
    Measure {
        id: "p99",
        title: text::title_p99,
        name: text::latency_p99,
        unit: text::ms,
        figure: |item| item.cell.latency_us?.p99.map(ms),
        about: text::nothing_to_add,
    },
    Measure {
        id: "bytes",
        title: text::title_bytes,
        name: text::bytes_above_tcp,
        unit: text::bytes,
        figure: |item| item.cell.bytes_per_event.total,
        about: text::both_directions_without_opening,
    },
    Measure {
        id: "ip-bytes",
        title: text::title_ip_bytes,
        name: text::bytes_on_ip,
        unit: text::bytes,
        figure: |item| item.cell.bytes_per_event.ip,
        about: text::both_directions_without_opening,
    },
    Measure {
        id: "cpu",
        title: text::title_cpu,
        name: text::cpu_of_server,
        unit: text::us,
        figure: |item| item.cell.cpu_us_per_event.server,
        about: text::nothing_to_add,
    },
    Measure {
        id: "memory",
        title: text::title_memory,
        name: text::memory_of_server,
        unit: text::kib,
        figure: |item| item.cell.rss_bytes_per_client.server.map(|bytes| bytes / 1_024.0),
        about: text::nothing_to_add,
    },
];

fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

/// A chart of each measure along each axis that has enough values. None where nothing varies.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    let sweeps = sweep::sweeps(&scene.points);
    let charts = sweeps.iter().flat_map(|sweep| MEASURES.iter().filter_map(|measure| chart(scene, sweep, measure)));
    charts.collect()
}

fn chart(scene: &Scene<'_>, sweep: &Sweep<'_, '_>, measure: &Measure) -> Option<Chart> {
    let (picture, notes) = picture(scene, sweep, measure)?;
    let lang = scene.lang();
    let words = Words {
        name: format!("{}-by-{}", measure.id, sweep.axis.id()),
        title: text::title_by(lang, (measure.title)(lang), text::axis_in_title(lang, sweep.axis)),
        description: picture.description(lang),
        notes,
    };
    picture.chart(scene, words)
}

/// The lines of one measure, and what is to be said of them; `None` where no point has the figure.
pub(super) fn picture(scene: &Scene<'_>, sweep: &Sweep<'_, '_>, measure: &Measure) -> Option<(Picture, Vec<String>)> {
    let lang = scene.lang();
    let (shown, chosen) = sweep.shown();
    let curves = curves(&shown, measure, lang);
    if curves.iter().all(|curve| curve.spots.is_empty()) {
        return None;
    }
    let about = (measure.about)(lang);
    let mut notes: Vec<String> = [about].into_iter().filter(|about| !about.is_empty()).map(str::to_owned).collect();
    if !chosen.is_empty() {
        notes.push(text::chosen(lang, common::listed(lang, &chosen.iter().map(|&c| at(lang, c)).collect::<Vec<_>>())));
    }
    let without = without(&shown, measure, lang);
    if !without.is_empty() {
        notes.push(text::without_figure(lang, common::listed(lang, &without)));
    }
    let x = Quantity { name: text::axis_name(lang, sweep.axis), unit: text::axis_unit(lang, sweep.axis) };
    let y = Quantity { name: (measure.name)(lang), unit: (measure.unit)(lang) };
    let tabled = if chosen.is_empty() { Vec::new() } else { self::curves(sweep, measure, lang) };
    Some((Picture { x, y, curves, tabled, thin: Vec::new(), is_joined: true, y_end: None }, notes))
}

fn curves(sweep: &Sweep<'_, '_>, measure: &Measure, lang: Lang) -> Vec<Curve> {
    let curve = |(course, label): (&Course<'_, '_>, String)| {
        let spot = |&(value, point): &(f64, &Point<'_>)| Some((value, point.estimate(measure.figure)?));
        let spots = course.points().iter().filter_map(spot).collect();
        Curve { transport: course.transport(), label, spots, is_level: course.is_level() }
    };
    sweep.courses.iter().zip(sweep.labels(lang)).map(curve).collect()
}

/// The points that have no such figure, by name.
fn without(sweep: &Sweep<'_, '_>, measure: &Measure, lang: Lang) -> Vec<String> {
    let of_course = |(course, label): (&Course<'_, '_>, String)| {
        let missing = course.points().iter().filter(|(_, point)| point.estimate(measure.figure).is_none());
        let name = |value: f64| text::with_unit(&plain(value), text::axis_unit(lang, sweep.axis));
        missing.map(|&(value, _)| text::at_value(lang, &label, name(value))).collect::<Vec<_>>()
    };
    sweep.courses.iter().zip(sweep.labels(lang)).flat_map(of_course).collect()
}

fn at(lang: Lang, (axis, value): (Axis, f64)) -> String {
    let value = text::with_unit(&plain(value), text::axis_unit(lang, axis));
    format!("{} {value}", text::axis_in_title(lang, axis))
}
