//! The drawings of a report.

mod bandwidth;
mod bars;
mod browsers;
mod bytes;
mod canvas;
mod capacity;
mod comparison;
mod cpu;
mod crossover;
mod curves;
mod distribution;
mod frame;
mod idle;
mod labels;
mod latency;
mod layers;
pub(crate) mod letters;
mod memory;
mod overhead;
mod panels;
mod place;
mod plane;
mod polls;
mod protocols;
mod repetitions;
mod scale;
mod scene;
mod session;
mod silent;
mod spread;
mod sweep;
mod throughput;
mod timeline;

pub(crate) use browsers::chart as browser_latency;
pub(crate) use capacity::charts as capacity;
pub(crate) use comparison::charts as comparison;
pub(crate) use frame::Chart;
pub(crate) use overhead::chart as overhead_bandwidth;
pub(crate) use scene::Scene;

use crate::look::Look;
use crate::set::{self, Item, Kinds};

/// Every chart that has something to draw, in the order of the page: first those of schedules, then those of silent feeds
/// and those of closed workloads.
pub(crate) fn all(items: &[Item<'_>], look: Look) -> Vec<Chart> {
    let Kinds { open, silent, closed, .. } = set::kinds(items);
    let of = |items: &[Item<'_>], charts: fn(&Scene<'_>) -> Vec<Chart>| match items {
        [] => Vec::new(),
        items => charts(&Scene::of(items, look)),
    };
    [of(&open, of_open), of(&silent, of_silent), of(&closed, throughput::charts)].concat()
}

/// So many points have a line, a bar or a panel each; of a sweep with more, the charts along what varies stand alone.
pub(crate) const POINTS_APART: usize = 24;

fn of_open(scene: &Scene<'_>) -> Vec<Chart> {
    let swept = [crossover::charts(scene), sweep::charts(scene)].concat();
    let carried = protocols::charts(scene);
    let apart = if scene.points.len() > POINTS_APART && !(swept.is_empty() && carried.is_empty()) {
        Vec::new()
    } else {
        of_each(scene)
    };
    let of_all = bandwidth::charts(scene).into_iter().chain(bandwidth::empty_polls(scene));
    carried.into_iter().chain(apart).chain(swept).chain(of_all).collect()
}

/// The charts in which each point stands for itself.
fn of_each(scene: &Scene<'_>) -> Vec<Chart> {
    let charts = [
        Some(latency::chart(scene)),
        Some(distribution::chart(scene)),
        Some(spread::chart(scene)),
        Some(bytes::chart(scene)),
        polls::empty(scene),
        polls::repetition(scene),
        Some(idle::chart(scene)),
        Some(session::chart(scene)),
        Some(cpu::chart(scene)),
        Some(memory::chart(scene)),
        Some(timeline::latency(scene)),
        Some(timeline::deliveries(scene)),
        timeline::bytes(scene),
    ];
    charts.into_iter().flatten().collect()
}

/// Without an event there is no latency, and nothing has a figure per event.
fn of_silent(scene: &Scene<'_>) -> Vec<Chart> {
    [silent::charts(scene), vec![idle::chart(scene), memory::chart(scene)]].concat()
}
