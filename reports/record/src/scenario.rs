//! The values a cell is run with. Transport, protocol, connection policy, schedule, fan-out and payload are separate
//! values: any combination is one scenario, and none of them has a function of its own.

mod choices;
mod fanout;
mod network;
mod point;

use std::collections::BTreeSet;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shard::Shard;
use crate::transport::{Manner, Transport};

pub use choices::{
    ClientKind, ConnectionPolicy, Recycle, SlowReaders, UnknownClientKind, UnknownConnectionPolicy, UnknownSlowReaders,
};
pub use fanout::{Fanout, UnknownFanout, topic_name};
pub use network::{
    BANDWIDTH_MAX_BITS_PER_S, BANDWIDTH_MIN_BITS_PER_S, CLIENTS_PER_CONNECTION_MAX, Compression, MSS_MAX_BYTES,
    MSS_MIN_BYTES, Protocol, RTT_MAX_MS, UnknownCompression, UnknownProtocol,
};
pub use point::{repetition_seed, split_mix};

/// The shortest event text that holds every field (bytes).
pub const PAYLOAD_MIN_BYTES: u32 = 64;
/// The longest event text the server publishes (bytes); it keeps one answer below its limit of 1 MiB.
pub const PAYLOAD_MAX_BYTES: u32 = 256 * 1024;

/// What goes with an event or a question at most, as a bound (bytes): heads, frames, records, a large cookie.
const FRAMING_BYTES: u64 = 2_048;

/// How the intended publish instants of a topic are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Exponential gaps: a Poisson process of the given rate.
    Poisson,
    /// Equal gaps of 1 / rate.
    Fixed,
}

/// Where the events come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Made up, of an exact size, at the scenario's rate.
    Synthetic,
    /// The lines of a recorded file.
    Replay {
        /// The file's name for people: never a path.
        name: String,
        /// Keep the recorded gaps, divided by `speed`; otherwise the scenario's rate and arrivals.
        own_pace: bool,
        /// How many times faster than it was recorded (1 = as recorded).
        speed: f64,
    },
    /// One event a line of standard input, at the instant it was read.
    Stdin,
}

