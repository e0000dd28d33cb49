//! The field blocks of Chromium and Firefox, as long as they were captured. What was captured are lengths; the fields
//! are those that the same browsers send on HTTP/1.1 inside TLS.

use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::h2::hpack::{Decoder, Encoder, Indexing};
use feedbench_wire::headers::{Ask, Profile, Scheme, cookie};

use crate::{Fields, decoded, encoded};

/// The authority of the captures; the last digit of the port does not matter, its code has six bits as those of 3 to 9.
const HOST: &str = "127.0.0.1:8443";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Browser {
    Chromium,
    Firefox,
}

use Browser::{Chromium, Firefox};

impl Browser {
    fn heads(self) -> &'static str {
        match self {
            Chromium => include_str!("chromium.txt"),
            Firefox => include_str!("firefox.txt"),
        }
    }

    fn indexing(self) -> Indexing {
        match self {
            Chromium => Indexing::Chromium,
            Firefox => Indexing::Firefox,
        }
    }

    /// The HTTP/2 form of a captured head, by the rules of RFC 9113 section 8.3 and RFC 8441, with what these browsers
    /// say on HTTP/2 only.
    fn request(self, name: &str) -> Fields {
        let title = format!("===== {name} ");
        let head = self.heads().split_once(&title).unwrap().1.split_once('\n').unwrap().1;
        let mut lines = head.split_once("\r\n\r\n").unwrap().0.lines();
        let start: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let is_websocket = name == "websocket";
        let method = if is_websocket { "CONNECT" } else { start[0] };
        let pseudo = [(":method", method), (":authority", HOST), (":scheme", "https"), (":path", start[1])];
        let order = match self {
            Chromium => [0, 1, 2, 3],
            Firefox => [0, 3, 1, 2],
        };
        let mut fields = order.map(|place| pseudo[place]).to_vec();
        if is_websocket {
            fields.push((":protocol", "websocket"));
        }
        let of_http1 = ["Host", "Connection", "Upgrade", "Sec-WebSocket-Key"];
        fields.extend(lines.filter_map(|line| line.split_once(": ")).filter(|(name, _)| !of_http1.contains(name)));
        match self {
            Chromium if is_websocket => {}
            Chromium if matches!(name, "page" | "iframe") => fields.push(("priority", "u=0, i")),
            Chromium => fields.push(("priority", "u=1, i")),
            Firefox if is_websocket => {}
            Firefox => fields.push(("te", "trailers")),
        }
        fields.iter().map(|(name, value)| (name.to_lowercase(), self.as_captured(name, value))).collect()
    }

    /// Chromium ran without a window for the captures of HTTP/2, and says so.
    fn as_captured(self, name: &str, value: &str) -> String {
        match self {
            Chromium if name.eq_ignore_ascii_case("user-agent") => value.replace(" Chrome/", " HeadlessChrome/"),
            _ => value.to_owned(),
        }
    }

    /// What a profile says.
    fn profile(self, transport: Transport, target: &str, cookie: Option<&str>) -> Fields {
        let profile = Profile::built_in(if self == Chromium { "chromium" } else { "firefox" }).unwrap();
        assert_eq!(profile.indexing(), self.indexing());
        // A frame of HEADERS was captured with 9 + 5 bytes beside its block, and Firefox's with 13 bytes after it.
        assert!(profile.sends_priority());
        assert_eq!(profile.sends_window_update(), self == Firefox);
        let fields = profile.fields_h2(&Ask {
            transport,
            target,
            scheme: Scheme::Https,
            host: HOST,
            connection: ConnectionPolicy::KeepAlive,
            cookie,
            last_event_id: None,
            key: None,
        });
        fields.into_iter().map(|(name, value)| (name.clone(), self.as_captured(&name, &value))).collect()
    }
}

/// One connection of a browser.
struct Connection {
    encoder: Encoder,
    decoder: Decoder,
}

impl Connection {
    fn new(browser: Browser) -> Connection {
        Connection { encoder: Encoder::new(browser.indexing()), decoder: Decoder::default() }
    }

    /// A connection on which the page has asked before: for itself, then with XHR, with fetch(), and to report to its
    /// server, as it did while it was captured. Of the report it is only known what the lengths tell: `origin` is in the
    /// tables when the first POST of JSON comes, its type and its length are not.
    fn warm(browser: Browser) -> Connection {
        let mut connection = Connection::new(browser);
        let mut report = browser.request("post");
        for (name, value) in [("content-type", "text/plain;charset=UTF-8"), ("content-length", "2026")] {
            replace(&mut report, name, value);
        }
        for request in ["page", "xhr", "fetch"].map(|name| browser.request(name)).iter().chain([&report]) {
            connection.block_bytes(request);
        }
        connection
    }

    fn block_bytes(&mut self, fields: &Fields) -> usize {
        let block = encoded(&mut self.encoder, fields);
        assert_eq!(decoded(&mut self.decoder, &block).unwrap(), *fields);
        block.len()
    }

    /// The length of the first block, and of each repetition.
    fn first_and_repeated(&mut self, fields: &Fields) -> [usize; 2] {
        let [first, second, third] = [(); 3].map(|()| self.block_bytes(fields));
        assert_eq!(second, third, "every repetition is alike");
        [first, second]
    }
}

fn replace(fields: &mut Fields, name: &str, value: &str) {
    fields.iter_mut().find(|(its_name, _)| its_name == name).unwrap().1 = value.to_owned();
}

fn with_cookies(mut fields: Fields, cookies: &[String]) -> Fields {
    fields.extend(cookies.iter().map(|cookie| ("cookie".to_owned(), cookie.clone())));
    fields
}

