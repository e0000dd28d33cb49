//! Finds the bytes that mean something in JSON, eight at a time within a machine word: there are too many of them, too close
//! to each other, for a search that is called for each.

/// The bytes of a word.
pub(super) const WORD: usize = size_of::<u64>();

/// Marks the quotes, backslashes, brackets and braces of a word, each by the highest bit of its byte: the first byte is the
/// lowest.
pub(super) fn structure(word: [u8; WORD]) -> u64 {
    let word = u64::from_le_bytes(word);
    // Brackets and braces differ in one bit.
    let folded = word | repeat(b'{' ^ b'[');
    equal(word, b'"') | equal(word, b'\\') | equal(folded, b'{') | equal(folded, b'}')
}

/// Marks the bytes of a word that equal `b`, and no others.
fn equal(word: u64, b: u8) -> u64 {
    const LOW: u64 = repeat(0x7f);
    let difference = word ^ repeat(b);
    !(((difference & LOW) + LOW) | difference | LOW)
}

const fn repeat(b: u8) -> u64 {
    u64::from_ne_bytes([b; WORD])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exactly_the_bytes_that_mean_something_are_marked(word in proptest::array::uniform8(prop_oneof![
            Just(b'"'), Just(b'\\'), Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), any::<u8>()
        ])) {
            let marks = structure(word);
            for (n, b) in word.into_iter().enumerate() {
                let expected = if br#""\{}[]"#.contains(&b) { 0x80 } else { 0 };
                prop_assert_eq!((marks >> (8 * n)) & 0xff, expected, "{} in {:?}", n, word);
            }
        }
    }
}
