//! How the body of a stream is compressed: gzip that is flushed with every piece, so that the client has an event as soon as
//! its bytes.

use bytes::Bytes;
use feedbench_record::scenario::Compression;
use feedbench_wire::deflate::{Compressor, WINDOW_BITS, alone, gzip};
use feedbench_wire::framing::Framing;
use flate2::Crc;

use crate::fan_out::Portion;
use crate::feed::Encoding;

/// The compressed body of one stream.
#[derive(Debug)]
pub struct Zip {
    /// Of all that was said, which the end has to tell.
    crc: Crc,
    /// `None` where every piece stands alone: then an event is compressed once for everybody.
    compressor: Option<Compressor>,
}

impl Zip {
    /// A body at its start; `None` where nothing is compressed.
    pub fn of(compression: Compression) -> Option<Zip> {
        let compressor = match compression {
            Compression::None => return None,
            Compression::PerEvent => None,
            Compression::PerConnection => Some(Compressor::new(WINDOW_BITS)),
        };
        Some(Zip { crc: Crc::new(), compressor })
    }

    /// The header, and the first piece after it.
    pub(super) fn open(&mut self, prologue: &[u8]) -> Vec<u8> {
        [&gzip::HEADER[..], &self.piece(prologue)].concat()
    }

    /// A piece that is this connection's alone.
    pub(super) fn piece(&mut self, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.crc.update(body);
        match &mut self.compressor {
            None => alone(body, &mut out),
            Some(compressor) => compressor.push(body, &mut out),
        }
        out
    }

    /// A piece with events that is everybody's, in a chunk or not; `None` where it is to be made for this connection.
    pub(super) fn shared(&mut self, framing: Framing, is_chunked: bool, portion: &mut Portion) -> Option<Bytes> {
        if self.compressor.is_some() {
            return None;
        }
        self.crc.combine(portion.crc(framing));
        let encoding = if is_chunked { Encoding::ZippedChunk(framing) } else { Encoding::ZippedBody(framing) };
        Some(portion.encoded(encoding))
    }

    /// What ends the body.
    pub(super) fn end(&self) -> Vec<u8> {
        let mut out = Vec::new();
        gzip::end(&self.crc, &mut out);
        out
    }
}
