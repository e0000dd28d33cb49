//! A conversation over HTTP/2 that is written together with what the ledger must say of it.

use feedbench_record::ledger::{Exchanges, Heads, Layer, Ledger, Way};
use feedbench_record::{Transport, transport::Manner};
use feedbench_wire::framing::position_text;
use feedbench_wire::h2::frame::{END_HEADERS, END_STREAM, FrameHeader, FrameKind, PADDED, PREFACE, PRIORITY};
use feedbench_wire::h2::hpack::{Encoder, Indexing};
use feedbench_wire::reader::frame::{Mask, Opcode, encode_header};
use feedbench_wire::{Cursor, Framing, path};

use crate::conversation::{POSITION, text};

/// Content by layers.
pub(crate) type Parts = Vec<(Layer, Vec<u8>)>;

/// One thing that is said on a stream.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A request, of a transport or of none.
    Ask { fields: Vec<(&'static str, String)>, about: Asked, has_place: bool, ends: bool },
    /// An answer's head.
    Answer { status: u16, ends: bool },
    /// One piece of content, in one DATA frame or in frames of so many bytes; what it counts for by itself.
    Data { way: Way, parts: Parts, cut: usize, counts: Option<Counts> },
    /// The last DATA frame, with what was exchanged on the stream.
    End { way: Way, exchange: Option<Counts> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Feed(Transport),
    Publish,
    Admin,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Counts {
    Poll,
    EmptyPoll,
    PushedEvent,
    Heartbeat,
    /// What answers a heartbeat.
    Pong,
    Publish,
    Admin,
}

/// How its frames look beside what they must be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// DATA and HEADERS have so much padding.
    pub(crate) padding: Option<u8>,
    pub(crate) has_priority: bool,
    /// So much of a field block is in the HEADERS frame, and in each CONTINUATION.
    pub(crate) block: Option<usize>,
}

/// A stream of the conversation.
#[derive(Debug, Default)]
struct Stream {
    number: u32,
    is_admin: bool,
    is_feed: bool,
    is_opening: bool,
    bytes: Exchanges,
}

/// What is said, and what it amounts to.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) runs: Vec<(Way, Vec<u8>)>,
    pub(crate) expected: Ledger,
    look: Look,
    encoders: [Encoder; 2],
    has_head: [bool; 2],
    opened: bool,
    streams: Vec<Stream>,
}

impl Talk {
    /// Both ends have said that they speak HTTP/2.
    pub(crate) fn new(indexing: Indexing, look: Look) -> Talk {
        let mut talk = Talk {
            runs: Vec::new(),
            expected: Ledger::default(),
            look,
            encoders: [Encoder::new(indexing), Encoder::new(indexing)],
            has_head: [false; 2],
            opened: false,
            streams: Vec::new(),
        };
        talk.say(Way::Up, Some(Layer::Control), PREFACE);
        talk.control(Way::Up, FrameKind::Settings, 0, 0, &[0, 2, 0, 0, 0, 0]);
        talk.control(Way::Up, FrameKind::WindowUpdate, 0, 0, &[0, 0, 1, 0]);
        talk.control(Way::Down, FrameKind::Settings, 0, 0, &[0, 8, 0, 0, 0, 1]);
        talk.control(Way::Down, FrameKind::Settings, 1, 0, &[]);
        talk.control(Way::Up, FrameKind::Settings, 1, 0, &[]);
        talk
    }

    /// The runs as the tests feed them.
    pub(crate) fn runs(&self) -> Vec<(Way, &[u8])> {
        self.runs.iter().map(|(way, run)| (*way, run.as_slice())).collect()
    }

    /// A new stream; its place among all.
    pub(crate) fn open(&mut self) -> usize {
        self.streams.push(Stream::default());
        self.streams.len() - 1
    }

    /// The number of a stream that has asked.
    pub(crate) fn number(&self, stream: usize) -> u32 {
        self.streams[stream].number
    }

    /// Bytes of a layer, or of no transport.
    fn say(&mut self, way: Way, layer: Option<Layer>, bytes: &[u8]) -> u64 {
        match layer {
            Some(layer) => *self.expected.layers_mut(way).get_mut(layer) += bytes.len() as u64,
            None => *self.expected.admin.bytes_mut(way) += bytes.len() as u64,
        }
        match self.runs.last_mut() {
            Some((last, run)) if *last == way => run.extend_from_slice(bytes),
            _ => self.runs.push((way, bytes.to_vec())),
        }
        bytes.len() as u64
    }

    /// A frame of the connection.
    pub(crate) fn control(&mut self, way: Way, kind: FrameKind, flags: u8, stream: u32, payload: &[u8]) {
        self.say(way, Some(Layer::Control), &frame(kind, flags, stream, payload));
    }

    /// What comes next on a stream.
    pub(crate) fn step(&mut self, stream: usize, step: &Step) {
        match step {
            Step::Ask { fields, about, has_place, ends } => {
                let number = 2 * self.streams.iter().filter(|stream| stream.number > 0).count() as u32 + 1;
                let is_pushed = matches!(about, Asked::Feed(transport) if transport.manner() == Manner::Pushed);
                let (is_admin, is_feed) = (*about == Asked::Admin, matches!(about, Asked::Feed(_)));
                let is_opening = is_pushed && (!self.opened || !has_place);
                self.opened |= is_pushed;
                self.streams[stream] = Stream { number, is_admin, is_feed, is_opening, ..Stream::default() };
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                self.head(Way::Up, stream, &fields, *ends);
            }
            Step::Answer { status, ends } => {
                let status = status.to_string();
                self.head(Way::Down, stream, &[(":status", &status), ("cache-control", "no-store")], *ends);
            }
            Step::Data { way, parts, cut, counts } => {
                let bytes: Vec<_> = parts.iter().flat_map(|(layer, part)| part.iter().map(|&b| (*layer, b))).collect();
                let wire = bytes.chunks(*cut).map(|chunk| self.data(*way, stream, chunk, false)).sum();
                if let Some(counts) = counts {
                    self.count(*counts, *way, wire);
                }
            }
            Step::End { way, exchange } => {
                self.data(*way, stream, &[], true);
                if let Some(counts) = exchange {
                    let Exchanges { up, down, .. } = self.streams[stream].bytes;
                    self.exchange(*counts, Exchanges { count: 1, up, down });
                }
            }
        }
    }

    fn layer(&self, stream: usize, layer: Layer) -> Option<Layer> {
        (!self.streams[stream].is_admin).then_some(layer)
    }

    /// HEADERS, and CONTINUATION if need be.
    fn head(&mut self, way: Way, stream: usize, fields: &[(&str, &str)], ends: bool) {
        let Stream { number, is_feed, is_opening, .. } = self.streams[stream];
        let mut block = Vec::new();
        self.encoders[way.index()]
            .encode(fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), &mut block);
        let mut parts = block.chunks(self.look.block.unwrap_or(block.len()));
        let mut payload = parts.next().unwrap_or_default().to_vec();
        let mut flags = if ends { END_STREAM } else { 0 } | if parts.len() == 0 { END_HEADERS } else { 0 };
        if self.look.has_priority {
            payload.splice(0..0, [0, 0, 0, 0, 16]);
            flags |= PRIORITY;
        }
        flags |= self.pad(&mut payload);
        let mut bytes = frame(FrameKind::Headers, flags, number, &payload);
        while let Some(part) = parts.next() {
            let flags = if parts.len() == 0 { END_HEADERS } else { 0 };
            bytes.extend(frame(FrameKind::Continuation, flags, number, part));
        }
        let layer = match way {
            _ if is_opening => Layer::OpeningHandshake,
            Way::Up => Layer::RequestHeaders,
            Way::Down => Layer::ResponseHeaders,
        };
        let wire = self.say(way, self.layer(stream, layer), &bytes);
        *self.streams[stream].bytes.bytes_mut(way) += wire;
        if is_feed {
            let uncompressed = fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>() as u64;
            let is_first = !std::mem::replace(&mut self.has_head[way.index()], true);
            let hpack = &mut self.expected.hpack;
            *match (way, is_first) {
                (Way::Up, true) => &mut hpack.first_requests,
                (Way::Up, false) => &mut hpack.repeated_requests,
                (Way::Down, true) => &mut hpack.first_answers,
                (Way::Down, false) => &mut hpack.repeated_answers,
            } += Heads { count: 1, wire, compressed: block.len() as u64, uncompressed };
        }
    }

    /// A DATA frame.
    fn data(&mut self, way: Way, stream: usize, bytes: &[(Layer, u8)], ends: bool) -> u64 {
        let content: Vec<u8> = bytes.iter().map(|&(_, b)| b).collect();
        let mut payload = content.clone();
        let flags = if ends { END_STREAM } else { 0 } | self.pad(&mut payload);
        let frame = frame(FrameKind::Data, flags, self.streams[stream].number, &payload);
        let after = self.look.padding.map_or(0, usize::from);
        let (before, rest) = frame.split_at(frame.len() - content.len() - after);
        let (_, padding) = rest.split_at(content.len());
        let framing = self.layer(stream, Layer::BodyFraming);
        let mut wire = self.say(way, framing, before);
        for &(layer, b) in bytes {
            wire += self.say(way, self.layer(stream, layer), &[b]);
        }
        wire += self.say(way, framing, padding);
        *self.streams[stream].bytes.bytes_mut(way) += wire;
        wire
    }

    /// Puts padding around what a frame holds; its flag.
    fn pad(&self, payload: &mut Vec<u8>) -> u8 {
        let Some(padding) = self.look.padding else { return 0 };
        payload.insert(0, padding);
        payload.resize(payload.len() + usize::from(padding), 0);
        PADDED
    }

    fn count(&mut self, counts: Counts, way: Way, wire: u64) {
        let mut exchange = Exchanges { count: u64::from(!matches!(counts, Counts::Pong)), up: 0, down: 0 };
        *exchange.bytes_mut(way) = wire;
        self.exchange(counts, exchange);
    }

    fn exchange(&mut self, counts: Counts, exchange: Exchanges) {
        let expected = &mut self.expected;
        match counts {
            Counts::Poll => expected.polls += exchange,
            Counts::EmptyPoll => {
                expected.polls += exchange;
                expected.empty_polls += exchange;
            }
            Counts::PushedEvent => expected.pushed_events += exchange,
            Counts::Heartbeat | Counts::Pong => expected.heartbeats += exchange,
            Counts::Publish => expected.publishes += exchange,
            // Its bytes were counted as they were said.
            Counts::Admin => expected.admin.count += exchange.count,
        }
    }
}

