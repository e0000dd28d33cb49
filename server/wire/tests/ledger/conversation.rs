//! A conversation that is written together with what the ledger must say of it.

use feedbench_record::ledger::{Exchanges, Layer, Ledger, Way};
use feedbench_record::{Transport, transport::Manner};
use feedbench_wire::event::{self, Data};
use feedbench_wire::framing::position_text;
use feedbench_wire::reader::frame::{Mask, Opcode, encode_header};
use feedbench_wire::{Cursor, Framing, path};

/// Where every client stands at first.
pub(crate) const POSITION: Cursor = Cursor { epoch: 0xa3f2, seq: 7 };

/// What is said, and what it amounts to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conversation {
    pub(crate) runs: Vec<(Way, Vec<u8>)>,
    pub(crate) expected: Ledger,
}

impl Conversation {
    /// The runs as the tests feed them.
    pub(crate) fn runs(&self) -> Vec<(Way, &[u8])> {
        self.runs.iter().map(|(way, run)| (*way, run.as_slice())).collect()
    }

    /// Bytes of one layer; those that follow in the same direction are in the same run.
    fn say(&mut self, way: Way, layer: Layer, bytes: &[u8]) -> u64 {
        *self.expected.layers_mut(way).get_mut(layer) += bytes.len() as u64;
        self.say_admin(way, bytes)
    }

    fn say_admin(&mut self, way: Way, bytes: &[u8]) -> u64 {
        match self.runs.last_mut() {
            Some((last, run)) if *last == way => run.extend_from_slice(bytes),
            _ => self.runs.push((way, bytes.to_vec())),
        }
        bytes.len() as u64
    }

    /// A request for a transport that its heads open or do not.
    fn ask(&mut self, transport: Transport, layer: Layer) -> u64 {
        let target = path::target(transport, "t1", Some(POSITION), None);
        self.say(Way::Up, layer, format!("GET {target} HTTP/1.1\r\nHost: a:80\r\n\r\n").as_bytes())
    }

    /// A poll with so many events in its answer, in chunks of so many bytes or whole.
    pub(crate) fn poll(&mut self, transport: Transport, events: usize, chunk: Option<usize>) {
        assert_ne!(transport.manner(), Manner::Pushed);
        let up = self.ask(transport, Layer::RequestHeaders);
        let mut body = vec![(Layer::EventFraming, b"[".to_vec())];
        for event in 0..events {
            if event > 0 {
                body.push((Layer::EventFraming, b",".to_vec()));
            }
            body.push((Layer::Payload, text(event)));
        }
        body.push((Layer::EventFraming, b"]".to_vec()));
        let down = self.answer(Layer::ResponseHeaders, &body, chunk);
        let exchange = Exchanges { count: 1, up, down };
        self.expected.polls += exchange;
        if events == 0 {
            self.expected.empty_polls += exchange;
        }
    }

