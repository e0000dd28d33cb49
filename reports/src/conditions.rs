//! What was chosen for a cell, name by name: the complete list of a report, and what tells two labels apart.

use feedbench_record::Shard;
use feedbench_record::run::Record;
use feedbench_record::scenario::{Arrivals, ClientKind, Compression, Fanout, Recycle, Scenario, SlowReaders, Source};

use crate::lang::Lang;
use crate::number::{bit_rate, duration_ms, grouped, plain};
use crate::text::{common, conditions as text};

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
        jitter_ms,
        bandwidth_bits_per_s,
        mss_bytes,
        protocol,
        clients_per_connection,
        tls,
        tls_resumption,
        compression,
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
    let mut add = |name, value: String, short: String| list.push(Condition { name, value, short, is_seed: false });

    let asked = clients_asked.map(|asked| grouped(u64::from(asked)));
    let clients = grouped(u64::from(*clients));
    match asked {
        None => add(text::clients(lang), clients.clone(), text::clients_short(lang, &clients)),
        Some(asked) => add(
            text::clients(lang),
            text::clients_reduced(lang, &clients, &asked),
            text::clients_reduced_short(lang, &clients, &asked),
        ),
    }
    match shard {
        None => add(text::part(lang), text::whole(lang).to_owned(), text::whole_short(lang).to_owned()),
        Some(Shard { number, of, cell_clients }) => {
            let shard = text::shard(lang, number, of);
            let of_clients = grouped((*cell_clients).into());
            add(text::part(lang), text::shard_of(lang, &shard, of_clients), shard);
        }
    }
    let rate = plain(*rate_per_s);
    add(text::rate(lang), text::rate_value(lang, &rate), text::rate_short(lang, &rate));
    let arrivals = arrivals_name(*arrivals, lang).to_owned();
    add(text::arrivals(lang), arrivals.clone(), arrivals);
    let fanout = fanout_name(*fanout, lang);
    add(text::fan_out(lang), fanout.clone(), fanout);
    let source = source_name(source, lang);
    add(text::source(lang), source.clone(), source);
    let payload = grouped(u64::from(*payload_bytes));
    add(text::payload(lang), text::bytes(lang, &payload), text::payload_short(lang, &payload));
    let interval = duration_ms(*interval_ms);
    match interval_ms {
        0 => add(text::interval(lang), text::no_interval(lang).to_owned(), text::no_interval_short(lang).to_owned()),
        _ => add(text::interval(lang), interval.clone(), text::interval_short(lang, &interval)),
    }
    // Without an interval there is nothing to tell apart by its phases.
    let (phases, phases_short) = match (interval_ms, synchronised) {
        (0, _) => (text::phases_none(lang), text::phases_spread_short(lang)),
        (_, true) => (text::phases_same(lang), text::phases_same_short(lang)),
        (_, false) => (text::phases_spread(lang), text::phases_spread_short(lang)),
    };
    add(text::phases(lang), phases.to_owned(), phases_short.to_owned());
    let hold = duration_ms(*hold_ms);
    add(text::hold(lang), hold.clone(), text::hold_short(lang, &hold));
    let heartbeat = duration_ms(*heartbeat_ms);
    add(text::heartbeat(lang), heartbeat.clone(), text::heartbeat_short(lang, &heartbeat));
    let recycle = match recycle {
        None => text::never(lang).to_owned(),
        Some(Recycle::Bytes(bytes)) => text::after_bytes(lang, grouped(*bytes)),
        Some(Recycle::Ms(ms)) => text::after(lang, duration_ms(*ms)),
    };
    add(text::recycle(lang), recycle.clone(), text::recycle_short(lang, &recycle));
    let frames = if *binary { text::binary(lang) } else { text::text(lang) };
    add(text::frames(lang), frames.to_owned(), text::frames_short(lang, frames));
    let queue = match queue_events {
        None => text::the_history(lang).to_owned(),
        Some(events) => text::events(lang, grouped((*events).into())),
    };
    let slow = match slow_readers {
        SlowReaders::Miss => text::miss(lang, queue),
        SlowReaders::Drop => text::drop(lang, queue),
    };
    add(text::slow_readers(lang), slow.clone(), text::slow_readers_short(lang, slow_readers.id()));
    let rtt = if *rtt_ms == 0 { text::none(lang).to_owned() } else { duration_ms(*rtt_ms) };
    add(text::rtt(lang), rtt.clone(), text::rtt_short(lang, &rtt));
    let (jitter, short) = match jitter_ms {
        0 => (text::none(lang).to_owned(), text::none(lang).to_owned()),
        ms => (text::jitter_value(lang, duration_ms(*ms)), duration_ms(*ms)),
    };
    add(text::jitter(lang), jitter, text::jitter_short(lang, short));
    let bandwidth = bandwidth_bits_per_s.map_or_else(|| text::not_limited(lang).to_owned(), bit_rate);
    add(text::bandwidth(lang), bandwidth.clone(), text::bandwidth_short(lang, &bandwidth));
    let mss = match mss_bytes {
        None => text::of_loopback(lang).to_owned(),
        Some(bytes) => text::bytes(lang, grouped((*bytes).into())),
    };
    add(text::mss(lang), mss.clone(), text::mss_short(lang, &mss));
    add(text::protocol(lang), protocol.to_string(), protocol.to_string());
    let sharing = match clients_per_connection {
        1 => text::sharing_none(lang).to_owned(),
        clients => clients.to_string(),
    };
    add(text::sharing(lang), sharing, text::sharing_short(lang, clients_per_connection));
    let yes_or_no = |yes: &bool| if *yes { common::yes(lang) } else { common::no(lang) }.to_owned();
    let short = if *tls { text::with_tls(lang) } else { text::no_tls(lang) };
    add(text::tls(lang), yes_or_no(tls), short.to_owned());
    let short = if *tls_resumption { text::resumption_short(lang) } else { text::no_resumption_short(lang) };
    add(text::resumption(lang), yes_or_no(tls_resumption), short.to_owned());
    let compression = compression_name(*compression, lang).to_owned();
    add(text::compression(lang), compression.clone(), text::compression_short(lang, &compression));
    add(text::headers(lang), headers.clone(), text::headers_short(lang, headers));
    let cookie = match cookie_bytes {
        0 => text::none(lang).to_owned(),
        bytes => text::bytes(lang, grouped((*bytes).into())),
    };
    add(text::cookie(lang), cookie.clone(), text::cookie_short(lang, &cookie));
    add(text::connection(lang), connection.to_string(), connection.to_string());
    let client = match client {
        ClientKind::Lean => text::lean(lang),
        ClientKind::Reference => text::reference(lang),
    };
    add(text::client(lang), client.to_owned(), text::client_short(lang, client));
    let warmup = duration_ms(*warmup_ms);
    add(text::warm_up(lang), warmup.clone(), text::warm_up_short(lang, &warmup));
    let window = duration_ms(*window_ms);
    add(text::window(lang), window.clone(), text::window_short(lang, &window));
    let idle = duration_ms(*idle_ms);
    add(text::idle(lang), idle.clone(), text::idle_short(lang, &idle));
    let connects = grouped(u64::from(*connects_per_s));
    add(text::ramp(lang), text::ramp_value(lang, &connects), text::ramp_short(lang, &connects));
    let (pinning, short) = match pinned {
        true => (text::pinned(lang), text::pinned_short(lang)),
        false => (text::none(lang), text::not_pinned_short(lang)),
    };
    add(text::pinning(lang), pinning.to_owned(), short.to_owned());
    let seed = Condition {
        name: text::seed(lang),
        value: seed.to_string(),
        short: text::seed_short(lang, seed),
        is_seed: true,
    };
    list.push(seed);
    list
}

