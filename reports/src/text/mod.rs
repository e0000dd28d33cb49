//! Every text of a report for people, in each language: one file for each area.

pub(crate) mod browsers;
pub(crate) mod charts_bars;
pub(crate) mod charts_lines;
pub(crate) mod charts_sweep;
pub(crate) mod columns;
pub(crate) mod common;
pub(crate) mod compare;
pub(crate) mod conditions;
pub(crate) mod export;
pub(crate) mod gates;
pub(crate) mod page;
pub(crate) mod protocols;
pub(crate) mod quantum_leap;
pub(crate) mod ratios;
pub(crate) mod reasons;
pub(crate) mod summary;
pub(crate) mod theory;
pub(crate) mod words;
