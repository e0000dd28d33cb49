//! From what both ends wrote down to steps: the client's bytes are shown to the dissector of the ledger in the order in
//! which the client saw them, and each run that it finds is given its bytes and its instants at both ends.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use feedbench_record::ledger::{Layer, Way};
use feedbench_record::run::Tool;
use feedbench_record::trace::{Handshake, Run, SCHEMA_VERSION, Step, StepKind, Trace, What};
use feedbench_record::{Scenario, Transport};
use feedbench_wire::framing::script::DOCUMENT_OPEN;
use feedbench_wire::io::transcript::{Moment, Timed};
use feedbench_wire::ledger::{Dissector, Found};
use sha1::{Digest as _, Sha1};

use super::live::Recorded;

/// What a server appends to the key (RFC 6455 section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The trace of one transport.
///
/// # Errors
/// When the two ends do not tell of the same bytes, or more was written down than there is room for.
pub(super) fn explain(
    transport: Transport,
    scenario: Scenario,
    tool: Tool,
    recorded: &Recorded,
) -> anyhow::Result<Trace> {
    let (client, server) = (&recorded.client, &recorded.server);
    ensure!(!client.is_full && !server.is_full, "the exchange is too long to be explained; take fewer events");
    let ends = (client.connections.len(), server.connections.len());
    ensure!(ends.0 == ends.1, "the client had {} connections and the server {}", ends.0, ends.1);
    let began_us = client.connections.iter().flatten().map(|timed| timed.at_us).min().context("nothing was said")?;
    let mut steps = Vec::new();
    for (connection, (ours, theirs)) in client.connections.iter().zip(&server.connections).enumerate() {
        let mut explainer = Explainer::new(connection as u32, began_us, ours, theirs);
        explainer.connect(ours);
        explainer.dissect(ours)?;
        explainer.end(ours, theirs);
        steps.append(&mut explainer.steps);
    }
    steps.sort_by_key(|step| step.sent_us);
    let handshake = handshake(&steps);
    Ok(Trace {
        schema: SCHEMA_VERSION,
        tool,
        transport,
        scenario,
        server: recorded.server_address.to_string(),
        clients: recorded.result.connections.iter().map(|connection| connection.client.to_string()).collect(),
        steps,
        handshake,
    })
}

/// One connection.
struct Explainer {
    connection: u32,
    began_us: u64,
    streams: [Stream; Way::ALL.len()],
    steps: Vec<Step>,
}

/// One direction of a connection.
#[derive(Default)]
struct Stream {
    /// Where each write of the sender and each read of the receiver ends, and its instant (us).
    sent: Vec<(usize, u64)>,
    received: Vec<(usize, u64)>,
    bytes: Vec<u8>,
    /// How far the bytes are explained.
    at: usize,
    /// The runs of the step that is not complete, and where it began.
    runs: Vec<Run>,
    from: usize,
    /// The last complete step.
    last: Option<usize>,
}

impl Explainer {
    fn new(connection: u32, began_us: u64, client: &[Timed], server: &[Timed]) -> Explainer {
        let up = Stream { sent: ends(client, wrote), received: ends(server, read), ..Stream::default() };
        let down = Stream { sent: ends(server, wrote), received: ends(client, read), ..Stream::default() };
        Explainer { connection, began_us, streams: [up, down], steps: Vec::new() }
    }

    /// The three segments that open the connection.
    fn connect(&mut self, client: &[Timed]) {
        let connecting = client.iter().find(|timed| timed.what == Moment::Connecting);
        let connected = client.iter().find(|timed| timed.what == Moment::Connected);
        if let (Some(connecting), Some(connected)) = (connecting, connected) {
            self.bare(Way::Up, StepKind::Connect, connecting.at_us, Some(connected.at_us));
        }
    }

    /// The end of each direction, as far as the other end has seen it.
    fn end(&mut self, client: &[Timed], server: &[Timed]) {
        for (way, sender, receiver) in [(Way::Down, server, client), (Way::Up, client, server)] {
            let at = |end: &[Timed], what| end.iter().find(|timed| timed.what == what).map(|timed| timed.at_us);
            if let (Some(sent_us), Some(received_us)) = (at(sender, Moment::ShutDown), at(receiver, Moment::PeerEnded))
            {
                self.bare(way, StepKind::Fin, sent_us, Some(received_us));
            }
        }
    }

    /// A step without a byte above TCP.
    fn bare(&mut self, way: Way, kind: StepKind, sent_us: u64, received_us: Option<u64>) {
        let since = |us: u64| us.saturating_sub(self.began_us);
        let (sent_us, received_us) = (since(sent_us), received_us.map(since));
        self.steps.push(Step { connection: self.connection, way, kind, sent_us, received_us, runs: Vec::new() });
    }

    fn dissect(&mut self, client: &[Timed]) -> anyhow::Result<()> {
        let mut dissector = Dissector::default();
        for timed in client {
            let (way, bytes) = match &timed.what {
                Moment::Wrote(bytes) => (Way::Up, bytes),
                Moment::Read(bytes) => (Way::Down, bytes),
                Moment::Connecting | Moment::Connected | Moment::PeerEnded | Moment::ShutDown => continue,
            };
            self.streams[way.index()].bytes.extend_from_slice(bytes);
            dissector.push(way, bytes, |found| self.found(way, found));
        }
        for way in Way::ALL {
            let stream = &mut self.streams[way.index()];
            let carried = stream.bytes.len();
            let sent = stream.sent.last().map_or(0, |&(end, _)| end);
            ensure!(sent == carried, "{sent} bytes were sent {} and {carried} received", way.id());
            let left = carried - stream.at;
            if left > 0 {
                stream.run(Layer::Unclassified, What::Unclassified, left);
            }
            if !self.streams[way.index()].runs.is_empty() {
                self.step(way, if way == Way::Up { StepKind::Request } else { StepKind::Answer });
            }
        }
        Ok(())
    }

