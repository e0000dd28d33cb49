//! A server that starts again from its state file.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::sync::Arc;

use feedbench_record::scenario::{Fanout, Source};
use feedbench_record::{Scenario, Transport};
use feedbench_server::Server;
use feedbench_server::feed::{By, Feed, Limits};
use feedbench_server::publisher::{Publisher, Span};
use feedbench_server::source::Program;
use feedbench_wire::event::{Data, Event};
use feedbench_wire::{Clock, Cursor};
use support::{Client, EPOCH, Reading, config, cursor, publish};
use tokio::time::{Duration, Instant, sleep};

fn told(text: &str) {
    panic!("nobody has to be told anything: {text}");
}

#[tokio::test]
async fn a_client_of_the_life_before_gets_the_same_texts_again_and_what_comes_after_them() {
    for transport in Transport::ALL {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let before = Feed::continued(&Scenario::default(), 1, &path, told).unwrap();
        let topic = &before.topics()[0];
        for text in ["one", "</script>\u{2028}", "three"] {
            topic.publish(By::Client, 7, Data::Text(text)).unwrap();
        }
        let batch = topic.read_after(Some(Cursor { epoch: 1, seq: 0 }), Limits::ANSWER).unwrap();
        let texts: Vec<_> = batch.events.iter().map(|event| event.text().clone()).collect();
        drop((batch, before));

        let config = config(Scenario::default());
        let feed = Feed::continued(&config.scenario, EPOCH, &path, told).unwrap();
        let server = Server::with_feed(&config, feed).unwrap();
        let mut client = Client::open(&server, transport, Some(Cursor { epoch: 1, seq: 2 })).await;
        if client.reading == Some(Reading::Array) {
            client.at = Some(cursor(0));
        }
        client.expect(&texts, 1, false).await;
        let more = publish(&server, 2);
        client.expect(&more, 4, false).await;
    }
}

/// The data of every event that the state file brings back, for each topic.
fn kept(path: &Path, scenario: &Scenario) -> Vec<Vec<String>> {
    let feed = Feed::continued(scenario, 1, path, told).unwrap();
    let all = Limits { events: usize::MAX, bytes: usize::MAX };
    let of_topic = |topic: &Arc<feedbench_server::feed::Topic>| {
        let batch = topic.read_after(Some(Cursor { epoch: 2, seq: 0 }), all).unwrap();
        batch.events.iter().map(|event| Event::parse(event.text()).unwrap().data.get().to_owned()).collect()
    };
    feed.topics().iter().map(of_topic).collect()
}

/// Publishes a scenario for so long in each of several lives.
async fn publish_in_lives(path: &Path, scenario: &Scenario, series: Option<&str>, lives_ms: &[u64]) {
    let clock = Clock::Runtime { origin: Instant::now() };
    for &life_ms in lives_ms {
        let feed = Arc::new(Feed::continued(scenario, 1, path, told).unwrap());
        let program = Program::of(scenario, series).unwrap().unwrap().starting_at(&feed.program_position());
        let span = Span { start_us: clock.now_us(), end_us: None, window: None };
        let mut publisher = Publisher::task(program, feed, span, clock);
        sleep(Duration::from_millis(life_ms)).await;
        publisher.stop();
        publisher.finished().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn made_up_texts_are_those_of_a_server_that_never_stopped() {
    let scenario = Scenario { rate_per_s: 50.0, payload_bytes: 77, ..Scenario::default() };
    let dir = tempfile::tempdir().unwrap();
    let (stopped, whole) = (dir.path().join("stopped"), dir.path().join("whole"));
    publish_in_lives(&stopped, &scenario, None, &[1_000, 10, 700, 2_000]).await;
    publish_in_lives(&whole, &scenario, None, &[6_000]).await;
    let (stopped, whole) = (kept(&stopped, &scenario), kept(&whole, &scenario));
    assert!(stopped[0].len() > 100 && whole[0].len() > stopped[0].len());
    assert_eq!(stopped[0], whole[0][..stopped[0].len()]);
}

#[tokio::test(start_paused = true)]
async fn a_series_goes_on_at_its_next_line_on_every_topic_until_its_end() {
    let series: String = (0..300).map(|n| format!("{{\"time\":{},\"n\":{n}}}\n", 1_000 + n / 7)).collect();
    let lines: Vec<_> = series.lines().collect();
    let source = |own_pace| Source::Replay { name: "x.ndjson".to_owned(), own_pace, speed: 10.0 };
    for (own_pace, rate_per_s) in [(true, 2.0), (false, 60.0)] {
        let scenario =
            Scenario { source: source(own_pace), rate_per_s, fanout: Fanout::Rooms(3), ..Scenario::default() };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        publish_in_lives(&path, &scenario, Some(&series), &[1_300, 0, 150, 90, 6_000]).await;
        for of_topic in kept(&path, &scenario) {
            assert!(of_topic.len() >= if own_pace { 300 } else { 100 }, "{}", of_topic.len());
            assert!(of_topic.iter().zip(lines.iter().cycle()).all(|(data, line)| data == line), "{of_topic:?}");
            assert!(!own_pace || of_topic.len() == 300, "at its own pace it does not begin again");
        }
        let feed = Feed::continued(&scenario, 1, &path, told).unwrap();
        let program = Program::of(&scenario, Some(&series)).unwrap().unwrap();
        assert!(!program.is_over());
        assert_eq!(program.starting_at(&feed.program_position()).is_over(), own_pace);
    }
}
