//! What the three streams have in common: an answer whose body is written as events come. They differ in the framing.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::scenario::Recycle;
use feedbench_wire::framing::chunk;
use feedbench_wire::{Cursor, Framing};
use hyper::Response;

use super::speech::{Said, Speech, Then};
use super::{Ask, Zip, coding, is_http_1_1};
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
    let zip = if coding::is_gzip(&ask.head.headers, site) { Zip::of(site.rules.compression) } else { None };
    let mut answer = answer::stream(framing.content_type(), exit);
    if zip.is_some() {
        coding::say_gzip(&mut answer);
    }
    let stream = Stream::new(framing, is_http_1_1(ask.head), ask.keeps_alive, bytes_left).compressed(zip);
    let topic = Arc::clone(ask.topic);
    let speech = Speech::Stream(stream);
    exit.take(Pushed { topic, position, speech, silent_after: site.rules.heartbeat, lifetime });
    Ok(answer)
}

/// The body of one stream.
#[derive(Debug)]
pub struct Stream {
    framing: Framing,
    is_chunked: bool,
    keeps_alive: bool,
    /// Body until the stream is recycled (bytes), before it is compressed.
    bytes_left: u64,
    zip: Option<Box<Zip>>,
}

impl Stream {
    /// A stream of at most so much body (bytes), in chunks or as it is. `keeps_alive` says whether its connection can carry
    /// another one.
    pub fn new(framing: Framing, is_chunked: bool, keeps_alive: bool, bytes_left: u64) -> Stream {
        Stream { framing, is_chunked, keeps_alive, bytes_left, zip: None }
    }

    /// The same, compressed.
    pub fn compressed(self, zip: Option<Zip>) -> Stream {
        Stream { zip: zip.map(Box::new), ..self }
    }

    /// The prologue.
    pub(super) fn open(&mut self, position: Cursor) -> Bytes {
        let mut prologue = Vec::new();
        self.framing.prologue(position, &mut prologue);
        self.bytes_left = self.bytes_left.saturating_sub(prologue.len() as u64);
        match &mut self.zip {
            None => self.piece(&prologue),
            Some(zip) => {
                let body = zip.open(&prologue);
                self.transferred(&body)
            }
        }
    }

    pub(super) fn events(&mut self, portion: &mut Portion) -> Said {
        let (framing, is_chunked) = (self.framing, self.is_chunked);
        let body_bytes =
            if self.bytes_left == u64::MAX { 0 } else { portion.batch().encoded(Encoding::Body(self.framing)).len() };
        let piece = match self.zip.as_mut().map(|zip| zip.shared(framing, is_chunked, portion)) {
            None => portion.encoded(if is_chunked { Encoding::Chunk(framing) } else { Encoding::Body(framing) }),
            Some(Some(shared)) => shared,
            Some(None) => {
                let body = portion.encoded(Encoding::Body(framing));
                self.piece(&body)
            }
        };
        self.said(piece, body_bytes)
    }

    pub(super) fn heartbeat(&mut self) -> Said {
        let heartbeat = self.framing.heartbeat();
        let piece = self.piece(heartbeat);
        self.said(piece, heartbeat.len())
    }

    /// The end of this stream; the client may ask for another one on the same connection.
    pub(super) fn end(&self) -> Said {
        let mut last = self.zip.as_ref().map_or(Bytes::new(), |zip| self.transferred(&zip.end()));
        if self.is_chunked {
            last = if last.is_empty() {
                Bytes::from_static(chunk::LAST)
            } else {
                [&last[..], chunk::LAST].concat().into()
            };
        }
        Said::last(last, if self.keeps_alive { Then::NextRequest } else { Then::Close })
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

    /// More of the body, for this connection alone.
    fn piece(&mut self, body: &[u8]) -> Bytes {
        match &mut self.zip {
            None => self.transferred(body),
            Some(zip) => {
                let body = zip.piece(body);
                self.transferred(&body)
            }
        }
    }

    fn transferred(&self, body: &[u8]) -> Bytes {
        if !self.is_chunked {
            return Bytes::copy_from_slice(body);
        }
        let mut out = Vec::new();
        chunk::encode(body, &mut out);
        out.into()
    }
}
