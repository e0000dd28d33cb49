//! What was chosen for a cell, name by name: the complete list of a report, and what tells two labels apart.

use feedbench_record::run::Record;
use feedbench_record::scenario::{Arrivals, Recycle, Scenario, SlowReaders, Source};

use crate::lang::Lang;
use crate::number::{duration_ms, grouped, plain};

/// One chosen value.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// What it is.
    pub(crate) name: &'static str,
    /// Its value with its unit.
    pub(crate) value: String,
    /// The same where a label has to tell it apart from another value.
    pub(crate) short: String,
    /// Is it the seed, which each repetition has of its own?
    pub(crate) is_seed: bool,
}

/// Every value of a scenario, in a fixed order.
pub(crate) fn of(scenario: &Scenario, lang: Lang) -> Vec<Condition> {
    // Taken apart by name, so that a new field is missed by nobody.
    let Scenario {
        clients,
        clients_asked,
        shard,
        rate_per_s,
        arrivals,
        seed,
        fanout,
        source,
        payload_bytes,
        interval_ms,
        synchronised,
        hold_ms,
        heartbeat_ms,
        recycle,
        binary,
        slow_readers,
        queue_events,
        rtt_ms,
        protocol,
        tls,
        headers,
        cookie_bytes,
        connection,
        client,
        warmup_ms,
        window_ms,
        idle_ms,
        connects_per_s,
        pinned,
    } = scenario;
    let mut list = Vec::new();
    let mut add =
        |name, value: String, short: String| list.push(Condition { name, value, short, is_seed: name == "seed" });
    let named = |name: &str, value: &str| format!("{name} {value}");

    let asked = clients_asked.map(|asked| grouped(u64::from(asked)));
    let clients = grouped(u64::from(*clients));
    add(
        "clients",
        asked.as_ref().map_or(clients.clone(), |asked| format!("{clients} ({asked} were asked for)")),
        asked.as_ref().map_or(format!("{clients} clients"), |asked| format!("{clients} of {asked} clients")),
    );
    let part = shard
        .map_or("all of it".to_owned(), |shard| format!("{shard}, of {} clients", grouped(shard.cell_clients.into())));
    add("part of the cell", part.clone(), shard.map_or("whole".to_owned(), |shard| shard.to_string()));
    let rate = plain(*rate_per_s);
    add("offered rate", format!("{rate} events/s on each topic"), format!("{rate} events/s"));
    add("arrivals", arrivals_name(*arrivals, lang).to_owned(), arrivals_name(*arrivals, lang).to_owned());
    add("seed", seed.to_string(), named("seed", &seed.to_string()));
    add("fan-out", fanout.to_string(), fanout.to_string());
    add("source of the events", source_name(source, lang), source_name(source, lang));
    let payload = format!("{} bytes", grouped(u64::from(*payload_bytes)));
    add("payload", payload.clone(), named("payload", &payload));
    let interval = duration_ms(*interval_ms);
    match interval_ms {
        0 => add("poll interval", "none: each answer brings the next request".to_owned(), "no interval".to_owned()),
        _ => add("poll interval", interval.clone(), named("interval", &interval)),
    }
    // Without an interval there is nothing to tell apart by its phases.
    let (phases, phases_short) = match (interval_ms, synchronised) {
        (0, _) => ("none", "spread"),
        (_, true) => ("the same for every client", "synchronised"),
        (_, false) => ("spread over the interval", "spread"),
    };
    add("phases of the polls", phases.to_owned(), phases_short.to_owned());
    let hold = duration_ms(*hold_ms);
    add("hold time of a long poll", hold.clone(), named("hold", &hold));
    let heartbeat = duration_ms(*heartbeat_ms);
    add("heartbeat after a silence of", heartbeat.clone(), named("heartbeat", &heartbeat));
    let recycle = match recycle {
        None => "never".to_owned(),
        Some(Recycle::Bytes(bytes)) => format!("after {} bytes", grouped(*bytes)),
        Some(Recycle::Ms(ms)) => format!("after {}", duration_ms(*ms)),
    };
    add("streams ended by the server", recycle.clone(), named("recycled", &recycle));
    let frames = if *binary { "binary" } else { "text" };
    add("WebSocket frames", frames.to_owned(), named(frames, "frames"));
    let queue = queue_events.map_or("the history".to_owned(), |events| format!("{} events", grouped(events.into())));
    let slow = match slow_readers {
        SlowReaders::Miss => format!("miss what is beyond {queue}"),
        SlowReaders::Drop => format!("are dropped beyond {queue}"),
    };
    add("slow readers", slow.clone(), named("slow readers", slow_readers.id()));
    let rtt = if *rtt_ms == 0 { "none".to_owned() } else { duration_ms(*rtt_ms) };
    add("emulated round-trip time", rtt.clone(), named("RTT", &rtt));
    add("protocol", protocol.clone(), protocol.clone());
    add("TLS", if *tls { "yes" } else { "no" }.to_owned(), if *tls { "TLS" } else { "no TLS" }.to_owned());
    add("header profile", headers.clone(), named("headers", headers));
    let cookie =
        if *cookie_bytes == 0 { "none".to_owned() } else { format!("{} bytes", grouped((*cookie_bytes).into())) };
    add("cookie", cookie.clone(), named("cookie", &cookie));
    add("connection after a poll", connection.to_string(), connection.to_string());
    add("clients of the load generator", client.to_string(), named(client.id(), "clients"));
    let warmup = duration_ms(*warmup_ms);
    add("warm-up", warmup.clone(), named("warm-up", &warmup));
    let window = duration_ms(*window_ms);
    add("measurement window", window.clone(), named("window", &window));
    let idle = duration_ms(*idle_ms);
    add("idle time before the warm-up", idle.clone(), named("idle", &idle));
    let connects = grouped(u64::from(*connects_per_s));
    add("ramp", format!("at most {connects} connects/s a process"), format!("ramp {connects}/s"));
    let pinning = if *pinned { "each side on its own half of the cores" } else { "none" };
    add("pinning", pinning.to_owned(), if *pinned { "pinned" } else { "not pinned" }.to_owned());
    list
}

/// How events are spaced, for people.
pub(crate) fn arrivals_name(arrivals: Arrivals, lang: Lang) -> &'static str {
    match arrivals {
        Arrivals::Poisson => "Poisson",
        Arrivals::Fixed => "equal gaps",
    }
}

/// Where events come from, for people.
pub(crate) fn source_name(source: &Source, lang: Lang) -> String {
    match source {
        Source::Synthetic => "synthetic".to_owned(),
        Source::Replay { name, own_pace: true, speed: 1.0 } => format!("replay of {name} at its own pace"),
        Source::Replay { name, own_pace: true, speed } => format!("replay of {name}, {} times faster", plain(*speed)),
        Source::Replay { name, own_pace: false, .. } => format!("replay of {name} at the offered rate"),
        Source::Stdin => "standard input".to_owned(),
    }
}

/// Each different value once, in the order of its first appearance.
pub(crate) fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// The conditions of all records: one line for each name, with every value that occurs.
pub(crate) fn of_all(records: &[&Record], lang: Lang) -> Vec<(&'static str, String)> {
    let lists: Vec<_> = records.iter().map(|record| of(&record.scenario, lang)).collect();
    let names = lists.first().map(|list| list.iter().map(|condition| condition.name)).into_iter().flatten();
    names
        .enumerate()
        .map(|(index, name)| (name, distinct(lists.iter().map(|list| list[index].value.as_str())).join("; ")))
        .collect()
}
