//! The load generator: thousands of clients over one transport at a time.
//!
//! Start reading at `transport`: one file for each transport, as a page in a browser would do it. Around it:
//!
//! - [`cell`]: one cell from the first connection to the last byte, along its phases.
//! - [`child`]: a cell in a process of its own, driven over its pipes.
//! - `worker`: one thread with its share of the clients. `shared`: what those clients share.
//! - `session`: all that a transport may do: open, wait for the next poll, deliver, advance the cursor.
//! - [`sources`], `connect`, `tls`, `wake`: a socket from the right source address, inside TLS if need be, which notes when
//!   it is woken to read.
//! - `fault`: how a connection ended, and what may have gone wrong with it.
//! - `requests`: what every request of a cell says, by the header profile.
//! - `coding`: the content of an answer, compressed or not.
//! - `http`: an HTTP/1.1 connection that runs in its client's task. `h2`: HTTP/2 connections, which clients may share.
//! - `line`: what a client speaks over, whichever of the two it is.
//! - `lean`: the same transports once more, on a bare socket, for numbers of clients at which a library's objects would
//!   be most of what is measured. `scratch`: the buffer that the clients of a worker read into.
//! - `poll_grid`: when a client polls. [`sequence`]: what a client has seen. [`recorder`]: what a worker counts.
//! - [`simulated`]: the same clients in a simulated network, where time is simulated, too.
//! - [`probe`]: what the target is, before thousands of clients ask it.
//! - `dialect`: where the target's endpoints are.
//!
//! Architecture invariant: nothing outside `transport` and `lean` names a transport, and nothing inside them reaches a clock, a
//! histogram or a counter.

pub mod cell;
pub mod child;
mod coding;
mod connect;
mod dialect;
mod fault;
mod h2;
mod http;
mod lean;
mod line;
mod poll_grid;
pub mod probe;
pub mod recorder;
mod requests;
mod scratch;
pub mod sequence;
mod session;
mod shared;
pub mod simulated;
pub mod sources;
mod tls;
mod transport;
mod wake;
mod worker;
