//! Events as the answer of a poll holds them.

use bytes::Bytes;
use feedbench_wire::deflate::gzip;

/// A JSON array of events.
#[derive(Clone, Debug)]
pub struct Content {
    /// The array.
    pub bytes: Bytes,
    /// Are the bytes compressed?
    pub is_gzip: bool,
}

impl Content {
    /// No events. Compressed they would only grow.
    pub const NOTHING: Content = Content { bytes: Bytes::from_static(b"[]"), is_gzip: false };

    /// An array, compressed if `gzip` is wanted.
    pub(super) fn of(array: Vec<u8>, gzip: bool) -> Content {
        let bytes = if gzip { gzip::whole(&array) } else { array };
        Content { bytes: bytes.into(), is_gzip: gzip }
    }
}
