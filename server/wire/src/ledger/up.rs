//! What the client sends: requests, and after an upgrade masked frames.

use feedbench_record::ledger::Layer;
use feedbench_record::trace::StepKind;

use super::asked::{About, Asked};
use super::body::Body;
use super::content::Content;
use super::frames::Frames;
use super::{ASKED_MAX, Found, Shared, UNASKED, wide};
use crate::reader::ReadError;
use crate::reader::frame::Sender;
use crate::reader::head::{self, BodyLength};

/// The place in what the client sends.
#[derive(Debug)]
pub(super) enum Up {
    /// Between two requests, or in a head.
    Head(head::Reader),
    /// In a request's body.
    Body(Box<Body>),
    /// Past the upgrade.
    Frames(Frames),
    /// After bytes that no reader understood.
    Lost,
}

impl Default for Up {
    fn default() -> Self {
        Up::Head(head::Reader::default())
    }
}

impl Up {
    pub(super) fn push(&mut self, mut bytes: &[u8], shared: &mut Shared, found: &mut impl FnMut(Found<'_>)) {
        while !bytes.is_empty() {
            if self.step(&mut bytes, shared, found).is_err() {
                *self = Up::Lost;
            }
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Up::Head(reader) => reader.pending_bytes(),
            Up::Body(body) => body.held_bytes(),
            Up::Frames(frames) => frames.held_bytes(),
            Up::Lost => 0,
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
            Up::Head(reader) if shared.upgraded => {
                found(Found::unclassified(reader.pending_bytes()));
                *self = Up::Frames(Frames::new(Sender::Client, shared.deflate));
                Ok(())
            }
            Up::Head(reader) => {
                let last = shared.heads.as_ref().map_or(&[][..], |heads| heads.last_request());
                let Some(head) = reader.bytes_again(last, bytes)? else { return Ok(()) };
                if let Some(body) = request(head, shared, found)? {
                    *self = Up::Body(Box::new(body));
                } else {
                    found(Found::Step(StepKind::Request));
                }
                Ok(())
            }
            Up::Body(body) => {
                let before = bytes.len();
                let ended = body.push(bytes, found)?;
                if let Some(asked) = shared.asked.newest_mut() {
                    asked.up += wide(before - bytes.len());
                }
                if ended {
                    found(Found::Step(StepKind::Request));
                    *self = Up::default();
                }
                Ok(())
            }
            Up::Frames(frames) => frames.push(bytes, found),
            Up::Lost => {
                *bytes = &[];
                Ok(())
            }
        }
    }
}

/// Notes a request, and gives the body that follows its head.
fn request(head: &[u8], shared: &mut Shared, found: &mut impl FnMut(Found<'_>)) -> Result<Option<Body>, ReadError> {
    if shared.asked.len() >= ASKED_MAX {
        return Err(UNASKED);
    }
    let known = shared.heads.as_mut().and_then(|heads| heads.known_request(head));
    let (asked, length) = match known {
        Some((asked, _)) => (asked, BodyLength::None),
        None => {
            let request = head::parse_request(head)?;
            (Asked::of(&request, shared.opened), request.head.body())
        }
    };
    shared.opened |= asked.opening;
    shared.asked.push(asked);
    match asked.about {
        About::Admin => found(Found::Admin { count: head.len() }),
        _ if asked.opening => found(Found::Head { layer: Layer::OpeningHandshake, bytes: head }),
        _ => found(Found::Head { layer: Layer::RequestHeaders, bytes: head }),
    }
    let has_body = !matches!(length, BodyLength::None | BodyLength::Exact(0));
    let repetition = match known {
        Some((_, repetition)) => Some(repetition),
        None if asked.about.is_poll() && !has_body => shared.heads.get_or_insert_default().request(head, asked),
        None => None,
    };
    if let Some(repetition) = repetition {
        found(Found::Repeated(repetition));
    }
    Ok(has_body.then(|| Body::new(length, Content::of_request(asked.about))))
}