/// One point of a suite: everything that two cells must share to be compared, but for the transport.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// The number of clients.
    pub clients: u32,
    /// How many the suite asked for, where this machine held fewer and the suite let them be reduced; `null` where
    /// nothing was reduced.
    #[serde(default)]
    pub clients_asked: Option<u32>,
    /// Which part of a cell these clients are; `null` where they are all of them.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// Events per second **per topic**; every client of the topic receives all of them. 0 for a feed that stays silent.
    pub rate_per_s: f64,
    /// How those events are spaced.
    pub arrivals: Arrivals,
    /// Seed of every random choice (arrivals, payloads, phases of polls). Each repetition has its own ([`repetition_seed`]),
    /// and all transports of a repetition share it.
    pub seed: u64,
    /// Which topic each client follows.
    pub fanout: Fanout,
    /// Where the events come from.
    pub source: Source,
    /// Length of the whole event text (bytes).
    pub payload_bytes: u32,
    /// Polling: from one request to the next (ms); 0 for the next request as soon as the answer is in.
    pub interval_ms: u64,
    /// Polling: every client polls at the same instants, instead of at phases spread over the interval.
    pub synchronised: bool,
    /// Long polling: how long the server holds a request with nothing to say (ms).
    pub hold_ms: u64,
    /// Streams and WebSocket: how long a connection is silent before a heartbeat (ms).
    pub heartbeat_ms: u64,
    /// Streams: when the server ends the stream so that the client comes back; `null` for never.
    pub recycle: Option<Recycle>,
    /// WebSocket: events in binary frames instead of text frames.
    pub binary: bool,
    /// Streams and WebSocket: what becomes of a client that is too far behind.
    #[serde(default)]
    pub slow_readers: SlowReaders,
    /// How many events it may be behind; `null` for as many as the history keeps.
    #[serde(default)]
    pub queue_events: Option<u32>,
    /// Emulated round-trip time added to loopback (ms).
    pub rtt_ms: u64,
    /// How much a transit may be longer or shorter than half of the RTT (ms): each is drawn uniformly from that range, and
    /// nothing overtakes what is ahead of it.
    #[serde(default)]
    pub jitter_ms: u64,
    /// What the line of a connection carries each way (bit/s of TCP's payload); `null` where nothing limits it.
    #[serde(default)]
    pub bandwidth_bits_per_s: Option<u64>,
    /// The longest TCP segment, as its options say it (bytes); `null` for the one of loopback.
    #[serde(default)]
    pub mss_bytes: Option<u32>,
    /// The application protocol.
    pub protocol: Protocol,
    /// HTTP/2: clients that share a connection.
    #[serde(default = "one")]
    pub clients_per_connection: u32,
    /// Inside TLS?
    pub tls: bool,
    /// TLS: a client that connects again takes up its last session (RFC 8446 section 2.2).
    #[serde(default)]
    pub tls_resumption: bool,
    /// How what the server sends is compressed.
    #[serde(default)]
    pub compression: Compression,
    /// The header profile of the requests.
    pub headers: String,
    /// The length of the cookie that every request carries (bytes); 0 for none.
    #[serde(default)]
    pub cookie_bytes: u32,
    /// Polling and long polling: what happens to a connection after a request.
    pub connection: ConnectionPolicy,
    /// How the clients are built. A record without it is from before there was a choice.
    #[serde(default = "before_there_was_a_choice")]
    pub client: ClientKind,
    /// Published and delivered, but not counted, before the window (ms).
    pub warmup_ms: u64,
    /// The measurement window (ms).
    pub window_ms: u64,
    /// All clients connected and nothing published, before the warm-up (ms).
    pub idle_ms: u64,
    /// At most so many connects a second and load generator process.
    pub connects_per_s: u32,
    /// Each side kept to its own half of the cores?
    pub pinned: bool,
}

fn before_there_was_a_choice() -> ClientKind {
    ClientKind::Reference
}

pub(crate) fn one() -> u32 {
    1
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario {
            clients: 1_000,
            clients_asked: None,
            shard: None,
            rate_per_s: 2.0,
            arrivals: Arrivals::Poisson,
            seed: 1,
            fanout: Fanout::Broadcast,
            source: Source::Synthetic,
            payload_bytes: 100,
            interval_ms: 1_000,
            synchronised: false,
            hold_ms: 25_000,
            heartbeat_ms: 15_000,
            recycle: None,
            binary: false,
            slow_readers: SlowReaders::Miss,
            queue_events: None,
            rtt_ms: 0,
            jitter_ms: 0,
            bandwidth_bits_per_s: None,
            mss_bytes: None,
            protocol: Protocol::Http1,
            clients_per_connection: 1,
            tls: false,
            tls_resumption: false,
            compression: Compression::None,
            headers: "minimal".to_owned(),
            cookie_bytes: 0,
            connection: ConnectionPolicy::KeepAlive,
            client: ClientKind::Lean,
            warmup_ms: 2_000,
            window_ms: 10_000,
            idle_ms: 1_000,
            connects_per_s: 2_000,
            pinned: true,
        }
    }
}

impl Scenario {
    /// The part of this scenario that is the shard `number` (from 1) of `of`.
    pub fn part(&self, number: u32, of: u32) -> Scenario {
        let shard = Shard { number, of, cell_clients: self.clients };
        Scenario { clients: shard.clients().len() as u32, shard: Some(shard), ..self.clone() }
    }

    /// The scenario of the cell that this one is a part of, and itself where it is none.
    pub fn whole(&self) -> Scenario {
        let clients = self.shard.map_or(self.clients, |shard| shard.cell_clients);
        Scenario { clients, shard: None, ..self.clone() }
    }

    /// The numbers that its clients have in their cell. Whatever a client does follows from its number: the topic that
    /// it follows, the phase of its polls.
    pub fn client_numbers(&self) -> Range<u32> {
        self.shard.map_or(0..self.clients, Shard::clients)
    }

