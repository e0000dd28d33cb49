//! Writes field blocks (RFC 7541 section 6).

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::table::{Entry, Table};
use super::{TABLE_BYTES, field_bytes, huffman, integer};

/// What an encoder puts into the table, and how it refers to what is there: HPACK leaves that to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Indexing {
    /// As Chromium (the default policy of `HpackEncoder` in its library QUICHE): everything but the pseudo-header fields,
    /// of which only `:authority`.
    Chromium,
    /// As Firefox (its `Http2Compressor`): everything but `:path`, fields of more than half of the table, credentials and
    /// cookies so short that they could be guessed (RFC 7541 section 7.1.3). It refers to a name by the last place that
    /// has it.
    Firefox,
    /// As a client without a memory: only the static table is of use.
    #[default]
    Never,
}

/// A cookie shorter than this is never indexed by Firefox (bytes).
const SHORT_COOKIE_BYTES: usize = 20;

/// What becomes of a field that the table does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Literal {
    /// It is put into the table.
    Remembered,
    /// It is not.
    Passing,
    /// It is not, nor may anyone who passes the field on (RFC 7541 section 6.2.3).
    Secret,
}

impl Indexing {
    /// Every policy.
    pub const ALL: [Indexing; 3] = [Indexing::Chromium, Indexing::Firefox, Indexing::Never];

    /// The name in a header profile.
    pub const fn id(self) -> &'static str {
        match self {
            Indexing::Chromium => "chromium",
            Indexing::Firefox => "firefox",
            Indexing::Never => "never",
        }
    }

    fn literal(self, name: &[u8], value: &[u8], table_bytes: usize) -> Literal {
        match self {
            Indexing::Never => Literal::Passing,
            Indexing::Chromium if name.starts_with(b":") && name != b":authority" => Literal::Passing,
            Indexing::Chromium => Literal::Remembered,
            Indexing::Firefox => match name {
                b":path" => Literal::Passing,
                b"authorization" => Literal::Secret,
                b"cookie" if value.len() < SHORT_COOKIE_BYTES => Literal::Secret,
                _ if field_bytes(name, value) > table_bytes / 2 => Literal::Passing,
                _ => Literal::Remembered,
            },
        }
    }
}

impl FromStr for Indexing {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = || Indexing::ALL.map(Indexing::id).join(", ");
        let found = Indexing::ALL.into_iter().find(|indexing| indexing.id() == name);
        found.ok_or_else(|| format!("\"{name:.60}\" is no way to index: {}", known()))
    }
}

/// The writing end of one direction of a connection. It holds what its table holds, and nothing between two blocks.
#[derive(Debug)]
pub struct Encoder {
    indexing: Indexing,
    table: Table,
    /// The smallest size that the table has had since the last block, if it has changed: the decoder must be told.
    smallest_bytes: Option<usize>,
}

/// Where the table has a field, or at least its name.
#[derive(Default)]
struct Found {
    field: Option<usize>,
    name: Option<usize>,
}

impl Encoder {
    /// An encoder with a table of [`TABLE_BYTES`], which every decoder begins with.
    pub const fn new(indexing: Indexing) -> Encoder {
        Encoder { indexing, table: Table::new(TABLE_BYTES), smallest_bytes: None }
    }

    /// The peer takes a table of so many bytes (SETTINGS_HEADER_TABLE_SIZE). The encoder uses [`TABLE_BYTES`] at most.
    /// The next block tells the new size.
    pub fn set_table(&mut self, max_bytes: u32) {
        let bytes = max_bytes.min(TABLE_BYTES) as usize;
        if bytes != self.table.max_bytes() {
            self.smallest_bytes = Some(self.smallest_bytes.map_or(bytes, |smallest| smallest.min(bytes)));
            self.table.set_max(bytes);
        }
    }

    /// Appends a whole field block. Names are in lower case (RFC 9113 section 8.2), pseudo-header fields come first.
    pub fn encode<'f>(&mut self, fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>, out: &mut Vec<u8>) {
        if let Some(smallest) = self.smallest_bytes.take() {
            let bytes = self.table.max_bytes();
            if smallest < bytes {
                integer::encode(smallest, 5, 0x20, out);
            }
            integer::encode(bytes, 5, 0x20, out);
        }
        for (name, value) in fields {
            self.field(name, value, out);
        }
    }

    fn field(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let literal = self.indexing.literal(name, value, self.table.max_bytes());
        let found = self.find(name, value);
        let is_always_literal = self.indexing == Indexing::Firefox && literal != Literal::Remembered;
        if let Some(index) = found.field.filter(|_| !is_always_literal) {
            return integer::encode(index, 7, 0x80, out);
        }
        let index = found.name.unwrap_or(0);
        match literal {
            Literal::Remembered => integer::encode(index, 6, 0x40, out),
            Literal::Passing => integer::encode(index, 4, 0x00, out),
            Literal::Secret => integer::encode(index, 4, 0x10, out),
        }
        if index == 0 {
            text(name, out);
        }
        text(value, out);
        if literal == Literal::Remembered {
            self.table.add(Entry::new(name, value));
        }
    }

    fn find(&self, name: &[u8], value: &[u8]) -> Found {
        let mut found = Found::default();
        for (index, (known, its_value)) in self.table.fields() {
            if known != name {
                continue;
            }
            if its_value == value {
                return Found { field: Some(index), name: Some(index) };
            }
            if self.indexing == Indexing::Firefox || found.name.is_none() {
                found.name = Some(index);
            }
        }
        found
    }
}

/// Appends a text, in the Huffman code where that is shorter (RFC 7541 section 5.2).
fn text(text: &[u8], out: &mut Vec<u8>) {
    let in_code = huffman::encoded_bytes(text);
    if in_code < text.len() {
        integer::encode(in_code, 7, 0x80, out);
        huffman::encode(text, out);
    } else {
        integer::encode(text.len(), 7, 0x00, out);
        out.extend(text);
    }
}
