//! Memory that each client adds, both sides.

use super::bars;
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::table::{self, Group};

const AXIS: &str = "resident memory that each client adds (KiB)";

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let groups = bars::groups(items, |item| {
        let memory = item.cell.rss_bytes_per_client;
        let kib = [memory.server, memory.loadgen].map(|bytes| bytes.map(|bytes| bytes / 1_024.0));
        bars::sides(kib, "KiB", item.cell.delivered, false)
    });
    let plan = Plan {
        name: "memory-per-client".to_owned(),
        title: "Memory per client".to_owned(),
        description: format!(
            "Horizontal bars, two for each cell: {AXIS}, from before the first connection to the window's end, \
             without the kernel's buffers. The full bar is the server, the light bar the load generator."
        ),
        notes: Vec::new(),
        data: table::labelled(items, &[Group::Memory]),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, bars::SIDES, AXIS)
}
