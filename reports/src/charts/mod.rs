//! The drawings of a report.

mod bars;
mod bytes;
mod canvas;
mod cpu;
mod frame;
mod latency;
pub(crate) mod letters;
mod memory;
mod place;
mod scale;
mod timeline;

pub(crate) use frame::Chart;

use crate::set::Item;
use crate::words;

/// Every chart, in the order of the page.
pub(crate) fn all(items: &[Item<'_>]) -> Vec<Chart> {
    let caption = words::caption(items);
    vec![
        latency::chart(items, &caption),
        bytes::chart(items, &caption),
        cpu::chart(items, &caption),
        memory::chart(items, &caption),
        timeline::latency(items, &caption),
        timeline::deliveries(items, &caption),
    ]
}
