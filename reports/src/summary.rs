//! The summary of a report: sentences computed from its figures, and none that they do not carry.
//!
//! Two figures are told apart where their intervals do not overlap; of too few repetitions for an interval, where their
//! ranges do not; of one repetition, where they differ by more than the noise of a run: half of the smaller one, or 2 % of
//! bytes, which are counted. What is not told apart is said not to be, and invalid cells are left out by name.

use feedbench_record::transport::Manner;

use crate::charts::Scene;
use crate::estimate::{Estimate, Spread};
use crate::lang::Lang;
use crate::number::{duration_ms, grouped, plain, significant};
use crate::set::{Item, Point};
use crate::text::{common, summary as text, words};

/// Points of one scenario each are summed up, so many of them at most: of a sweep the first and the last.
const SCENARIOS: usize = 2;

/// What transports are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Delay,
    BytesOnIp,
    Overhead,
    Cpu,
    Memory,
}

const QUANTITIES: [Quantity; 5] =
    [Quantity::Delay, Quantity::BytesOnIp, Quantity::Overhead, Quantity::Cpu, Quantity::Memory];

impl Quantity {
    fn of(self, item: &Item<'_>) -> Option<f64> {
        let cell = &item.cell;
        match self {
            Quantity::Delay => Some(cell.latency_us?.p50? as f64 / 1_000.0),
            Quantity::BytesOnIp => cell.bytes_per_event.ip,
            Quantity::Overhead => cell.bytes_per_event.overhead,
            Quantity::Cpu => cell.cpu_us_per_event.server,
            Quantity::Memory => Some(cell.rss_bytes_per_client.server? / 1_024.0),
        }
    }

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Quantity::Delay => text::delay(lang),
            Quantity::BytesOnIp => text::bytes_on_ip(lang),
            Quantity::Overhead => text::overhead(lang),
            Quantity::Cpu => text::cpu(lang),
            Quantity::Memory => text::memory(lang),
        }
    }

    /// The share of the smaller figure by which two single runs of the same thing may differ.
    fn noise(self) -> f64 {
        match self {
            Quantity::BytesOnIp | Quantity::Overhead => 0.02,
            Quantity::Delay | Quantity::Cpu | Quantity::Memory => 0.5,
        }
    }

    fn sentence(self, lang: Lang, best: &str, times: &str, worst: &str, figures: [f64; 2]) -> String {
        let [low, high] = figures.map(significant);
        match self {
            Quantity::Delay => text::faster(lang, best, times, worst, low, high),
            Quantity::BytesOnIp => text::fewer_bytes(lang, best, times, worst, low, high),
            Quantity::Overhead => text::less_overhead(lang, best, times, worst, low, high),
            Quantity::Cpu => text::less_cpu(lang, best, times, worst, low, high),
            Quantity::Memory => text::less_memory(lang, best, times, worst, low, high),
        }
    }
}

/// Is the first figure below the second one beyond what chance explains?
fn is_below(one: &Estimate, other: &Estimate, noise: f64) -> bool {
    match (one.spread, other.spread) {
        (Some(one), Some(other)) => one.ends().1 < other.ends().0,
        _ => one.median * (1.0 + noise) < other.median,
    }
}

/// The sentences, in the order of the page; none where nothing was measured.
pub(crate) fn sentences(scene: &Scene<'_>) -> Vec<String> {
    let lang = scene.lang();
    let scenarios = scenarios(&scene.points);
    let shown: Vec<_> = match scenarios.as_slice() {
        [first, .., last] if scenarios.len() > SCENARIOS => vec![first, last],
        few => few.iter().collect(),
    };
    let mut sentences = Vec::new();
    for points in &shown {
        let of_scenario = of_scenario(points, lang);
        let head = (shown.len() > 1).then(|| head(points[0], lang));
        for (index, sentence) in of_scenario.into_iter().enumerate() {
            let told = match (&head, index) {
                (Some(head), 0) => text::colon(lang, head, sentence),
                _ => sentence,
            };
            sentences.push(common::sentence(lang, &told));
        }
    }
    if shown.iter().any(|points| points.len() > 1) {
        sentences.extend(certainty(&scene.points, lang));
    }
    sentences
}

