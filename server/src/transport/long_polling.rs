//! Long polling: the client asks, and the server holds the request until there is something to say (RFC 6202 section 2).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use tokio::time::timeout;

use super::{Ask, number, polling};
use crate::answer::{Body, Refusal};
use crate::feed::{Limits, Next};
use crate::push::Subscription;

/// How long a request is held when it does not say (ms): below the 30 s after which intermediaries often give up
/// (RFC 6202 section 5.5).
const HOLD_MS: u64 = 25_000;
/// How long a request is held at most (ms).
const HOLD_MAX_MS: u64 = 120_000;

/// What lies after the cursor as soon as there is something; `[]` at the end of the hold time, or of the feed.
pub(super) async fn answer(ask: &Ask<'_>) -> Result<Response<Body>, Refusal> {
    let hold = Duration::from_millis(number(ask.head, "hold")?.unwrap_or(HOLD_MS).min(HOLD_MAX_MS));
    let mut subscription = Subscription::new(Arc::clone(ask.topic), ask.cursor)?;
    let array = match timeout(hold, subscription.next(Limits::ANSWER)).await {
        Ok(Next::Events(batch)) => batch.json_array(),
        Ok(Next::Ended) | Err(_) => Bytes::from_static(b"[]"),
    };
    Ok(polling::json(ask, array, subscription.position()))
}
