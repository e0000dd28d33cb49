//! Script elements in a document that never ends, the "forever frame" (RFC 6202 section 3.1). Each element calls a
//! function of the page that holds the frame; the event text is its argument, because JSON is JavaScript.

use std::io::Write as _;

use crate::cursor::Cursor;

/// An empty comment: the parser swallows it.
pub const HEARTBEAT: &[u8] = b"<!---->\n";
/// What stands before the event text.
pub const EVENT_OPEN: &[u8] = b"<script>parent.f(";
/// What stands after it.
pub const EVENT_CLOSE: &[u8] = b")</script>\n";
/// What stands before the first element. Firefox runs no script of an unfinished document without a declared charset.
pub const DOCUMENT_OPEN: &[u8] = b"<!DOCTYPE html><meta charset=\"utf-8\"><title>feed</title>\n";
/// What stands before the position.
pub const POSITION_OPEN: &[u8] = b"<script>parent.position(\"";
/// What stands after it.
pub const POSITION_CLOSE: &[u8] = b"\")</script>\n";

/// The document's head, and an element that tells the page its position.
pub fn prologue(position: Cursor, out: &mut Vec<u8>) {
    out.extend_from_slice(DOCUMENT_OPEN);
    out.extend_from_slice(POSITION_OPEN);
    write!(out, "{position}").expect("writing to a Vec does not fail");
    out.extend_from_slice(POSITION_CLOSE);
}

/// One event, one element.
pub fn event(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(EVENT_OPEN);
    out.extend_from_slice(text);
    out.extend_from_slice(EVENT_CLOSE);
}
