//! A report into a folder: the page, the charts as files with their data, the tables, the entry to cite it by.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use feedbench_record::Record;
use feedbench_record::summary::Cell;

use crate::charts::Chart;
use crate::export::{self, Fonts, Format};
use crate::look::{Look, Medium};
use crate::set::{self, Item, Kinds};
use crate::table::Table;
use crate::theory;
use crate::{capacity, charts, cite, page, quantum_leap, ratios, table};

/// A PNG of a journal's column gets so many pixels for each of the drawing: 600 an inch.
const PAPER_SCALE: f32 = 6.25;

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

/// How a report is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The language of everything, and the medium of the charts' files; the page keeps its own.
    pub look: Look,
    /// What each chart is written as beside SVG.
    pub formats: Vec<Format>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub report: PathBuf,
    /// The charts, a file for each format.
    pub charts: Vec<PathBuf>,
    /// What each chart shows, in CSV.
    pub data: Vec<PathBuf>,
    /// The figures, in CSV, Markdown and LaTeX.
    pub tables: Vec<PathBuf>,
    /// The entry for BibTeX.
    pub citation: PathBuf,
    /// What could not be made, a line each: a PNG or PDF for which a font is missing.
    pub problems: Vec<String>,
}

/// Writes `report.html`, `charts/*`, `tables/*` and `citation.bib` into `out`, which is made if it is missing. Files of these
/// names are replaced. The same records, language and medium give the same bytes, but for PNG and PDF: these depend on the
/// fonts that are installed.
pub fn write_report(records: &[Record], out: &Path, options: &Options) -> Result<Written, WriteError> {
    if records.is_empty() {
        return Err(WriteError::NoRecords);
    }
    let look = options.look;
    let on_page = Look { medium: Medium::Page, ..look };
    let items = set::of(records, look.lang);
    let drawn = Drawn::of(records, &items, on_page);
    let page = page::html(records, &items, &drawn.charts, drawn.leap.as_ref(), drawn.capacity.as_ref(), look.lang)?;

    let mut folder = Folder {
        out,
        written: Written {
            report: out.join("report.html"),
            charts: Vec::new(),
            data: Vec::new(),
            tables: Vec::new(),
            citation: out.join("citation.bib"),
            problems: Vec::new(),
        },
    };
    let other = (look != on_page).then(|| Drawn::of(records, &items, look));
    folder.charts(other.as_ref().unwrap_or(&drawn), options)?;
    folder.tables(&items, &drawn)?;
    file(out, "citation.bib", cite::bibtex(records))?;
    // Last: a page that is there is complete.
    file(out, "report.html", page)?;
    Ok(folder.written)
}

/// Everything that is drawn for one look.
struct Drawn {
    charts: Vec<Chart>,
    leap: Option<(quantum_leap::Comparison, Chart)>,
    capacity: Option<capacity::Found>,
}

impl Drawn {
    fn of(records: &[Record], items: &[Item<'_>], look: Look) -> Drawn {
        Drawn {
            charts: charts::all(items, look),
            leap: quantum_leap::comparison(records, look.lang).zip(charts::overhead_bandwidth(items, look)),
            capacity: capacity::found(records, items, look),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Chart> {
        let of_searches = self.capacity.iter().flat_map(|found| &found.charts);
        self.charts.iter().chain(of_searches).chain(self.leap.as_ref().map(|(_, chart)| chart))
    }
}

/// The folder of a report while it is filled.
struct Folder<'a> {
    out: &'a Path,
    written: Written,
}

impl Folder<'_> {
    fn charts(&mut self, drawn: &Drawn, options: &Options) -> Result<(), WriteError> {
        let folder = self.out.join("charts");
        let fonts = Fonts::of_system();
        let scale = if options.look.medium == Medium::Paper { PAPER_SCALE } else { export::PNG_SCALE };
        for chart in drawn.all() {
            self.written.charts.push(file(&folder, &format!("{}.svg", chart.name), &chart.file)?);
            self.written.data.push(file(&folder, &format!("{}.csv", chart.name), chart.data.csv())?);
            for &format in &options.formats {
                let made = match format {
                    Format::Svg => continue,
                    Format::Png => export::png(&chart.file, scale, &fonts),
                    Format::Pdf => export::pdf(&chart.file, &fonts),
                };
                let name = format!("{}.{format}", chart.name);
                match made {
                    Ok(bytes) => self.written.charts.push(file(&folder, &name, &bytes)?),
                    Err(error) => self.written.problems.push(format!("{name}: {}", error.message(options.look.lang))),
                }
            }
        }
        Ok(())
    }

    fn tables(&mut self, items: &[Item<'_>], drawn: &Drawn) -> Result<(), WriteError> {
        let lang = items.first().map_or_else(Default::default, |item| item.lang);
        let cells: Vec<Cell> = items.iter().map(|item| item.cell.clone()).collect();
        let Kinds { open, .. } = set::kinds(items);
        self.table("cells", &table::rows(&cells, table::Selection::Full, lang), Some(table::csv(&cells)))?;
        for kind in table::points::of(items, lang) {
            self.table(kind.name, &kind.table(lang), None)?;
        }
        self.table("ratios", &ratios::table(&open), None)?;
        let points = set::points(&open);
        self.table("theory", &theory::table::table(&points, lang), Some(theory::table::csv(&points)))?;
        for named in drawn.leap.iter().flat_map(|(comparison, _)| &comparison.tables) {
            self.table(named.name, &named.table, None)?;
        }
        if let Some(found) = &drawn.capacity {
            self.table("capacity", &found.steps, None)?;
        }
        Ok(())
    }

    /// One table in its three forms; `raw` is its CSV where that is for programs.
    fn table(&mut self, name: &str, table: &Table, raw: Option<String>) -> Result<(), WriteError> {
        let folder = self.out.join("tables");
        let forms = [
            ("csv", raw.unwrap_or_else(|| table.csv())),
            ("md", table.markdown()),
            ("tex", table.latex(name, &format!("tab:{name}"))),
        ];
        for (extension, text) in forms {
            self.written.tables.push(file(&folder, &format!("{name}.{extension}"), text)?);
        }
        Ok(())
    }
}

/// Writes a file of a report, and makes its folder if it is missing.
pub(crate) fn file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> Result<PathBuf, WriteError> {
    let path = folder.join(name);
    fs::create_dir_all(folder).map_err(|source| WriteError::File { path: folder.to_path_buf(), source })?;
    fs::write(&path, bytes).map_err(|source| WriteError::File { path: path.clone(), source })?;
    Ok(path)
}
