//! The verdicts: how many cells are valid, and every reason against the others.

use feedbench_record::verdict::Class;

use crate::lang::Lang;
use crate::set::Item;
use crate::text::page as text;
use crate::text::reasons;

/// An invalid cell with its reasons.
pub(super) struct Invalid {
    pub(super) anchor: String,
    pub(super) label: String,
    pub(super) id: String,
    /// By class; only those that there are.
    pub(super) reasons: Vec<(&'static str, Vec<String>)>,
}

/// Where the reasons against this cell stand.
pub(super) fn anchor(item: &Item<'_>, items: &[Item<'_>]) -> String {
    let index = items.iter().position(|other| std::ptr::eq(other.record, item.record)).unwrap_or(0);
    format!("verdict-{}", index + 1)
}

/// How many cells are valid.
pub(super) fn sentence(items: &[Item<'_>], lang: Lang) -> String {
    let valid = items.iter().filter(|item| item.valid()).count();
    match (valid, items.len()) {
        (1, 1) => text::the_cell_is_valid(lang).to_owned(),
        (0, 1) => text::one_cell_is_invalid(lang).to_owned(),
        (valid, total) if valid == total => text::all_cells_are_valid(lang, total),
        (valid, total) => text::some_cells_are_valid(lang, valid, total),
    }
}

/// Every invalid cell.
pub(super) fn invalid(items: &[Item<'_>], lang: Lang) -> Vec<Invalid> {
    let reasons = |item: &Item<'_>| {
        [(Class::Integrity, text::integrity(lang)), (Class::Timing, text::timing(lang))]
            .into_iter()
            .map(|(class, name)| {
                let of_class = item.cell.verdict.of_class(class);
                (name, of_class.map(|reason| reasons::sentence(lang, reason, item.record)).collect::<Vec<_>>())
            })
            .filter(|(_, texts)| !texts.is_empty())
            .collect()
    };
    items
        .iter()
        .filter(|item| !item.valid())
        .map(|item| Invalid {
            anchor: anchor(item, items),
            label: item.label.clone(),
            id: item.record.id.clone(),
            reasons: reasons(item),
        })
        .collect()
}
