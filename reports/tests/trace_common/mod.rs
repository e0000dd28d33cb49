//! Traces as a run writes them: the bytes of a real server and a real client, at made-up instants.

use std::collections::BTreeMap;

use feedbench_record::run::Tool;
use feedbench_record::trace::{Handshake, Run, SCHEMA_VERSION, Step, StepKind, Trace, What};
use feedbench_record::{Layer, Scenario, Transport, Way};

const HOST: &str = "127.0.0.1:18081";
const EPOCH: &str = "38dc";
/// When events are published (us since the trace began).
const PUBLISHED_US: [u64; 4] = [1_312_480, 1_893_100, 3_041_977, 3_047_305];
/// When the feed ends.
const END_US: u64 = 5_004_210;

type Piece<'a> = (Layer, What, &'a [u8]);

/// A trace in the making: one clock, one list of steps.
struct Recorder {
    trace: Trace,
    now_us: u64,
    seed: u64,
    /// Do durations differ by a factor of a hundred?
    unsteady: bool,
}

/// The trace of a transport.
pub fn trace(transport: Transport) -> Trace {
    let mut recorder = Recorder::new(transport);
    match transport {
        Transport::Polling => recorder.polling(),
        Transport::LongPolling => recorder.long_polling(),
        Transport::IframeStreaming | Transport::Sse | Transport::FetchStreaming => recorder.stream(),
        Transport::WebSocket => recorder.websocket(),
    }
    recorder.trace
}

/// One of each.
pub fn all() -> Vec<Trace> {
    Transport::ALL.map(trace).to_vec()
}

/// Polling with a connection for each request.
pub fn polling_with_connections() -> Trace {
    let mut recorder = Recorder::new(Transport::Polling);
    recorder.trace.scenario.connection = feedbench_record::scenario::ConnectionPolicy::Close;
    recorder.trace.clients.clear();
    for (connection, at_us) in (0..).zip([0, 998_700, 1_998_900, 2_999_100]) {
        recorder.now_us = at_us;
        recorder.trace.clients.push(format!("127.0.0.1:{}", 40_012 + 2 * connection));
        recorder.connect(connection);
        let events = if connection == 2 { vec![event(1), event(2)] } else { Vec::new() };
        recorder.poll(connection, "/polling?cursor=38dc-0", &events, 0, "connection: close\r\n");
        recorder.fin(connection, Way::Down);
        recorder.fin(connection, Way::Up);
    }
    recorder.trace
}

/// Many frames in no time, a step that was never read, instants that contradict each other, and bytes that no reader
/// understood.
pub fn crowded() -> Trace {
    let mut recorder = Recorder::new(Transport::WebSocket);
    recorder.connect(0);
    recorder.websocket_opening();
    for sequence in 1..=9 {
        recorder.now_us = 900 + 3 * sequence;
        recorder.frame(
            StepKind::Event,
            Way::Down,
            0x81,
            Layer::EventFraming,
            (Layer::Payload, What::EventText),
            &event(sequence),
        );
    }
    recorder.now_us = 400_000;
    recorder.step(
        0,
        StepKind::Heartbeat,
        Way::Down,
        &[(Layer::Unclassified, What::Unclassified, b"\x00\x1b[2J</text>")],
    );
    let steps = &mut recorder.trace.steps;
    let last = steps.len() - 1;
    steps[last].received_us = None;
    steps[last - 1].received_us = Some(steps[last - 1].sent_us - 2);
    recorder.trace
}

/// Long polling on a machine that is busy: some steps take a hundred times as long as others.
pub fn unsteady() -> Trace {
    let mut recorder = Recorder::new(Transport::LongPolling);
    recorder.unsteady = true;
    recorder.long_polling();
    recorder.trace
}

