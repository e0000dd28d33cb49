//! What was measured, as sentences and captions. Each sentence is made from the records, and says no more than they do.

use feedbench_record::Transport;
use feedbench_record::run::Processes;
use feedbench_record::scenario::{Arrivals, Compression, Fanout, Scenario, Source};

use crate::conditions::{arrivals_name, compression_name, distinct, fanout_name, source_name};
use crate::lang::Lang;
use crate::number::{bit_rate, duration_ms, grouped, memory, plain, word};
use crate::set::{self, Item};
use crate::text::{common, conditions, words as text};

fn values(items: &[Item<'_>], lang: Lang, value: impl Fn(&Item<'_>) -> String) -> String {
    distinct(items.iter().map(value)).join(common::or(lang))
}

fn range(numbers: impl Iterator<Item = u64> + Clone, lang: Lang) -> String {
    let (low, high) = (numbers.clone().min().unwrap_or(0), numbers.max().unwrap_or(0));
    if low == high { grouped(low) } else { text::range(lang, grouped(low), grouped(high)) }
}

/// The numbers of clients: each, or of many the least and the most.
fn clients(items: &[Item<'_>], lang: Lang) -> String {
    let numbers = items.iter().map(|item| u64::from(item.cell.clients));
    let numbers = if distinct(numbers.clone()).len() > 4 {
        range(numbers, lang)
    } else {
        values(items, lang, |item| grouped(item.cell.clients.into()))
    };
    text::clients(lang, numbers)
}

/// The transports that occur, in the order of the table.
pub(crate) fn transports(items: &[Item<'_>]) -> Vec<Transport> {
    Transport::ALL.into_iter().filter(|t| items.iter().any(|item| item.record.transport == *t)).collect()
}

/// The report's title.
pub(crate) fn title(items: &[Item<'_>], lang: Lang) -> String {
    let clients = text::clients(lang, range(items.iter().map(|item| u64::from(item.cell.clients)), lang));
    match transports(items).as_slice() {
        [one] => common::sentence(lang, &text::title_one(lang, common::transport(lang, *one), clients)),
        several => {
            let number = match lang {
                Lang::En => word(several.len()),
                Lang::Zh => format!("{} ", several.len()),
            };
            common::sentence(lang, &text::title_several(lang, number, clients))
        }
    }
}

/// What was measured, in a few sentences.
pub(crate) fn scenario(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let present = transports(items);
    let titles: Vec<_> = present.iter().map(|&transport| common::transport(lang, transport).to_owned()).collect();
    let clients = clients(items, lang);
    let listed = common::listed(lang, &titles);
    let mut sentences = vec![common::sentence(
        lang,
        &match titles.as_slice() {
            [_] => text::measured_one(lang, listed, clients),
            _ => text::measured_several(lang, listed, clients),
        },
    )];
    for source in distinct(items.iter().map(|item| &item.record.scenario.source)) {
        let of_source: Vec<_> = items.iter().filter(|item| item.record.scenario.source == *source).cloned().collect();
        sentences.push(published(source, &of_source, lang));
    }
    for fanout in distinct(items.iter().map(|item| item.record.scenario.fanout)) {
        sentences.push(match fanout {
            Fanout::Broadcast => text::one_topic(lang).to_owned(),
            Fanout::Rooms(rooms) => {
                text::several_topics(lang, common::counted(lang, rooms.into(), "topic", "topics", "个主题"))
            }
            Fanout::Unicast => text::own_topics(lang).to_owned(),
        });
    }
    if present.contains(&Transport::Polling) {
        let polling = items.iter().filter(|item| item.record.transport == Transport::Polling).cloned();
        let (closed, open): (Vec<_>, Vec<_>) = polling.partition(Item::is_closed);
        if !open.is_empty() {
            let interval = values(&open, lang, |item| duration_ms(item.record.scenario.interval_ms));
            sentences.push(text::polled_every(lang, interval));
        }
        if !closed.is_empty() {
            sentences.push(text::polled_at_once(lang).to_owned());
        }
    }
    if present.contains(&Transport::LongPolling) {
        let waiting: Vec<_> =
            items.iter().filter(|item| item.record.transport == Transport::LongPolling).cloned().collect();
        let hold = values(&waiting, lang, |item| duration_ms(item.record.scenario.hold_ms));
        sentences.push(text::held(lang, hold));
    }
    let warmup = values(items, lang, |item| duration_ms(item.record.scenario.warmup_ms));
    let window = values(items, lang, |item| duration_ms(item.record.scenario.window_ms));
    sentences.push(text::window(lang, warmup, window));
    let counts = set::points(items).iter().map(|point| point.items().len() as u64).collect::<Vec<_>>();
    if counts.iter().any(|&count| count > 1) {
        sentences.push(text::interleaved(lang, range(counts.into_iter(), lang)));
    }
    sentences
}

/// What the feed of these cells was.
fn published(source: &Source, items: &[Item<'_>], lang: Lang) -> String {
    let rates = values(items, lang, |item| plain(item.record.scenario.rate_per_s));
    let gaps = match items[0].record.scenario.arrivals {
        Arrivals::Poisson => text::poisson_arrivals(lang),
        Arrivals::Fixed => text::equal_gaps(lang),
    };
    let bytes = values(items, lang, |item| grouped(u64::from(item.record.scenario.payload_bytes)));
    match source {
        Source::Synthetic if rates == "0" => text::published_silence(lang).to_owned(),
        Source::Synthetic if rates == "1" => text::published_one(lang, gaps, bytes),
        Source::Synthetic => text::published(lang, rates, gaps, bytes),
        Source::Replay { own_pace: false, .. } => text::replayed_at_rate(lang, source_name(source, lang), rates, gaps),
        Source::Replay { .. } => text::replayed(lang, source_name(source, lang)),
        Source::Stdin => text::from_standard_input(lang).to_owned(),
    }
}

/// How often each point was measured.
pub(crate) fn repetitions(items: &[Item<'_>], lang: Lang) -> String {
    let points = set::points(items);
    let text = range(points.iter().map(|point| point.items().len() as u64), lang);
    match (lang, text.as_str()) {
        (Lang::En, "1") => "1 repetition".to_owned(),
        (Lang::En, text) => format!("{text} repetitions"),
        (Lang::Zh, text) => format!("重复 {text} 次"),
    }
}

/// The machines, each in a line.
pub(crate) fn machines(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    distinct(items.iter().map(|item| {
        let machine = &item.record.machine;
        let cores = common::counted(lang, machine.cores.into(), "core", "cores", "核");
        text::machine(lang, &machine.cpu, cores, memory(machine.memory_bytes), &machine.kernel, &machine.arch)
    }))
}

/// What measured, each in a line.
pub(crate) fn tools(items: &[Item<'_>]) -> Vec<String> {
    distinct(items.iter().map(|item| {
        let tool = &item.record.tool;
        let commit = tool.commit.as_ref().map_or(String::new(), |commit| format!(" ({commit})"));
        format!("feedbench {}{commit}", tool.version)
    }))
}

/// How many pairs of processes measured a cell together.
pub(crate) fn pairs(processes: Processes, lang: Lang) -> String {
    match processes.loadgen {
        1 => text::one_pair(lang).to_owned(),
        pairs => text::pairs(lang, grouped(pairs.into())),
    }
}

/// The number of processes of both sides.
pub(crate) fn processes(items: &[Item<'_>], lang: Lang) -> String {
    let server = |item: &Item<'_>| match item.record.processes.server {
        0 => text::foreign_server(lang).to_owned(),
        number => common::counted(lang, number.into(), "server process", "server processes", "个服务器进程"),
    };
    let loadgen = |item: &Item<'_>| {
        let number = item.record.processes.loadgen.into();
        common::counted(lang, number, "load generator process", "load generator processes", "个负载生成器进程")
    };
    text::and(lang, values(items, lang, server), values(items, lang, loadgen))
}

/// The rates, arrivals and seeds; or where else the events came from.
fn feed(items: &[Item<'_>], lang: Lang) -> String {
    let of = |item: &Item<'_>| {
        let scenario = &item.record.scenario;
        match &scenario.source {
            Source::Synthetic | Source::Replay { own_pace: false, .. } if scenario.rate_per_s > 0.0 => {
                let alike = items.iter().filter(|other| other.record.scenario.rate_per_s == scenario.rate_per_s);
                let seeds = distinct(alike.map(|other| other.record.scenario.seed));
                let seeds = match seeds.as_slice() {
                    [one] => text::one_seed(lang, one),
                    several => text::seeds(lang, several.len()),
                };
                text::rate(lang, plain(scenario.rate_per_s), arrivals_name(scenario.arrivals, lang), seeds)
            }
            Source::Synthetic => text::silence(lang).to_owned(),
            source => source_name(source, lang),
        }
    };
    let feeds = distinct(items.iter().map(of));
    match feeds.as_slice() {
        // Of a sweep over the rate its ends.
        [first, .., last] if feeds.len() > 4 => text::range(lang, first, last),
        few => few.join(common::or(lang)),
    }
}

/// What else lies between both ends, as far as anything of it was chosen.
fn network(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let is_any = |is: fn(&Scenario) -> bool| items.iter().any(|item| is(&item.record.scenario));
    let each = |value: &dyn Fn(&Scenario) -> String| values(items, lang, |item| value(&item.record.scenario));
    let mut said = Vec::new();
    if is_any(|scenario| scenario.rtt_ms > 0) {
        said.push(text::rtt(lang, each(&|scenario| duration_ms(scenario.rtt_ms))));
    }
    if is_any(|scenario| scenario.jitter_ms > 0) {
        said.push(conditions::jitter_short(lang, each(&|scenario| duration_ms(scenario.jitter_ms))));
    }
    if is_any(|scenario| scenario.bandwidth_bits_per_s.is_some()) {
        let rate = |scenario: &Scenario| scenario.bandwidth_bits_per_s.map(bit_rate);
        let rate = |scenario: &Scenario| rate(scenario).unwrap_or_else(|| conditions::not_limited(lang).to_owned());
        said.push(conditions::bandwidth_short(lang, each(&rate)));
    }
    if is_any(|scenario| scenario.mss_bytes.is_some()) {
        let size = |scenario: &Scenario| scenario.mss_bytes.map(|bytes| conditions::bytes(lang, grouped(bytes.into())));
        let size = |scenario: &Scenario| size(scenario).unwrap_or_else(|| conditions::of_loopback(lang).to_owned());
        said.push(conditions::mss_short(lang, each(&size)));
    }
    if is_any(|scenario| scenario.clients_per_connection > 1) {
        said.push(conditions::sharing_short(lang, each(&|scenario| scenario.clients_per_connection.to_string())));
    }
    if is_any(|scenario| scenario.tls_resumption) {
        let resumed = |scenario: &Scenario| match scenario.tls_resumption {
            true => conditions::resumption_short(lang).to_owned(),
            false => conditions::no_resumption_short(lang).to_owned(),
        };
        said.push(each(&resumed));
    }
    if is_any(|scenario| scenario.compression != Compression::None) {
        let how = |scenario: &Scenario| compression_name(scenario.compression, lang).to_owned();
        said.push(conditions::compression_short(lang, each(&how)));
    }
    said
}

/// What every chart says below it.
pub(crate) fn caption(items: &[Item<'_>], lang: Lang) -> String {
    let mut scenario = vec![
        clients(items, lang),
        values(items, lang, |item| fanout_name(item.record.scenario.fanout, lang)),
        feed(items, lang),
        text::payload(lang, values(items, lang, |item| grouped(u64::from(item.record.scenario.payload_bytes)))),
        values(items, lang, |item| {
            let scenario = &item.record.scenario;
            if scenario.tls {
                text::over_tls(lang, scenario.protocol.title())
            } else {
                scenario.protocol.title().to_owned()
            }
        }),
        text::window_short(lang, values(items, lang, |item| duration_ms(item.record.scenario.window_ms))),
    ];
    scenario.extend(network(items, lang));
    let deliveries = range(items.iter().map(|item| item.cell.delivered), lang);
    [
        scenario.join(common::label_comma(lang)),
        text::deliveries(lang, deliveries, repetitions(items, lang)),
        processes(items, lang),
        machines(items, lang).join(" / "),
        tools(items).join(" / "),
    ]
    .join(" · ")
}
