//! What a field block says (RFC 9113 section 8.3), as far as the ledger must know it.

use crate::deflate::permessage::Agreed;
use crate::ledger::asked::About;
use crate::path;
use crate::reader::ReadError;

/// A name, a value, and what HTTP/1.1 writes beside them: colon, space and line end (bytes).
const FIELD_LINE_BYTES: usize = 4;

/// The fields of a request or an answer.
#[derive(Debug)]
pub(super) struct Fields {
    /// What is asked for.
    pub(super) about: About,
    /// The client has a place in the feed: it is not new to it.
    pub(super) has_place: bool,
    /// A WebSocket is asked for (RFC 8441 section 5).
    pub(super) is_websocket: bool,
    /// Of an answer.
    pub(super) status: Option<u16>,
    /// The content is compressed.
    pub(super) gzip: bool,
    /// Of the answer to a WebSocket: how its messages are compressed.
    pub(super) deflate: Option<Result<Agreed, ReadError>>,
    /// The fields as HTTP/1.1 would write them (bytes).
    pub(super) uncompressed: usize,
}

impl Default for Fields {
    fn default() -> Self {
        Fields {
            about: About::Admin,
            has_place: false,
            is_websocket: false,
            status: None,
            gzip: false,
            deflate: None,
            uncompressed: 0,
        }
    }
}

impl Fields {
    /// The next field.
    pub(super) fn add(&mut self, name: &[u8], value: &[u8]) {
        self.uncompressed += name.len() + value.len() + FIELD_LINE_BYTES;
        match name {
            b":path" => {
                let target = str::from_utf8(value).unwrap_or_default();
                let query = target.split_once('?').map(|(_, query)| query);
                self.about = About::of(target);
                self.has_place |= path::parameter(query, "cursor").is_some();
            }
            b":protocol" => self.is_websocket = value == b"websocket",
            b":status" => self.status = str::from_utf8(value).ok().and_then(|status| status.parse().ok()),
            b"content-encoding" => self.gzip = value.eq_ignore_ascii_case(b"gzip"),
            b"sec-websocket-extensions" => self.deflate = Some(Agreed::read(value)),
            b"last-event-id" => self.has_place |= !value.is_empty(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedbench_record::Transport;

    #[test]
    fn a_client_has_a_place_by_its_target_or_by_its_last_event() {
        let places = [(":path", "/sse?cursor=a3f2-7"), ("last-event-id", "a3f2-7")];
        for (name, value) in [(":path", "/sse?topic=t1"), ("last-event-id", ""), places[0], places[1]] {
            let mut fields = Fields::default();
            fields.add(name.as_bytes(), value.as_bytes());
            assert_eq!(fields.has_place, places.contains(&(name, value)), "{name}: {value}");
        }
    }

    #[test]
    fn what_is_asked_for_is_in_the_path_and_a_websocket_in_the_protocol() {
        let mut fields = Fields::default();
        [(":method", "CONNECT"), (":protocol", "websocket"), (":path", "/websocket?topic=t1"), (":status", "200")]
            .into_iter()
            .for_each(|(name, value)| fields.add(name.as_bytes(), value.as_bytes()));
        assert_eq!((fields.about, fields.is_websocket), (About::Feed(Transport::WebSocket), true));
        assert_eq!((fields.status, fields.uncompressed), (Some(200), 18 + 22 + 28 + 14));
    }
}
