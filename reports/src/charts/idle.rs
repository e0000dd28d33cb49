//! Bytes that one idle client costs in a minute.

use super::bars::{self, Bar, Fill, Part};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::conditions::distinct;
use crate::idle::{self, Idle};
use crate::number::significant;
use crate::set::Item;
use crate::table::{ABSENT, Align, Heading, Table};
use crate::words::listed;

const AXIS: &str = "bytes of one idle client a minute, both directions, above TCP (computed)";

pub(crate) fn chart(scene: &Scene<'_>) -> Chart {
    let items = scene.items.as_slice();
    let groups = bars::groups(items, |item| {
        vec![match idle::of(item.record) {
            None => bars::absent("", "not measured"),
            Some(idle) => Bar {
                parts: vec![Part::plain(idle.per_minute(), Fill::Full)],
                text: format!("{}: {}", significant(idle.per_minute()), idle.factors()),
            },
        }]
    });
    let plan = Plan {
        name: "idle-bytes".to_owned(),
        title: "Bytes of an idle client".to_owned(),
        description: format!("Horizontal bars, one for each cell: {AXIS} (bytes a minute)."),
        notes: notes(items),
        data: data(items),
        height: 0.0,
    };
    bars::chart(scene, plan, &groups, &[], AXIS)
}

/// Which parts were measured, cell by cell: the minute never was.
fn notes(items: &[Item<'_>]) -> Vec<String> {
    let source = |item: &Item<'_>| idle::of(item.record).map(Idle::source);
    let cells_of = |wanted: String| {
        let cells = items.iter().filter(|item| source(item).as_ref() == Some(&wanted));
        format!("{} for {}", wanted, listed(&cells.map(Item::marked_label).collect::<Vec<_>>()))
    };
    let sources: Vec<_> = distinct(items.iter().filter_map(source)).into_iter().map(cells_of).collect();
    if sources.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "Computed for a client to which nothing is published, from the bytes of one exchange and how often the \
         scenario has it. The bytes of one exchange: {}.",
        sources.join("; ")
    )]
}

fn data(items: &[Item<'_>]) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let header = vec![
        heading("cell", Align::Left),
        heading("computed: bytes a minute", Align::Right),
        heading("one exchange (bytes)", Align::Right),
        heading("every (ms)", Align::Right),
        heading("the exchange is", Align::Left),
    ];
    let row = |item: &Item<'_>| match idle::of(item.record) {
        None => vec![item.label.clone(), ABSENT.into(), ABSENT.into(), ABSENT.into(), "not measured".to_owned()],
        Some(idle) => vec![
            item.label.clone(),
            significant(idle.per_minute()),
            significant(idle.exchange),
            idle.every_ms.to_string(),
            idle.source(),
        ],
    };
    Table { header, rows: items.iter().map(row).collect() }
}
