//! The fields of answers by a header profile.

#![allow(clippy::unwrap_used)]

mod support;

use feedbench_record::{Scenario, Transport};
use feedbench_server::{Config, Server};
use feedbench_wire::headers::Profile;
use feedbench_wire::path;
use support::{Client, HANDSHAKE, config, cursor, publish, server};
use tokio::io::AsyncReadExt as _;

fn server_with(headers: Profile) -> Server {
    Server::bind(&Config { headers, ..config(Scenario::default()) }).unwrap()
}

/// An answer's head as it was on the wire.
async fn head(server: &Server, target: &str, fields: &str) -> String {
    let mut client = Client::connect(server, Transport::Polling).await;
    client.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n{fields}\r\n").as_bytes()).await;
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(client.socket.read_u8().await.unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_poll_is_answered_with_the_193_bytes_of_the_article() {
    let server = server_with(Profile::built_in("lubbers-2009").unwrap());
    publish(&server, 1);
    for transport in [Transport::Polling, Transport::LongPolling] {
        let target = path::target(transport, "all", Some(cursor(0)), None);
        let answer = head(&server, &target, "").await;
        let (before, length) = answer.split_once("Content-Length: ").unwrap();
        let (length, after) = length.split_once("\r\n").unwrap();
        assert_eq!(answer.len() + 2 - length.len(), 193, "with a length of two digits: {answer}");
        assert_eq!(
            before,
            "HTTP/1.1 200 OK\r\nX-Powered-By: Servlet/2.5\r\nServer: Sun Java System Application Server 9.1_02\r\n\
             Content-Type: text/html;charset=UTF-8\r\n"
        );
        assert_eq!(after, "Date: Sat, 07 Nov 2009 00:32:46 GMT\r\n\r\n");
    }
    let first = head(&server, "/polling", "").await;
    assert!(first.ends_with("00:32:46 GMT\r\nFeed-Cursor: a3f2-1\r\n\r\n"), "what the client must know stays: {first}");
}

#[tokio::test]
async fn a_stream_keeps_its_type_and_its_chunks() {
    let server = server_with(Profile::built_in("lubbers-2009").unwrap());
    for (target, kind) in [("/sse", "text/event-stream"), ("/iframe-streaming", "text/html; charset=utf-8")] {
        let answer = head(&server, target, "").await;
        let expected = format!(
            "HTTP/1.1 200 OK\r\nX-Powered-By: Servlet/2.5\r\nServer: Sun Java System Application Server 9.1_02\r\n\
             Content-Type: {kind}\r\nDate: Sat, 07 Nov 2009 00:32:46 GMT\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn what_is_no_answer_of_the_feed_is_headed_as_ever() {
    let server = server_with(Profile::parse("[answer]\nserver: mine\n").unwrap());
    let poll = head(&server, "/polling?cursor=a3f2-0", "").await;
    assert!(poll.contains("\r\nserver: mine\r\n") && !poll.contains("content-type"), "{poll}");
    let stream = head(&server, "/sse", "").await;
    assert!(stream.contains("\r\nserver: mine\r\ncontent-type: text/event-stream\r\n"), "{stream}");
    for target in ["/clock", "/nothing", "/polling?cursor=x"] {
        assert!(!head(&server, target, "").await.contains("server: mine"), "{target}");
    }
    let opened = head(&server, "/websocket", HANDSHAKE).await;
    assert!(opened.starts_with("HTTP/1.1 101") && !opened.contains("server: mine"), "{opened}");
}

#[tokio::test]
async fn a_profile_without_answers_changes_none() {
    for name in ["minimal", "chromium"] {
        let (own, plain) = (server_with(Profile::built_in(name).unwrap()), server(Scenario::default()));
        let without_date = |head: String| {
            let lines = head.lines().filter(|line| !line.starts_with("date: ")).map(str::to_owned);
            lines.collect::<Vec<_>>()
        };
        let target = "/polling?cursor=a3f2-0";
        assert_eq!(without_date(head(&own, target, "").await), without_date(head(&plain, target, "").await));
    }
}

#[tokio::test]
async fn an_extension_that_a_browser_offers_is_declined() {
    let server = server(Scenario::default());
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let opened = head(&server, "/websocket", &format!("{HANDSHAKE}{offer}")).await;
    assert!(opened.starts_with("HTTP/1.1 101") && !opened.to_lowercase().contains("extensions"), "{opened}");
}

#[tokio::test]
async fn an_answer_that_was_held_has_the_head_that_it_would_have_had_at_once() {
    let undated = |head: String| {
        let lines = head.split_inclusive("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("date: "));
        lines.collect::<String>()
    };
    for profile in ["minimal", "lubbers-2009"] {
        for (version, fields) in [("1.1", ""), ("1.1", "Connection: close\r\n"), ("1.0", "")] {
            for position in ["", "cursor=a3f2-0&", "cursor=0001-9&"] {
                let server = server_with(Profile::built_in(profile).unwrap());
                let mut heads = Vec::new();
                for hold in ["hold=0", "hold=5", "hold=60000"] {
                    let mut client = Client::connect(&server, Transport::LongPolling).await;
                    let target = format!("{}?{position}{hold}", path::endpoint(Transport::LongPolling));
                    client.send(format!("GET {target} HTTP/{version}\r\nHost: test\r\n{fields}\r\n").as_bytes()).await;
                    if hold == "hold=60000" {
                        // Held until the end of the feed: the answer closes the connection.
                        for _ in 0..50 {
                            tokio::task::yield_now().await;
                        }
                        server.feed().end();
                    }
                    let mut bytes = Vec::new();
                    while !bytes.ends_with(b"\r\n\r\n") {
                        bytes.push(client.socket.read_u8().await.unwrap());
                    }
                    heads.push(undated(String::from_utf8(bytes).unwrap()));
                }
                assert_eq!(heads[0], heads[1], "{profile} {version} {fields} {position}");
                let closes = |head: &str| head.to_ascii_lowercase().contains("\r\nconnection: close\r\n");
                assert_eq!(closes(&heads[2]), version == "1.1", "{}", heads[2]);
            }
        }
    }
}
