//! A WebSocket frame taken apart bit by bit (RFC 6455 section 5.2), from the bytes of a trace.

use feedbench_record::Way;
use feedbench_record::trace::{Step, StepKind, Trace, What};

use super::hex;
use crate::number::grouped;

/// Bytes of payload that are unmasked one by one.
const SHOWN_BYTES: usize = 8;

/// A frame as it stood on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    header: Vec<u8>,
    /// Masked, if the header says so.
    payload: Vec<u8>,
}

/// A field of the header: its bits, what they are as a number, and what that means.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// `0` and `1`, a space after each byte.
    pub(crate) bits: String,
    pub(crate) value: String,
    pub(crate) meaning: String,
}

/// One byte of the payload and its mask (section 5.3).
pub(crate) struct Unmasked {
    pub(crate) index: usize,
    pub(crate) wire: u8,
    pub(crate) key: u8,
    pub(crate) plain: u8,
}

/// The frames that a step carries. A header that is not whole, or not as long as it says, is no frame.
pub(crate) fn of_step(step: &Step) -> Vec<Frame> {
    let headers = step.runs.iter().enumerate().filter(|(_, run)| run.what == What::FrameHeader);
    let frame = |(index, run): (usize, &feedbench_record::trace::Run)| {
        let behind = step.runs[index + 1..].iter().flat_map(|run| run.bytes.iter().copied());
        Frame::of(&run.bytes, behind)
    };
    headers.filter_map(frame).collect()
}

/// The frame that shows best how one direction writes, with its step: an event from the server, a payload from the
/// client.
pub(crate) fn example(trace: &Trace, way: Way) -> Option<(&Step, Frame)> {
    let rank = |step: &Step, frame: &Frame| (step.kind == StepKind::Event, !frame.payload.is_empty());
    let frames = trace.steps.iter().filter(|step| step.way == way);
    let frames = frames.flat_map(|step| of_step(step).into_iter().map(move |frame| (step, frame)));
    // The first of the best.
    frames.reduce(|best, next| if rank(next.0, &next.1) > rank(best.0, &best.1) { next } else { best })
}

impl Frame {
    fn of(header: &[u8], behind: impl Iterator<Item = u8>) -> Option<Frame> {
        let &[_, second, ..] = header else { return None };
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let masked = if second & 0x80 == 0 { 0 } else { 4 };
        let mut frame = Frame { header: header.to_vec(), payload: Vec::new() };
        if header.len() != 2 + extended + masked {
            return None;
        }
        frame.payload = behind.take(usize::try_from(frame.payload_bytes()).unwrap_or(usize::MAX)).collect();
        Some(frame)
    }

    /// The length that the header names (bytes).
    pub(crate) fn payload_bytes(&self) -> u64 {
        match self.extended() {
            [] => u64::from(self.header[1] & 0x7f),
            extended => extended.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        }
    }

    fn extended(&self) -> &[u8] {
        let end = self.header.len() - if self.key().is_some() { 4 } else { 0 };
        &self.header[2..end]
    }

    fn key(&self) -> Option<[u8; 4]> {
        if self.header[1] & 0x80 == 0 { None } else { self.header.last_chunk::<4>().copied() }
    }

    /// Does it carry a mask?
    pub(crate) fn masked(&self) -> bool {
        self.key().is_some()
    }

