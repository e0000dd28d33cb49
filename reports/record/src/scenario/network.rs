//! What lies between a client and its server: the protocol, TLS, compression, and the network itself.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest round-trip time that is made (ms).
pub const RTT_MAX_MS: u64 = 10_000;
/// The least maximum segment size that Linux takes (bytes).
pub const MSS_MIN_BYTES: u32 = 88;
/// The largest (bytes).
pub const MSS_MAX_BYTES: u32 = 32_767;
/// The slowest line that is made (bit/s): the fastest telephone modem had 56,000.
pub const BANDWIDTH_MIN_BITS_PER_S: u64 = 1_000;
/// The fastest (bit/s).
pub const BANDWIDTH_MAX_BITS_PER_S: u64 = 100_000_000_000;
/// Clients that may share a connection at most: as many requests as servers usually let one have open (RFC 9113 section
/// 6.5.2 recommends 100 at least).
pub const CLIENTS_PER_CONNECTION_MAX: u32 = 100;

/// The application protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Protocol {
    /// HTTP/1.1 (RFC 9112), or 1.0 where each request has a connection of its own.
    #[default]
    #[serde(rename = "http/1.1")]
    Http1,
    /// HTTP/2 (RFC 9113): by ALPN inside TLS, else by prior knowledge.
    #[serde(rename = "h2")]
    Http2,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

    /// The name in records, which is the one of ALPN (RFC 7301 section 6).
    pub const fn id(self) -> &'static str {
        match self {
            Protocol::Http1 => "http/1.1",
            Protocol::Http2 => "h2",
        }
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Protocol::Http1 => "HTTP/1.1",
            Protocol::Http2 => "HTTP/2",
        }
    }

    /// The version on the command line.
    pub const fn version(self) -> &'static str {
        match self {
            Protocol::Http1 => "1.1",
            Protocol::Http2 => "2",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A protocol that is not one of the two.
#[derive(Debug, thiserror::Error)]
#[error("unknown version of HTTP \"{0}\"; there are: 1.1, 2")]
pub struct UnknownProtocol(String);

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Protocol::ALL.into_iter().find(|protocol| [protocol.version(), protocol.id()].contains(&text));
        found.ok_or_else(|| UnknownProtocol(text.to_owned()))
    }
}

/// How what the server sends is compressed: gzip (RFC 1952) in polls, long polls and streams, permessage-deflate (RFC 7692)
/// in WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Each event by itself, without what went before it: it is compressed once for everybody.
    PerEvent,
    /// Each connection with what it has carried already: smaller, and the server compresses for each client. An answer to a
    /// poll is whole in itself, and has nothing before it.
    PerConnection,
}

impl Compression {
    /// Every way.
    pub const ALL: [Compression; 3] = [Compression::None, Compression::PerEvent, Compression::PerConnection];

    /// The name on the command line and in records.
    pub const fn id(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::PerEvent => "per-event",
            Compression::PerConnection => "per-connection",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A way of compression that is not one of the three.
#[derive(Debug, thiserror::Error)]
#[error("unknown compression \"{0}\"; there are: none, per-event, per-connection")]
pub struct UnknownCompression(String);

impl FromStr for Compression {
    type Err = UnknownCompression;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Compression::ALL.into_iter().find(|compression| compression.id() == text);
        found.ok_or_else(|| UnknownCompression(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_has_one_name_in_records_and_reads_back_from_both_of_its_names() {
        for protocol in Protocol::ALL {
            assert_eq!(serde_json::to_value(protocol).ok(), Some(protocol.id().into()));
            for name in [protocol.id(), protocol.version()] {
                assert_eq!(name.parse::<Protocol>().ok(), Some(protocol));
            }
        }
        assert!("3".parse::<Protocol>().is_err_and(|error| error.to_string().contains("1.1, 2")));
    }

    #[test]
    fn a_way_of_compression_reads_back_as_it_was_written() {
        for compression in Compression::ALL {
            assert_eq!(serde_json::to_value(compression).ok(), Some(compression.id().into()));
            assert_eq!(compression.id().parse::<Compression>().ok(), Some(compression));
        }
        assert!("gzip".parse::<Compression>().is_err());
    }
}
