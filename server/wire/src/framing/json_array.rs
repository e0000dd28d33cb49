//! The answer of a poll: a JSON array of event texts, `[]` when there is nothing (RFC 8259 section 5).

/// Appends the array.
pub fn encode<'t>(texts: impl IntoIterator<Item = &'t [u8]>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(text);
    }
    out.push(b']');
}
