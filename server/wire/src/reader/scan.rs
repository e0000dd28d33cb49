//! Finding a byte, sixteen at a time: most of what a reader looks at is payload that it only has to pass over.

/// The place of the first byte that is wanted.
pub(super) fn find(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    // No early exit within a block, so that the compiler can test its bytes all at once.
    let has_none = |block: &&[u8]| !block.iter().fold(false, |any, &b| any | wanted(b));
    let passed = 16 * bytes.chunks_exact(16).take_while(has_none).count();
    bytes[passed..].iter().position(|&b| wanted(b)).map(|n| passed + n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_wanted_byte_is_found_wherever_it_is(bytes in proptest::collection::vec(0_u8..40, 0..100)) {
            let wanted = |b: u8| b == 7 || b == 9;
            prop_assert_eq!(find(&bytes, wanted), bytes.iter().position(|&b| wanted(b)));
        }
    }
}
