//! One pushed connection or stream past its head: a place in a topic, and a way of speaking.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use feedbench_record::scenario::SlowReaders;
use feedbench_wire::Cursor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::bell::Rope;
use super::portion::Portion;
use super::{Joining, LAST_WORDS, Next};
use crate::feed::{Limits, Topic};
use crate::site::Site;
use crate::transport::{Said, Speech, Then};

/// What a client may have sent ahead of its turn (bytes); more stays in the kernel.
const UNREAD_MAX_BYTES: usize = 64 << 10;

/// A member of the fan-out.
#[derive(Debug)]
pub(super) struct Member<S> {
    stream: S,
    rope: Rope,
    topic: Arc<Topic>,
    position: Cursor,
    speech: Speech,
    /// What is on its way to the socket …
    out: Bytes,
    /// … and what comes after it.
    then: Then,
    /// What the client has sent ahead of its turn.
    unread: Vec<u8>,
    silent_after: Duration,
    last_due: Instant,
    expires: Option<Instant>,
    /// When the client's time to answer is over.
    closes: Option<Instant>,
    /// Something was due, if only a heartbeat: from here on the connection may expire.
    got_on: bool,
    /// The socket took nothing more since the last portion.
    was_blocked: bool,
    /// Where it stands among the members of its topic.
    pub(super) place: u32,
    /// The instant at which its alarm is set.
    pub(super) alarm: Option<Instant>,
}

