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

    /// An array as it is.
    pub(super) fn plain(array: Bytes) -> Content {
        Content { bytes: array, is_gzip: false }
    }

    /// An array in gzip.
    pub(super) fn zipped(array: &[u8]) -> Content {
        Content { bytes: gzip::whole(array).into(), is_gzip: true }
    }
}
