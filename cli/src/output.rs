//! Results on standard output: a table for people, or one JSON document for scripts.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use comfy_table::{Attribute, Cell as TableCell, CellAlignment, Color, ContentArrangement, Table, presets};
use feedbench_record::Record;
use feedbench_record::capacity::capacities;
use feedbench_record::summary::{Cell, SCHEMA_VERSION, Summary};
use feedbench_reports::Options;
use feedbench_reports::lang::Lang;
use feedbench_reports::quantum_leap::{self, NamedTable};
use feedbench_reports::table::{Align, Selection, Table as Rows};
use feedbench_reports::terminal;

use crate::results::Results;

/// From this width on (characters) a terminal has room for the whole short table.
const WIDE: u16 = 140;

/// The figures of a run.
pub(crate) fn summary(suite: &str, dir: Option<&Path>, records: &[Record], interrupted: bool) -> Summary {
    Summary {
        schema: SCHEMA_VERSION,
        tool: concat!("feedbench ", env!("CARGO_PKG_VERSION")).to_owned(),
        suite: suite.to_owned(),
        dir: dir.map(|dir| dir.display().to_string()),
        interrupted,
        cells: records.iter().map(Cell::of).collect(),
        capacities: capacities(records),
    }
}

/// Writes one JSON document and a line end.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn json(document: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, document)?;
    writeln!(stdout)?;
    Ok(())
}

/// What a run ends with: the report, and the figures on standard output.
///
/// # Errors
/// When the report cannot be written or standard output is closed.
pub(crate) fn results(
    suite: &str,
    results: &Results,
    records: &[Record],
    interrupted: bool,
    as_json: bool,
    options: &Options,
) -> anyhow::Result<()> {
    let report = match records {
        [] => None,
        records => Some(write(records, results.dir(), options)?),
    };
    let summary = summary(suite, Some(results.dir()), records, interrupted);
    if as_json {
        return json(&summary);
    }
    tell(records, &summary.cells, report.as_deref(), options.look.lang)
}

/// Writes a report, and on standard error what of it could not be made; gives the page.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(records: &[Record], dir: &Path, options: &Options) -> anyhow::Result<PathBuf> {
    let written = feedbench_reports::write_report(records, dir, options)?;
    for problem in &written.problems {
        eprintln!("feedbench: {problem}");
    }
    Ok(written.report)
}

/// The table, the reasons against invalid cells, what a suite has to say of its own, and where the report is.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn tell(records: &[Record], cells: &[Cell], report: Option<&Path>, lang: Lang) -> anyhow::Result<()> {
    let on_terminal = std::io::stdout().is_terminal();
    let mut stdout = std::io::stdout().lock();
    let points = terminal::points(records, lang);
    for rows in &points {
        writeln!(stdout, "{}", laid_out(rows, on_terminal, |_| false))?;
    }
    if points.is_empty() && !cells.is_empty() {
        writeln!(stdout, "{}", table(cells, on_terminal, lang))?;
    }
    let told = terminal::told(records, lang);
    for line in told.reasons.iter().chain(&told.capacities) {
        writeln!(stdout, "{line}")?;
    }
    if let Some(comparison) = quantum_leap::comparison(records, lang) {
        for NamedTable { title, table, .. } in &comparison.tables {
            writeln!(stdout, "\n{title}\n{}", laid_out(table, on_terminal, |_| false))?;
        }
        writeln!(stdout)?;
        for sentence in &comparison.sentences {
            writeln!(stdout, "- {sentence}")?;
        }
    }
    if !told.summary.is_empty() {
        writeln!(stdout)?;
    }
    for sentence in &told.summary {
        writeln!(stdout, "- {sentence}")?;
    }
    writeln!(stdout, "\n{}", terminal::where_it_is(report, lang))?;
    Ok(())
}

/// The figures: on a narrow terminal those that fit, elsewhere the short list.
fn table(cells: &[Cell], on_terminal: bool, lang: Lang) -> Table {
    let narrow = on_terminal && Table::new().width().is_some_and(|width| width < WIDE);
    let selection = if narrow { Selection::Narrow } else { Selection::Short };
    let rows = feedbench_reports::table::rows(cells, selection, lang);
    laid_out(&rows, on_terminal, |row| !cells[row].verdict.valid)
}

/// Plain Markdown for pipes; on a terminal as wide as it is, with the rows that `is_red` in red.
pub(crate) fn laid_out(rows: &Rows, on_terminal: bool, is_red: impl Fn(usize) -> bool) -> Table {
    let mut table = Table::new();
    if on_terminal {
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.load_style(presets::ASCII_MARKDOWN);
    }
    table.set_header(
        rows.header
            .iter()
            .map(|heading| styled(&heading.text, on_terminal, |cell| cell.add_attribute(Attribute::Bold))),
    );
    for (index, row) in rows.rows.iter().enumerate() {
        let red = on_terminal && is_red(index);
        table.add_row(row.iter().map(|text| styled(text, red, |cell| cell.fg(Color::Red))));
    }
    for (column, heading) in table.column_iter_mut().zip(&rows.header) {
        column.set_cell_alignment(match heading.align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        });
    }
    table
}

fn styled(text: &str, on: bool, style: impl Fn(TableCell) -> TableCell) -> TableCell {
    let cell = TableCell::new(text);
    if on { style(cell) } else { cell }
}
