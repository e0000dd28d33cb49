//! Events from standard input: one a line, at the instant it was read.

use std::io::{self, BufRead};
use std::sync::Arc;

use feedbench_record::run::Window;
use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::Clock;
use feedbench_wire::event::{self, Data, EMPTY_BYTES};

use crate::feed::{By, Feed, NotPublished};
use crate::publisher::Published;

/// The longest escape of one byte of text, as `\u003c` (bytes).
const ESCAPE_BYTES: usize = 6;

/// Publishes each line of `input` on every topic until the input or the feed ends. A line that is too long is skipped;
/// `warn` gets a sentence that names it. Blocks: it belongs on a thread of its own.
///
/// # Errors
/// When the input cannot be read.
pub fn publish(input: impl BufRead, feed: &Arc<Feed>, clock: Clock, warn: impl Fn(String)) -> io::Result<()> {
    let mut lines = Lines::of(input);
    while let Some(text) = lines.next(&warn)? {
        let at_us = clock.now_us();
        for topic in feed.topics() {
            match topic.publish(By::Program, at_us, Data::Text(&text)) {
                Ok(_) => {}
                Err(NotPublished::Ended) => return Ok(()),
                Err(NotPublished::TooLong(_)) => unreachable!("the length of every line was looked at"),
            }
        }
    }
    Ok(())
}

/// The lines of an input that can be events.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of an input, from where it stands.
    pub fn of(input: R) -> Lines<R> {
        Lines { input, line: Vec::new(), number: 0 }
    }

    /// The next line without its end; `None` at the end of the input. What is no UTF-8 is replaced by U+FFFD; a line that
    /// is too long is skipped, and `warn` gets a sentence that names it. Blocks.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub fn next(&mut self, warn: impl Fn(String)) -> io::Result<Option<String>> {
        loop {
            let length = read_line(&mut self.input, &mut self.line)?;
            self.number += 1;
            let number = self.number;
            if length == 0 {
                return Ok(None);
            }
            if length > self.line.len() as u64 {
                warn(format!("line {number} of the input skipped: {length} bytes, {PAYLOAD_MAX_BYTES} are the most"));
                continue;
            }
            let text = String::from_utf8_lossy(trim_end(&self.line)).into_owned();
            match event_bytes(&text) {
                bytes if bytes > PAYLOAD_MAX_BYTES as usize => {
                    warn(format!("line {number} of the input skipped: {}", NotPublished::TooLong(bytes)));
                }
                _ => return Ok(Some(text)),
            }
        }
    }
}

/// The length of the event text of a line (bytes), or more than that where it is far from the most.
fn event_bytes(text: &str) -> usize {
    let at_most = EMPTY_BYTES + text.len() * ESCAPE_BYTES;
    if at_most <= PAYLOAD_MAX_BYTES as usize {
        return at_most;
    }
    let mut encoded = Vec::new();
    event::encode(1, 0, Data::Text(text), &mut encoded);
    encoded.len()
}

/// Publishes the lines that somebody else reads, each at the instant that comes with it.
#[derive(Debug)]
pub struct Told {
    feed: Arc<Feed>,
    window: Window,
    /// What was published so far.
    pub published: Published,
}

impl Told {
    /// Nothing is published yet.
    pub fn new(feed: Arc<Feed>, window: Window) -> Told {
        let published = Published::none(feed.topics().len());
        Told { feed, window, published }
    }

    /// Publishes a line on every topic, unless its instant lies after the window.
    pub fn publish(&mut self, at_us: u64, line: &str, clock: Clock) {
        if at_us >= self.window.end_us {
            return;
        }
        for (index, topic) in self.feed.topics().iter().enumerate() {
            let lag_us = clock.now_us() as i64 - at_us as i64;
            // A feed that has ended, and a line whose length nobody looked at.
            if topic.publish(By::Program, at_us, Data::Text(line)).is_err() {
                return;
            }
            self.published.total[index] += 1;
            if self.window.contains(at_us) {
                self.published.in_window[index] += 1;
                self.published.lag.record(lag_us);
            }
        }
    }
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
    fn a_line_that_was_read_elsewhere_has_the_instant_at_which_it_was_read() {
        let feed = Arc::new(Feed::new(2, Kept { events: 100, bytes: 1 << 20 }, 1));
        let mut told = Told::new(Arc::clone(&feed), Window { start_us: 1_000, end_us: 2_000 });
        for at_us in [999, 1_000, 1_999, 2_000] {
            told.publish(at_us, "x", Clock::Monotonic);
        }
        let batch = feed.topics()[1].read_after(Some(Cursor { epoch: 1, seq: 0 }), Limits::ANSWER).unwrap();
        assert_eq!(batch.events.iter().map(|event| event.at_us()).collect::<Vec<_>>(), [999, 1_000, 1_999]);
        assert_eq!((told.published.total, told.published.in_window), (vec![3, 3], vec![2, 2]));
        assert_eq!(told.published.lag.count(), 4);
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
