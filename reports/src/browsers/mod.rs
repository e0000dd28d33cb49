//! Real browsers beside the load generator: from what was measured to tables, a chart and a page.
//!
//! - `figures`: latencies and bytes of both sides as tables.
//! - `fields`: two request heads, field by field.
//! - `words`: what was done, what was found, and what has to be known of it.
//! - `page`: `browsers.html`.

mod fields;
mod figures;
mod page;
mod words;

use std::path::{Path, PathBuf};

use feedbench_record::browsers::Browsers;

use crate::charts;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::table::Table;
use crate::write::{WriteError, file};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub page: PathBuf,
    /// The chart.
    pub chart: PathBuf,
    /// The document itself.
    pub data: PathBuf,
}

/// The figures of each transport in one short table, for the terminal.
pub fn table(measured: &Browsers, lang: Lang) -> Table {
    figures::short(measured, lang)
}

/// Writes `browsers.json`, `browsers.html`, the chart with its data, and the tables into `out`, which is made if it is
/// missing. Files of these names are replaced. The same document gives the same bytes.
///
/// # Errors
/// When a file cannot be written.
pub fn write(measured: &Browsers, out: &Path, lang: Lang) -> Result<Written, WriteError> {
    let caption = words::caption(measured, lang);
    let latency = figures::latency(measured, lang);
    let look = Look { lang, medium: Medium::Page };
    let chart = charts::browser_latency(measured, look, latency.clone(), &caption);
    let html = page::html(measured, &chart, caption, lang)?;
    let json = serde_json::to_string_pretty(measured).expect("every key is a text");
    let drawn = file(&out.join("charts"), &format!("{}.svg", chart.name), &chart.file)?;
    file(&out.join("charts"), &format!("{}.csv", chart.name), chart.data.csv())?;
    for (name, table) in [("browser-latency", &latency), ("browser-bytes", &figures::bytes(measured, lang))] {
        file(&out.join("tables"), &format!("{name}.csv"), table.csv())?;
        file(&out.join("tables"), &format!("{name}.md"), table.markdown())?;
    }
    let data = file(out, "browsers.json", json + "\n")?;
    // Last: a page that is there is complete.
    Ok(Written { page: file(out, "browsers.html", html)?, chart: drawn, data })
}
