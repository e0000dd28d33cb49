//! A request's fields as HTTP/2 has them (RFC 9113 section 8.2 and 8.3), a WebSocket's as RFC 8441 has them.

use feedbench_record::Transport;
use feedbench_record::scenario::Protocol;
use serde::{Deserialize, Serialize};

use super::{Ask, Http2, Opening, Profile};
use crate::h2::hpack::Indexing;

/// What HTTP/1.1 says in a request's first line and in `Host` (RFC 9113 section 8.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum PseudoField {
    /// `:method`
    Method,
    /// `:scheme`
    Scheme,
    /// `:authority`
    Authority,
    /// `:path`
    Path,
}

impl PseudoField {
    /// The four, in the order of the RFC.
    const ALL: [PseudoField; 4] = [PseudoField::Method, PseudoField::Scheme, PseudoField::Authority, PseudoField::Path];

    /// Its name.
    const fn name(self) -> &'static str {
        match self {
            PseudoField::Method => ":method",
            PseudoField::Scheme => ":scheme",
            PseudoField::Authority => ":authority",
            PseudoField::Path => ":path",
        }
    }
}

/// As a client without habits.
impl Default for Http2 {
    fn default() -> Self {
        Http2 {
            pseudo_fields: PseudoField::ALL,
            indexing: Indexing::Never,
            sends_priority: false,
            sends_window_update: false,
            opening: Opening::default(),
        }
    }
}

impl Http2 {
    /// Takes a line of a profile's `[h2]` section; the error says what may stand there.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "pseudo-fields" => self.pseudo_fields = in_order(value)?,
            "indexing" => self.indexing = value.parse()?,
            "with-each-request" => {
                for item in value.split_whitespace() {
                    match item {
                        "priority" => self.sends_priority = true,
                        "window-update" => self.sends_window_update = true,
                        _ => return Err(format!("{name} can be priority, window-update, or both")),
                    }
                }
            }
            "settings" => self.opening.set_settings(value)?,
            "connection-window" => self.opening.set_connection_window(value)?,
            _ => {
                let known = "pseudo-fields, indexing, with-each-request, settings, connection-window";
                return Err(format!("{name} is not known here: {known}"));
            }
        }
        Ok(())
    }

    /// Do the lines of the section go together? The error says how.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_open = self.opening.stream_window_bytes() >= self.opening.connection_window_bytes();
        match self.sends_window_update && is_open {
            true => Err("window-update opens a stream's window to the connection's: settings has to have an \
                         initial-window-size below it"
                .to_owned()),
            false => Ok(()),
        }
    }
}

fn in_order(names: &str) -> Result<[PseudoField; 4], String> {
    let found = |name| PseudoField::ALL.into_iter().find(|field| field.name() == name);
    let fields: Option<Vec<_>> = names.split_whitespace().map(found).collect();
    fields
        .and_then(|fields| <[PseudoField; 4]>::try_from(fields).ok())
        .filter(|fields| PseudoField::ALL.iter().all(|field| fields.contains(field)))
        .ok_or_else(|| {
            "pseudo-fields are :method :scheme :authority :path, each once, in the client's order".to_owned()
        })
}

impl Profile {
    /// A request's fields on HTTP/2: the pseudo-header fields in the profile's order, then the others with their names in
    /// lower case. A cookie is cut into its parts, each a field (RFC 9113 section 8.2.3). A WebSocket asks with the
    /// extended CONNECT of RFC 8441.
    ///
    /// # Panics
    /// If the profile does not speak the transport ([`Profile::speaks`]).
    pub fn fields_h2(&self, ask: &Ask<'_>) -> Vec<(String, String)> {
        let is_websocket = ask.transport == Transport::WebSocket;
        let pseudo = |field: PseudoField| match field {
            PseudoField::Method if is_websocket => "CONNECT",
            PseudoField::Method => "GET",
            PseudoField::Scheme => ask.scheme.id(),
            PseudoField::Authority => ask.host,
            PseudoField::Path => ask.target,
        };
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields: Vec<_> =
            self.http2.pseudo_fields.into_iter().map(|field| own(field.name(), pseudo(field))).collect();
        if is_websocket {
            fields.push(own(":protocol", "websocket"));
        }
        self.each_field(ask, Protocol::Http2, |name, value| {
            let name = name.to_ascii_lowercase();
            if name == "cookie" {
                fields.extend(value.split("; ").map(|part| own(&name, part)));
            } else {
                fields.push((name, value.to_owned()));
            }
        });
        fields
    }
}

/// Is it a field that HTTP/2 must not have, or has in another way (RFC 9113 section 8.2.2 and 8.3.1, RFC 8441 section 5)?
pub(super) fn is_of_http1(name: &str) -> bool {
    const NAMES: [&str; 7] =
        ["host", "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "sec-websocket-key"];
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}
