//! One client with every byte explained: pure functions from a [`Trace`] to what people read.
//!
//! - [`dump()`]: text for the terminal, every byte with its layer and its rule.
//! - [`ladder()`]: a drawing with client and server as two life lines and each step as an arrow.
//! - [`page()`]: `trace.html`, all transports beside each other.
//! - [`pcapng()`]: the same exchange for Wireshark.
//!
//! What they share: `sums` counts bytes by layer and finds the polls; `words` are the sentences and units; `hex` cuts
//! bytes into lines; `handshake` and `frame_bits` explain RFC 6455. The ladder's instants become heights in `time_axis`,
//! its labels get their places in `layout` and `apart`, `ladder_head` is what stands above it; `overview` draws all
//! transports on one axis of time; `svg` is the pen of both. `lead` is the page's first paragraph, `part` one transport on
//! it. `segments` builds the IP packets of `pcapng`.

mod apart;
mod dump;
mod frame_bits;
mod frame_figure;
mod handshake;
mod hex;
mod ladder;
mod ladder_head;
mod layout;
mod lead;
mod overview;
mod page;
mod part;
mod pcapng;
mod segments;
mod sums;
mod svg;
mod time_axis;
mod words;

use feedbench_record::trace::Trace;

pub use page::PageError;
pub use pcapng::PacketError;

/// Every byte in hexadecimal digits and as text, in lines of 100 columns at most, then the ledger by layer, then, for
/// WebSocket, the opening handshake and frames bit by bit. With `colour`, ANSI escapes mark the layers.
pub fn dump(trace: &Trace, colour: bool) -> String {
    dump::text(trace, colour)
}

/// An SVG document: client and server as two life lines, time downwards, each step an arrow between its two instants.
pub fn ladder(trace: &Trace) -> String {
    ladder::file(trace)
}

/// A page that needs nothing else: every trace with its ladder, its ledger and its bytes.
///
/// # Errors
/// When there is no trace, or the template fails.
pub fn page(traces: &[Trace]) -> Result<String, PageError> {
    page::html(traces)
}

/// A capture file (pcapng) of the trace. Payloads of TCP and instants are the trace's; the headers of IP and TCP, and the
/// segments that carry no payload, are reconstructed, and a comment in the file says so. Instants count from 1970,
/// because a trace has no date.
///
/// # Errors
/// When an address of the trace cannot be read, or a step has a connection that the trace does not name.
pub fn pcapng(trace: &Trace) -> Result<Vec<u8>, PacketError> {
    pcapng::file(trace)
}

#[cfg(test)]
#[path = "../../tests/trace_common/mod.rs"]
#[allow(clippy::unwrap_used, dead_code, unreachable_pub)]
mod fixture;
