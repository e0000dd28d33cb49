//! The opening handshake of RFC 6455 section 4.2.2, item 5.4, with the values of a trace.

use feedbench_record::trace::Handshake;

use super::words::printable;

/// One step of the proof: what it is, and its value.
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) value: String,
}

/// How the accept value comes from the key.
pub(crate) fn lines(handshake: &Handshake) -> Vec<Line> {
    let Handshake { key, guid, sha1, accept, sent } = handshake;
    let line = |what, value: &str| Line { what, value: printable(value) };
    vec![
        line("Sec-WebSocket-Key, from the client", key),
        line("the GUID of RFC 6455 section 1.3", guid),
        line("key and GUID in one string", &format!("{key}{guid}")),
        line("SHA-1 of it (20 bytes)", sha1),
        line("the SHA-1 in base64", accept),
        line("Sec-WebSocket-Accept, from the server", sent),
    ]
}

/// Does the server's value prove that it read the key?
pub(crate) fn verdict(handshake: &Handshake) -> &'static str {
    if handshake.accept == handshake.sent {
        "Equal: the server read this key, so it speaks WebSocket."
    } else {
        "Not equal: a client must fail this connection (RFC 6455 section 4.1)."
    }
}
