//! The publisher: one program with two drivers, a thread of its own in real time and a task in the runtime's time.
//!
//! A timer of the runtime is 1 ms coarse; a thread that sleeps to the instant is late by tens of microseconds.

use std::iter::Peekable;
use std::sync::Arc;
use std::thread::{self, Thread};
use std::time::Duration;

use feedbench_record::Histogram;
use feedbench_record::histogram::Precision;
use feedbench_record::run::Window;
use feedbench_wire::Clock;
use tokio::sync::{oneshot, watch};

use crate::feed::{By, Feed, NotPublished};
use crate::schedule::Schedule;
use crate::source::{Content, Program};

/// When a publisher publishes (us of its clock).
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The program's instants count from here.
    pub start_us: u64,
    /// Events intended for this instant or later are not published; `None` for no end.
    pub end_us: Option<u64>,
    /// The measurement window, if there is one.
    pub window: Option<Window>,
}

/// What a publisher has done.
#[derive(Clone, Debug)]
pub struct Published {
    /// Events, for each topic.
    pub total: Vec<u64>,
    /// Events whose intended instant lies in the window, for each topic.
    pub in_window: Vec<u64>,
    /// How late those were published.
    pub lag: Histogram,
}

impl Published {
    /// Nothing, on so many topics.
    pub fn none(topics: usize) -> Published {
        Published { total: vec![0; topics], in_window: vec![0; topics], lag: Histogram::new(Precision::Fine) }
    }
}

/// A publisher at work. It ends with its program, its span or the feed, or when it is stopped
/// or dropped.
#[derive(Debug)]
pub struct Publisher {
    stop: watch::Sender<bool>,
    done: oneshot::Receiver<Published>,
    thread: Option<Thread>,
}

