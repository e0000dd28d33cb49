//! The contract on the disk. Everything that one part of feedbench writes and another reads later is defined here,
//! and nothing else is: no socket, no clock, no chart.
//!
//! - [`transport`]: the table of transports. Everything that loops over transports loops over [`Transport::ALL`].
//! - [`scenario`]: the values a cell is run with.
//! - [`histogram`]: a bounded HdrHistogram that counts what falls outside, and its text form.
//! - [`ledger`]: every byte by layer and direction.
//! - [`run`]: the record of one cell, the one file that every report is made from.
//! - [`agreement`]: do both ends of every connection, and the kernel, name the same number of bytes?
//! - [`shard`]: the parts of a cell that one pair of processes cannot hold; [`mod@merge`] makes one record of theirs.
//! - [`verdict`]: is the cell valid, and if not, for which reasons? [`mod@judge`] decides, [`mod@gates`] has
//!   every figure with its bound.
//! - [`capacity`]: cells that are steps of a search, and what it found.
//! - [`summary`]: the document that `--json` prints, computed from records.
//! - [`trace`]: one client with every byte explained.
//! - [`browsers`]: real browsers beside the load generator.
//! - [`schema`]: the JSON Schemas of the record and of the summary.

pub mod agreement;
pub mod browsers;
pub mod capacity;
pub mod gates;
pub mod histogram;
pub mod judge;
pub mod ledger;
pub mod merge;
pub mod run;
pub mod scenario;
pub mod schema;
pub mod shard;
pub mod summary;
pub mod trace;
pub mod transport;
pub mod verdict;

pub use histogram::Histogram;
pub use ledger::{Layer, Ledger, Way};
pub use run::Record;
pub use scenario::Scenario;
pub use shard::Shard;
pub use transport::Transport;
pub use verdict::{Class, Reason, Verdict, Workload};
