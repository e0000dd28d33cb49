//! What is in transit one way: bytes, each due at its instant, and perhaps the end behind them.

use std::collections::VecDeque;

use tokio::time::Instant;

/// What may be in transit each way (bytes), the notes of when it is due included: a second of the largest feed that a
/// server may be set to, which is what its largest distance holds one way.
pub const IN_TRANSIT_MAX_BYTES: usize = 1 << 20;
/// What an empty way keeps of its room (bytes): a connection that is seldom used holds no more.
const KEPT_BYTES: usize = 4 << 10;

/// A way. What goes first arrives first.
#[derive(Debug)]
pub(super) struct Transit {
    bytes: VecDeque<u8>,
    pieces: VecDeque<Piece>,
    /// When the end of the bytes is due.
    end: Option<Instant>,
    /// Nothing that comes now is due before.
    not_before: Instant,
}

#[derive(Debug)]
struct Piece {
    due: Instant,
    bytes: usize,
}

impl Transit {
    /// A way on which nothing is due before this instant.
    pub(super) fn new(not_before: Instant) -> Transit {
        Transit { bytes: VecDeque::new(), pieces: VecDeque::new(), end: None, not_before }
    }

    /// May what comes `now` go past this way, if it takes no time? Nothing is on it or has ended it.
    pub(super) fn is_clear(&self, now: Instant) -> bool {
        self.bytes.is_empty() && self.end.is_none() && self.not_before <= now
    }

    /// How many bytes it takes as one more piece.
    pub(super) fn room(&self) -> usize {
        let notes = (self.pieces.len() + 1) * size_of::<Piece>();
        IN_TRANSIT_MAX_BYTES.saturating_sub(self.bytes.len() + notes)
    }

    /// Puts bytes on their way, as many as there is room for; says how many. Behind the end there is none.
    pub(super) fn push(&mut self, bytes: &[u8], due: Instant) -> usize {
        let n = if self.has_ended() { 0 } else { bytes.len().min(self.room()) };
        if n == 0 {
            return 0;
        }
        self.not_before = self.not_before.max(due);
        self.bytes.extend(&bytes[..n]);
        match self.pieces.back_mut() {
            Some(last) if last.due == self.not_before => last.bytes += n,
            _ => self.pieces.push_back(Piece { due: self.not_before, bytes: n }),
        }
        n
    }

    /// Puts the end on its way, once.
    pub(super) fn push_end(&mut self, due: Instant) {
        self.end.get_or_insert(self.not_before.max(due));
    }

    /// Is the end on its way, or past?
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// When the next piece or the end is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.pieces.front().map(|piece| piece.due).or(self.end)
    }

    /// The next bytes, if they are due; not always all of those that are.
    pub(super) fn due(&self, now: Instant) -> &[u8] {
        let due = self.pieces.iter().take_while(|piece| piece.due <= now).map(|piece| piece.bytes).sum();
        let (first, _) = self.bytes.as_slices();
        &first[..first.len().min(due)]
    }

    /// Is the end due, and nothing ahead of it?
    pub(super) fn end_is_due(&self, now: Instant) -> bool {
        self.bytes.is_empty() && self.end.is_some_and(|end| end <= now)
    }

    /// So many of the bytes that were due have arrived; `moved` hears of each piece that now has, and when it was due.
    pub(super) fn arrived(&mut self, n: usize, mut moved: impl FnMut(Instant)) {
        self.bytes.drain(..n);
        let mut left = n;
        while let Some(piece) = self.pieces.front_mut().filter(|_| left > 0) {
            let taken = left.min(piece.bytes);
            piece.bytes -= taken;
            left -= taken;
            if piece.bytes == 0 {
                moved(piece.due);
                self.pieces.pop_front();
            }
        }
        if self.bytes.is_empty() {
            self.bytes.shrink_to(KEPT_BYTES);
            self.pieces.shrink_to(KEPT_BYTES / size_of::<Piece>());
        }
    }

    /// Gives up what is on the way, and ends it.
    pub(super) fn cut(&mut self) {
        *self = Transit { end: Some(self.not_before), ..Transit::new(self.not_before) };
    }
}
