//! The way there, on flate2. The level is its usual one, 6 of 9, which is also that of zlib.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::WINDOW_BITS;

/// The least window that zlib can make (a power of two; bytes).
pub(super) const WINDOW_MIN_BITS: u8 = 9;

/// Compresses what one connection says. It takes about 300 KiB, however much it has compressed.
#[derive(Debug)]
pub struct Compressor(Compress);

impl Compressor {
    /// A compressor that looks back at most 2 to the power of `window_bits` bytes, which is taken for at least 9 and at most
    /// 15.
    pub fn new(window_bits: u8) -> Compressor {
        let bits = window_bits.clamp(WINDOW_MIN_BITS, WINDOW_BITS);
        Compressor(Compress::new_with_window_bits(Compression::default(), false, bits))
    }

    /// Appends the next piece; it ends with [`super::FLUSH`]. Of no data there is nothing to append.
    pub fn push(&mut self, data: &[u8], out: &mut Vec<u8>) {
        if !data.is_empty() {
            run(&mut self.0, data, FlushCompress::Sync, out);
        }
    }
}

thread_local! {
    /// Made anew for every piece it would have to clear more memory than the piece has bytes.
    static ALONE: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), false));
}

/// Appends a piece that looks back at nothing before it; it ends with [`super::FLUSH`]. Of no data there is nothing to
/// append.
pub fn alone(data: &[u8], out: &mut Vec<u8>) {
    if !data.is_empty() {
        from_the_start(data, FlushCompress::Sync, out);
    }
}

/// Appends a whole stream.
pub(super) fn whole(data: &[u8], out: &mut Vec<u8>) {
    from_the_start(data, FlushCompress::Finish, out);
}

fn from_the_start(data: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    ALONE.with_borrow_mut(|compress| {
        compress.reset();
        run(compress, data, flush, out);
    });
}

fn run(compress: &mut Compress, mut data: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    loop {
        // More than any data grows by: asked to flush once more, zlib would write a second end (zlib.h, deflate).
        out.reserve(data.len() + data.len() / 256 + 64);
        let before = compress.total_in();
        let status = compress.compress_vec(data, out, flush).expect("there is nothing that cannot be compressed");
        data = &data[(compress.total_in() - before) as usize..];
        let has_room = out.len() < out.capacity();
        if status == Status::StreamEnd || (data.is_empty() && has_room && !matches!(flush, FlushCompress::Finish)) {
            return;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::deflate::{FLUSH, LAST_BLOCK};
    use flate2::{Decompress, FlushDecompress};
    use proptest::prelude::*;

    /// All of a stream.
    fn inflated(stream: &[u8], bytes: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes + 1);
        let status = Decompress::new(false).decompress_vec(stream, &mut out, FlushDecompress::Finish).unwrap();
        assert_eq!(status, Status::StreamEnd);
        out
    }

    proptest! {
        #[test]
        fn pieces_of_either_kind_follow_each_other_in_one_stream(
            pieces in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..2_000)), 0..6),
            window_bits in 9u8..=15,
        ) {
            let (mut stream, mut expected) = (Vec::new(), Vec::new());
            // One that goes on cannot know what stood alone between.
            let mut compressor = Compressor::new(window_bits);
            for (stands_alone, piece) in &pieces {
                if *stands_alone {
                    compressor = Compressor::new(window_bits);
                    alone(piece, &mut stream);
                } else {
                    compressor.push(piece, &mut stream);
                }
                prop_assert!(stream.ends_with(&FLUSH) || expected.is_empty() && piece.is_empty());
                expected.extend_from_slice(piece);
            }
            stream.extend_from_slice(&LAST_BLOCK);
            prop_assert_eq!(inflated(&stream, expected.len()), expected);
        }
    }

    #[test]
    fn what_was_said_before_makes_a_piece_shorter_and_one_alone_is_always_the_same() {
        let text = b"{\"seq\":         7,\"at\":   1723456789012,\"data\":\"some words\"}";
        let (mut compressor, mut first, mut second) = (Compressor::new(WINDOW_BITS), Vec::new(), Vec::new());
        compressor.push(text, &mut first);
        compressor.push(text, &mut second);
        assert!(second.len() < first.len() / 3, "{} after {}", second.len(), first.len());
        for _ in 0..2 {
            let mut again = Vec::new();
            alone(text, &mut again);
            assert_eq!(again, first);
        }
    }
}
