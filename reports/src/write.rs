//! A report into a folder: the page, the charts as files, the tables.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use feedbench_record::Record;
use feedbench_record::summary::Cell;

use crate::look::{Look, Medium};
use crate::{capacity, charts, page, quantum_leap, ratios, set, table};

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// There is nothing to report.
    #[error("there are no records to report")]
    NoRecords,
    /// The system refuses.
    #[error("{path}: cannot be written ({source}); name a folder that you may write to", path = .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The page's template failed.
    #[error("the page could not be made: {0}")]
    Page(#[from] askama::Error),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub report: PathBuf,
    /// The charts, one SVG file each.
    pub charts: Vec<PathBuf>,
    /// The figures, in CSV and in Markdown.
    pub tables: Vec<PathBuf>,
}

/// Writes `report.html`, `charts/*.svg`, and `tables/cells` and `tables/ratios` (each `.csv` and `.md`) into `out`, which
/// is made if it is missing; for the suite `quantum-leap` its chart and its tables, too, and for
/// searches theirs. Files of these names are replaced. The same records give the same bytes.
pub fn write_report(records: &[Record], out: &Path, look: Look) -> Result<Written, WriteError> {
    if records.is_empty() {
        return Err(WriteError::NoRecords);
    }
    let items = set::of(records, look.lang);
    let cells: Vec<Cell> = items.iter().map(|item| item.cell.clone()).collect();
    let page_look = Look { medium: Medium::Page, ..look };
    let charts = charts::all(&items, page_look);
    let leap = quantum_leap::comparison(records, look.lang).zip(charts::overhead_bandwidth(&items, page_look));
    let capacity = capacity::found(records, &items, page_look);
    let page = page::html(&items, &charts, leap.as_ref(), capacity.as_ref(), look.lang)?;

    let mut written = Written { report: out.join("report.html"), charts: Vec::new(), tables: Vec::new() };
    let of_searches = capacity.iter().flat_map(|found| &found.charts);
    for chart in charts.iter().chain(of_searches).chain(leap.as_ref().map(|(_, chart)| chart)) {
        written.charts.push(file(&out.join("charts"), &format!("{}.svg", chart.name), &chart.file)?);
    }
    written.tables.push(file(&out.join("tables"), "cells.csv", &table::csv(&cells))?);
    written.tables.push(file(&out.join("tables"), "cells.md", &table::markdown(&cells, look.lang))?);
    let ratios = ratios::table(&set::kinds(&items).open);
    written.tables.push(file(&out.join("tables"), "ratios.csv", &ratios.csv())?);
    written.tables.push(file(&out.join("tables"), "ratios.md", &ratios.markdown())?);
    for named in leap.iter().flat_map(|(comparison, _)| &comparison.tables) {
        written.tables.push(file(&out.join("tables"), &format!("{}.csv", named.name), &named.table.csv())?);
        written.tables.push(file(&out.join("tables"), &format!("{}.md", named.name), &named.table.markdown())?);
    }
    if let Some(found) = &capacity {
        written.tables.push(file(&out.join("tables"), "capacity.csv", &found.steps.csv())?);
        written.tables.push(file(&out.join("tables"), "capacity.md", &found.steps.markdown())?);
    }
    // Last: a page that is there is complete.
    file(out, "report.html", &page)?;
    Ok(written)
}

/// Writes a file into a folder, which is made if it is missing.
pub(crate) fn file(folder: &Path, name: &str, text: &str) -> Result<PathBuf, WriteError> {
    let path = folder.join(name);
    fs::create_dir_all(folder).map_err(|source| WriteError::File { path: folder.to_path_buf(), source })?;
    fs::write(&path, text).map_err(|source| WriteError::File { path: path.clone(), source })?;
    Ok(path)
}