impl Publisher {
    /// Publishes in the time of `clock`: real time from a thread, the runtime's own from a task, whose timers are coarser.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(program: Program, feed: Arc<Feed>, span: Span, clock: Clock) -> std::io::Result<Publisher> {
        match clock {
            Clock::Monotonic => Publisher::thread(program, feed, span),
            Clock::Runtime { .. } => Ok(Publisher::task(program, feed, span, clock)),
        }
    }

    /// Publishes from a thread of its own, in real time.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn thread(program: Program, feed: Arc<Feed>, span: Span) -> std::io::Result<Publisher> {
        let (stop, stopped) = watch::channel(false);
        let (report, done) = oneshot::channel();
        let mut run = Run::new(program, feed, span);
        let work = move || {
            while let Some(at_us) = run.next_us() {
                loop {
                    let now_us = Clock::Monotonic.now_us();
                    if *stopped.borrow() || now_us >= at_us {
                        break;
                    }
                    thread::park_timeout(Duration::from_micros(at_us - now_us));
                }
                if *stopped.borrow() || run.publish_next(Clock::Monotonic).is_err() {
                    break;
                }
            }
            let _ = report.send(run.published);
        };
        let handle = thread::Builder::new().name("publisher".to_owned()).spawn(work)?;
        Ok(Publisher { stop, done, thread: Some(handle.thread().clone()) })
    }

    /// Publishes from a task, in the time of `clock`.
    pub fn task(program: Program, feed: Arc<Feed>, span: Span, clock: Clock) -> Publisher {
        let (stop, mut stopped) = watch::channel(false);
        let (report, done) = oneshot::channel();
        let mut run = Run::new(program, feed, span);
        tokio::spawn(async move {
            while let Some(at_us) = run.next_us() {
                tokio::select! {
                    biased;
                    _ = stopped.wait_for(|&stop| stop) => break,
                    () = clock.sleep_until_us(at_us) => {}
                }
                if run.publish_next(clock).is_err() {
                    break;
                }
            }
            let _ = report.send(run.published);
        });
        Publisher { stop, done, thread: None }
    }

    /// Publishes nothing more.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        if let Some(thread) = &self.thread {
            thread.unpark();
        }
    }

    /// Waits until it has ended; `None` when it panicked, and when this was asked before.
    pub async fn finished(&mut self) -> Option<Published> {
        (&mut self.done).await.ok()
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What both drivers share: everything but the waiting.
struct Run {
    schedule: Peekable<Schedule>,
    content: Content,
    feed: Arc<Feed>,
    span: Span,
    published: Published,
}

impl Run {
    fn new(program: Program, feed: Arc<Feed>, span: Span) -> Run {
        let published = Published::none(feed.topics().len());
        Run { schedule: program.schedule.peekable(), content: program.content, feed, span, published }
    }

    /// The next intended instant (us); `None` when nothing is left.
    fn next_us(&mut self) -> Option<u64> {
        let at_us = self.span.start_us + self.schedule.peek()?.after_us;
        self.span.end_us.is_none_or(|end_us| at_us < end_us).then_some(at_us)
    }

    fn publish_next(&mut self, clock: Clock) -> Result<(), NotPublished> {
        let Some(planned) = self.schedule.next() else { return Ok(()) };
        let at_us = self.span.start_us + planned.after_us;
        let topic = planned.topic as usize;
        // Before publishing: waking the clients is work of the feed, and the delivery latency shows it.
        let lag_us = clock.now_us() as i64 - at_us as i64;
        self.feed.topics()[topic].publish(By::Program, at_us, self.content.data(planned.nth))?;
        self.published.total[topic] += 1;
        if self.span.window.is_some_and(|window| window.contains(at_us)) {
            self.published.in_window[topic] += 1;
            self.published.lag.record(lag_us);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::feed::Limits;
    use feedbench_record::Scenario;
    use feedbench_record::scenario::{Arrivals, Fanout};
    use feedbench_wire::Cursor;
    use tokio::time::Instant;

    const EPOCH: u16 = 1;

    fn scenario() -> Scenario {
        Scenario { rate_per_s: 50.0, arrivals: Arrivals::Poisson, fanout: Fanout::Rooms(3), ..Scenario::default() }
    }

    fn program() -> Program {
        Program::of(&scenario(), None).unwrap().unwrap()
    }

    /// The intended instants of a topic's events, and their texts.
    fn events(feed: &Feed, topic: usize) -> Vec<(u64, bytes::Bytes)> {
        let batch = feed.topics()[topic].read_after(Some(Cursor { epoch: EPOCH, seq: 0 }), Limits::ANSWER).unwrap();
        batch.events.iter().map(|event| (event.at_us(), event.text().clone())).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn in_simulated_time_every_event_is_published_within_a_timer_tick_of_its_instant() {
        let clock = Clock::Runtime { origin: Instant::now() };
        let feed = Arc::new(Feed::of(&scenario(), EPOCH));
        let window = Window { start_us: 3_000_000, end_us: 9_000_000 };
        let span = Span { start_us: 1_000_000, end_us: Some(window.end_us), window: Some(window) };
        let published = Publisher::task(program(), Arc::clone(&feed), span, clock).finished().await.unwrap();

        for topic in 0..3 {
            let intended: Vec<u64> = program()
                .schedule
                .map(|planned| (planned.topic as usize, span.start_us + planned.after_us))
                .take_while(|&(_, at_us)| at_us < window.end_us)
                .filter_map(|(of, at_us)| (of == topic).then_some(at_us))
                .collect();
            let at_us: Vec<u64> = events(&feed, topic).into_iter().map(|(at_us, _)| at_us).collect();
            assert_eq!(at_us, intended);
            assert_eq!(published.total[topic], intended.len() as u64);
            let in_window = intended.iter().filter(|&&at_us| window.contains(at_us)).count();
            assert_eq!(published.in_window[topic], in_window as u64);
        }
        assert_eq!(published.lag.count(), published.in_window.iter().sum::<u64>());
        assert!(published.lag.max_us().unwrap() <= 1_000, "a timer of the runtime is 1 ms coarse");
    }

    #[tokio::test]
    async fn both_drivers_publish_the_same_events() {
        let clock = Clock::Monotonic;
        let feeds = [Arc::new(Feed::of(&scenario(), EPOCH)), Arc::new(Feed::of(&scenario(), EPOCH))];
        let start_us = clock.now_us();
        let span = Span { start_us, end_us: Some(start_us + 200_000), window: None };
        let mut thread = Publisher::thread(program(), Arc::clone(&feeds[0]), span).unwrap();
        let mut task = Publisher::task(program(), Arc::clone(&feeds[1]), span, clock);
        let (thread, task) = (thread.finished().await.unwrap(), task.finished().await.unwrap());
        assert_eq!(thread.total, task.total);
        for topic in 0..3 {
            assert!(!events(&feeds[0], topic).is_empty());
            assert_eq!(events(&feeds[0], topic), events(&feeds[1], topic));
        }
    }

    #[tokio::test]
    async fn a_publisher_stops_when_it_is_told_and_when_the_feed_ends() {
        let never = |feed: &Arc<Feed>| {
            let span = Span { start_us: Clock::Monotonic.now_us() + 3_600_000_000, end_us: None, window: None };
            [
                Publisher::thread(program(), Arc::clone(feed), span).unwrap(),
                Publisher::task(program(), Arc::clone(feed), span, Clock::Monotonic),
            ]
        };
        let feed = Arc::new(Feed::of(&scenario(), EPOCH));
        for mut publisher in never(&feed) {
            publisher.stop();
            assert_eq!(publisher.finished().await.unwrap().total, [0, 0, 0]);
        }
        let span = Span { start_us: Clock::Monotonic.now_us(), end_us: None, window: None };
        let mut publisher = Publisher::thread(program(), Arc::clone(&feed), span).unwrap();
        feed.end();
        assert!(publisher.finished().await.is_some());
    }
}
