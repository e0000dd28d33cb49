//! Events from standard input: one a line, at the instant it was read.

use std::io::{self, BufRead};
use std::sync::Arc;

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::Clock;
use feedbench_wire::event::Data;

use crate::feed::{Feed, NotPublished};

/// Publishes each line of `input` on every topic until the input or the feed ends. A line that is too long is skipped;
/// `warn` gets a sentence that names it. Blocks: it belongs on a thread of its own.
///
/// # Errors
/// When the input cannot be read.
pub fn publish(mut input: impl BufRead, feed: &Arc<Feed>, clock: Clock, warn: impl Fn(String)) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        let length = read_line(&mut input, &mut line)?;
        if length == 0 {
            break;
        }
        if length > line.len() as u64 {
            warn(format!("line {number} of the input skipped: {length} bytes, {PAYLOAD_MAX_BYTES} are the most"));
            continue;
        }
        let at_us = clock.now_us();
        let text = String::from_utf8_lossy(trim_end(&line));
        for topic in feed.topics() {
            match topic.publish(at_us, Data::Text(&text)) {
                Ok(_) => {}
                Err(NotPublished::Ended) => return Ok(()),
                Err(error @ NotPublished::TooLong(_)) => {
                    warn(format!("line {number} of the input skipped: {error}"));
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Reads a line with its end and returns its length; 0 at the end of the input. Keeps no more of it in `line` than an
/// event may have.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    let mut length = 0;
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        let end = available.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(available.len(), |end| end + 1);
        let room = (PAYLOAD_MAX_BYTES as usize - line.len()).min(taken);
        line.extend_from_slice(&available[..room]);
        input.consume(taken);
        length += taken as u64;
        if end.is_some() || taken == 0 {
            return Ok(length);
        }
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::feed::{Kept, Limits};
    use feedbench_wire::Cursor;
    use std::cell::RefCell;

    fn published(input: &[u8], piece: usize) -> (Vec<String>, Vec<String>) {
        let feed = Arc::new(Feed::new(2, Kept { events: 100, bytes: 1 << 20 }, 1));
        let warnings = RefCell::new(Vec::new());
        let input = io::BufReader::with_capacity(piece, input);
        publish(input, &feed, Clock::Monotonic, |text| warnings.borrow_mut().push(text)).unwrap();
        let texts = |topic: usize| -> Vec<String> {
            let batch = feed.topics()[topic].read_after(Some(Cursor { epoch: 1, seq: 0 }), Limits::ANSWER).unwrap();
            let data = |text: &[u8]| {
                let event = feedbench_wire::event::Event::parse(text).unwrap();
                serde_json::from_str::<String>(event.data.get()).unwrap()
            };
            batch.events.iter().map(|event| data(event.text())).collect()
        };
        assert_eq!(texts(0), texts(1), "every topic has every line");
        (texts(0), warnings.into_inner())
    }

    #[test]
    fn each_line_is_an_event_however_the_input_is_split() {
        for piece in [1, 2, 3, 100] {
            let (texts, warnings) = published(b"one\r\n\ntwo \xff\nlast", piece);
            assert_eq!(texts, ["one", "", "two \u{fffd}", "last"]);
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_named() {
        let long = vec![b'x'; PAYLOAD_MAX_BYTES as usize + 10];
        let (texts, warnings) = published(&[b"a\n", &long[..], b"\nb\n"].concat(), 8_192);
        assert_eq!(texts, ["a", "b"]);
        assert!(warnings[0].starts_with("line 2 of the input skipped"), "{warnings:?}");
        let escaped = vec![b'<'; PAYLOAD_MAX_BYTES as usize / 2];
        let (texts, warnings) = published(&[&escaped[..], b"\nb\n"].concat(), 8_192);
        assert_eq!((texts.len(), warnings.len()), (1, 1));
    }
}
