//! The numbers of SETTINGS (RFC 9113 section 6.5.2), and the limits of flow control that they speak of.

/// The table of the peer's HPACK encoder (bytes).
pub const HEADER_TABLE_SIZE: u16 = 0x1;
/// May answers be pushed?
pub const ENABLE_PUSH: u16 = 0x2;
/// How many requests may be open at a time.
pub const MAX_CONCURRENT_STREAMS: u16 = 0x3;
/// What may come on a stream that was just begun (bytes).
pub const INITIAL_WINDOW_SIZE: u16 = 0x4;
/// The longest payload of a frame (bytes).
pub const MAX_FRAME_SIZE: u16 = 0x5;
/// The largest list of fields (bytes, as section 6.5.2 counts them).
pub const MAX_HEADER_LIST_SIZE: u16 = 0x6;
/// Is extended CONNECT taken (RFC 8441 section 3)?
pub const ENABLE_CONNECT_PROTOCOL: u16 = 0x8;

/// The window of a connection, and of a stream unless its receiver says otherwise (bytes; RFC 9113 section 6.9.2).
pub const WINDOW_BYTES: u32 = 65_535;
/// The largest window (bytes; RFC 9113 section 6.9.1).
pub const WINDOW_MAX_BYTES: u32 = (1 << 31) - 1;
