//! Compression over real sockets, read with another inflater than the load generator's.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Read as _;

use feedbench_record::scenario::{Compression, Recycle};
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::By;
use feedbench_wire::Framing;
use feedbench_wire::event::Data;
use feedbench_wire::framing::{json_array, position_text};
use flate2::read::GzDecoder;
use flate2::{Decompress, FlushDecompress};
use support::{Client, HANDSHAKE, cursor, publish, server};

const GZIP: &str = "Accept-Encoding: gzip\r\n";

fn scenario(compression: Compression) -> Scenario {
    Scenario { compression, ..Scenario::default() }
}

async fn connect(server: &feedbench_server::Server, transport: Transport, fields: &'static str) -> Client {
    let mut client = Client::connect(server, transport).await;
    (client.fields, client.at) = (fields, Some(cursor(0)));
    client
}

fn gunzip(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(content).read_to_end(&mut out).unwrap();
    out
}

/// The framing of a stream's transport.
fn framing(transport: Transport) -> Framing {
    match transport {
        Transport::IframeStreaming => Framing::Script,
        Transport::Sse => Framing::Sse,
        _ => Framing::Ndjson,
    }
}

fn streams() -> impl Iterator<Item = Transport> {
    Transport::ALL
        .into_iter()
        .filter(|transport| transport.manner() == Manner::Pushed && *transport != Transport::WebSocket)
}

#[tokio::test]
async fn a_poll_is_compressed_where_the_scenario_says_so_and_the_client_takes_it() {
    for transport in [Transport::Polling, Transport::LongPolling] {
        for compression in Compression::ALL {
            let server = server(scenario(compression));
            let texts = publish(&server, 3);
            let mut expected = Vec::new();
            json_array::encode(texts.iter().map(AsRef::as_ref), &mut expected);
            for fields in [GZIP, "Accept-Encoding: gzip;q=0, br\r\n", ""] {
                let mut client = connect(&server, transport, fields).await;
                let head = client.ask().await;
                let body = client.sized_body(&head).await;
                let is_gzip = compression != Compression::None && fields == GZIP;
                assert_eq!(head.field("content-encoding"), is_gzip.then_some("gzip"), "{transport} {compression}");
                assert_eq!(head.field("vary"), is_gzip.then_some("accept-encoding"));
                assert_eq!(if is_gzip { gunzip(&body) } else { body }, expected);
                // The next poll on the connection brings nothing, which is sent as it is.
                client.at = Some(cursor(3));
                let head = client.ask().await;
                assert_eq!(
                    (client.sized_body(&head).await.as_slice(), head.field("content-encoding")),
                    (&b"[]"[..], None)
                );
            }
        }
    }
}