/// How events are spaced, for people.
pub(crate) fn arrivals_name(arrivals: Arrivals, lang: Lang) -> &'static str {
    match arrivals {
        Arrivals::Poisson => text::poisson(lang),
        Arrivals::Fixed => text::fixed(lang),
    }
}

/// How what the server sends is compressed, for people.
pub(crate) fn compression_name(compression: Compression, lang: Lang) -> &'static str {
    match compression {
        Compression::None => text::none(lang),
        Compression::PerEvent => text::per_event(lang),
        Compression::PerConnection => text::per_connection(lang),
    }
}

/// Which topic each client follows, for people.
pub(crate) fn fanout_name(fanout: Fanout, lang: Lang) -> String {
    match fanout {
        Fanout::Broadcast => text::broadcast(lang).to_owned(),
        Fanout::Rooms(rooms) => text::rooms(lang, rooms),
        Fanout::Unicast => text::unicast(lang).to_owned(),
    }
}

/// Where events come from, for people.
pub(crate) fn source_name(source: &Source, lang: Lang) -> String {
    match source {
        Source::Synthetic => text::synthetic(lang).to_owned(),
        Source::Replay { name, own_pace: true, speed: 1.0 } => text::replay_own_pace(lang, name),
        Source::Replay { name, own_pace: true, speed } => text::replay_faster(lang, name, plain(*speed)),
        Source::Replay { name, own_pace: false, .. } => text::replay_at_rate(lang, name),
        Source::Stdin => text::standard_input(lang).to_owned(),
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
