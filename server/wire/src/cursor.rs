//! A place in the feed, `EPOCH-SEQ`: one form in query strings, response heads, SSE ids and prologues.

use std::fmt;
use std::str::FromStr;

/// The last event that a client has, of which life of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Drawn when the server starts: four hexadecimal digits.
    pub epoch: u16,
    /// The last sequence number the client has; 0 before the first event.
    pub seq: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}-{}", self.epoch, self.seq)
    }
}

/// A text that is no cursor.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is four hexadecimal digits, a hyphen and a number, as in a3f2-12")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, seq) = text.split_once('-').ok_or(NotACursor)?;
        let plain = epoch.len() == 4
            && epoch.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && !seq.is_empty()
            && seq.bytes().all(|b| b.is_ascii_digit());
        if !plain {
            return Err(NotACursor);
        }
        let epoch = u16::from_str_radix(epoch, 16).map_err(|_| NotACursor)?;
        let seq = seq.parse().map_err(|_| NotACursor)?;
        Ok(Cursor { epoch, seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in
            ["", "-", "a3f2", "a3f2-", "-12", "a3f-12", "a3f2-+1", "a3f2-1 ", "A3F2-1", "a3f2-99999999999999999999"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back_as_it_was_written(epoch: u16, seq: u64) {
            let cursor = Cursor { epoch, seq };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            let _ = text.parse::<Cursor>();
        }
    }
}
