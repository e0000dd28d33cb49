//! What polling and long polling ask in vain, and what they say again.

use feedbench_record::transport::Manner;

use super::bars::{self, Axis, Bar, Fill, Part};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::number::{grouped, significant};
use crate::set::Item;
use crate::table::{ABSENT, Align, Heading, Table};
use crate::words::listed;

const EMPTY_AXIS: &str = "answers without an event, share of the polls of the window (%)";
const REPETITION_AXIS: &str = "header bytes that the head before had too, share of the heads of polls (%)";

/// What stands beside the bars of one chart.
struct Words {
    axis: &'static str,
    unit: &'static str,
    /// Of the part, and of the rest.
    key: [&'static str; 2],
}

/// A part of a whole.
struct Share {
    part: u64,
    of: u64,
}

impl Share {
    fn percent(&self) -> Option<f64> {
        (self.of > 0).then(|| self.part as f64 * 100.0 / self.of as f64)
    }
}

/// The share of empty polls; `None` when no cell polls.
pub(crate) fn empty(scene: &Scene<'_>) -> Option<Chart> {
    let items = scene.items.as_slice();
    let share = |item: &Item<'_>| item.cell.polls.map(|polls| Share { part: polls.empty, of: polls.total });
    let plan = Plan {
        name: "empty-polls".to_owned(),
        title: "Polls that brought nothing".to_owned(),
        description: format!("Horizontal bars, one for each cell that polls: {EMPTY_AXIS}."),
        notes: others(items),
        data: data(items, share, ["empty polls (%)", "empty polls", "polls in the window"]),
        height: 0.0,
    };
    let words = Words { axis: EMPTY_AXIS, unit: "polls", key: ["without an event", "with events"] };
    chart(scene, share, plan, words)
}

/// The share of the header bytes of polls that repeat the head before; `None` when no cell polls.
pub(crate) fn repetition(scene: &Scene<'_>) -> Option<Chart> {
    let items = scene.items.as_slice();
    let share = |item: &Item<'_>| {
        let repetition = item.record.bytes.loadgen.ledger?.repetition;
        Some(Share { part: repetition.identical, of: repetition.heads })
    };
    let plan = Plan {
        name: "repeated-headers".to_owned(),
        title: "Header bytes that say the same again".to_owned(),
        description: format!(
            "Horizontal bars, one for each cell that polls: {REPETITION_AXIS}. Requests and answers of the whole cell, \
             each line compared with the lines of the head of its kind before it on the same connection."
        ),
        notes: others(items),
        data: data(items, share, ["repeated (%)", "repeated (bytes)", "heads that had one before (bytes)"]),
        height: 0.0,
    };
    let words = Words { axis: REPETITION_AXIS, unit: "bytes of heads", key: ["the same as before", "new"] };
    chart(scene, share, plan, words)
}

fn polls(item: &&Item<'_>) -> bool {
    item.record.transport.manner() != Manner::Pushed
}

/// The cells that have no place in such a chart, by name.
fn others(items: &[Item<'_>]) -> Vec<String> {
    let others: Vec<_> = items.iter().filter(|item| !polls(item)).map(Item::marked_label).collect();
    match others.len() {
        0 => Vec::new(),
        1 => vec![format!("{} does not poll.", others[0])],
        _ => vec![format!("{} do not poll.", listed(&others))],
    }
}

fn chart(
    scene: &Scene<'_>,
    share: impl Fn(&Item<'_>) -> Option<Share>,
    plan: Plan,
    Words { axis, unit, key }: Words,
) -> Option<Chart> {
    let items = scene.items.as_slice();
    let groups = bars::groups(items.iter().filter(polls), |item| {
        vec![match share(item) {
            None => bars::absent("", "not measured"),
            Some(share) => match share.percent() {
                None => bars::absent("", &format!("n = 0 {unit}")),
                Some(percent) => Bar {
                    parts: vec![Part::plain(percent, Fill::Full), Part::plain(100.0 - percent, Fill::Light)],
                    text: format!("{} % of n = {} {unit}", significant(percent), grouped(share.of)),
                },
            },
        }]
    });
    let key = [(Fill::Full, key[0]), (Fill::Light, key[1])];
    let axis = Axis { title: axis, end: Some(100.0) };
    (!groups.is_empty()).then(|| bars::chart(scene, plan, &groups, &key, axis))
}

fn data(items: &[Item<'_>], share: impl Fn(&Item<'_>) -> Option<Share>, names: [&str; 3]) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let mut header = vec![heading("cell", Align::Left)];
    header.extend(names.map(|name| heading(name, Align::Right)));
    let row = |item: &Item<'_>| {
        let absent = || ABSENT.to_owned();
        let share = share(item);
        let percent = share.as_ref().and_then(Share::percent).map_or_else(absent, significant);
        let (part, of) = share.map_or((absent(), absent()), |share| (grouped(share.part), grouped(share.of)));
        vec![item.label.clone(), percent, part, of]
    };
    Table { header, rows: items.iter().filter(polls).map(row).collect() }
}
