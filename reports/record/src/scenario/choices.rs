//! Choices by name: what happens to connections, how clients are built, what becomes of slow ones.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the server ends a stream so that the client has to come back with its cursor (RFC 6202 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Recycle {
    /// After so many bytes of body.
    Bytes(u64),
    /// After so many milliseconds.
    Ms(u64),
}

/// What happens to a connection after a poll was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConnectionPolicy {
    /// It carries the next one (RFC 9112 section 9.3).
    #[default]
    #[serde(rename = "keep-alive")]
    KeepAlive,
    /// The client asks for its end, and the server closes it: a TCP connection for each request.
    #[serde(rename = "close")]
    Close,
    /// The same by the rules of HTTP/1.0, whose request line says so.
    #[serde(rename = "http1.0")]
    Http10,
}

impl ConnectionPolicy {
    /// Every policy.
    pub const ALL: [ConnectionPolicy; 3] =
        [ConnectionPolicy::KeepAlive, ConnectionPolicy::Close, ConnectionPolicy::Http10];

    /// The name on the command line and in records.
    pub const fn id(self) -> &'static str {
        match self {
            ConnectionPolicy::KeepAlive => "keep-alive",
            ConnectionPolicy::Close => "close",
            ConnectionPolicy::Http10 => "http1.0",
        }
    }
}

impl fmt::Display for ConnectionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A connection policy that is not one of the three.
#[derive(Debug, thiserror::Error)]
#[error("unknown connection policy \"{0}\"; there are: keep-alive, close, http1.0")]
pub struct UnknownConnectionPolicy(String);

impl FromStr for ConnectionPolicy {
    type Err = UnknownConnectionPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = ConnectionPolicy::ALL.into_iter().find(|policy| policy.id() == text);
        found.ok_or_else(|| UnknownConnectionPolicy(text.to_owned()))
    }
}

/// How the load generator's clients are built. Both ask with the same bytes and take the same answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientKind {
    /// On the libraries that programs use, hyper and tungstenite.
    Reference,
    /// A bare socket and a small state machine.
    #[default]
    Lean,
}

impl ClientKind {
    /// Every kind.
    pub const ALL: [ClientKind; 2] = [ClientKind::Reference, ClientKind::Lean];

    /// The name on the command line and in records.
    pub const fn id(self) -> &'static str {
        match self {
            ClientKind::Reference => "reference",
            ClientKind::Lean => "lean",
        }
    }
}

impl fmt::Display for ClientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A kind of client that is not one of the two.
#[derive(Debug, thiserror::Error)]
#[error("unknown kind of client \"{0}\"; there are: reference, lean")]
pub struct UnknownClientKind(String);

impl FromStr for ClientKind {
    type Err = UnknownClientKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = ClientKind::ALL.into_iter().find(|kind| kind.id() == text);
        found.ok_or_else(|| UnknownClientKind(text.to_owned()))
    }
}

/// What the server does with a client that reads more slowly than events come, once it is too far behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SlowReaders {
    /// It goes on with the oldest event that it may still have; what lies before is lost for it.
    #[default]
    Miss,
    /// Its connection is closed.
    Drop,
}

impl SlowReaders {
    /// Every policy.
    pub const ALL: [SlowReaders; 2] = [SlowReaders::Miss, SlowReaders::Drop];

    /// The name on the command line and in records.
    pub const fn id(self) -> &'static str {
        match self {
            SlowReaders::Miss => "miss",
            SlowReaders::Drop => "drop",
        }
    }
}

impl fmt::Display for SlowReaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A policy for slow readers that is not one of the two.
#[derive(Debug, thiserror::Error)]
#[error("unknown policy for slow readers \"{0}\"; there are: miss, drop")]
pub struct UnknownSlowReaders(String);

impl FromStr for SlowReaders {
    type Err = UnknownSlowReaders;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = SlowReaders::ALL.into_iter().find(|policy| policy.id() == text);
        found.ok_or_else(|| UnknownSlowReaders(text.to_owned()))
    }
}
