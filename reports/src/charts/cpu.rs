//! CPU time per delivered event, both sides.

use super::bars;
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::set::{Item, Point};
use crate::text::{charts_bars as text, common};

const SIDES: [fn(&Item<'_>) -> Option<f64>; 2] =
    [|item| item.cell.cpu_us_per_event.server, |item| item.cell.cpu_us_per_event.loadgen];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (look, lang, axis) = (scene.look, scene.lang(), text::cpu_axis(scene.lang()));
    let groups = bars::groups(&scene.points, |point| {
        let delivered = |point: &Point<'_>| point.items().iter().any(|item| item.cell.delivered > 0);
        let why = if delivered(point) { common::not_measured(lang) } else { common::no_event(lang) };
        bars::sides(point, look, SIDES, " µs", why)
    });
    let plan = Plan {
        name: "cpu-per-event".to_owned(),
        title: text::cpu_title(lang).to_owned(),
        description: text::sides_description(lang, axis),
        notes: Vec::new(),
        data: bars::data(lang, bars::side_rows(&scene.points, SIDES, text::cpu_figure(lang))),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, bars::sides_key(lang), axis)
}
