//! CPU time per delivered event, both sides.

use super::bars;
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::table::{self, Group};

const AXIS: &str = "CPU time in the window per event delivered in it (µs), user and system";

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let groups = bars::groups(items, |item| {
        let cpu = item.cell.cpu_us_per_event;
        bars::sides([cpu.server, cpu.loadgen], "µs", item.cell.delivered, true)
    });
    let plan = Plan {
        name: "cpu-per-event".to_owned(),
        title: "CPU per delivered event".to_owned(),
        description: format!(
            "Horizontal bars, two for each cell: {AXIS}. The full bar is the server, the light bar the load generator."
        ),
        notes: Vec::new(),
        data: table::labelled(items, &[Group::Cpu]),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, bars::SIDES, AXIS)
}
