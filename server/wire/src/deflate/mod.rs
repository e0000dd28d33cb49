//! DEFLATE (RFC 1951) as HTTP and WebSocket carry it. What is said is flushed at once, so that it can be read at once: every
//! piece ends on a byte and with [`FLUSH`].
//!
//! - [`Compressor`]: what one connection says, each piece with what went before it. [`alone`]: a piece without it, which is
//!   the same for everybody and can stand anywhere in a stream.
//! - [`gzip`]: the format around it in HTTP (RFC 1952).
//! - [`permessage`]: the extension of WebSocket (RFC 7692). `extensions`: the grammar in which it is agreed on.

mod compressor;
mod extensions;
pub mod gzip;
pub mod permessage;

pub use compressor::{Compressor, alone};

/// What ends every piece: an empty block without compression (RFC 1951 section 3.2.4).
pub const FLUSH: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// An empty block that is the last one of its stream (RFC 1951 section 3.2.6).
pub const LAST_BLOCK: [u8; 2] = [0x03, 0x00];
/// The window of a stream whose ends have agreed on nothing else, as a power of two (bytes; RFC 1951 section 2).
pub const WINDOW_BITS: u8 = 15;
