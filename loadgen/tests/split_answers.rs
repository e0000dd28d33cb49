//! A server whose answers come byte by byte: both kinds of client deliver the same events and answer the same frames.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use feedbench_loadgen::cell;
use feedbench_record::run::Window;
use feedbench_record::scenario::ClientKind;
use feedbench_record::{Scenario, Transport};
use feedbench_wire::control::{LoadAnswer, LoadOrder, LoadPlan, LoadResult, Timeline};
use feedbench_wire::event::{self, Data};
use feedbench_wire::framing::{json_array, position_text};
use feedbench_wire::headers::Profile;
use feedbench_wire::reader::frame::{Mask, Opcode, Part, Reader, Sender, encode_header};
use feedbench_wire::reader::head;
use feedbench_wire::{Clock, Framing};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Events that each client gets.
const EVENTS: u64 = 3;

fn text(seq: u64) -> Vec<u8> {
    let mut text = Vec::new();
    event::encode(seq, Clock::Monotonic.now_us(), Data::Text("published \u{fc}ber Land"), &mut text);
    text
}

fn cursor(seq: u64) -> feedbench_wire::Cursor {
    format!("a3f2-{seq}").parse().unwrap()
}

/// Sends bytes so that the other end reads them one by one, unless it is slower than that.
fn trickle(socket: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes {
        socket.write_all(std::slice::from_ref(byte))?;
        std::thread::sleep(std::time::Duration::from_micros(50));
    }
    Ok(())
}

/// The next request's fields: `None` when the client has left.
fn request(socket: &mut TcpStream) -> Option<(String, Option<String>)> {
    let (mut reader, mut byte) = (head::Reader::default(), [0]);
    loop {
        socket.read_exact(&mut byte).ok()?;
        if let Some(request) = reader.request(&mut &byte[..]).unwrap() {
            let key = request.head.field("sec-websocket-key").map(|key| String::from_utf8(key.to_vec()).unwrap());
            return Some((request.target.to_owned(), key));
        }
    }
}

fn chunked(pieces: &[Vec<u8>]) -> Vec<u8> {
    let chunk = |piece: &Vec<u8>| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
    [pieces.iter().map(chunk).collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
}

/// Answers polls: the first names the place, the next three bring an event each, in turn with a length and in chunks.
fn answer_polls(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut seq = 0;
    while let Some((target, _)) = request(socket) {
        let (mut body, mut field) = (Vec::new(), "");
        if !target.contains("cursor=") {
            field = "feed-cursor: a3f2-0\r\n";
            json_array::encode([], &mut body);
        } else {
            seq += 1;
            let event = text(seq);
            json_array::encode((seq <= EVENTS).then_some(event.as_slice()), &mut body);
        }
        let answer = if seq % 2 == 0 {
            [format!("HTTP/1.1 200 OK\r\n{field}content-length: {}\r\n\r\n", body.len()).into_bytes(), body].concat()
        } else {
            let (first, second) = body.split_at(body.len() / 2);
            let pieces = [first.to_vec(), second.to_vec()];
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), chunked(&pieces)].concat()
        };
        trickle(socket, &answer)?;
    }
    Ok(())
}

/// Answers requests for a stream: the first with all events, and then with the place and a heartbeat.
fn answer_streams(socket: &mut TcpStream, framing: Framing) -> std::io::Result<()> {
    let mut sent = 0;
    while request(socket).is_some() {
        let mut pieces = vec![Vec::new()];
        framing.prologue(cursor(sent), &mut pieces[0]);
        pieces.push(framing.heartbeat().to_vec());
        while sent < EVENTS {
            sent += 1;
            let mut piece = Vec::new();
            framing.event(cursor(sent), &text(sent), &mut piece);
            pieces.push(piece);
        }
        let answer = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(), chunked(&pieces)].concat();
        trickle(socket, &answer)?;
    }
    Ok(())
}

