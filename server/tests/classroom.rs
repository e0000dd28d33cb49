//! What the page needs of the server: accounts, settings, and who may ask for what.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use feedbench_record::{Scenario, Transport};
use feedbench_server::classroom::accounts::ClientName;
use feedbench_server::classroom::origin::HostNames;
use feedbench_server::classroom::{Classroom, live};
use feedbench_server::server::BindError;
use feedbench_server::{Config, Server};
use feedbench_wire::Clock;
use feedbench_wire::event::Data;
use serde_json::{Value, json};
use support::{Client, HANDSHAKE, config, cursor, publish};
use tokio::time::Instant;

/// A server with a page.
struct Class {
    server: Server,
    classroom: Arc<Classroom>,
}

impl Class {
    fn begin() -> Class {
        Class::of(config(Scenario::default())).unwrap()
    }

    fn of(config: Config) -> Result<Class, BindError> {
        let classroom = Arc::new(Classroom::new(&config.scenario, HostNames::of("teacher"), config.clock));
        let transcript = Some(classroom.transcript());
        let server = Server::bind(&Config { transcript, classroom: Some(Arc::clone(&classroom)), ..config })?;
        Ok(Class { server, classroom })
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.address().port())
    }

    /// A client of the page named `page`, on the page's own port.
    async fn client(&self, transport: Transport) -> Client {
        let mut client = Client::connect(&self.server, transport).await;
        client.host = "127.0.0.1";
        client.suffix = "?client=page";
        client
    }

    /// Sends a request with these fields, and gives the status, the origin that may read the answer, and the body.
    async fn ask(&self, method: &str, target: &str, fields: &str, body: &str) -> (u16, Option<String>, String) {
        let mut client = self.client(Transport::Polling).await;
        let host = if fields.contains("Host:") { "" } else { "Host: 127.0.0.1\r\n" };
        let length = body.len();
        client
            .send(
                format!("{method} {target} HTTP/1.1\r\n{host}{fields}Content-Length: {length}\r\n\r\n{body}")
                    .as_bytes(),
            )
            .await;
        let head = client.head().await;
        let body = client.sized_body(&head).await;
        let allowed = head.field("access-control-allow-origin").map(str::to_owned);
        (head.status, allowed, String::from_utf8(body).unwrap())
    }

    async fn json(&self, target: &str) -> Value {
        serde_json::from_str(&self.ask("GET", target, "", "").await.2).unwrap()
    }

    /// Waits until the page's account of a transport has so many bytes, up and down.
    async fn carried(&self, transport: Transport, up: u64, down: u64) {
        let page = ClientName::of("page").unwrap();
        let carried = || self.classroom.accounts().ledger(page, transport).map(|l| (l.up.total(), l.down.total()));
        for _ in 0..1_000 {
            if carried() == Some((up, down)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(carried(), Some((up, down)), "{transport}");
    }
}

#[tokio::test]
async fn a_pages_account_has_every_byte_of_its_exchanges_over_every_transport() {
    let class = Class::begin();
    for transport in Transport::ALL {
        let first = class.server.feed().topics()[0].newest().seq;
        let mut client = class.client(transport).await;
        client.at = Some(cursor(first));
        client.begin().await;
        let texts = publish(&class.server, 3);
        client.expect(&texts, first + 1, false).await;
        class.carried(transport, client.sent, client.received).await;
        let ledger = class.classroom.accounts().ledger(ClientName::of("page").unwrap(), transport).unwrap();
        assert_eq!(ledger.down.payload, texts.iter().map(|text| text.len() as u64).sum::<u64>(), "{transport}");
    }
    let told = class.json("/account?client=page&after=0").await;
    for transport in Transport::ALL {
        let account = &told["transports"][transport.id()];
        assert_eq!(account["events"], json!(3), "{transport}");
        let steps = account["steps"].as_array().unwrap();
        let of_runs: usize = steps
            .iter()
            .flat_map(|step| step["runs"].as_array().unwrap())
            .map(|run| run["text"].as_str().map_or_else(|| run["hex"].as_str().unwrap().len() / 2, str::len))
            .sum();
        let sums: u64 = ["up", "down"]
            .iter()
            .flat_map(|way| account["bytes"][way].as_object().unwrap().values())
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert_eq!(of_runs as u64, sums, "{transport}");
    }
}

#[tokio::test]
async fn an_answer_too_long_to_be_kept_is_counted_whole() {
    let class = Class::begin();
    let mut client = class.client(Transport::Polling).await;
    client.at = Some(cursor(0));
    client.begin().await;
    let topic = &class.server.feed().topics()[0];
    for n in 0..40 {
        topic.publish(feedbench_server::feed::By::Client, n, Data::Text(&"x".repeat(1_000))).unwrap();
    }
    let head = client.ask().await;
    client.sized_body(&head).await;
    class.carried(Transport::Polling, client.sent, client.received).await;
    let told = class.json("/account?client=page").await["transports"]["polling"].clone();
    assert_eq!((&told["events"], &told["polls"], &told["empty_polls"]), (&json!(40), &json!(2), &json!(1)));
    assert_eq!(told["steps"].as_array().unwrap().last().unwrap()["cut"], json!(true));
}

#[tokio::test]
async fn pages_that_share_a_connection_have_an_account_each() {
    let class = Class::begin();
    let mut client = class.client(Transport::Polling).await;
    let mut bytes = Vec::new();
    for page in ["?client=page", "?client=other", "", "?client=page"] {
        client.suffix = page;
        let (sent, received) = (client.sent, client.received);
        let head = client.ask().await;
        client.sized_body(&head).await;
        bytes.push((client.sent - sent, client.received - received));
    }
    class.carried(Transport::Polling, bytes[0].0 + bytes[3].0, bytes[0].1 + bytes[3].1).await;
    let told = class.json("/account?client=page&after=1").await;
    let numbers = told["transports"]["polling"]["steps"].as_array().unwrap().iter().map(|step| step["n"].clone());
    assert_eq!(numbers.collect::<Vec<_>>(), [2, 3, 4].map(|n| json!(n)), "the numbers are the page's own");
    assert_eq!(told["transports"]["polling"]["empty_polls"], json!(2));
    assert_eq!(class.json("/account?client=nobody").await["transports"], json!({}));
}

#[tokio::test]
async fn a_name_that_is_none_and_a_number_that_is_none_are_refused() {
    let class = Class::begin();
    for target in ["/account", "/account?client=A", "/account?client=a&after=x"] {
        assert_eq!(class.ask("GET", target, "", "").await.0, 400, "{target}");
    }
    assert_eq!(class.ask("POST", "/account?client=a", "", "").await.0, 405);
    assert_eq!(class.ask("GET", "/settings", "", "").await.0, 405);
    assert_eq!(class.ask("GET", "/page/no.js", "", "").await.0, 404);
}

#[tokio::test]
async fn only_the_page_may_read_what_comes_from_another_port() {
    let class = Class::begin();
    let own = format!("Origin: {}\r\n", class.origin());
    let (status, allowed, _) = class.ask("GET", "/polling?client=page", &own, "").await;
    assert_eq!((status, allowed), (200, Some(class.origin())));
    let (status, allowed, _) = class.ask("GET", "/polling?client=page", "Origin: http://evil.example\r\n", "").await;
    assert_eq!((status, allowed), (200, None));
    let (status, _, body) = class.ask("GET", "/polling", "Host: evil.example\r\n", "").await;
    assert_eq!(status, 421, "{body}");
    // A request that is held is answered by somebody else than one that is answered at once.
    let mut held = class.client(Transport::LongPolling).await;
    held.send(format!("GET /long-polling?hold=60000 HTTP/1.1\r\nHost: 127.0.0.1\r\n{own}\r\n").as_bytes()).await;
    class.json("/classroom").await;
    publish(&class.server, 1);
    let head = held.head().await;
    assert_eq!(head.field("access-control-allow-origin"), Some(class.origin().as_str()));
    assert_eq!(head.field("access-control-expose-headers"), Some("feed-cursor"));
}

#[tokio::test]
async fn the_page_may_publish_short_texts_and_no_other_page_may() {
    let class = Class::begin();
    let own = format!("Origin: {}\r\n", class.origin());
    let publish = |fields: String, text: String| {
        let class = &class;
        async move { class.ask("POST", "/publish", &fields, &text).await.0 }
    };
    assert_eq!(publish(own.clone(), "</script>\u{2028}<img src=x onerror=alert(1)>".into()).await, 204);
    assert_eq!(class.server.feed().topics()[0].newest(), cursor(1));
    assert_eq!(publish(own.clone(), "x".repeat(1_000)).await, 204);
    assert_eq!(publish(own, "x".repeat(1_001)).await, 413);
    assert_eq!(publish("Origin: http://evil.example\r\n".into(), "x".into()).await, 403);
    assert_eq!(publish("Origin: null\r\n".into(), "x".into()).await, 403);
    assert_eq!(publish(String::new(), "x".into()).await, 403, "nor a program that the server was not told to allow");
    assert_eq!(class.server.feed().topics()[0].newest(), cursor(2));
}

#[tokio::test]
async fn a_websocket_of_another_sites_page_is_refused() {
    let class = Class::begin();
    for (origin, status) in [("http://evil.example".to_owned(), 403), (class.origin(), 101)] {
        let mut client = class.client(Transport::WebSocket).await;
        client.send(client.request(&format!("{HANDSHAKE}Origin: {origin}\r\n")).as_bytes()).await;
        assert_eq!(client.head().await.status, status, "{origin}");
    }
    let mut page = class.client(Transport::WebSocket).await;
    page.send(page.request(&format!("{HANDSHAKE}Origin: {}\r\n", class.origin())).as_bytes()).await;
    page.head().await;
    page.frame().await;
    page.send_frame(0x1, b"from a page").await;
    let (opcode, text) = page.frame().await;
    assert_eq!(opcode, 0x1);
    assert!(String::from_utf8(text).unwrap().ends_with(r#""data":"from a page"}"#));
}

#[tokio::test]
async fn what_is_set_holds_for_everybody_and_what_is_out_of_range_for_nobody() {
    let class = Class::begin();
    let own = format!("Origin: {}\r\n", class.origin());
    let (status, _, body) = class.ask("POST", "/settings", &own, r#"{"rate_per_s":4,"rtt_ms":50}"#).await;
    assert_eq!(status, 200, "{body}");
    let set = json!({ "rate_per_s": 4.0, "payload_bytes": 100, "rtt_ms": 50, "paused": false });
    assert_eq!(class.json("/classroom").await["settings"], set);
    assert_eq!(class.json("/account?client=page").await["settings"], set);
    assert_eq!(class.classroom.distance().rtt(), Duration::from_millis(50));
    for (wish, part) in [
        (r#"{"rate_per_s":51}"#, "50 events/s"),
        (r#"{"payload_bytes":63}"#, "from 64 to 16384"),
        (r#"{"rtt_ms":2001,"paused":true}"#, "2000 ms"),
        (r#"{"rtt":1}"#, "JSON object"),
        ("[", "JSON object"),
    ] {
        let (status, _, body) = class.ask("POST", "/settings", &own, wish).await;
        assert!(status == 400 && body.contains(part), "{wish}: {status} {body}");
    }
    let (status, ..) = class.ask("POST", "/settings", "Origin: http://evil.example\r\n", r#"{"paused":true}"#).await;
    assert_eq!(status, 403);
    assert_eq!(class.json("/classroom").await["settings"], set);
}

#[tokio::test]
async fn every_port_is_open_and_a_port_that_is_taken_is_named() {
    let class = Class::begin();
    let ports = class.json("/classroom").await["ports"].clone();
    assert_eq!(ports["iframe-streaming"], json!(class.server.address().port()));
    let ports: Vec<u16> = ports.as_object().unwrap().values().map(|port| port.as_u64().unwrap() as u16).collect();
    assert_eq!(ports.len(), 7);
    for port in &ports {
        tokio::net::TcpStream::connect(("127.0.0.1", *port)).await.unwrap();
    }
    let taken = class.classroom.ports().control();
    let listen = ([127, 0, 0, 1], taken).into();
    let error = Class::of(Config { listen, ..config(Scenario::default()) }).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains(&format!("127.0.0.1:{taken}")), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_publisher_follows_the_settings_and_begins_where_it_stopped() {
    let clock = Clock::Runtime { origin: Instant::now() };
    let scenario =
        Scenario { rate_per_s: 10.0, arrivals: feedbench_record::scenario::Arrivals::Fixed, ..Scenario::default() };
    let feed = Arc::new(feedbench_server::feed::Feed::of(&scenario, 1));
    let set = feedbench_server::classroom::settings::Settings::of(&scenario);
    let (settings, follows) = tokio::sync::watch::channel(set);
    let publishing = tokio::spawn(live::publish(scenario, None, Arc::clone(&feed), clock, follows));
    let after = async |ms: u64| {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        feed.topics()[0].newest().seq
    };
    let first = after(1_050).await;
    assert!((10..=11).contains(&first), "{first}");
    settings.send_modify(|settings| settings.paused = true);
    assert_eq!(after(5_000).await, first);
    settings.send_modify(|settings| (settings.paused, settings.payload_bytes) = (false, 64));
    let second = after(1_050).await;
    assert!((10..=11).contains(&(second - first)), "{first}, {second}");
    let batch = feed.topics()[0]
        .read_after(Some(feedbench_wire::Cursor { epoch: 1, seq: 0 }), feedbench_server::feed::Limits::ANSWER)
        .unwrap();
    let lengths: Vec<usize> = batch.events.iter().map(|event| event.text().len()).collect();
    assert!(lengths[..first as usize].iter().all(|&n| n == 100) && lengths[first as usize..].iter().all(|&n| n == 64));
    feed.end();
    publishing.await.unwrap();
}
