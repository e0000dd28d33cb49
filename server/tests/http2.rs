//! HTTP/2 over real sockets, with a client that is not ours as the witness. Each test loops over the table.

#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/http2.rs"]
mod witness;

use std::sync::Arc;
use std::time::Duration;

use feedbench_record::scenario::{PAYLOAD_MAX_BYTES, Recycle, SlowReaders};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::classroom::Classroom;
use feedbench_server::classroom::origin::HostNames;
use feedbench_server::feed::{By, Feed};
use feedbench_server::{Config, Server};
use feedbench_wire::event::{Data, Event};
use feedbench_wire::headers::Profile;
use feedbench_wire::io::Socket;
use feedbench_wire::path;
use feedbench_wire::reader::{Item, StreamReader};
use h2::Reason;
use hyper::Request;
use support::{config, cursor, publish, server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use witness::{Client, Follower, PATIENCE};

fn pushed() -> impl Iterator<Item = Transport> {
    Transport::ALL.into_iter().filter(|transport| transport.manner() == Manner::Pushed)
}

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

/// How many hold the first topic: each member of a fan-out does.
fn holders(server: &Server) -> usize {
    Arc::strong_count(&server.feed().topics()[0])
}

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
async fn nothing_of_an_answer_belongs_to_one_connection_of_http_1_1() {
    for name in ["minimal", "lubbers-2009"] {
        let headers = Profile::built_in(name).unwrap();
        let server = Server::bind(&Config { headers, ..config(Scenario::default()) }).unwrap();
        check_fields(&server, "/polling").await;
        check_fields(&server, "/sse").await;
    }
    let text = "[answer]\nKeep-Alive: timeout=5\nServer: mine\nContent-Length: {length}\n";
    let headers = Profile::parse(text).unwrap();
    let server = Server::bind(&Config { headers, ..config(Scenario::default()) }).unwrap();
    for target in ["/polling", "/long-polling?hold=0", "/fetch-streaming"] {
        let answer = check_fields(&server, target).await;
        assert_eq!(answer.field("server"), Some("mine"));
        assert_eq!(answer.field("content-length"), (target != "/fetch-streaming").then_some("2"));
    }
    let client = Client::connect(&server).await;
    let (answer, _) = client.tunnel("/websocket", "websocket", "13").await;
    assert_eq!((answer.status(), answer.field("server")), (200, None), "a tunnel's answer is not the feed's");
}

async fn check_fields(server: &Server, target: &str) -> witness::Answer {
    let answer = Client::connect(server).await.get(target).await;
    assert_eq!(answer.status(), 200);
    for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
        assert_eq!(answer.field(name), None, "{target}");
    }
    answer
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
async fn the_end_of_the_feed_ends_every_stream_and_the_account_is_exact() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut follower = Follower::open(&client, transport, None).await;
        let texts = publish(&server, 3);
        follower.expect(&client, &texts).await;
        let address = client.address;
        let client_side = async {
            if let Some(answer) = follower.answer.as_mut().filter(|_| transport != Transport::WebSocket) {
                assert_eq!(answer.rest().await, b"", "{transport}: an end, and no reset");
            } else if transport == Transport::WebSocket {
                let (opcode, payload) = follower.message().await;
                assert_eq!((opcode, &payload[..2]), (0x8, 1001_u16.to_be_bytes().as_slice()));
                follower.say(0x8, &payload[..2]);
                assert_eq!(follower.answer.as_mut().unwrap().rest().await, b"");
            }
            drop(follower);
            client.stay().await
        };
        let ((), (sent, received)) = tokio::join!(server.end(), client_side);
        let accounts = server.ledger().accounts();
        let [account] = accounts.as_slice() else { panic!("{accounts:?}") };
        assert_eq!(account.client, address);
        assert!(account.clean, "{transport}");
        assert_eq!((account.read, account.written), (sent, received), "{transport}");
        assert_eq!(account.kernel_read, Some(account.read), "{transport}");
        assert_eq!(account.kernel_written, Some(account.written), "{transport}");
        assert_eq!((account.ledger_read, account.ledger_written), (sent, received), "{transport}");
    }
}

