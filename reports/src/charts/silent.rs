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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, sweeps};
    use crate::lang::Lang;
    use crate::look::{Look, Medium};
    use crate::set;
    use feedbench_record::{Record, Transport};

    fn charts_of(records: &[Record], look: Look) -> Vec<Chart> {
        charts(&Scene::of(&set::of(records, look.lang), look))
    }

    #[test]
    fn a_silent_client_has_what_was_measured_per_minute_and_poll_interval() {
        let cells =
            [(1_000, 11_820), (5_000, 2_364)].map(|(ms, bytes)| sweeps::silent(Transport::Polling, ms, bytes, 90));
        let records = [cells.to_vec(), vec![sweeps::silent(Transport::WebSocket, 1_000, 56, 25)]].concat();
        for lang in Lang::ALL {
            for medium in Medium::ALL {
                let charts = charts_of(&records, Look { lang, medium });
                assert_eq!(
                    charts.iter().map(|chart| chart.name.as_str()).collect::<Vec<_>>(),
                    ["silent-bytes", "silent-cpu"]
                );
                let medians: Vec<_> = charts[0].data.rows.iter().map(|row| row[2].as_str()).collect();
                assert_eq!(medians, ["11,820", "18,060", "2,364", "3,612", "56.0", "85.0"]);
                assert_eq!(charts[1].data.rows.len(), 2 * records.len());
            }
        }
    }

    #[test]
    fn a_feed_that_was_not_silent_has_no_such_chart() {
        assert!(charts_of(&fixture::suite(), Look::default()).is_empty());
        assert!(charts_of(&Transport::ALL.map(fixture::silent), Look::default()).is_empty(), "events were lost");
    }
}
