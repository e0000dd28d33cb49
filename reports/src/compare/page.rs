//! `compare.html`: what the template shows, made from a comparison.

use askama::Template;

use super::{Comparison, Side};
use crate::charts::Chart;
use crate::lang::Lang;
use crate::table::Table;
use crate::text::common::{counted, listed};
use crate::text::compare as text;

#[derive(Template)]
#[template(path = "compare.html")]
struct Page<'a> {
    lang: Lang,
    title: String,
    kicker: String,
    lead: Vec<String>,
    notices: Vec<String>,
    sentences: Vec<String>,
    bounds: Rows,
    judgements: Vec<String>,
    charts: &'a [Chart],
    caption: String,
    cells: Vec<CellFigures<'a>>,
    changes: Rows,
    reading: [&'static str; 4],
}

/// The table of one cell.
struct CellFigures<'a> {
    label: &'a str,
    rows: Rows,
}

/// A table, and which of its rows are marked as invalid.
struct Rows {
    table: Table,
    marked: Vec<bool>,
}

impl Rows {
    // The template has only references.
    fn is_marked(&self, row: &usize) -> bool {
        self.marked.get(*row).is_some_and(|&marked| marked)
    }
}

impl From<Table> for Rows {
    fn from(table: Table) -> Rows {
        Rows { table, marked: Vec::new() }
    }
}

/// The page.
pub(super) fn html(comparison: &Comparison, charts: &[Chart], caption: String) -> Result<String, askama::Error> {
    let lang = comparison.lang;
    let mut sentences = comparison.sentences();
    let tally = sentences.remove(0);
    let measured = [("A", &comparison.a), ("B", &comparison.b)].map(|(name, side)| measured(name, side, lang));
    let figures = comparison.measured().count() as u64;
    let page = Page {
        lang,
        title: title(comparison),
        kicker: text::kicker(lang, counted(lang, figures, "figure", "figures", "项指标")),
        lead: measured.into_iter().chain([tally]).collect(),
        notices: comparison.notices(),
        sentences,
        bounds: comparison.table_of_bounds().into(),
        judgements: comparison.judgements(),
        charts,
        caption,
        cells: comparison.cells.iter().map(|cell| cell_figures(comparison, cell)).collect(),
        changes: comparison.table_of_changes().into(),
        reading: [
            text::reading_estimate(lang),
            text::reading_verdict(lang),
            text::reading_repetitions(lang),
            text::reading_bound(lang),
        ],
    };
    page.render()
}

fn cell_figures<'c>(comparison: &Comparison, cell: &'c super::ComparedCell) -> CellFigures<'c> {
    let shown = cell.figures.iter().filter(|weighed| !weighed.is_absent());
    let marked = shown.map(|weighed| !(weighed.a.left_out.is_empty() && weighed.b.left_out.is_empty())).collect();
    CellFigures { label: &cell.label, rows: Rows { table: comparison.table_of_cell(cell), marked } }
}

fn title(comparison: &Comparison) -> String {
    text::title(comparison.lang, short(&comparison.a.name), short(&comparison.b.name))
}

/// The last part of a folder's name.
fn short(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name)
}

fn measured(name: &str, side: &Side, lang: Lang) -> String {
    let (first, last) = (side.first.as_deref().unwrap_or_default(), side.last.as_deref().unwrap_or_default());
    text::measured(lang, name, short(&side.name), first, last)
}

/// What stands below the chart.
pub(super) fn caption(comparison: &Comparison) -> String {
    let lang = comparison.lang;
    let sizes = || comparison.cells.iter().flat_map(|cell| [cell.a.counted(), cell.b.counted()]);
    let (low, high) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
    let n = if low == high { low.to_string() } else { text::range(lang, low, high) };
    let changes: Vec<_> = comparison.changes.iter().map(|d| text::caveat(lang, &d.name, &d.a, &d.b)).collect();
    let mut sentences = comparison.notices();
    sentences.push(text::caption(lang, short(&comparison.a.name), short(&comparison.b.name), n));
    sentences.push(text::conditions_of_a(lang, &comparison.conditions));
    sentences.extend((!changes.is_empty()).then(|| text::from_a_to_b(lang, listed(lang, &changes))));
    sentences.join(if lang == Lang::En { " " } else { "" })
}
