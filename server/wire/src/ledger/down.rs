//! What the server sends: answers, and after an upgrade frames.

use feedbench_record::ledger::{Exchanges, Layer};
use feedbench_record::trace::{StepKind, What};
use feedbench_record::transport::Transport;

use super::asked::{About, Asked};
use super::body::Body;
use super::content::Content;
use super::frames::Frames;
use super::repetition::Says;
use super::waiting::Waiting;
use super::{ExchangeKind, Found, Shared, UNASKED, wide};
use crate::deflate::permessage::Agreed;
use crate::reader::ReadError;
use crate::reader::frame::Sender;
use crate::reader::head::{self, BodyLength};

/// The place in what the server sends.
#[derive(Debug)]
pub(super) enum Down {
    /// Between two answers, or in a head.
    Head(head::Reader),
    /// In an answer's body.
    Body(Box<Answer>),
    /// Past the upgrade.
    Frames(Frames),
    /// After bytes that no reader understood.
    Lost,
}

/// An answer whose body has begun.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    is_stream: bool,
    /// Bytes so far, head included.
    down: u64,
}

impl Default for Down {
    fn default() -> Self {
        Down::Head(head::Reader::default())
    }
}

impl Down {
    pub(super) fn push(&mut self, mut bytes: &[u8], shared: &mut Shared, found: &mut impl FnMut(Found<'_>)) {
        while !bytes.is_empty() {
            if self.step(&mut bytes, shared, found).is_err() {
                *self = Down::Lost;
            }
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Down::Head(reader) => reader.pending_bytes(),
            Down::Body(answer) => answer.body.held_bytes(),
            Down::Frames(frames) => frames.held_bytes(),
            Down::Lost => 0,
        }
    }

    /// Takes at least a byte.
    fn step(
        &mut self,
        bytes: &mut &[u8],
        shared: &mut Shared,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<(), ReadError> {
        match self {
            Down::Head(reader) => {
                let asked = shared.asked.oldest().ok_or(UNASKED)?;
                let last = shared.heads.as_ref().map_or(&[][..], |heads| heads.last_answer());
                if let Some(head) = reader.bytes_again(last, bytes)? {
                    *self = match after_head(asked, head, bytes, shared, found)? {
                        After::Head => Down::default(),
                        After::Frames => Down::Frames(Frames::new(Sender::Server, shared.deflate)),
                        After::Body(answer) => answer.begin(bytes, shared, found)?,
                    };
                }
                Ok(())
            }
            Down::Body(answer) => {
                if answer.push(bytes, shared, found)? {
                    *self = Down::default();
                }
                Ok(())
            }
            Down::Frames(frames) => frames.push(bytes, found),
            Down::Lost => {
                *bytes = &[];
                Ok(())
            }
        }
    }
}

impl Answer {
    /// Takes what is there of a body that begins. Most bodies come with their heads and are over before anything has to be
    /// kept.
    fn begin(
        mut self,
        bytes: &mut &[u8],
        shared: &mut Shared,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<Down, ReadError> {
        while !bytes.is_empty() {
            if self.push(bytes, shared, found)? {
                return Ok(Down::default());
            }
        }
        Ok(Down::Body(Box::new(self)))
    }

    /// Takes at least a byte; true when the last one was among them.
    fn push(
        &mut self,
        bytes: &mut &[u8],
        shared: &mut Shared,
        found: &mut impl FnMut(Found<'_>),
    ) -> Result<bool, ReadError> {
        let before = bytes.len();
        let ended = self.body.push(bytes, found)?;
        self.down += wide(before - bytes.len());
        if ended {
            let asked = shared.asked.pop().ok_or(UNASKED)?;
            found(Found::Step(if self.is_stream { StepKind::StreamEnd } else { StepKind::Answer }));
            end_exchange(asked, self.down, self.body.events(), found);
        }
        Ok(ended)
    }
}

/// What follows the head of an answer.
enum After {
    /// Another head.
    Head,
    /// A body of at least a byte, or one that ends with the connection.
    Body(Answer),
    /// Frames.
    Frames,
}

/// The length of a body that brings nothing: there is none, or it is the empty array of most polls, which is there as a
/// whole.
fn brings_nothing(is_array: bool, length: BodyLength, bytes: &[u8]) -> Option<usize> {
    const NOTHING: &[u8] = b"[]";
    match length {
        BodyLength::None | BodyLength::Exact(0) => Some(0),
        BodyLength::Exact(2) if is_array && bytes.starts_with(NOTHING) => Some(NOTHING.len()),
        _ => None,
    }
}

/// Notes the head of an answer, and says what follows it and has begun with `bytes`.
fn after_head(
    asked: Asked,
    head: &[u8],
    bytes: &mut &[u8],
    shared: &mut Shared,
    found: &mut impl FnMut(Found<'_>),
) -> Result<After, ReadError> {
    let is_poll = asked.about.is_poll() && !asked.is_head;
    let known = if is_poll { shared.heads.as_mut().and_then(|heads| heads.known_answer(head)) } else { None };
    let says = match known {
        Some((known, _)) => known,
        None => Says::of(&head::parse_response(asked.method(), head)?),
    };
    let Says { status, body: length, gzip } = says;
    let interim = matches!(status, 100..=199) && status != 101;
    match asked.about {
        About::Admin => found(Found::Admin { count: head.len() }),
        _ if asked.opening => found(Found::Head { layer: Layer::OpeningHandshake, bytes: head }),
        _ => found(Found::Head { layer: Layer::ResponseHeaders, bytes: head }),
    }
    if interim {
        return Ok(After::Head);
    }
    let repetition = match known {
        Some((_, repetition)) => Some(repetition),
        None if is_poll => shared.heads.get_or_insert_default().answer(head, says),
        None => None,
    };
    if let Some(repetition) = repetition {
        found(Found::Repeated(repetition));
    }
    if status == 101 {
        if asked.about != About::Feed(Transport::WebSocket) || shared.asked.len() > 1 {
            return Err(ReadError::Malformed("an upgrade that was asked for"));
        }
        let answer = head::parse_response(asked.method(), head)?.head.field("sec-websocket-extensions");
        shared.deflate = answer.map(Agreed::read).transpose()?;
        found(Found::Step(StepKind::AnswerHead));
        shared.asked = Waiting::default();
        shared.upgraded = true;
        return Ok(After::Frames);
    }
    if let Some(body_bytes) = brings_nothing(is_poll && status == 200, length, bytes) {
        *bytes = &bytes[body_bytes..];
        if body_bytes > 0 {
            found(Found::Bytes { layer: Layer::EventFraming, what: What::JsonArray, count: body_bytes });
        }
        found(Found::Step(StepKind::Answer));
        shared.asked.pop();
        end_exchange(asked, wide(head.len() + body_bytes), 0, found);
        return Ok(After::Head);
    }
    let content = Content::of_answer(asked.about, status, gzip);
    let is_stream = content.is_stream();
    if is_stream {
        found(Found::Step(StepKind::AnswerHead));
    }
    Ok(After::Body(Answer { body: Body::new(length, content), is_stream, down: wide(head.len()) }))
}

/// Counts a request with its whole answer.
fn end_exchange(asked: Asked, down: u64, events: u64, found: &mut impl FnMut(Found<'_>)) {
    let exchange = Exchanges { count: 1, up: asked.up, down };
    match asked.about {
        About::Admin => found(Found::Exchange(ExchangeKind::Admin, exchange)),
        About::Publish => found(Found::Exchange(ExchangeKind::Publish, exchange)),
        about if about.is_poll() => {
            let kind = if events == 0 { ExchangeKind::EmptyPoll } else { ExchangeKind::Poll };
            found(Found::Exchange(kind, exchange));
        }
        // What a stream carried was counted event by event.
        About::Feed(_) => {}
    }
}
