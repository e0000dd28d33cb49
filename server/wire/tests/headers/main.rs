//! The built-in header profiles against what real browsers sent (`*.txt`: captured heads, each after a line with its name
//! and length), and the profile text's rules.
#![allow(clippy::unwrap_used)]

mod captures;
mod rules;
