//! How the text of an event is wrapped for the wire.

use feedbench_wire::Cursor;
use feedbench_wire::deflate::{alone, permessage};
use feedbench_wire::framing::{Framing, chunk};
use feedbench_wire::reader::frame::{Opcode, encode_header};

/// What stands around event texts on a pushed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The framing of a stream, as its body has it.
    Body(Framing),
    /// The same in a chunk.
    Chunk(Framing),
    /// A WebSocket frame of text.
    TextFrame,
    /// A WebSocket frame of bytes.
    BinaryFrame,
    /// [`Encoding::Body`], compressed alone, in a stream whose beginning and end are the connection's.
    ZippedBody(Framing),
    /// The same in a chunk.
    ZippedChunk(Framing),
    /// [`Encoding::TextFrame`], compressed alone.
    ZippedTextFrame,
    /// [`Encoding::BinaryFrame`], compressed alone.
    ZippedBinaryFrame,
}

impl Encoding {
    /// How many there are that compress, and how many that do not.
    pub const COUNT: usize = 2 * Framing::ALL.len() + 2;

    /// A number of its own among those that compress, or that do not: below [`Encoding::COUNT`].
    pub const fn index(self) -> usize {
        match self {
            Encoding::Body(framing) | Encoding::ZippedBody(framing) => framing.index(),
            Encoding::Chunk(framing) | Encoding::ZippedChunk(framing) => Framing::ALL.len() + framing.index(),
            Encoding::TextFrame | Encoding::ZippedTextFrame => 2 * Framing::ALL.len(),
            Encoding::BinaryFrame | Encoding::ZippedBinaryFrame => 2 * Framing::ALL.len() + 1,
        }
    }

    /// Is the event compressed?
    pub const fn compresses(self) -> bool {
        match self {
            Encoding::Body(_) | Encoding::Chunk(_) | Encoding::TextFrame | Encoding::BinaryFrame => false,
            Encoding::ZippedBody(_)
            | Encoding::ZippedChunk(_)
            | Encoding::ZippedTextFrame
            | Encoding::ZippedBinaryFrame => true,
        }
    }

    /// Consecutive events as one write: of the same stream in one chunk, in a frame each. A text comes with the client's
    /// position once it has it.
    pub fn encode<'t>(self, texts: impl IntoIterator<Item = (Cursor, &'t [u8])>) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Encoding::Body(framing) => {
                texts.into_iter().for_each(|(cursor, text)| framing.event(cursor, text, &mut out));
            }
            Encoding::Chunk(framing) => chunk::encode(&Encoding::Body(framing).encode(texts), &mut out),
            Encoding::TextFrame => texts.into_iter().for_each(|(_, text)| frame(Opcode::Text, text, &mut out)),
            Encoding::BinaryFrame => texts.into_iter().for_each(|(_, text)| frame(Opcode::Binary, text, &mut out)),
            Encoding::ZippedBody(framing) => alone(&Encoding::Body(framing).encode(texts), &mut out),
            Encoding::ZippedChunk(framing) => chunk::encode(&Encoding::ZippedBody(framing).encode(texts), &mut out),
            Encoding::ZippedTextFrame => {
                texts.into_iter().for_each(|(_, text)| permessage::frame(Opcode::Text, text, None, &mut out));
            }
            Encoding::ZippedBinaryFrame => {
                texts.into_iter().for_each(|(_, text)| permessage::frame(Opcode::Binary, text, None, &mut out));
            }
        }
        out
    }
}

fn frame(opcode: Opcode, text: &[u8], out: &mut Vec<u8>) {
    encode_header(true, opcode, None, text.len() as u64, out);
    out.extend_from_slice(text);
}
