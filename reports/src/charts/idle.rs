//! Bytes that one idle client costs in a minute.

use super::bars::{self, Bar, Figure, Fill, Key};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::conditions::distinct;
use crate::idle::{self, Idle};
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{duration_ms, significant};
use crate::set::{Item, Point};
use crate::text::{charts_bars as text, common};

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (lang, axis) = (scene.lang(), text::idle_axis(scene.lang()));
    let groups = bars::groups(&scene.points, |point| vec![bar(point, scene.look)]);
    let plan = Plan {
        name: "idle-bytes".to_owned(),
        title: text::idle_title(lang).to_owned(),
        description: text::idle_description(lang, axis),
        notes: notes(&scene.points, lang),
        data: bars::data(lang, scene.points.iter().flat_map(rows)),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, Key::default(), axis)
}

fn per_minute(item: &Item<'_>) -> Option<f64> {
    idle::of(item.record).map(Idle::per_minute)
}

fn exchange(item: &Item<'_>) -> Option<f64> {
    idle::of(item.record).map(|idle| idle.exchange)
}

/// How often a client of this point says something (ms).
fn every_ms(point: &Point<'_>) -> Option<u64> {
    point.items().iter().find_map(|item| Some(idle::of(item.record)?.every_ms))
}

fn bar(point: &Point<'_>, look: Look) -> Bar {
    let lang = look.lang;
    let figures = (point.estimate(per_minute), point.estimate(exchange), every_ms(point));
    let (Some(estimate), Some(exchange), Some(every_ms)) = figures else {
        return bars::absent(common::not_measured(lang));
    };
    let figure = Figure { look, unit: "" };
    let text = match look.medium {
        Medium::Paper => figure.text(&estimate),
        Medium::Page | Medium::Slide => {
            let factors = text::idle_factors(lang, significant(exchange.median), duration_ms(every_ms));
            let text = format!("{}{}{factors}", significant(estimate.median), text::colon(lang));
            bars::with_repetitions(lang, text, &estimate)
        }
    };
    Bar { text, ..figure.bar("", estimate, Fill::Full) }
}

/// Which parts were measured, point by point: the minute never was.
fn notes(points: &[Point<'_>], lang: Lang) -> Vec<String> {
    let source = |point: &Point<'_>| idle::source(point.items().iter().map(|item| item.record), lang);
    let of_source = |wanted: String| {
        let points = points.iter().filter(|point| source(point).as_ref() == Some(&wanted));
        text::idle_source_of(lang, &wanted, common::listed(lang, &points.map(Point::marked_label).collect::<Vec<_>>()))
    };
    let sources: Vec<_> = distinct(points.iter().filter_map(source)).into_iter().map(of_source).collect();
    if sources.is_empty() {
        return Vec::new();
    }
    vec![text::apart(lang, &text::idle_note(lang, sources.join(text::semicolon(lang))))]
}

fn rows(point: &Point<'_>) -> [Vec<String>; 3] {
    let lang = point.lang();
    let every = |item: &Item<'_>| idle::of(item.record).map(|idle| idle.every_ms as f64);
    [
        bars::row(point, text::idle_figure(lang), point.estimate(per_minute).as_ref()),
        bars::row(point, text::idle_exchange(lang), point.estimate(exchange).as_ref()),
        bars::row(point, text::idle_every(lang), point.estimate(every).as_ref()),
    ]
}
