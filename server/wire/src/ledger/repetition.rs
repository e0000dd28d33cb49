//! How much of a poll's head the poll before it had said already, line by line.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use feedbench_record::ledger::{Repetition, Way};

use super::wide;

/// The last poll's heads on a connection. Only a hash of each line is kept: a head can have a kilobyte, and a load
/// generator has thousands of connections.
#[derive(Debug, Default)]
pub(super) struct Heads {
    request: Vec<u64>,
    answer: Vec<u64>,
}

impl Heads {
    /// Compares a head with the one before it in its direction; `None` for the first.
    pub(super) fn compare(&mut self, way: Way, head: &[u8]) -> Option<Repetition> {
        let before = match way {
            Way::Up => &mut self.request,
            Way::Down => &mut self.answer,
        };
        let lines = || head.split_inclusive(|&b| b == b'\n').map(|line| (hash(line), wide(line.len())));
        let repetition = (!before.is_empty()).then(|| Repetition {
            heads: wide(head.len()),
            identical: lines().filter(|(line, _)| before.contains(line)).map(|(_, bytes)| bytes).sum(),
        });
        before.clear();
        before.extend(lines().map(|(line, _)| line));
        repetition
    }
}

fn hash(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_changed_are_not_identical() {
        let mut heads = Heads::default();
        let first = b"GET /polling?cursor=a3f2-7 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
        let second = b"GET /polling?cursor=a3f2-8 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
        assert_eq!(heads.compare(Way::Up, first), None);
        assert_eq!(heads.compare(Way::Down, b"HTTP/1.1 200 OK\r\n\r\n"), None, "the other direction has its own");
        assert_eq!(heads.compare(Way::Up, second), Some(Repetition { heads: 61, identical: 61 - 37 }));
        assert_eq!(heads.compare(Way::Up, second), Some(Repetition { heads: 61, identical: 61 }));
    }
}
