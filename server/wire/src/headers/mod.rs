//! Header profiles: which fields a client sends with each transport, in which order and case, and which fields a server
//! answers with. A profile is a text, the same for the built-in ones and for a file of one's own:
//!
//! ```text
//! # a comment
//! [polling long-polling]              the transports that the fields below are sent with
//! Host: {host}
//! Connection: keep-alive
//! Referer: {origin}/
//! Cookie: {cookie}                    left out when the client has none
//!
//! [sse]
//! Host: {host}
//! Last-Event-ID: {last-event-id}      left out before the first event
//!
//! [websocket]
//! Host: {host}
//! Connection: Upgrade
//! Upgrade: websocket
//! Sec-WebSocket-Version: 13
//! Sec-WebSocket-Key: {key}
//!
//! [answer]                            may be absent: then the server answers as it does by itself
//! Content-Type: text/html
//! Content-Length: {length}            left out of a stream
//! ```
//!
//! (The remarks at the right are not part of it.) A cookie and a last event ID for which a section has no line come
//! last. The start line is not part of a profile.

mod parse;

use feedbench_record::Transport;
use feedbench_record::scenario::ConnectionPolicy;
use serde::{Deserialize, Serialize};

pub use parse::ProfileError;

/// The longest head that either end takes (bytes).
pub const HEAD_MAX_BYTES: usize = 16 * 1024;

/// The profiles that come with feedbench: name and text.
const BUILT_IN: [(&str, &str); 6] = [
    ("minimal", include_str!("../../headers/minimal.txt")),
    ("chromium", include_str!("../../headers/chromium.txt")),
    ("chromium-plain", include_str!("../../headers/chromium-plain.txt")),
    ("firefox", include_str!("../../headers/firefox.txt")),
    ("firefox-plain", include_str!("../../headers/firefox-plain.txt")),
    ("lubbers-2009", include_str!("../../headers/lubbers-2009.txt")),
];

/// One header profile, read and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    sections: Vec<Section>,
    answer: Option<Vec<Field>>,
}

/// The fields of some transports' requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Section {
    transports: Vec<Transport>,
    fields: Vec<Field>,
}

/// One field; the value may have placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Field {
    name: String,
    value: String,
}

/// What a request says beside its profile.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Which of the profile's sections.
    pub transport: Transport,
    /// The request target.
    pub target: &'a str,
    /// Host, and port where it is not the scheme's own.
    pub host: &'a str,
    /// What is to happen to the connection: it sets the version and the `Connection` field.
    pub connection: ConnectionPolicy,
    /// The value of the `Cookie` field, in place of the profile's own.
    pub cookie: Option<&'a str>,
    /// The value of the `Last-Event-ID` field.
    pub last_event_id: Option<&'a str>,
    /// The value of the `Sec-WebSocket-Key` field.
    pub key: Option<&'a str>,
}

/// `minimal`.
impl Default for Profile {
    fn default() -> Self {
        Profile::built_in("minimal").expect("it comes with feedbench")
    }
}

