//! What a client costs a minute while nothing is published, as measured.

use super::bars;
use super::frame::{Chart, Plan};
use super::layers::Layers;
use super::scene::Scene;
use crate::set::Item;
use crate::text::{charts_sweep as text, common};

/// CPU time of the server and of the load generator (µs a client and minute).
const SIDES: [fn(&Item<'_>) -> Option<f64>; 2] =
    [|item| item.cell.idle?.cpu_us_per_client_minute.server, |item| item.cell.idle?.cpu_us_per_client_minute.loadgen];

/// Bytes and CPU time of a silent client; none where the scene has none.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    let silent: Vec<_> = scene.items.iter().filter(|item| item.cell.idle.is_some()).cloned().collect();
    if silent.is_empty() {
        return Vec::new();
    }
    let scene = Scene::of(&silent, scene.look);
    [bytes(&scene), cpu(&scene)].into_iter().flatten().collect()
}

fn bytes(scene: &Scene<'_>) -> Option<Chart> {
    let lang = scene.lang();
    let layers = Layers {
        name: "silent-bytes",
        title: text::title_silent_bytes(lang),
        axis: text::silent_bytes(lang),
        unit: text::bytes(lang),
        of: [|item| item.cell.idle?.bytes_per_client_minute, |item| item.cell.idle?.ip_bytes_per_client_minute],
        notes: vec![text::silent_bytes_note(lang).to_owned()],
    };
    layers.chart(scene)
}

fn cpu(scene: &Scene<'_>) -> Option<Chart> {
    let (look, lang) = (scene.look, scene.lang());
    if !scene.points.iter().any(|point| SIDES.iter().any(|of| point.estimate(of).is_some())) {
        return None;
    }
    let axis = text::axis_title(lang, text::silent_cpu(lang), text::us(lang), false);
    let groups = bars::groups(&scene.points, |point| {
        bars::sides(point, look, SIDES, &format!(" {}", text::us(lang)), common::not_measured(lang))
    });
    let plan = Plan {
        name: "silent-cpu".to_owned(),
        title: text::title_silent_cpu(lang).to_owned(),
        description: text::two_bars(lang, &axis),
        notes: vec![text::silent_cpu_note(lang).to_owned()],
        data: bars::data(lang, bars::side_rows(&scene.points, SIDES, &axis)),
        height: 0.0,
    };
    Some(bars::chart(scene, plan, &groups, bars::sides_key(lang), axis.as_str()))
}
