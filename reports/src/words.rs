//! What was measured, as sentences and captions. Each sentence is made from the records, and says no more than they do.

use feedbench_record::Transport;
use feedbench_record::run::Processes;
use feedbench_record::scenario::{Arrivals, Fanout, Source};

use crate::conditions::{arrivals_name, distinct, source_name};
use crate::lang::Lang;
use crate::number::{count, duration_ms, grouped, memory, plain, sentence_case, word};
use crate::set::Item;

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} and {last}", firsts.join(", ")),
    }
}

fn values(items: &[Item<'_>], value: impl Fn(&Item<'_>) -> String) -> String {
    distinct(items.iter().map(value)).join(" or ")
}

fn range(numbers: impl Iterator<Item = u64> + Clone) -> String {
    let (low, high) = (numbers.clone().min().unwrap_or(0), numbers.max().unwrap_or(0));
    if low == high { grouped(low) } else { format!("{} to {}", grouped(low), grouped(high)) }
}

/// The numbers of clients: each, or of many the least and the most.
fn clients(items: &[Item<'_>]) -> String {
    let numbers = items.iter().map(|item| u64::from(item.cell.clients));
    if distinct(numbers.clone()).len() > 4 { range(numbers) } else { values(items, |i| grouped(i.cell.clients.into())) }
}

/// The transports that occur, in the order of the table.
pub(crate) fn transports(items: &[Item<'_>]) -> Vec<Transport> {
    Transport::ALL.into_iter().filter(|t| items.iter().any(|item| item.record.transport == *t)).collect()
}

/// The report's title.
pub(crate) fn title(items: &[Item<'_>], lang: Lang) -> String {
    let clients = format!("{} clients", range(items.iter().map(|item| u64::from(item.cell.clients))));
    match transports(items).as_slice() {
        [one] => sentence_case(&format!("{} with {clients}", one.title())),
        several => sentence_case(&format!("{} transports, {clients} each", word(several.len()))),
    }
}

/// What was measured, in a few sentences.
pub(crate) fn scenario(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let present = transports(items);
    let titles: Vec<_> = present.iter().map(|transport| transport.title().to_owned()).collect();
    let clients = clients(items);
    let mut sentences = vec![match titles.as_slice() {
        [one] => sentence_case(&format!("{one} was measured with {clients} clients.")),
        several => {
            let several = listed(several);
            sentence_case(&format!("{several} were measured with {clients} clients each, one transport at a time."))
        }
    }];
    for source in distinct(items.iter().map(|item| &item.record.scenario.source)) {
        let of_source: Vec<_> = items.iter().filter(|item| item.record.scenario.source == *source).collect();
        let first = &of_source[0].record.scenario;
        let rates = distinct(of_source.iter().map(|item| plain(item.record.scenario.rate_per_s))).join(" or ");
        let payloads = distinct(of_source.iter().map(|i| grouped(u64::from(i.record.scenario.payload_bytes))));
        let gaps = match first.arrivals {
            Arrivals::Poisson => "Poisson arrivals",
            Arrivals::Fixed => "equal gaps",
        };
        sentences.push(match source {
            Source::Synthetic => format!(
                "The feed published {rates} event{} per second on each topic ({gaps}), each a text of {} bytes.",
                if rates == "1" { "" } else { "s" },
                payloads.join(" or ")
            ),
            Source::Replay { own_pace: false, .. } => {
                format!("The events were a {}: {rates} per second on each topic ({gaps}).", source_name(source, lang))
            }
            Source::Replay { .. } => format!("The events were a {}.", source_name(source, lang)),
            Source::Stdin => "The events were the lines of standard input.".to_owned(),
        });
    }
    for fanout in distinct(items.iter().map(|item| item.record.scenario.fanout)) {
        sentences.push(match fanout {
            Fanout::Broadcast => "All clients of a cell followed one topic.".to_owned(),
            Fanout::Rooms(rooms) => {
                format!("The clients were spread over {}.", count(rooms as usize, "topic", "topics"))
            }
            Fanout::Unicast => "Each client followed a topic of its own.".to_owned(),
        });
    }
    if present.contains(&Transport::Polling) {
        let polling = items.iter().filter(|item| item.record.transport == Transport::Polling).cloned();
        let (closed, open): (Vec<_>, Vec<_>) = polling.partition(Item::is_closed);
        if !open.is_empty() {
            let interval = values(&open, |item| duration_ms(item.record.scenario.interval_ms));
            sentences.push(format!("Polling asked every {interval}."));
        }
        if !closed.is_empty() {
            sentences.push("Polling without an interval asked again as soon as it had its answer.".to_owned());
        }
    }
    if present.contains(&Transport::LongPolling) {
        let hold = values(items, |item| duration_ms(item.record.scenario.hold_ms));
        sentences.push(format!("The server held a long poll for up to {hold}."));
    }
    let warmup = values(items, |item| duration_ms(item.record.scenario.warmup_ms));
    let window = values(items, |item| duration_ms(item.record.scenario.window_ms));
    sentences.push(format!("After a warm-up of {warmup} followed a measurement window of {window}."));
    sentences
}

/// How often each point was measured.
pub(crate) fn repetitions(items: &[Item<'_>], lang: Lang) -> String {
    let same =
        |a: &Item<'_>, b: &Item<'_>| a.record.transport == b.record.transport && a.record.scenario == b.record.scenario;
    let counts = items.iter().map(|item| items.iter().filter(|other| same(item, other)).count() as u64);
    let text = range(counts.clone());
    format!("{text} repetition{}", if text == "1" { "" } else { "s" })
}

/// The machines, each in a line.
pub(crate) fn machines(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    distinct(items.iter().map(|item| {
        let machine = &item.record.machine;
        format!(
            "{}, {}, {} memory, {} ({})",
            machine.cpu,
            count(machine.cores as usize, "core", "cores"),
            memory(machine.memory_bytes),
            machine.kernel,
            machine.arch
        )
    }))
}

/// What measured, each in a line.
pub(crate) fn tools(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    distinct(items.iter().map(|item| {
        let tool = &item.record.tool;
        let commit = tool.commit.as_ref().map_or(String::new(), |commit| format!(" ({commit})"));
        format!("feedbench {}{commit}", tool.version)
    }))
}

/// How many pairs of processes measured a cell together.
pub(crate) fn pairs(processes: Processes, _lang: Lang) -> String {
    match processes.loadgen {
        1 => "one pair of processes".to_owned(),
        pairs => format!("{} pairs of processes", grouped(pairs.into())),
    }
}

/// The number of processes of both sides.
pub(crate) fn processes(items: &[Item<'_>], lang: Lang) -> String {
    let server = |item: &Item<'_>| match item.record.processes.server {
        0 => "a server not started by feedbench".to_owned(),
        number => count(number as usize, "server process", "server processes"),
    };
    let loadgen = |item: &Item<'_>| {
        count(item.record.processes.loadgen as usize, "load generator process", "load generator processes")
    };
    format!("{} and {}", values(items, server), values(items, loadgen))
}

/// What every chart says below it.
pub(crate) fn caption(items: &[Item<'_>], lang: Lang) -> String {
    let scenario = [
        format!("{} clients", clients(items)),
        values(items, |item| item.record.scenario.fanout.to_string()),
        values(items, |item| {
            let scenario = &item.record.scenario;
            match &scenario.source {
                Source::Synthetic | Source::Replay { own_pace: false, .. } => {
                    let arrivals = arrivals_name(scenario.arrivals, lang);
                    format!("{} events/s a topic ({arrivals}, seed {})", plain(scenario.rate_per_s), scenario.seed)
                }
                source @ (Source::Replay { .. } | Source::Stdin) => source_name(source, lang),
            }
        }),
        format!("payload {} bytes", values(items, |item| grouped(u64::from(item.record.scenario.payload_bytes)))),
        values(items, |item| {
            let scenario = &item.record.scenario;
            format!("{}{}", scenario.protocol, if scenario.tls { " over TLS" } else { "" })
        }),
        format!("window {}", values(items, |item| duration_ms(item.record.scenario.window_ms))),
    ];
    let deliveries = range(items.iter().map(|item| item.cell.delivered));
    [
        scenario.join(", "),
        format!("n = {deliveries} deliveries a cell, {}", repetitions(items, lang)),
        processes(items, lang),
        machines(items, lang).join(" / "),
        tools(items, lang).join(" / "),
    ]
    .join(" · ")
}
