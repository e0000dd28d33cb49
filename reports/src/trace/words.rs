//! Units and sentences of a trace. Each says no more than the trace does.

use std::net::SocketAddr;

use feedbench_record::scenario::Source;
use feedbench_record::trace::{Step, Trace};
use feedbench_record::transport::Manner;
use feedbench_record::{Transport, Way};

use crate::conditions::{arrivals_name, source_name};
use crate::lang::Lang;
use crate::number::{count, duration_ms, grouped, plain, significant};

/// A text that was read from a file or from a peer, without what a terminal or a page would take for more than text.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '.' } else { c }).collect()
}

/// An instant, to the microsecond: `1,002.345 ms`.
pub(crate) fn instant(us: u64) -> String {
    format!("{}.{:03} ms", grouped(us / 1_000), us % 1_000)
}

/// A duration with three digits that tell: `412 µs`, `998 ms`, `14.2 s`.
pub(crate) fn span(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        // From here on three digits would say 1,000 ms.
        1_000..999_500 => format!("{} ms", significant(us as f64 / 1e3)),
        _ => format!("{} s", significant(us as f64 / 1e6)),
    }
}

/// `1 byte`, `1,234 bytes`.
pub(crate) fn bytes(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "byte", "bytes")
}

/// The lowest and the highest of some numbers: `202`, `202 to 223`; `None` of nothing.
pub(crate) fn range(numbers: impl Iterator<Item = u64>) -> Option<String> {
    let (low, high) = ends_of(numbers)?;
    Some(if low == high { grouped(low) } else { format!("{} to {}", grouped(low), grouped(high)) })
}

/// The same with its unit: `202 bytes`, `202 to 223 bytes`.
pub(crate) fn byte_range(numbers: impl Iterator<Item = u64>) -> Option<String> {
    let (low, high) = ends_of(numbers)?;
    Some(if low == high { bytes(low) } else { format!("{} to {}", grouped(low), bytes(high)) })
}

fn ends_of(numbers: impl Iterator<Item = u64>) -> Option<(u64, u64)> {
    numbers.fold(None, |ends, number| {
        let (low, high) = ends.unwrap_or((number, number));
        Some((number.min(low), number.max(high)))
    })
}

/// Which end speaks, and to whom.
pub(crate) const fn ends(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::Up => ("client", "server"),
        Way::Down => ("server", "client"),
    }
}

/// Where a step's connection is named: its number, from 1.
pub(crate) fn connection(step: &Step) -> String {
    format!("connection {}", u64::from(step.connection) + 1)
}

/// What a step is, with its bytes: `answer · 245 bytes`.
pub(crate) fn step(step: &Step) -> String {
    match step.bytes() {
        0 => step.kind.title().to_owned(),
        number => format!("{} · {}", step.kind.title(), bytes(number as u64)),
    }
}

/// Bytes by layer in a line: `response headers 143 + event framing 2 + payload 100`.
pub(crate) fn layers(sum: &feedbench_record::ledger::LayerBytes) -> String {
    let parts = super::sums::present(sum).into_iter();
    parts.map(|(layer, number)| format!("{} {}", layer.title(), grouped(number))).collect::<Vec<_>>().join(" + ")
}

/// What was chosen for the trace, as far as its transport has a use for it.
pub(crate) fn scenario(trace: &Trace) -> String {
    let scenario = &trace.scenario;
    let mut parts = vec![match &scenario.source {
        Source::Synthetic | Source::Replay { own_pace: false, .. } => format!(
            "{} events/s ({}, seed {}), payload {}",
            plain(scenario.rate_per_s),
            arrivals_name(scenario.arrivals, Lang::En),
            scenario.seed,
            bytes(u64::from(scenario.payload_bytes))
        ),
        source @ (Source::Replay { .. } | Source::Stdin) => source_name(source, Lang::En),
    }];
    parts.push(match trace.transport.manner() {
        Manner::Asks => format!("poll interval {}", duration_ms(scenario.interval_ms)),
        Manner::Waits => format!("hold time {}", duration_ms(scenario.hold_ms)),
        Manner::Pushed => format!("heartbeat after {}", duration_ms(scenario.heartbeat_ms)),
    });
    parts.push(format!("{}{}", scenario.protocol, if scenario.tls { " over TLS" } else { "" }));
    if trace.transport.manner() != Manner::Pushed {
        parts.push(format!("connection {}", scenario.connection));
    }
    parts.push(format!("header profile {}", scenario.headers));
    if scenario.cookie_bytes > 0 {
        parts.push(format!("cookie {}", bytes(u64::from(scenario.cookie_bytes))));
    }
    printable(&parts.join(", "))
}

/// Where it took place.
pub(crate) fn place(trace: &Trace) -> String {
    match trace.server.parse::<SocketAddr>() {
        Ok(server) if server.ip().is_loopback() => "loopback".to_owned(),
        _ => format!("server {}", printable(&trace.server)),
    }
}

/// What traced.
pub(crate) fn tool(trace: &Trace) -> String {
    let tool = &trace.tool;
    let commit = tool.commit.as_ref().map_or(String::new(), |commit| format!(" ({commit})"));
    let build = if tool.profile == "release" { String::new() } else { format!(", {} build", tool.profile) };
    printable(&format!("feedbench {}{commit}{build}", tool.version))
}

/// What stands below a drawing of one trace.
pub(crate) fn caption(trace: &Trace) -> String {
    format!("One client, {}, {} · {} · {}", trace.transport.title(), scenario(trace), place(trace), tool(trace))
}

/// The transport's name at the start of a sentence, with where it is defined.
pub(crate) fn title(transport: Transport) -> String {
    format!("{} ({})", crate::number::sentence_case(transport.title()), transport.source())
}
