//! The contract on the socket, and on the pipes between the command and its children: what both sides must agree on,
//! and nothing that only one of them needs.
//!
//! - [`event`] and [`cursor`]: what travels, and a place in the feed.
//! - [`path`]: the endpoints and their parameters.
//! - [`headers`]: which header fields a client and a server send, in which order and case.
//! - [`framing`]: how events are wrapped, one file for each framing.
//! - [`h2`]: frames and header compression of HTTP/2.
//! - [`deflate`]: what is compressed, in HTTP and in WebSocket.
//! - [`reader`]: the way back, as machines without I/O: bytes in, pieces out, split wherever the network likes.
//! - [`ledger`]: what each byte of a connection is for.
//! - [`io`]: the I/O stack that every connection runs through, at both ends: socket, Counted, Link, Tap.
//! - [`clock`]: the one clock. [`loop_lag`]: how late a runtime is by it. [`reading`]: what a process has used up.
//! - [`control`]: the orders and answers on the pipes.
//! - [`sys`]: system calls, one small module each.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "feedbench measures with Linux's own counters (TCP_INFO, /proc, one CLOCK_MONOTONIC for all processes) and runs on \
     Linux only; WSL2 or a virtual machine with Linux works"
);

pub mod clock;
pub mod control;
pub mod cursor;
pub mod deflate;
pub mod event;
pub mod framing;
pub mod h2;
pub mod headers;
pub mod io;
pub mod ledger;
pub mod loop_lag;
pub mod path;
pub mod reader;
pub mod reading;
pub mod sys;

pub use clock::Clock;
pub use cursor::Cursor;
pub use framing::Framing;
pub use reading::Reading;
