//! Records in, charts, tables and pages out: no socket, no clock, no randomness. The same records give the same bytes.
//!
//! The way of a report, from its start to its end:
//!
//! - [`read`]: files to records, with an error that names the file and says what to do.
//! - [`shards`]: parts of a cell that were measured apart, merged where all of them are there.
//! - `set`: the records in the order of every chart and table, each with a label that no other one has.
//! - `conditions`: what was chosen for a cell, name by name; `words`: the same as sentences and captions.
//! - `sweep`: along which values the points lie.
//! - `gates`: what was watched meanwhile, each with its bound.
//! - [`table`]: the figures as rows, for the terminal, Markdown, CSV and the page.
//! - `capacity`: what searches for a capacity found.
//! - `idle`, `session`, `ratios`: what was measured, put together to figures that the record does not have itself.
//! - [`quantum_leap`]: one suite compared with the article that it reproduces.
//! - `theory`: what a cell should show, as formulas, and how far what was measured differs.
//! - `style`: colour, dash and marker of each transport, the one place.
//! - `charts`: the drawings, each with its data.
//! - [`mod@compare`]: two results, figure by figure.
//! - [`terminal`]: what the command says of it.
//! - `page`: `report.html`, from the template beside this crate.
//! - [`export`]: a drawing as SVG, PNG or PDF.
//! - [`cite`]: the hash that names the records, and the entry for a list of references.
//! - [`mod@write`]: all of it into a folder.
//! - [`browsers`]: real browsers beside the load generator.
//! - [`trace`]: one client with every byte explained, as text, drawing, page and packets.
//!
//! Figures come from [`feedbench_record::summary::Cell::of`] and nowhere else.

pub mod browsers;
mod capacity;
mod charts;
pub mod cite;
pub mod compare;
mod conditions;
mod estimate;
pub mod export;
mod gates;
mod idle;
pub mod lang;
pub mod look;
mod number;
mod page;
mod protocols;
pub mod quantum_leap;
mod ratios;
pub mod read;
mod session;
mod set;
pub mod shards;
mod style;
mod summary;
mod sweep;
pub mod table;
pub mod terminal;
mod text;
mod theory;
pub mod trace;
mod words;
pub mod write;

pub use read::{ReadError, Readable, read_readable, read_records};
pub use style::{Appearance, appearance, layer_hex};
pub use write::{Options, WriteError, Written, write_report};

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
#[allow(clippy::unwrap_used, dead_code, unreachable_pub)]
mod fixture;
