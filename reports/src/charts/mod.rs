//! The drawings of a report.

mod bars;
mod bytes;
mod canvas;
mod capacity;
mod cpu;
mod frame;
mod idle;
mod latency;
pub(crate) mod letters;
mod memory;
mod overhead;
mod place;
mod polls;
mod scale;
mod session;
mod throughput;
mod timeline;

pub(crate) use capacity::charts as capacity;
pub(crate) use frame::Chart;
pub(crate) use overhead::chart as overhead_bandwidth;

use crate::set::{self, Item, Kinds};
use crate::words;

/// Every chart that has something to draw, in the order of the page: first those of schedules, then those of closed
/// workloads.
pub(crate) fn all(items: &[Item<'_>]) -> Vec<Chart> {
    let Kinds { open, closed, .. } = set::kinds(items);
    let of = |items: &[Item<'_>], charts: fn(&[Item<'_>], &str) -> Vec<Chart>| match items {
        [] => Vec::new(),
        items => charts(items, &words::caption(items)),
    };
    [of(&open, of_open), of(&closed, throughput::charts)].concat()
}

fn of_open(items: &[Item<'_>], caption: &str) -> Vec<Chart> {
    [
        Some(latency::chart(items, caption)),
        Some(bytes::chart(items, caption)),
        polls::empty(items, caption),
        polls::repetition(items, caption),
        Some(idle::chart(items, caption)),
        Some(session::chart(items, caption)),
        Some(cpu::chart(items, caption)),
        Some(memory::chart(items, caption)),
        Some(timeline::latency(items, caption)),
        Some(timeline::deliveries(items, caption)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
