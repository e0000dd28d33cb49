//! Two result folders, figure by figure: a page and a table, or one JSON document; and whether a bound is kept.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use feedbench_record::Record;
use feedbench_reports::compare::{self, Comparison, How, Named, Outcome};
use feedbench_reports::lang::Lang;

use crate::args::CompareOptions;
use crate::exit::Exit;
use crate::output;

/// Compares. The exit status is 1 where a bound of `--fail-on` is exceeded, and 3 where nobody can tell: a cell was invalid,
/// or a figure with a bound has too few repetitions or was not measured.
///
/// # Errors
/// When records cannot be read, are not comparable, or the page cannot be written.
pub(crate) fn main(options: &CompareOptions) -> anyhow::Result<Exit> {
    let lang = options.language.lang;
    let (a, b) = (records(&options.before, lang)?, records(&options.after, lang)?);
    let names = [&options.before, &options.after].map(|path| path.display().to_string());
    let how = How { lang, even_so: options.even_so, bounds: &options.fail_on };
    let [a, b] = [Named { name: &names[0], records: &a }, Named { name: &names[1], records: &b }];
    let comparison = compare::compare(a, b, how)?;
    let page = compare::write(&comparison, &options.out)?.page;
    if options.json {
        output::json(&comparison)?;
    } else {
        tell(&comparison, &page, lang)?;
    }
    Ok(match comparison.outcome {
        Outcome::Passed => Exit::Valid,
        Outcome::Failed => Exit::Failed,
        Outcome::CannotTell => Exit::Invalid,
    })
}

fn records(from: &Path, lang: Lang) -> anyhow::Result<Vec<Record>> {
    let records = feedbench_reports::shards::join(feedbench_reports::read_records(&[from.to_path_buf()])?);
    for line in feedbench_reports::shards::missing(&records, lang) {
        eprintln!("feedbench: {line}");
    }
    Ok(records)
}

fn tell(comparison: &Comparison, page: &Path, lang: Lang) -> anyhow::Result<()> {
    let on_terminal = std::io::stdout().is_terminal();
    let mut stdout = std::io::stdout().lock();
    let rows = comparison.table();
    writeln!(stdout, "{}\n", output::laid_out(&rows, on_terminal, |row| comparison.is_worse(row)))?;
    for line in [comparison.notices(), comparison.sentences(), comparison.judgements()].concat() {
        writeln!(stdout, "- {line}")?;
    }
    writeln!(stdout, "\n{}", feedbench_reports::terminal::where_it_is(Some(page), lang))?;
    Ok(())
}
