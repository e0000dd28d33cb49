//! The records of a report in the order of every chart and table: each as an item with a label that no other one has, and
//! the repetitions of one point together.

use feedbench_record::run::Record;
use feedbench_record::summary::Cell;
use feedbench_record::{Scenario, Transport, Workload};

use crate::conditions::{self, distinct};
use crate::estimate::{Dot, Estimate};
use crate::lang::Lang;
use crate::style::{self, Style};
use crate::text::common;

/// One cell of a report.
#[derive(Clone)]
pub(crate) struct Item<'a> {
    pub(crate) record: &'a Record,
    pub(crate) cell: Cell,
    /// The transport's title, and what tells the cell apart from others of the same transport.
    pub(crate) label: String,
    pub(crate) lang: Lang,
}

impl Item<'_> {
    /// How the cell's transport looks.
    pub(crate) fn style(&self) -> Style {
        style::of(self.record.transport)
    }

    /// Is there no reason against the cell?
    pub(crate) fn valid(&self) -> bool {
        self.cell.verdict.valid
    }

    /// Does each answer of the cell bring the next request, so that its throughput is all it can say?
    pub(crate) fn is_closed(&self) -> bool {
        self.record.workload() == Workload::Closed
    }

    /// Do the two differ in nothing but the transport?
    pub(crate) fn is_comparable(&self, other: &Item<'_>) -> bool {
        let (one, other) = (self.record, other.record);
        (&one.scenario, &one.suite, one.repetition) == (&other.scenario, &other.suite, other.repetition)
    }

    /// The label with the mark of an invalid cell.
    pub(crate) fn marked_label(&self) -> String {
        if self.valid() { self.label.clone() } else { format!("{} {}", self.label, common::invalid(self.lang)) }
    }
}

/// All repetitions of one transport at one point of a scenario.
#[derive(Clone)]
pub(crate) struct Point<'a> {
    /// At least one, in the order of repetition.
    items: Vec<Item<'a>>,
    label: String,
}

impl<'a> Point<'a> {
    /// Every repetition, at least one.
    pub(crate) fn items(&self) -> &[Item<'a>] {
        &self.items
    }

    /// One of them, for what is the same in all.
    pub(crate) fn first(&self) -> &Item<'a> {
        &self.items[0]
    }

    pub(crate) fn transport(&self) -> Transport {
        self.first().record.transport
    }

    pub(crate) fn scenario(&self) -> &'a Scenario {
        &self.first().record.scenario
    }

    pub(crate) fn lang(&self) -> Lang {
        self.first().lang
    }

    /// How the point's transport looks.
    pub(crate) fn style(&self) -> Style {
        self.first().style()
    }

    /// The repetitions whose cells are valid.
    pub(crate) fn valid(&self) -> impl Iterator<Item = &Item<'a>> {
        self.items.iter().filter(|item| item.valid())
    }

    /// Is there a repetition to count?
    pub(crate) fn is_valid(&self) -> bool {
        self.valid().next().is_some()
    }

    /// The transport's title, and what tells the point apart from others of the same transport.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// What stands beside the label where repetitions are invalid; `None` where all are valid.
    pub(crate) fn mark(&self) -> Option<String> {
        match (self.items.len() - self.valid().count(), self.items.len()) {
            (0, _) => None,
            (invalid, all) if invalid == all => Some(common::invalid(self.lang()).to_owned()),
            (invalid, all) => Some(common::some_invalid(self.lang(), invalid, all)),
        }
    }

    /// The label with the mark.
    pub(crate) fn marked_label(&self) -> String {
        self.mark().map_or_else(|| self.label.clone(), |mark| format!("{} {mark}", self.label))
    }

    /// A figure over the repetitions that have it.
    pub(crate) fn estimate(&self, figure: impl Fn(&Item<'a>) -> Option<f64>) -> Option<Estimate> {
        let dot = |item: &Item<'a>| Some(Dot { value: figure(item)?, valid: item.valid() });
        Estimate::of(self.items.iter().filter_map(dot).collect())
    }
}

/// All cells of a report: by number of clients, then in the order of the transport table, then by repetition.
pub(crate) fn of(records: &[Record], lang: Lang) -> Vec<Item<'_>> {
    let mut items: Vec<_> = records
        .iter()
        .zip(labels(&records.iter().collect::<Vec<_>>(), lang, true))
        .map(|(record, label)| Item { record, cell: Cell::of(record), label, lang })
        .collect();
    items.sort_by_key(|item| (item.cell.clients, item.record.transport, item.record.repetition));
    items
}

