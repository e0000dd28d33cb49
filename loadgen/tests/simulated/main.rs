//! RFC 6202 as a program: what it says of latency is asserted here, exactly.
//!
//! Server and load generator run as they are over a simulated network, in simulated time: code takes none, and all that
//! travels takes one *transit*, d = 50 ms. Every instant is a whole millisecond, so a latency is a number and no
//! distribution around one, and the same run gives the same record. Nothing here waits for real time, and nothing depends
//! on the machine.
//!
//! | transport | latency of an event, in transits | where |
//! |---|---|---|
//! | streams, WebSocket | 1 | [`pushed`] |
//! | a stream that was just recycled | 1 to 3 | [`recycled`] |
//! | long polling | 1 to 3 | [`long_polling`] |
//! | polling at an interval T | uniform from 1 to 1 + T/d | [`polling`] |
//!
//! [`connecting`]: how a client comes and goes. [`outage`]: a network that holds everything back, or breaks.
//! [`repeatable`]: the same run twice. [`link`]: the distance that real runs are measured with is as far as this network.
//! [`simulation`] and [`network`]: how all this is run; [`outcome`]: what it is judged by.
#![allow(clippy::unwrap_used)]

mod connecting;
mod link;
mod long_polling;
mod network;
mod outage;
mod outcome;
mod polling;
mod pushed;
mod recycled;
mod repeatable;
mod simulation;
