//! The byte ledger: every byte of a connection belongs to exactly one layer, in each direction.

use std::ops::AddAssign;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The direction of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From client to server.
    Up,
    /// From server to client.
    Down,
}

impl Way {
    /// Both directions.
    pub const ALL: [Way; 2] = [Way::Up, Way::Down];

    /// A number of its own, below the length of [`Way::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name in records.
    pub const fn id(self) -> &'static str {
        match self {
            Way::Up => "up",
            Way::Down => "down",
        }
    }
}

/// What a byte is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// The first request head of a pushed connection and its answer's head: paid once, however long it lives.
    OpeningHandshake,
    /// Every other request head (RFC 9112 section 2.1).
    RequestHeaders,
    /// Every other answer's head.
    ResponseHeaders,
    /// Chunk sizes and line ends (RFC 9112 section 7.1); the headers of HTTP/2 DATA frames, with their padding (RFC 9113
    /// section 6.1); what stands around compressed content (RFC 1952 section 2.2).
    BodyFraming,
    /// What wraps an event: brackets and commas of a poll's answer, `id:` and `data:` lines, script elements, line feeds,
    /// the header and mask of a WebSocket frame.
    EventFraming,
    /// What keeps the connection going and carries no event: the client's position, heartbeats, ping, pong, close, the body
    /// of a refusal; of HTTP/2 the preface, and every frame that is neither HEADERS nor DATA.
    Control,
    /// Event text. Where it is compressed, what it was compressed to, together with what wraps it inside.
    Payload,
    /// TLS: what goes each way before the first record with content, session tickets included (RFC 8446 section 2).
    TlsHandshake,
    /// TLS records around all of it (RFC 8446 section 5).
    Tls,
    /// None of these: bytes that no reader understood, or a part that never became whole. Must be 0.
    Unclassified,
}

impl Layer {
    /// Every layer, from the opening to the payload and what lies outside.
    pub const ALL: [Layer; 10] = [
        Layer::OpeningHandshake,
        Layer::RequestHeaders,
        Layer::ResponseHeaders,
        Layer::BodyFraming,
        Layer::EventFraming,
        Layer::Control,
        Layer::Payload,
        Layer::TlsHandshake,
        Layer::Tls,
        Layer::Unclassified,
    ];

    /// The name in records.
    pub const fn id(self) -> &'static str {
        match self {
            Layer::OpeningHandshake => "opening_handshake",
            Layer::RequestHeaders => "request_headers",
            Layer::ResponseHeaders => "response_headers",
            Layer::BodyFraming => "body_framing",
            Layer::EventFraming => "event_framing",
            Layer::Control => "control",
            Layer::Payload => "payload",
            Layer::TlsHandshake => "tls_handshake",
            Layer::Tls => "tls",
            Layer::Unclassified => "unclassified",
        }
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Layer::OpeningHandshake => "opening handshake",
            Layer::RequestHeaders => "request headers",
            Layer::ResponseHeaders => "response headers",
            Layer::BodyFraming => "body framing",
            Layer::EventFraming => "event framing",
            Layer::Control => "control",
            Layer::Payload => "payload",
            Layer::TlsHandshake => "TLS handshake",
            Layer::Tls => "TLS records",
            Layer::Unclassified => "unclassified",
        }
    }
}

/// Bytes by layer, in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerBytes {
    /// [`Layer::OpeningHandshake`]
    pub opening_handshake: u64,
    /// [`Layer::RequestHeaders`]
    pub request_headers: u64,
    /// [`Layer::ResponseHeaders`]
    pub response_headers: u64,
    /// [`Layer::BodyFraming`]
    pub body_framing: u64,
    /// [`Layer::EventFraming`]
    pub event_framing: u64,
    /// [`Layer::Control`]
    pub control: u64,
    /// [`Layer::Payload`]
    pub payload: u64,
    /// [`Layer::TlsHandshake`]
    #[serde(default)]
    pub tls_handshake: u64,
    /// [`Layer::Tls`]
    pub tls: u64,
    /// [`Layer::Unclassified`]
    pub unclassified: u64,
}

