//! Everything that one end of some connections read and wrote, with its instants. Only a trace keeps one.

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
    /// For each connection, in the order in which they were opened, what happened on it.
    pub connections: Vec<Vec<Timed>>,
    /// The transcript was full, and what came later is missing.
    pub is_full: bool,
    bytes: usize,
}

/// What happened when.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The instant (us): before what this end did, after what it learned. So nothing seems to arrive before it was sent.
    pub at_us: u64,
    /// What happened.
    pub what: Moment,
}

/// What can happen at one end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `connect()` is about to be called.
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

/// Writes down what happens on one connection.
#[derive(Clone, Debug)]
pub struct Scribe {
    transcript: Transcript,
    connection: usize,
}

impl Transcript {
    /// An empty transcript.
    pub fn new(clock: Clock) -> Transcript {
        Transcript { clock, written: Arc::default() }
    }

    /// Begins with one more connection.
    pub fn connection(&self) -> Scribe {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.connections.push(Vec::new());
        Scribe { transcript: self.clone(), connection: written.connections.len() - 1 }
    }

    /// What was written down so far.
    pub fn written(&self) -> Written {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Scribe {
    /// The instant now (us).
    pub fn now_us(&self) -> u64 {
        self.transcript.clock.now_us()
    }

    /// Writes down what happened at an instant.
    pub fn note(&self, at_us: u64, what: Moment) {
        let mut written = self.transcript.written.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match &what {
            Moment::Wrote(bytes) | Moment::Read(bytes) => bytes.len(),
            Moment::Connecting | Moment::Connected | Moment::PeerEnded | Moment::ShutDown => 1,
        };
        written.is_full |= written.bytes + bytes > MAX_BYTES;
        if !written.is_full {
            written.bytes += bytes;
            written.connections[self.connection].push(Timed { at_us, what });
        }
    }
}
