//! What a reader has to know before the first figure.

use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::grouped;
use crate::set::Item;
use crate::shards;
use crate::text::common::{counted, listed};
use crate::text::page as text;
use crate::words;

pub(super) fn of(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let mut notices = Vec::new();
    let labels = |wanted: &dyn Fn(&Item<'_>) -> bool| -> Vec<String> {
        items.iter().filter(|item| wanted(item)).map(|item| item.label.clone()).collect()
    };
    let cells = |number: usize| counted(lang, number as u64, "cell", "cells", "个单元");

    let interrupted = labels(&|item| item.record.interrupted);
    if !interrupted.is_empty() {
        notices.push(text::interrupted_notice(lang, cells(interrupted.len()), listed(lang, &interrupted)));
    }
    let invalid = labels(&|item| !item.valid());
    match (invalid.len(), items.len()) {
        (0, _) => {}
        (1, total) => notices.push(text::one_cell_invalid(lang, cells(total), listed(lang, &invalid))),
        (number, total) => notices.push(text::cells_invalid(lang, number, total, listed(lang, &invalid))),
    }
    let closed = labels(&|item| item.is_closed());
    if !closed.is_empty() {
        notices.push(text::closed_notice(lang, listed(lang, &closed)));
    }
    let reduced = |item: &Item<'_>| {
        let asked = grouped(item.record.scenario.clients_asked?.into());
        let pairs = words::pairs(item.record.processes, lang);
        Some(text::reduced_notice(lang, asked, grouped(item.cell.clients.into()), pairs))
    };
    notices.extend(distinct(items.iter().filter_map(reduced)));
    notices.extend(shards::missing(items.iter().map(|item| item.record), lang));
    let machines = words::machines(items, lang).len();
    if machines > 1 {
        notices.push(text::machines_notice(lang, machines));
    }
    let unoptimised = labels(&|item| item.record.tool.profile != "release").len();
    if unoptimised > 0 {
        let cells = counted(lang, unoptimised as u64, "cell was", "cells were", "个单元");
        notices.push(text::unoptimised_notice(lang, cells));
    }
    notices
}
