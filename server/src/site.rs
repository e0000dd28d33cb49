//! What every connection of a server shares.

use std::sync::Arc;
use std::time::Duration;

use feedbench_record::Scenario;
use feedbench_record::scenario::{Compression, Recycle, SlowReaders};
use feedbench_wire::Clock;
use feedbench_wire::headers::Profile;
use feedbench_wire::io::tls::Acceptor;
use feedbench_wire::io::transcript::Transcript;

use crate::classroom::Classroom;
use crate::fan_out::FanOuts;
use crate::feed::Feed;
use crate::ledger::Ledger;
use crate::server::Config;
use crate::side::Side;

/// What every connection of a server shares.
#[derive(Debug)]
pub struct Site {
    /// The events.
    pub feed: Arc<Feed>,
    /// The rules that the scenario sets for connections.
    pub rules: Rules,
    /// How answers are headed.
    pub headers: Profile,
    /// The one clock.
    pub clock: Clock,
    /// Who writes to pushed connections.
    pub fan_outs: FanOuts<Side>,
    /// The connections that are open, and the accounts of those that are over.
    pub ledger: Arc<Ledger>,
    /// The server's end of TLS; `None` in clear.
    pub tls: Option<Acceptor>,
    /// Where a trace has everything written down.
    pub transcript: Option<Transcript>,
    /// The page in a browser, where there is one.
    pub classroom: Option<Arc<Classroom>>,
}

impl Site {
    /// The site of a server that is made like this.
    pub fn of(config: &Config, fan_outs: FanOuts<Side>) -> Site {
        Site::with_feed(config, Feed::of(&config.scenario, config.epoch), fan_outs)
    }

    /// The same with a feed that is there already.
    pub fn with_feed(config: &Config, feed: Feed, fan_outs: FanOuts<Side>) -> Site {
        Site {
            feed: Arc::new(feed),
            rules: Rules::of(&config.scenario, config.allow_publish),
            headers: config.headers.clone(),
            clock: config.clock,
            fan_outs,
            ledger: Arc::default(),
            tls: config.tls.clone(),
            transcript: config.transcript.clone(),
            classroom: config.classroom.clone(),
        }
    }
}

/// The rules that a scenario sets for connections.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How long a stream or a WebSocket may be silent.
    pub heartbeat: Duration,
    /// When a stream is ended so that its client comes back.
    pub recycle: Option<Recycle>,
    /// Events in binary WebSocket frames.
    pub binary: bool,
    /// How what is sent is compressed, where the client takes it.
    pub compression: Compression,
    /// What becomes of a client that reads too slowly.
    pub slow_readers: SlowReaders,
    /// How many events it may be behind (events); `None` for as many as the history keeps.
    pub queue_events: Option<u32>,
    /// May clients publish?
    pub allow_publish: bool,
    /// How far the clients say that they are, jitter and line included: what they answer may take so much longer.
    pub rtt: Duration,
}

impl Rules {
    /// The rules of a scenario.
    pub fn of(scenario: &Scenario, allow_publish: bool) -> Rules {
        Rules {
            heartbeat: Duration::from_millis(scenario.heartbeat_ms),
            recycle: scenario.recycle,
            binary: scenario.binary,
            compression: scenario.compression,
            slow_readers: scenario.slow_readers,
            queue_events: scenario.queue_events,
            allow_publish,
            rtt: Duration::from_millis(scenario.round_trip_max_ms()),
        }
    }
}
