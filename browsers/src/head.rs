//! Heads as text, from what the browser tells.

use feedbench_record::browsers::{Head, Order};
use serde_json::Value;

/// The head of a request: its line and the fields that the browser tells by name.
pub(crate) fn of_fields(method: &str, target: &str, fields: &Value) -> Option<Head> {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    for (name, value) in fields.as_object()? {
        // Several fields of one name come as one, with a line for each.
        for value in value.as_str()?.split('\n') {
            text.extend([name, ": ", value, "\r\n"]);
        }
    }
    text.push_str("\r\n");
    Some(Head { text, order: Order::Name })
}

/// A head of a start line and the fields that the browser lists in the order in which they are sent.
pub(crate) fn of_list(line: &str, fields: &Value) -> Option<Head> {
    let mut text = format!("{line}\r\n");
    for field in fields.as_array()? {
        text.extend([field["name"].as_str()?, ": ", field["value"]["value"].as_str()?, "\r\n"]);
    }
    text.push_str("\r\n");
    Some(Head { text, order: Order::Wire })
}

/// A head that the browser tells whole, with the request target in place of a whole address.
pub(crate) fn of_text(text: &str, target: &str) -> Option<Head> {
    let (line, rest) = text.split_once("\r\n")?;
    let mut words = line.split(' ');
    let (method, _, version) = (words.next()?, words.next()?, words.next()?);
    Some(Head { text: format!("{method} {target} {version}\r\n{rest}"), order: Order::Wire })
}

/// Are these the same bytes, but for the order of the fields?
pub(crate) fn same_lines(one: &str, other: &str) -> bool {
    let sorted = |head: &str| {
        let mut lines: Vec<_> = head.split("\r\n").map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // The start line is the only one with a version.
    one.len() == other.len() && one.lines().next() == other.lines().next() && sorted(one) == sorted(other)
}

/// The value of a field.
pub(crate) fn value<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
    fields.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The request target of a head.
pub(crate) fn target(head: &str) -> Option<&str> {
    head.split(' ').nth(1)
}

/// Path and query of an address: what a request names.
pub(crate) fn target_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + "://".len());
    let rest = &url[after_scheme..];
    let target = rest.find('/').map_or("/", |at| &rest[at..]);
    target.split('#').next().unwrap_or(target)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_lines_and_those_of_one_name_a_line_each() {
        let fields = serde_json::json!({ "Accept": "*/*", "Cookie": "a=b\nc=d" });
        let head = of_fields("GET", "/sse?n=1", &fields).unwrap();
        assert_eq!(head.text, "GET /sse?n=1 HTTP/1.1\r\nAccept: */*\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n");
        assert_eq!(head.order, Order::Name);
    }

    #[test]
    fn listed_fields_keep_their_order() {
        let field = |name: &str, value: &str| serde_json::json!({ "name": name, "value": { "value": value } });
        let head =
            of_list("GET /sse HTTP/1.1", &serde_json::json!([field("Host", "h"), field("Accept", "*/*")])).unwrap();
        assert_eq!(head.text, "GET /sse HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n");
        assert_eq!(of_list("GET / HTTP/1.1", &serde_json::json!([{ "name": "Host" }])), None);
    }

    #[test]
    fn an_address_in_a_request_line_gives_way_to_the_target() {
        let text = "GET ws://127.0.0.1:81/websocket?n=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n";
        let head = of_text(text, "/websocket?n=1").unwrap();
        assert_eq!(head.text, "GET /websocket?n=1 HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n");
    }

    #[test]
    fn the_order_of_fields_is_no_difference_and_all_else_is() {
        let one = "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n";
        assert!(same_lines(one, "GET / HTTP/1.1\r\nB: 2\r\nA: 1\r\n\r\n"));
        for other in [
            "GET / HTTP/1.1\r\nA: 1\r\nB: 3\r\n\r\n",
            "GET / HTTP/1.1\r\nA: 1\r\n\r\n",
            "GET /x HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n",
        ] {
            assert!(!same_lines(one, other), "{other}");
        }
    }

    #[test]
    fn a_target_is_what_stands_behind_host_and_port() {
        assert_eq!(target_of("ws://127.0.0.1:81/websocket?n=1"), "/websocket?n=1");
        assert_eq!(target_of("http://127.0.0.1:81"), "/");
        assert_eq!(target_of("http://127.0.0.1:81/sse#top"), "/sse");
        assert_eq!(target("GET /sse HTTP/1.1\r\n\r\n"), Some("/sse"));
        assert_eq!(value("GET / HTTP/1.1\r\nHost: h:1\r\n\r\n", "host"), Some("h:1"));
    }
}
