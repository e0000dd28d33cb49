//! HTTP/2's own parts (RFC 9113), as machines without I/O: bytes in, pieces out, split wherever the network likes.
//!
//! - [`frame`]: the frames that a connection is cut into (RFC 9113 section 4).
//! - [`hpack`]: how HTTP/2 writes header fields, and how it leaves out what it said before (RFC 7541).
//! - [`settings`]: the numbers by which each end says how it wants to be spoken to (RFC 9113 section 6.5).
//!
//! Which fields a request has on HTTP/2 is a matter of [`headers`](crate::headers).

pub mod frame;
pub mod hpack;
pub mod settings;