/// The points that can be compared with each other: nothing differs but the transport.
fn scenarios<'p, 'a>(points: &'p [Point<'a>]) -> Vec<Vec<&'p Point<'a>>> {
    let mut scenarios: Vec<Vec<&Point<'_>>> = Vec::new();
    for point in points.iter().filter(|point| point.scenario().rate_per_s > 0.0) {
        let alike = |others: &&mut Vec<&Point<'_>>| {
            others[0].first().is_comparable(point.first())
                && others.iter().all(|other| other.transport() != point.transport())
        };
        match scenarios.iter_mut().find(alike) {
            Some(others) => others.push(point),
            None => scenarios.push(vec![point]),
        }
    }
    scenarios
}

fn head(point: &Point<'_>, lang: Lang) -> String {
    let scenario = point.scenario();
    let clients = words::clients(lang, grouped(scenario.clients.into()));
    let rate = match scenario.rate_per_s {
        1.0 => text::one_event(lang).to_owned(),
        rate => text::events(lang, plain(rate)),
    };
    text::with(lang, clients, rate)
}

fn name(point: &Point<'_>, lang: Lang) -> String {
    let transport = common::transport(lang, point.transport());
    match point.transport().manner() {
        Manner::Asks if !point.first().is_closed() => {
            text::polling_every(lang, transport, duration_ms(point.scenario().interval_ms))
        }
        _ => transport.to_owned(),
    }
}

fn names(points: &[&Point<'_>], lang: Lang) -> String {
    common::listed(lang, &points.iter().map(|point| name(point, lang)).collect::<Vec<_>>())
}

fn of_scenario(points: &[&Point<'_>], lang: Lang) -> Vec<String> {
    let (valid, invalid): (Vec<_>, Vec<_>) = points.iter().copied().partition(|point| point.is_valid());
    let mut sentences: Vec<_> = match valid.as_slice() {
        [] => Vec::new(),
        [one] => alone(one, lang),
        several => QUANTITIES.into_iter().flat_map(|quantity| compared(quantity, several, lang)).collect(),
    };
    let of_polls = |point: &Point<'_>| {
        let share = |item: &Item<'_>| {
            item.cell.polls.filter(|polls| polls.total > 0).map(|polls| polls.empty as f64 * 100.0 / polls.total as f64)
        };
        Some(text::empty_polls(lang, name(point, lang), significant(point.estimate(share)?.median)))
    };
    sentences.extend(valid.iter().filter_map(|point| of_polls(point)));
    if !invalid.is_empty() {
        sentences.push(text::not_compared(lang, names(&invalid, lang)));
    }
    sentences
}

