//! The system under test: one event feed behind every transport.
//!
//! ```text
//! source -> publisher -> feed -> fan-out -> socket              streams, WebSocket, held requests
//!                            \-> exchange -> connection -> socket  everything else
//! ```
//!
//! - [`feed`]: topics, each a bounded history of events with a cursor.
//! - [`source`], [`schedule`], [`publisher`]: what is published, when, and by whom.
//! - [`transport`]: the transports, one file each: when to read the feed, and how to frame it.
//! - [`fan_out`]: owns every pushed connection past its head, and writes to all of them.
//! - [`exchange`], [`answer`]: from a request to its answer. [`admin`] and [`publish`] are the other endpoints.
//! - [`classroom`]: the page in a browser, and what it needs beside the feed.
//! - [`exit`]: where a connection, or a stream of [`h2`], leaves HTTP for the fan-out; [`side`]: what is written to there.
//! - [`connection`], [`peer`], [`ledger`]: from the accepted socket to the account of its bytes.
//! - [`server`]: a listener and its connections. [`serve()`] and [`child`] run one: for people, and for a cell.

pub mod admin;
pub mod answer;
pub mod child;
pub mod classroom;
pub mod connection;
pub mod exchange;
pub mod exit;
pub mod fan_out;
pub mod feed;
pub mod h2;
pub mod ledger;
pub mod peer;
pub mod publish;
pub mod publisher;
mod runtime;
pub mod schedule;
pub mod serve;
pub mod server;
pub mod side;
pub mod site;
pub mod source;
pub mod transport;

pub use serve::{ServeOptions, serve};
pub use server::{Config, Server};
