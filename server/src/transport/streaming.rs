//! What the three streams have in common: an answer whose body is written as events come. They differ in the framing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::scenario::Recycle;
use feedbench_wire::{Cursor, Framing};
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::Response;
use hyper::body::Frame;

use crate::answer::{self, Body, Refusal};
use crate::feed::Topic;
use crate::push::{Due, Push, Subscription};
use crate::site::Site;

/// Streams what lies after the cursor, and then what comes, until the feed ends or the stream is recycled.
pub(super) fn answer(
    framing: Framing,
    topic: &Arc<Topic>,
    cursor: Option<Cursor>,
    site: &Site,
) -> Result<Response<Body>, Refusal> {
    let (lifetime, bytes_left) = match site.rules.recycle {
        None => (None, u64::MAX),
        Some(Recycle::Ms(ms)) => (Some(Duration::from_millis(ms)), u64::MAX),
        Some(Recycle::Bytes(bytes)) => (None, bytes),
    };
    let subscription = Subscription::new(Arc::clone(topic), cursor)?;
    let push = Push::new(subscription, site.rules.heartbeat, lifetime);
    let writer = Writer { framing, push, bytes_left, stage: Stage::Opening };
    let body = stream::unfold(writer, |mut writer| async move {
        let piece = writer.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(piece)), writer))
    });
    Ok(answer::stream(framing.content_type(), StreamBody::new(body).boxed_unsync()))
}

/// Writes the body of one stream.
struct Writer {
    framing: Framing,
    push: Push,
    bytes_left: u64,
    stage: Stage,
}

/// How far a stream is.
#[derive(PartialEq)]
enum Stage {
    /// Nothing is written.
    Opening,
    /// The prologue is written.
    Opened,
    /// The client got on, if only by a heartbeat: from here on the stream may be recycled.
    GotOn,
}

impl Writer {
    /// The next piece of the body; `None` at its end.
    async fn next(&mut self) -> Option<Bytes> {
        let piece = if self.stage == Stage::Opening {
            self.stage = Stage::Opened;
            let mut prologue = Vec::new();
            self.framing.prologue(self.push.position(), &mut prologue);
            prologue.into()
        } else if self.stage == Stage::GotOn && self.bytes_left == 0 {
            return None;
        } else {
            self.stage = Stage::GotOn;
            match self.push.next().await {
                Due::Events(batch) => batch.framed(self.framing),
                Due::Heartbeat => Bytes::from_static(self.framing.heartbeat()),
                Due::Expired | Due::Ended => return None,
            }
        };
        self.bytes_left = self.bytes_left.saturating_sub(piece.len() as u64);
        Some(piece)
    }
}
