//! Bytes per delivered event: payload and what comes on top of it.

use super::bars::{self, Bar, Shade};
use super::frame::{Chart, Plan};
use crate::number::significant;
use crate::set::Item;
use crate::table::{self, Group};

const AXIS: &str = "bytes per delivered event, both directions, above TCP, without the opening of pushed connections";

pub(crate) fn chart(items: &[Item<'_>], caption: &str) -> Chart {
    let groups = bars::groups(items, |item| vec![bar(item)]);
    let plan = Plan {
        name: "bytes-per-event",
        title: "Bytes per delivered event",
        description: format!(
            "Horizontal bars, one for each cell: {AXIS} (bytes). The light part is payload, the full part is overhead."
        ),
        notes: Vec::new(),
        data: table::labelled(items, &[Group::Bytes]),
        height: 0.0,
    };
    bars::chart(plan, &groups, &[(Shade::Light, "payload"), (Shade::Full, "overhead")], AXIS, caption)
}

fn bar(item: &Item<'_>) -> Bar {
    let bytes = &item.cell.bytes_per_event;
    let (Some(total), Some(payload), Some(overhead)) = (bytes.total, bytes.payload, bytes.overhead) else {
        let nothing = item.record.cell_counts.delivered == 0;
        return bars::absent("", if nothing { "no event was delivered" } else { "not measured" });
    };
    Bar {
        parts: vec![(payload, Shade::Light), (overhead, Shade::Full)],
        text: format!("{} = {} payload + {} overhead", significant(total), significant(payload), significant(overhead)),
    }
}
