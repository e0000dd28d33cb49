//! Charts, tables and report.html from records alone.

use anyhow::Context as _;

use crate::args::ReportOptions;
use crate::exit::Exit;
use crate::output;

/// Reports. The exit status is that of a report: an invalid cell is shown, and is no failure of this command.
///
/// # Errors
/// When records cannot be read, or the report cannot be written.
pub(crate) fn main(options: &ReportOptions) -> anyhow::Result<Exit> {
    let records = feedbench_reports::read_records(&options.from)?;
    let first = options.from.first().context("name a folder of results")?;
    let out = options.out.as_deref().unwrap_or(if first.is_dir() { first } else { "report".as_ref() });
    let written = feedbench_reports::write_report(&records, out)?;
    let suite = records.first().map_or("", |record| &record.suite);
    output::tell(&output::summary(suite, Some(out), &records, false).cells, Some(&written.report))?;
    Ok(Exit::Valid)
}