#[tokio::test]
async fn a_held_request_is_answered_when_the_feed_ends() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let before = holders(&server);
    let target = path::target(Transport::LongPolling, "all", Some(cursor(0)), None);
    let client_side = async {
        let mut answer = client.get(&target).await;
        assert_eq!(answer.rest().await, b"[]");
        drop(answer);
        client.stay().await;
    };
    let server_side = async {
        until("the request is held", || holders(&server) > before).await;
        server.end().await;
    };
    tokio::join!(client_side, server_side);
    assert!(server.ledger().accounts()[0].clean);
}

#[tokio::test]
async fn a_connection_that_its_client_leaves_is_accounted_for_to_the_byte() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut follower = Follower::open(&client, transport, None).await;
        let texts = publish(&server, 3);
        follower.expect(&client, &texts).await;
        drop(follower);
        let (sent, received) = client.leave().await;
        server.ledger().all_closed().await;
        let account = server.ledger().accounts()[0];
        assert!(account.clean, "{transport}");
        assert_eq!((account.read, account.kernel_read), (sent, Some(sent)), "{transport}");
        assert_eq!(account.kernel_written, Some(account.written), "{transport}");
        assert_eq!(account.written, received, "{transport}");
    }
}

#[tokio::test]
async fn a_reset_by_the_client_frees_its_place_and_nobody_elses() {
    for transport in Transport::ALL {
        let server = server(Scenario::default());
        let client = Client::connect(&server).await;
        let mut other = Follower::open(&client, Transport::Sse, None).await;
        let before = holders(&server);
        match transport.manner() {
            Manner::Asks => continue,
            Manner::Waits => {
                let target = format!("http://test{}", path::target(transport, "all", None, Some(60_000)));
                let mut send = client.send.clone().ready().await.unwrap();
                let (answer, mut stream) = send.send_request(Request::get(target).body(()).unwrap(), true).unwrap();
                until("it is held", || holders(&server) > before).await;
                stream.send_reset(Reason::CANCEL);
                drop(answer);
            }
            // Whoever drops the body resets the stream.
            Manner::Pushed => drop(Follower::open(&client, transport, None).await),
        }
        until("its place is free", || holders(&server) == before).await;
        let texts = publish(&server, 2);
        other.expect(&client, &texts).await;
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

#[tokio::test]
async fn a_slow_reader_is_dropped_by_a_reset_of_its_stream_alone() {
    let long = "x".repeat(PAYLOAD_MAX_BYTES as usize / 4);
    let slow_readers = SlowReaders::Drop;
    let scenario =
        Scenario { payload_bytes: PAYLOAD_MAX_BYTES, queue_events: Some(10), slow_readers, ..Scenario::default() };
    for transport in pushed() {
        let server = server(scenario.clone());
        let client = Client::connect(&server).await;
        let mut slow = Follower::open(&client, transport, None).await;
        let Some(_) = slow.framing() else { continue };
        // It does not read, and so grants its stream no window; when it does, it is too late.
        for _ in 0..100 {
            server.feed().topics()[0].publish(By::Program, 1, Data::Text(&long)).unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let answer = slow.answer.as_mut().unwrap();
        let error = loop {
            match answer.frame().await.expect("an end would say that nothing is missing") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.reason(), Some(Reason::CANCEL), "{transport}");
        assert_eq!(server.ledger().slow_readers().dropped, 1);
        assert_eq!(client.get("/polling").await.status(), 200, "the connection lives on");
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_a_reason_and_the_connection_lives_on() {
    let server = server(Scenario::default());
    publish(&server, 3);
    let client = Client::connect(&server).await;
    for (target, status, allow) in [
        ("/polling?cursor=a3f2-4", 400, None),
        ("/sse?cursor=latest", 400, None),
        ("/sse?topic=t1", 404, None),
        ("/sse/", 404, None),
        ("/publish", 405, Some("POST")),
        // Nothing is upgraded over HTTP/2.
        ("/websocket", 405, Some("CONNECT")),
    ] {
        let mut answer = client.get(target).await;
        assert_eq!((answer.status(), answer.field("allow")), (status, allow), "{target}");
        assert!(!answer.rest().await.is_empty(), "{target}");
    }
    assert_eq!(client.post("/sse", b"x").await.0, 405);
    assert_eq!(client.post("/websocket", b"x").await.0, 405);
    for (target, protocol, version, status) in [
        ("/websocket", "connect-udp", "13", 501),
        ("/websocket", "websocket", "8", 400),
        ("/websocket?cursor=a3f2-4", "websocket", "13", 400),
        ("/websocket?topic=t7", "websocket", "13", 404),
        ("/sse", "websocket", "13", 405),
        ("/nothing", "websocket", "13", 404),
        ("/", "websocket", "13", 405),
    ] {
        let (mut answer, _stream) = client.tunnel(target, protocol, version).await;
        assert_eq!(answer.status(), status, "{target} {protocol} {version}");
        assert_eq!(answer.field("sec-websocket-version"), (version == "8").then_some("13"), "RFC 6455 section 4.4");
        assert!(!answer.rest().await.is_empty(), "{target}");
    }
    // CONNECT as to a proxy (RFC 9113 section 8.5).
    let request = Request::connect("test:80").body(()).unwrap();
    let (answer, _stream) = client.request(request, None).await;
    assert_eq!(answer.status(), 501);
    let request = Request::get("http://test/polling").header("x", "x".repeat(20_000)).body(()).unwrap();
    let (answer, _) = client.request(request, Some(b"")).await;
    assert_eq!(answer.status(), 431);
    let mut follower = Follower::open(&client, Transport::WebSocket, None).await;
    let texts = publish(&server, 1);
    follower.expect(&client, &texts).await;
}

#[tokio::test]
async fn clients_publish_over_streams_where_that_is_allowed() {
    let server = Server::bind(&Config { allow_publish: true, ..config(Scenario::default()) }).unwrap();
    let client = Client::connect(&server).await;
    assert_eq!(client.post("/publish", b"by a request").await.0, 204);
    assert_eq!(client.post("/publish", &vec![b'x'; PAYLOAD_MAX_BYTES as usize]).await.0, 413);
    let mut follower = Follower::open(&client, Transport::WebSocket, Some(cursor(0))).await;
    follower.say(0x1, b"by a frame");
    for expected in ["\"by a request\"", "\"by a frame\""] {
        let (_, text) = follower.message().await;
        assert_eq!(Event::parse(&text).unwrap().data.get(), expected);
    }
}

#[tokio::test]
async fn a_websocket_is_closed_by_the_client_and_answers_its_pings() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let before = holders(&server);
    let mut follower = Follower::open(&client, Transport::WebSocket, None).await;
    follower.say(0x9, b"are you there?");
    assert_eq!(follower.message().await, (0xa, b"are you there?".to_vec()));
    follower.say(0x8, &1000_u16.to_be_bytes());
    assert_eq!(follower.message().await, (0x8, 1000_u16.to_be_bytes().to_vec()));
    assert_eq!(follower.answer.as_mut().unwrap().rest().await, b"", "the end of the stream, as of a connection");
    // One that just ends its side is let go, too.
    let mut follower = Follower::open(&client, Transport::WebSocket, None).await;
    follower.speaks.as_mut().unwrap().send_data(bytes::Bytes::new(), true).unwrap();
    assert_eq!(follower.answer.as_mut().unwrap().rest().await, b"");
    until("both have left", || holders(&server) == before).await;
    assert_eq!(client.get("/polling").await.status(), 200, "the connection lives on");
}

#[tokio::test]
async fn a_page_of_another_site_is_known_by_the_authority_of_its_request() {
    let scenario = Scenario::default();
    let plain = config(scenario.clone());
    let classroom = Arc::new(Classroom::new(&scenario, HostNames::of("teacher"), plain.clock));
    let server = Server::bind(&Config { classroom: Some(classroom), ..plain }).unwrap();
    let (port, target) = (server.address().port(), "/websocket");
    let mut client = Client::connect(&server).await;
    client.authority = format!("evil.example:{port}");
    assert_eq!(client.get("/polling").await.status(), 421);
    assert_eq!(client.tunnel(target, "websocket", "13").await.0.status(), 421);
    client.authority = format!("127.0.0.1:{port}");
    assert_eq!(client.tunnel(target, "websocket", "13").await.0.status(), 200);
    let page = format!("http://127.0.0.1:{port}");
    for (origin, allowed) in [(page.as_str(), Some(page.as_str())), ("http://evil.example", None)] {
        let request = Request::get(format!("{page}/polling")).header("origin", origin).body(()).unwrap();
        let (answer, _) = client.request(request, Some(b"")).await;
        assert_eq!(answer.field("access-control-allow-origin"), allowed, "{origin}");
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_its_connection_and_no_other_one() {
    let server = server(Scenario::default());
    let client = Client::connect(&server).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    for garbage in [
        b"GET / HTTP/1.1\r\n\r\n".as_slice(),
        // A frame longer than was agreed; DATA on no stream; a header block that is none.
        &[&settings[..], &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]].concat(),
        &[&settings[..], &[0, 0, 1, 0, 0, 0, 0, 0, 0, b'x']].concat(),
        &[&settings[..], &[0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff]].concat(),
    ] {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(&[preface, garbage].concat()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("it is closed").unwrap();
        // The last frame is GOAWAY (type 7) with an error.
        let goaway = answer.windows(9).rposition(|frame| frame[3..] == [7, 0, 0, 0, 0, 0]).expect("a GOAWAY");
        assert_ne!(answer[goaway + 13..goaway + 17], [0; 4], "{garbage:?}");
        drop(socket);
    }
    until("they are over", || server.ledger().open_now() == 1).await;
    assert_eq!(client.get("/polling").await.status(), 200);
}

#[tokio::test]
async fn a_preface_that_is_never_finished_is_waited_for_no_longer_than_the_feed_lives() {
    let server = server(Scenario::default());
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let mut halfway = TcpStream::connect(server.address()).await.unwrap();
    halfway.write_all(b"PRI * HTTP/2.0\r\n\r\n").await.unwrap();
    until("both are there", || server.ledger().open_now() == 2).await;
    let clients = async {
        for socket in [&mut silent, &mut halfway] {
            let mut answer = Vec::new();
            socket.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"");
            socket.shutdown().await.unwrap();
        }
    };
    tokio::join!(server.end(), clients);
    let accounts = server.ledger().accounts();
    assert_eq!(accounts.iter().map(|account| account.read).sum::<u64>(), 18);
    assert!(accounts.iter().all(|account| account.clean && account.kernel_read == Some(account.read)));
}

#[tokio::test]
async fn a_connection_that_somebody_else_accepted_is_served_like_any_other() {
    let config = config(Scenario::default());
    let server = Server::without_listener(&config, Feed::of(&config.scenario, config.epoch));
    let (near, mut far) = tokio::io::duplex(1 << 16);
    server.serve(Socket::simulated(near), ([192, 0, 2, 1], 7).into());
    far.write_all(b"GET /polling HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    far.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    drop(far);
    server.end().await;
    let account = server.ledger().accounts()[0];
    assert_eq!(account.client, ([192, 0, 2, 1], 7).into());
    assert_eq!((account.written, account.kernel_written), (answer.len() as u64, None));
}
