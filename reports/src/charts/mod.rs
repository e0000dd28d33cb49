//! The drawings of a report.

mod bars;
mod bytes;
mod canvas;
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
mod timeline;

pub(crate) use frame::Chart;
pub(crate) use overhead::chart as overhead_bandwidth;

use crate::set::Item;
use crate::words;

/// Every chart that has something to draw, in the order of the page.
pub(crate) fn all(items: &[Item<'_>]) -> Vec<Chart> {
    let caption = words::caption(items);
    [
        Some(latency::chart(items, &caption)),
        Some(bytes::chart(items, &caption)),
        polls::empty(items, &caption),
        polls::repetition(items, &caption),
        Some(idle::chart(items, &caption)),
        Some(session::chart(items, &caption)),
        Some(cpu::chart(items, &caption)),
        Some(memory::chart(items, &caption)),
        Some(timeline::latency(items, &caption)),
        Some(timeline::deliveries(items, &caption)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
