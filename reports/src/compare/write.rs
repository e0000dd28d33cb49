//! A comparison into a folder: the page, its chart, the figures as files.

use std::path::{Path, PathBuf};

use super::{Comparison, csv, page};
use crate::charts;
use crate::look::{Look, Medium};
use crate::write::{WriteError, file};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub page: PathBuf,
    /// The charts, a few cells each; none where no figure has a ratio.
    pub charts: Vec<PathBuf>,
    /// The figures, in CSV and in Markdown, and the whole document in JSON.
    pub tables: Vec<PathBuf>,
}

/// Writes `compare.html`, `charts/comparison*.svg`, and `tables/comparison` (`.csv`, `.md` and `.json`) into `out`, which is
/// made if it is missing. Files of these names are replaced. The same comparison gives the same bytes.
///
/// # Errors
/// When a file cannot be written.
pub fn write(comparison: &Comparison, out: &Path) -> Result<Written, WriteError> {
    let caption = page::caption(comparison);
    let look = Look { lang: comparison.lang, medium: Medium::Page };
    let charts = charts::comparison(comparison, look, &caption);
    let html = page::html(comparison, &charts, caption)?;
    let json = serde_json::to_string_pretty(comparison).expect("every key is a text, and no number is infinite");

    let drawn = charts.iter().map(|chart| file(&out.join("charts"), &format!("{}.svg", chart.name), &chart.file));
    let drawn = drawn.collect::<Result<_, _>>()?;
    let tables = [
        ("comparison.csv", csv::of(comparison)),
        ("comparison.md", comparison.table().markdown()),
        ("comparison.json", json + "\n"),
    ];
    let tables = tables.into_iter().map(|(name, text)| file(&out.join("tables"), name, &text));
    let tables = tables.collect::<Result<_, _>>()?;
    // Last: a page that is there is complete.
    Ok(Written { page: file(out, "compare.html", &html)?, charts: drawn, tables })
}
