//! The endpoints and their parameters.

use feedbench_record::Transport;

use crate::cursor::Cursor;

/// Figures of the server, as JSON.
pub const STATS: &str = "/stats";
/// The server's clocks, as JSON.
pub const CLOCK: &str = "/clock";
/// `POST`: publishes the body as an event, where that is allowed.
pub const PUBLISH: &str = "/publish";

/// What a page has to know of the server before it begins, as JSON.
pub const CLASSROOM: &str = "/classroom";
/// What the server has written down of one page's exchanges, as JSON.
pub const ACCOUNT: &str = "/account";
/// `POST`: what everybody in the classroom can set.
pub const SETTINGS: &str = "/settings";

/// The parameter that names whose exchanges these are. The classroom page puts a name that it drew into every target,
/// because a browser's connections are shared by all of its tabs: so the server can tell each page its own bytes.
pub const CLIENT: &str = "client";

/// The response field that names the client's position in the feed. A poll's answer has it when the client cannot know
/// the position from the events it has: when it sent no cursor, or one of another epoch.
pub const CURSOR_FIELD: &str = "feed-cursor";

/// The endpoint of a transport.
pub fn endpoint(transport: Transport) -> String {
    format!("/{}", transport.id())
}

/// The transport of an endpoint, if it is one's.
pub fn transport(endpoint: &str) -> Option<Transport> {
    endpoint.strip_prefix('/')?.parse().ok()
}

/// A request target: the endpoint with the topic (left out for `all`), the cursor, and the hold time of a long poll.
pub fn target(transport: Transport, topic: &str, cursor: Option<Cursor>, hold_ms: Option<u64>) -> String {
    use std::fmt::Write as _;
    let mut target = endpoint(transport);
    let mut separator = '?';
    let mut add = |name: &str, value: &dyn std::fmt::Display| {
        write!(target, "{separator}{name}={value}").expect("writing to a String does not fail");
        separator = '&';
    };
    if topic != "all" {
        add("topic", &topic);
    }
    if let Some(hold_ms) = hold_ms {
        add("hold", &hold_ms);
    }
    if let Some(cursor) = cursor {
        add("cursor", &cursor);
    }
    target
}

/// The value of a parameter in a query string. Topics, cursors and numbers need no percent-decoding.
pub fn parameter<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    query?.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_only_what_is_not_the_default() {
        let cursor = Some(Cursor { epoch: 0xa3f2, seq: 12 });
        assert_eq!(target(Transport::Polling, "all", None, None), "/polling");
        assert_eq!(
            target(Transport::LongPolling, "t3", cursor, Some(25_000)),
            "/long-polling?topic=t3&hold=25000&cursor=a3f2-12"
        );
    }

    #[test]
    fn a_parameter_is_found_by_its_whole_name() {
        let query = Some("topic=t3&xcursor=1&cursor=a3f2-12");
        assert_eq!(parameter(query, "cursor"), Some("a3f2-12"));
        assert_eq!(parameter(query, "hold"), None);
        assert_eq!(parameter(None, "cursor"), None);
    }
}
