//! Two results, cell by cell: what is better in the second one, what is worse, and what nobody can tell.
//!
//! - `shift`: the statistics, from two lists of numbers to an interval. [`figure`](Figure): what is compared.
//! - `pairs`: which cells belong together, and what keeps them from being compared.
//! - `weigh`: the verdict on one figure of one cell. [`Bound`], `judge`: what a script wants to know of it.
//! - `sentences`, `tables`, `csv`, `page`, [`write()`]: the same for people.
//!
//! Every interval stands by itself and covers 95 %: of a hundred figures that did not change, up to five are shown as
//! changed, half of them as worse. Many figures are compared here, so one that is barely shown is a reason to measure again.

mod bound;
mod csv;
mod figure;
mod judge;
mod page;
mod pairs;
mod sentences;
mod shift;
mod tables;
mod weigh;
mod write;

use feedbench_record::summary::Cell;
use feedbench_record::{Record, Transport};
use serde::Serialize;

pub use bound::{Bound, Limit, NoBound};
pub use figure::{Figure, Unit, UnknownFigure};
pub use judge::{Judged, Outcome};
pub use pairs::Difference;
pub use shift::{CONFIDENCE, Interval, REPETITIONS_NEEDED, Shift};
pub use weigh::{Sample, Verdict, Weighed};
pub use write::{Written, write};

use crate::lang::Lang;
use crate::set;
use crate::text::compare as text;
use crate::words;
use pairs::{Pair, Pairs};

/// The version of the document.
pub const SCHEMA_VERSION: u32 = 1;

/// The document that `feedbench compare --json` prints, and the whole of what tables, chart and page show. Names and
/// labels are in the language that was asked for; everything that a script would look for is the same in each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Always [`SCHEMA_VERSION`].
    pub schema: u32,
    /// Name and version of the tool that compared.
    pub tool: String,
    /// The result before.
    pub a: Side,
    /// The result after.
    pub b: Side,
    /// Is nothing different but what is compared? Otherwise every figure of the cells concerned says what is.
    pub comparable: bool,
    /// What is different between the tools, and the seeds.
    pub changes: Vec<Difference>,
    /// Every cell that was measured on both sides: by number of clients, then in the order of the transport table.
    pub cells: Vec<ComparedCell>,
    /// Cells that B does not have.
    pub only_in_a: Vec<String>,
    /// Cells that A does not have.
    pub only_in_b: Vec<String>,
    /// Records of searches for a capacity, which are not compared.
    pub steps_left_out: usize,
    /// Every bound at every cell that has its figure.
    pub bounds: Vec<Judged>,
    /// What the bounds say together. Without one, `passed`, or `cannot-tell` where a compared cell was invalid.
    pub outcome: Outcome,
    #[serde(skip)]
    lang: Lang,
    /// The scenario, the machine and the tool of A, as every caption says them.
    #[serde(skip)]
    conditions: String,
}

/// One of the results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// The folder, as it was named.
    pub name: String,
    /// Its records.
    pub records: usize,
    /// The start of the first cell, UTC (RFC 3339).
    pub first: Option<String>,
    /// The start of the last cell.
    pub last: Option<String>,
}

/// One transport at one point of a scenario, on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedCell {
    /// The transport's title, and what tells the cell apart from others of the same transport.
    pub label: String,
    /// The transport.
    pub transport: Transport,
    /// The number of clients in A.
    pub clients: u32,
    /// Repetitions in A.
    pub a: Repetitions,
    /// Repetitions in B.
    pub b: Repetitions,
    /// What differs although it should not; empty where both sides can be compared.
    pub differences: Vec<Difference>,
    /// Every figure, in one order.
    pub figures: Vec<Weighed>,
}

/// How often a cell was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Repetitions {
    /// All of them.
    pub measured: usize,
    /// Of those, the ones with a reason against them: they count in no figure, but for what was lost.
    pub invalid: usize,
}

/// A result with its name.
#[derive(Clone, Copy, Debug)]
pub struct Named<'r> {
    /// The folder, as it was named.
    pub name: &'r str,
    /// What was measured.
    pub records: &'r [Record],
}

/// How to compare.
#[derive(Clone, Copy, Debug, Default)]
pub struct How<'b> {
    /// The language of names and labels.
    pub lang: Lang,
    /// Compare what differs in more than the tool, too, and say so on every figure.
    pub even_so: bool,
    /// How much worse a figure may be.
    pub bounds: &'b [Bound],
}

/// Why two results are not compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// No transport was measured on both sides.
    #[error("{a} and {b} have no cell in common (steps of a search are not compared); measure the same suite twice")]
    NothingInCommon {
        /// The first result.
        a: String,
        /// The second result.
        b: String,
    },
    /// More than the tool differs.
    #[error(
        "not comparable, {}; measure both alike, or compare them --even-so, which every figure then says",
        told(.0)
    )]
    NotComparable(Vec<(Difference, Vec<String>)>),
}

