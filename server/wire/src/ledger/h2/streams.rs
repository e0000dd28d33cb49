//! The streams of a connection that are going on.

use feedbench_record::ledger::Way;

use super::fields::Fields;
use super::stream::Stream;
use crate::ledger::Found;
use crate::ledger::asked::About;
use crate::reader::TEXT_MAX_BYTES;

/// How many streams are kept at once. Those beyond are not understood, unless others are only kept for what may still come.
const STREAMS_MAX: usize = 1_024;
/// How much may be held of the contents of all streams (bytes): the longest text of several streams at once. A stream that
/// would need more is not understood.
const HELD_MAX_BYTES: usize = 32 * TEXT_MAX_BYTES;

/// The streams, from the oldest to the newest.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// By their numbers, which grow.
    // Boxed, because to take one out moves all after it.
    going_on: Vec<(u32, Box<Stream>)>,
    /// The number of the last one.
    last: u32,
    /// A pushed transport was opened.
    opened: bool,
    /// What is held of contents (bytes).
    held: usize,
    /// What was held of streams that were reset and are no longer kept (bytes).
    reset: [u64; Way::ALL.len()],
}

impl Streams {
    /// A request's head, or the fields after its content; `ends` if it is the last frame of the direction. Says what is
    /// asked for, if it is a head.
    pub(super) fn request(
        &mut self,
        number: u32,
        fields: &Fields,
        wire: usize,
        ends: bool,
        found: &mut impl FnMut(Found<'_>),
    ) -> Option<About> {
        let mut begun = None;
        match self.place(number) {
            Some(at) => self.going_on[at].1.trailers(Way::Up, wire, found),
            // A client's streams are odd, and each has a number above those before (RFC 9113 section 5.1.1).
            None if number % 2 == 1 && number > self.last && self.make_room() => {
                self.last = number;
                let stream = Stream::new(fields, self.opened, wire, found);
                self.opened |= stream.about().is_pushed();
                begun = Some(stream.about());
                self.going_on.push((number, Box::new(stream)));
            }
            None => {}
        }
        if ends {
            self.end(Way::Up, number, found);
        }
        begun
    }

    /// An answer's head, or the fields after its content. As with [`Streams::request`].
    pub(super) fn answer(
        &mut self,
        number: u32,
        fields: &Fields,
        wire: usize,
        ends: bool,
        found: &mut impl FnMut(Found<'_>),
    ) -> Option<About> {
        let at = self.place(number)?;
        let stream = &mut self.going_on[at].1;
        let mut begun = None;
        if stream.awaits_answer() {
            self.held -= stream.held_bytes(Way::Up);
            let is_answer = stream.answer(fields, wire, found);
            self.held += stream.held_bytes(Way::Up);
            begun = is_answer.then(|| stream.about());
        } else {
            stream.trailers(Way::Down, wire, found);
        }
        if ends {
            self.end(Way::Down, number, found);
        }
        begun
    }

    /// Bytes around the content of a DATA frame, and how many of its bytes therefore belong to what comes next.
    pub(super) fn around(
        &mut self,
        way: Way,
        number: u32,
        count: usize,
        framing: usize,
        found: &mut impl FnMut(Found<'_>),
    ) {
        if let Some(at) = self.place(number) {
            self.going_on[at].1.around(way, count, framing, found);
        }
    }

    /// The content of a DATA frame, or a part of it.
    pub(super) fn content(&mut self, way: Way, number: u32, data: &[u8], found: &mut impl FnMut(Found<'_>)) {
        let Some(at) = self.place(number) else { return };
        let stream = &mut self.going_on[at].1;
        self.held -= stream.held_bytes(way);
        stream.content(way, data, found);
        self.held += stream.held_bytes(way);
        if self.held > HELD_MAX_BYTES {
            self.held -= stream.held_bytes(way);
            stream.lose(way);
        }
    }

    /// The last frame of a direction has come.
    pub(super) fn end(&mut self, way: Way, number: u32, found: &mut impl FnMut(Found<'_>)) {
        let Some(at) = self.place(number) else { return };
        let stream = &mut self.going_on[at].1;
        self.held -= stream.held_bytes(way);
        stream.end(way, found);
        self.drop_if_over(at);
    }

    /// The sender of a direction has given the stream up.
    pub(super) fn reset(&mut self, way: Way, number: u32) {
        let Some(at) = self.place(number) else { return };
        let stream = &mut self.going_on[at].1;
        self.held -= stream.held_bytes(way);
        self.reset[way.index()] += stream.open_bytes(way);
        stream.reset(way);
        self.drop_if_over(at);
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.held
    }

    /// What is held of streams that were reset, or was.
    pub(super) fn reset_bytes(&self, way: Way) -> u64 {
        let reset = self.going_on.iter().filter(|(_, stream)| stream.is_reset);
        self.reset[way.index()] + reset.map(|(_, stream)| stream.open_bytes(way)).sum::<u64>()
    }

    fn place(&self, number: u32) -> Option<usize> {
        self.going_on.binary_search_by_key(&number, |(number, _)| *number).ok()
    }

    fn drop_if_over(&mut self, at: usize) {
        if self.going_on[at].1.is_over() {
            self.going_on.remove(at);
        }
    }

    /// Is there room for one more? The oldest of those that are only kept for what may still come has to go.
    fn make_room(&mut self) -> bool {
        if self.going_on.len() < STREAMS_MAX {
            return true;
        }
        let Some(at) = self.going_on.iter().position(|(_, stream)| stream.may_be_over()) else { return false };
        let (_, stream) = self.going_on.remove(at);
        for way in Way::ALL {
            self.held -= stream.held_bytes(way);
            if stream.is_reset {
                self.reset[way.index()] += stream.open_bytes(way);
            }
        }
        true
    }
}
