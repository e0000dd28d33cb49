//! A client that speaks bytes: it knows the framings, but no transport by name. What it asks is the same for every row
//! of the table, and the answer tells it how to read on.

#![allow(dead_code, clippy::unwrap_used)]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::transport::Manner;
use feedbench_record::{Scenario, Transport};
use feedbench_server::feed::{By, Limits, SharedEvent};
use feedbench_server::{Config, Server};
use feedbench_wire::event::Data;
use feedbench_wire::framing::{Framing, json_array, position_text};
use feedbench_wire::headers::Profile;
use feedbench_wire::reader::{Item, StreamReader};
use feedbench_wire::{Clock, Cursor, path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const EPOCH: u16 = 0xa3f2;

/// Longer than anything here takes: a test that waits for what never comes fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// The header fields of a WebSocket handshake, with the key of RFC 6455 section 1.3.
pub(crate) const HANDSHAKE: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// The answer to that key.
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

pub(crate) fn config(scenario: Scenario) -> Config {
    let listen = "127.0.0.1:0".parse().unwrap();
    Config {
        listen,
        scenario,
        headers: Profile::default(),
        epoch: EPOCH,
        allow_publish: false,
        connections_max: 1_000,
        clock: Clock::Monotonic,
        tls: None,
        transcript: None,
        classroom: None,
    }
}

pub(crate) fn server(scenario: Scenario) -> Server {
    Server::bind(&config(scenario)).unwrap()
}

pub(crate) fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: EPOCH, seq }
}

/// Publishes so many events on the first topic and gives their texts.
pub(crate) fn publish(server: &Server, events: u64) -> Vec<Bytes> {
    let topic = &server.feed().topics()[0];
    let before = topic.newest();
    for n in 1..=events {
        topic.publish(By::Program, 1_000 + n, Data::Text(&format!("event {n} </script>\u{2028}"))).unwrap();
    }
    let batch = topic.read_after(Some(before), Limits { events: events as usize, bytes: usize::MAX }).unwrap();
    assert_eq!(batch.events.len() as u64, events);
    batch.events.iter().map(|event: &std::sync::Arc<SharedEvent>| event.text().clone()).collect()
}

/// How an answer's body has to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A JSON array with a length.
    Array,
    /// A stream in chunks.
    Stream(Framing),
    /// WebSocket frames.
    Frames,
}

/// The head of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
}

impl Head {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Everything but the date.
    pub(crate) fn without_date(mut self) -> (u16, Vec<(String, String)>) {
        self.fields.retain(|(name, _)| name != "date");
        (self.status, self.fields)
    }

    fn reading(&self) -> Reading {
        match (self.status, self.field("content-type")) {
            (101, _) => Reading::Frames,
            (_, Some("application/json")) => Reading::Array,
            (_, content_type) => {
                let framing = Framing::ALL.into_iter().find(|framing| Some(framing.content_type()) == content_type);
                Reading::Stream(framing.unwrap())
            }
        }
    }
}