    /// An answer with status 200 and a body of such layers.
    fn answer(&mut self, head: Layer, body: &[(Layer, Vec<u8>)], chunk: Option<usize>) -> u64 {
        let length: usize = body.iter().map(|(_, bytes)| bytes.len()).sum();
        let Some(chunk) = chunk else {
            let mut down = self.say(
                Way::Down,
                head,
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: {length}\r\n\r\n")
                    .as_bytes(),
            );
            body.iter().for_each(|(layer, bytes)| down += self.say(Way::Down, *layer, bytes));
            return down;
        };
        let mut down = self.say(Way::Down, head, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let bytes: Vec<_> = body.iter().flat_map(|(layer, bytes)| bytes.iter().map(|&b| (*layer, b))).collect();
        for chunk in bytes.chunks(chunk) {
            down += self.say(Way::Down, Layer::BodyFraming, format!("{:x}\r\n", chunk.len()).as_bytes());
            chunk.iter().for_each(|&(layer, b)| down += self.say(Way::Down, layer, &[b]));
            down += self.say(Way::Down, Layer::BodyFraming, b"\r\n");
        }
        down + self.say(Way::Down, Layer::BodyFraming, b"0\r\n\r\n")
    }

    /// A stream: its position, then events (true) and heartbeats (false), a chunk each, then its end. `opens` if no stream
    /// was before it on the connection.
    pub(crate) fn stream(&mut self, transport: Transport, framing: Framing, pieces: &[bool], opens: bool) {
        let (request, answer) = match opens {
            true => (Layer::OpeningHandshake, Layer::OpeningHandshake),
            false => (Layer::RequestHeaders, Layer::ResponseHeaders),
        };
        self.ask(transport, request);
        self.say(Way::Down, answer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut prologue = Vec::new();
        framing.prologue(POSITION, &mut prologue);
        self.chunk(&[(Layer::Control, &prologue)]);
        for (n, &is_event) in pieces.iter().enumerate() {
            if is_event {
                let (text, cursor) = (text(n), Cursor { seq: 8 + n as u64, ..POSITION });
                let mut framed = Vec::new();
                framing.event(cursor, &text, &mut framed);
                let at = framed.windows(text.len()).position(|window| window == text).unwrap();
                let (before, after) = (&framed[..at], &framed[at + text.len()..]);
                let parts = [(Layer::EventFraming, before), (Layer::Payload, &text), (Layer::EventFraming, after)];
                let down = self.chunk(&parts);
                self.expected.pushed_events += Exchanges { count: 1, up: 0, down };
            } else {
                let down = self.chunk(&[(Layer::Control, framing.heartbeat())]);
                self.expected.heartbeats += Exchanges { count: 1, up: 0, down };
            }
        }
        self.say(Way::Down, Layer::BodyFraming, b"0\r\n\r\n");
    }

    fn chunk(&mut self, parts: &[(Layer, &[u8])]) -> u64 {
        let length: usize = parts.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut down = self.say(Way::Down, Layer::BodyFraming, format!("{length:x}\r\n").as_bytes());
        parts.iter().for_each(|(layer, bytes)| down += self.say(Way::Down, *layer, bytes));
        down + self.say(Way::Down, Layer::BodyFraming, b"\r\n")
    }

    /// The opening handshake of a WebSocket, and the first message, which names the position.
    pub(crate) fn upgrade(&mut self) {
        self.ask(Transport::WebSocket, Layer::OpeningHandshake);
        self.say(Way::Down, Layer::OpeningHandshake, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
        self.frame(Way::Down, Layer::Control, Layer::Control, Opcode::Text, true, position_text(POSITION).as_bytes());
    }

    /// A message of one frame or several, from either end.
    pub(crate) fn message(&mut self, way: Way, frames: &[&[u8]]) {
        let mut bytes = 0;
        for (n, payload) in frames.iter().enumerate() {
            let opcode = if n == 0 { Opcode::Text } else { Opcode::Continuation };
            bytes += self.frame(way, Layer::EventFraming, Layer::Payload, opcode, n + 1 == frames.len(), payload);
        }
        match way {
            Way::Up => self.expected.publishes += Exchanges { count: 1, up: bytes, down: 0 },
            Way::Down => self.expected.pushed_events += Exchanges { count: 1, up: 0, down: bytes },
        }
    }

    /// A ping and its pong.
    pub(crate) fn ping(&mut self, payload: &[u8]) {
        let down = self.frame(Way::Down, Layer::Control, Layer::Control, Opcode::Ping, true, payload);
        let up = self.frame(Way::Up, Layer::Control, Layer::Control, Opcode::Pong, true, payload);
        self.expected.heartbeats += Exchanges { count: 1, up, down };
    }

    /// Both close.
    pub(crate) fn close(&mut self) {
        for way in [Way::Down, Way::Up] {
            self.frame(way, Layer::Control, Layer::Control, Opcode::Close, true, &1001_u16.to_be_bytes());
        }
    }

    fn frame(&mut self, way: Way, framing: Layer, content: Layer, opcode: Opcode, fin: bool, payload: &[u8]) -> u64 {
        let key = (way == Way::Up).then_some([0x37, 0xfa, 0x21, 0x3d]);
        let mut header = Vec::new();
        encode_header(fin, opcode, key, payload.len() as u64, &mut header);
        let mut payload = payload.to_vec();
        key.into_iter().for_each(|key| Mask::new(key).apply(&mut payload));
        self.say(way, framing, &header) + self.say(way, content, &payload)
    }

    /// A client publishes by a request of its own.
    pub(crate) fn publish(&mut self, body: &[u8]) {
        let head = format!("POST /publish HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
        let up = self.say(Way::Up, Layer::RequestHeaders, head.as_bytes()) + self.say(Way::Up, Layer::Payload, body);
        let down = self.say(Way::Down, Layer::ResponseHeaders, b"HTTP/1.1 204 No Content\r\n\r\n");
        self.expected.publishes += Exchanges { count: 1, up, down };
    }

    /// A request that belongs to no transport.
    pub(crate) fn admin(&mut self) {
        let up = self.say_admin(Way::Up, b"GET /stats HTTP/1.1\r\n\r\n");
        let down = self.say_admin(Way::Down, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{ }");
        self.expected.admin += Exchanges { count: 1, up, down };
    }

    /// A poll that is refused.
    pub(crate) fn refused(&mut self) {
        let up = self.ask(Transport::Polling, Layer::RequestHeaders);
        let down =
            self.say(Way::Down, Layer::ResponseHeaders, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\n")
                + self.say(Way::Down, Layer::Control, b"no\n");
        let exchange = Exchanges { count: 1, up, down };
        self.expected.polls += exchange;
        self.expected.empty_polls += exchange;
    }
}

/// An event text, of another length for each event.
pub(crate) fn text(event: usize) -> Vec<u8> {
    let mut text = Vec::new();
    event::encode(event as u64 + 8, 1_000_000, Data::Text(&"</x>".repeat(event)), &mut text);
    text
}
