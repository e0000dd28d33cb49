//! The loop of one fan-out.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use slab::Slab;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};

use super::bell::Rung;
use super::member::{Fate, Member};
use super::portion::Portion;
use super::{Left, Next, Queue};
use crate::feed::News;
use crate::site::Site;

/// Members that are looked at before the other tasks of this thread have their turn.
const TURN: usize = 256;
/// What one read brings at most (bytes).
const SCRATCH_BYTES: usize = 16 << 10;

/// Runs one fan-out until it is dropped. `give_back` gets every connection that leaves.
pub async fn run<S>(queue: Queue<S>, news: Arc<News>, site: Arc<Site>, give_back: impl FnMut(Left<S>))
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut task = Task {
        queue,
        news,
        site,
        give_back,
        members: Slab::new(),
        topics: Vec::new(),
        walks: VecDeque::new(),
        alarms: BTreeSet::new(),
        sleep: Box::pin(sleep_until(Instant::now())),
        rung: Arc::default(),
        portion: None,
        scratch: vec![0; SCRATCH_BYTES].into(),
    };
    // A turn ends by itself: it needs no budget that makes a ready socket look busy.
    tokio::task::unconstrained(poll_fn(|context| task.poll(context))).await;
}

struct Task<S, G> {
    queue: Queue<S>,
    news: Arc<News>,
    site: Arc<Site>,
    give_back: G,
    members: Slab<Member<S>>,
    /// The members of each topic.
    topics: Vec<Vec<u32>>,
    /// Topics with news whose members are being looked at, from the first to the last.
    walks: VecDeque<Walk>,
    /// When members are to be looked at although nothing happens: each at most once, and never too late.
    alarms: BTreeSet<(Instant, u32)>,
    sleep: Pin<Box<Sleep>>,
    rung: Arc<Rung>,
    /// What was read from a topic last.
    portion: Option<Portion>,
    scratch: Box<[u8]>,
}

/// How far a topic's members have been looked at.
struct Walk {
    topic: u32,
    next: usize,
}

impl<S, G> Task<S, G>
where
    S: AsyncRead + AsyncWrite + Unpin,
    G: FnMut(Left<S>),
{
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // First, so that nothing can come unnoticed between the look and the wait.
        self.news.wake(context.waker());
        self.rung.wake(context.waker());
        let now = Instant::now();
        while let Some(topic) = self.news.take() {
            self.walks.push_back(Walk { topic, next: 0 });
        }
        let mut walk = TURN;
        self.walk(now, &mut walk);
        // Events come first: as long as some are to be written, clients with something to say wait, but not for ever.
        let mut others = if walk == 0 { TURN / 8 } else { TURN };
        self.let_in(context, now, &mut others);
        self.answer_bells(now, &mut others);
        // Last, because all that was done before may have set one.
        let mut alarms = TURN;
        self.ring_alarms(context, now, &mut alarms);
        if walk == 0 || others == 0 || alarms == 0 {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn let_in(&mut self, context: &mut Context<'_>, now: Instant, turn: &mut usize) {
        while *turn > 0 {
            let Poll::Ready(Some(joining)) = self.queue.poll_recv(context) else { return };
            *turn -= 1;
            let entry = self.members.vacant_entry();
            let id = entry.key() as u32;
            let mut member = Member::new(joining, self.rung.hang(id), now);
            let topic = member.topic() as usize;
            if self.topics.len() <= topic {
                self.topics.resize_with(topic + 1, Vec::new);
            }
            member.place = self.topics[topic].len() as u32;
            self.topics[topic].push(id);
            entry.insert(member);
            self.look_at(id, now, true);
        }
    }

    fn answer_bells(&mut self, now: Instant, turn: &mut usize) {
        while *turn > 0 {
            let Some(id) = self.rung.take() else { return };
            *turn -= 1;
            if let Some(member) = self.members.get(id as usize) {
                member.answer_bell();
                self.look_at(id, now, true);
            }
        }
    }

    fn ring_alarms(&mut self, context: &mut Context<'_>, now: Instant, turn: &mut usize) {
        while *turn > 0 {
            let Some(&(at, id)) = self.alarms.first() else { return };
            if at > now {
                if self.sleep.deadline() != at {
                    self.sleep.as_mut().reset(at);
                }
                if self.sleep.as_mut().poll(context).is_pending() {
                    return;
                }
            }
            *turn -= 1;
            self.alarms.pop_first();
            self.look_at(id, now, false);
            let Some(member) = self.members.get_mut(id as usize) else { continue };
            member.alarm = None;
            match member.ring(&self.site, now) {
                Fate::Stays => self.look_at(id, now, false),
                Fate::Leaves(next) => self.let_go(id, next),
            }
        }
    }

    fn walk(&mut self, now: Instant, turn: &mut usize) {
        while *turn > 0 {
            let Some(walk) = self.walks.front_mut() else { return };
            *turn -= 1;
            let member = self.topics.get(walk.topic as usize).and_then(|members| members.get(walk.next));
            let Some(&id) = member else {
                self.walks.pop_front();
                continue;
            };
            walk.next += 1;
            self.look_at(id, now, false);
        }
    }

    /// Has a member do all it can; when its bell has rung, it also hears what its client says.
    fn look_at(&mut self, id: u32, now: Instant, hear: bool) {
        let Some(member) = self.members.get_mut(id as usize) else { return };
        let mut fate = member.advance(&mut self.portion, &self.site, now);
        while hear && fate == Fate::Stays {
            fate = member.read(&mut self.scratch, &self.site, now);
            if fate != Fate::Stays || !member.has_something_to_write() {
                break;
            }
            fate = member.advance(&mut self.portion, &self.site, now);
            if member.has_something_to_write() {
                break;
            }
        }
        if let Fate::Leaves(next) = fate {
            return self.let_go(id, next);
        }
        // An alarm that is too early is set again when it rings, not at every event.
        if let Some(due) = member.due().filter(|due| member.alarm.is_none_or(|alarm| *due < alarm)) {
            if let Some(alarm) = member.alarm.replace(due) {
                self.alarms.remove(&(alarm, id));
            }
            self.alarms.insert((due, id));
        }
    }

    fn let_go(&mut self, id: u32, next: Next) {
        let member = self.members.remove(id as usize);
        if let Some(alarm) = member.alarm {
            self.alarms.remove(&(alarm, id));
        }
        let (topic, place) = (member.topic(), member.place as usize);
        let others = &mut self.topics[topic as usize];
        others.swap_remove(place);
        if let Some(&moved) = others.get(place) {
            let moved = &mut self.members[moved as usize];
            moved.place = place as u32;
            // Who was moved from where a walk is going to where it has been would be passed over.
            if self.walks.iter().any(|walk| walk.topic == topic && walk.next > place) {
                moved.ring_bell();
            }
        }
        let (stream, unread) = member.into_parts();
        (self.give_back)(Left { stream, unread, next });
    }
}
