//! HTTP/2 (RFC 9113): connections that clients share, and what one client sees of its connection.
//!
//! - `groups`: who shares a connection with whom. `connection`: one of them, from its opening to its account. `share`: a
//!   client's share of it, which transports use as they use a connection of their own.
//! - `machine`: a client's end of the protocol without I/O, by its parts: what comes (`incoming`, `content`), what clients do
//!   (`asking`), one request (`stream`), an answer's `head`, `settings`, [`ErrorCode`]. `driver` moves its bytes.
//! - `reference`: the same by hyper, as a program would have it; what it was `asked`, and the connection that it was `lent`.

mod asked;
mod asking;
mod connection;
mod content;
mod driver;
mod error_code;
mod groups;
mod head;
mod incoming;
mod lent;
mod machine;
mod reference;
mod settings;
mod share;
mod stream;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use feedbench_wire::h2::hpack::Indexing;
use feedbench_wire::headers::{Opening, Profile};

use crate::wake::Bell;

pub(crate) use connection::Connection;
pub(crate) use error_code::ErrorCode;
pub(crate) use groups::{Groups, Joined, connections};
pub(crate) use head::Head;
pub(crate) use share::Share;

/// The read that brought something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// When it returned (us).
    pub(crate) read_us: u64,
    /// How long the worker took to it after it was woken (us).
    pub(crate) lag_us: u64,
}

impl Arrival {
    /// The last read of a connection.
    pub(crate) fn last(bell: &Bell) -> Arrival {
        let read_us = bell.meter().counts().last_read_us();
        let lag_us = match bell.rung_us() {
            0 => 0,
            rung_us => read_us.saturating_sub(rung_us),
        };
        Arrival { read_us, lag_us }
    }
}

/// How a client speaks HTTP/2, by its header profile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// What its HPACK encoder remembers.
    pub(crate) indexing: Indexing,
    /// Its HEADERS have five bytes of priority.
    pub(crate) sends_priority: bool,
    /// With each request it opens the stream's window as far as the connection's.
    pub(crate) sends_window_update: bool,
    /// What it says first.
    pub(crate) opening: Opening,
}

impl Habits {
    /// How a profile's client speaks.
    pub(crate) fn of(profile: &Profile) -> Habits {
        Habits {
            indexing: profile.indexing(),
            sends_priority: profile.sends_priority(),
            sends_window_update: profile.sends_window_update(),
            opening: profile.opening(),
        }
    }

    /// What may come on a stream, once its request is sent (bytes).
    fn stream_window_bytes(&self) -> u32 {
        let opening = self.opening;
        if self.sends_window_update { opening.connection_window_bytes() } else { opening.stream_window_bytes() }
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// An answer.
    Answer,
    /// Bytes in both directions (extended CONNECT, RFC 8441 section 4).
    Tunnel,
}