impl LayerBytes {
    /// The bytes of a layer.
    pub const fn get(&self, layer: Layer) -> u64 {
        match layer {
            Layer::OpeningHandshake => self.opening_handshake,
            Layer::RequestHeaders => self.request_headers,
            Layer::ResponseHeaders => self.response_headers,
            Layer::BodyFraming => self.body_framing,
            Layer::EventFraming => self.event_framing,
            Layer::Control => self.control,
            Layer::Payload => self.payload,
            Layer::TlsHandshake => self.tls_handshake,
            Layer::Tls => self.tls,
            Layer::Unclassified => self.unclassified,
        }
    }

    /// The bytes of a layer, to be changed.
    pub const fn get_mut(&mut self, layer: Layer) -> &mut u64 {
        match layer {
            Layer::OpeningHandshake => &mut self.opening_handshake,
            Layer::RequestHeaders => &mut self.request_headers,
            Layer::ResponseHeaders => &mut self.response_headers,
            Layer::BodyFraming => &mut self.body_framing,
            Layer::EventFraming => &mut self.event_framing,
            Layer::Control => &mut self.control,
            Layer::Payload => &mut self.payload,
            Layer::TlsHandshake => &mut self.tls_handshake,
            Layer::Tls => &mut self.tls,
            Layer::Unclassified => &mut self.unclassified,
        }
    }

    /// All layers together.
    pub fn total(&self) -> u64 {
        Layer::ALL.iter().map(|&layer| self.get(layer)).sum()
    }
}

impl AddAssign for LayerBytes {
    fn add_assign(&mut self, other: LayerBytes) {
        for layer in Layer::ALL {
            *self.get_mut(layer) += other.get(layer);
        }
    }
}

/// Exchanges of one kind: how many, and all their bytes. They are a view on the layers, and add nothing to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exchanges {
    /// How many.
    pub count: u64,
    /// Their bytes from client to server.
    pub up: u64,
    /// Their bytes from server to client.
    pub down: u64,
}

impl Exchanges {
    /// The bytes of one direction, to be changed.
    pub const fn bytes_mut(&mut self, way: Way) -> &mut u64 {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }
}

impl AddAssign for Exchanges {
    fn add_assign(&mut self, other: Exchanges) {
        self.count += other.count;
        self.up += other.up;
        self.down += other.down;
    }
}

/// How much of the heads of polls says the same as the head before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repetition {
    /// Bytes of poll heads, requests and answers, that had a head of their kind before them on the connection.
    pub heads: u64,
    /// Of those, the bytes of lines that the head before had, too.
    pub identical: u64,
}

impl AddAssign for Repetition {
    fn add_assign(&mut self, other: Repetition) {
        self.heads += other.heads;
        self.identical += other.identical;
    }
}

/// Heads that HPACK has compressed (RFC 7541), of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// How many.
    pub count: u64,
    /// Their bytes on the wire: the HEADERS frame, and its CONTINUATION frames if there are any.
    pub wire: u64,
    /// Of those, the compressed fields.
    pub compressed: u64,
    /// The same fields as HTTP/1.1 would write them: name, colon, space, value and line end.
    pub uncompressed: u64,
}

impl AddAssign for Heads {
    fn add_assign(&mut self, other: Heads) {
        self.count += other.count;
        self.wire += other.wire;
        self.compressed += other.compressed;
        self.uncompressed += other.uncompressed;
    }
}

/// What HPACK saves. The table of what was said before belongs to a connection and fills with its first head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hpack {
    /// The first request of each connection.
    pub first_requests: Heads,
    /// Every later one.
    pub repeated_requests: Heads,
    /// The first answer of each connection.
    pub first_answers: Heads,
    /// Every later one.
    pub repeated_answers: Heads,
}

impl AddAssign for Hpack {
    fn add_assign(&mut self, other: Hpack) {
        self.first_requests += other.first_requests;
        self.repeated_requests += other.repeated_requests;
        self.first_answers += other.first_answers;
        self.repeated_answers += other.repeated_answers;
    }
}

/// What compression saves: content before it and after it. Both directions of a connection together; clients do not
/// compress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compressed {
    /// The bytes as they were before: event text and what wraps it inside the body or message.
    pub before: u64,
    /// The bytes that went over the wire in their place.
    pub after: u64,
}

