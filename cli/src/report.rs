//! Charts, tables and report.html from records alone.

use std::path::Path;

use feedbench_reports::Options;
use feedbench_reports::lang::Lang;

use crate::args::ReportOptions;
use crate::exit::Exit;
use crate::output;

/// Reports. The exit status is that of a report: an invalid cell is shown, and is no failure of this command.
///
/// # Errors
/// When records cannot be read, or the report cannot be written.
pub(crate) fn main(options: &ReportOptions) -> anyhow::Result<Exit> {
    let records = feedbench_reports::shards::join(feedbench_reports::read_records(&options.from)?);
    for line in feedbench_reports::shards::missing(&records, Lang::default()) {
        eprintln!("feedbench: {line}");
    }
    let out = match (&options.out, options.from.as_slice()) {
        (Some(out), _) => out,
        // One folder of results gets its own report anew; several have none in common.
        (None, [from]) if from.is_dir() => from,
        (None, _) => Path::new("report"),
    };
    let written = feedbench_reports::write_report(&records, out, &Options::default())?;
    let suite = records.first().map_or("", |record| &record.suite);
    output::tell(&records, &output::summary(suite, Some(out), &records, false).cells, Some(&written.report))?;
    Ok(Exit::Valid)
}