/// The points of these cells, in the order of their first cells.
pub(crate) fn points<'a>(items: &[Item<'a>]) -> Vec<Point<'a>> {
    let mut points: Vec<Vec<Item<'a>>> = Vec::new();
    for item in items {
        // A repetition that is there twice was measured in two runs: those are two points.
        let of_point = |point: &&mut Vec<Item<'a>>| {
            point[0].record.same_point(item.record)
                && point.iter().all(|other| other.record.repetition != item.record.repetition)
        };
        match points.iter_mut().find(of_point) {
            Some(point) => point.push(item.clone()),
            None => points.push(vec![item.clone()]),
        }
    }
    let firsts: Vec<_> = points.iter().map(|point| point[0].record).collect();
    let labels = labels(&firsts, items.first().map_or(Lang::En, |item| item.lang), false);
    points.into_iter().zip(labels).map(|(items, label)| Point { items, label }).collect()
}

/// The cells of a report by what they can stand beside in a chart.
pub(crate) struct Kinds<'a> {
    /// Those that compare transports.
    pub(crate) open: Vec<Item<'a>>,
    /// Closed workloads.
    pub(crate) closed: Vec<Item<'a>>,
    /// Those to which nothing was published.
    pub(crate) silent: Vec<Item<'a>>,
    /// Steps of searches for a capacity.
    pub(crate) steps: Vec<Item<'a>>,
}

/// Each cell among its kind.
pub(crate) fn kinds<'a>(items: &[Item<'a>]) -> Kinds<'a> {
    let mut kinds = Kinds { open: Vec::new(), closed: Vec::new(), silent: Vec::new(), steps: Vec::new() };
    for item in items {
        let of_kind = match (&item.record.step, item.record.workload()) {
            (Some(_), _) => &mut kinds.steps,
            (None, Workload::Open) => &mut kinds.open,
            (None, Workload::Closed) => &mut kinds.closed,
            (None, Workload::Idle) => &mut kinds.silent,
        };
        of_kind.push(item.clone());
    }
    kinds
}

fn labels(records: &[&Record], lang: Lang, with_repetition: bool) -> Vec<String> {
    let conditions: Vec<_> = records.iter().map(|record| concerning(record, lang)).collect();
    let mut labels: Vec<Vec<String>> = records.iter().map(|record| name(record, lang)).collect();
    for index in 0..conditions.first().map_or(0, Vec::len) {
        let values = || conditions.iter().map(|list| list[index].as_ref());
        if distinct(values().flatten()).len() > 1 {
            labels.iter_mut().zip(values()).for_each(|(label, value)| label.extend(value.cloned()));
        }
    }
    let mut tell_apart = |values: Vec<String>, always: bool| {
        let needed = always || has_twice(&labels);
        if needed && distinct(values.iter()).len() > 1 {
            labels.iter_mut().zip(values).for_each(|(label, value)| label.push(value));
        }
    };
    if with_repetition {
        tell_apart(records.iter().map(|record| common::repetition(lang, record.repetition)).collect(), true);
    }
    tell_apart(records.iter().map(|record| record.suite.clone()).collect(), false);
    tell_apart(records.iter().map(|record| format!("seed {}", record.scenario.seed)).collect(), false);
    tell_apart(records.iter().map(|record| record.started_at.clone()).collect(), false);
    tell_apart((1..=records.len()).map(|number| format!("#{number}")).collect(), false);
    labels.into_iter().map(|parts| parts.join(common::label_comma(lang))).collect()
}

/// What was chosen, in the order of [`conditions::of`]; `None` for what makes no difference to the transport, and for the
/// seed: repetitions differ by it, and say which one they are.
fn concerning(record: &Record, lang: Lang) -> Vec<Option<String>> {
    let scenario = &record.scenario;
    let other = Scenario {
        interval_ms: scenario.interval_ms + 1,
        hold_ms: scenario.hold_ms + 1,
        heartbeat_ms: scenario.heartbeat_ms + 1,
        ..scenario.clone()
    };
    let [chosen, changed] = [scenario, &other].map(|scenario| conditions::of(scenario, lang));
    let [seen, seen_changed] =
        [scenario, &other].map(|scenario| conditions::of(&scenario.as_seen_by(record.transport), lang));
    let concerns = |at: usize| chosen[at].short == changed[at].short || seen[at].short != seen_changed[at].short;
    (0..chosen.len()).map(|at| (concerns(at) && !chosen[at].is_seed).then(|| chosen[at].short.clone())).collect()
}