/// An event that takes several segments of TCP, with the longest form of a frame's header.
pub fn long_payload() -> Trace {
    let mut recorder = Recorder::new(Transport::WebSocket);
    recorder.connect(0);
    recorder.websocket_opening();
    let text: Vec<u8> = (0..150_000_u32).map(|number| b'a' + (number % 26) as u8).collect();
    let length = (text.len() as u64).to_be_bytes();
    let header = [&[0x82, 127][..], &length].concat();
    let pieces: [Piece<'_>; 2] =
        [(Layer::EventFraming, What::FrameHeader, &header), (Layer::Payload, What::EventText, &text)];
    recorder.step(0, StepKind::Event, Way::Down, &pieces);
    recorder.trace
}

/// The event text with this sequence number.
pub fn event(sequence: u64) -> Vec<u8> {
    let at_us = 12_192_000_000 + sequence * 580_436;
    format!(r#"{{"seq":{sequence:10},"at":{at_us:16},"data":"hiATTZM-zl8No5FkZ6W-8RvyCEq43pkxyEyuFxNCSS-KFN7AWQ"}}"#)
        .into_bytes()
}

impl Recorder {
    fn new(transport: Transport) -> Recorder {
        let scenario =
            Scenario { clients: 1, interval_ms: 1_000, hold_ms: 1_500, heartbeat_ms: 800, ..Scenario::default() };
        let libraries = BTreeMap::from([("hyper".to_owned(), "1.12.0".to_owned())]);
        let tool = Tool {
            version: "0.1.0".to_owned(),
            commit: Some("6cd9261".to_owned()),
            profile: "release".to_owned(),
            allocator: "system".to_owned(),
            libraries,
        };
        let trace = Trace {
            schema: SCHEMA_VERSION,
            tool,
            transport,
            scenario,
            server: HOST.to_owned(),
            clients: vec!["127.0.0.1:40012".to_owned()],
            steps: Vec::new(),
            handshake: None,
        };
        Recorder { trace, now_us: 0, seed: 7, unsteady: false }
    }

    /// A duration (us) that looks like one.
    fn passes(&mut self, about_us: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let percent = match self.unsteady {
            false => 70 + (self.seed >> 33) % 60,
            true => [12, 20, 30, 60, 100, 150, 400, 1_100][((self.seed >> 33) % 8) as usize],
        };
        about_us * percent / 100
    }

    fn step(&mut self, connection: u32, kind: StepKind, way: Way, pieces: &[Piece<'_>]) {
        let run = |&(layer, what, bytes): &Piece<'_>| Run { layer, what, bytes: bytes.to_vec() };
        let sent_us = self.now_us;
        self.now_us += self.passes(70);
        let received_us = Some(self.now_us);
        let runs = pieces.iter().map(run).collect();
        self.trace.steps.push(Step { connection, way, kind, sent_us, received_us, runs });
        self.now_us += self.passes(40);
    }

    fn connect(&mut self, connection: u32) {
        self.step(connection, StepKind::Connect, Way::Up, &[]);
    }

    fn fin(&mut self, connection: u32, way: Way) {
        self.step(connection, StepKind::Fin, way, &[]);
    }

    fn request(&mut self, connection: u32, layer: Layer, target: &str, fields: &str) {
        let line = format!("GET {target} HTTP/1.1\r\n");
        let fields = format!("host: {HOST}\r\n{fields}");
        let mut pieces: Vec<Piece<'_>> = vec![(layer, What::RequestLine, line.as_bytes())];
        pieces.extend(fields.split_inclusive('\n').map(|field| (layer, What::Field, field.as_bytes())));
        pieces.push((layer, What::BlankLine, b"\r\n"));
        self.step(connection, StepKind::Request, Way::Up, &pieces);
    }

    fn answer(&mut self, connection: u32, kind: StepKind, layer: Layer, head: &str, body: &[Piece<'_>]) {
        let (status, fields) = head.split_once('\n').unwrap();
        let status = format!("{status}\n");
        let date = "date: Fri, 20 Nov 2026 16:31:53 GMT\r\n";
        let mut pieces: Vec<Piece<'_>> = vec![(layer, What::StatusLine, status.as_bytes())];
        pieces.extend(fields.split_inclusive('\n').map(|field| (layer, What::Field, field.as_bytes())));
        pieces.push((layer, What::Field, date.as_bytes()));
        pieces.push((layer, What::BlankLine, b"\r\n"));
        pieces.extend_from_slice(body);
        self.step(connection, kind, Way::Down, &pieces);
    }

    /// One poll; the server holds it for so long (us).
    fn poll(&mut self, connection: u32, target: &str, events: &[Vec<u8>], held_us: u64, fields: &str) {
        self.request(connection, Layer::RequestHeaders, target, fields);
        self.now_us += held_us;
        let mut body: Vec<Piece<'_>> = vec![(Layer::EventFraming, What::JsonArray, b"[")];
        for (index, event) in events.iter().enumerate() {
            if index > 0 {
                body.push((Layer::EventFraming, What::JsonArray, b","));
            }
            body.push((Layer::Payload, What::EventText, event));
        }
        body.push((Layer::EventFraming, What::JsonArray, b"]"));
        let length: usize = body.iter().map(|piece| piece.2.len()).sum();
        let position = if target.contains("cursor") { "" } else { "feed-cursor: 38dc-0\r\n" };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n{position}{fields}content-length: {length}\r\n"
        );
        self.answer(connection, StepKind::Answer, Layer::ResponseHeaders, &head, &body);
    }

    fn polling(&mut self) {
        self.connect(0);
        self.poll(0, "/polling", &[], 0, "");
        for (at_us, cursor, new) in
            [(1_000_300, 0, 0..0), (2_000_210, 0, 1..3), (3_000_405, 2, 0..0), (4_000_190, 2, 3..5)]
        {
            self.now_us = at_us;
            let events: Vec<_> = new.map(event).collect();
            self.poll(0, &format!("/polling?cursor={EPOCH}-{cursor}"), &events, 0, "");
        }
        self.now_us = END_US;
        self.fin(0, Way::Down);
        self.fin(0, Way::Up);
    }

    fn long_polling(&mut self) {
        self.connect(0);
        self.poll(0, "/long-polling?hold=0", &[], 0, "");
        for (cursor, published_us) in (0..).zip(PUBLISHED_US) {
            let held_us = published_us.saturating_sub(self.now_us + 120);
            self.poll(
                0,
                &format!("/long-polling?hold=1500&cursor={EPOCH}-{cursor}"),
                &[event(cursor + 1)],
                held_us,
                "",
            );
        }
        self.poll(0, &format!("/long-polling?hold=1500&cursor={EPOCH}-4"), &[], 1_500_000, "");
        self.fin(0, Way::Down);
        self.fin(0, Way::Up);
    }

    fn stream(&mut self) {
        let (path, media) = match self.trace.transport {
            Transport::IframeStreaming => ("/iframe-streaming", "text/html; charset=utf-8"),
            Transport::Sse => ("/sse", "text/event-stream"),
            _ => ("/fetch-streaming", "application/x-ndjson"),
        };
        self.connect(0);
        self.request(0, Layer::OpeningHandshake, path, "");
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncache-control: no-store\r\ntransfer-encoding: chunked\r\n"
        );
        self.answer(0, StepKind::AnswerHead, Layer::OpeningHandshake, &head, &[]);
        self.chunk(StepKind::Position, None);
        let silent_us = self.now_us + 800_000;
        self.now_us = silent_us;
        self.chunk(StepKind::Heartbeat, None);
        for (sequence, at_us) in (1..).zip(PUBLISHED_US) {
            self.now_us = at_us;
            self.chunk(StepKind::Event, Some(sequence));
        }
        self.now_us = END_US;
        self.step(0, StepKind::StreamEnd, Way::Down, &[(Layer::BodyFraming, What::LastChunk, b"0\r\n\r\n")]);
        self.fin(0, Way::Down);
        self.fin(0, Way::Up);
    }

    fn chunk(&mut self, kind: StepKind, sequence: Option<u64>) {
        let text = sequence.map(event).unwrap_or_default();
        let id = format!("id: {EPOCH}-{}\ndata: ", sequence.unwrap_or(0));
        let position = format!(r#"{{"cursor":"{EPOCH}-0"}}"#);
        let sse_position = format!("retry: 1000\nid: {EPOCH}-0\n\n");
        let script_position = format!("<script>parent.position(\"{EPOCH}-0\")</script>\n");
        let payload = (Layer::Payload, What::EventText, text.as_slice());
        let framing = |what, bytes: &'static [u8]| -> Piece<'_> { (Layer::EventFraming, what, bytes) };
        let control = |what, bytes: &'static [u8]| -> Piece<'_> { (Layer::Control, what, bytes) };
        let inside: Vec<Piece<'_>> = match (self.trace.transport, kind) {
            (Transport::IframeStreaming, StepKind::Event) => vec![
                framing(What::ScriptElement, b"<script>parent.f("),
                payload,
                framing(What::ScriptElement, b")</script>\n"),
            ],
            (Transport::IframeStreaming, StepKind::Heartbeat) => vec![control(What::Heartbeat, b"<!---->\n")],
            (Transport::IframeStreaming, _) => vec![
                control(What::DocumentHead, b"<!DOCTYPE html><meta charset=\"utf-8\"><title>feed</title>\n"),
                (Layer::Control, What::Position, script_position.as_bytes()),
            ],
            (Transport::Sse, StepKind::Event) => {
                vec![(Layer::EventFraming, What::SseField, id.as_bytes()), payload, framing(What::SseField, b"\n\n")]
            }
            (Transport::Sse, StepKind::Heartbeat) => vec![control(What::Heartbeat, b":\n\n")],
            (Transport::Sse, _) => vec![(Layer::Control, What::Position, sse_position.as_bytes())],
            (_, StepKind::Event) => vec![payload, framing(What::LineFeed, b"\n")],
            (_, StepKind::Heartbeat) => vec![control(What::Heartbeat, b"\n")],
            (_, _) => vec![(Layer::Control, What::Position, position.as_bytes()), control(What::Position, b"\n")],
        };
        let size = format!("{:x}\r\n", inside.iter().map(|piece| piece.2.len()).sum::<usize>());
        let mut pieces: Vec<Piece<'_>> = vec![(Layer::BodyFraming, What::ChunkSize, size.as_bytes())];
        pieces.extend(inside);
        pieces.push((Layer::BodyFraming, What::ChunkEnd, b"\r\n"));
        self.step(0, kind, Way::Down, &pieces);
    }

    fn websocket(&mut self) {
        self.connect(0);
        self.websocket_opening();
        let control = (Layer::Control, What::ControlPayload);
        self.now_us += 800_000;
        self.frame(StepKind::Heartbeat, Way::Down, 0x89, Layer::Control, control, b"");
        self.frame(StepKind::HeartbeatAnswer, Way::Up, 0x8a, Layer::Control, control, b"");
        for (sequence, at_us) in (1..).zip(PUBLISHED_US) {
            self.now_us = at_us;
            let payload = (Layer::Payload, What::EventText);
            self.frame(StepKind::Event, Way::Down, 0x81, Layer::EventFraming, payload, &event(sequence));
        }
        self.now_us = END_US;
        let why = b"\x03\xe9the feed has ended";
        self.frame(StepKind::Close, Way::Down, 0x88, Layer::Control, control, why);
        self.frame(StepKind::Close, Way::Up, 0x88, Layer::Control, control, why);
        self.fin(0, Way::Down);
        self.fin(0, Way::Up);
    }

    fn websocket_opening(&mut self) {
        let key = "cww01pO5mFn6WVJ961SvIA==";
        let accept = "8cssaew0Pu5sS1B41O2rHWVmO1U=";
        let fields = format!(
            "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n"
        );
        self.request(0, Layer::OpeningHandshake, "/websocket", &fields);
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n"
        );
        self.answer(0, StepKind::AnswerHead, Layer::OpeningHandshake, &head, &[]);
        let position = format!(r#"{{"cursor":"{EPOCH}-0"}}"#);
        let control = (Layer::Control, What::Position);
        self.frame(StepKind::Position, Way::Down, 0x81, Layer::Control, control, position.as_bytes());
        self.trace.handshake = Some(Handshake {
            key: key.to_owned(),
            guid: "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".to_owned(),
            sha1: "f1cb2c69ec343eee6c4b5078d4edab1d65663b55".to_owned(),
            accept: accept.to_owned(),
            sent: accept.to_owned(),
        });
    }

    /// One frame: the header with its mask, and the payload as the mask leaves it.
    fn frame(&mut self, kind: StepKind, way: Way, first: u8, layer: Layer, payload: (Layer, What), text: &[u8]) {
        let length = u8::try_from(text.len()).unwrap();
        assert!(length < 126, "no longer payloads are needed here");
        let key = if way == Way::Up { [0x62, 0xf4, 0x2b, 0x2d] } else { [0; 4] };
        let masked: Vec<u8> = text.iter().zip(key.into_iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        let mut header = vec![first, length];
        if way == Way::Up {
            header[1] |= 0x80;
            header.extend_from_slice(&key);
        }
        let mut pieces: Vec<Piece<'_>> = vec![(layer, What::FrameHeader, &header)];
        if !masked.is_empty() {
            pieces.push((payload.0, payload.1, &masked));
        }
        self.step(0, kind, way, &pieces);
    }
}
