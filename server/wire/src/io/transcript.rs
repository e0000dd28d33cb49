//! Everything that one end of some connections reads and writes, with its instants, told to whoever wants it: to a
//! [`Keeper`] for a trace, to a listener that explains it while it happens.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;

/// What a keeper holds at most (bytes read and written).
const MAX_BYTES: usize = 16 << 20;

/// The transcript of one end, as it is being told.
#[derive(Clone, Debug)]
pub struct Transcript {
    clock: Clock,
    listener: Arc<dyn Listener>,
}

/// Who is told of connections.
pub trait Listener: fmt::Debug + Send + Sync {
    /// One more connection begins. Called where it was opened, which must not wait.
    fn connection(&self) -> Box<dyn Hearer>;
}

/// Who is told of one connection.
pub trait Hearer: fmt::Debug + Send {
    /// Something happened at an instant (us): before what this end did, after what it learned, so that nothing seems to
    /// arrive before it was sent. Called on the way of every byte, which must not wait. The last is [`Moment::Closed`].
    fn hear(&mut self, at_us: u64, what: Moment<&[u8]>);
}

/// What can happen at one end of a connection; its bytes are somebody's `B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment<B = Vec<u8>> {
    /// `connect()` is about to be called.
    Connecting,
    /// The connection is established.
    Connected,
    /// Bytes were written to the stream.
    Wrote(B),
    /// Bytes were read from it.
    Read(B),
    /// A read said that the other end has ended its direction.
    PeerEnded,
    /// This end has ended its direction.
    ShutDown,
    /// This end is done with the connection, or with the attempt to open one.
    Closed,
}

/// Tells what happens on one connection, and at its own end that the connection is over.
#[derive(Debug)]
pub struct Scribe {
    clock: Clock,
    hearer: Box<dyn Hearer>,
}

/// Keeps what it is told.
#[derive(Clone, Debug, Default)]
pub struct Keeper {
    written: Arc<Mutex<Written>>,
}

/// What was kept.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// For each connection, in the order in which they were opened, what happened on it.
    pub connections: Vec<Vec<Timed>>,
    /// There was no room, and what came later is missing.
    pub is_full: bool,
    bytes: usize,
}

/// What happened when.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The instant (us), as told to [`Hearer::hear`].
    pub at_us: u64,
    /// What happened.
    pub what: Moment,
}

/// A connection of a keeper.
#[derive(Debug)]
struct Kept {
    written: Arc<Mutex<Written>>,
    connection: usize,
}

impl Transcript {
    /// A transcript that a listener is told, with the instants of a clock.
    pub fn told_to(clock: Clock, listener: Arc<dyn Listener>) -> Transcript {
        Transcript { clock, listener }
    }

    /// Begins with one more connection.
    pub fn connection(&self) -> Scribe {
        Scribe { clock: self.clock, hearer: self.listener.connection() }
    }
}

impl Scribe {
    /// The instant now (us).
    pub fn now_us(&self) -> u64 {
        self.clock.now_us()
    }

    /// Tells what happened at an instant.
    pub fn note(&mut self, at_us: u64, what: Moment<&[u8]>) {
        self.hearer.hear(at_us, what);
    }
}

impl Drop for Scribe {
    fn drop(&mut self) {
        self.note(self.now_us(), Moment::Closed);
    }
}

impl Moment<&[u8]> {
    /// The same with bytes of its own.
    pub fn to_owned(self) -> Moment {
        match self {
            Moment::Connecting => Moment::Connecting,
            Moment::Connected => Moment::Connected,
            Moment::Wrote(bytes) => Moment::Wrote(bytes.to_vec()),
            Moment::Read(bytes) => Moment::Read(bytes.to_vec()),
            Moment::PeerEnded => Moment::PeerEnded,
            Moment::ShutDown => Moment::ShutDown,
            Moment::Closed => Moment::Closed,
        }
    }
}

impl Keeper {
    /// What was kept so far.
    pub fn written(&self) -> Written {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Keeper {
    fn connection(&self) -> Box<dyn Hearer> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.connections.push(Vec::new());
        Box::new(Kept { written: Arc::clone(&self.written), connection: written.connections.len() - 1 })
    }
}

impl Hearer for Kept {
    fn hear(&mut self, at_us: u64, what: Moment<&[u8]>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match what {
            Moment::Wrote(bytes) | Moment::Read(bytes) => bytes.len(),
            _ => 1,
        };
        written.is_full |= written.bytes + bytes > MAX_BYTES;
        if !written.is_full {
            written.bytes += bytes;
            written.connections[self.connection].push(Timed { at_us, what: what.to_owned() });
        }
    }
}