fn name(record: &Record, lang: Lang) -> Vec<String> {
    let closed = (record.workload() == Workload::Closed).then(|| common::closed(lang).to_owned());
    [common::transport(lang, record.transport).to_owned()].into_iter().chain(closed).collect()
}

fn has_twice(labels: &[Vec<String>]) -> bool {
    distinct(labels).len() < labels.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture;
    use feedbench_record::Transport;

    fn labels_of(records: &[Record]) -> Vec<String> {
        of(records, Lang::En).into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn a_transport_that_occurs_once_needs_no_more_than_its_name() {
        assert_eq!(labels_of(&fixture::suite()), Transport::ALL.map(Transport::title));
    }

    #[test]
    fn a_label_tells_clients_and_repetitions_apart() {
        let mut records = Vec::new();
        for clients in [100, 10_000] {
            for repetition in [1, 2] {
                let mut record = fixture::record(Transport::WebSocket);
                record.scenario.clients = clients;
                record.repetition = repetition;
                records.push(record);
            }
        }
        assert_eq!(labels_of(&records)[3], "WebSocket, 10,000 clients, r2");
    }

    #[test]
    fn a_label_has_no_value_that_makes_no_difference_to_its_transport() {
        let record = |(transport, interval_ms)| {
            fixture::record_of(transport, Scenario { interval_ms, clients: 3, ..Scenario::default() }, 1)
        };
        let cells = [(Transport::Polling, 1_000), (Transport::Polling, 5_000), (Transport::WebSocket, 1_000)];
        assert_eq!(labels_of(&cells.map(record)), ["polling, interval 1 s", "polling, interval 5 s", "WebSocket"]);
        // One interval has nothing to be told apart from.
        assert_eq!(labels_of(&[cells[0], cells[2]].map(record)), ["polling", "WebSocket"]);
    }

    #[test]
    fn no_two_cells_share_a_label_even_when_a_suite_was_measured_twice() {
        let records = [fixture::suite(), fixture::suite()].concat();
        let labels = labels_of(&records);
        assert_eq!(distinct(&labels).len(), labels.len(), "{labels:?}");
    }

    #[test]
    fn repetitions_are_one_point_whatever_their_seeds() {
        let records: Vec<_> = (1..=3)
            .flat_map(|repetition| Transport::ALL.map(|transport| (repetition, transport)))
            .map(|(repetition, transport)| {
                let scenario = Scenario { seed: u64::from(repetition), ..Scenario::default() };
                fixture::record_of(transport, scenario, repetition)
            })
            .collect();
        let points = points(&of(&records, Lang::En));
        let labels: Vec<_> = points.iter().map(|point| (point.label(), point.items().len())).collect();
        assert_eq!(labels, Transport::ALL.map(|transport| (transport.title(), 3)));
        assert_eq!(points[0].estimate(|item| Some(f64::from(item.record.repetition))).unwrap().median, 2.0);
    }

    #[test]
    fn a_repetition_that_is_there_twice_belongs_to_another_point() {
        let records = [fixture::suite(), fixture::suite()].concat();
        let points = points(&of(&records, Lang::En));
        assert_eq!(points.len(), 2 * Transport::ALL.len());
        assert_eq!(distinct(points.iter().map(Point::label)).len(), points.len());
    }

    #[test]
    fn a_point_says_how_many_of_its_repetitions_are_invalid() {
        let mut records = [1, 2].map(|r| fixture::record_of(Transport::Sse, Scenario::default(), r)).to_vec();
        records[1].counts.lost = Some(3);
        records[1].verdict = feedbench_record::judge::judge(&records[1]);
        let of_both = points(&of(&records, Lang::En));
        assert_eq!(of_both[0].marked_label(), "server-sent events ✗ 1 of 2 invalid");
        assert_eq!(points(&of(&records[1..], Lang::Zh))[0].marked_label(), "服务器发送事件 ✗ 无效");
    }
}
