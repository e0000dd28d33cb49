//! What a WebSocket frame adds to its payload.

/// The length of a frame's header (RFC 6455 section 5.2): two bytes, the extended length, and the masking-key of a client.
pub(crate) fn header_bytes(payload: u64, masked: bool) -> u64 {
    let extended = match payload {
        0..126 => 0,
        126..65_536 => 2,
        _ => 8,
    };
    2 + extended + if masked { 4 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::header_bytes;

    #[test]
    fn a_header_grows_where_the_length_needs_more_bytes() {
        let server = [0, 125, 126, 65_535, 65_536].map(|payload| header_bytes(payload, false));
        assert_eq!(server, [2, 2, 4, 4, 10]);
        assert_eq!([125, 126, 65_536].map(|payload| header_bytes(payload, true)), [6, 8, 14]);
    }
}
