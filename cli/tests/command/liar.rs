//! A small server of its own, with blocking sockets and none of the real server's code but the framings: it publishes an
//! event every 50 ms, tells the truth about what it published, and lies about the rest.

#![allow(unreachable_pub, clippy::unwrap_used)]

use std::io::{Read as _, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use feedbench_record::Transport;
use feedbench_wire::event::{self, Data};
use feedbench_wire::framing::{json_array, position_text};
use feedbench_wire::reader::{frame, head};
use feedbench_wire::{Clock, Cursor, Framing, clock, path};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const EPOCH: u16 = 0xbeef;
const GAP_US: u64 = 50_000;
/// A stall begins so long after the first client has asked: a second into the load generator's window, so that it lies there
/// even where many of them start at once and are slow to.
const STALL_AFTER_US: u64 = 2_100_000;
const STALL_US: u64 = 2_000_000;
/// Every so many events there is a lie.
const EVERY: u64 = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    None,
    /// Leaves events out.
    Drops,
    /// Sends events twice.
    Duplicates,
    /// Sends an event after the next one.
    Reorders,
    /// Sends what is no event.
    Garbles,
    /// Says nothing for two seconds.
    Stalls,
    /// Writes byte by byte.
    Trickles,
    /// Ends connections that should go on.
    ClosesEarly,
}

/// A running liar; it ends with its connections.
pub struct Liar {
    address: SocketAddr,
}

impl Liar {
    pub fn start(transport: Transport, lie: Lie) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let start_us = Clock::Monotonic.now_us();
        let first_asked_us = Arc::default();
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                socket.set_nodelay(true).unwrap();
                let first_asked_us = Arc::clone(&first_asked_us);
                let connection = Connection { socket, transport, lie, start_us, first_asked_us };
                // A client that leaves in the middle of a sentence ends its thread with an error.
                std::thread::spawn(move || connection.serve().is_ok());
            }
        });
        Liar { address }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

struct Connection {
    socket: TcpStream,
    transport: Transport,
    lie: Lie,
    start_us: u64,
    first_asked_us: Arc<OnceLock<u64>>,
}

/// Texts with their sequence numbers.
type Texts = Vec<(u64, Vec<u8>)>;

impl Connection {
    fn serve(mut self) -> std::io::Result<()> {
        let mut reader = head::Reader::default();
        let mut answers = 0;
        loop {
            let mut bytes = [0; 4096];
            let n = self.socket.read(&mut bytes)?;
            if n == 0 {
                return Ok(());
            }
            let mut input = &bytes[..n];
            let Ok(Some(request)) = reader.request(&mut input) else { continue };
            let target = request.target.to_owned();
            let key = request.head.field("sec-websocket-key").map(derive_accept_key);
            let id = request.head.field("last-event-id").map(|id| String::from_utf8_lossy(id).into_owned());
            let (endpoint, query) = target.split_once('?').unwrap_or((&target, ""));
            if endpoint == path::CLOCK || endpoint == path::STATS {
                self.admin(endpoint, query)?;
                continue;
            }
            let told = id.or_else(|| path::parameter(Some(query), "cursor").map(str::to_owned));
            let told = told.and_then(|cursor| cursor.parse::<Cursor>().ok()).map(|cursor| cursor.seq);
            let after = told.unwrap_or_else(|| self.newest());
            match self.transport {
                Transport::Polling => self.answer(after, told.is_none(), 0)?,
                Transport::LongPolling => self.answer(after, told.is_none(), 1)?,
                Transport::IframeStreaming => return self.stream(Framing::Script, after),
                Transport::Sse => return self.stream(Framing::Sse, after),
                Transport::FetchStreaming => return self.stream(Framing::Ndjson, after),
                Transport::WebSocket => return self.websocket(&key.unwrap(), after),
            }
            answers += 1;
            if self.lie == Lie::ClosesEarly && answers == 10 {
                return Ok(());
            }
        }
    }

