//! How the text of an event is wrapped for the wire.

use feedbench_wire::Cursor;
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
}

impl Encoding {
    /// How many there are.
    pub const COUNT: usize = 2 * Framing::ALL.len() + 2;

    /// A number of its own, below [`Encoding::COUNT`].
    pub const fn index(self) -> usize {
        match self {
            Encoding::Body(framing) => framing.index(),
            Encoding::Chunk(framing) => Framing::ALL.len() + framing.index(),
            Encoding::TextFrame => 2 * Framing::ALL.len(),
            Encoding::BinaryFrame => 2 * Framing::ALL.len() + 1,
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
        }
        out
    }
}

fn frame(opcode: Opcode, text: &[u8], out: &mut Vec<u8>) {
    encode_header(true, opcode, None, text.len() as u64, out);
    out.extend_from_slice(text);
}
