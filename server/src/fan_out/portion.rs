//! What one read of a topic brought, for all members that stand at the same place.

use std::sync::Arc;

use bytes::Bytes;
use feedbench_wire::{Cursor, Framing};
use flate2::Crc;

use crate::feed::{Batch, Content, Encoding, Limits, Topic};

/// Events of a topic after a cursor, and what was made of them last: the next member most likely wants the same.
#[derive(Debug)]
pub struct Portion {
    topic: Arc<Topic>,
    from: Cursor,
    batch: Batch,
    encoded: Option<(Encoding, Bytes)>,
    answer: Option<(AnswerShape, Bytes)>,
    /// As it is, and compressed.
    content: [Option<Content>; 2],
    crc: Option<(Framing, Crc)>,
}

/// In what the answers to the same events differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerShape {
    /// It names the client's position.
    pub names_position: bool,
    /// It answers a request of HTTP/1.1, not of 1.0.
    pub is_http_1_1: bool,
    /// The connection carries the next request.
    pub keeps_alive: bool,
    /// The client takes gzip, and the server compresses.
    pub gzip: bool,
}

impl Portion {
    /// Reads a topic, unless `last` is what was read there already. In place, because it is looked at for each member.
    pub(super) fn after<'l>(
        topic: &Arc<Topic>,
        from: Cursor,
        limits: Limits,
        last: &'l mut Option<Portion>,
    ) -> &'l mut Portion {
        last.take_if(|last| !Arc::ptr_eq(&last.topic, topic) || last.from != from);
        last.get_or_insert_with(|| {
            let batch = topic.read_after(Some(from), limits);
            let batch = batch.expect("a position that the topic gave out is never ahead of it");
            let content = Default::default();
            Portion { topic: Arc::clone(topic), from, batch, encoded: None, answer: None, content, crc: None }
        })
    }

    /// The events.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The events as a pushed connection is written to.
    pub fn encoded(&mut self, encoding: Encoding) -> Bytes {
        match &self.encoded {
            Some((last, bytes)) if *last == encoding => bytes.clone(),
            _ => {
                let bytes = self.batch.encoded(encoding);
                self.encoded = Some((encoding, bytes.clone()));
                bytes
            }
        }
    }

    /// What a poll's answer with the events holds, compressed or not.
    pub fn content(&mut self, gzip: bool) -> Content {
        self.content[usize::from(gzip)].get_or_insert_with(|| self.batch.content(gzip)).clone()
    }

    /// The checksum of the events as a stream's body has them, before it is compressed.
    pub fn crc(&mut self, framing: Framing) -> &Crc {
        if self.crc.as_ref().is_none_or(|(last, _)| *last != framing) {
            self.crc = None;
        }
        let batch = &self.batch;
        let (_, crc) = self.crc.get_or_insert_with(|| {
            let mut crc = Crc::new();
            crc.update(&batch.encoded(Encoding::Body(framing)));
            (framing, crc)
        });
        crc
    }

    /// A whole answer with the events, as `make` makes it.
    pub fn answer(&mut self, shape: AnswerShape, make: impl FnOnce(&Batch) -> Bytes) -> Bytes {
        match &self.answer {
            Some((last, bytes)) if *last == shape => bytes.clone(),
            _ => {
                let bytes = make(&self.batch);
                self.answer = Some((shape, bytes.clone()));
                bytes
            }
        }
    }
}
