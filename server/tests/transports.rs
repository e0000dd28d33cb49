//! Every transport over a real socket, byte by byte. Each test loops over the table.

#![allow(clippy::unwrap_used)]

mod support;

use feedbench_record::scenario::{PAYLOAD_MAX_BYTES, Recycle};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::By;
use feedbench_wire::event::{Data, Event};
use feedbench_wire::reader::{Item, StreamReader};
use feedbench_wire::{Cursor, path};
use support::{Client, HANDSHAKE, Reading, cursor, publish, server};

#[tokio::test]
async fn two_events_published_back_to_back_arrive_in_order() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let mut client = Client::open(&server, transport, None).await;
        assert_eq!(client.at, Some(cursor(0)));
        let texts = publish(&server, 2);
        client.expect(&texts, 1, false).await;
        let texts = publish(&server, 1);
        client.expect(&texts, 3, false).await;
    }
}

#[tokio::test]
async fn a_request_split_byte_by_byte_is_answered_the_same() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let texts = publish(&server, 3);
        let mut whole = Client::connect(&server, transport).await;
        whole.at = Some(cursor(1));
        let expected = whole.begin().await;

        let mut split = Client::connect(&server, transport).await;
        split.at = Some(cursor(1));
        let more = if whole.reading == Some(Reading::Frames) { HANDSHAKE } else { "" };
        for byte in split.request(more).into_bytes() {
            split.send(&[byte]).await;
            // The server runs on this thread: it reads the byte before the next one is sent.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(split.head().await.without_date(), expected.without_date(), "{transport}");
        (split.reading, split.at) = (whole.reading, whole.at);
        split.skip_opening().await;
        split.expect(&texts[1..], 2, false).await;
    }
}

#[tokio::test]
async fn a_cursor_in_the_past_gives_what_came_since() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let texts = publish(&server, 5);
        for past in [0, 3] {
            let mut client = Client::open(&server, transport, Some(cursor(past))).await;
            client.expect(&texts[past as usize..], past + 1, false).await;
        }
        let mut client = Client::open(&server, transport, None).await;
        assert_eq!(client.at, Some(cursor(5)), "no cursor: from the newest event on");
        let texts = publish(&server, 1);
        client.expect(&texts, 6, false).await;
    }
}

#[tokio::test]
async fn a_cursor_older_than_the_history_gives_what_is_kept() {
    // Events of the greatest size, so that the history keeps the fewest: 256.
    let scenario = Scenario { payload_bytes: PAYLOAD_MAX_BYTES, ..Scenario::default() };
    assert_eq!(scenario.history_events(), 256);
    for transport in Transport::ALL {
        let server = server(scenario.clone());
        let texts = publish(&server, 200);
        let more = publish(&server, 100);
        let kept: Vec<_> = [&texts[44..], &more[..]].concat();
        let mut client = Client::open(&server, transport, Some(cursor(3))).await;
        client.expect(&kept, 45, false).await;
    }
}

#[tokio::test]
async fn a_cursor_of_another_epoch_gives_what_is_kept_and_the_new_position() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let texts = publish(&server, 3);
        let mut client = Client::connect(&server, transport).await;
        client.at = Some(Cursor { epoch: 1, seq: 77 });
        let head = client.begin().await;
        if client.reading == Some(Reading::Array) {
            assert_eq!(head.field(path::CURSOR_FIELD), Some("a3f2-3"), "{transport}: the position after this answer");
            client.at = Some(cursor(0));
        }
        assert_eq!(client.at, Some(cursor(0)));
        client.expect(&texts, 1, false).await;
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_and_the_connection_lives_on() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        publish(&server, 3);
        let mut client = Client::connect(&server, transport).await;
        let endpoint = path::endpoint(transport);
        for (request, status, text) in [
            (format!("GET {endpoint}?cursor=a3f2-4 HTTP/1.1"), 400, "beyond the newest event, 3"),
            (format!("GET {endpoint}?cursor=latest HTTP/1.1"), 400, "a cursor is four hexadecimal digits"),
            (format!("GET {endpoint}?topic=t1 HTTP/1.1"), 404, "no topic of this name"),
            (format!("PUT {endpoint} HTTP/1.1"), 405, "only GET"),
            (format!("GET {endpoint}/ HTTP/1.1"), 404, "nothing here"),
        ] {
            client.send(format!("{request}\r\nHost: test\r\n{HANDSHAKE}\r\n").as_bytes()).await;
            let head = client.head().await;
            assert_eq!(head.status, status, "{request}");
            assert_eq!(head.field("allow"), (status == 405).then_some("GET"));
            let body = client.sized_body(&head).await;
            assert!(String::from_utf8(body).unwrap().contains(text), "{request}");
        }
        client.begin().await;
    }
}

