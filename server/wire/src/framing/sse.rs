//! Server-sent events (HTML Living Standard section 9.2.5): fields in lines, a blank line ends an event.

use std::io::Write as _;

use crate::cursor::Cursor;

/// A comment.
pub const HEARTBEAT: &[u8] = b":\n\n";
/// How long a browser waits before it comes back (ms).
pub const RETRY_MS: u32 = 1_000;

/// The reconnection time, and an id without data: the browser fires no event but remembers the id, and sends it as
/// `Last-Event-ID` when it comes back.
pub fn prologue(position: Cursor, out: &mut Vec<u8>) {
    write!(out, "retry: {RETRY_MS}\nid: {position}\n\n").expect("writing to a Vec does not fail");
}

/// One event with its cursor as id.
pub fn event(cursor: Cursor, text: &[u8], out: &mut Vec<u8>) {
    write!(out, "id: {cursor}\ndata: ").expect("writing to a Vec does not fail");
    out.extend_from_slice(text);
    out.extend_from_slice(b"\n\n");
}
