//! The real command, as its users see it, from what it refuses to what it leaves on the disk. One program for all these
//! tests, because most of each is waiting: they wait side by side. Those that need the machine for themselves have a program
//! each, beside this folder.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod bad_input;
mod browsers;
mod closed_workload;
mod compare;
mod compression;
mod connection_policy;
mod distance;
mod header_profiles;
mod lean_clients;
mod ledger;
mod liar;
mod lying_server;
mod page_style;
mod processes;
mod protocols;
mod real_run;
mod reduced_run;
mod report_options;
mod serve_and_load;
mod shards;
mod silence;
mod standard_input;
mod state;
mod sweeps;
mod tls;
mod trace;