    /// What the frame is for (section 11.8).
    pub(crate) fn opcode(&self) -> &'static str {
        match self.header[0] & 0x0f {
            0x0 => "continuation",
            0x1 => "text",
            0x2 => "binary",
            0x8 => "close",
            0x9 => "ping",
            0xa => "pong",
            _ => "reserved",
        }
    }

    /// The header's fields, in the order of the wire.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let [first, second] = [self.header[0], self.header[1]];
        let field =
            |name, bits: String, value: String, meaning: &str| Field { name, bits, value, meaning: meaning.to_owned() };
        let fin = first >> 7;
        let reserved = first >> 4 & 0b111;
        let length = second & 0x7f;
        let mut fields = vec![
            field(
                "FIN",
                fin.to_string(),
                fin.to_string(),
                if fin == 1 { "the message ends with this frame" } else { "more frames of the message follow" },
            ),
            field(
                "RSV1 to RSV3",
                format!("{reserved:03b}"),
                reserved.to_string(),
                if reserved == 0 { "no extension is in use" } else { "an extension gives them a meaning" },
            ),
            field("opcode", format!("{:04b}", first & 0x0f), format!("0x{:x}", first & 0x0f), self.opcode()),
            field(
                "MASK",
                (second >> 7).to_string(),
                (second >> 7).to_string(),
                if self.masked() {
                    "masked: section 5.1 asks it of a client"
                } else {
                    "not masked: section 5.1 forbids it a server"
                },
            ),
            field(
                "Payload len",
                format!("{length:07b}"),
                length.to_string(),
                match length {
                    126 => "the length stands in the next 16 bits",
                    127 => "the length stands in the next 64 bits",
                    _ => "the length (bytes)",
                },
            ),
        ];
        if !self.extended().is_empty() {
            let value = grouped(self.payload_bytes());
            fields.push(field("Extended payload length", bits(self.extended()), value, "the length (bytes)"));
        }
        if let Some(key) = self.key() {
            let meaning = "drawn anew for each frame (section 5.3)";
            fields.push(field("Masking-key", bits(&key), hex::digits(&key), meaning));
        }
        fields
    }

    /// The header and the first bytes of the payload, which is all that the figure draws.
    pub(crate) fn drawn_payload(&self) -> &[u8] {
        // To the end of a line of 32 bits, and one line more.
        let to_line_end = (4 - self.header.len() % 4) % 4;
        &self.payload[..self.payload.len().min(to_line_end + 4)]
    }

    /// Bytes of payload behind those.
    pub(crate) fn not_drawn_bytes(&self) -> u64 {
        self.payload_bytes().saturating_sub(self.drawn_payload().len() as u64)
    }

    /// The first bytes of a masked payload, each with its byte of the key. Nothing for a frame without a mask.
    pub(crate) fn unmasking(&self) -> Vec<Unmasked> {
        self.unmasked().take(SHOWN_BYTES).collect()
    }

    fn unmasked(&self) -> impl Iterator<Item = Unmasked> + '_ {
        let key = self.key().map(|key| key.into_iter().cycle());
        let pairs = self.payload.iter().zip(key.into_iter().flatten()).enumerate();
        pairs.map(|(index, (&wire, key))| Unmasked { index, wire, key, plain: wire ^ key })
    }

    /// What the frame says, once the mask is off; a close frame's code apart from its text (section 5.5.1).
    pub(crate) fn says(&self) -> String {
        let plain: Vec<u8> = match self.key() {
            Some(_) => self.unmasked().map(|byte| byte.plain).collect(),
            None => self.payload.clone(),
        };
        match (self.opcode(), plain.split_first_chunk::<2>()) {
            (_, None) if plain.is_empty() => "no payload".to_owned(),
            ("close", Some((&code, []))) => format!("code {}", u16::from_be_bytes(code)),
            ("close", Some((&code, reason))) => {
                format!("code {}, \"{}\"", u16::from_be_bytes(code), hex::text(reason))
            }
            _ => hex::text(&plain),
        }
    }
}

/// Bits of bytes, a space between two bytes.
pub(crate) fn bits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:08b}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn frame(header: &[u8], payload: &[u8]) -> Option<Frame> {
        Frame::of(header, payload.iter().copied())
    }

    fn field(frame: &Frame, name: &str) -> String {
        frame.fields().into_iter().find(|field| field.name == name).map(|field| field.value).unwrap_or_default()
    }

    /// The examples of RFC 6455 section 5.7.
    #[test]
    fn the_examples_of_the_standard_are_read_as_it_says() {
        let hello = frame(&[0x81, 0x05], b"Hello").unwrap();
        assert_eq!((hello.opcode(), hello.payload_bytes(), hello.masked()), ("text", 5, false));
        assert!(hello.unmasking().is_empty());
        let masked = frame(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], &[0x7f, 0x9f, 0x4d, 0x51, 0x58]).unwrap();
        assert_eq!(masked.says(), "Hello");
        assert_eq!(field(&masked, "Masking-key"), "37 fa 21 3d");
        assert_eq!(frame(&[0x82, 0x7e, 0x01, 0x00], &[]).unwrap().payload_bytes(), 256);
        let long = frame(&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], &[7; 70_000]).unwrap();
        assert_eq!((long.payload_bytes(), long.payload.len()), (65_536, 65_536));
        assert_eq!(field(&long, "Extended payload length"), "65,536");
    }

    #[test]
    fn the_bits_of_all_fields_are_the_bits_of_the_header() {
        for header in [
            vec![0x81, 0x64],
            vec![0x82, 0x7e, 0x01, 0x2c],
            vec![0x01, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0],
            vec![0x88, 0x82, 1, 2, 3, 4],
            vec![0xf1, 0xfe, 0xff, 0xff, 9, 8, 7, 6],
            vec![0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 5, 6, 7, 8],
        ] {
            let frame = frame(&header, &[]).unwrap();
            let fields: String = frame.fields().iter().map(|field| field.bits.replace(' ', "")).collect();
            assert_eq!(fields, bits(&header).replace(' ', ""));
        }
    }

    #[test]
    fn a_header_that_is_not_whole_is_no_frame() {
        for header in [&[][..], &[0x81], &[0x81, 0x85, 1, 2, 3], &[0x82, 0x7e, 1], &[0x81, 0x05, 0]] {
            assert_eq!(frame(header, &[]), None, "{header:02x?}");
        }
    }

    #[test]
    fn a_close_frame_says_its_code() {
        assert_eq!(frame(&[0x88, 0x06], b"\x03\xe9away").unwrap().says(), "code 1001, \"away\"");
        assert_eq!(frame(&[0x88, 0x00], b"").unwrap().says(), "no payload");
    }
}
