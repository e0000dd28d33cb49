#![allow(clippy::unwrap_used)]

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use feedbench_record::scenario::Fanout;
use feedbench_wire::Cursor;
use feedbench_wire::event::{Data, Event};
use feedbench_wire::framing::Framing;

use super::*;

const EPOCH: u16 = 0xa3f2;

fn feed(kept: usize) -> Feed {
    Feed::new(2, Kept { events: kept, bytes: 1 << 20 }, EPOCH)
}

fn publish(topic: &Topic, events: u64) {
    for _ in 0..events {
        topic.publish(By::Program, 5, Data::Text("x")).unwrap();
    }
}

fn at(seq: u64) -> Option<Cursor> {
    Some(Cursor { epoch: EPOCH, seq })
}

/// The sequence numbers of a batch, its cursor's, and how many were overwritten.
fn summary(batch: &Batch) -> (Vec<u64>, u64, u64) {
    let seqs = batch.events.iter().map(|event| Event::parse(event.text()).unwrap().seq).collect();
    assert_eq!(batch.cursor.epoch, EPOCH);
    (seqs, batch.cursor.seq, batch.overwritten)
}

fn read(topic: &Topic, cursor: Option<Cursor>) -> (Vec<u64>, u64, u64) {
    summary(&topic.read_after(cursor, Limits::ANSWER).unwrap())
}

#[test]
fn without_a_cursor_a_client_starts_at_the_newest_event() {
    let feed = feed(10);
    assert_eq!(read(&feed.topics()[0], None), (vec![], 0, 0));
    publish(&feed.topics()[0], 3);
    assert_eq!(read(&feed.topics()[0], None), (vec![], 3, 0));
}

#[test]
fn a_cursor_gives_what_came_after_it_without_a_gap() {
    let feed = feed(10);
    publish(&feed.topics()[0], 5);
    assert_eq!(read(&feed.topics()[0], at(0)), (vec![1, 2, 3, 4, 5], 5, 0));
    assert_eq!(read(&feed.topics()[0], at(3)), (vec![4, 5], 5, 0));
    assert_eq!(read(&feed.topics()[0], at(5)), (vec![], 5, 0));
}

#[test]
fn a_cursor_older_than_the_history_gives_what_is_kept_and_tells_the_gap() {
    let feed = feed(3);
    publish(&feed.topics()[0], 10);
    assert_eq!(read(&feed.topics()[0], at(2)), (vec![8, 9, 10], 10, 5));
    assert_eq!(read(&feed.topics()[0], at(7)), (vec![8, 9, 10], 10, 0));
}

#[test]
fn a_cursor_of_another_epoch_gives_what_is_kept_and_no_gap() {
    let feed = feed(3);
    publish(&feed.topics()[0], 10);
    for seq in [0, 5, 1_000_000] {
        assert_eq!(read(&feed.topics()[0], Some(Cursor { epoch: 1, seq })), (vec![8, 9, 10], 10, 0));
    }
}

#[test]
fn a_cursor_from_the_future_is_an_error() {
    let feed = feed(3);
    publish(&feed.topics()[0], 4);
    let error = feed.topics()[0].read_after(at(5), Limits::ANSWER).unwrap_err();
    assert_eq!(error, CursorAhead { cursor: at(5).unwrap(), newest: 4 });
}

