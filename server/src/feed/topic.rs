//! One topic: a bounded history of events, and the clients that wait for the next one.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::Cursor;
use feedbench_wire::event::Data;
use tokio::sync::Notify;

use super::batch::{Batch, Limits};
use super::event::SharedEvent;

/// How much history a topic keeps. What comes first, forgets the oldest event.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Events, at least one.
    pub events: usize,
    /// Bytes of event text.
    pub bytes: usize,
}

/// A topic of the feed.
#[derive(Debug)]
pub struct Topic {
    epoch: u16,
    kept: Kept,
    history: RwLock<History>,
    /// Wakes everyone who waits, after the history has changed.
    news: Notify,
}

#[derive(Debug, Default)]
struct History {
    events: VecDeque<Arc<SharedEvent>>,
    bytes: usize,
    newest: u64,
    ended: bool,
}

/// A cursor beyond the newest event of the same epoch: no server gave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor {cursor} lies beyond the newest event, {newest}")]
pub struct CursorAhead {
    /// What the client sent.
    pub cursor: Cursor,
    /// The newest sequence number.
    pub newest: u64,
}

/// Why an event was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// The feed has ended.
    #[error("the feed has ended")]
    Ended,
    /// The event text would be too long.
    #[error("the event text would have {0} bytes; {PAYLOAD_MAX_BYTES} are the most")]
    TooLong(usize),
}

/// What a wait brought.
#[derive(Debug)]
pub enum Next {
    /// At least one event.
    Events(Batch),
    /// Nothing is left, and nothing will come.
    Ended,
}

impl Topic {
    /// A topic without events.
    pub fn new(epoch: u16, kept: Kept) -> Topic {
        Topic { epoch, kept, history: RwLock::default(), news: Notify::new() }
    }

    /// Appends an event and wakes everyone who waits for it. Returns the cursor that it ends at.
    ///
    /// # Errors
    /// When the feed has ended, or the event text would be longer than [`PAYLOAD_MAX_BYTES`].
    pub fn publish(&self, at_us: u64, data: Data<'_>) -> Result<Cursor, NotPublished> {
        let cursor = self.write().push(self.epoch, at_us, data, self.kept)?;
        self.news.notify_waiters();
        Ok(cursor)
    }

    /// What was published after `cursor`, within `limits`. Never waits.
    ///
    /// Without a cursor: from the newest event on, so nothing, and the position. Older than the history: from the
    /// oldest event kept; the batch says how many were overwritten. Another epoch: from the oldest event kept.
    ///
    /// # Errors
    /// When the cursor lies beyond the newest event.
    pub fn read_after(&self, cursor: Option<Cursor>, limits: Limits) -> Result<Batch, CursorAhead> {
        let history = self.read();
        let after = history.resolve(self.epoch, cursor)?;
        Ok(history.after(self.epoch, after, limits))
    }

    /// The position of a client that sends this cursor, by the same rules.
    ///
    /// # Errors
    /// When the cursor lies beyond the newest event.
    pub fn position(&self, cursor: Option<Cursor>) -> Result<Cursor, CursorAhead> {
        Ok(Cursor { epoch: self.epoch, seq: self.read().resolve(self.epoch, cursor)? })
    }

    /// Waits until something was published after `cursor`, and gives it like [`Topic::read_after`]. May be dropped at
    /// any moment: nothing is lost.
    ///
    /// # Errors
    /// When the cursor lies beyond the newest event.
    pub async fn next_after(&self, cursor: Option<Cursor>, limits: Limits) -> Result<Next, CursorAhead> {
        let mut cursor = cursor;
        loop {
            // Before the look: what is published between the look and the wait wakes this one too.
            let news = self.news.notified();
            {
                let history = self.read();
                let after = history.resolve(self.epoch, cursor)?;
                let batch = history.after(self.epoch, after, limits);
                if !batch.events.is_empty() {
                    return Ok(Next::Events(batch));
                }
                if history.ended {
                    return Ok(Next::Ended);
                }
                cursor = Some(batch.cursor);
            }
            news.await;
        }
    }

    /// The newest position.
    pub fn newest(&self) -> Cursor {
        Cursor { epoch: self.epoch, seq: self.read().newest }
    }

    /// How many events have an intended instant of at least `from_us` and below `to_us`; `None` when the history may
    /// have lost some of them.
    pub fn published_in(&self, from_us: u64, to_us: u64) -> Option<u64> {
        let history = self.read();
        let complete = history.overwritten() == 0 || history.events.front().is_some_and(|e| e.at_us() < from_us);
        complete.then(|| history.events.iter().filter(|e| (from_us..to_us).contains(&e.at_us())).count() as u64)
    }

    /// Nothing comes after this: everyone who waits gets what is left, and then the end.
    pub(super) fn end(&self) {
        self.write().ended = true;
        self.news.notify_waiters();
    }

    // No code that holds the lock can panic half-way through a change, so a poisoned lock guards a whole history.
    fn read(&self) -> RwLockReadGuard<'_, History> {
        self.history.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, History> {
        self.history.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    fn push(&mut self, epoch: u16, at_us: u64, data: Data<'_>, kept: Kept) -> Result<Cursor, NotPublished> {
        if self.ended {
            return Err(NotPublished::Ended);
        }
        let cursor = Cursor { epoch, seq: self.newest + 1 };
        let event = SharedEvent::new(cursor, at_us, data);
        let length = event.text().len();
        if length > PAYLOAD_MAX_BYTES as usize {
            return Err(NotPublished::TooLong(length));
        }
        self.newest = cursor.seq;
        self.bytes += length;
        self.events.push_back(Arc::new(event));
        while self.events.len() > 1 && (self.events.len() > kept.events || self.bytes > kept.bytes) {
            let oldest = self.events.pop_front();
            self.bytes -= oldest.map_or(0, |event| event.text().len());
        }
        Ok(cursor)
    }

    /// The sequence number of the newest event that is no longer kept; 0 when all are.
    fn overwritten(&self) -> u64 {
        self.newest - self.events.len() as u64
    }

    /// The sequence number that a client with this cursor has.
    fn resolve(&self, epoch: u16, cursor: Option<Cursor>) -> Result<u64, CursorAhead> {
        match cursor {
            None => Ok(self.newest),
            Some(cursor) if cursor.epoch != epoch => Ok(self.overwritten()),
            Some(cursor) if cursor.seq > self.newest => Err(CursorAhead { cursor, newest: self.newest }),
            Some(cursor) => Ok(cursor.seq),
        }
    }

    fn after(&self, epoch: u16, seq: u64, limits: Limits) -> Batch {
        let start = seq.max(self.overwritten());
        let first = (start - self.overwritten()) as usize;
        let mut bytes = 0;
        let events: Vec<_> = self
            .events
            .range(first..)
            .take(limits.events)
            .take_while(|event| {
                // The first event goes out whatever its size: an answer must get on.
                let fits = bytes == 0 || bytes + event.text().len() < limits.bytes;
                bytes += event.text().len() + 1;
                fits
            })
            .cloned()
            .collect();
        let cursor = Cursor { epoch, seq: start + events.len() as u64 };
        Batch { events, cursor, overwritten: start - seq }
    }
}
