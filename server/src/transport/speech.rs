//! How a pushed connection speaks past its head: what it writes when there is something to say, and what it makes of what
//! it hears. The fan-out asks, and moves the bytes.

use bytes::Bytes;
use feedbench_wire::Cursor;

use super::long_polling::Held;
use super::streaming::Stream;
use super::websocket::Conversation;
use crate::fan_out::Portion;
use crate::feed::Topic;
use crate::site::Site;

/// One way of speaking.
#[derive(Debug)]
pub enum Speech {
    /// The body of an answer that goes on and on.
    Stream(Stream),
    /// One answer, when there is something to say.
    Held(Held),
    /// Frames in both directions.
    Conversation(Conversation),
    /// Nothing: the client's next request is waited for.
    NextRequest,
}

/// What is to be written, and what comes after it.
#[derive(Debug)]
pub struct Said {
    /// The bytes.
    pub bytes: Bytes,
    /// What comes after them.
    pub then: Then,
}

/// What comes after something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next thing to say.
    GoOn,
    /// Nothing more is said: the client is to close, for some time.
    AwaitClose,
    /// The client may ask for something else on this connection.
    NextRequest,
    /// The connection is closed.
    Close,
}

impl Said {
    /// Writes, and goes on.
    pub fn more(bytes: impl Into<Bytes>) -> Said {
        Said { bytes: bytes.into(), then: Then::GoOn }
    }

    /// Writes, and that is all.
    pub fn last(bytes: impl Into<Bytes>, then: Then) -> Said {
        Said { bytes: bytes.into(), then }
    }
}

impl Speech {
    /// What comes before the first event: the client's position, where this is the place to say it.
    pub fn open(&mut self, position: Cursor) -> Bytes {
        match self {
            Speech::Stream(stream) => stream.open(position),
            Speech::Conversation(conversation) => conversation.open(position),
            Speech::Held(_) | Speech::NextRequest => Bytes::new(),
        }
    }

    /// Says events.
    pub fn events(&mut self, portion: &mut Portion, site: &Site) -> Said {
        match self {
            Speech::Stream(stream) => stream.events(portion),
            Speech::Held(held) => held.events(portion, site),
            Speech::Conversation(conversation) => conversation.events(portion),
            Speech::NextRequest => Said::more(Bytes::new()),
        }
    }

    /// Nothing was due for as long as the connection may be silent.
    pub fn silence(&mut self, position: Cursor, site: &Site) -> Said {
        match self {
            Speech::Stream(stream) => stream.heartbeat(),
            Speech::Held(held) => held.nothing(position, site, false),
            Speech::Conversation(_) => Conversation::heartbeat(),
            Speech::NextRequest => Said::more(Bytes::new()),
        }
    }

    /// The connection's time is over, for now.
    pub fn expire(&mut self) -> Said {
        match self {
            Speech::Stream(stream) => stream.end(),
            Speech::Held(_) | Speech::Conversation(_) | Speech::NextRequest => Said::more(Bytes::new()),
        }
    }

    /// The feed has ended, and the client has all of it.
    pub fn end(&mut self, position: Cursor, site: &Site) -> Said {
        match self {
            Speech::Stream(stream) => Said { then: Then::Close, ..stream.end() },
            Speech::Held(held) => held.nothing(position, site, true),
            Speech::Conversation(conversation) => conversation.end(),
            Speech::NextRequest => Said::last(Bytes::new(), Then::Close),
        }
    }

    /// What the client has sent. `None` when it speaks HTTP: it asks for something else, whose turn comes later.
    pub fn hear(&mut self, bytes: &[u8], topic: &Topic, site: &Site) -> Option<Said> {
        match self {
            Speech::Conversation(conversation) => Some(conversation.hear(bytes, topic, site)),
            Speech::Stream(_) | Speech::Held(_) | Speech::NextRequest => None,
        }
    }
}
