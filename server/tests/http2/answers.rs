//! The heads of answers, refusals, publishing, and who may ask for what.

use std::sync::Arc;

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_record::{Scenario, Transport};
use feedbench_server::classroom::Classroom;
use feedbench_server::classroom::origin::HostNames;
use feedbench_server::{Config, Server};
use feedbench_wire::event::Event;
use feedbench_wire::headers::Profile;
use hyper::Request;

use crate::client::{Answer, Client};
use crate::follower::Follower;
use crate::support::{config, cursor, publish, server};

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

async fn check_fields(server: &Server, target: &str) -> Answer {
    let answer = Client::connect(server).await.get(target).await;
    assert_eq!(answer.status(), 200);
    for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
        assert_eq!(answer.field(name), None, "{target}");
    }
    answer
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
