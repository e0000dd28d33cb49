//! Real browsers beside the load generator: what each of them sends, and how long an event takes to reach it.
//!
//! The browser's figures are its own: it tells them over its protocol for developer tools or for tests, and its page notes
//! when the callback of an event ran.

mod family;
mod field;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;
use crate::run::{Machine, Tool, Window};
use crate::scenario::Arrivals;
use crate::transport::Transport;
use crate::verdict::Reason;

pub use family::Family;
pub use field::{Cause, Field, Outcome, fields};

/// The version of this form.
pub const SCHEMA_VERSION: u32 = 1;

/// What `feedbench browsers` measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Browsers {
    /// Always [`SCHEMA_VERSION`].
    pub schema: u32,
    /// What measured.
    pub tool: Tool,
    /// What it ran on.
    pub machine: Machine,
    /// The start, UTC (RFC 3339).
    pub started_at: String,
    /// Was it stopped before the last transport?
    pub interrupted: bool,
    /// What was chosen, for browser and load generator alike.
    pub conditions: Conditions,
    /// One for each transport that was measured.
    pub transports: Vec<Pair>,
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conditions {
    /// The browser's family.
    pub browser: Family,
    /// Clients of each transport: a page in a browser context of its own, or a client of the load generator.
    pub clients: u32,
    /// Events per second.
    pub rate_per_s: f64,
    /// How they are spaced.
    pub arrivals: Arrivals,
    /// Length of the whole event text (bytes).
    pub payload_bytes: u32,
    /// Polling: from one request to the next (ms).
    pub interval_ms: u64,
    /// Long polling: how long the server holds a request with nothing to say (ms).
    pub hold_ms: u64,
    /// The measurement window (ms).
    pub window_ms: u64,
    /// The load generator's header profile.
    pub headers: String,
}

/// One transport on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// The transport.
    pub transport: Transport,
    /// The real thing.
    pub browser: Real,
    /// The imitation; `null` where the load generator was not run.
    pub imitation: Option<Imitation>,
    /// The request head of both, field by field in the imitation's order; empty where one of them is missing.
    pub fields: Vec<Field>,
}

/// A browser's pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Real {
    /// Name and version, as the browser tells them (`Chrome/156.0.8078.79`, `Firefox/153.7.0`).
    pub product: String,
    /// Without a window on a screen?
    pub headless: bool,
    /// The measurement window.
    pub window: Window,
    /// Events of the window that reached a page's callback.
    pub delivered: u64,
    /// Numbers that a page never saw between the first and the last that it saw, over all pages.
    pub lost: u64,
    /// Events that a page saw again, over all pages.
    pub duplicated: u64,
    /// From the intended publish instant to the page's callback, for the events of the window, by the clocks that all
    /// processes of the machine share.
    pub latency: Histogram,
    /// How well the pages knew the server's clock; `null` when no page told.
    pub clock: Option<PageClock>,
    /// A request in the middle of the measurement; `null` when none was seen.
    pub request: Option<Head>,
    /// Its answer.
    pub answer: Option<Head>,
    /// Every byte that the browser counted for this transport.
    pub bytes: RealBytes,
    /// Heads that the server wrote down as well; `null` where the server does not tell.
    pub witness: Option<Witness>,
    /// Pages that the browser took for hidden, whose timers it slows.
    pub hidden: u32,
}

/// A head as the browser tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// The start line, the fields and the blank line.
    pub text: String,
    /// In which order its fields stand.
    pub order: Order,
}

/// The order of a head's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As they were sent.
    Wire,
    /// By name: the browser does not tell how they were sent.
    Name,
}

/// What a browser counted over all pages, from their first request to the end of the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RealBytes {
    /// Requests of the transport that were sent.
    pub requests: u64,
    /// Of those, how many the browser has not told the end of: their answers are in no sum.
    pub unfinished: u64,
    /// The shortest request head (bytes).
    pub request_min: u64,
    /// The longest request head (bytes).
    pub request_max: u64,
    /// Request heads.
    pub request_heads: u64,
    /// Heads of answers.
    pub answer_heads: u64,
    /// Bodies with their framing (chunks), as they were on the wire.
    pub bodies: u64,
    /// WebSocket frames; all zero for other transports. `null` where the browser does not tell of them.
    pub frames: Option<Frames>,
    /// Events of the whole measurement that reached a page.
    pub events: u64,
    /// Both directions for each event; without the heads that open a stream or a WebSocket. `null` without an event,
    /// while an answer's length is not known, and without its frames for a WebSocket.
    pub per_event: Option<f64>,
    /// Heads that open a stream or a WebSocket, both directions, for each of them; `null` for polls.
    pub opening: Option<f64>,
}

/// WebSocket messages. The browser tells payloads; the header of each frame follows from the payload's length
/// (RFC 6455 section 5.2). Ping, pong and close are not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frames {
    /// Messages received.
    pub received: u64,
    /// Their payload (bytes).
    pub received_payload: u64,
    /// Their frame headers, computed (bytes).
    pub received_headers: u64,
    /// Messages sent.
    pub sent: u64,
    /// Their payload (bytes).
    pub sent_payload: u64,
    /// Their frame headers with the masking-key, computed (bytes).
    pub sent_headers: u64,
}

/// How well pages knew the server's clock. The largest of all pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PageClock {
    /// Half of the shortest round trip in which a page asked for the time (ms).
    pub error_ms: f64,
    /// By how much what a page found out about the server's clock differs from what this machine's clocks say (ms);
    /// `null` when it could not be compared.
    pub witness_ms: Option<f64>,
}

/// Heads that browser and server both told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// Requests and answers that were compared.
    pub compared: u64,
    /// Of those, how many had the same bytes at both, but for the order of their fields.
    pub equal: u64,
}

/// The load generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Imitation {
    /// The head that its profile gives for the browser's request: the same target, host and cookie.
    pub request: Option<String>,
    /// Events of the window that were delivered; `null` where the cell was not measured.
    pub delivered: Option<u64>,
    /// Delivery latency; `null` where there is none.
    pub latency: Option<Histogram>,
    /// Both directions for each event, above TCP, with its own shorter targets.
    pub per_event: Option<f64>,
    /// Opening a stream or a WebSocket, both directions; `null` for polls.
    pub opening: Option<f64>,
    /// Why its cell is invalid; empty for a valid one.
    pub reasons: Vec<Reason>,
}

impl Head {
    /// Its length (bytes).
    pub fn bytes(&self) -> u64 {
        self.text.len() as u64
    }
}
