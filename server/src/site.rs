//! What every connection of a server shares.

use std::sync::Arc;
use std::time::Duration;

use feedbench_record::Scenario;
use feedbench_record::scenario::Recycle;
use feedbench_wire::Clock;
use feedbench_wire::headers::Profile;
use feedbench_wire::io::transcript::Transcript;

use crate::feed::Feed;
use crate::ledger::Ledger;

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
    /// The connections that are open, and the accounts of those that are over.
    pub ledger: Arc<Ledger>,
    /// Where a trace has everything written down.
    pub transcript: Option<Transcript>,
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
    /// May clients publish?
    pub allow_publish: bool,
}

impl Rules {
    /// The rules of a scenario.
    pub fn of(scenario: &Scenario, allow_publish: bool) -> Rules {
        Rules {
            heartbeat: Duration::from_millis(scenario.heartbeat_ms),
            recycle: scenario.recycle,
            binary: scenario.binary,
            allow_publish,
        }
    }
}