fn frame(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_header(fin, opcode, None, payload.len() as u64, &mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}

/// Reads a client's control frame.
fn answer_of(socket: &mut TcpStream, reader: &mut Reader) -> (Opcode, Vec<u8>) {
    let (mut found, mut mask, mut payload, mut byte) = (None, None, Vec::new(), [0]);
    loop {
        socket.read_exact(&mut byte).unwrap();
        let mut input = &byte[..];
        while let Some(part) = reader.next(&mut input).unwrap() {
            match part {
                Part::Header(header) => (found, mask) = (Some(header.opcode), header.mask.map(Mask::new)),
                Part::Payload { bytes, last } => {
                    let at = payload.len();
                    payload.extend_from_slice(bytes);
                    mask.as_mut().unwrap().apply(&mut payload[at..]);
                    if last {
                        return (found.unwrap(), payload);
                    }
                }
            }
        }
    }
}

/// A text frame, a text of two frames with a ping between them, a binary frame, and a close.
fn talk(socket: &mut TcpStream) -> std::io::Result<()> {
    let Some((_, Some(key))) = request(socket) else { panic!("a handshake") };
    let accept = derive_accept_key(key.as_bytes());
    let head = "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    trickle(socket, format!("{head}{accept}\r\n\r\n").as_bytes())?;
    trickle(socket, &frame(true, Opcode::Text, position_text(cursor(0)).as_bytes()))?;
    trickle(socket, &frame(true, Opcode::Text, &text(1)))?;
    let split = text(2);
    let (first, second) = split.split_at(split.len() / 2);
    trickle(socket, &frame(false, Opcode::Text, first))?;
    trickle(socket, &frame(true, Opcode::Ping, b"there?"))?;
    let mut reader = Reader::new(Sender::Client);
    assert_eq!(answer_of(socket, &mut reader), (Opcode::Pong, b"there?".to_vec()));
    trickle(socket, &frame(true, Opcode::Continuation, second))?;
    trickle(socket, &frame(true, Opcode::Binary, &text(3)))?;
    let reason = [&1001u16.to_be_bytes()[..], b"the feed ends"].concat();
    trickle(socket, &frame(true, Opcode::Close, &reason))?;
    assert_eq!(answer_of(socket, &mut reader), (Opcode::Close, reason));
    Ok(())
}

/// One client that is answered by the byte until its cell is over.
fn run(transport: Transport, client: ClientKind) -> LoadResult {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap();
    let (answer_to, answers) = std::sync::mpsc::channel();
    let serving = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_nodelay(true).unwrap();
        // A poll or a stream that is under way when the client leaves fails, and no test asks how.
        let _ = match transport {
            Transport::Polling | Transport::LongPolling => answer_polls(&mut socket),
            Transport::IframeStreaming => answer_streams(&mut socket, Framing::Script),
            Transport::Sse => answer_streams(&mut socket, Framing::Sse),
            Transport::FetchStreaming => answer_streams(&mut socket, Framing::Ndjson),
            Transport::WebSocket => talk(&mut socket),
        };
    });
    let plan = LoadPlan {
        target,
        host: target.to_string(),
        transport,
        scenario: Scenario { clients: 1, client, interval_ms: 5, ..Scenario::default() },
        headers: Profile::default(),
        cores: vec![],
        latency_absent: None,
        clock_ahead_us: 0,
        server_ends_feed: false,
        tls: None,
    };
    let (orders, received) = tokio::sync::mpsc::unbounded_channel();
    orders.send(LoadOrder::Connect).unwrap();
    let running = std::thread::spawn(move || {
        cell::run(plan, Clock::Monotonic, received, move |answer| answer_to.send(answer).unwrap(), None)
    });
    let mut result = None;
    for answer in answers {
        match answer {
            LoadAnswer::Progress { delivered: EVENTS, .. } => {
                // Everything has come: the feed ends now.
                let end_us = Clock::Monotonic.now_us();
                let window = Window { start_us: end_us, end_us };
                let timeline = Timeline { idle_us: end_us, start_us: end_us, window, end_us };
                let _ = orders.send(LoadOrder::StartAt(timeline));
            }
            LoadAnswer::Result(found) => result = Some(*found),
            _ => {}
        }
    }
    serving.join().unwrap();
    running.join().unwrap().unwrap();
    result.unwrap()
}

#[test]
fn both_kinds_deliver_what_comes_byte_by_byte() {
    for transport in Transport::ALL {
        for client in ClientKind::ALL {
            let result = run(transport, client);
            let seen = (result.delivered, result.duplicated, result.skipped, result.reordered, result.malformed);
            assert_eq!(seen, (EVENTS, 0, 0, 0, 0), "{transport} {client}: {:?}", result.errors);
        }
    }
}