    /// The topics (counted from 0) that are published, in ascending order: all there are, and for a shard those that its
    /// clients follow.
    pub fn topics(&self) -> Vec<u32> {
        match self.shard {
            None => (0..self.fanout.topics(self.clients).max(1)).collect(),
            Some(shard) => {
                let followed: BTreeSet<_> = shard.clients().map(|client| self.fanout.topic_of(client)).collect();
                followed.into_iter().collect()
            }
        }
    }

    /// Do clients of this transport ask again as soon as they have their answer? The server's speed is then what is
    /// measured, and it sets the pace of its own questions: a closed workload has no delivery latency.
    pub fn is_closed(&self, transport: Transport) -> bool {
        transport.manner() == Manner::Asks && self.interval_ms == 0
    }

    /// From the publisher's last event to the end of the feed (ms): the longest that an event may rightly take. A request
    /// that has to connect first is on its way for longer.
    pub fn drain_ms(&self) -> u64 {
        let round_trips = if self.connection == ConnectionPolicy::KeepAlive { 1 } else { 2 };
        self.interval_ms.max(2_000) + round_trips * self.round_trip_max_ms()
    }

    /// The longest that a question and its answer may rightly be on their way (ms): the RTT, the jitter of both transits, and
    /// the time that the line takes for them, an event with 2 KiB of framing each way, while nothing is ahead of them.
    pub fn round_trip_max_ms(&self) -> u64 {
        let bits = 2 * 8 * (u64::from(self.payload_bytes) + FRAMING_BYTES);
        let line_ms = self.bandwidth_bits_per_s.map_or(0, |bits_per_s| (bits * 1_000).div_ceil(bits_per_s.max(1)));
        self.rtt_ms + 2 * self.jitter_ms + line_ms
    }

    /// What a connection's line has to carry of the feed at least (bit/s): the events alone, as they are published. `None`
    /// where that is not known beforehand: another source paces them, or they are compressed.
    pub fn feed_bits_per_s(&self) -> Option<f64> {
        let known = self.source == Source::Synthetic && self.compression == Compression::None;
        let bits = self.rate_per_s * f64::from(self.payload_bytes) * 8.0;
        known.then(|| bits * f64::from(self.sharing()))
    }

    /// How many clients share a connection: one each, but on HTTP/2.
    pub fn sharing(&self) -> u32 {
        if self.protocol == Protocol::Http2 { self.clients_per_connection.max(1) } else { 1 }
    }

