//! Fetch streaming: lines of JSON that a script reads from the body of a `fetch()` while it arrives.

use feedbench_wire::Framing;
use hyper::Response;

use super::{Ask, streaming};
use crate::answer::{Body, Refusal};
use crate::exit::Exit;
use crate::site::Site;

/// The stream of lines.
pub(super) fn answer(ask: &Ask<'_>, site: &Site, exit: &Exit) -> Result<Response<Body>, Refusal> {
    streaming::answer(Framing::Ndjson, ask, ask.cursor, site, exit)
}
