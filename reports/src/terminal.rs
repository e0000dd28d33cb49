//! What a report says on a terminal: the figures, what stands against them, and what follows from them.

use feedbench_record::Record;
use feedbench_record::capacity::capacities;

use crate::capacity;
use crate::charts::Scene;
use crate::lang::Lang;
use crate::look::Look;
use crate::set;
use crate::summary;
use crate::table::{Table, points};
use crate::text::{page as text, reasons};

/// Sentences, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Every reason against an invalid cell.
    pub reasons: Vec<String>,
    /// What searches for a capacity found.
    pub capacities: Vec<String>,
    /// What follows from the figures.
    pub summary: Vec<String>,
}

/// What there is to say of these records.
pub fn told(records: &[Record], lang: Lang) -> Told {
    let items = set::of(records, lang);
    let reason = |record: &Record| {
        let against = record.verdict.reasons.iter();
        let of_cell = |reason| text::against(lang, &record.id, reasons::sentence(lang, reason, record));
        against.map(of_cell).collect::<Vec<_>>()
    };
    Told {
        reasons: records.iter().flat_map(reason).collect(),
        capacities: capacities(records).iter().map(|search| capacity::sentence(search, lang)).collect(),
        summary: summary::sentences(&Scene::of(&set::kinds(&items).open, Look { lang, ..Look::default() })),
    }
}

/// The key figures over the repetitions, a table for each kind of workload; none where every cell was measured once, and
/// its row is the same.
pub fn points(records: &[Record], lang: Lang) -> Vec<Table> {
    let items = set::of(records, lang);
    let tables = points::of(&items, lang);
    let repeated = tables.iter().flat_map(|table| &table.points).any(|point| point.items().len() > 1);
    if repeated { tables.iter().map(|table| table.table(lang)).collect() } else { Vec::new() }
}

/// The last line: where the report is, or that there is none.
pub fn where_it_is(report: Option<&std::path::Path>, lang: Lang) -> String {
    report.map_or_else(|| text::nothing_measured(lang).to_owned(), |path| text::report_at(lang, path.display()))
}