pub(crate) fn frame(kind: FrameKind, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    FrameHeader { payload_bytes: payload.len() as u32, kind, flags, stream }.encode(&mut frame);
    frame.extend_from_slice(payload);
    frame
}

fn ask(transport: Transport, cursor: Option<Cursor>, ends: bool) -> Step {
    let mut fields = match transport {
        Transport::WebSocket => vec![(":method", "CONNECT".to_owned()), (":protocol", "websocket".to_owned())],
        _ => vec![(":method", "GET".to_owned())],
    };
    fields.push((":path", path::target(transport, "t1", cursor, None)));
    fields.extend([(":scheme", "http".to_owned()), (":authority", "a:80".to_owned()), ("accept", "*/*".to_owned())]);
    Step::Ask { fields, about: Asked::Feed(transport), has_place: cursor.is_some(), ends }
}

/// A poll with so many events in its answer, in frames of so many bytes.
pub(crate) fn poll(transport: Transport, events: usize, cut: usize) -> Vec<Step> {
    let mut parts = vec![(Layer::EventFraming, b"[".to_vec())];
    for event in 0..events {
        if event > 0 {
            parts.push((Layer::EventFraming, b",".to_vec()));
        }
        parts.push((Layer::Payload, text(event)));
    }
    parts.push((Layer::EventFraming, b"]".to_vec()));
    let exchange = Some(if events == 0 { Counts::EmptyPoll } else { Counts::Poll });
    vec![
        ask(transport, Some(POSITION), true),
        Step::Answer { status: 200, ends: false },
        Step::Data { way: Way::Down, parts, cut, counts: None },
        Step::End { way: Way::Down, exchange },
    ]
}