/// What became of a member.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Leaves(Next),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Member<S> {
    pub(super) fn new(joining: Joining<S>, rope: Rope, now: Instant) -> Self {
        let Joining { stream, unread, pushed } = joining;
        let mut speech = pushed.speech;
        Member {
            stream,
            rope,
            out: speech.open(pushed.position),
            topic: pushed.topic,
            position: pushed.position,
            speech,
            then: Then::GoOn,
            // A copy: what is seldom more than nothing would keep the library's whole buffer.
            unread: unread.to_vec(),
            // Silence of no length would never let anybody rest; the runtime's timers count in milliseconds.
            silent_after: pushed.silent_after.max(Duration::from_millis(1)),
            last_due: now,
            expires: pushed.lifetime.map(|lifetime| now + lifetime),
            closes: None,
            got_on: false,
            was_blocked: false,
            place: 0,
            alarm: None,
        }
    }

    pub(super) fn topic(&self) -> u32 {
        self.topic.index()
    }

    /// Everything that was lent to the fan-out.
    pub(super) fn into_parts(self) -> (S, Bytes) {
        (self.stream, self.unread.into())
    }

    /// When it is to be looked at although nothing happens; `None` while the client has its turn.
    pub(super) fn due(&self) -> Option<Instant> {
        let silent = (!matches!(self.speech, Speech::NextRequest)).then(|| self.last_due + self.silent_after);
        let due = self.closes.or(silent)?;
        Some(self.expires.map_or(due, |expires| expires.min(due)))
    }

    /// Writes whatever is due, as far as the socket takes it.
    pub(super) fn advance(&mut self, portion: &mut Option<Portion>, site: &Site, now: Instant) -> Fate {
        if self.topic.has_ended() {
            self.closes.get_or_insert(now + LAST_WORDS);
        }
        loop {
            match self.write() {
                Poll::Pending => {
                    self.was_blocked = true;
                    return Fate::Stays;
                }
                Poll::Ready(Err(_)) => return Fate::Leaves(Next::Cut),
                Poll::Ready(Ok(())) => {}
            }
            match self.then {
                Then::GoOn => {}
                Then::AwaitClose => return Fate::Stays,
                Then::NextRequest if self.unread.is_empty() => {
                    (self.speech, self.then, self.expires) = (Speech::NextRequest, Then::GoOn, None);
                }
                Then::NextRequest => return Fate::Leaves(Next::Http),
                Then::Close => return Fate::Leaves(Next::Close),
            }
            // A busy connection expires too, but not before its first events: who comes back again and again must get on.
            let said = if self.got_on && self.expires.is_some_and(|expires| expires <= now) {
                self.speech.expire()
            } else if !self.has_news() {
                return Fate::Stays;
            } else {
                match self.news(portion, site, now) {
                    Some(said) => said,
                    None => return Fate::Leaves(Next::Cut),
                }
            };
            self.say(said, now);
        }
    }

    /// Has the topic anything for this member? Whose client has its turn only minds the end.
    fn has_news(&self) -> bool {
        if matches!(self.speech, Speech::NextRequest) {
            return self.topic.has_ended();
        }
        self.topic.has_news(self.position)
    }

    /// What the topic has for this member: events, and then the end. `None` when it has read too slowly.
    fn news(&mut self, portion: &mut Option<Portion>, site: &Site, now: Instant) -> Option<Said> {
        if std::mem::take(&mut self.was_blocked) && !self.keep_up(site) {
            return None;
        }
        let read = Portion::after(&self.topic, self.position, Limits::PUSH, portion);
        let batch = read.batch();
        if batch.events.is_empty() {
            return Some(self.speech.end(self.position, site));
        }
        self.position = batch.cursor;
        (self.last_due, self.got_on) = (now, true);
        Some(self.speech.events(read, site))
    }

    /// Lets a member that could not be written to fall behind no further than the scenario allows. False when it is to be
    /// dropped.
    fn keep_up(&mut self, site: &Site) -> bool {
        let floor = self.topic.oldest_within(site.rules.queue_events);
        if self.position.seq >= floor {
            return true;
        }
        match site.rules.slow_readers {
            SlowReaders::Miss => {
                site.ledger.missed(floor - self.position.seq);
                self.position.seq = floor;
                true
            }
            SlowReaders::Drop => {
                site.ledger.dropped_reader();
                false
            }
        }
    }

    /// Its time has come: a heartbeat, or one end or another.
    pub(super) fn ring(&mut self, site: &Site, now: Instant) -> Fate {
        if self.closes.is_some_and(|closes| closes <= now) {
            return Fate::Leaves(if self.out.is_empty() { Next::Close } else { Next::Cut });
        }
        if !self.out.is_empty() || self.then != Then::GoOn {
            // What is on its way to a slow reader breaks the silence as soon as it arrives.
            self.last_due = now;
            return Fate::Stays;
        }
        if self.expires.is_some_and(|expires| expires <= now) {
            let said = self.speech.expire();
            self.say(said, now);
        } else if self.last_due + self.silent_after <= now {
            self.last_due = now;
            let said = self.speech.silence(self.position, site);
            self.say(said, now);
        }
        Fate::Stays
    }

    fn say(&mut self, said: Said, now: Instant) {
        self.out = if self.out.is_empty() { said.bytes } else { [&self.out[..], &said.bytes[..]].concat().into() };
        // Whoever has closed may still answer, and says nothing else.
        if self.then != Then::AwaitClose || said.then == Then::Close {
            self.then = said.then;
        }
        if said.then == Then::AwaitClose {
            self.closes.get_or_insert(now + super::CLOSE_WAIT);
        }
    }

    fn write(&mut self) -> Poll<io::Result<()>> {
        let mut context = Context::from_waker(self.rope.waker());
        while !self.out.is_empty() {
            match Pin::new(&mut self.stream).poll_write(&mut context, &self.out) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(n)) => self.out.advance(n),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what the client has sent into `scratch`, as long as there is room for answers. To be asked when the bell has
    /// rung, after [`Member::advance`], and again after what this made it say.
    pub(super) fn read(&mut self, scratch: &mut [u8], site: &Site, now: Instant) -> Fate {
        loop {
            // A client that does not read what it is told is not heard either.
            if self.has_something_to_write() || self.unread.len() >= UNREAD_MAX_BYTES {
                return Fate::Stays;
            }
            let heard = if self.unread.is_empty() { None } else { self.speech.hear(&self.unread, &self.topic, site) };
            if let Some(said) = heard {
                self.unread = Vec::new();
                self.say(said, now);
                continue;
            }
            let room = scratch.len().min(UNREAD_MAX_BYTES - self.unread.len());
            let mut into = ReadBuf::new(&mut scratch[..room]);
            let mut context = Context::from_waker(self.rope.waker());
            match Pin::new(&mut self.stream).poll_read(&mut context, &mut into) {
                Poll::Pending => return Fate::Stays,
                Poll::Ready(Err(_)) => return Fate::Leaves(Next::Cut),
                Poll::Ready(Ok(())) if into.filled().is_empty() => return Fate::Leaves(Next::Close),
                Poll::Ready(Ok(())) => {}
            }
            match self.speech.hear(into.filled(), &self.topic, site) {
                Some(said) => self.say(said, now),
                None => self.unread.extend_from_slice(into.filled()),
            }
            if matches!(self.speech, Speech::NextRequest) && !self.unread.is_empty() {
                return Fate::Leaves(Next::Http);
            }
        }
    }

    /// Was something said that is still to be written?
    pub(super) fn has_something_to_write(&self) -> bool {
        !self.out.is_empty() || !matches!(self.then, Then::GoOn | Then::AwaitClose)
    }

    /// Asks to be looked at again.
    pub(super) fn ring_bell(&self) {
        self.rope.waker().wake_by_ref();
    }

    /// The bell was heard.
    pub(super) fn answer_bell(&self) {
        self.rope.answer();
    }
}
