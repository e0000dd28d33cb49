//! Memory that each client adds, both sides.

use super::bars;
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::set::Item;
use crate::text::{charts_bars as text, common};

/// KiB a client.
const SIDES: [fn(&Item<'_>) -> Option<f64>; 2] = [
    |item| Some(item.cell.rss_bytes_per_client.server? / 1_024.0),
    |item| Some(item.cell.rss_bytes_per_client.loadgen? / 1_024.0),
];

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let (look, lang, axis) = (scene.look, scene.lang(), text::memory_axis(scene.lang()));
    let groups =
        bars::groups(&scene.points, |point| bars::sides(point, look, SIDES, " KiB", common::not_measured(lang)));
    let plan = Plan {
        name: "memory-per-client".to_owned(),
        title: text::memory_title(lang).to_owned(),
        description: text::memory_description(lang, axis),
        notes: Vec::new(),
        data: bars::data(lang, bars::side_rows(&scene.points, SIDES, text::memory_figure(lang))),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, bars::sides_key(lang), axis)
}
