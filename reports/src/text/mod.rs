//! Every text of a report for people, in each language: one file for each area.

pub(crate) mod common;
pub(crate) mod compare;
pub(crate) mod conditions;
pub(crate) mod words;
