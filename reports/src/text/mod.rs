//! Every text of a report for people, in each language: one file for each area.

pub(crate) mod charts_bars;
pub(crate) mod charts_sweep;
pub(crate) mod common;
pub(crate) mod quantum_leap;
