#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

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
        topic.publish(5, Data::Text("x")).unwrap();
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
    (0..3).for_each(|_| assert!(topic.publish(5, Data::Text(&"x".repeat(400))).is_ok()));
    let limits = Limits { events: 10, bytes: 1_000 };
    assert_eq!(topic.read_after(at(0), limits).unwrap().json_array().len(), 2 * 451 + 1);
    assert_eq!(topic.read_after(at(0), Limits { bytes: 10, ..limits }).unwrap().events.len(), 1);
}

#[test]
fn the_history_is_bounded_in_bytes_too() {
    let feed = Feed::new(1, Kept { events: 1_000, bytes: 1_000 }, EPOCH);
    let topic = &feed.topics()[0];
    (0..10).for_each(|_| assert!(topic.publish(5, Data::Text(&"x".repeat(250))).is_ok()));
    assert_eq!(read(topic, at(0)), (vec![8, 9, 10], 10, 7), "three texts of 300 bytes fit");
}

#[test]
fn however_many_topics_there_are_each_keeps_the_events_of_its_scenario() {
    let scenario = Scenario { fanout: Fanout::Unicast, clients: 5_000, payload_bytes: 20_000, ..Scenario::default() };
    let feed = Feed::of(&scenario, EPOCH);
    let topic = &feed.topics()[4_999];
    let own = "x".repeat(20_000 - feedbench_wire::event::EMPTY_BYTES);
    (0..20).for_each(|_| assert!(topic.publish(5, Data::Text(&own)).is_ok()));
    assert_eq!(read(topic, at(0)).0.len(), scenario.history_events());
}

#[test]
fn an_event_too_long_is_refused_and_takes_no_number() {
    let feed = feed(3);
    let topic = &feed.topics()[0];
    let longest = feedbench_record::scenario::PAYLOAD_MAX_BYTES as usize - feedbench_wire::event::EMPTY_BYTES;
    assert!(topic.publish(5, Data::Text(&"x".repeat(longest))).is_ok());
    assert!(matches!(topic.publish(5, Data::Text(&"x".repeat(longest + 1))), Err(NotPublished::TooLong(_))));
    assert_eq!(topic.newest().seq, 1);
}

#[test]
fn an_event_is_encoded_once_for_each_framing() {
    let event = SharedEvent::new(at(7).unwrap(), 5, Data::Text("x"));
    for framing in Framing::ALL {
        let mut expected = Vec::new();
        framing.event(at(7).unwrap(), event.text(), &mut expected);
        assert_eq!(event.framed(framing).as_ref(), expected);
        assert_eq!(event.framed(framing).as_ptr(), event.framed(framing).as_ptr(), "the same bytes, not a copy");
    }
}

#[test]
fn published_in_a_range_is_counted_as_long_as_the_history_holds_it() {
    let feed = feed(3);
    let topic = &feed.topics()[0];
    (1..=3).for_each(|at_us| assert!(topic.publish(at_us * 10, Data::Text("x")).is_ok()));
    assert_eq!(topic.published_in(10, 30), Some(2));
    assert!(topic.publish(40, Data::Text("x")).is_ok());
    assert_eq!(topic.published_in(10, 30), None, "the event of 10 is gone");
    assert_eq!(topic.published_in(21, 100), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_next_event_and_at_once_when_there_is_one() {
    let feed = Arc::new(feed(10));
    let topic = Arc::clone(&feed.topics()[0]);
    let waiting = tokio::spawn(async move { topic.next_after(None, Limits::PUSH).await });
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(!waiting.is_finished());
    publish(&feed.topics()[1], 1);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(!waiting.is_finished(), "another topic");
    publish(&feed.topics()[0], 2);
    let Next::Events(batch) = waiting.await.unwrap().unwrap() else { panic!("the feed has not ended") };
    assert_eq!(summary(&batch), (vec![1, 2], 2, 0));
    let Next::Events(batch) = feed.topics()[0].next_after(at(1), Limits::PUSH).await.unwrap() else { panic!() };
    assert_eq!(summary(&batch), (vec![2], 2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_end_comes_after_everything_that_is_left() {
    let feed = Arc::new(feed(10));
    let topic = Arc::clone(&feed.topics()[0]);
    let waiting = tokio::spawn(async move { topic.next_after(None, Limits::PUSH).await });
    tokio::task::yield_now().await;
    publish(&feed.topics()[1], 1);
    feed.end();
    feed.ended().await;
    assert!(matches!(waiting.await.unwrap(), Ok(Next::Ended)));
    let left = &feed.topics()[1];
    assert!(matches!(left.next_after(at(0), Limits::PUSH).await, Ok(Next::Events(_))));
    assert!(matches!(left.next_after(at(1), Limits::PUSH).await, Ok(Next::Ended)));
    assert_eq!(left.publish(5, Data::Text("x")), Err(NotPublished::Ended));
}

#[test]
fn no_wake_up_is_lost_between_a_look_and_a_wait() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let feed = Arc::new(feed(100_000));
    let events = 20_000;
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let topic = Arc::clone(&feed.topics()[0]);
            runtime.spawn(async move {
                let mut cursor = Cursor { epoch: EPOCH, seq: 0 };
                while cursor.seq < events {
                    match topic.next_after(Some(cursor), Limits { events: 1, bytes: 1 }).await.unwrap() {
                        Next::Events(batch) => cursor = batch.cursor,
                        Next::Ended => return None,
                    }
                }
                Some(cursor.seq)
            })
        })
        .collect();
    // One event at a time from a thread outside the runtime, as the publisher does it. A lost wake-up hangs the test.
    publish(&feed.topics()[0], events);
    for reader in readers {
        assert_eq!(runtime.block_on(reader).unwrap(), Some(events));
    }
}
