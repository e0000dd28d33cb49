//! Iframe streaming, the "forever frame": a document that never ends, one script element an event (RFC 6202 section 3).

use feedbench_wire::Framing;
use hyper::Response;

use super::{Ask, streaming};
use crate::answer::{Body, Refusal};
use crate::exit::Exit;
use crate::site::Site;

/// The document.
pub(super) fn answer(ask: &Ask<'_>, site: &Site, exit: &Exit) -> Result<Response<Body>, Refusal> {
    streaming::answer(Framing::Script, ask, ask.cursor, site, exit)
}
