//! Closed workloads: how many requests were answered in a second, and the CPU time of one.

use super::bars::{self, Bar, Fill, Part};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::number::{grouped, significant};
use crate::set::Item;
use crate::table::{self, Group};

const SPEED_AXIS: &str = "requests answered a second of the window (1/s)";
const CPU_AXIS: &str = "CPU time in the window per request answered in it (µs), user and system";

/// The charts of closed workloads.
pub(crate) fn charts(scene: &Scene<'_>) -> Vec<Chart> {
    vec![speed(scene), cpu(scene)]
}

fn requests(item: &Item<'_>) -> u64 {
    item.cell.polls.map_or(0, |polls| polls.total)
}

fn speed(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let groups = bars::groups(items, |item| {
        vec![match item.cell.requests_per_s {
            None => bars::absent("", "not measured"),
            Some(speed) => Bar {
                parts: vec![Part::plain(speed, Fill::Full)],
                text: format!("{}/s, n = {} requests", significant(speed), grouped(requests(item))),
            },
        }]
    });
    let plan = Plan {
        name: "requests-per-second".to_owned(),
        title: "Requests at full speed (closed workload)".to_owned(),
        description: format!("Horizontal bars, one for each cell whose answers bring the next request: {SPEED_AXIS}."),
        notes: Vec::new(),
        data: table::labelled(items, &[Group::Throughput]),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, &[], SPEED_AXIS)
}

fn cpu(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let groups = bars::groups(items, |item| {
        let cpu = item.cell.cpu_us_per_request.map_or([None, None], |cpu| [cpu.server, cpu.loadgen]);
        bars::sides(cpu, "µs", requests(item), false)
    });
    let plan = Plan {
        name: "cpu-per-request".to_owned(),
        title: "CPU per request (closed workload)".to_owned(),
        description: format!(
            "Horizontal bars, two for each cell whose answers bring the next request: {CPU_AXIS}. The full bar is the \
             server, the light bar the load generator."
        ),
        notes: Vec::new(),
        data: table::labelled(items, &[Group::Throughput]),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, bars::SIDES, CPU_AXIS)
}
