//! CPU time per delivered event, both sides.

use super::bars;
use super::frame::{Chart, Plan};
use crate::set::Item;
use crate::table::{self, Group};

const AXIS: &str = "CPU time in the window per event delivered in it (µs), user and system";

pub(crate) fn chart(items: &[Item<'_>], caption: &str) -> Chart {
    let groups = bars::groups(items, |item| {
        let cpu = item.cell.cpu_us_per_event;
        bars::sides([cpu.server, cpu.loadgen], "µs", item.cell.delivered, true)
    });
    let plan = Plan {
        name: "cpu-per-event",
        title: "CPU per delivered event",
        description: format!(
            "Horizontal bars, two for each cell: {AXIS}. The full bar is the server, the light bar the load generator."
        ),
        notes: Vec::new(),
        data: table::labelled(items, &[Group::Cpu]),
        height: 0.0,
    };
    bars::chart(plan, &groups, bars::SIDES, AXIS, caption)
}
