//! Closed workloads: how many requests were answered in a second, and the CPU time of one.

use super::bars::{self, Bar, Figure, Fill, Key};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::look::{Look, Medium};
use crate::number::grouped;
use crate::set::{Item, Point};
use crate::text::{charts_bars as text, common};

const SIDES: [fn(&Item<'_>) -> Option<f64>; 2] =
    [|item| item.cell.cpu_us_per_request?.server, |item| item.cell.cpu_us_per_request?.loadgen];

/// The charts of closed workloads.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    vec![speed(scene), cpu(scene)]
}

fn requests_per_s(item: &Item<'_>) -> Option<f64> {
    item.cell.requests_per_s
}

fn speed(scene: &Scene<'_>) -> Chart {
    let (lang, axis) = (scene.lang(), text::speed_axis(scene.lang()));
    let groups = bars::groups(&scene.points, |point| vec![bar(point, scene.look)]);
    let row = |point: &Point<'_>| bars::row(point, text::speed_figure(lang), point.estimate(requests_per_s).as_ref());
    let plan = Plan {
        name: "requests-per-second".to_owned(),
        title: text::speed_title(lang).to_owned(),
        description: text::speed_description(lang, axis),
        notes: Vec::new(),
        data: bars::data(lang, scene.points.iter().map(row)),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, Key::default(), axis)
}

fn bar(point: &Point<'_>, look: Look) -> Bar {
    let Some(estimate) = point.estimate(requests_per_s) else {
        return bars::absent(common::not_measured(look.lang));
    };
    let figure = Figure { look, unit: "/s" };
    let text = match point.items() {
        [one] if look.medium != Medium::Paper => {
            let requests = one.cell.polls.map_or(0, |polls| polls.total);
            text::of_requests(look.lang, figure.text(&estimate), grouped(requests))
        }
        _ => figure.text(&estimate),
    };
    Bar { text, ..figure.bar("", estimate, Fill::Full) }
}

fn cpu(scene: &Scene<'_>) -> Chart {
    let (look, lang, axis) = (scene.look, scene.lang(), text::request_cpu_axis(scene.lang()));
    let groups =
        bars::groups(&scene.points, |point| bars::sides(point, look, SIDES, " µs", common::not_measured(lang)));
    let plan = Plan {
        name: "cpu-per-request".to_owned(),
        title: text::request_cpu_title(lang).to_owned(),
        description: text::sides_description(lang, axis),
        notes: Vec::new(),
        data: bars::data(lang, bars::side_rows(&scene.points, SIDES, text::request_cpu_figure(lang))),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, bars::sides_key(lang), axis)
}