#[tokio::test]
async fn the_head_of_an_answer_says_what_it_is_and_that_no_cache_may_keep_it() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let mut client = Client::connect(&server, transport).await;
        let head = client.begin().await;
        match client.reading.unwrap() {
            Reading::Array => {
                assert_eq!(head.field("content-type"), Some("application/json"));
                assert_eq!(head.field("content-length"), Some("2"));
                assert_eq!(head.field(path::CURSOR_FIELD), Some("a3f2-0"));
            }
            Reading::Stream(framing) => {
                assert_eq!(head.field("content-type"), Some(framing.content_type()));
                assert_eq!(head.field("transfer-encoding"), Some("chunked"));
            }
            Reading::Frames => {
                assert_eq!(head.field("sec-websocket-accept"), Some(support::ACCEPT));
                assert_eq!(head.field("upgrade"), Some("websocket"));
                continue;
            }
        }
        assert_eq!(head.field("cache-control"), Some("no-store"));
        if client.reading == Some(Reading::Array) {
            let head = client.ask().await;
            assert_eq!(head.field(path::CURSOR_FIELD), None, "the client knows where it stands");
        }
    }
}

#[tokio::test]
async fn an_idle_pushed_connection_has_a_heartbeat() {
    for transport in Transport::ALL.into_iter().filter(|transport| transport.manner() == Manner::Pushed) {
        let server = server(Scenario { heartbeat_ms: 5, ..Scenario::default() });
        let mut client = Client::open(&server, transport, None).await;
        for _ in 0..3 {
            match client.reading.unwrap() {
                Reading::Stream(framing) => {
                    let heartbeat = client.body(framing.heartbeat().len()).await;
                    assert_eq!(heartbeat, framing.heartbeat());
                }
                Reading::Frames => assert_eq!(client.frame().await, (0x9, vec![])),
                Reading::Array => panic!("a poll is not pushed"),
            }
        }
    }
}

#[tokio::test]
async fn a_recycled_stream_goes_on_at_the_cursor_and_loses_nothing() {
    for recycle in [Recycle::Bytes(1), Recycle::Bytes(400), Recycle::Bytes(5_000), Recycle::Ms(0), Recycle::Ms(10)] {
        for transport in Transport::ALL {
            let server = server(Scenario { recycle: Some(recycle), heartbeat_ms: 5, ..Scenario::default() });
            let mut client = Client::open(&server, transport, None).await;
            let Some(Reading::Stream(framing)) = client.reading else { continue };
            let mut published = Vec::new();
            let mut got = Vec::new();
            let mut streams = 0;
            while streams < 5 || got.len() < published.len() {
                if streams < 5 {
                    published.extend(publish(&server, 100));
                }
                // The reader wants the whole stream, with its prologue, which the client has read.
                let mut stream = Vec::new();
                framing.prologue(cursor(got.len() as u64), &mut stream);
                stream.extend(client.rest().await);
                let (mut body, mut reader) = (stream.as_slice(), StreamReader::new(framing));
                while let Some(piece) = reader.next(&mut body).unwrap() {
                    if let Item::Event(text) = piece.item {
                        got.push(text.to_vec());
                    }
                }
                // On the same connection, which lives on.
                client.at = Some(cursor(got.len() as u64));
                client.begin().await;
                streams += 1;
            }
            assert_eq!(got, published, "{transport} {recycle:?}");
        }
    }
}