fn alone(point: &Point<'_>, lang: Lang) -> Vec<String> {
    let figure = |of: fn(&Item<'_>) -> Option<f64>| Some(significant(point.estimate(of)?.median));
    let p50 = figure(|item| Some(item.cell.latency_us?.p50? as f64 / 1_000.0));
    let p99 = figure(|item| Some(item.cell.latency_us?.p99? as f64 / 1_000.0));
    let bytes = figure(|item| item.cell.bytes_per_event.total);
    let overhead = figure(|item| item.cell.bytes_per_event.overhead);
    let delay = p50.zip(p99).map(|(p50, p99)| text::alone(lang, name(point, lang), p50, p99));
    let bytes = bytes.zip(overhead).map(|(bytes, overhead)| text::alone_bytes(lang, bytes, overhead));
    delay.into_iter().chain(bytes).collect()
}

/// A point with its figure.
type Figured<'p, 'a> = (&'p Point<'a>, Estimate);

/// The best against the worst; and in bytes against polling too, where that is not the worst, for many ask just this.
fn compared(quantity: Quantity, points: &[&Point<'_>], lang: Lang) -> Vec<String> {
    let mut figures: Vec<Figured<'_, '_>> =
        points.iter().filter_map(|point| Some((*point, point.estimate(|item| quantity.of(item))?))).collect();
    figures.retain(|(_, estimate)| estimate.valid && estimate.median > 0.0);
    figures.sort_by(|(_, one), (_, other)| one.median.total_cmp(&other.median));
    let Some(((worst, _), others)) = figures.split_last() else { return Vec::new() };
    let of_bytes = quantity == Quantity::BytesOnIp && worst.transport().manner() != Manner::Asks;
    let polling = others.iter().position(|(point, _)| of_bytes && point.transport().manner() == Manner::Asks);
    let against_polling = polling.and_then(|place| {
        let sentence = against_worst(quantity, &figures[..=place], lang);
        sentence.filter(|_| is_below(&figures[0].1, &figures[place].1, quantity.noise()))
    });
    against_polling.into_iter().chain(against_worst(quantity, &figures, lang)).collect()
}

/// The best of these, in ascending order, against the last. Several that are not told apart from the best stand together.
fn against_worst(quantity: Quantity, figures: &[Figured<'_, '_>], lang: Lang) -> Option<String> {
    let ((_, best), (worst, most)) = (figures.first()?, figures.last().filter(|_| figures.len() > 1)?);
    let ties: Vec<_> = figures.iter().take_while(|(_, estimate)| !is_below(best, estimate, quantity.noise())).collect();
    let tied: Vec<_> = ties.iter().map(|(point, _)| *point).collect();
    // The worst of those that tie with the best has to be told apart from the worst, too.
    let apart = ties.last().filter(|(_, last)| is_below(last, most, quantity.noise()));
    let Some((_, last)) = apart else {
        let all: Vec<_> = figures.iter().map(|(point, _)| *point).collect();
        let told = if is_below(best, most, quantity.noise()) { tied } else { all };
        return (told.len() > 1).then(|| text::no_difference(lang, quantity.name(lang), names(&told, lang)));
    };
    let times = times(most.median / last.median);
    let (subject, times) = match tied.as_slice() {
        [_] => (names(&tied, lang), times),
        _ => (text::each_of(lang, names(&tied, lang)), text::at_least(lang, times)),
    };
    Some(quantity.sentence(lang, &subject, &times, &name(worst, lang), [last.median, most.median]))
}

/// How many times: two digits, rounded down where it is said to be at least so much.
fn times(ratio: f64) -> String {
    let step = if ratio >= 10.0 { 1.0 } else { 0.1 };
    let rounded = (ratio / step + 1e-9).floor() * step;
    if ratio >= 10.0 { grouped(rounded as u64) } else { format!("{rounded:.1}") }
}

/// What the figures are of.
fn certainty(points: &[Point<'_>], lang: Lang) -> Option<String> {
    let fewest = points.iter().filter(|point| point.is_valid()).map(|point| point.valid().count()).min()?;
    let spread = points.iter().filter_map(|point| point.estimate(|item| Quantity::Overhead.of(item))?.spread);
    let coverage = spread.filter_map(|spread| match spread {
        Spread::Interval { coverage, .. } => Some(coverage * 100.0),
        Spread::Range { .. } => None,
    });
    let coverage = coverage.fold(100.0, f64::min);
    Some(match fewest {
        1 => text::from_one_repetition(lang).to_owned(),
        few if few < crate::estimate::FEWEST => text::from_few_repetitions(lang, few),
        many => text::from_repetitions(lang, many, format!("{coverage:.1}")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::look::{Look, Medium};
    use crate::{fixture, set};
    use feedbench_record::{Record, Scenario, Transport, judge};
    use proptest::prelude::*;

    fn told(records: &[Record], lang: Lang) -> Vec<String> {
        sentences(&Scene::of(&set::of(records, lang), Look { lang, medium: Medium::Page }))
    }

    /// Repetitions of a transport that costs so many bytes on top of each event.
    fn repetitions(transport: Transport, overhead: &[u64]) -> Vec<Record> {
        let repetition = |(index, &bytes): (usize, &u64)| {
            let mut record = fixture::record_of(transport, Scenario::default(), index as u32 + 1);
            let events = record.cell_counts.delivered;
            let opening = record.bytes.loadgen.opening_up.unwrap() + record.bytes.loadgen.opening_down.unwrap();
            (record.bytes.loadgen.up, record.bytes.loadgen.down) = (opening, events * (100 + bytes));
            record
        };
        overhead.iter().enumerate().map(repetition).collect()
    }

    fn about<'s>(sentences: &'s [String], words: &str) -> &'s str {
        sentences.iter().find(|sentence| sentence.contains(words)).map_or("", String::as_str)
    }

    #[test]
    fn the_best_stands_against_the_worst_with_both_figures() {
        let records = [repetitions(Transport::Polling, &[210]), repetitions(Transport::WebSocket, &[20])].concat();
        assert_eq!(
            about(&told(&records, Lang::En), "overhead"),
            "WebSocket added 10 times less overhead above TCP to an event than polling every 1 s (20.0 bytes against 210)."
        );
        assert_eq!(
            about(&told(&records, Lang::Zh), "开销"),
            "在 TCP 之上，每 1 s 一次的轮询每个事件的开销是 WebSocket 的 10 倍（210 字节对 20.0 字节）。"
        );
    }

    #[test]
    fn polling_wins_where_it_costs_least() {
        let records = [repetitions(Transport::Polling, &[10]), repetitions(Transport::WebSocket, &[25])].concat();
        let told = told(&records, Lang::En);
        assert!(about(&told, "overhead").starts_with("Polling every 1 s added 2.5 times less"), "{told:?}");
    }

    #[test]
    fn a_tie_is_told_as_one_and_the_ratio_of_several_is_that_of_the_worst_of_them() {
        let tie = [repetitions(Transport::Sse, &[50]), repetitions(Transport::WebSocket, &[50])].concat();
        assert_eq!(
            about(&told(&tie, Lang::En), "overhead"),
            "No difference in overhead above TCP is shown between server-sent events and WebSocket."
        );
        let of_three =
            [repetitions(Transport::Polling, &[202]), repetitions(Transport::Sse, &[101]), tie[1..].to_vec()];
        let three = of_three.concat();
        assert!(about(&told(&three, Lang::En), "overhead").starts_with("WebSocket added 4.0 times"));
        let close = [repetitions(Transport::Polling, &[202]), repetitions(Transport::Sse, &[101])].concat();
        let close = [close, repetitions(Transport::WebSocket, &[100])].concat();
        assert!(
            about(&told(&close, Lang::En), "overhead")
                .starts_with("Each of WebSocket and server-sent events added at least 2.0 times"),
            "{:?}",
            told(&close, Lang::En)
        );
    }

    #[test]
    fn intervals_that_overlap_are_no_difference_however_far_their_medians_are_apart() {
        let wide = repetitions(Transport::Polling, &[20, 200, 210, 220, 230, 240]);
        let narrow = repetitions(Transport::WebSocket, &[18, 19, 20, 21, 22, 23]);
        let told = told(&[wide, narrow].concat(), Lang::En);
        assert!(about(&told, "overhead").starts_with("No difference"), "{told:?}");
        assert!(about(&told, "6 repetitions").contains("96.9 % interval"), "{told:?}");
    }

    #[test]
    fn an_invalid_cell_is_named_and_not_compared() {
        let mut records = [repetitions(Transport::Polling, &[210]), repetitions(Transport::WebSocket, &[20])].concat();
        records.push(fixture::lossy(Transport::Sse));
        let told = told(&records, Lang::En);
        assert!(told.contains(&"Not compared, because every repetition is invalid: server-sent events.".to_owned()));
        assert_eq!(told.iter().filter(|sentence| sentence.contains("server-sent")).count(), 1, "{told:?}");
    }

    #[test]
    fn one_transport_alone_is_compared_with_nothing_and_nothing_measured_says_nothing() {
        let alone = told(&repetitions(Transport::WebSocket, &[20]), Lang::En);
        assert!(alone[0].starts_with("WebSocket delivered half of the events within"), "{alone:?}");
        assert!(!alone.iter().any(|sentence| sentence.contains("than")), "{alone:?}");
        let mut lossy = fixture::lossy(Transport::WebSocket);
        lossy.verdict = judge::judge(&lossy);
        assert_eq!(told(&[lossy], Lang::En).len(), 1);
    }

    #[test]
    fn what_was_not_measured_has_no_sentence() {
        let records = [fixture::remote(Transport::Polling), fixture::remote(Transport::WebSocket)];
        let told = told(&records, Lang::En);
        assert!(!told.iter().any(|s| s.contains("faster") || s.contains("CPU") || s.contains("memory")), "{told:?}");
    }

    proptest! {
        #[test]
        fn no_sentence_says_more_times_than_its_figures_have(ratio in 1.0f64..5_000.0) {
            let said: f64 = times(ratio).replace(',', "").parse().unwrap();
            prop_assert!(said <= ratio + 1e-6 && said > ratio * 0.9 - 0.1);
        }
    }
}
