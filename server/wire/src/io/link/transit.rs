//! What is in transit one way: bytes, each due at its instant, and perhaps the end behind them.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::one_way::{OneWay, PART_BYTES};

/// What may be in transit each way (bytes), the notes of when it is due included: a second of the largest feed that a
/// server may be set to, which is what its largest distance holds one way.
pub const IN_TRANSIT_MAX_BYTES: usize = 1 << 20;
/// What an empty way keeps of its room (bytes): a connection that is seldom used holds no more.
const KEPT_BYTES: usize = 4 << 10;

/// A way. What goes first arrives first.
#[derive(Debug)]
pub(super) struct Transit {
    one_way: OneWay,
    bytes: VecDeque<u8>,
    pieces: VecDeque<Piece>,
    /// When the end of the bytes is due.
    end: Option<Instant>,
    /// Nothing that comes now is due before.
    not_before: Instant,
}

/// Bytes that are due at one instant.
#[derive(Debug)]
struct Piece {
    start: Instant,
    due: Instant,
    bytes: usize,
}

impl Transit {
    /// A way on which nothing is due before this instant.
    pub(super) fn new(one_way: OneWay, not_before: Instant) -> Transit {
        Transit { one_way, bytes: VecDeque::new(), pieces: VecDeque::new(), end: None, not_before }
    }

    /// How long each piece takes.
    pub(super) fn one_way(&self) -> &OneWay {
        &self.one_way
    }

    /// May what comes `now` go past this way? It takes no time, and nothing is on it or has ended it.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.one_way.is_none() && self.is_clear(now)
    }

    /// Is nothing on it, and has nothing ended it?
    pub(super) fn is_clear(&self, now: Instant) -> bool {
        self.bytes.is_empty() && self.end.is_none() && self.not_before <= now
    }

    /// How many bytes it takes, each part of them with its note. Behind the end it takes none.
    pub(super) fn room(&self) -> usize {
        let notes = self.pieces.len() * size_of::<Piece>();
        let left = IN_TRANSIT_MAX_BYTES.saturating_sub(self.bytes.len() + notes);
        if self.has_ended() { 0 } else { left / (PART_BYTES + size_of::<Piece>()) * PART_BYTES }
    }

    /// The transit of one more piece, to be pushed.
    pub(super) fn next_transit(&mut self) -> Duration {
        self.one_way.next_transit()
    }

    /// Puts bytes on their way that start now and have this transit, as many as there is room for; says how many.
    pub(super) fn push<'a>(
        &mut self,
        bufs: impl IntoIterator<Item = &'a [u8]>,
        start: Instant,
        transit: Duration,
    ) -> usize {
        let room = self.room();
        let mut taken = 0;
        for buf in bufs {
            let n = buf.len().min(room - taken);
            self.bytes.extend(&buf[..n]);
            taken += n;
        }
        let mut left = taken;
        while left > 0 {
            let n = left.min(self.one_way.part_bytes());
            let due = self.one_way.leave(start, n) + transit;
            self.not_before = self.not_before.max(due);
            match self.pieces.back_mut() {
                Some(last) if last.due == self.not_before => last.bytes += n,
                _ => self.pieces.push_back(Piece { start, due: self.not_before, bytes: n }),
            }
            left -= n;
        }
        taken
    }

    /// Puts the end on its way, once.
    pub(super) fn push_end(&mut self, start: Instant) {
        if !self.has_ended() {
            let due = self.one_way.leave(start, 0) + self.next_transit();
            self.end = Some(self.not_before.max(due));
        }
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

    /// So many of the bytes that were due have arrived.
    pub(super) fn arrived(&mut self, n: usize) {
        self.bytes.drain(..n);
        let mut left = n;
        while let Some(piece) = self.pieces.front_mut().filter(|_| left > 0) {
            let taken = left.min(piece.bytes);
            piece.bytes -= taken;
            left -= taken;
            if piece.bytes == 0 {
                self.one_way.moved(piece.start, piece.due);
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
        (self.bytes, self.pieces, self.end) = (VecDeque::new(), VecDeque::new(), Some(self.not_before));
    }
}
