//! From what both ends wrote down to a trace: the client's bytes are explained in the order in which the client saw them,
//! and each step is given its instants at both ends.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use feedbench_record::ledger::Way;
use feedbench_record::run::Tool;
use feedbench_record::trace::{Handshake, SCHEMA_VERSION, Step, StepKind, Trace, What};
use feedbench_record::{Scenario, Transport};
use feedbench_wire::io::transcript::{Moment, Timed};
use feedbench_wire::ledger::{Explained, Explainer, Told};
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
        let mut connection = Connection::new(connection as u32, began_us, ours, theirs);
        connection.open(ours);
        connection.explain(ours)?;
        connection.end(ours, theirs);
        steps.append(&mut connection.steps);
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
struct Connection {
    index: u32,
    began_us: u64,
    streams: [Stream; Way::ALL.len()],
    steps: Vec<Step>,
}

/// One direction of a connection.
struct Stream {
    /// Where each write of the sender and each read of the receiver ends, and its instant (us).
    sent: Vec<(u64, u64)>,
    received: Vec<(u64, u64)>,
    /// The last complete step.
    last: Option<usize>,
}

impl Connection {
    fn new(index: u32, began_us: u64, client: &[Timed], server: &[Timed]) -> Connection {
        let up = Stream { sent: ends(client, wrote), received: ends(server, read), last: None };
        let down = Stream { sent: ends(server, wrote), received: ends(client, read), last: None };
        Connection { index, began_us, streams: [up, down], steps: Vec::new() }
    }

    /// The three segments that open the connection.
    fn open(&mut self, client: &[Timed]) {
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
        self.steps.push(Step { connection: self.index, way, kind, sent_us, received_us, runs: Vec::new() });
    }

    fn explain(&mut self, client: &[Timed]) -> anyhow::Result<()> {
        let mut explainer = Explainer::whole();
        for timed in client {
            match &timed.what {
                Moment::Wrote(bytes) => explainer.push(Way::Up, bytes, |told| self.told(told)),
                Moment::Read(bytes) => explainer.push(Way::Down, bytes, |told| self.told(told)),
                Moment::Connecting | Moment::Connected | Moment::PeerEnded | Moment::ShutDown | Moment::Closed => {}
            }
        }
        explainer.finish(|told| self.told(told));
        let carried = |ends: &[(u64, u64)]| ends.last().map_or(0, |&(end, _)| end);
        for (way, seen) in [(Way::Up, ends(client, wrote)), (Way::Down, ends(client, read))] {
            let (sent, carried) = (carried(&self.streams[way.index()].sent), carried(&seen));
            ensure!(sent == carried, "{sent} bytes were sent {} and {carried} received", way.id());
        }
        Ok(())
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Step(explained) => self.step(explained),
            Told::More { way, run } => {
                if let Some(last) = self.streams[way.index()].last {
                    self.steps[last].runs.push(run);
                }
            }
        }
    }

    fn step(&mut self, Explained { way, kind, runs, from, to, .. }: Explained) {
        let stream = &mut self.streams[way.index()];
        let instant = |ends: &[(u64, u64)], byte: u64| {
            ends.iter().find(|&&(end, _)| end > byte).map(|&(_, at_us)| at_us.saturating_sub(self.began_us))
        };
        let sent_us = instant(&stream.sent, from).unwrap_or(0);
        let received_us = instant(&stream.received, to.saturating_sub(1));
        stream.last = Some(self.steps.len());
        self.steps.push(Step { connection: self.index, way, kind, sent_us, received_us, runs });
    }
}

fn wrote(moment: &Moment) -> Option<&[u8]> {
    if let Moment::Wrote(bytes) = moment { Some(bytes) } else { None }
}

fn read(moment: &Moment) -> Option<&[u8]> {
    if let Moment::Read(bytes) = moment { Some(bytes) } else { None }
}

/// Where each transfer of one direction ends, and its instant.
fn ends(end: &[Timed], transfer: fn(&Moment) -> Option<&[u8]>) -> Vec<(u64, u64)> {
    let mut sum = 0;
    let transfers = end.iter().filter_map(|timed| Some((transfer(&timed.what)?.len(), timed.at_us)));
    transfers
        .map(|(bytes, at_us)| {
            sum += bytes as u64;
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