#[tokio::test]
async fn a_long_poll_is_answered_when_its_hold_time_is_over_or_something_comes() {
    for transport in Transport::ALL.into_iter().filter(|transport| transport.manner() == Manner::Waits) {
        let server = server(Scenario::default());
        let mut client = Client::connect(&server, transport).await;
        for hold_ms in [0, 1, 30] {
            let target = path::target(transport, "all", Some(cursor(0)), Some(hold_ms));
            client.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await;
            let head = client.head().await;
            assert_eq!(client.sized_body(&head).await, b"[]");
        }

        // Longer than the server holds anything, and than this test has patience: the event ends it.
        let target = path::target(transport, "all", None, Some(u64::MAX));
        client.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).await;
        while server.feed().topics()[0].newest().seq == 0 {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            publish(&server, 2);
        }
        let head = client.head().await;
        let body = String::from_utf8(client.sized_body(&head).await).unwrap();
        let events: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(&body).unwrap();
        assert_eq!(events.len(), 2, "a batch");
        assert_eq!(head.field(path::CURSOR_FIELD), Some("a3f2-2"));

        client
            .send(format!("GET {}?hold=soon HTTP/1.1\r\nHost: test\r\n\r\n", path::endpoint(transport)).as_bytes())
            .await;
        assert_eq!(client.head().await.status, 400);
    }
}

#[tokio::test]
async fn a_last_event_id_wins_over_the_cursor_of_the_address() {
    let server = server(Scenario::default());
    let texts = publish(&server, 5);
    let mut client = Client::connect(&server, Transport::Sse).await;
    client.send(b"GET /sse?cursor=a3f2-1 HTTP/1.1\r\nHost: test\r\nLast-Event-ID: a3f2-3\r\n\r\n").await;
    let head = client.head().await;
    assert_eq!(head.status, 200);
    let mut expected = Vec::new();
    let framing = feedbench_wire::Framing::Sse;
    framing.prologue(cursor(3), &mut expected);
    framing.event(cursor(4), &texts[3], &mut expected);
    framing.event(cursor(5), &texts[4], &mut expected);
    assert_eq!(client.body(expected.len()).await, expected);

    for (id, status) in [("", 200), ("yesterday", 400), ("a3f2-6", 400)] {
        let mut client = Client::connect(&server, Transport::Sse).await;
        client.send(format!("GET /sse HTTP/1.1\r\nHost: test\r\nLast-Event-ID: {id}\r\n\r\n").as_bytes()).await;
        assert_eq!(client.head().await.status, status, "{id:?}");
    }
}

#[tokio::test]
async fn an_answer_holds_a_thousand_events_at_most_and_the_rest_is_there_at_the_next() {
    for transport in Transport::ALL.into_iter().filter(|transport| transport.manner() != Manner::Pushed) {
        let server = server(Scenario::default());
        let texts = publish(&server, 1_500);
        let mut client = Client::open(&server, transport, Some(cursor(0))).await;
        client.expect(&texts[..1_000], 1, false).await;
        client.expect(&texts[1_000..], 1_001, false).await;
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_falls_behind_in_the_history_and_sees_what_it_lost() {
    let scenario = Scenario { payload_bytes: PAYLOAD_MAX_BYTES, ..Scenario::default() };
    for transport in Transport::ALL.into_iter().filter(|transport| transport.manner() == Manner::Pushed) {
        let server = server(scenario.clone());
        let mut client = Client::open(&server, transport, None).await;
        let topic = &server.feed().topics()[0];
        let long = "x".repeat(PAYLOAD_MAX_BYTES as usize / 4);
        for _ in 0..600 {
            topic.publish(By::Program, 1, Data::Text(&long)).unwrap();
            tokio::task::yield_now().await;
        }
        // It reads again: numbers only rise, the newest one comes, and what is missing was overwritten.
        let mut seqs = Vec::new();
        while seqs.last() != Some(&600) {
            let text = match client.reading.unwrap() {
                Reading::Frames => client.frame().await.1,
                _ => client.chunk().await.unwrap(),
            };
            let text = String::from_utf8(text).unwrap();
            let start = text.find("{\"seq\":").unwrap();
            let seq: u64 = text[start + 7..start + 17].trim().parse().unwrap();
            seqs.push(seq);
        }
        assert!(seqs.is_sorted_by(|a, b| a < b));
        assert!(seqs.len() < 600, "{transport}: the history holds 256 events, and sockets a few megabytes");
        assert!(seqs.len() >= 256);
    }
}

#[tokio::test]
async fn binary_events_come_in_binary_frames_and_change_nothing_else() {
    for transport in Transport::ALL {
        let server = server(Scenario { binary: true, ..Scenario::default() });
        let mut client = Client::open(&server, transport, None).await;
        let texts = publish(&server, 2);
        client.expect(&texts, 1, true).await;
    }
}

#[test]
fn the_published_texts_are_events() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let texts = publish(&server(Scenario::default()), 2);
        assert_eq!(Event::parse(&texts[1]).unwrap().seq, 2);
    });
}
