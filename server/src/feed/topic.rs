//! One topic: a bounded history of events, whose news are told to those who listen.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::Cursor;
use feedbench_wire::event::Data;
use serde::{Deserialize, Serialize};

use super::Listeners;
use super::batch::{Batch, Limits};
use super::event::SharedEvent;
use super::journal::{Journal, Past, PastEvent};

/// How much history a topic keeps. What comes first, forgets the oldest event.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Events, at least one.
    pub events: usize,
    /// Bytes of event text.
    pub bytes: usize,
}

/// Who publishes an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The feed's own program, or its input.
    Program,
    /// A client.
    Client,
}

impl By {
    /// The word for it in a journal.
    pub(super) const fn word(self) -> &'static str {
        match self {
            By::Program => "program",
            By::Client => "client",
        }
    }
}

/// A topic of the feed.
#[derive(Debug)]
pub struct Topic {
    epoch: u16,
    kept: Kept,
    history: RwLock<History>,
    /// The newest sequence number, to be seen without a lock.
    newest: AtomicU64,
    ended: AtomicBool,
    /// Which topic this is, to those who listen.
    index: u32,
    listeners: Arc<Listeners>,
    journal: Option<Arc<Journal>>,
}

#[derive(Debug, Default)]
struct History {
    events: VecDeque<Arc<SharedEvent>>,
    bytes: usize,
    newest: u64,
    /// How many events the program has published.
    position: u64,
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

impl Topic {
    /// A topic without events: number `index` of its feed.
    pub(super) fn new(index: u32, epoch: u16, kept: Kept, listeners: Arc<Listeners>) -> Topic {
        let (newest, ended) = Default::default();
        Topic { epoch, kept, history: RwLock::default(), newest, ended, index, listeners, journal: None }
    }

    /// A topic that goes on after what was published on it before, and writes what comes to its feed's journal.
    pub(super) fn continued(self, past: Past, journal: Arc<Journal>) -> Topic {
        let history = History::continued(self.epoch, past);
        let newest = AtomicU64::new(history.newest);
        Topic { history: RwLock::new(history), newest, journal: Some(journal), ..self }
    }

    /// Its number, counted from 0.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Appends an event, which is in the journal before anybody can read it, and tells everyone who listens. Returns the
    /// cursor that it ends at.
    ///
    /// # Errors
    /// When the feed has ended, or the event text would be longer than [`PAYLOAD_MAX_BYTES`].
    pub fn publish(&self, by: By, at_us: u64, data: Data<'_>) -> Result<Cursor, NotPublished> {
        let cursor = {
            let mut history = self.write();
            let event = SharedEvent::new(history.next(self.epoch), at_us, data);
            let cursor = event.cursor();
            history.push(event, by, self.kept)?;
            if let (Some(journal), Some(event)) = (&self.journal, history.events.back()) {
                journal.append(self.index, by, event.text());
            }
            self.newest.store(cursor.seq, Release);
            cursor
        };
        self.tell();
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

    /// The sequence number before the oldest event that a client `queue_events` behind may still get; without a number, all
    /// that are kept.
    pub fn oldest_within(&self, queue_events: Option<u32>) -> u64 {
        let history = self.read();
        let queue = queue_events.map_or(0, |events| history.newest.saturating_sub(events.into()));
        history.overwritten().max(queue)
    }

    /// Is there anything for a client at `position`, which this topic gave it: events, or the end? Takes no lock.
    pub fn has_news(&self, position: Cursor) -> bool {
        self.newest.load(Acquire) > position.seq || self.has_ended()
    }

    /// Nothing comes any more. What was published before may still be unread.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Acquire)
    }

    /// The newest position.
    pub fn newest(&self) -> Cursor {
        Cursor { epoch: self.epoch, seq: self.read().newest }
    }

    /// How many events the program has published, in all lives of the feed: where one has to start that is to go on after it.
    pub fn program_position(&self) -> u64 {
        self.read().position
    }

    /// How many events have an intended instant of at least `from_us` and below `to_us`; `None` when the history may
    /// have lost some of them.
    pub fn published_in(&self, from_us: u64, to_us: u64) -> Option<u64> {
        let history = self.read();
        let complete = history.overwritten() == 0 || history.events.front().is_some_and(|e| e.at_us() < from_us);
        complete.then(|| history.events.iter().filter(|e| (from_us..to_us).contains(&e.at_us())).count() as u64)
    }

    /// Nothing comes after this: everyone who listens gets what is left, and then the end.
    pub(super) fn end(&self) {
        self.write().ended = true;
        self.ended.store(true, Release);
        self.tell();
    }

    fn tell(&self) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().for_each(|news| news.note(self.index));
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
    /// What is left of the events of a life before.
    fn continued(epoch: u16, past: Past) -> History {
        let first = past.newest - past.events.len() as u64 + 1;
        let again = |(seq, event): (u64, PastEvent)| {
            Arc::new(SharedEvent::again(Cursor { epoch, seq }, event.at_us, event.text))
        };
        let events: VecDeque<_> = (first..).zip(past.events).map(again).collect();
        let bytes = events.iter().map(|event| event.text().len()).sum();
        History { events, bytes, newest: past.newest, position: past.position, ended: false }
    }

    /// A client's position once it has the next event.
    fn next(&self, epoch: u16) -> Cursor {
        Cursor { epoch, seq: self.newest + 1 }
    }

    fn push(&mut self, event: SharedEvent, by: By, kept: Kept) -> Result<(), NotPublished> {
        if self.ended {
            return Err(NotPublished::Ended);
        }
        let length = event.text().len();
        if length > PAYLOAD_MAX_BYTES as usize {
            return Err(NotPublished::TooLong(length));
        }
        self.newest = event.cursor().seq;
        self.position += u64::from(by == By::Program);
        self.bytes += length;
        self.events.push_back(Arc::new(event));
        while self.events.len() > 1 && (self.events.len() > kept.events || self.bytes > kept.bytes) {
            let oldest = self.events.pop_front();
            self.bytes -= oldest.map_or(0, |event| event.text().len());
        }
        Ok(())
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
