//! What a journal says: for each topic where it stands, and its last events. Pure functions from bytes and to bytes.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _, Write};

use bytes::Bytes;
use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::event::{self, Data};

use super::super::topic::{By, Kept};
use super::Problem;
use super::line::{self, Header, LINE_MAX_BYTES, Line, LineError, Published, SEQ_MAX, Standing, VERSION};

/// What a journal says.
#[derive(Debug, PartialEq)]
pub(super) struct Contents {
    pub(super) header: Header,
    pub(super) topics: Vec<Past>,
    /// The last line has no end: it was dropped.
    pub(super) is_cut: bool,
}

/// What was published on one topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Past {
    /// The number of the newest event; 0 for none.
    pub(in super::super) newest: u64,
    /// How many events the program has published.
    pub(in super::super) position: u64,
    /// The last events, up to the newest.
    pub(in super::super) events: VecDeque<PastEvent>,
    /// Bytes of their texts.
    bytes: usize,
}

/// An event that was published.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct PastEvent {
    pub(in super::super) by: By,
    pub(in super::super) at_us: u64,
    pub(in super::super) text: Bytes,
}

/// How much a file holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) lines: u64,
    pub(super) bytes: u64,
}

impl Contents {
    /// Nothing was published yet.
    pub(super) fn nothing(header: Header) -> Contents {
        let topics = vec![Past::default(); header.topics as usize];
        Contents { header, topics, is_cut: false }
    }

    /// Reads a journal that is to belong to the same source and topics as `own`, and keeps so much of each topic. A last
    /// line without its end is dropped: nobody was given its event, since a line is written whole before that.
    ///
    /// # Errors
    /// When it cannot be read, belongs to something else, or has a line that is none.
    pub(super) fn read(mut input: impl BufRead, own: &Header, kept: Kept) -> Result<Contents, Problem> {
        let mut text = Vec::new();
        let at = |line| move |reason| Problem::Line { line, reason };
        if next_line(&mut input, &mut text).map_err(|error| error.at(1))? != End::Whole {
            return Err(at(1)(LineError::NoHeader));
        }
        let mut contents = Contents::nothing(header(&text, own)?);
        for line in 2.. {
            match next_line(&mut input, &mut text).map_err(|error| error.at(line))? {
                End::Whole => contents.take(&text, kept).map_err(at(line))?,
                End::Cut => contents.is_cut = true,
                End::OfFile => break,
            }
        }
        Ok(contents)
    }

    fn take(&mut self, text: &[u8], kept: Kept) -> Result<(), LineError> {
        match serde_json::from_slice(text).map_err(|error| LineError::NoLine(error.column()))? {
            Line::Journal(_) => Err(LineError::NoLine(1)),
            Line::Topic(standing) => self.topic(standing.topic)?.begin(standing),
            Line::Event(published) => self.topic(published.topic)?.append(&published, kept),
        }
    }

    fn topic(&mut self, number: u32) -> Result<&mut Past, LineError> {
        self.topics.get_mut(number as usize).ok_or(LineError::Topic(number))
    }

    /// Writes a journal that says the same.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<Size> {
        let mut size = Size::default();
        let mut line = Vec::new();
        let mut put = |line: &mut Vec<u8>| {
            out.write_all(line)?;
            size.lines += 1;
            size.bytes += line.len() as u64;
            line.clear();
            io::Result::Ok(())
        };
        line::push(&Line::Journal(self.header.clone()), &mut line);
        put(&mut line)?;
        for (topic, past) in (0..).zip(&self.topics) {
            if let Some(standing) = past.before(topic) {
                line::push(&Line::Topic(standing), &mut line);
                put(&mut line)?;
            }
            for event in &past.events {
                line::push_event(topic, event.by, &event.text, &mut line);
                put(&mut line)?;
            }
        }
        Ok(size)
    }
}

impl Past {
    fn begin(&mut self, standing: Standing) -> Result<(), LineError> {
        if self.newest > 0 || standing.newest >= SEQ_MAX || standing.position > standing.newest {
            return Err(LineError::Standing);
        }
        (self.newest, self.position) = (standing.newest, standing.position);
        Ok(())
    }

    fn append(&mut self, published: &Published<'_>, kept: Kept) -> Result<(), LineError> {
        let text = published.text.get().as_bytes();
        let read = event::Event::parse(text).map_err(|_| LineError::Text)?;
        // A text that is written as an event is safe in every framing, whoever has edited the file.
        let mut encoded = Vec::with_capacity(text.len());
        event::encode(read.seq, read.at_us, Data::Json(read.data), &mut encoded);
        if encoded != text || text.len() > PAYLOAD_MAX_BYTES as usize {
            return Err(LineError::Text);
        }
        let wanted = self.newest + 1;
        if read.seq != wanted || wanted >= SEQ_MAX {
            return Err(LineError::Seq { found: read.seq, wanted });
        }
        self.newest = wanted;
        self.position += u64::from(published.by == By::Program);
        self.bytes += encoded.len();
        self.events.push_back(PastEvent { by: published.by, at_us: read.at_us, text: encoded.into() });
        while self.events.len() > 1 && (self.events.len() > kept.events || self.bytes > kept.bytes) {
            self.bytes -= self.events.pop_front().map_or(0, |event| event.text.len());
        }
        Ok(())
    }

    /// The events are not to be offered again; where the topic stands remains.
    pub(super) fn forget_events(&mut self) {
        self.events.clear();
        self.bytes = 0;
    }

    /// Where the topic stood before its first event here; `None` at its very beginning.
    fn before(&self, topic: u32) -> Option<Standing> {
        let by_program = self.events.iter().filter(|event| event.by == By::Program).count() as u64;
        let newest = self.newest - self.events.len() as u64;
        (newest > 0).then_some(Standing { topic, newest, position: self.position - by_program })
    }
}

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Cut,
    OfFile,
}

/// Why there is no line.
enum NoLine {
    Io(io::Error),
    TooLong,
}

impl NoLine {
    fn at(self, line: u64) -> Problem {
        match self {
            NoLine::Io(error) => Problem::Io(error),
            NoLine::TooLong => Problem::Line { line, reason: LineError::TooLong },
        }
    }
}

fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<End, NoLine> {
    line.clear();
    let length = input.take(LINE_MAX_BYTES).read_until(b'\n', line).map_err(NoLine::Io)?;
    match line.last() {
        None => Ok(End::OfFile),
        Some(b'\n') => Ok(End::Whole),
        Some(_) if length as u64 == LINE_MAX_BYTES => Err(NoLine::TooLong),
        Some(_) => Ok(End::Cut),
    }
}

fn header(text: &[u8], own: &Header) -> Result<Header, Problem> {
    let no_header = |reason| Problem::Line { line: 1, reason };
    let Ok(Line::Journal(header)) = serde_json::from_slice(text) else {
        return Err(no_header(LineError::NoHeader));
    };
    if header.version != VERSION {
        return Err(no_header(LineError::Version(header.version)));
    }
    if header.source != own.source {
        return Err(Problem::Source { found: header.source, wanted: own.source.clone() });
    }
    if header.topics != own.topics {
        return Err(Problem::Topics { found: header.topics, wanted: own.topics });
    }
    Ok(header)
}
