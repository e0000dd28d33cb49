//! Chunks of a body whose length nobody knows yet (RFC 9112 section 7.1). [`crate::reader::chunked`] is the way back.

/// What ends such a body: the last chunk, without trailers.
pub const LAST: &[u8] = b"0\r\n\r\n";

/// Appends one chunk. `data` is not empty: an empty chunk would be the last one.
pub fn encode(data: &[u8], out: &mut Vec<u8>) {
    debug_assert!(!data.is_empty());
    out.extend_from_slice(format!("{:X}\r\n", data.len()).as_bytes());
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::chunked::{Part, Reader};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_in_chunks_is_read_back(data in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..5)) {
            let mut wire = Vec::new();
            data.iter().for_each(|piece| encode(piece, &mut wire));
            wire.extend_from_slice(LAST);
            let (mut input, mut reader, mut read) = (wire.as_slice(), Reader::default(), Vec::new());
            while let Some(part) = reader.next(&mut input).expect("well-formed chunks") {
                if let Part::Data(bytes) = part {
                    read.extend_from_slice(bytes);
                }
            }
            prop_assert_eq!(read, data.concat());
            prop_assert!(reader.has_ended() && input.is_empty());
        }
    }
}
