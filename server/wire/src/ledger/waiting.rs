//! Requests that wait for their answers. Seldom is there more than one: it has its place without memory of its own.

use std::collections::VecDeque;

use super::asked::Asked;

/// Requests without a whole answer, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    oldest: Option<Asked>,
    /// Those after it; never without it, and never empty.
    #[expect(clippy::box_collection, reason = "seldom any, and a queue without elements is as large as one with them")]
    later: Option<Box<VecDeque<Asked>>>,
}

impl Waiting {
    /// The one whose answer comes first.
    pub(super) fn oldest(&self) -> Option<Asked> {
        self.oldest
    }

    /// The one that was asked last.
    pub(super) fn newest_mut(&mut self) -> Option<&mut Asked> {
        match &mut self.later {
            Some(later) => later.back_mut(),
            None => self.oldest.as_mut(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::from(self.oldest.is_some()) + self.later.as_ref().map_or(0, |later| later.len())
    }

    /// Adds the next one.
    pub(super) fn push(&mut self, asked: Asked) {
        match self.oldest {
            None => self.oldest = Some(asked),
            Some(_) => self.later.get_or_insert_default().push_back(asked),
        }
    }

    /// Takes the oldest one, whose answer is over.
    pub(super) fn pop(&mut self) -> Option<Asked> {
        let popped = self.oldest.take();
        self.oldest = self.later.as_mut().and_then(|later| later.pop_front());
        self.later.take_if(|later| later.is_empty());
        popped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::asked::About;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_waits_is_a_queue(steps in proptest::collection::vec(any::<bool>(), 0..40)) {
            let (mut waiting, mut queue) = (Waiting::default(), VecDeque::new());
            for (up, push) in (0u64..).zip(steps) {
                if push {
                    waiting.push(Asked { about: About::Admin, opening: false, is_head: false, up });
                    queue.push_back(up);
                } else {
                    prop_assert_eq!(waiting.pop().map(|asked| asked.up), queue.pop_front());
                }
                prop_assert_eq!(waiting.len(), queue.len());
                prop_assert_eq!(waiting.oldest().map(|asked| asked.up), queue.front().copied());
                prop_assert_eq!(waiting.newest_mut().map(|asked| asked.up), queue.back().copied());
            }
        }
    }
}