#[test]
fn the_first_request_of_a_connection_is_as_long_as_captured_and_so_is_its_repetition() {
    for (browser, name, cookies, captured) in [
        (Chromium, "xhr", None, [313, 21]),
        (Firefox, "xhr", None, [197, 18]),
        (Chromium, "fetch", None, [313, 21]),
        (Firefox, "fetch", None, [209, 19]),
        (Chromium, "xhr", cookie(500), [754, 22]),
        (Firefox, "xhr", cookie(500), [638, 19]),
    ] {
        let request = with_cookies(browser.request(name), cookies.as_slice());
        let sizes = Connection::new(browser).first_and_repeated(&request);
        assert_eq!(sizes, captured, "{browser:?} {name} {}", cookies.is_some());
    }
    for (browser, captured) in [(Chromium, 431), (Firefox, 271)] {
        assert_eq!(Connection::new(browser).block_bytes(&browser.request("page")), captured, "{browser:?}");
    }
}

#[test]
fn on_a_connection_in_use_every_kind_of_request_is_as_long_as_captured() {
    for (name, in_chromium, in_firefox) in [
        ("fetch no-store", [43, 23], [41, 21]),
        ("iframe", [29, 22], [27, 20]),
        ("eventsource", [41, 28], [40, 26]),
        ("post", [39, 24], [39, 22]),
        ("websocket", [110, 42], [106, 22]),
    ] {
        for (browser, captured) in [(Chromium, in_chromium), (Firefox, in_firefox)] {
            let mut connection = Connection::warm(browser);
            if name != "fetch no-store" {
                // It has the fields that tell caches to keep out, which others send, too.
                connection.block_bytes(&browser.request("fetch no-store"));
            }
            let mut request = browser.request(name);
            if name == "eventsource" {
                replace(&mut request, ":path", "/esrc?hold=1");
            }
            assert_eq!(connection.first_and_repeated(&request), captured, "{browser:?} {name}");
        }
    }
}

#[test]
fn a_cookie_that_is_set_on_a_connection_in_use_is_sent_once() {
    for (browser, captured) in [(Chromium, [462, 22]), (Firefox, [459, 19])] {
        let request = with_cookies(browser.request("xhr"), cookie(500).as_slice());
        assert_eq!(Connection::warm(browser).first_and_repeated(&request), captured, "{browser:?}");
    }
}

/// Captured were 377 and 379 bytes for the first block. That is the cookies' values in the Huffman code, and they were
/// not written down: 98 bytes of 5.6 bits on average.
#[test]
fn each_of_five_cookies_costs_a_byte_when_it_is_repeated() {
    for (browser, captured) in [(Chromium, 26), (Firefox, 23)] {
        let cookies: Vec<String> = (1..=5).map(|n| format!("c{n}={}", "x".repeat(95))).collect();
        let request = with_cookies(browser.request("xhr"), &cookies);
        assert_eq!(Connection::warm(browser).first_and_repeated(&request)[1], captured, "{browser:?}");
    }
}

/// Captured were 32 and 29 bytes each time, with 13 digits that were not written down: digits up to 2 have five bits in
/// the Huffman code and the others six. So at most four of them were above 2.
#[test]
fn a_query_that_changes_is_written_out_each_time_and_only_it() {
    for (browser, captured) in [(Chromium, 32), (Firefox, 29)] {
        let mut connection = Connection::warm(browser);
        let mut sizes = |digits: &str| {
            let mut request = browser.request("xhr");
            replace(&mut request, ":path", &format!("/poll?_={digits}"));
            connection.first_and_repeated(&request)
        };
        assert_eq!(sizes("0000000000000"), [captured; 2], "{browser:?}");
        assert_eq!(sizes("1000000005678"), [captured; 2], "{browser:?}, four above 2");
        assert_eq!(sizes("1000000045678"), [captured + 1; 2], "{browser:?}, five above 2");
        assert_eq!(sizes("9999999999999"), [captured + 2; 2], "{browser:?}");
    }
}

#[test]
fn the_profiles_have_the_fields_of_the_captures_in_their_order() {
    for browser in [Chromium, Firefox] {
        for (transport, name, path) in [
            (Transport::Polling, "fetch", "/poll"),
            (Transport::LongPolling, "fetch", "/poll"),
            (Transport::FetchStreaming, "fetch", "/poll"),
            (Transport::IframeStreaming, "iframe", "/fram"),
            (Transport::Sse, "eventsource", "/esrc"),
            (Transport::WebSocket, "websocket", "/sock"),
        ] {
            let fields = browser.profile(transport, path, None);
            assert_eq!(fields, browser.request(name), "{browser:?} {transport}");
            let cookies = "a=1; sid=2";
            let mut with_cookies = browser.profile(transport, path, Some(cookies));
            with_cookies.retain(|(name, _)| name == "cookie");
            assert_eq!(with_cookies.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["a=1", "sid=2"]);
        }
    }
}

#[test]
fn a_poll_of_a_profile_is_as_long_as_captured() {
    let cookie = cookie(500);
    for (browser, cookie, captured) in [
        (Chromium, None, [313, 21]),
        (Chromium, cookie.as_deref(), [754, 22]),
        (Firefox, None, [209, 19]),
        // The capture with a cookie is of XHR, which does not send the 11 + 1 bytes of `priority`.
        (Firefox, cookie.as_deref(), [638 + 12, 19 + 1]),
    ] {
        let request = browser.profile(Transport::Polling, "/poll", cookie);
        let sizes = Connection::new(browser).first_and_repeated(&request);
        assert_eq!(sizes, captured, "{browser:?} {}", cookie.is_some());
    }
}
