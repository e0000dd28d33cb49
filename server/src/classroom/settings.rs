//! What everybody in the classroom can set: the feed's rate and size, the distance, and whether anything is published.

use feedbench_record::Scenario;
use feedbench_record::scenario::{PAYLOAD_MIN_BYTES, Source};
use serde::{Deserialize, Serialize};

/// The highest rate that can be set (events/s): faster than anybody can read, and no load on the machine.
pub const RATE_MAX_PER_S: f64 = 50.0;
/// The longest event text that can be set (bytes).
pub const PAYLOAD_MAX_BYTES: u32 = 16 << 10;
/// The longest round trip that can be set (ms).
pub const RTT_MAX_MS: u64 = 2_000;

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Events per second.
    pub rate_per_s: f64,
    /// The length of an event text (bytes).
    pub payload_bytes: u32,
    /// The distance that is added to every transport's connections: a round trip (ms).
    pub rtt_ms: u64,
    /// Nothing is published.
    pub paused: bool,
}

/// What can be set, which depends on where the events come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Adjustable {
    /// [`Settings::rate_per_s`]
    pub rate: bool,
    /// [`Settings::payload_bytes`]
    pub payload: bool,
    /// [`Settings::paused`]
    pub pause: bool,
}

/// A wish to set something.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    rate_per_s: Option<f64>,
    payload_bytes: Option<u32>,
    rtt_ms: Option<u64>,
    paused: Option<bool>,
}

/// Why a wish is not granted.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NotSet {
    /// The rate is out of range.
    #[error("the rate is from 0 to {0} events/s")]
    Rate(f64),
    /// The payload is out of range.
    #[error("the payload is the whole event text, from {PAYLOAD_MIN_BYTES} to {PAYLOAD_MAX_BYTES} bytes")]
    Payload,
    /// The round trip is out of range.
    #[error("the round trip is at most {RTT_MAX_MS} ms")]
    Rtt,
    /// The events are not made here.
    #[error("the events of this feed come from elsewhere; this cannot be set")]
    NotAdjustable,
}

impl Adjustable {
    /// What can be set of a scenario's feed.
    pub fn of(scenario: &Scenario) -> Adjustable {
        match &scenario.source {
            Source::Synthetic => Adjustable { rate: true, payload: true, pause: true },
            Source::Replay { own_pace, .. } => Adjustable { rate: !own_pace, payload: false, pause: true },
            Source::Stdin => Adjustable { rate: false, payload: false, pause: false },
        }
    }
}

impl Settings {
    /// What a scenario begins with.
    pub fn of(scenario: &Scenario) -> Settings {
        let Scenario { rate_per_s, payload_bytes, .. } = *scenario;
        Settings { rate_per_s, payload_bytes, rtt_ms: 0, paused: false }
    }

    /// Grants a wish, or nothing of it. A rate that the scenario began with (`rate_max_per_s`) can be set again.
    ///
    /// # Errors
    /// When a value is out of range, or cannot be set.
    pub fn grant(self, wish: Wish, adjustable: Adjustable, rate_max_per_s: f64) -> Result<Settings, NotSet> {
        let set_elsewhere = (wish.rate_per_s.is_some() && !adjustable.rate)
            || (wish.payload_bytes.is_some() && !adjustable.payload)
            || (wish.paused.is_some() && !adjustable.pause);
        if set_elsewhere {
            return Err(NotSet::NotAdjustable);
        }
        let rate_per_s = wish.rate_per_s.unwrap_or(self.rate_per_s);
        if wish.rate_per_s.is_some() && !(0.0..=rate_max_per_s).contains(&rate_per_s) {
            return Err(NotSet::Rate(rate_max_per_s));
        }
        if wish.payload_bytes.is_some_and(|bytes| !(PAYLOAD_MIN_BYTES..=PAYLOAD_MAX_BYTES).contains(&bytes)) {
            return Err(NotSet::Payload);
        }
        if wish.rtt_ms.is_some_and(|ms| ms > RTT_MAX_MS) {
            return Err(NotSet::Rtt);
        }
        Ok(Settings {
            rate_per_s,
            payload_bytes: wish.payload_bytes.unwrap_or(self.payload_bytes),
            rtt_ms: wish.rtt_ms.unwrap_or(self.rtt_ms),
            paused: wish.paused.unwrap_or(self.paused),
        })
    }

    /// Does it make no difference to what is published?
    pub fn publishes_like(&self, other: &Settings) -> bool {
        Settings { rtt_ms: other.rtt_ms, ..*self } == *other
    }

    /// The scenario with what is set.
    pub fn apply(self, scenario: &Scenario) -> Scenario {
        Scenario { rate_per_s: self.rate_per_s, payload_bytes: self.payload_bytes, ..scenario.clone() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn grant(wish: &str, scenario: &Scenario) -> Result<Settings, NotSet> {
        let wish = serde_json::from_str(wish).unwrap();
        Settings::of(scenario).grant(wish, Adjustable::of(scenario), RATE_MAX_PER_S)
    }

    #[test]
    fn a_wish_changes_what_it_names_and_nothing_else() {
        let scenario = Scenario::default();
        let before = Settings::of(&scenario);
        assert_eq!(grant("{}", &scenario), Ok(before));
        assert_eq!(grant(r#"{"rtt_ms":100}"#, &scenario), Ok(Settings { rtt_ms: 100, ..before }));
        let all = Settings { rate_per_s: 0.5, payload_bytes: 64, rtt_ms: 2_000, paused: true };
        let wish = r#"{"rate_per_s":0.5,"payload_bytes":64,"rtt_ms":2000,"paused":true}"#;
        assert_eq!(grant(wish, &scenario), Ok(all));
    }

    #[test]
    fn what_is_out_of_range_is_refused_whole() {
        let scenario = Scenario::default();
        for rate in ["-1", "50.1", "1e300"] {
            assert_eq!(grant(&format!(r#"{{"rate_per_s":{rate}}}"#), &scenario), Err(NotSet::Rate(RATE_MAX_PER_S)));
        }
        for bytes in ["0", "63", "16385"] {
            assert_eq!(grant(&format!(r#"{{"payload_bytes":{bytes}}}"#), &scenario), Err(NotSet::Payload));
        }
        assert_eq!(grant(r#"{"rtt_ms":2001,"paused":true}"#, &scenario), Err(NotSet::Rtt));
    }

    #[test]
    fn a_feed_from_elsewhere_keeps_its_own_pace_and_size() {
        let replay = |own_pace| Scenario {
            source: Source::Replay { name: "x".into(), own_pace, speed: 1.0 },
            ..Scenario::default()
        };
        assert!(grant(r#"{"rate_per_s":1,"paused":true}"#, &replay(false)).is_ok());
        for (wish, scenario) in [
            (r#"{"rate_per_s":1}"#, replay(true)),
            (r#"{"payload_bytes":100}"#, replay(false)),
            (r#"{"paused":true}"#, Scenario { source: Source::Stdin, ..Scenario::default() }),
        ] {
            assert_eq!(grant(wish, &scenario), Err(NotSet::NotAdjustable));
        }
    }
}
