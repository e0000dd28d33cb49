//! The h2 crate as a witness: it reads what is written here, and what it writes is read here.

use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::h2::frame::{END_HEADERS, END_STREAM, FrameHeader, FrameKind, PREFACE, Part, Reader};
use feedbench_wire::h2::hpack::{Decoder, Encoder, Indexing, TABLE_BYTES};
use feedbench_wire::headers::{Ask, Profile, Scheme, cookie};
use h2::ext::Protocol;
use hyper::http::{HeaderMap, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use crate::{Fields, decoded, encoded, fields};

const PIPE_BYTES: usize = 1 << 20;
/// The number of the setting (RFC 9113 section 6.5.2).
const HEADER_TABLE_SIZE: [u8; 2] = [0, 1];
/// How often each request is asked: the first fills the tables that the others use.
const TIMES: u32 = 3;

fn request(profile: &Profile, transport: Transport) -> Fields {
    profile.fields_h2(&Ask {
        transport,
        target: "/earthquakes?cursor=a3f2-7",
        scheme: Scheme::Https,
        host: "localhost:8443",
        connection: ConnectionPolicy::KeepAlive,
        cookie: Some("theme=dark; sid=0123456789abcdefghijklmnop"),
        last_event_id: (transport == Transport::Sse).then_some("a3f2-7"),
        key: None,
    })
}

/// A header map's fields. It keeps the order of names, and of the values of one name.
fn of_map(map: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    map.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
}

/// The next field block that the peer sends.
async fn next_block(from: &mut DuplexStream, reader: &mut Reader, held: &mut Vec<u8>) -> Vec<u8> {
    let mut block: Option<Vec<u8>> = None;
    loop {
        let mut input = held.as_slice();
        while let Some(part) = reader.next(&mut input).unwrap() {
            match part {
                Part::Header(FrameHeader { kind, flags, .. }) => {
                    block = (kind == FrameKind::Headers).then(Vec::new);
                    assert!(block.is_none() || flags & !END_STREAM == END_HEADERS, "neither padding nor priority");
                }
                Part::Payload { bytes, last } => {
                    if let Some(block) = &mut block {
                        block.extend(bytes);
                    }
                    if let Some(block) = block.take_if(|_| last) {
                        *held = input.to_vec();
                        return block;
                    }
                }
            }
        }
        held.clear();
        assert!(from.read_buf(held).await.unwrap() > 0, "the peer sends what it was asked for");
    }
}

/// What the h2 crate's server makes of each profile's requests, and what is read here of its answers.
#[tokio::test]
async fn the_h2_crate_reads_what_every_policy_writes_and_its_answers_are_read_here() {
    let every_pair = Profile::names().flat_map(|name| Indexing::ALL.map(|indexing| (name, indexing)));
    for ((profile, indexing), table_bytes) in every_pair.zip([TABLE_BYTES, 0, 100, 1 << 16].into_iter().cycle()) {
        let profile = Profile::built_in(profile).unwrap();
        let (mut near, far) = tokio::io::duplex(PIPE_BYTES);
        let (mut bytes, mut sent) = (PREFACE.to_vec(), Vec::new());
        FrameHeader { payload_bytes: 6, kind: FrameKind::Settings, flags: 0, stream: 0 }.encode(&mut bytes);
        bytes.extend(HEADER_TABLE_SIZE);
        bytes.extend(table_bytes.to_be_bytes());
        let mut encoder = Encoder::new(indexing);
        for transport in [Transport::ALL; TIMES as usize].into_iter().flatten() {
            let fields = request(&profile, transport);
            let block = encoded(&mut encoder, &fields);
            let flags = if transport == Transport::WebSocket { END_HEADERS } else { END_HEADERS | END_STREAM };
            let stream = 2 * sent.len() as u32 + 1;
            let payload_bytes = block.len() as u32;
            FrameHeader { payload_bytes, kind: FrameKind::Headers, flags, stream }.encode(&mut bytes);
            bytes.extend(block);
            sent.push(fields);
        }
        near.write_all(&bytes).await.unwrap();

        let mut server =
            h2::server::Builder::new().enable_connect_protocol().handshake::<_, hyper::body::Bytes>(far).await.unwrap();
        let (mut reader, mut held, mut decoder) = (Reader::default(), Vec::new(), Decoder::with_table(table_bytes));
        for (nth, expected) in sent.iter().enumerate() {
            let (request, mut respond) = server.accept().await.unwrap().unwrap();
            let (parts, _) = request.into_parts();
            let mut heard = fields(&[
                (":method", parts.method.as_str()),
                (":scheme", parts.uri.scheme_str().unwrap()),
                (":authority", parts.uri.authority().unwrap().as_str()),
                (":path", parts.uri.path_and_query().unwrap().as_str()),
            ]);
            let protocol = parts.extensions.get::<Protocol>();
            heard.extend(protocol.map(|protocol| (":protocol".to_owned(), protocol.as_str().to_owned())));
            let count = heard.len();
            let (pseudo, others) = expected.split_at(count);
            heard.sort();
            let mut pseudo = pseudo.to_vec();
            pseudo.sort();
            assert_eq!(heard, pseudo);
            assert_eq!(of_map(&parts.headers).collect::<Fields>(), others, "{indexing:?}");

            let answer = Response::builder().header("feed-cursor", nth.to_string()).header("content-type", "a/b");
            respond.send_response(answer.body(()).unwrap(), true).unwrap();
            let block = tokio::select! {
                block = next_block(&mut near, &mut reader, &mut held) => block,
                _ = std::future::poll_fn(|cx| server.poll_closed(cx)) => unreachable!("the connection stays open"),
            };
            let nth = nth.to_string();
            let expected = fields(&[(":status", "200"), ("feed-cursor", nth.as_str()), ("content-type", "a/b")]);
            assert_eq!(decoded(&mut decoder, &block).unwrap(), expected);
        }
    }
}

/// What is read here of the h2 crate's client.
#[tokio::test]
async fn what_the_h2_crate_writes_is_read_here() {
    let (mut near, far) = tokio::io::duplex(PIPE_BYTES);
    let (client, connection) = h2::client::handshake(far).await.unwrap();
    let driven = tokio::spawn(connection);
    let mut preface = [0; PREFACE.len()];
    near.read_exact(&mut preface).await.unwrap();
    assert_eq!(preface, PREFACE);
    let (mut reader, mut held, mut decoder) = (Reader::default(), Vec::new(), Decoder::default());
    let mut client = client.ready().await.unwrap();
    let mut answers = Vec::new();
    for nth in 0..TIMES {
        for name in Profile::names() {
            let expected = request(&Profile::built_in(name).unwrap(), Transport::Polling);
            let mut request = Request::get(format!("https://localhost:8443/earthquakes?cursor=a3f2-{nth}"));
            for (name, value) in expected.iter().filter(|(name, _)| !name.starts_with(':')) {
                request = request.header(name, value);
            }
            answers.push(client.send_request(request.body(()).unwrap(), true).unwrap());
            let block = next_block(&mut near, &mut reader, &mut held).await;
            let heard = decoded(&mut decoder, &block).unwrap();
            let (pseudo, others) = heard.split_at(4);
            assert_eq!(others, &expected[4..], "{name}");
            assert!(pseudo.contains(&(":path".to_owned(), format!("/earthquakes?cursor=a3f2-{nth}"))));
        }
    }
    driven.abort();
}

/// Why browsers' requests are written here: the crate takes neither the path nor a cookie into the table.
#[tokio::test]
async fn the_h2_crate_writes_out_a_cookie_each_time() {
    let (mut near, far) = tokio::io::duplex(PIPE_BYTES);
    let (client, connection) = h2::client::handshake(far).await.unwrap();
    let driven = tokio::spawn(connection);
    near.read_exact(&mut [0; PREFACE.len()]).await.unwrap();
    let (mut reader, mut held) = (Reader::default(), Vec::new());
    let mut client = client.ready().await.unwrap();
    let (mut answers, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let request = Request::get("https://localhost:8443/poll").header("cookie", cookie(500).unwrap());
        answers.push(client.send_request(request.body(()).unwrap(), true).unwrap());
        sizes.push(next_block(&mut near, &mut reader, &mut held).await.len());
    }
    let in_huffman_code = 437;
    assert!(sizes.iter().all(|&bytes| bytes > in_huffman_code), "{sizes:?}");
    driven.abort();
}
