//! Frames and header compression of HTTP/2: the standards' own examples, the sizes that browsers were captured with, the
//! h2 crate as a witness, and bytes that no good peer would send. `*.txt`: the browsers' heads on HTTP/1.1 inside TLS,
//! each after a line with its name and length.
#![allow(clippy::unwrap_used)]

mod browsers;
mod crossing;
mod examples;
mod frame;
mod hostile;
mod round_trip;

use feedbench_wire::h2::hpack::{Decoder, Encoder, HpackError};

/// A list of header fields that owns its texts.
type Fields = Vec<(String, String)>;

fn fields(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn encoded(encoder: &mut Encoder, fields: &[(String, String)]) -> Vec<u8> {
    let mut block = Vec::new();
    encoder.encode(fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), &mut block);
    block
}

fn decoded(decoder: &mut Decoder, block: &[u8]) -> Result<Fields, HpackError> {
    let mut fields = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    decoder.decode(block, |name, value| fields.push((text(name), text(value))))?;
    Ok(fields)
}