#[tokio::test]
async fn held_polls_get_the_same_compressed_answer() {
    let server = server(scenario(Compression::PerEvent));
    let mut clients = Vec::new();
    for fields in [GZIP, GZIP, ""] {
        let mut client = connect(&server, Transport::LongPolling, fields).await;
        client.send(format!("GET /long-polling?cursor=a3f2-0 HTTP/1.1\r\nHost: test\r\n{fields}\r\n").as_bytes()).await;
        clients.push(client);
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let texts = publish(&server, 1);
    let mut bodies = Vec::new();
    for client in &mut clients {
        let head = client.head().await;
        let body = client.sized_body(&head).await;
        bodies.push(if head.field("content-encoding") == Some("gzip") { gunzip(&body) } else { body });
    }
    let expected = [b"[", &texts[0][..], b"]"].concat();
    assert_eq!(bodies, vec![expected; 3]);
}

#[tokio::test]
async fn every_event_of_a_stream_can_be_inflated_when_its_chunk_is_there() {
    for transport in streams() {
        for compression in [Compression::PerEvent, Compression::PerConnection] {
            let (server, framing) = (server(scenario(compression)), framing(transport));
            let mut client = connect(&server, transport, GZIP).await;
            let mut other = connect(&server, transport, GZIP).await;
            let mut chunks = Vec::new();
            for client in [&mut client, &mut other] {
                let head = client.ask().await;
                assert_eq!(head.field("content-encoding"), Some("gzip"), "{transport}");
                chunks.push(client.chunk().await.unwrap());
            }
            let mut expected = Vec::new();
            framing.prologue(cursor(0), &mut expected);
            let mut inflate = Decompress::new_gzip(15);
            let mut inflated = Vec::with_capacity(64 << 10);
            inflate.decompress_vec(&chunks[0], &mut inflated, FlushDecompress::Sync).unwrap();
            assert_eq!(inflated, expected, "{transport} {compression}");
            let mut whole = chunks.remove(0);
            for seq in 1..=4 {
                let texts = publish(&server, 1);
                framing.event(cursor(seq), &texts[0], &mut expected);
                let chunk = client.chunk().await.unwrap();
                inflate.decompress_vec(&chunk, &mut inflated, FlushDecompress::Sync).unwrap();
                assert_eq!(inflated, expected, "{transport} {compression}: event {seq}");
                let others = other.chunk().await.unwrap();
                assert_eq!(others, chunk, "those who stand at the same place get the same bytes");
                whole.extend(chunk);
            }
            server.feed().end();
            while let Some(chunk) = client.chunk().await {
                whole.extend(chunk);
            }
            assert_eq!(gunzip(&whole), expected, "with the checksum of all of it");
        }
    }
}

#[tokio::test]
async fn a_recycled_stream_has_an_end_and_the_next_one_a_start_of_its_own() {
    for compression in [Compression::PerEvent, Compression::PerConnection] {
        let recycled = Scenario { recycle: Some(Recycle::Bytes(100)), ..scenario(compression) };
        let server = server(recycled);
        let mut client = connect(&server, Transport::FetchStreaming, GZIP).await;
        for round in 0..3 {
            client.at = Some(cursor(round));
            client.ask().await;
            let texts = publish(&server, 1);
            let mut whole = Vec::new();
            while let Some(chunk) = client.chunk().await {
                whole.extend(chunk);
            }
            let expected = [position_text(cursor(round)).as_bytes(), b"\n", &texts[0], b"\n"].concat();
            assert_eq!(gunzip(&whole), expected, "{compression} {round}");
        }
    }
}

#[tokio::test]
async fn a_websocket_is_compressed_as_its_client_offers_and_the_scenario_says() {
    const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    for (compression, fields, answer) in [
        (Compression::None, OFFER, None),
        (Compression::PerEvent, "", None),
        (
            Compression::PerEvent,
            OFFER,
            Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        ),
        (Compression::PerConnection, OFFER, Some("permessage-deflate; client_no_context_takeover")),
        (
            Compression::PerConnection,
            "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8\r\n",
            None,
        ),
    ] {
        let server = server(scenario(compression));
        let mut client = connect(&server, Transport::WebSocket, fields).await;
        client.send(client.request(HANDSHAKE).as_bytes()).await;
        let head = client.head().await;
        assert_eq!((head.status, head.field("sec-websocket-extensions")), (101, answer), "{compression}");
        assert_eq!(client.frame().await, (1, position_text(cursor(0)).into_bytes()), "the position goes as it is");
        let (mut inflate, mut lengths) = (Decompress::new(false), Vec::new());
        for _ in 0..3 {
            let texts = publish(&server, 1);
            if answer.is_none() {
                assert_eq!(client.frame().await, (1, texts[0].to_vec()));
                continue;
            }
            let mut payload = compressed_frame(&mut client).await;
            lengths.push(payload.len());
            payload.extend([0, 0, 0xff, 0xff]);
            if compression == Compression::PerEvent {
                inflate.reset(false);
            }
            let mut text = Vec::with_capacity(1_024);
            inflate.decompress_vec(&payload, &mut text, FlushDecompress::Sync).unwrap();
            assert_eq!(text, texts[0], "{compression}");
        }
        if compression == Compression::PerConnection && answer.is_some() {
            assert!(lengths[2] < lengths[0] / 2, "what went before makes it shorter: {lengths:?}");
        }
    }
}

/// The payload of a text frame with RSV1.
async fn compressed_frame(client: &mut Client) -> Vec<u8> {
    while client.buffer.len() < 2 || client.buffer.len() < 2 + usize::from(client.buffer[1]) {
        assert!(client.read().await);
    }
    let length = usize::from(client.buffer[1]);
    assert!(client.buffer[0] == 0xc1 && length < 126);
    client.buffer.drain(..2 + length).skip(2).collect()
}

#[tokio::test]
async fn a_client_may_publish_compressed_and_a_bomb_is_refused() {
    let config = feedbench_server::Config { allow_publish: true, ..support::config(scenario(Compression::PerEvent)) };
    let server = feedbench_server::Server::bind(&config).unwrap();
    let mut client = connect(&server, Transport::WebSocket, "Sec-WebSocket-Extensions: permessage-deflate\r\n").await;
    client.send(client.request(HANDSHAKE).as_bytes()).await;
    client.head().await;
    client.frame().await;
    let send = |text: &[u8]| {
        let mut wire = Vec::new();
        let opcode = feedbench_wire::reader::frame::Opcode::Text;
        feedbench_wire::deflate::permessage::frame(opcode, text, None, &mut wire);
        let header = if wire[1] == 126 { 4 } else { 2 };
        wire[1] |= 0x80;
        // A mask of zeros.
        [&wire[..header], &[0; 4], &wire[header..]].concat()
    };
    client.send(&send(b"a client's own")).await;
    compressed_frame(&mut client).await;
    let topic = &server.feed().topics()[0];
    let batch = topic.read_after(Some(cursor(0)), feedbench_server::feed::Limits::ANSWER).unwrap();
    let text = String::from_utf8(batch.events[0].text().to_vec()).unwrap();
    assert!(text.contains("a client's own"), "{text}");
    client.send(&send(&vec![b'x'; 64 << 20])).await;
    let (opcode, payload) = client.frame().await;
    assert_eq!((opcode, &payload[..2]), (8, &1009_u16.to_be_bytes()[..]));
    topic.publish(By::Program, 1, Data::Text("still alive")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_inflates_a_poll_and_a_stream() {
    for compression in [Compression::PerEvent, Compression::PerConnection] {
        let server = server(scenario(compression));
        let texts = publish(&server, 3);
        let address = server.address();
        let curl = |path: &str| {
            let url = format!("http://{address}/{path}?cursor=a3f2-0");
            let mut command = std::process::Command::new("curl");
            command.args(["--silent", "--compressed", "--no-buffer", "--max-time", "2", &url]);
            tokio::task::spawn_blocking(move || command.output())
        };
        let Ok(poll) = curl("polling").await.unwrap() else { return println!("no curl here") };
        let mut expected = Vec::new();
        json_array::encode(texts.iter().map(AsRef::as_ref), &mut expected);
        assert_eq!(poll.stdout, expected, "{compression}");
        // The stream goes on: curl gives up after a while, and has written what had come.
        let stream = curl("fetch-streaming").await.unwrap().unwrap();
        let lines: Vec<_> = stream.stdout.split_inclusive(|&byte| byte == b'\n').skip(1).collect();
        let expected: Vec<_> = texts.iter().map(|text| [text, &b"\n"[..]].concat()).collect();
        assert_eq!(lines, expected, "{compression}");
    }
}
