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
//! (h2) priority: u=1, i               what is said only on HTTP/2
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
//!
//! [h2]                                how HTTP/2 is spoken; may be absent
//! pseudo-fields: :method :authority :scheme :path
//! indexing: chromium
//! with-each-request: priority
//! settings: enable-push=0 initial-window-size=6291456
//! connection-window: 15728640
//! ```
//!
//! (The remarks at the right are not part of it.) A cookie and a last event ID for which a section has no line come
//! last. The start line is not part of a profile.
//!
//! One section serves both protocols. On HTTP/2 the names are in lower case, the cookie is cut into its parts, and what
//! is about an HTTP/1.1 connection is left out: `Host`, `Connection`, `Upgrade`, `Keep-Alive`, `Sec-WebSocket-Key`
//! (RFC 9113 section 8.2, RFC 8441 section 5). `indexing` is what the client's encoder remembers, by the names of
//! [`Indexing`]. `with-each-request` is what it sends beside the fields: `priority`, the five bytes in HEADERS that
//! RFC 9113 made obsolete, and `window-update`, a frame that opens the stream's window as far as the connection's.
//! `settings` and `connection-window` are what it says first ([`Opening`]). Without an `[h2]` section there is none of
//! this, and the pseudo-header fields have the order of RFC 9113 section 8.3.1.

mod http2;
mod opening;
mod parse;
mod request;

use feedbench_record::Transport;
use serde::{Deserialize, Serialize};

use crate::deflate::permessage;
use crate::h2::hpack::Indexing;
use http2::PseudoField;

pub use opening::Opening;
pub use parse::ProfileError;
pub use request::{Ask, Scheme};

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
    http2: Http2,
}

/// How a client speaks HTTP/2, beside the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Http2 {
    /// The order of the pseudo-header fields.
    pseudo_fields: [PseudoField; 4],
    indexing: Indexing,
    /// With each request.
    sends_priority: bool,
    /// With each request.
    sends_window_update: bool,
    opening: Opening,
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
    /// HTTP/1.1 does not have it.
    only_h2: bool,
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

    /// The same profile for clients that take what is compressed: requests that say nothing of it accept gzip, and a
    /// WebSocket's handshake offers permessage-deflate.
    pub fn taking_compressed(mut self) -> Profile {
        for section in &mut self.sections {
            let (name, value) = match section.transports.contains(&Transport::WebSocket) {
                true => ("Sec-WebSocket-Extensions", permessage::NAME),
                false => ("Accept-Encoding", "gzip"),
            };
            if !section.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
                let is_lower = section.fields.iter().all(|field| field.name == field.name.to_ascii_lowercase());
                let name = if is_lower { name.to_ascii_lowercase() } else { name.to_owned() };
                section.fields.push(Field { name, value: value.to_owned(), only_h2: false });
            }
        }
        self
    }

    /// Why a server that compresses would not do so for this transport's requests, or could not say so.
    pub fn against_compression(&self, transport: Transport) -> Option<&'static str> {
        let names = |fields: &[Field], name: &str, value: &str| {
            let field = fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
            Some(field.value.contains(value))
        };
        let asked = self.fields(transport).unwrap_or_default();
        if transport == Transport::WebSocket {
            let offers = names(asked, "Sec-WebSocket-Extensions", permessage::NAME);
            return (offers == Some(false)).then_some("its Sec-WebSocket-Extensions does not offer permessage-deflate");
        }
        if names(asked, "Accept-Encoding", "gzip") == Some(false) {
            return Some("its Accept-Encoding does not take gzip");
        }
        let answer = self.answer.as_deref().unwrap_or_default();
        let says_vary = names(answer, "Vary", "").is_some();
        says_vary.then_some("its section [answer] has a Vary of its own, and a compressed answer has another one")
    }

    fn fields(&self, transport: Transport) -> Option<&[Field]> {
        let section = self.sections.iter().find(|section| section.transports.contains(&transport));
        section.map(|section| section.fields.as_slice())
    }

    /// What the client's HPACK encoder remembers.
    pub fn indexing(&self) -> Indexing {
        self.http2.indexing
    }

    /// Do its HEADERS have the five bytes of priority (RFC 9113 section 6.2)? What they say was not captured.
    pub fn sends_priority(&self) -> bool {
        self.http2.sends_priority
    }

    /// Does a WINDOW_UPDATE of the stream come with each request, which opens it as far as the connection's window?
    pub fn sends_window_update(&self) -> bool {
        self.http2.sends_window_update
    }

    /// What it says first on a connection.
    pub fn opening(&self) -> Opening {
        self.http2.opening
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
        Some(fields.iter().filter_map(move |Field { name, value, .. }| {
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
