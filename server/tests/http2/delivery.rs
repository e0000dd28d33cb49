//! What is delivered, and when: the same as over HTTP/1.1.

use feedbench_record::scenario::Recycle;
use feedbench_record::{Scenario, Transport};
use feedbench_wire::path;
use feedbench_wire::reader::{Item, StreamReader};

use crate::client::Client;
use crate::follower::Follower;
use crate::support::{self, cursor, publish, server};
use crate::{holders, pushed, until};

#[tokio::test]
async fn both_versions_deliver_the_same_sequence_over_every_transport() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut second = Follower::open(&client, transport, None).await;
        let mut first = support::Client::open(&server, transport, None).await;
        for events in [2, 1, 30] {
            let from = first.at.unwrap().seq + 1;
            let texts = publish(&server, events);
            second.expect(&client, &texts).await;
            first.expect(&texts, from, false).await;
        }
    }
}

#[tokio::test]
async fn all_transports_share_one_connection() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let mut followers = Vec::new();
    for transport in Transport::ALL.into_iter().chain(Transport::ALL) {
        followers.push(Follower::open(&client, transport, None).await);
    }
    assert_eq!(server.ledger().open_now(), 1);
    for _ in 0..3 {
        let texts = publish(&server, 2);
        for follower in &mut followers {
            follower.expect(&client, &texts).await;
        }
    }
}

#[tokio::test]
async fn a_cursor_in_the_past_gives_what_came_since() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let texts = publish(&server, 5);
        let client = Client::connect(&server).await;
        for past in [0, 3] {
            let mut follower = Follower::open(&client, transport, Some(cursor(past))).await;
            follower.expect(&client, &texts[past as usize..]).await;
        }
    }
}

#[tokio::test]
async fn each_write_is_one_data_frame() {
    for transport in pushed() {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut follower = Follower::open(&client, transport, None).await;
        for _ in 0..3 {
            publish(&server, 1);
            let frame = follower.answer.as_mut().unwrap().frame().await.unwrap().unwrap();
            let text = String::from_utf8_lossy(&frame).into_owned();
            assert_eq!(text.matches("\"seq\":").count(), 1, "{transport}: {text}");
        }
        // Those that are due together go out together.
        publish(&server, 7);
        let frame = follower.answer.as_mut().unwrap().frame().await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&frame).matches("\"seq\":").count(), 7, "{transport}");
    }
}

#[tokio::test]
async fn a_recycled_stream_goes_on_on_a_new_one_and_loses_nothing() {
    for recycle in [Recycle::Bytes(1), Recycle::Bytes(400), Recycle::Bytes(5_000), Recycle::Ms(0), Recycle::Ms(10)] {
        for transport in pushed() {
            let server = server(Scenario { recycle: Some(recycle), heartbeat_ms: 5, ..Scenario::default() });
            let client = Client::connect(&server).await;
            let mut follower = Follower::open(&client, transport, None).await;
            let Some(framing) = follower.framing() else { continue };
            let (mut published, mut got, mut streams) = (Vec::new(), Vec::new(), 0);
            while streams < 5 || got.len() < published.len() {
                if streams < 5 {
                    published.extend(publish(&server, 100));
                }
                let mut stream = Vec::new();
                framing.prologue(cursor(got.len() as u64), &mut stream);
                // To the end of the stream, which no reset is.
                stream.extend(follower.answer.as_mut().unwrap().rest().await);
                let (mut body, mut reader) = (stream.as_slice(), StreamReader::new(framing));
                while let Some(piece) = reader.next(&mut body).unwrap() {
                    if let Item::Event(text) = piece.item {
                        got.push(text.to_vec());
                    }
                }
                follower.at = Some(cursor(got.len() as u64));
                follower.begin(&client).await;
                streams += 1;
            }
            assert_eq!(got, published, "{transport} {recycle:?}");
            assert_eq!(server.ledger().open_now(), 1, "on one connection");
        }
    }
}

#[tokio::test]
async fn a_long_poll_is_answered_when_its_hold_time_is_over_or_something_comes() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    for hold_ms in [0, 1, 30] {
        let target = path::target(Transport::LongPolling, "all", Some(cursor(0)), Some(hold_ms));
        let mut answer = client.get(&target).await;
        assert_eq!((answer.field("content-length"), answer.field(path::CURSOR_FIELD)), (Some("2"), None));
        assert_eq!(answer.rest().await, b"[]");
    }
    let before = holders(&server);
    let target = path::target(Transport::LongPolling, "all", None, Some(u64::MAX));
    let (mut answer, texts) = tokio::join!(client.get(&target), async {
        until("the request is held", || holders(&server) > before).await;
        publish(&server, 2)
    });
    assert_eq!(answer.field("content-type"), Some("application/json"));
    assert_eq!(answer.field(path::CURSOR_FIELD), Some("a3f2-2"), "the client did not say where it stood");
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    let body = answer.rest().await;
    assert_eq!(answer.field("content-length"), Some(body.len().to_string().as_str()));
    let events: Vec<Box<serde_json::value::RawValue>> = serde_json::from_slice(&body).unwrap();
    assert!(events.iter().map(|event| event.get().as_bytes()).eq(texts.iter().map(AsRef::as_ref)));
    assert_eq!(client.get("/long-polling?hold=soon").await.status(), 400);
}

#[tokio::test]
async fn an_idle_stream_has_a_heartbeat() {
    for transport in pushed() {
        let server = server(Scenario { heartbeat_ms: 5, ..Scenario::default() });
        let client = Client::connect(&server).await;
        let mut follower = Follower::open(&client, transport, None).await;
        for _ in 0..3 {
            match follower.framing() {
                Some(framing) => {
                    let frame = follower.answer.as_mut().unwrap().frame().await.unwrap().unwrap();
                    assert_eq!(frame, framing.heartbeat());
                }
                None => assert_eq!(follower.message().await, (0x9, vec![])),
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_not_read_stops_no_other_one() {
    for transport in pushed() {
        let server = server(Scenario::default());
        // Each stream has a window of its own; the connection's is as good as endless.
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(1_000).initial_connection_window_size(i32::MAX as u32);
        let client = Client::with(&server, &builder).await;
        let stuck = Follower::open(&client, transport, None).await;
        let mut follower = Follower::open(&client, transport, None).await;
        for _ in 0..50 {
            let texts = publish(&server, 3);
            follower.expect(&client, &texts).await;
        }
        drop(stuck);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_every_event_although_others_on_the_connection_leave() {
    for transport in pushed() {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let before = holders(&server);
        let mut followers = Vec::new();
        for _ in 0..100 {
            followers.push(Follower::open(&client, transport, Some(cursor(0))).await);
        }
        let mut all = Vec::new();
        for _ in 0..5 {
            all.extend(publish(&server, 20));
            followers.truncate(followers.len() - 10);
        }
        for follower in &mut followers {
            follower.expect(&client, &all).await;
        }
        drop(followers);
        // Each of the two fan-outs keeps what it has read last.
        until("all have left", || holders(&server) <= before + 2).await;
        assert_eq!(client.get("/polling").await.status(), 200);
    }
}
