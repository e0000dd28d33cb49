//! What `feedbench trace` saw: one client, a few events, and every byte explained.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ledger::{Layer, Way};
use crate::run::Tool;
use crate::scenario::Scenario;
use crate::transport::Transport;

/// The version of this form.
pub const SCHEMA_VERSION: u32 = 1;

/// One client of one transport from its first segment to its last, seen at both ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// Always [`SCHEMA_VERSION`].
    pub schema: u32,
    /// What traced.
    pub tool: Tool,
    /// The transport.
    pub transport: Transport,
    /// Everything else that was chosen.
    pub scenario: Scenario,
    /// The server's address and port.
    pub server: String,
    /// The client's address and port on each connection, in the order in which they were opened.
    pub clients: Vec<String>,
    /// What happened, in the order in which it was sent.
    pub steps: Vec<Step>,
    /// WebSocket: how the opening handshake proves that the server speaks it.
    pub handshake: Option<Handshake>,
}

/// One thing that one end said to the other: an arrow of the ladder diagram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Which connection: an index into [`Trace::clients`].
    pub connection: u32,
    /// The direction.
    pub way: Way,
    /// What was said.
    pub kind: StepKind,
    /// The instant before the sender's write that took its first byte (us since the trace began). For
    /// [`StepKind::Connect`] the instant before `connect()`.
    pub sent_us: u64,
    /// The instant at which the receiver's read returned that brought its last byte; `null` if it was never read. For
    /// [`StepKind::Connect`] the instant at which `connect()` was done.
    pub received_us: Option<u64>,
    /// Its bytes in the order of the wire, each run named. Nothing for what lies below the payload of TCP.
    pub runs: Vec<Run>,
}

impl Step {
    /// How many bytes it took above TCP.
    pub fn bytes(&self) -> usize {
        self.runs.iter().map(|run| run.bytes.len()).sum()
    }
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// The three segments that open a TCP connection (RFC 9293 section 3.5).
    Connect,
    /// A request.
    Request,
    /// A whole answer.
    Answer,
    /// The head of an answer whose body is a stream, or that ends HTTP on this connection.
    AnswerHead,
    /// The client's position in the feed.
    Position,
    /// An event that was pushed.
    Event,
    /// A heartbeat.
    Heartbeat,
    /// What answers a heartbeat.
    HeartbeatAnswer,
    /// A WebSocket close frame.
    Close,
    /// The end of a stream's body.
    StreamEnd,
    /// The end of one direction of the TCP connection.
    Fin,
}

impl StepKind {
    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            StepKind::Connect => "TCP handshake",
            StepKind::Request => "request",
            StepKind::Answer => "answer",
            StepKind::AnswerHead => "answer head",
            StepKind::Position => "position",
            StepKind::Event => "event",
            StepKind::Heartbeat => "heartbeat",
            StepKind::HeartbeatAnswer => "heartbeat answered",
            StepKind::Close => "close",
            StepKind::StreamEnd => "end of the stream",
            StepKind::Fin => "FIN",
        }
    }
}

/// Bytes next to each other that have the same meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The layer of the ledger.
    pub layer: Layer,
    /// What they are.
    pub what: What,
    /// The bytes, in records as hexadecimal digits.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    #[schemars(with = "String")]
    pub bytes: Vec<u8>,
}

/// What a run of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Method, target, version.
    RequestLine,
    /// Version, status, reason.
    StatusLine,
    /// A header field with its line end.
    Field,
    /// The blank line that ends a head.
    BlankLine,
    /// The line with a chunk's size.
    ChunkSize,
    /// The line end after a chunk's data.
    ChunkEnd,
    /// The chunk of size 0 and the blank line: the end of the body.
    LastChunk,
    /// Brackets and commas of a JSON array.
    JsonArray,
    /// Lines of an event stream around the data.
    SseField,
    /// A script element around the event.
    ScriptElement,
    /// The start of a document of script elements.
    DocumentHead,
    /// The line feed after a line of JSON.
    LineFeed,
    /// The header of a WebSocket frame, with its mask.
    FrameHeader,
    /// The payload of a WebSocket control frame.
    ControlPayload,
    /// The client's position, with what wraps it.
    Position,
    /// A heartbeat of a stream.
    Heartbeat,
    /// Event text.
    EventText,
    /// The body of an answer that is no event.
    OtherBody,
    /// No reader understood it.
    Unclassified,
}

impl What {
    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            What::RequestLine => "request line",
            What::StatusLine => "status line",
            What::Field => "header field",
            What::BlankLine => "end of the head",
            What::ChunkSize => "chunk size",
            What::ChunkEnd => "end of the chunk",
            What::LastChunk => "last chunk",
            What::JsonArray => "JSON array",
            What::SseField => "event stream lines",
            What::ScriptElement => "script element",
            What::DocumentHead => "document head",
            What::LineFeed => "line feed",
            What::FrameHeader => "frame header",
            What::ControlPayload => "control frame payload",
            What::Position => "position in the feed",
            What::Heartbeat => "heartbeat",
            What::EventText => "event text",
            What::OtherBody => "body",
            What::Unclassified => "not understood",
        }
    }

    /// The rule that it follows.
    pub const fn rule(self) -> &'static str {
        match self {
            What::RequestLine => "RFC 9112 section 3",
            What::StatusLine => "RFC 9112 section 4",
            What::Field => "RFC 9112 section 5",
            What::BlankLine => "RFC 9112 section 2.1",
            What::ChunkSize | What::ChunkEnd | What::LastChunk => "RFC 9112 section 7.1",
            What::JsonArray => "RFC 8259 section 5",
            What::SseField => "HTML Living Standard section 9.2.5",
            What::ScriptElement => "RFC 6202 section 3.2; HTML Living Standard section 4.12.1",
            What::DocumentHead => "HTML Living Standard section 13.1",
            What::LineFeed => "NDJSON 1.0 section 3.1",
            What::FrameHeader => "RFC 6455 section 5.2",
            What::ControlPayload => "RFC 6455 section 5.5",
            What::Position | What::Heartbeat | What::EventText => "feedbench: server/wire",
            What::OtherBody => "RFC 9110 section 6.4",
            What::Unclassified => "none",
        }
    }
}

/// How a WebSocket server proves that it read the handshake (RFC 6455 section 4.2.2, item 5.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Handshake {
    /// `Sec-WebSocket-Key`: 16 random bytes in base64.
    pub key: String,
    /// What the server appends to it.
    pub guid: String,
    /// The SHA-1 of both, in hexadecimal digits.
    pub sha1: String,
    /// The same in base64, as computed.
    pub accept: String,
    /// `Sec-WebSocket-Accept`, as the server sent it.
    pub sent: String,
}

fn to_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    bytes.iter().for_each(|b| write!(text, "{b:02x}").expect("writing to a String does not fail"));
    serializer.serialize_str(&text)
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digit = |b: u8| char::from(b).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<_>>().ok_or_else(|| serde::de::Error::custom("bytes are pairs of hexadecimal digits"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_run_read_back_as_they_were() {
        let run = Run { layer: Layer::Payload, what: What::EventText, bytes: (0..=255).collect() };
        let text = serde_json::to_string(&run).unwrap();
        assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
        for wrong in ["abc", "0g", "é"] {
            assert!(serde_json::from_str::<Run>(&text.replace("0001", wrong)).is_err(), "{wrong}");
        }
    }
}