/// A client.
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) transport: Transport,
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) reading: Option<Reading>,
    /// Where it stands.
    pub(crate) at: Option<Cursor>,
    /// Fields of every request.
    pub(crate) fields: &'static str,
    /// The host that it asks for.
    pub(crate) host: &'static str,
    /// What its targets end with.
    pub(crate) suffix: &'static str,
    /// Read, and not used yet.
    pub(crate) buffer: Vec<u8>,
    /// Of the body of a stream, without its chunks.
    body: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(server: &Server, transport: Transport) -> Client {
        let socket = TcpStream::connect(server.address()).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (buffer, body) = Default::default();
        Client {
            socket,
            transport,
            sent: 0,
            received: 0,
            reading: None,
            at: None,
            fields: "",
            host: "test",
            suffix: "",
            buffer,
            body,
        }
    }

    /// Connects, asks with a cursor, and reads up to where events begin.
    pub(crate) async fn open(server: &Server, transport: Transport, at: Option<Cursor>) -> Client {
        let mut client = Client::connect(server, transport).await;
        client.at = at;
        client.begin().await;
        client
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(crate) fn is_pushed(&self) -> bool {
        self.transport.manner() == Manner::Pushed
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
        self.sent += bytes.len() as u64;
    }

    /// Reads something; false at the end.
    pub(crate) async fn read(&mut self) -> bool {
        let mut piece = [0; 16 << 10];
        let n = tokio::time::timeout(PATIENCE, self.socket.read(&mut piece)).await.expect("nothing came").unwrap();
        self.received += n as u64;
        self.buffer.extend_from_slice(&piece[..n]);
        n > 0
    }

    async fn take(&mut self, n: usize) -> Vec<u8> {
        while self.buffer.len() < n {
            assert!(self.read().await, "the connection ended early; {:?}", String::from_utf8_lossy(&self.buffer));
        }
        self.buffer.drain(..n).collect()
    }

    async fn take_line(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.take(end + 2).await;
                return String::from_utf8(line[..end].to_vec()).unwrap();
            }
            assert!(self.read().await, "the connection ended early; {:?}", String::from_utf8_lossy(&self.buffer));
        }
    }

    /// The text of a request for this client's transport.
    pub(crate) fn request(&self, more: &str) -> String {
        // A long poll whose client wants to know what is there already does not wait.
        let hold_ms = (self.transport.manner() == Manner::Waits).then_some(0);
        let target = path::target(self.transport, "all", self.at, hold_ms);
        let suffix = if target.contains('?') { self.suffix.replacen('?', "&", 1) } else { self.suffix.to_owned() };
        format!("GET {target}{suffix} HTTP/1.1\r\nHost: {}\r\n{}{more}\r\n", self.host, self.fields)
    }

    pub(crate) async fn head(&mut self) -> Head {
        let status = self.take_line().await;
        let status = status.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        let mut fields = Vec::new();
        loop {
            let line = self.take_line().await;
            let Some((name, value)) = line.split_once(": ") else { break };
            fields.push((name.to_owned(), value.to_owned()));
        }
        Head { status, fields }
    }

    /// Asks; where the server wants an upgrade, asks for that.
    pub(crate) async fn ask(&mut self) -> Head {
        self.send(self.request("").as_bytes()).await;
        let head = self.head().await;
        if head.status != 426 {
            return head;
        }
        self.sized_body(&head).await;
        self.send(self.request(HANDSHAKE).as_bytes()).await;
        self.head().await
    }

    pub(crate) async fn sized_body(&mut self, head: &Head) -> Vec<u8> {
        let length = head.field("content-length").map_or(0, |length| length.parse().unwrap());
        self.take(length).await
    }

    /// Asks, and reads what comes before the first event.
    pub(crate) async fn begin(&mut self) -> Head {
        let asked = self.at;
        let head = self.ask().await;
        assert!(matches!(head.status, 200 | 101), "{head:?}");
        self.reading = Some(head.reading());
        match head.reading() {
            // The answer to the first question only tells the position; with a cursor, the events are asked for again.
            Reading::Array => {
                self.sized_body(&head).await;
                self.at = self.at.or_else(|| Some(head.field(path::CURSOR_FIELD).unwrap().parse().unwrap()));
            }
            Reading::Stream(_) | Reading::Frames => self.skip_opening().await,
        }
        if let (Some(asked), Some(at)) = (asked, self.at)
            && asked.epoch == EPOCH
        {
            assert_eq!(asked, at, "the server repeats the client's own position");
        }
        head
    }

    /// Reads what comes between the head and the first event, checks every byte of it, and learns the position.
    pub(crate) async fn skip_opening(&mut self) {
        match self.reading.unwrap() {
            Reading::Array => {
                let length = self.buffer.iter().position(|&byte| byte == b']').unwrap() + 1;
                self.take(length).await;
            }
            Reading::Frames => {
                let (opcode, payload) = self.frame().await;
                assert_eq!(opcode, 0x1);
                let position = feedbench_wire::framing::read_position(&payload).unwrap();
                assert_eq!(payload, position_text(position).as_bytes());
                self.at = Some(position);
            }
            Reading::Stream(framing) => {
                // The prologue is the first chunk of the stream.
                let chunk = self.chunk().await.unwrap();
                let mut input = chunk.as_slice();
                let mut reader = StreamReader::new(framing);
                let Some(Item::Position(position)) = reader.next(&mut input).unwrap().map(|piece| piece.item) else {
                    panic!("no position in {:?}", String::from_utf8_lossy(&chunk))
                };
                let mut prologue = Vec::new();
                framing.prologue(position, &mut prologue);
                assert_eq!(chunk, prologue);
                self.at = Some(position);
            }
        }
    }

    /// The next chunk; `None` for the last one.
    pub(crate) async fn chunk(&mut self) -> Option<Vec<u8>> {
        let length = usize::from_str_radix(&self.take_line().await, 16).unwrap();
        let chunk = self.take(length).await;
        assert_eq!(self.take(2).await, b"\r\n");
        (length > 0).then_some(chunk)
    }

    /// So many bytes of a stream's body; fewer when it ends before.
    pub(crate) async fn body(&mut self, n: usize) -> Vec<u8> {
        while self.body.len() < n {
            match self.chunk().await {
                Some(chunk) => self.body.extend(chunk),
                None => break,
            }
        }
        let n = n.min(self.body.len());
        self.body.drain(..n).collect()
    }

    /// The rest of a stream's body.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        self.body(usize::MAX).await
    }

    /// A frame of the server: opcode and payload. It must be whole, final and not masked.
    pub(crate) async fn frame(&mut self) -> (u8, Vec<u8>) {
        let head = self.take(2).await;
        assert_eq!(head[0] & 0xf0, 0x80, "final, and no reserved bit");
        assert_eq!(head[1] & 0x80, 0, "a server masks nothing");
        let length = match head[1] {
            126 => u16::from_be_bytes(self.take(2).await.try_into().unwrap()).into(),
            127 => u64::from_be_bytes(self.take(8).await.try_into().unwrap()) as usize,
            short => short.into(),
        };
        (head[0] & 0xf, self.take(length).await)
    }

    /// Sends a masked frame, as a client must.
    pub(crate) async fn send_frame(&mut self, opcode: u8, payload: &[u8]) {
        let mask = [0x12, 0x34, 0x56, 0x78];
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | short as u8),
            long @ 126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend((long as u16).to_be_bytes());
            }
            longer => {
                frame.push(0x80 | 127);
                frame.extend((longer as u64).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.send(&frame).await;
    }

    /// Reads these events, which must come next, and checks every byte of their framing. `binary` is for frames only.
    pub(crate) async fn expect(&mut self, texts: &[Bytes], first_seq: u64, binary: bool) {
        let last = cursor(first_seq + texts.len() as u64 - 1);
        match self.reading.expect("the client has begun") {
            Reading::Array => {
                self.send(self.request("").as_bytes()).await;
                let head = self.head().await;
                let mut expected = Vec::new();
                json_array::encode(texts.iter().map(AsRef::as_ref), &mut expected);
                assert_eq!(head.status, 200);
                let body = self.sized_body(&head).await;
                assert_eq!(String::from_utf8(body).unwrap(), String::from_utf8(expected).unwrap());
            }
            Reading::Stream(framing) => {
                let mut expected = Vec::new();
                for (text, seq) in texts.iter().zip(first_seq..) {
                    framing.event(cursor(seq), text, &mut expected);
                }
                let body = self.body(expected.len()).await;
                assert_eq!(String::from_utf8(body).unwrap(), String::from_utf8(expected).unwrap());
            }
            Reading::Frames => {
                for text in texts {
                    let (opcode, payload) = self.frame().await;
                    assert_eq!((opcode, payload.as_slice()), (if binary { 0x2 } else { 0x1 }, text.as_ref()));
                }
            }
        }
        self.at = Some(last);
    }

    /// Reads to the end of the connection; gives what came.
    pub(crate) async fn read_to_end(&mut self) -> Vec<u8> {
        while self.read().await {}
        std::mem::take(&mut self.buffer)
    }

    /// Closes as a load generator does: without lingering, which the server sees as a reset.
    pub(crate) fn close(self) {
        self.socket.set_zero_linger().unwrap();
    }
}