    /// Events kept for each topic: four times what the longest gap between two requests can hold, at least 10,000,
    /// at most 64 MiB of text over all topics.
    pub fn history_events(&self) -> usize {
        let longest_gap_s = (self.interval_ms.max(self.hold_ms) as f64) / 1_000.0;
        let wanted = (4.0 * self.rate_per_s * longest_gap_s).ceil().max(10_000.0) as usize;
        let topics = self.fanout.topics(self.clients).max(1) as usize;
        let affordable = (64 << 20) / (self.payload_bytes.max(1) as usize) / topics;
        wanted.min(affordable.max(16))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_fan_out_reads_back_as_it_was_written() {
        for fanout in [Fanout::Broadcast, Fanout::Rooms(7), Fanout::Unicast] {
            assert_eq!(fanout.to_string().parse::<Fanout>().unwrap(), fanout);
        }
        for wrong in ["rooms=0", "rooms=", "rooms", "everyone"] {
            assert!(wrong.parse::<Fanout>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_transport_that_asks_has_a_closed_workload_and_only_without_an_interval() {
        for transport in Transport::ALL {
            let closed = |interval_ms| Scenario { interval_ms, ..Scenario::default() }.is_closed(transport);
            assert_eq!((closed(0), closed(1)), (transport == Transport::Polling, false), "{transport}");
        }
    }

    #[test]
    fn a_cell_without_an_interval_is_drained_and_has_a_history_as_any_other() {
        let closed = Scenario { interval_ms: 0, hold_ms: 0, ..Scenario::default() };
        assert_eq!((closed.drain_ms(), closed.history_events()), (2_000, 10_000));
    }

    #[test]
    fn a_drain_waits_for_the_last_request_to_come_over_the_distance() {
        let far =
            |connection| Scenario { interval_ms: 3_000, rtt_ms: 100, connection, ..Scenario::default() }.drain_ms();
        assert_eq!(far(ConnectionPolicy::KeepAlive), 3_100);
        assert_eq!(far(ConnectionPolicy::Close), 3_200);
    }

    #[test]
    fn a_round_trip_takes_its_jitter_and_its_line_too() {
        let scenario = Scenario { rtt_ms: 100, jitter_ms: 20, payload_bytes: 952, ..Scenario::default() };
        assert_eq!(scenario.round_trip_max_ms(), 140);
        let slow = Scenario { bandwidth_bits_per_s: Some(48_000), ..scenario };
        assert_eq!((slow.round_trip_max_ms(), slow.drain_ms()), (1_140, 3_140));
    }

    #[test]
    fn a_feed_asks_its_payload_of_a_line_where_that_is_known() {
        let scenario = Scenario { rate_per_s: 2.5, payload_bytes: 1_000, ..Scenario::default() };
        assert_eq!(scenario.feed_bits_per_s(), Some(20_000.0));
        let shared = Scenario { clients_per_connection: 3, ..scenario.clone() };
        assert_eq!(shared.feed_bits_per_s(), Some(20_000.0), "nobody shares one of HTTP/1.1");
        let shared = Scenario { protocol: Protocol::Http2, ..shared };
        assert_eq!(shared.feed_bits_per_s(), Some(60_000.0));
        let stdin = Scenario { source: Source::Stdin, ..scenario.clone() };
        let compressed = Scenario { compression: Compression::PerEvent, ..scenario };
        assert_eq!((stdin.feed_bits_per_s(), compressed.feed_bits_per_s()), (None, None));
    }

    #[test]
    fn a_record_that_does_not_name_its_clients_had_the_reference_clients() {
        let mut scenario = serde_json::to_value(Scenario::default()).unwrap();
        assert_eq!(scenario.as_object_mut().unwrap().remove("client").unwrap(), "lean");
        assert_eq!(serde_json::from_value::<Scenario>(scenario).unwrap().client, ClientKind::Reference);
    }

    #[test]
    fn every_client_follows_a_topic_that_exists() {
        for fanout in [Fanout::Broadcast, Fanout::Rooms(7), Fanout::Unicast] {
            for client in 0..50 {
                assert!(fanout.topic_of(client) < fanout.topics(50));
            }
        }
    }

    #[test]
    fn a_shard_has_the_topics_that_its_clients_follow() {
        let topics = |fanout, number| Scenario { clients: 90, fanout, ..Scenario::default() }.part(number, 3).topics();
        assert_eq!([1, 2, 3].map(|number| topics(Fanout::Broadcast, number)), [[0], [0], [0]]);
        assert_eq!(topics(Fanout::Unicast, 2), (30..60).collect::<Vec<_>>());
        assert_eq!(topics(Fanout::Rooms(7), 3), (0..7).collect::<Vec<_>>());
        assert_eq!(topics(Fanout::Rooms(40), 2), [(0..20).collect::<Vec<_>>(), (30..40).collect()].concat());
    }

    #[test]
    fn a_part_knows_the_whole() {
        let whole = Scenario { clients: 100, ..Scenario::default() };
        assert_eq!(whole.part(2, 3).whole(), whole);
        assert_eq!(whole.whole(), whole);
        assert_eq!(whole.part(2, 3).client_numbers(), 33..66);
        assert_eq!(whole.client_numbers(), 0..100);
    }

    #[test]
    fn the_history_holds_ten_thousand_small_events_and_never_more_than_64_mib() {
        let small = Scenario::default();
        assert_eq!(small.history_events(), 10_000);
        let large = Scenario { payload_bytes: PAYLOAD_MAX_BYTES, ..Scenario::default() };
        assert_eq!(large.history_events(), 256);
    }
}
