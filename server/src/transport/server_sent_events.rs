//! Server-sent events (HTML Living Standard section 9.2).

use feedbench_wire::{Cursor, Framing};
use hyper::Response;

use super::{Ask, streaming};
use crate::answer::{Body, Refusal};
use crate::exit::Exit;
use crate::site::Site;

/// What a browser sends when it comes back: the last `id` it saw (section 9.2.4).
const LAST_EVENT_ID: &str = "last-event-id";

/// The event stream. A browser that comes back asks for the same address, with its old `?cursor=`, and adds where it
/// really stands: so that wins.
pub(super) fn answer(ask: &Ask<'_>, site: &Site, exit: &Exit) -> Result<Response<Body>, Refusal> {
    let last_event_id = ask.head.headers.get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or("?"));
    let cursor: Option<Cursor> = match last_event_id {
        Some(id) if !id.is_empty() => Some(id.parse()?),
        _ => ask.cursor,
    };
    streaming::answer(Framing::Sse, ask, cursor, site, exit)
}
