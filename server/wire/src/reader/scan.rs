//! Finds the bytes that mean something in JSON, or are no ASCII, eight at a time within a machine word: there are too many of them, too close
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

/// Are all bytes ASCII?
pub(super) fn is_ascii(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let words = words.iter().fold(0, |all, &word| all | u64::from_ne_bytes(word));
    let rest = rest.iter().fold(0, |all, b| all | b);
    words & repeat(0x80) == 0 && rest < 0x80
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
        fn one_byte_that_is_not_ascii_is_found(mut bytes in "[ -~]{0,40}".prop_map(String::into_bytes), at: prop::sample::Index, b: u8) {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = b;
            }
            prop_assert_eq!(is_ascii(&bytes), bytes.is_ascii());
        }

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
