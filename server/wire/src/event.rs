//! The event text: the same bytes on every transport.
//!
//! ```text
//! {"seq":         7,"at":   1723456789012,"data":"…"}
//! ```
//!
//! `seq` and `at` are padded with spaces to a fixed width, so that bytes per event depend neither on uptime nor on
//! progress. The characters that could end a script element, a `data:` line or a JavaScript string early are written as
//! `\u` escapes, so the same text is safe in every framing.

use std::io::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The width of `seq` in the text (characters).
const SEQ_WIDTH: usize = 10;
/// The width of `at` in the text (characters): microseconds for 317 years.
const AT_WIDTH: usize = 16;

/// The length of an event text whose data is the empty string (bytes).
pub const EMPTY_BYTES: usize = r#"{"seq":"#.len() + SEQ_WIDTH + r#","at":"#.len() + AT_WIDTH + r#","data":""}"#.len();

/// What an event carries.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// Any text: written as a JSON string.
    Text(&'a str),
    /// A JSON value in its own words.
    Json(&'a RawValue),
}

/// Appends the event text to `out`. `at_us` is the intended publish instant in microseconds of CLOCK_MONOTONIC.
pub fn encode(seq: u64, at_us: u64, data: Data<'_>, out: &mut Vec<u8>) {
    write!(out, r#"{{"seq":{seq:SEQ_WIDTH$},"at":{at_us:AT_WIDTH$},"data":"#).expect("writing to a Vec does not fail");
    match data {
        Data::Text(text) => {
            out.push(b'"');
            text.chars().for_each(|c| push_string_char(c, out));
            out.push(b'"');
        }
        Data::Json(value) => push_json(value.get(), out),
    }
    out.push(b'}');
}

/// A character inside a JSON string.
fn push_string_char(c: char, out: &mut Vec<u8>) {
    match c {
        '"' => out.extend_from_slice(br#"\""#),
        '\\' => out.extend_from_slice(br"\\"),
        _ => push_plain_char(c, out),
    }
}

/// A character that is either harmless in every framing or written as an escape.
fn push_plain_char(c: char, out: &mut Vec<u8>) {
    match c {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
            write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a Vec does not fail");
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// A JSON value in its own words. Outside its strings only blanks can need a change: a line break would end a framing.
fn push_json(value: &str, out: &mut Vec<u8>) {
    let mut in_string = false;
    let mut escaped = false;
    for c in value.chars() {
        if !in_string && matches!(c, '\n' | '\r' | '\t') {
            out.push(b' ');
            continue;
        }
        in_string ^= c == '"' && !escaped;
        escaped = in_string && c == '\\' && !escaped;
        push_plain_char(c, out);
    }
}

/// An event text that was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event<'a> {
    /// The sequence number: from 1, without a gap, for each topic.
    pub seq: u64,
    /// The intended publish instant (us of the publisher's CLOCK_MONOTONIC).
    #[serde(rename = "at")]
    pub at_us: u64,
    /// What it carries, as JSON.
    #[serde(borrow)]
    pub data: &'a RawValue,
}

impl<'a> Event<'a> {
    /// Reads an event text.
    ///
    /// # Errors
    /// When the text is no event: whatever else it is, it was not made by [`encode`].
    pub fn parse(text: &'a [u8]) -> Result<Event<'a>, serde_json::Error> {
        serde_json::from_slice(text)
    }
}

/// What the delivery of an event is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The sequence number.
    pub seq: u64,
    /// The intended publish instant (us of the publisher's CLOCK_MONOTONIC).
    pub at_us: u64,
}

impl Stamp {
    /// Reads an event text; `None` when it is no event, as [`Event::parse`] has it. What [`encode`] made of a plain string
    /// is read without a JSON parser: a load generator reads nothing more often.
    pub fn read(text: &[u8]) -> Option<Stamp> {
        plain(text).or_else(|| Event::parse(text).ok().map(|Event { seq, at_us, .. }| Stamp { seq, at_us }))
    }
}

/// The stamp of an event whose numbers have the widths of [`encode`] and whose data is a string of ASCII without escapes.
fn plain(text: &[u8]) -> Option<Stamp> {
    let (seq, rest) = text.strip_prefix(br#"{"seq":"#)?.split_at_checked(SEQ_WIDTH)?;
    let (at_us, rest) = rest.strip_prefix(br#","at":"#)?.split_at_checked(AT_WIDTH)?;
    let data = rest.strip_prefix(br#","data":""#)?.strip_suffix(br#""}"#)?;
    // In pieces of one length, so that the compiler looks at all bytes of one at once.
    let (pieces, rest) = data.as_chunks::<16>();
    let is_plain = pieces.iter().all(|piece| !any_special(piece)) && !any_special(rest);
    is_plain.then_some(Stamp { seq: padded(seq)?, at_us: padded(at_us)? })
}

/// Is any byte no ASCII, a control character, or one that a string of JSON cannot hold as it is?
#[inline(always)]
fn any_special(bytes: &[u8]) -> bool {
    let special = |b: u8| u8::from(b < 0x20) | u8::from(b >= 0x80) | u8::from(b == b'"') | u8::from(b == b'\\');
    bytes.iter().fold(0, |any, &b| any | special(b)) != 0
}

/// A number of JSON with blanks before it, short enough not to overflow.
fn padded(text: &[u8]) -> Option<u64> {
    let blanks = text.iter().take_while(|&&b| b == b' ').count();
    let digits = &text[blanks..];
    if digits.is_empty() || (digits[0] == b'0' && digits.len() > 1) {
        return None;
    }
    let (number, wrong) = digits.iter().fold((0, false), |(number, wrong), &b| {
        let digit = b.wrapping_sub(b'0');
        (10 * number + u64::from(digit), wrong | (digit > 9))
    });
    (!wrong).then_some(number)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(seq: u64, at_us: u64, data: Data<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        encode(seq, at_us, data, &mut out);
        out
    }

    #[test]
    fn the_text_has_this_form() {
        let text = text_of(7, 1_723_456_789_012, Data::Text("tick"));
        assert_eq!(text, br#"{"seq":         7,"at":   1723456789012,"data":"tick"}"#);
        assert_eq!(text.len(), EMPTY_BYTES + 4);
    }

    #[test]
    fn the_length_depends_neither_on_progress_nor_on_uptime() {
        let early = text_of(1, 1, Data::Text("x"));
        let late = text_of(9_999_999_999, 9_999_999_999_999_999, Data::Text("x"));
        assert_eq!(early.len(), late.len());
    }

    #[test]
    fn a_json_value_keeps_its_own_words() {
        let value = serde_json::from_str::<&RawValue>("{\"t\":1.50,\t\"s\":\"a\\\"<b\",\n\"n\":[1 ,2]}").unwrap();
        let text = String::from_utf8(text_of(1, 2, Data::Json(value))).unwrap();
        assert!(text.ends_with(r#""data":{"t":1.50, "s":"a\"\u003cb", "n":[1 ,2]}}"#), "{text}");
    }

    fn is_safe(text: &[u8]) -> bool {
        let text = std::str::from_utf8(text).unwrap();
        !text.chars().any(|c| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') || c.is_control())
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_is_safe_in_every_framing(seq: u64, at_us: u64, data: String) {
            let text = text_of(seq, at_us, Data::Text(&data));
            prop_assert!(is_safe(&text));
            let event = Event::parse(&text).unwrap();
            prop_assert_eq!((event.seq, event.at_us), (seq, at_us));
            prop_assert_eq!(serde_json::from_str::<String>(event.data.get()).unwrap(), data);
        }

        #[test]
        fn any_json_value_comes_back_and_is_safe(strings in proptest::collection::vec(any::<String>(), 0..5), n: i64) {
            let value = serde_json::json!({ "strings": strings, "n": n, "markup": "</script>\u{2028}&" });
            for written in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
                let raw = serde_json::from_str::<&RawValue>(&written).unwrap();
                let text = text_of(1, 2, Data::Json(raw));
                prop_assert!(is_safe(&text));
                let event = Event::parse(&text).unwrap();
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(event.data.get()).unwrap(), &value);
            }
        }

        #[test]
        fn a_stamp_is_what_the_json_parser_reads(
            seq in prop_oneof![any::<u64>(), 0u64..10_000_000_000],
            at_us in prop_oneof![any::<u64>(), 0u64..1_000_000],
            data in prop_oneof!["[ -~]{0,40}", any::<String>()],
            at: prop::sample::Index,
            byte in prop_oneof![Just(None), any::<u8>().prop_map(Some), proptest::sample::select(b" 0\"\\,}".to_vec()).prop_map(Some)],
        ) {
            let mut text = text_of(seq, at_us, Data::Text(&data));
            if let Some(byte) = byte {
                let at = at.index(text.len());
                text[at] = byte;
            }
            let parsed = Event::parse(&text).ok().map(|Event { seq, at_us, .. }| Stamp { seq, at_us });
            prop_assert_eq!(Stamp::read(&text), parsed, "{}", text.escape_ascii());
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes: Vec<u8>) {
            let _ = Event::parse(&bytes);
        }
    }
}
