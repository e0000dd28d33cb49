//! The feed: a set of topics, each a bounded history of events with a cursor.
//!
//! Polls read after their cursor and never wait ([`Topic::read_after`]); for the others, somebody listens to the topics'
//! [`News`] and reads as soon as there are some. Both see the same history, so what was published between two requests is
//! there at the next one, and an event that was overwritten is lost on every transport alike.
//!
//! A feed may keep a [`journal`]: a server that starts again then goes on where the last one stopped.

mod batch;
mod content;
mod encoding;
mod event;
pub mod journal;
mod news;
#[cfg(test)]
mod tests;
mod topic;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use feedbench_record::Scenario;
use feedbench_record::scenario::{Source, topic_name};
use tokio::sync::watch;

use journal::{Journal, JournalError, Tell};

pub use batch::{Batch, Limits};
pub use content::Content;
pub use encoding::Encoding;
pub use event::SharedEvent;
pub use news::News;
pub use topic::{By, CursorAhead, Kept, NotPublished, Topic};

/// Event text kept over all topics (bytes).
const HISTORY_MAX_BYTES: usize = 64 << 20;

/// The feed of one life of the server.
#[derive(Debug)]
pub struct Feed {
    epoch: u16,
    topics: Vec<Arc<Topic>>,
    by_name: HashMap<String, usize>,
    listeners: Arc<Listeners>,
    ended: watch::Sender<bool>,
}

/// Everybody who wants the news of all topics.
type Listeners = RwLock<Vec<Arc<News>>>;

impl Feed {
    /// A feed with so many topics (named by [`topic_name`]), each keeping so much.
    pub fn new(topics: u32, kept: Kept, epoch: u16) -> Feed {
        Feed::with_topics(&(0..topics).collect::<Vec<_>>(), kept, epoch, |topic| topic)
    }

    /// A feed with the topics of these numbers, in this order, each made ready by `ready`.
    fn with_topics(numbers: &[u32], kept: Kept, epoch: u16, mut ready: impl FnMut(Topic) -> Topic) -> Feed {
        let listeners = Arc::<Listeners>::default();
        let mut topic = |index| Arc::new(ready(Topic::new(index, epoch, kept, Arc::clone(&listeners))));
        Feed {
            epoch,
            topics: (0..).take(numbers.len()).map(&mut topic).collect(),
            by_name: numbers.iter().enumerate().map(|(index, &number)| (topic_name(number), index)).collect(),
            listeners,
            ended: watch::Sender::new(false),
        }
    }

    /// The feed of a scenario.
    pub fn of(scenario: &Scenario, epoch: u16) -> Feed {
        Feed::with_topics(&scenario.topics(), Kept::of(scenario), epoch, |topic| topic)
    }

    /// The feed of a scenario that goes on after what the journal at `path` says, and keeps it from now on. What people
    /// have to know of it goes to `tell`, now and later.
    ///
    /// # Errors
    /// When there is such a file and it cannot be continued, or it cannot be written.
    pub fn continued(scenario: &Scenario, epoch: u16, path: &Path, tell: Tell) -> Result<Feed, JournalError> {
        let (topics, kept) = (scenario.topics(), Kept::of(scenario));
        let source = match &scenario.source {
            Source::Synthetic => "synthetic".to_owned(),
            Source::Replay { name, .. } => format!("replay {name}"),
            Source::Stdin => "standard input".to_owned(),
        };
        let (journal, pasts) = Journal::open(path, source, topics.len() as u32, kept, tell)?;
        let (journal, mut pasts) = (Arc::new(journal), pasts.into_iter());
        let ready = |topic: Topic| topic.continued(pasts.next().unwrap_or_default(), Arc::clone(&journal));
        Ok(Feed::with_topics(&topics, kept, epoch, ready))
    }

    /// How many events of each topic the program has published, in all lives of the feed
    /// ([`Program::starting_at`](crate::source::Program::starting_at)). It rests when no publisher is at work.
    pub fn program_position(&self) -> Vec<u64> {
        self.topics.iter().map(|topic| topic.program_position()).collect()
    }

    /// Which life of the server this is.
    pub fn epoch(&self) -> u16 {
        self.epoch
    }

    /// Every topic, in order.
    pub fn topics(&self) -> &[Arc<Topic>] {
        &self.topics
    }

    /// The topic of a name.
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.by_name.get(name).map(|&index| &self.topics[index])
    }

    /// The news of all topics from now on. Whoever listens keeps it until the feed is gone.
    pub fn listen(&self) -> Arc<News> {
        let news = Arc::new(News::of(self.topics.len()));
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&news));
        news
    }

    /// Ends the feed: nothing can be published any more, and every wait ends once its client has what is left.
    pub fn end(&self) {
        // First the flag: a connection that a topic wakes must already see that the feed has ended.
        self.ended.send_replace(true);
        self.topics.iter().for_each(|topic| topic.end());
    }

    /// Waits for the end of the feed.
    pub async fn ended(&self) {
        // The sender lives as long as `self`, so the wait can only end well.
        let _ = self.ended.subscribe().wait_for(|&ended| ended).await;
    }
}

impl Kept {
    /// What a topic of a scenario keeps.
    fn of(scenario: &Scenario) -> Kept {
        let events = scenario.history_events();
        // Texts may be longer than the scenario says (a replay, a client's event), but its own always have their place.
        let own = events * scenario.payload_bytes as usize;
        Kept { events, bytes: own.max(HISTORY_MAX_BYTES / scenario.topics().len().max(1)) }
    }
}

/// An epoch that the last life of the server did not have, most likely: two bytes from the operating system, which is
/// where the standard library takes the keys of its hash maps from.
pub fn random_epoch() -> u16 {
    RandomState::new().hash_one("epoch") as u16
}
