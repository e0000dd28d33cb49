//! Which topic each client follows.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which topic each client follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fanout {
    /// One topic for all clients.
    Broadcast,
    /// `n` topics; client `i` follows topic `i mod n`.
    Rooms(u32),
    /// A topic for each client.
    Unicast,
}

impl Fanout {
    /// The number of topics for so many clients.
    pub fn topics(self, clients: u32) -> u32 {
        match self {
            Fanout::Broadcast => 1,
            Fanout::Rooms(n) => n,
            Fanout::Unicast => clients,
        }
    }

    /// The topic (counted from 0) that a client follows.
    pub fn topic_of(self, client: u32) -> u32 {
        match self {
            Fanout::Broadcast => 0,
            Fanout::Rooms(n) => client % n,
            Fanout::Unicast => client,
        }
    }
}

/// The name of a topic on the wire (`?topic=`): `all` for the first, then `t1`, `t2`, …
pub fn topic_name(index: u32) -> String {
    if index == 0 { "all".to_owned() } else { format!("t{index}") }
}

impl fmt::Display for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fanout::Broadcast => f.write_str("broadcast"),
            Fanout::Rooms(n) => write!(f, "rooms={n}"),
            Fanout::Unicast => f.write_str("unicast"),
        }
    }
}

/// A fan-out that is not one of the three.
#[derive(Debug, thiserror::Error)]
#[error("unknown fan-out \"{0}\"; there are: broadcast, rooms=N (N at least 1), unicast")]
pub struct UnknownFanout(String);

impl FromStr for Fanout {
    type Err = UnknownFanout;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "broadcast" => Ok(Fanout::Broadcast),
            "unicast" => Ok(Fanout::Unicast),
            _ => text
                .strip_prefix("rooms=")
                .and_then(|n| n.parse().ok())
                .filter(|&n| n > 0)
                .map(Fanout::Rooms)
                .ok_or_else(|| UnknownFanout(text.to_owned())),
        }
    }
}

impl Serialize for Fanout {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fanout {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Fanout {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fanout".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(broadcast|unicast|rooms=[1-9][0-9]*)$" })
    }
}
