//! The records of a report in the order of every chart and table, each with a label that no other one has.

use feedbench_record::Workload;
use feedbench_record::run::Record;
use feedbench_record::summary::Cell;

use crate::conditions::{self, distinct};
use crate::style::{self, Style};

/// One cell of a report.
#[derive(Clone)]
pub(crate) struct Item<'a> {
    pub(crate) record: &'a Record,
    pub(crate) cell: Cell,
    /// The transport's title, and what tells the cell apart from others of the same transport.
    pub(crate) label: String,
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
        if self.valid() { self.label.clone() } else { format!("{} {INVALID_MARK}", self.label) }
    }
}

/// What stands behind the label of an invalid cell.
pub(crate) const INVALID_MARK: &str = "✗ invalid";

/// All cells of a report: by number of clients, then in the order of the transport table, then by repetition.
pub(crate) fn of(records: &[Record]) -> Vec<Item<'_>> {
    let mut items: Vec<_> = records
        .iter()
        .zip(labels(records))
        .map(|(record, label)| Item { record, cell: Cell::of(record), label })
        .collect();
    items.sort_by_key(|item| (item.cell.clients, item.record.transport, item.record.repetition));
    items
}

/// The cells of a report by what they can stand beside in a chart.
pub(crate) struct Kinds<'a> {
    /// Those that compare transports.
    pub(crate) open: Vec<Item<'a>>,
    /// Closed workloads.
    pub(crate) closed: Vec<Item<'a>>,
    /// Steps of searches for a capacity.
    pub(crate) steps: Vec<Item<'a>>,
}

/// Each cell among its kind.
pub(crate) fn kinds<'a>(items: &[Item<'a>]) -> Kinds<'a> {
    let (steps, others) = items.iter().cloned().partition(|item: &Item<'_>| item.record.step.is_some());
    let (closed, open) = Vec::into_iter(others).partition(|item: &Item<'_>| item.is_closed());
    Kinds { open, closed, steps }
}

fn labels(records: &[Record]) -> Vec<String> {
    let conditions: Vec<_> = records.iter().map(|record| conditions::of(&record.scenario)).collect();
    let mut labels: Vec<Vec<String>> = records.iter().map(name).collect();
    let mut tell_apart = |values: Vec<String>, always: bool| {
        let needed = always || has_twice(&labels);
        if needed && distinct(values.iter()).len() > 1 {
            labels.iter_mut().zip(values).for_each(|(label, value)| label.push(value));
        }
    };
    for index in 0..conditions.first().map_or(0, Vec::len) {
        tell_apart(conditions.iter().map(|list| list[index].short.clone()).collect(), true);
    }
    tell_apart(records.iter().map(|record| format!("r{}", record.repetition)).collect(), true);
    tell_apart(records.iter().map(|record| record.suite.clone()).collect(), false);
    tell_apart(records.iter().map(|record| record.started_at.clone()).collect(), false);
    tell_apart((1..=records.len()).map(|number| format!("#{number}")).collect(), false);
    labels.into_iter().map(|parts| parts.join(", ")).collect()
}

fn name(record: &Record) -> Vec<String> {
    let closed = (record.workload() == Workload::Closed).then(|| "closed".to_owned());
    [record.transport.title().to_owned()].into_iter().chain(closed).collect()
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
        of(records).into_iter().map(|item| item.label).collect()
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
    fn no_two_cells_share_a_label_even_when_a_suite_was_measured_twice() {
        let records = [fixture::suite(), fixture::suite()].concat();
        let labels = labels_of(&records);
        assert_eq!(distinct(&labels).len(), labels.len(), "{labels:?}");
    }
}
