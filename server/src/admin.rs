//! What the server tells about itself. None of this belongs to a comparison.

use bytes::Bytes;
use feedbench_record::Transport;
use feedbench_wire::{clock, path};
use hyper::Response;
use hyper::http::request::Parts;
use serde::Serialize;

use crate::answer::{self, Body, Refusal};
use crate::site::Site;
use crate::transport::{number, topic};

/// The name and version that `/stats` gives.
pub const TOOL: &str = concat!("feedbench ", env!("CARGO_PKG_VERSION"));

/// `/`: what there is.
pub fn index() -> Response<Body> {
    use std::fmt::Write as _;
    let mut text = format!("{TOOL}: one event feed behind every transport\n\n");
    let mut line = |path: &str, what: &str| {
        writeln!(text, "{path:<20} {what}").expect("writing to a String does not fail");
    };
    for transport in Transport::ALL {
        line(&path::endpoint(transport), transport.title());
    }
    line(path::STATS, "figures of the server");
    line(path::CLOCK, "its clocks");
    line(path::PUBLISH, "POST: publishes the body as an event, where that is allowed");
    text.push_str("\nParameters: ?topic=NAME, ?cursor=EPOCH-SEQ, for long polling ?hold=MS.\n");
    answer::whole("text/plain; charset=utf-8", text.into())
}

#[derive(Serialize)]
struct Stats {
    tool: &'static str,
    epoch: String,
    topics: usize,
    newest: u64,
    connections: usize,
    published: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_in_range: Option<Option<u64>>,
}

/// `/stats`: figures. `newest` is the newest sequence number of the topic; `published` counts all topics. With
/// `?from_us=` and `?to_us=`, `published_in_range` counts the topic's events intended from the one instant to before the
/// other: `null` when the history no longer holds them all.
pub fn stats(head: &Parts, site: &Site) -> Result<Response<Body>, Refusal> {
    let topic = topic(head, site)?;
    let range = number(head, "from_us")?.zip(number(head, "to_us")?);
    Ok(json(&Stats {
        tool: TOOL,
        epoch: format!("{:04x}", site.feed.epoch()),
        topics: site.feed.topics().len(),
        newest: topic.newest().seq,
        connections: site.ledger.open_now(),
        published: site.feed.topics().iter().map(|topic| topic.newest().seq).sum(),
        published_in_range: range.map(|(from_us, to_us)| topic.published_in(from_us, to_us)),
    }))
}

#[derive(Serialize)]
struct Clocks {
    monotonic_us: u64,
    realtime_us: u64,
    boot_id: String,
}

/// `/clock`: the server's clocks, so that another process can tell whether it shares them.
pub fn clocks(site: &Site) -> Response<Body> {
    json(&Clocks { monotonic_us: site.clock.now_us(), realtime_us: clock::realtime_us(), boot_id: clock::boot_id() })
}

fn json(value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_vec(value).expect("figures and names are plain data");
    answer::whole("application/json", Bytes::from(text))
}
