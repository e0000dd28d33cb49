//! The transport table.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A policy for *when* to read the feed after a cursor and *how* to frame the answer.
///
/// The order is the order of history, and of every chart and table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A request on a timer, answered at once (RFC 6202 section 2.1, "short polling").
    Polling,
    /// A request that the server holds until there is something to say (RFC 6202 section 2).
    LongPolling,
    /// The "forever frame": a document that never ends, one script element an event (RFC 6202 section 3).
    IframeStreaming,
    /// `text/event-stream` (HTML Living Standard section 9.2).
    Sse,
    /// NDJSON read from the body of a `fetch()` (Fetch Standard, Streams Standard).
    FetchStreaming,
    /// A framed connection in both directions after an HTTP upgrade (RFC 6455).
    #[serde(rename = "websocket")]
    WebSocket,
}

/// How a transport comes by an event that was published while it was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The client asks on a timer and is answered at once.
    Asks,
    /// The client asks, and the server holds the request until there is an answer.
    Waits,
    /// The client opens once, and the server writes whenever there is something.
    Pushed,
}

/// One row of the table.
struct Row {
    id: &'static str,
    title: &'static str,
    title_zh: &'static str,
    source: &'static str,
    manner: Manner,
}

impl Transport {
    /// Every transport, in the order of the table.
    pub const ALL: [Transport; 6] = [
        Transport::Polling,
        Transport::LongPolling,
        Transport::IframeStreaming,
        Transport::Sse,
        Transport::FetchStreaming,
        Transport::WebSocket,
    ];

    const fn row(self) -> Row {
        match self {
            Transport::Polling => Row {
                id: "polling",
                title: "polling",
                title_zh: "轮询",
                source: "RFC 6202 section 2.1",
                manner: Manner::Asks,
            },
            Transport::LongPolling => Row {
                id: "long-polling",
                title: "long polling",
                title_zh: "长轮询",
                source: "RFC 6202 section 2",
                manner: Manner::Waits,
            },
            Transport::IframeStreaming => Row {
                id: "iframe-streaming",
                title: "iframe streaming",
                title_zh: "iframe 流",
                source: "RFC 6202 section 3",
                manner: Manner::Pushed,
            },
            Transport::Sse => Row {
                id: "sse",
                title: "server-sent events",
                title_zh: "服务器发送事件",
                source: "HTML Living Standard section 9.2",
                manner: Manner::Pushed,
            },
            Transport::FetchStreaming => Row {
                id: "fetch-streaming",
                title: "fetch streaming",
                title_zh: "fetch 流",
                source: "Fetch Standard section 2.2.4",
                manner: Manner::Pushed,
            },
            Transport::WebSocket => Row {
                id: "websocket",
                title: "WebSocket",
                title_zh: "WebSocket",
                source: "RFC 6455",
                manner: Manner::Pushed,
            },
        }
    }

    /// The name on the command line, in records, in file names, and (after a `/`) of the endpoint.
    pub const fn id(self) -> &'static str {
        self.row().id
    }

    /// The name for people, in English.
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// The name for people, in Chinese.
    pub const fn title_zh(self) -> &'static str {
        self.row().title_zh
    }

    /// Where the transport is defined.
    pub const fn source(self) -> &'static str {
        self.row().source
    }

    /// How events reach the client.
    pub const fn manner(self) -> Manner {
        self.row().manner
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A name that is not in the table.
#[derive(Debug, thiserror::Error)]
#[error("unknown transport \"{name}\"; there are: {}", Transport::ALL.map(Transport::id).join(", "))]
pub struct UnknownTransport {
    name: String,
}

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Transport::ALL.into_iter().find(|t| t.id() == text).ok_or_else(|| UnknownTransport { name: text.to_owned() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_same_on_the_command_line_and_in_json() {
        for transport in Transport::ALL {
            assert_eq!(transport.id().parse::<Transport>().unwrap(), transport);
            assert_eq!(serde_json::to_value(transport).unwrap(), transport.id());
        }
    }

    #[test]
    fn an_unknown_name_lists_those_that_exist() {
        let message = "carrier-pigeon".parse::<Transport>().unwrap_err().to_string();
        for transport in Transport::ALL {
            assert!(message.contains(transport.id()), "{message}");
        }
    }
}
