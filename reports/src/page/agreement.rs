//! Whether the byte counts of a connection agree: between both ends, and with the kernel.

use crate::lang::Lang;
use crate::number::grouped;
use crate::set::Item;
use crate::table::ABSENT;
use crate::text::page as text;
use crate::text::reasons::witness;

/// All cells together, and each by itself.
pub(super) struct Agreement {
    pub(super) sentence: String,
    /// Is there nothing that a reader has to look into?
    pub(super) agrees: bool,
    pub(super) cells: Vec<Agreed>,
}

/// One cell.
pub(super) struct Agreed {
    pub(super) label: String,
    pub(super) compared: String,
    pub(super) with_kernel: String,
    pub(super) excluded: String,
    pub(super) differences: String,
    /// What differs and what was left out, by name.
    pub(super) names: Vec<String>,
}

pub(super) fn of(items: &[Item<'_>], lang: Lang) -> Agreement {
    let sum = |of: fn(&Item<'_>) -> u64| items.iter().map(of).sum::<u64>();
    let differences = sum(|item| item.record.bytes.agreement.differences);
    // Without a server of ours there was nothing to compare with.
    let compared = sum(|item| item.record.bytes.server.map_or(0, |_| item.record.bytes.agreement.compared));
    let with_kernel = sum(|item| item.record.bytes.agreement.compared_with_kernel);
    Agreement {
        sentence: match differences {
            0 => text::agreement_all(lang, grouped(compared), grouped(with_kernel)),
            _ => text::agreement_differs(lang, grouped(differences)),
        },
        agrees: differences == 0,
        cells: items.iter().map(|item| agreed(item, lang)).collect(),
    }
}

fn agreed(item: &Item<'_>, lang: Lang) -> Agreed {
    let agreement = &item.record.bytes.agreement;
    let list = |names: &[String], total: u64| {
        let more = total.saturating_sub(names.len() as u64);
        let more = (more > 0).then(|| text::and_more(lang, grouped(more)));
        let names: Vec<_> = names.iter().map(|name| witness(lang, name)).chain(more).collect();
        names.join(if lang == Lang::En { "; " } else { "；" })
    };
    let (differences, excluded) = (&agreement.difference_names, &agreement.excluded_names);
    let differs = (!differences.is_empty())
        .then(|| text::differences_of(lang, &item.label, list(differences, agreement.differences)));
    let left_out =
        (!excluded.is_empty()).then(|| text::left_out_of(lang, &item.label, list(excluded, agreement.excluded)));
    Agreed {
        label: item.label.clone(),
        compared: item.record.bytes.server.map_or(ABSENT.to_owned(), |_| grouped(agreement.compared)),
        with_kernel: grouped(agreement.compared_with_kernel),
        excluded: grouped(agreement.excluded),
        differences: grouped(agreement.differences),
        names: differs.into_iter().chain(left_out).collect(),
    }
}
