//! Bytes as people read them: sixteen in a line, as hexadecimal digits and as text.

/// Bytes in a line.
const LINE_BYTES: usize = 16;
/// The width of a full line of digits (characters).
pub(crate) const DIGITS_WIDTH: usize = 3 * LINE_BYTES - 1;
/// The width of a full line of text (characters).
pub(crate) const TEXT_WIDTH: usize = LINE_BYTES;

/// One line.
pub(crate) struct Line {
    /// Pairs of digits with a space between them.
    pub(crate) digits: String,
    /// A character for each byte: a dot for what is not printable ASCII.
    pub(crate) text: String,
}

/// The lines of a run of bytes.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Line> {
    bytes.chunks(LINE_BYTES).map(|line| Line { digits: digits(line), text: text(line) }).collect()
}

/// Pairs of hexadecimal digits with a space between them.
pub(crate) fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// A character for each byte.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| character(byte)).collect()
}

/// The byte as a character, a dot if it is not printable ASCII.
pub(crate) fn character(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_two_digits_and_one_character() {
        let lines = lines(&(0..=32).chain([0x7f, 0xff]).collect::<Vec<u8>>());
        assert_eq!(lines.iter().map(|line| line.text.len()).collect::<Vec<_>>(), [16, 16, 3]);
        assert_eq!((lines[0].digits.len(), lines[0].text.as_str()), (DIGITS_WIDTH, "................"));
        assert_eq!((lines[2].digits.as_str(), lines[2].text.as_str()), ("20 7f ff", " .."));
    }
}
