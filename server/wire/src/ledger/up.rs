//! What the client sends: requests, and after an upgrade masked frames.

use feedbench_record::ledger::{Layer, Way};
use feedbench_record::trace::{StepKind, What};

use super::asked::{About, Asked};
use super::body::{Body, Content};
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
            Up::Head(_) if shared.upgraded => {
                *self = Up::Frames(Frames::new(Sender::Client));
                Ok(())
            }
            Up::Head(reader) => {
                let Some(request) = reader.request(bytes)? else { return Ok(()) };
                let body = request_head(&request, shared, found)?;
                if let Some(body) = body {
                    *self = Up::Body(Box::new(body));
                } else {
                    found(Found::Step(StepKind::Request));
                }
                Ok(())
            }
            Up::Body(body) => {
                let before = bytes.len();
                let ended = body.push(bytes, found)?;
                if let Some(asked) = shared.asked.back_mut() {
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
fn request_head(
    request: &head::Request<'_>,
    shared: &mut Shared,
    found: &mut impl FnMut(Found<'_>),
) -> Result<Option<Body>, ReadError> {
    if shared.asked.len() >= ASKED_MAX {
        return Err(UNASKED);
    }
    let bytes = request.head.bytes();
    let asked = Asked { up: wide(bytes.len()), ..Asked::of(request, shared.opened) };
    shared.opened |= asked.opening;
    shared.asked.push_back(asked);
    match asked.about {
        About::Admin => found(Found::Admin { count: bytes.len() }),
        _ if asked.opening => found(Found::Head { layer: Layer::OpeningHandshake, bytes }),
        _ => found(Found::Head { layer: Layer::RequestHeaders, bytes }),
    }
    if asked.about.is_poll()
        && let Some(repetition) = shared.heads.compare(Way::Up, bytes)
    {
        found(Found::Repeated(repetition));
    }
    let content = match asked.about {
        About::Publish => Content::Whole(Layer::Payload, What::EventText),
        About::Admin => Content::Admin,
        About::Feed(_) => Content::Whole(Layer::Control, What::OtherBody),
    };
    let has_body = !matches!(request.head.body(), BodyLength::None | BodyLength::Exact(0));
    Ok(has_body.then(|| Body::new(request.head.body(), content)))
}