/// A poll that is refused.
pub(crate) fn refused() -> Vec<Step> {
    vec![
        ask(Transport::Polling, None, true),
        Step::Answer { status: 400, ends: false },
        Step::Data { way: Way::Down, parts: vec![(Layer::Control, b"no\n".to_vec())], cut: 9, counts: None },
        Step::End { way: Way::Down, exchange: Some(Counts::EmptyPoll) },
    ]
}

/// A stream: its position, then events (true) and heartbeats (false), in frames of so many bytes, then its end.
pub(crate) fn stream(
    transport: Transport,
    framing: Framing,
    pieces: &[bool],
    place: Option<Cursor>,
    cut: usize,
) -> Vec<Step> {
    let down = |parts, counts| Step::Data { way: Way::Down, parts, cut, counts };
    let mut prologue = Vec::new();
    framing.prologue(POSITION, &mut prologue);
    let mut steps = vec![ask(transport, place, true), Step::Answer { status: 200, ends: false }];
    steps.push(down(vec![(Layer::Control, prologue)], None));
    for (n, &is_event) in pieces.iter().enumerate() {
        let (parts, counts) = match is_event {
            true => (event(framing, n), Counts::PushedEvent),
            false => (vec![(Layer::Control, framing.heartbeat().to_vec())], Counts::Heartbeat),
        };
        steps.push(down(parts, Some(counts)));
    }
    steps.push(Step::End { way: Way::Down, exchange: None });
    steps
}