#[test]
fn topics_have_names_and_each_counts_for_itself() {
    let feed = feed(3);
    publish(feed.topic("t1").unwrap(), 2);
    assert_eq!(feed.topic("all").unwrap().newest().seq, 0);
    assert_eq!(feed.topic("t1").unwrap().newest().seq, 2);
    for unknown in ["", "t0", "t2", "ALL", "t+1", "t01"] {
        assert!(feed.topic(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn a_read_is_bounded_in_events_and_in_bytes_but_always_gets_on() {
    let feed = feed(5_000);
    publish(&feed.topics()[0], 2_500);
    let (seqs, cursor, _) = read(&feed.topics()[0], at(0));
    assert_eq!((seqs.len(), cursor), (1_000, 1_000));
    assert_eq!(read(&feed.topics()[0], at(2_000)).0.len(), 500);

    let topic = &feed.topics()[1];
    (0..3).for_each(|_| assert!(topic.publish(By::Program, 5, Data::Text(&"x".repeat(400))).is_ok()));
    let limits = Limits { events: 10, bytes: 1_000 };
    assert_eq!(topic.read_after(at(0), limits).unwrap().content(false).bytes.len(), 2 * 451 + 1);
    assert_eq!(topic.read_after(at(0), Limits { bytes: 10, ..limits }).unwrap().events.len(), 1);
}

#[test]
fn the_history_is_bounded_in_bytes_too() {
    let feed = Feed::new(1, Kept { events: 1_000, bytes: 1_000 }, EPOCH);
    let topic = &feed.topics()[0];
    (0..10).for_each(|_| assert!(topic.publish(By::Program, 5, Data::Text(&"x".repeat(250))).is_ok()));
    assert_eq!(read(topic, at(0)), (vec![8, 9, 10], 10, 7), "three texts of 300 bytes fit");
}

#[test]
fn however_many_topics_there_are_each_keeps_the_events_of_its_scenario() {
    let scenario = Scenario { fanout: Fanout::Unicast, clients: 5_000, payload_bytes: 20_000, ..Scenario::default() };
    let feed = Feed::of(&scenario, EPOCH);
    let topic = &feed.topics()[4_999];
    let own = "x".repeat(20_000 - feedbench_wire::event::EMPTY_BYTES);
    (0..20).for_each(|_| assert!(topic.publish(By::Program, 5, Data::Text(&own)).is_ok()));
    assert_eq!(read(topic, at(0)).0.len(), scenario.history_events());
}

#[test]
fn an_event_too_long_is_refused_and_takes_no_number() {
    let feed = feed(3);
    let topic = &feed.topics()[0];
    let longest = feedbench_record::scenario::PAYLOAD_MAX_BYTES as usize - feedbench_wire::event::EMPTY_BYTES;
    assert!(topic.publish(By::Program, 5, Data::Text(&"x".repeat(longest))).is_ok());
    assert!(matches!(
        topic.publish(By::Program, 5, Data::Text(&"x".repeat(longest + 1))),
        Err(NotPublished::TooLong(_))
    ));
    assert_eq!(topic.newest().seq, 1);
}

#[test]
fn an_event_is_encoded_once_for_each_way_it_is_written() {
    let event = SharedEvent::new(at(7).unwrap(), 5, Data::Text("x"));
    let text = event.text();
    for framing in Framing::ALL {
        let mut body = Vec::new();
        framing.event(at(7).unwrap(), text, &mut body);
        assert_eq!(event.encoded(Encoding::Body(framing)).as_ref(), body);
        let chunk = [format!("{:X}\r\n", body.len()).as_bytes(), &body, b"\r\n"].concat();
        assert_eq!(event.encoded(Encoding::Chunk(framing)).as_ref(), chunk);
    }
    for (encoding, first) in [(Encoding::TextFrame, 0x81), (Encoding::BinaryFrame, 0x82)] {
        assert_eq!(event.encoded(encoding).as_ref(), [&[first, text.len() as u8], text.as_ref()].concat());
        assert_eq!(event.encoded(encoding).as_ptr(), event.encoded(encoding).as_ptr(), "the same bytes, not a copy");
    }
}

#[test]
fn several_events_go_out_together_in_one_chunk_and_in_a_frame_each() {
    let feed = feed(10);
    publish(&feed.topics()[0], 3);
    let batch = feed.topics()[0].read_after(at(0), Limits::PUSH).unwrap();
    let of_each =
        |encoding| batch.events.iter().map(|event| event.encoded(encoding).as_ref()).collect::<Vec<_>>().concat();
    for encoding in Framing::ALL.map(Encoding::Body).into_iter().chain([Encoding::TextFrame, Encoding::BinaryFrame]) {
        assert_eq!(batch.encoded(encoding), of_each(encoding), "{encoding:?}");
    }
    let body = of_each(Encoding::Body(Framing::Sse));
    let chunk = [format!("{:X}\r\n", body.len()).as_bytes(), &body, b"\r\n"].concat();
    assert_eq!(batch.encoded(Encoding::Chunk(Framing::Sse)), chunk);
}

#[test]
fn published_in_a_range_is_counted_as_long_as_the_history_holds_it() {
    let feed = feed(3);
    let topic = &feed.topics()[0];
    (1..=3).for_each(|at_us| assert!(topic.publish(By::Program, at_us * 10, Data::Text("x")).is_ok()));
    assert_eq!(topic.published_in(10, 30), Some(2));
    assert!(topic.publish(By::Program, 40, Data::Text("x")).is_ok());
    assert_eq!(topic.published_in(10, 30), None, "the event of 10 is gone");
    assert_eq!(topic.published_in(21, 100), Some(2));
}

#[test]
fn who_listens_hears_which_topics_have_something_new_and_each_client_whether_it_is_for_him() {
    let feed = feed(10);
    let news = feed.listen();
    let topic = &feed.topics()[1];
    assert_eq!((news.take(), topic.has_news(at(0).unwrap())), (None, false));
    publish(topic, 2);
    assert_eq!((news.take(), news.take()), (Some(1), None));
    assert!(topic.has_news(at(1).unwrap()) && !topic.has_news(at(2).unwrap()));
    assert!(!feed.topics()[0].has_news(at(0).unwrap()), "another topic");
}

#[test]
fn the_end_is_news_for_everyone_and_comes_after_everything_that_is_left() {
    let feed = feed(10);
    let topic = &feed.topics()[1];
    publish(topic, 1);
    feed.end();
    assert!(feed.topics().iter().all(|topic| topic.has_ended() && topic.has_news(topic.newest())));
    assert_eq!(read(topic, at(0)), (vec![1], 1, 0));
    assert_eq!(topic.publish(By::Program, 5, Data::Text("x")), Err(NotPublished::Ended));
}

#[test]
fn a_slow_client_may_be_as_far_behind_as_its_queue_and_the_history_reach() {
    let feed = feed(10);
    let topic = &feed.topics()[0];
    publish(topic, 8);
    assert_eq!(topic.oldest_within(None), 0);
    assert_eq!(topic.oldest_within(Some(3)), 5);
    publish(topic, 8);
    assert_eq!((topic.oldest_within(None), topic.oldest_within(Some(3)), topic.oldest_within(Some(100))), (6, 13, 6));
}

#[test]
fn no_news_are_lost_between_a_look_and_a_wait() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let feed = Arc::new(feed(100_000));
    let events = 20_000;
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (topic, news) = (Arc::clone(&feed.topics()[0]), feed.listen());
            let mut cursor = Cursor { epoch: EPOCH, seq: 0 };
            runtime.spawn(poll_fn(move |context| {
                news.wake(context.waker());
                while news.take().is_some() {
                    while topic.has_news(cursor) {
                        cursor = topic.read_after(Some(cursor), Limits::ANSWER).unwrap().cursor;
                    }
                }
                if cursor.seq < events { Poll::Pending } else { Poll::Ready(cursor.seq) }
            }))
        })
        .collect();
    // One event at a time from a thread outside the runtime, as the publisher does it. A lost wake-up hangs the test.
    publish(&feed.topics()[0], events);
    for reader in readers {
        assert_eq!(runtime.block_on(reader).unwrap(), events);
    }
}
