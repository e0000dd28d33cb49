//! Charts, tables and report.html from records alone.

use std::path::Path;

use feedbench_reports::{Readable, read_readable, shards};

use crate::args::ReportOptions;
use crate::exit::Exit;
use crate::output;

/// Reports what can be read. The exit status is that of a report: an invalid cell is shown, and is no failure of this
/// command; a file that cannot be read is named, and is one.
///
/// # Errors
/// When no record can be read, or the report cannot be written.
pub(crate) fn main(options: &ReportOptions) -> anyhow::Result<Exit> {
    let lang = options.language.lang;
    let Readable { records, problems } = read_readable(&options.from)?;
    let records = shards::join(records);
    for line in problems.iter().map(ToString::to_string).chain(shards::missing(&records, lang)) {
        eprintln!("feedbench: {line}");
    }
    let out = match (&options.out, options.from.as_slice()) {
        (Some(out), _) => out,
        // One folder of results gets its own report anew; several have none in common.
        (None, [from]) if from.is_dir() => from,
        (None, _) => Path::new("report"),
    };
    let report = output::write(&records, out, &options.charts.report(&options.language))?;
    let suite = records.first().map_or("", |record| &record.suite);
    output::tell(&records, &output::summary(suite, Some(out), &records, false).cells, Some(&report), lang)?;
    Ok(if problems.is_empty() { Exit::Valid } else { Exit::Incomplete })
}