fn told(differences: &[(Difference, Vec<String>)]) -> String {
    let one = |(Difference { name, a, b }, cells): &(Difference, Vec<String>)| {
        format!("{name}: {a} -> {b} ({})", cells.join(", "))
    };
    differences.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Compares two results: `a` is before, `b` is after.
///
/// # Errors
/// When they have nothing in common, or are not comparable and it was not asked for even so.
pub fn compare(a: Named<'_>, b: Named<'_>, how: How<'_>) -> Result<Comparison, CompareError> {
    let Pairs { both, only_in_a, only_in_b } = pairs::of(a.records, b.records);
    if both.is_empty() {
        return Err(CompareError::NothingInCommon { a: a.name.to_owned(), b: b.name.to_owned() });
    }
    let lang = how.lang;
    let firsts = |points: &[Vec<&Record>]| points.iter().map(|point| point[0].clone()).collect::<Vec<_>>();
    let labels = labels(&both.iter().map(|pair| pair.a[0].clone()).collect::<Vec<_>>(), lang);
    let cells: Vec<_> = both.iter().zip(labels).map(|(pair, label)| compared(pair, label, lang)).collect();
    let differences = by_difference(&cells);
    if !differences.is_empty() && !how.even_so {
        return Err(CompareError::NotComparable(differences));
    }
    let records_of_a: Vec<Record> = both.iter().flat_map(|pair| &pair.a).map(|&record| record.clone()).collect();
    let bounds = judge::judge(how.bounds, &cells);
    let has_invalid = cells.iter().any(|cell| cell.a.invalid + cell.b.invalid > 0);
    let is_step = |record: &&Record| record.step.is_some();
    Ok(Comparison {
        schema: SCHEMA_VERSION,
        tool: concat!("feedbench ", env!("CARGO_PKG_VERSION")).to_owned(),
        a: Side::of(a),
        b: Side::of(b),
        comparable: differences.is_empty(),
        changes: pairs::changes(&both, lang),
        only_in_a: self::labels(&firsts(&only_in_a), lang),
        only_in_b: self::labels(&firsts(&only_in_b), lang),
        steps_left_out: a.records.iter().chain(b.records).filter(is_step).count(),
        outcome: judge::overall(&bounds, has_invalid),
        bounds,
        cells,
        lang,
        conditions: words::caption(&set::of(&records_of_a, lang), lang),
    })
}

fn compared(pair: &Pair<'_>, label: String, lang: Lang) -> ComparedCell {
    let of = |side: &[&Record]| side.iter().map(|record| Cell::of(record)).collect::<Vec<_>>();
    let (a, b) = (of(&pair.a), of(&pair.b));
    let differences = pair.differences(lang);
    let caveat = |Difference { name, a, b }: &Difference| text::caveat(lang, name, a, b);
    let caveats: Vec<_> = differences.iter().map(caveat).collect();
    ComparedCell {
        label,
        transport: pair.a[0].transport,
        clients: pair.a[0].scenario.clients,
        a: Repetitions::of(&a),
        b: Repetitions::of(&b),
        differences,
        figures: Figure::ALL.into_iter().map(|figure| Weighed::of(figure, &a, &b, &caveats)).collect(),
    }
}

/// A label for each, which no other one has.
fn labels(firsts: &[Record], lang: Lang) -> Vec<String> {
    let points = set::points(&set::of(firsts, lang));
    let label = |record: &Record| {
        let is_its = |point: &&set::Point<'_>| std::ptr::eq(point.first().record, record);
        points.iter().find(is_its).map_or_else(|| record.id.clone(), |point| point.label().to_owned())
    };
    firsts.iter().map(label).collect()
}

/// Each difference once, with the cells that have it.
fn by_difference(cells: &[ComparedCell]) -> Vec<(Difference, Vec<String>)> {
    let mut differences: Vec<(Difference, Vec<String>)> = Vec::new();
    for cell in cells {
        for difference in &cell.differences {
            match differences.iter_mut().find(|(known, _)| known == difference) {
                Some((_, labels)) => labels.push(cell.label.clone()),
                None => differences.push((difference.clone(), vec![cell.label.clone()])),
            }
        }
    }
    differences
}

impl Side {
    fn of(Named { name, records }: Named<'_>) -> Side {
        let starts = || records.iter().map(|record| &record.started_at);
        Side {
            name: name.to_owned(),
            records: records.len(),
            first: starts().min().cloned(),
            last: starts().max().cloned(),
        }
    }
}

impl Repetitions {
    fn of(cells: &[Cell]) -> Repetitions {
        let invalid = cells.iter().filter(|cell| !cell.verdict.valid).count();
        Repetitions { measured: cells.len(), invalid }
    }
}

impl Comparison {
    /// Every figure with its cell.
    fn figures(&self) -> impl Iterator<Item = (&ComparedCell, &Weighed)> {
        self.cells.iter().flat_map(|cell| cell.figures.iter().map(move |figure| (cell, figure)))
    }
}
