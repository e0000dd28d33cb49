//! Everything that one end of a connection read and wrote, with its instants. Only a trace keeps one.

use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;

/// What a transcript holds at most (bytes read and written).
const MAX_BYTES: usize = 16 << 20;

/// The transcript of one end.
#[derive(Clone, Debug)]
pub struct Transcript {
    clock: Clock,
    written: Arc<Mutex<Written>>,
}

/// What was written down.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// In the order in which it happened.
    pub moments: Vec<Timed>,
    /// The transcript was full, and what came later is missing.
    pub full: bool,
    bytes: usize,
}

/// What happened when.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The instant right after it (us).
    pub at_us: u64,
    /// What happened.
    pub what: Moment,
}

/// What can happen at one end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `connect()` or `accept()` is about to be called, or was called and has its connection.
    Connecting,
    /// The connection is established.
    Connected,
    /// Bytes were written to the stream.
    Wrote(Vec<u8>),
    /// Bytes were read from it.
    Read(Vec<u8>),
    /// A read said that the other end has ended its direction.
    PeerEnded,
    /// This end has ended its direction.
    ShutDown,
}

impl Transcript {
    /// An empty transcript.
    pub fn new(clock: Clock) -> Transcript {
        Transcript { clock, written: Arc::default() }
    }

    /// Writes down what has just happened.
    pub fn note(&self, what: Moment) {
        let at_us = self.clock.now_us();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match &what {
            Moment::Wrote(bytes) | Moment::Read(bytes) => bytes.len(),
            Moment::Connecting | Moment::Connected | Moment::PeerEnded | Moment::ShutDown => 1,
        };
        written.full |= written.bytes + bytes > MAX_BYTES;
        if !written.full {
            written.bytes += bytes;
            written.moments.push(Timed { at_us, what });
        }
    }

    /// What was written down so far; the transcript is empty after it.
    pub fn take(&self) -> Written {
        std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
