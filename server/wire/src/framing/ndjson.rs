//! Newline-delimited JSON: one text a line. A blank line says nothing.

use crate::cursor::Cursor;

/// A blank line.
pub const HEARTBEAT: &[u8] = b"\n";

/// The first line names the client's position.
pub fn prologue(position: Cursor, out: &mut Vec<u8>) {
    event(super::position_text(position).as_bytes(), out);
}

/// One event, one line.
pub fn event(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(text);
    out.push(b'\n');
}
