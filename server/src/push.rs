//! What a pushed connection waits for: one type behind streams, waiting long polls and WebSocket.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use feedbench_wire::Cursor;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::feed::{Batch, CursorAhead, Limits, Next, Topic};

/// A client's place in a topic.
#[derive(Clone, Debug)]
pub struct Subscription {
    topic: Arc<Topic>,
    cursor: Cursor,
}

impl Subscription {
    /// Takes the place that the client's cursor names; without one, the newest.
    ///
    /// # Errors
    /// When the cursor lies beyond the newest event.
    pub fn new(topic: Arc<Topic>, cursor: Option<Cursor>) -> Result<Subscription, CursorAhead> {
        let cursor = topic.position(cursor)?;
        Ok(Subscription { topic, cursor })
    }

    /// The client's position.
    pub fn position(&self) -> Cursor {
        self.cursor
    }

    /// Waits for events. Several that are due come together. May be dropped at any moment: nothing is lost.
    pub async fn next(&mut self, limits: Limits) -> Next {
        let next = self.topic.next_after(Some(self.cursor), limits).await;
        match next {
            Ok(Next::Events(batch)) => {
                self.cursor = batch.cursor;
                Next::Events(batch)
            }
            Ok(Next::Ended) => Next::Ended,
            Err(CursorAhead { .. }) => {
                unreachable!("the cursor came from this topic, whose newest event never goes back")
            }
        }
    }
}

/// What is due on a pushed connection.
#[derive(Debug)]
pub enum Due {
    /// Events.
    Events(Batch),
    /// Nothing was due for the heartbeat's time.
    Heartbeat,
    /// The connection's time is over.
    Expired,
    /// The feed has ended, and the client has all of it.
    Ended,
}

/// A subscription with a heartbeat, and with an end if it has one.
#[derive(Debug)]
pub struct Push {
    subscription: Subscription,
    heartbeat: Duration,
    expires: Option<Instant>,
    last_due: Instant,
    got_on: bool,
    alarm: Pin<Box<Sleep>>,
}

impl Push {
    /// Starts now. `heartbeat` is how long the connection may be silent, `lifetime` when it expires.
    pub fn new(subscription: Subscription, heartbeat: Duration, lifetime: Option<Duration>) -> Push {
        let now = Instant::now();
        // A heartbeat of 0 would never let the task rest; the runtime's timers count in milliseconds.
        let heartbeat = heartbeat.max(Duration::from_millis(1));
        let expires = lifetime.map(|lifetime| now + lifetime);
        let alarm = Box::pin(sleep_until(expires.map_or(now + heartbeat, |expires| expires.min(now + heartbeat))));
        Push { subscription, heartbeat, expires, last_due: now, got_on: false, alarm }
    }

    /// The client's position.
    pub fn position(&self) -> Cursor {
        self.subscription.position()
    }

    /// The topic that the client follows.
    pub fn topic(&self) -> &Topic {
        &self.subscription.topic
    }

    /// Waits for what is due next. May be dropped at any moment: nothing is lost.
    pub async fn next(&mut self) -> Due {
        // Before the events, because a busy topic always has some; but not before the first ones, because a connection
        // that comes back again and again must get on.
        if self.got_on && self.expires.is_some_and(|expires| expires <= Instant::now()) {
            return Due::Expired;
        }
        loop {
            tokio::select! {
                biased;
                next = self.subscription.next(Limits::PUSH) => {
                    self.last_due = Instant::now();
                    self.got_on = true;
                    return match next {
                        Next::Events(batch) => Due::Events(batch),
                        Next::Ended => Due::Ended,
                    };
                }
                // The alarm is set again when it rings, not at every event: most events then cost no timer.
                () = &mut self.alarm => {
                    let now = Instant::now();
                    if self.expires.is_some_and(|expires| expires <= now) {
                        return Due::Expired;
                    }
                    let silent = self.last_due + self.heartbeat <= now;
                    if silent {
                        self.last_due = now;
                    }
                    let heartbeat_at = self.last_due + self.heartbeat;
                    self.alarm.as_mut().reset(self.expires.map_or(heartbeat_at, |expires| expires.min(heartbeat_at)));
                    if silent {
                        return Due::Heartbeat;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::feed::{Feed, Kept};
    use feedbench_wire::event::Data;
    use tokio::time::advance;

    fn setup(heartbeat_ms: u64, lifetime_ms: Option<u64>) -> (Feed, Push) {
        let feed = Feed::new(1, Kept { events: 10, bytes: 1 << 20 }, 1);
        let subscription = Subscription::new(Arc::clone(&feed.topics()[0]), None).unwrap();
        let push = Push::new(subscription, Duration::from_millis(heartbeat_ms), lifetime_ms.map(Duration::from_millis));
        (feed, push)
    }

    fn publish(feed: &Feed) {
        feed.topics()[0].publish(1, Data::Text("x")).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_is_due_after_every_silence_and_only_then() {
        let (feed, mut push) = setup(1_000, None);
        let start = Instant::now();
        assert!(matches!(push.next().await, Due::Heartbeat));
        assert_eq!(start.elapsed(), Duration::from_millis(1_000));
        assert!(matches!(push.next().await, Due::Heartbeat));
        assert_eq!(start.elapsed(), Duration::from_millis(2_000));
        advance(Duration::from_millis(600)).await;
        publish(&feed);
        assert!(matches!(push.next().await, Due::Events(_)));
        assert!(matches!(push.next().await, Due::Heartbeat));
        assert_eq!(start.elapsed(), Duration::from_millis(3_600), "a second after the event");
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_expires_too() {
        let (feed, mut push) = setup(10_000, Some(300));
        for _ in 0..3 {
            publish(&feed);
            assert!(matches!(push.next().await, Due::Events(_)));
            advance(Duration::from_millis(100)).await;
        }
        publish(&feed);
        assert!(matches!(push.next().await, Due::Expired));
        assert_eq!(push.position().seq, 3, "the fourth event is not taken");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_whose_time_is_over_at_once_still_gets_on() {
        let (feed, mut push) = setup(10_000, Some(0));
        publish(&feed);
        assert!(matches!(push.next().await, Due::Events(_)));
        publish(&feed);
        assert!(matches!(push.next().await, Due::Expired));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_expires_on_time() {
        let (_feed, mut push) = setup(200, Some(500));
        let start = Instant::now();
        assert!(matches!(push.next().await, Due::Heartbeat));
        assert!(matches!(push.next().await, Due::Heartbeat));
        assert!(matches!(push.next().await, Due::Expired));
        assert_eq!(start.elapsed(), Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_a_wait_loses_nothing_and_the_end_comes_last() {
        let (feed, mut push) = setup(60_000, None);
        for _ in 0..3 {
            assert!(tokio::time::timeout(Duration::from_millis(10), push.next()).await.is_err());
        }
        publish(&feed);
        publish(&feed);
        feed.end();
        assert!(matches!(push.next().await, Due::Events(batch) if batch.events.len() == 2));
        assert!(matches!(push.next().await, Due::Ended));
        assert!(matches!(push.next().await, Due::Ended));
    }
}
