//! A comparison for programs: one line for each figure of each cell, with raw values in the units that the line names.

use super::{ComparedCell, Comparison, Interval, Sample, Shift, Unit, Weighed};
use crate::table::{Align, Heading, Table};

const HEADER: [&str; 22] = [
    "cell",
    "transport",
    "clients",
    "figure",
    "unit",
    "a_median",
    "a_repetitions",
    "a_left_out",
    "b_median",
    "b_repetitions",
    "b_left_out",
    "ratio",
    "ratio_low",
    "ratio_high",
    "difference",
    "difference_low",
    "difference_high",
    "coverage",
    "verdict",
    "repetitions_needed",
    "comparable",
    "caveats",
];

/// Every figure in CSV (RFC 4180); what is not there is empty.
pub(super) fn of(comparison: &Comparison) -> String {
    let heading = |text: &str| Heading { text: text.to_owned(), align: Align::Left };
    let rows = comparison.figures().map(|(cell, weighed)| row(cell, weighed));
    Table { header: HEADER.map(heading).into(), rows: rows.collect() }.csv()
}

fn row(cell: &ComparedCell, weighed: &Weighed) -> Vec<String> {
    let mut row = vec![
        cell.label.clone(),
        cell.transport.id().to_owned(),
        cell.clients.to_string(),
        weighed.figure.to_string(),
        unit(weighed.unit).to_owned(),
    ];
    [&weighed.a, &weighed.b].into_iter().for_each(|side| row.extend(sample(side)));
    [weighed.ratio, weighed.difference].into_iter().for_each(|of| row.extend(shift(of)));
    let interval = weighed.difference.and_then(|difference| difference.interval);
    row.extend([
        number(interval.map(|interval| interval.coverage)),
        weighed.verdict.id().to_owned(),
        number(weighed.repetitions_needed),
        cell.differences.is_empty().to_string(),
        weighed.caveats.join("; "),
    ]);
    row
}

fn sample(Sample { values, median, left_out }: &Sample) -> [String; 3] {
    [number(*median), values.len().to_string(), left_out.len().to_string()]
}

fn shift(shift: Option<Shift>) -> [String; 3] {
    let interval = shift.and_then(|shift| shift.interval);
    let end = |of: fn(Interval) -> f64| number(interval.map(of));
    [number(shift.map(|shift| shift.estimate)), end(|interval| interval.low), end(|interval| interval.high)]
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Us => "us",
        Unit::Bytes => "bytes",
        Unit::Events => "events",
    }
}

fn number(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}