    fn found(&mut self, way: Way, found: Found<'_>) {
        let stream = &mut self.streams[way.index()];
        match found {
            Found::Head { layer, bytes } => stream.head(layer, bytes),
            // The end of a chunk belongs to what the chunk held.
            Found::Bytes { layer, what: what @ What::ChunkEnd, count } if stream.runs.is_empty() => {
                stream.run(layer, what, count);
                stream.from = stream.at;
                if let (Some(last), Some(run)) = (stream.last, stream.runs.pop()) {
                    self.steps[last].runs.push(run);
                }
            }
            Found::Bytes { layer, what, count } => {
                if what == What::Position && stream.bytes[stream.at..].starts_with(DOCUMENT_OPEN) {
                    stream.run(layer, What::DocumentHead, DOCUMENT_OPEN.len());
                    stream.run(layer, what, count - DOCUMENT_OPEN.len());
                } else {
                    stream.run(layer, what, count);
                }
            }
            Found::Event { framing, text, wire_bytes } => {
                let wire = &stream.bytes[stream.at..][..wire_bytes];
                // A text that the framing has in several places stays with it.
                let before = wire.windows(text.len()).position(|window| window == text).unwrap_or(0);
                for (layer, what, count) in [
                    (Layer::EventFraming, framing, before),
                    (Layer::Payload, What::EventText, text.len()),
                    (Layer::EventFraming, framing, wire_bytes - before - text.len()),
                ] {
                    stream.run(layer, what, count);
                }
            }
            // No client of a trace asks for what belongs to no transport.
            Found::Admin { count } => stream.run(Layer::Unclassified, What::OtherBody, count),
            Found::Step(kind) => self.step(way, kind),
            Found::Exchange(..) | Found::Repeated(_) => {}
        }
    }

    /// What was found since the last step is one.
    fn step(&mut self, way: Way, kind: StepKind) {
        let stream = &mut self.streams[way.index()];
        let instant = |ends: &[(usize, u64)], byte: usize| {
            ends.iter().find(|&&(end, _)| end > byte).map(|&(_, at_us)| at_us.saturating_sub(self.began_us))
        };
        let step = Step {
            connection: self.connection,
            way,
            kind,
            sent_us: instant(&stream.sent, stream.from).unwrap_or(0),
            received_us: instant(&stream.received, stream.at.saturating_sub(1)),
            runs: std::mem::take(&mut stream.runs),
        };
        stream.from = stream.at;
        stream.last = Some(self.steps.len());
        self.steps.push(step);
    }
}

impl Stream {
    /// The next bytes are one run.
    fn run(&mut self, layer: Layer, what: What, count: usize) {
        if count > 0 {
            let bytes = self.bytes[self.at..][..count].to_vec();
            self.runs.push(Run { layer, what, bytes });
            self.at += count;
        }
    }

    /// The next bytes are a head: a start line, fields, a blank line.
    fn head(&mut self, layer: Layer, head: &[u8]) {
        let start = if head.starts_with(b"HTTP/") { What::StatusLine } else { What::RequestLine };
        for (n, line) in head.split_inclusive(|&b| b == b'\n').enumerate() {
            let what = match line {
                b"\r\n" => What::BlankLine,
                _ if n == 0 => start,
                _ => What::Field,
            };
            self.run(layer, what, line.len());
        }
    }
}

fn wrote(moment: &Moment) -> Option<&[u8]> {
    if let Moment::Wrote(bytes) = moment { Some(bytes) } else { None }
}

fn read(moment: &Moment) -> Option<&[u8]> {
    if let Moment::Read(bytes) = moment { Some(bytes) } else { None }
}

/// Where each transfer of one direction ends, and its instant.
fn ends(end: &[Timed], transfer: fn(&Moment) -> Option<&[u8]>) -> Vec<(usize, u64)> {
    let mut sum = 0;
    let transfers = end.iter().filter_map(|timed| Some((transfer(&timed.what)?.len(), timed.at_us)));
    transfers
        .map(|(bytes, at_us)| {
            sum += bytes;
            (sum, at_us)
        })
        .collect()
}

/// The opening handshake of a WebSocket, computed again from the key that was sent.
fn handshake(steps: &[Step]) -> Option<Handshake> {
    let field = |name: &str| {
        let mut fields = steps.iter().flat_map(|step| &step.runs).filter(|run| run.what == What::Field);
        fields.find_map(|run| {
            let (found, value) = std::str::from_utf8(&run.bytes).ok()?.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let (key, sent) = (field("sec-websocket-key")?, field("sec-websocket-accept")?);
    let digest = Sha1::digest(format!("{key}{GUID}"));
    let sha1 = digest.iter().map(|b| format!("{b:02x}")).collect();
    Some(Handshake { key, guid: GUID.to_owned(), sha1, accept: BASE64_STANDARD.encode(digest), sent })
}