impl Profile {
    /// The names of the built-in profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The built-in profile of that name.
    pub fn built_in(name: &str) -> Option<Profile> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Profile::parse(text).expect("a test reads every built-in profile"))
    }

    /// Reads a profile's text.
    ///
    /// # Errors
    /// With the line: no section or no field, an unknown transport or placeholder, a field that feedbench sets itself or
    /// that would break the framing of HTTP, or a missing one that the protocol requires.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        parse::profile(text)
    }

    /// Does it say how this transport asks?
    pub fn speaks(&self, transport: Transport) -> bool {
        self.fields(transport).is_some()
    }

    /// Does it say how a server answers?
    pub fn answers(&self) -> bool {
        self.answer.is_some()
    }

    fn fields(&self, transport: Transport) -> Option<&[Field]> {
        let section = self.sections.iter().find(|section| section.transports.contains(&transport));
        section.map(|section| section.fields.as_slice())
    }

    /// A request's whole head, the blank line included.
    ///
    /// # Panics
    /// If the profile does not speak the transport ([`Profile::speaks`]), or a WebSocket has no key.
    pub fn head(&self, ask: &Ask<'_>) -> Vec<u8> {
        let fields = self.fields(ask.transport).expect("the caller has asked whether it speaks the transport");
        let version = match ask.connection {
            ConnectionPolicy::KeepAlive | ConnectionPolicy::Close => "HTTP/1.1",
            ConnectionPolicy::Http10 => "HTTP/1.0",
        };
        let mut head = format!("GET {} {version}\r\n", ask.target);
        let mut line = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        let origin = format!("http://{}", ask.host);
        for field in fields {
            let value = match field.name.to_ascii_lowercase().as_str() {
                "cookie" => ask.cookie.or(Some(field.value.as_str()).filter(|value| *value != "{cookie}")),
                "last-event-id" => ask.last_event_id,
                "sec-websocket-key" => Some(ask.key.expect("a handshake has a key")),
                "connection" => in_connection(&field.value, ask.connection),
                // It describes a connection that is kept.
                "keep-alive" => Some(field.value.as_str()).filter(|_| ask.connection == ConnectionPolicy::KeepAlive),
                _ => Some(field.value.as_str()),
            };
            if let Some(value) = value {
                line(&field.name, &value.replace("{host}", ask.host).replace("{origin}", &origin));
            }
        }
        let has = |name: &str| fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
        for (name, value) in [("Last-Event-ID", ask.last_event_id), ("Cookie", ask.cookie)] {
            if let Some(value) = value.filter(|_| !has(name)) {
                line(name, value);
            }
        }
        if ask.connection == ConnectionPolicy::Close && !has("connection") {
            line("Connection", "close");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The fields of an answer of status 200, in their order; `None` when the profile says nothing of answers. With
    /// `stream` the one that `{length}` belongs to is left out, and the type is the stream's own: a page could not read
    /// it otherwise.
    pub fn answer<'a>(
        &'a self,
        length: Option<u64>,
        stream: Option<&'a str>,
    ) -> Option<impl Iterator<Item = (&'a str, String)>> {
        let fields = self.answer.as_ref()?;
        Some(fields.iter().filter_map(move |Field { name, value }| {
            let value = match (value.as_str(), length, stream) {
                ("{length}", length, _) => length?.to_string(),
                (_, _, Some(stream)) if name.eq_ignore_ascii_case("content-type") => stream.to_owned(),
                (value, _, _) => value.to_owned(),
            };
            Some((name.as_str(), value))
        }))
    }

    /// Are the answer's names written as `Content-Type` rather than `content-type`?
    pub fn answers_in_title_case(&self) -> bool {
        self.answer.iter().flatten().any(|field| field.name.starts_with(|c: char| c.is_ascii_uppercase()))
    }
}

/// The value of the `Connection` field, if it has one (RFC 9112 section 9.6).
fn in_connection(value: &str, policy: ConnectionPolicy) -> Option<&str> {
    match policy {
        ConnectionPolicy::KeepAlive => Some(value),
        ConnectionPolicy::Close => Some("close"),
        ConnectionPolicy::Http10 => None,
    }
}

/// The shortest cookie: a name, an equals sign and a byte.
pub const COOKIE_MIN_BYTES: u32 = 5;

/// A cookie of so many bytes, 0 for none; it adds 10 more to a request's head: `Cookie: ` and the line's end.
///
/// # Panics
/// If it is shorter than [`COOKIE_MIN_BYTES`], unless it is 0.
pub fn cookie(bytes: u32) -> Option<String> {
    assert!(bytes == 0 || bytes >= COOKIE_MIN_BYTES, "too short for a cookie");
    (bytes > 0).then(|| format!("sid={}", "x".repeat(bytes as usize - "sid=".len())))
}
