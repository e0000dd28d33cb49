//! A request's head: the profile's fields with what the request itself says.

use feedbench_record::Transport;
use feedbench_record::scenario::{ConnectionPolicy, Protocol};

use super::{Field, Profile};

/// What a request says beside its profile.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Which of the profile's sections.
    pub transport: Transport,
    /// The request target.
    pub target: &'a str,
    /// Inside TLS, or in clear.
    pub scheme: Scheme,
    /// Host, and port where it is not the scheme's own.
    pub host: &'a str,
    /// What is to happen to the connection: it sets the version and the `Connection` field. HTTP/2 has neither.
    pub connection: ConnectionPolicy,
    /// The value of the `Cookie` field, in place of the profile's own.
    pub cookie: Option<&'a str>,
    /// The value of the `Last-Event-ID` field.
    pub last_event_id: Option<&'a str>,
    /// The value of the `Sec-WebSocket-Key` field, which HTTP/2 does not have.
    pub key: Option<&'a str>,
}

/// The scheme of a request's URL, when it is not of a WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// In clear.
    #[default]
    Http,
    /// Inside TLS.
    Https,
}

impl Scheme {
    /// The scheme with or without TLS.
    pub const fn of(tls: bool) -> Scheme {
        if tls { Scheme::Https } else { Scheme::Http }
    }

    /// As a URL begins with it.
    pub const fn id(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl Profile {
    /// A request's whole head on HTTP/1.1, the blank line included.
    ///
    /// # Panics
    /// If the profile does not speak the transport ([`Profile::speaks`]), or a WebSocket has no key.
    pub fn head(&self, ask: &Ask<'_>) -> Vec<u8> {
        let version = match ask.connection {
            ConnectionPolicy::KeepAlive | ConnectionPolicy::Close => "HTTP/1.1",
            ConnectionPolicy::Http10 => "HTTP/1.0",
        };
        let mut head = format!("GET {} {version}\r\n", ask.target);
        let mut says_connection = false;
        self.each_field(ask, Protocol::Http1, |name, value| {
            says_connection |= name.eq_ignore_ascii_case("connection");
            head.extend([name, ": ", value, "\r\n"]);
        });
        if ask.connection == ConnectionPolicy::Close && !says_connection {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Gives the fields of a request that a protocol has, with their values: first those of the profile, then what it
    /// has no line for.
    ///
    /// # Panics
    /// As [`Profile::head`].
    pub(super) fn each_field(&self, ask: &Ask<'_>, protocol: Protocol, mut each: impl FnMut(&str, &str)) {
        let fields = self.fields(ask.transport).expect("the caller has asked whether it speaks the transport");
        let fields = || fields.iter().filter(|field| field.is_of(protocol));
        let origin = format!("{}://{}", ask.scheme.id(), ask.host);
        for field in fields() {
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
                each(&field.name, &value.replace("{host}", ask.host).replace("{origin}", &origin));
            }
        }
        for (name, value) in [("Last-Event-ID", ask.last_event_id), ("Cookie", ask.cookie)] {
            let has_its_place = || fields().any(|field| field.name.eq_ignore_ascii_case(name));
            if let Some(value) = value.filter(|_| !has_its_place()) {
                each(name, value);
            }
        }
    }
}

impl Field {
    fn is_of(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Http1 => !self.only_h2,
            Protocol::Http2 => !super::http2::is_of_http1(&self.name),
        }
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
