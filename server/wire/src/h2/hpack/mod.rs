//! HPACK, the header compression of HTTP/2 (RFC 7541). Both ends keep a table of the fields that were said before, one
//! for each direction; what is in it again costs a byte or two.
//!
//! - [`Decoder`], [`Encoder`]: field blocks in and out. [`Indexing`]: what an encoder puts into the table.
//! - `table`: the two tables, and one numbering for both. `integer`, `huffman`: how numbers and texts are written.

mod decoder;
mod encoder;
mod huffman;
mod integer;
mod static_table;
mod table;

pub use decoder::{Decoder, LIST_MAX_BYTES};
pub use encoder::{Encoder, Indexing};

/// The size of a table unless the decoder's side says another (bytes; RFC 9113 section 6.5.2).
pub const TABLE_BYTES: u32 = 4_096;

/// The largest table that a client of ours allows, and so the largest that the ledger follows (bytes): what browsers
/// allow.
pub const TABLE_MAX_BYTES: u32 = 64 * 1024;

/// What a field counts for beside its texts, in a table and in the limit of a list (bytes; RFC 7541 section 4.1).
pub const FIELD_OVERHEAD_BYTES: usize = 32;

/// How many bytes a field counts for, in a table and in the limit of a list (RFC 7541 section 4.1).
pub fn field_bytes(name: &[u8], value: &[u8]) -> usize {
    name.len() + value.len() + FIELD_OVERHEAD_BYTES
}

/// Bytes that are no field block. It is an error of the whole connection (RFC 9113 section 4.3): the decoder is of no
/// more use after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HpackError {
    /// The block ends within a field.
    #[error("a field block that ends within a field")]
    Truncated,
    /// A number of 2^32 or more.
    #[error("a number that is too large in a field block")]
    Integer,
    /// A place that neither of the tables has.
    #[error("no field at place {0} of the HPACK tables")]
    Index(u32),
    /// A text that is not in the Huffman code.
    #[error("a text that is not in HPACK's Huffman code")]
    Huffman,
    /// A new size of the table above the one allowed, or not at the beginning of a block.
    #[error("a change of the HPACK table's size that is not allowed")]
    TableSize,
    /// More fields than [`LIST_MAX_BYTES`].
    #[error("a list of header fields above {LIST_MAX_BYTES} bytes")]
    ListTooLong,
}
