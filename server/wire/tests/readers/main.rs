//! The readers from outside: the round trip through every framing, the rules of the standards, and what no honest peer
//! sends.
#![allow(clippy::unwrap_used)]

mod chunked;
mod common;
mod frame;
mod framings;
mod head;
mod hostile;
mod message;
mod sse;