    /// The truth.
    fn admin(&mut self, endpoint: &str, query: &str) -> std::io::Result<()> {
        let body = if endpoint == path::CLOCK {
            let (monotonic_us, realtime_us) = (Clock::Monotonic.now_us(), clock::realtime_us());
            serde_json::json!({ "monotonic_us": monotonic_us, "realtime_us": realtime_us, "boot_id": clock::boot_id() })
        } else {
            let number = |name| path::parameter(Some(query), name).unwrap().parse::<u64>().unwrap();
            let before = |us: u64| us.saturating_sub(self.start_us + 1) / GAP_US;
            serde_json::json!({ "published_in_range": before(number("to_us")) - before(number("from_us")) })
        };
        let body = body.to_string();
        write!(self.socket, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }

    fn newest(&self) -> u64 {
        (Clock::Monotonic.now_us() - self.start_us) / GAP_US
    }

    /// The sequence numbers that go out for `seq`, in their order.
    fn said_for(&self, seq: u64) -> Vec<u64> {
        match (self.lie, seq % EVERY) {
            (Lie::Drops | Lie::Reorders, 0) => vec![],
            (Lie::Duplicates, 0) => vec![seq, seq],
            (Lie::Reorders, 1) if seq > EVERY => vec![seq, seq - 1],
            _ => vec![seq],
        }
    }

    fn text(&self, seq: u64) -> Vec<u8> {
        let mut text = Vec::new();
        event::encode(
            seq,
            self.start_us + seq * GAP_US,
            Data::Text("a small event of the liar, long enough"),
            &mut text,
        );
        if self.lie == Lie::Garbles && seq.is_multiple_of(EVERY) {
            text.truncate(text.len() - 1);
            text.extend_from_slice(b",\"more\":1}");
        }
        text
    }

    /// Waits until something after `after` may be said, and says what: texts with their numbers, and the new cursor.
    fn next(&self, after: u64, at_least: usize) -> std::io::Result<(Texts, u64)> {
        loop {
            let newest = self.newest();
            let now_us = Clock::Monotonic.now_us();
            // Another connection's thread may have read the clock a moment later and been first all the same.
            let elapsed_us = now_us.saturating_sub(*self.first_asked_us.get_or_init(|| now_us));
            let stalled = self.lie == Lie::Stalls && (STALL_AFTER_US..STALL_AFTER_US + STALL_US).contains(&elapsed_us);
            let seqs: Vec<_> = (after + 1..=newest).flat_map(|seq| self.said_for(seq)).collect();
            if !stalled && seqs.len() >= at_least {
                return Ok((seqs.into_iter().map(|seq| (seq, self.text(seq))).collect(), newest));
            }
            self.client_is_there()?;
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn client_is_there(&self) -> std::io::Result<()> {
        self.socket.set_nonblocking(true)?;
        let gone = matches!(self.socket.peek(&mut [0; 1]), Ok(0));
        self.socket.set_nonblocking(false)?;
        if gone { Err(std::io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    /// A poll's answer. A client that is new to the feed learns its position at once.
    fn answer(&mut self, after: u64, new: bool, at_least: usize) -> std::io::Result<()> {
        let (texts, _) = if new { (Vec::new(), after) } else { self.next(after, at_least)? };
        let mut body = Vec::new();
        json_array::encode(texts.iter().map(|(_, text)| text.as_slice()), &mut body);
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", body.len()).into_bytes();
        if new {
            write!(answer, "feed-cursor: {}\r\n", Cursor { epoch: EPOCH, seq: after })?;
        }
        answer.extend_from_slice(b"\r\n");
        answer.extend_from_slice(&body);
        self.say(&answer)
    }

    fn stream(&mut self, framing: Framing, mut after: u64) -> std::io::Result<()> {
        let mut first = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        let mut prologue = Vec::new();
        framing.prologue(Cursor { epoch: EPOCH, seq: after }, &mut prologue);
        chunk(&prologue, &mut first);
        self.say(&first)?;
        for _ in 0..self.turns() {
            let (texts, newest) = self.next(after, 1)?;
            let mut bytes = Vec::new();
            for (seq, text) in texts {
                let mut framed = Vec::new();
                framing.event(Cursor { epoch: EPOCH, seq }, &text, &mut framed);
                chunk(&framed, &mut bytes);
            }
            self.say(&bytes)?;
            after = newest;
        }
        Ok(())
    }

    fn websocket(&mut self, accept: &str, mut after: u64) -> std::io::Result<()> {
        let mut first = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        )
        .into_bytes();
        text_frame(position_text(Cursor { epoch: EPOCH, seq: after }).as_bytes(), &mut first);
        self.say(&first)?;
        for _ in 0..self.turns() {
            let (texts, newest) = self.next(after, 1)?;
            let mut bytes = Vec::new();
            texts.iter().for_each(|(_, text)| text_frame(text, &mut bytes));
            self.say(&bytes)?;
            after = newest;
        }
        Ok(())
    }

    /// After how many writes a pushed connection ends.
    fn turns(&self) -> usize {
        if self.lie == Lie::ClosesEarly { 10 } else { usize::MAX }
    }

    fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.lie != Lie::Trickles {
            return self.socket.write_all(bytes);
        }
        for byte in bytes {
            self.socket.write_all(&[*byte])?;
            // Long enough for the other end to read this byte alone.
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }
}

fn chunk(data: &[u8], out: &mut Vec<u8>) {
    write!(out, "{:x}\r\n", data.len()).unwrap();
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

fn text_frame(text: &[u8], out: &mut Vec<u8>) {
    frame::encode_header(true, frame::Opcode::Text, None, text.len() as u64, out);
    out.extend_from_slice(text);
}
