//! Compression at the level of bytes: the examples of the standards, every split, and what no honest peer sends.
#![allow(clippy::unwrap_used)]

mod gzip;
mod negotiation;
mod permessage;
