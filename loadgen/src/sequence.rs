//! What one client has seen of its topic: tells a new event from one that comes again and one that comes late.

use std::ops::Range;

/// How many separate gaps are remembered. Beyond it the oldest is forgotten, and an event that still comes out of it
/// counts as duplicated instead of reordered.
const GAPS_MAX: usize = 64;

/// What an event is to its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Newer than everything before.
    New,
    /// Missed so far: it comes after a later one.
    Late,
    /// Already seen, or from before the client's position.
    Again,
}

/// The sequence numbers of one client.
#[derive(Debug, Default)]
pub struct Sequence {
    last: Option<u64>,
    /// Only where something is missing.
    gaps: Option<Box<Gaps>>,
}

/// What is missing, in pieces.
#[derive(Debug, Default)]
struct Gaps(Vec<Range<u64>>);

impl Sequence {
    /// The client stands after `seq`: what comes next is `seq + 1`.
    pub fn begin(&mut self, seq: u64) {
        self.last = Some(seq);
        self.gaps = None;
    }

    /// The highest sequence number so far.
    pub(crate) fn last(&self) -> Option<u64> {
        self.last
    }

    /// Takes in an event, and says how many before it are missing for the first time.
    pub(crate) fn see(&mut self, seq: u64) -> (Seen, u64) {
        let Some(last) = self.last else {
            self.last = Some(seq);
            return (Seen::New, 0);
        };
        if seq > last {
            let gap = last + 1..seq;
            let missing = gap.end - gap.start;
            if missing > 0 {
                self.gaps.get_or_insert_default().remember(gap);
            }
            self.last = Some(seq);
            return (Seen::New, missing);
        }
        let late = self.gaps.as_mut().is_some_and(|gaps| gaps.fill(seq));
        (if late { Seen::Late } else { Seen::Again }, 0)
    }
}

impl Gaps {
    fn remember(&mut self, gap: Range<u64>) {
        if self.0.len() == GAPS_MAX {
            self.0.remove(0);
        }
        self.0.push(gap);
    }

    /// Was the event missing? It is no more.
    fn fill(&mut self, seq: u64) -> bool {
        let Some(index) = self.0.iter().position(|gap| gap.contains(&seq)) else { return false };
        let gap = self.0.remove(index);
        let rest = [gap.start..seq, seq + 1..gap.end];
        rest.into_iter().filter(|part| !part.is_empty()).for_each(|part| self.remember(part));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fates(begin: u64, seqs: &[u64]) -> Vec<Seen> {
        let mut sequence = Sequence::default();
        sequence.begin(begin);
        seqs.iter().map(|&seq| sequence.see(seq).0).collect()
    }

    #[test]
    fn a_late_event_is_told_from_one_that_comes_again() {
        use Seen::{Again, Late, New};
        assert_eq!(fates(0, &[1, 2, 5, 3, 3, 4, 5, 6]), [New, New, New, Late, Again, Late, Again, New]);
    }

    #[test]
    fn an_event_from_before_the_position_was_not_asked_for() {
        assert_eq!(fates(10, &[10, 11]), [Seen::Again, Seen::New]);
    }

    #[test]
    fn a_gap_is_counted_once_however_large() {
        let mut sequence = Sequence::default();
        sequence.begin(0);
        assert_eq!(sequence.see(u64::MAX), (Seen::New, u64::MAX - 1));
        assert_eq!(sequence.see(u64::MAX), (Seen::Again, 0));
    }

    proptest! {
        #[test]
        fn any_order_of_events_with_repeats_accounts_for_each(seqs in proptest::collection::vec(1u64..40, 1..100)) {
            let mut sequence = Sequence::default();
            sequence.begin(0);
            let mut skipped = 0i64;
            let (mut fresh, mut again) = (0usize, 0usize);
            for &seq in &seqs {
                let (seen, missing) = sequence.see(seq);
                skipped += missing as i64;
                match seen {
                    Seen::New => fresh += 1,
                    Seen::Late => { fresh += 1; skipped -= 1; }
                    Seen::Again => again += 1,
                }
            }
            let distinct: std::collections::BTreeSet<_> = seqs.iter().collect();
            prop_assert_eq!(fresh, distinct.len());
            prop_assert_eq!(again, seqs.len() - distinct.len());
            let highest = **distinct.last().expect("at least one");
            prop_assert_eq!(skipped, highest as i64 - distinct.len() as i64);
        }
    }
}
