//! The fan-out: it owns every pushed connection past its head and writes to all of them, one after another, what the feed
//! has for them. An event is encoded once, and a write that would wait is left until the socket takes more: no client is
//! waited for.
//!
//! ```text
//! connection or stream (HTTP) -> Joining -> member of a fan-out -> Left -> connection (HTTP, or its end) or end of the stream
//! ```
//!
//! A client costs its socket and a `member`, not a task or a library's buffers: that is what lets one process hold tens of
//! thousands of them. `task` is the loop, `bell` tells it which sockets are ready, [`Portion`] is what members share.

mod bell;
mod member;
mod portion;
mod task;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use feedbench_wire::Cursor;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::feed::Topic;
use crate::transport::Speech;

pub use portion::{AnswerShape, Portion};
pub use task::run;

/// After the end of the feed: how long a connection has to write what is due and to close.
pub const LAST_WORDS: Duration = Duration::from_secs(4);
/// How long a client has to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(3);

/// What is pushed to a client, where it begins, and how it is said.
#[derive(Debug)]
pub struct Pushed {
    /// What the client follows.
    pub topic: Arc<Topic>,
    /// Where it stands: a position that the topic gave out.
    pub position: Cursor,
    /// How it is told.
    pub speech: Speech,
    /// How long the connection may be silent.
    pub silent_after: Duration,
    /// How long it lives.
    pub lifetime: Option<Duration>,
}

/// A connection, or a stream of HTTP/2, on its way into a fan-out.
#[derive(Debug)]
pub struct Joining<S> {
    /// The connection or stream, past its head.
    pub stream: S,
    /// Read from it already.
    pub unread: Bytes,
    /// What it joins for.
    pub pushed: Pushed,
}

/// A connection that was given back.
#[derive(Debug)]
pub struct Left<S> {
    /// The connection.
    pub stream: S,
    /// Read from it, and not the fan-out's.
    pub unread: Bytes,
    /// What is to become of it.
    pub next: Next,
}

/// What is to become of a connection that was pushed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Its client asks for something else.
    Http,
    /// It is closed: all was said that was to be said.
    Close,
    /// It is broken off: it failed, or its client did not read what it was to be told.
    Cut,
}

/// The way into the fan-outs of a server: one for each of its threads.
#[derive(Debug)]
pub struct FanOuts<S> {
    each: Box<[UnboundedSender<Joining<S>>]>,
    turn: AtomicUsize,
}

/// Those who join one fan-out.
pub type Queue<S> = UnboundedReceiver<Joining<S>>;

impl<S> FanOuts<S> {
    /// So many fan-outs, whose queues [`run`] is to be given.
    pub fn new(fan_outs: NonZeroUsize) -> (Self, Vec<Queue<S>>) {
        let (each, queues): (Vec<_>, Vec<_>) = (0..fan_outs.get()).map(|_| unbounded_channel()).unzip();
        (FanOuts { each: each.into(), turn: AtomicUsize::new(0) }, queues)
    }

    /// Hands a connection over, to each fan-out in turn. Gives it back when there is none any more.
    pub fn join(&self, joining: Joining<S>) -> Option<Joining<S>> {
        let turn = self.turn.fetch_add(1, Relaxed) % self.each.len();
        self.each[turn].send(joining).err().map(|refused| refused.0)
    }
}
