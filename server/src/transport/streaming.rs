//! What the three streams have in common: an answer whose body is written as events come. They differ in the framing.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::scenario::Recycle;
use feedbench_wire::framing::chunk;
use feedbench_wire::{Cursor, Framing};
use hyper::Response;

use super::speech::{Said, Speech, Then};
use super::{Ask, is_http_1_1};
use crate::answer::{self, Body, Refusal};
use crate::exit::Exit;
use crate::fan_out::{Portion, Pushed};
use crate::feed::Encoding;
use crate::site::Site;

/// Streams what lies after the cursor, and then what comes, until the feed ends or the stream is recycled.
pub(super) fn answer(
    framing: Framing,
    ask: &Ask<'_>,
    cursor: Option<Cursor>,
    site: &Site,
    exit: &Exit,
) -> Result<Response<Body>, Refusal> {
    let (lifetime, bytes_left) = match site.rules.recycle {
        None => (None, u64::MAX),
        Some(Recycle::Ms(ms)) => (Some(Duration::from_millis(ms)), u64::MAX),
        Some(Recycle::Bytes(bytes)) => (None, bytes),
    };
    let position = ask.topic.position(cursor)?;
    let stream = Stream::new(framing, is_http_1_1(ask.head), ask.keeps_alive, bytes_left);
    let topic = Arc::clone(ask.topic);
    let speech = Speech::Stream(stream);
    exit.take(Pushed { topic, position, speech, silent_after: site.rules.heartbeat, lifetime });
    Ok(answer::stream(framing.content_type(), exit))
}

/// The body of one stream.
#[derive(Debug)]
pub struct Stream {
    framing: Framing,
    is_chunked: bool,
    keeps_alive: bool,
    /// Body until the stream is recycled (bytes).
    bytes_left: u64,
}

impl Stream {
    /// A stream of at most so much body (bytes), in chunks or as it is. `keeps_alive` says whether its connection can carry
    /// another one.
    pub fn new(framing: Framing, is_chunked: bool, keeps_alive: bool, bytes_left: u64) -> Stream {
        Stream { framing, is_chunked, keeps_alive, bytes_left }
    }

    /// The prologue.
    pub(super) fn open(&mut self, position: Cursor) -> Bytes {
        let mut prologue = Vec::new();
        self.framing.prologue(position, &mut prologue);
        self.bytes_left = self.bytes_left.saturating_sub(prologue.len() as u64);
        self.piece(&prologue)
    }

    pub(super) fn events(&mut self, portion: &mut Portion) -> Said {
        let encoding = if self.is_chunked { Encoding::Chunk(self.framing) } else { Encoding::Body(self.framing) };
        let body_bytes =
            if self.bytes_left == u64::MAX { 0 } else { portion.batch().encoded(Encoding::Body(self.framing)).len() };
        self.said(portion.encoded(encoding), body_bytes)
    }

    pub(super) fn heartbeat(&mut self) -> Said {
        let heartbeat = self.framing.heartbeat();
        self.said(self.piece(heartbeat), heartbeat.len())
    }

    /// The end of this stream; the client may ask for another one on the same connection.
    pub(super) fn end(&self) -> Said {
        let last = if self.is_chunked { chunk::LAST } else { &[] };
        Said::last(Bytes::from_static(last), if self.keeps_alive { Then::NextRequest } else { Then::Close })
    }

    /// A piece that counts against what the stream may have, and the end after it where it has had that.
    fn said(&mut self, piece: Bytes, body_bytes: usize) -> Said {
        self.bytes_left = self.bytes_left.saturating_sub(body_bytes as u64);
        if self.bytes_left > 0 {
            return Said::more(piece);
        }
        let end = self.end();
        Said { bytes: [&piece[..], &end.bytes[..]].concat().into(), ..end }
    }

    fn piece(&self, body: &[u8]) -> Bytes {
        if !self.is_chunked {
            return Bytes::copy_from_slice(body);
        }
        let mut out = Vec::new();
        chunk::encode(body, &mut out);
        out.into()
    }
}
