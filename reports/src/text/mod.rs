//! Every text of a report for people, in each language: one file for each area.

pub(crate) mod common;
pub(crate) mod gates;
pub(crate) mod page;
pub(crate) mod ratios;
pub(crate) mod reasons;