impl AddAssign for Compressed {
    fn add_assign(&mut self, other: Compressed) {
        self.before += other.before;
        self.after += other.after;
    }
}

/// The ledger of a connection, or of all connections of a cell, as one end saw them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// From client to server, by layer.
    pub up: LayerBytes,
    /// From server to client, by layer.
    pub down: LayerBytes,
    /// Requests of polling and long polling that were answered, each with its answer.
    pub polls: Exchanges,
    /// Of those, the ones whose answer had no event.
    pub empty_polls: Exchanges,
    /// Events that the server pushed, each with its framing.
    pub pushed_events: Exchanges,
    /// Heartbeats, with what a client must answer.
    pub heartbeats: Exchanges,
    /// Events that clients published, with their framing and the answer.
    pub publishes: Exchanges,
    /// Requests that belong to no transport (`/`, `/stats`, `/clock`, unknown paths): outside the layers and outside every
    /// comparison of transports.
    pub admin: Exchanges,
    /// What the heads of polls repeat.
    pub repetition: Repetition,
    /// HTTP/2: its heads. Only those that belong to a transport.
    #[serde(default)]
    pub hpack: Hpack,
    /// Compressed content.
    #[serde(default)]
    pub compressed: Compressed,
}

impl Ledger {
    /// The layers of one direction.
    pub const fn layers(&self, way: Way) -> &LayerBytes {
        match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
        }
    }

    /// The layers of one direction, to be changed.
    pub const fn layers_mut(&mut self, way: Way) -> &mut LayerBytes {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }

    /// All bytes of one direction, those of `admin` included: what the socket carried.
    pub fn total(&self, way: Way) -> u64 {
        self.layers(way).total() + if way == Way::Up { self.admin.up } else { self.admin.down }
    }
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Ledger) {
        self.up += other.up;
        self.down += other.down;
        self.polls += other.polls;
        self.empty_polls += other.empty_polls;
        self.pushed_events += other.pushed_events;
        self.heartbeats += other.heartbeats;
        self.publishes += other.publishes;
        self.admin += other.admin;
        self.repetition += other.repetition;
        self.hpack += other.hpack;
        self.compressed += other.compressed;
    }
}

/// Bytes on IP, as the client's kernel counted segments: the headers of every segment, and what they carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IpBytes {
    /// Connections that were counted.
    pub connections: u64,
    /// From client to server (bytes), whole connections.
    pub up: u64,
    /// From server to client (bytes), whole connections.
    pub down: u64,
    /// Segments from client to server.
    pub segments_up: u64,
    /// Segments from server to client.
    pub segments_down: u64,
    /// Of `up`: what opens and closes a connection that is kept, and what opens a pushed one; paid once however long it
    /// lives. 0 where each request has a connection of its own.
    pub once_up: u64,
    /// Of `down`: the same.
    pub once_down: u64,
}

impl AddAssign for IpBytes {
    fn add_assign(&mut self, other: IpBytes) {
        self.connections += other.connections;
        self.up += other.up;
        self.down += other.down;
        self.segments_up += other.segments_up;
        self.segments_down += other.segments_down;
        self.once_up += other.once_up;
        self.once_down += other.once_down;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_has_a_place_of_its_own_in_the_sum() {
        let mut bytes = LayerBytes::default();
        for (n, layer) in Layer::ALL.into_iter().enumerate() {
            *bytes.get_mut(layer) += 1 << n;
        }
        assert_eq!(bytes.total(), (1 << Layer::ALL.len()) - 1);
        bytes += bytes;
        assert_eq!(bytes.get(Layer::Unclassified), 1 << Layer::ALL.len());
    }

    #[test]
    fn a_layer_has_one_name_in_records_and_in_code() {
        for layer in Layer::ALL {
            assert_eq!(serde_json::to_value(layer).ok(), Some(layer.id().into()));
        }
        let bytes = serde_json::to_value(LayerBytes::default()).ok();
        let fields = bytes.as_ref().and_then(|bytes| bytes.as_object()).map(serde_json::Map::len);
        assert_eq!(fields, Some(Layer::ALL.len()));
        assert!(Layer::ALL.iter().all(|layer| bytes.as_ref().is_some_and(|bytes| bytes.get(layer.id()).is_some())));
    }
}