/// An event in its framing.
pub(crate) fn event(framing: Framing, n: usize) -> Parts {
    let (text, cursor) = (text(n), Cursor { seq: 8 + n as u64, ..POSITION });
    let mut framed = Vec::new();
    framing.event(cursor, &text, &mut framed);
    let at = framed.windows(text.len()).position(|window| window == text).unwrap();
    let (before, after) = (framed[..at].to_vec(), framed[at + text.len()..].to_vec());
    vec![(Layer::EventFraming, before), (Layer::Payload, text), (Layer::EventFraming, after)]
}

/// A WebSocket: its position, then messages (an event's number) and pings either way (`None`: a ping and its pong), then
/// both close.
pub(crate) fn websocket(messages: &[(Way, Option<usize>)], place: Option<Cursor>, cut: usize) -> Vec<Step> {
    let message = |way, opcode, payload: &[u8], counts| {
        let key = (way == Way::Up).then_some([0x37, 0xfa, 0x21, 0x3d]);
        let mut header = Vec::new();
        encode_header(true, opcode, key, payload.len() as u64, &mut header);
        let mut payload = payload.to_vec();
        key.into_iter().for_each(|key| Mask::new(key).apply(&mut payload));
        let (framing, content) = match counts {
            Some(Counts::PushedEvent | Counts::Publish) => (Layer::EventFraming, Layer::Payload),
            _ => (Layer::Control, Layer::Control),
        };
        Step::Data { way, parts: vec![(framing, header), (content, payload)], cut, counts }
    };
    let mut steps = vec![ask(Transport::WebSocket, place, false), Step::Answer { status: 200, ends: false }];
    steps.push(message(Way::Down, Opcode::Text, position_text(POSITION).as_bytes(), None));
    for &(way, event) in messages {
        match (way, event) {
            (Way::Up, Some(n)) => steps.push(message(way, Opcode::Text, &text(n), Some(Counts::Publish))),
            (Way::Down, Some(n)) => steps.push(message(way, Opcode::Text, &text(n), Some(Counts::PushedEvent))),
            (_, None) => {
                steps.push(message(Way::Down, Opcode::Ping, b"", Some(Counts::Heartbeat)));
                steps.push(message(Way::Up, Opcode::Pong, b"", Some(Counts::Pong)));
            }
        }
    }
    for way in [Way::Down, Way::Up] {
        steps.push(message(way, Opcode::Close, &1001_u16.to_be_bytes(), None));
        steps.push(Step::End { way, exchange: None });
    }
    steps
}

/// A client publishes by a request of its own.
pub(crate) fn publish(body: &[u8], cut: usize) -> Vec<Step> {
    let fields = [(":method", "POST"), (":path", "/publish"), (":scheme", "http"), (":authority", "a:80")];
    let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
    vec![
        Step::Ask { fields, about: Asked::Publish, has_place: false, ends: false },
        Step::Data { way: Way::Up, parts: vec![(Layer::Payload, body.to_vec())], cut, counts: None },
        Step::End { way: Way::Up, exchange: None },
        Step::Answer { status: 204, ends: false },
        Step::End { way: Way::Down, exchange: Some(Counts::Publish) },
    ]
}

/// A request that belongs to no transport.
pub(crate) fn admin() -> Vec<Step> {
    let fields = [(":method", "GET"), (":path", "/stats"), (":scheme", "http"), (":authority", "a:80")];
    let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
    vec![
        Step::Ask { fields, about: Asked::Admin, has_place: false, ends: true },
        Step::Answer { status: 200, ends: false },
        Step::Data { way: Way::Down, parts: vec![(Layer::Payload, b"{ }".to_vec())], cut: 2, counts: None },
        Step::End { way: Way::Down, exchange: Some(Counts::Admin) },
    ]
}
