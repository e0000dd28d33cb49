//! Another implementation of HTTP/2 talks to itself through the I/O stack: both ends' ledgers agree with each other and
//! with the bytes that were carried.

use feedbench_record::Transport;
use feedbench_record::ledger::{Ledger, Way};
use feedbench_wire::framing::position_text;
use feedbench_wire::io::{self, End, Meter, Tls};
use feedbench_wire::reader::frame::{Mask, Opcode, encode_header};
use feedbench_wire::{Clock, Cursor, Framing, path};
use h2::client::SendRequest;
use h2::ext::Protocol;
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use hyper::body::Bytes;
use hyper::{Method, Request, Response};

use crate::conversation::{POSITION, text};

const EVENTS: usize = 5;
const POLLS: u64 = 3;

fn message(opcode: Opcode, key: Option<[u8; 4]>, payload: &[u8]) -> Bytes {
    let mut message = Vec::new();
    encode_header(true, opcode, key, payload.len() as u64, &mut message);
    let at = message.len();
    message.extend_from_slice(payload);
    key.into_iter().for_each(|key| Mask::new(key).apply(&mut message[at..]));
    message.into()
}

/// What the server sends on a stream, piece by piece.
fn pieces(target: &str) -> Vec<Bytes> {
    match target.split('?').next().and_then(path::transport) {
        Some(Transport::Sse) => {
            let mut prologue = Vec::new();
            Framing::Sse.prologue(POSITION, &mut prologue);
            let event = |n| {
                let mut framed = Vec::new();
                Framing::Sse.event(Cursor { seq: 8 + n as u64, ..POSITION }, &text(n), &mut framed);
                framed.into()
            };
            let heartbeat = Bytes::from_static(Framing::Sse.heartbeat());
            [prologue.into()].into_iter().chain((0..EVENTS).map(event)).chain([heartbeat]).collect()
        }
        Some(Transport::WebSocket) => {
            let events = (0..EVENTS).map(|n| message(Opcode::Text, None, &text(1_000 * n)));
            let position = message(Opcode::Text, None, position_text(POSITION).as_bytes());
            [position].into_iter().chain(events).chain([message(Opcode::Ping, None, b"")]).collect()
        }
        _ => vec![Bytes::from_static(b"[]")],
    }
}

/// Reads to the end; gives the bytes.
async fn read(body: &mut RecvStream) -> usize {
    let mut bytes = 0;
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        bytes += data.len();
        body.flow_control().release_capacity(data.len()).unwrap();
    }
    bytes
}

async fn serve(request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let target = request.uri().path_and_query().unwrap().as_str().to_owned();
    let mut stream: SendStream<Bytes> = respond.send_response(Response::new(()), false).unwrap();
    for piece in pieces(&target) {
        stream.send_data(piece, false).unwrap();
        tokio::task::yield_now().await;
    }
    read(&mut request.into_body()).await;
    stream.send_data(Bytes::new(), true).unwrap();
}

fn request(transport: Transport, cursor: Option<Cursor>) -> Request<()> {
    let uri = format!("http://a{}", path::target(transport, "all", cursor, None));
    Request::builder().uri(uri).header("user-agent", "a witness").body(()).unwrap()
}

async fn ask(client: &mut SendRequest<Bytes>, transport: Transport, cursor: Option<Cursor>) -> usize {
    let (answer, _) = client.send_request(request(transport, cursor), true).unwrap();
    read(answer.await.unwrap().body_mut()).await
}

/// A message and the pong up, and all that comes down.
async fn websocket(client: &mut SendRequest<Bytes>) -> usize {
    let mut request = request(Transport::WebSocket, None);
    *request.method_mut() = Method::CONNECT;
    request.extensions_mut().insert(Protocol::from_static("websocket"));
    let (answer, mut up) = client.send_request(request, false).unwrap();
    let mut answer = answer.await.unwrap();
    let key = Some([1, 2, 3, 4]);
    up.send_data(message(Opcode::Text, key, b"a client's own"), false).unwrap();
    up.send_data(message(Opcode::Pong, key, b""), true).unwrap();
    read(answer.body_mut()).await
}

/// All of it at once, on one connection.
async fn talk() -> [(Ledger, [u64; 2]); 2] {
    let (near, far) = tokio::io::duplex(100);
    let clock = Clock::Runtime { origin: tokio::time::Instant::now() };
    let meters = [Meter::new(clock, End::Client), Meter::new(clock, End::Server)];
    let stack = |stream, meter: &Meter| io::stack(Tls::clear(io::link(stream, meter, None)), meter, None);
    let (near, far) = (stack(near, &meters[0]), stack(far, &meters[1]));
    let server = tokio::spawn(async move {
        let mut server = h2::server::Builder::new().enable_connect_protocol().handshake(far).await.unwrap();
        while let Some(accepted) = server.accept().await {
            let (request, respond) = accepted.unwrap();
            tokio::spawn(serve(request, respond));
        }
    });
    let (mut client, connection) = h2::client::handshake(near).await.unwrap();
    let connection = tokio::spawn(connection);
    for _ in 0..POLLS {
        assert_eq!(ask(&mut client, Transport::Polling, Some(POSITION)).await, 2);
    }
    let mut clients = [client.clone(), client.clone(), client];
    let [first, second, third] = &mut clients;
    let all =
        tokio::join!(ask(first, Transport::Sse, None), ask(second, Transport::Sse, Some(POSITION)), websocket(third));
    let bytes = |target: &str| pieces(target).iter().map(Bytes::len).sum::<usize>();
    assert_eq!(all, (bytes("/sse"), bytes("/sse"), bytes("/websocket")));
    drop(clients);
    connection.await.unwrap().unwrap();
    server.await.unwrap();
    meters.map(|meter| (meter.ledger(), [meter.counts().written(), meter.counts().read()]))
}

#[tokio::test]
async fn both_ends_of_another_implementation_are_understood_and_found_alike() {
    let [(near, [up, down]), (far, carried)] = talk().await;
    assert_eq!(carried, [down, up]);
    assert_eq!((near.total(Way::Up), near.total(Way::Down)), (up, down));
    assert_eq!(near, far);
    assert_eq!((near.up.unclassified, near.down.unclassified), (0, 0));
    assert_eq!((near.polls.count, near.empty_polls.count), (POLLS, POLLS));
    assert_eq!((near.pushed_events.count, near.publishes.count, near.heartbeats.count), (3 * EVENTS as u64, 1, 3));
    let events: usize = (0..EVENTS).map(|n| 2 * text(n).len() + text(1_000 * n).len()).sum();
    assert_eq!((near.down.payload, near.up.payload), (events as u64, 14));
    let hpack = near.hpack;
    assert_eq!((hpack.first_requests.count, hpack.repeated_requests.count), (1, POLLS + 2));
    assert_eq!((hpack.first_answers.count, hpack.repeated_answers.count), (1, POLLS + 2));
    assert!(hpack.repeated_requests.compressed < hpack.repeated_requests.uncompressed / 2);
    // The first pushed stream opens its transport, and so does the WebSocket; the second stream comes back to its feed.
    assert!(near.up.opening_handshake > 0 && near.down.response_headers > 0);
}
