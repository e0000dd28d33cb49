//! Every figure of every point beside what theory expects of it.

use feedbench_record::{Layer, Way};

use super::{Absent, Expectation, Quantity, of_repetitions};
use crate::estimate::Estimate;
use crate::lang::Lang;
use crate::number::significant;
use crate::set::{Item, Point};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::{common, theory as text};

/// What a measurement says of the expectation beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It lies within the bound.
    Agrees,
    /// It does not.
    Deviates,
    /// There is no measurement.
    NotMeasured,
    /// There is no expectation.
    NoExpectation(Absent),
}

/// One figure of one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    /// What is compared; its unit is that of the other fields.
    pub(crate) quantity: Quantity,
    /// `None` where theory has no word on it.
    pub(crate) expected: Option<Expectation>,
    /// The median over the valid repetitions, or over the invalid ones where none is valid; `None` where nothing was
    /// measured.
    pub(crate) measured: Option<f64>,
    /// Do they agree?
    pub(crate) outcome: Outcome,
}

/// Every quantity, in the order of the table.
fn quantities() -> impl Iterator<Item = Quantity> {
    let latency = [Quantity::MeanLatency, Quantity::LatencyP50, Quantity::LatencyP99];
    let bytes = [Quantity::Bytes].into_iter().chain(Layer::ALL.map(Quantity::LayerBytes));
    latency.into_iter().chain(bytes).chain([Quantity::EmptyPolls, Quantity::PollsPerS])
}

/// The figures of one point for which there is an expectation, or a measurement that lacks one.
pub(crate) fn rows(point: &Point<'_>) -> Vec<Row> {
    let records: Vec<_> = point.items().iter().map(|item| item.record).collect();
    let expected = of_repetitions(&records);
    let row = |quantity: Quantity| {
        let measured = point.estimate(|item| measured(item, quantity)).map(|estimate: Estimate| estimate.median);
        let (expected, outcome) = match (expected.figure(quantity), measured) {
            (Ok(None), _) => return None,
            // One reason stands for all figures of its kind.
            (Err(_), _) if !is_first_of_its_kind(quantity) => return None,
            (Err(_), None) => return None,
            (Err(absent), Some(_)) => (None, Outcome::NoExpectation(absent)),
            (Ok(Some(expected)), None) => (Some(expected), Outcome::NotMeasured),
            (Ok(Some(expected)), Some(measured)) if expected.agrees(measured) => (Some(expected), Outcome::Agrees),
            (Ok(Some(expected)), Some(_)) => (Some(expected), Outcome::Deviates),
        };
        Some(Row { quantity, expected, measured, outcome })
    };
    quantities().filter_map(row).collect()
}

fn is_first_of_its_kind(quantity: Quantity) -> bool {
    !matches!(quantity, Quantity::LatencyP50 | Quantity::LatencyP99 | Quantity::LayerBytes(_))
}

/// A quantity of one cell, in its unit.
fn measured(item: &Item<'_>, quantity: Quantity) -> Option<f64> {
    let (cell, record) = (&item.cell, item.record);
    let ms = |us: u64| us as f64 / 1e3;
    match quantity {
        Quantity::MeanLatency => Some(cell.latency_us?.mean / 1e3),
        Quantity::LatencyP50 => cell.latency_us?.p50.map(ms),
        Quantity::LatencyP99 => cell.latency_us?.p99.map(ms),
        Quantity::Bytes => cell.bytes_per_event.total,
        Quantity::LayerBytes(layer) => {
            let layers = cell.bytes_per_event.layers.as_ref()?;
            Some(layers.get(Way::Up, layer) + layers.get(Way::Down, layer))
        }
        Quantity::EmptyPolls => {
            let polls = record.polls.filter(|polls| polls.total > 0)?;
            Some(polls.empty as f64 / polls.total as f64)
        }
        Quantity::PollsPerS => {
            let seconds = record.window.seconds();
            record.polls.filter(|_| seconds > 0.0).map(|polls| polls.total as f64 / seconds)
        }
    }
}

/// Every figure of every point, as texts for people; `lang` is that of the headings.
pub(crate) fn table(points: &[Point<'_>], lang: Lang) -> Table {
    let names = [common::cell(lang), text::quantity_heading(lang)];
    let numbers = [text::expected(lang), text::measured(lang), text::deviation(lang), text::bound(lang)];
    let heading = |align| move |text: &str| Heading { text: text.to_owned(), align };
    let mut header: Vec<_> = names.into_iter().map(heading(Align::Left)).collect();
    header.extend(numbers.into_iter().map(heading(Align::Right)));
    header.push(heading(Align::Left)(text::outcome(lang)));
    let rows = points.iter().flat_map(|point| {
        let label = point.marked_label();
        rows(point).into_iter().map(move |row| [vec![label.clone()], row.texts(lang)].concat())
    });
    Table { header, rows: rows.collect() }
}

/// The same for programs, in CSV: raw values in the units of their names, with both ends of the bound; empty where there is
/// nothing.
pub(crate) fn csv(points: &[Point<'_>]) -> String {
    let names = ["cell", "quantity", "expected", "low", "high", "measured", "deviation_percent", "outcome"];
    let header = names.map(|text| Heading { text: text.to_owned(), align: Align::Left }).to_vec();
    let rows = points
        .iter()
        .flat_map(|point| rows(point).into_iter().map(|row| [vec![point.label().to_owned()], row.raw()].concat()));
    Table { header, rows: rows.collect() }.csv()
}

/// The name of a quantity for programs, with its unit.
fn id(quantity: Quantity) -> String {
    match quantity {
        Quantity::MeanLatency => "latency_mean_ms".to_owned(),
        Quantity::LatencyP50 => "latency_p50_ms".to_owned(),
        Quantity::LatencyP99 => "latency_p99_ms".to_owned(),
        Quantity::Bytes => "bytes_per_event".to_owned(),
        Quantity::LayerBytes(layer) => format!("{}_bytes_per_event", layer.id()),
        Quantity::EmptyPolls => "empty_polls_share".to_owned(),
        Quantity::PollsPerS => "polls_per_s".to_owned(),
    }
}

impl Row {
    /// From a share to a percentage; everything else is shown in its own unit.
    fn shown(&self, value: f64) -> String {
        significant(if self.quantity == Quantity::EmptyPolls { value * 100.0 } else { value })
    }

    /// By how much the measurement differs (%).
    pub(crate) fn deviation_percent(&self) -> Option<f64> {
        self.expected?.deviation(self.measured?).map(|share| share * 100.0)
    }

    /// How far a measurement may differ: in percent, as the deviation, or from where to where if nothing is expected.
    fn bound(&self, expected: Expectation, lang: Lang) -> String {
        let ends = [expected.low, expected.high];
        if expected.value == 0.0 {
            let [low, high] = ends.map(|end| self.shown(end));
            return text::between(lang, low, high);
        }
        let [low, high] = ends.map(|end| signed((end / expected.value - 1.0) * 100.0));
        match (low.strip_prefix('-'), high.strip_prefix('+')) {
            (Some(below), Some(above)) if below == above => format!("±{above} %"),
            _ => text::between(lang, format!("{low} %"), format!("{high} %")),
        }
    }

    fn raw(&self) -> Vec<String> {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let expected = |end: fn(Expectation) -> f64| number(self.expected.map(end));
        let outcome = match self.outcome {
            Outcome::Agrees => "agrees".to_owned(),
            Outcome::Deviates => "deviates".to_owned(),
            Outcome::NotMeasured => "not measured".to_owned(),
            Outcome::NoExpectation(absent) => format!("no expectation: {}", text::absent(Lang::En, absent)),
        };
        let (value, low, high) = (expected(|e| e.value), expected(|e| e.low), expected(|e| e.high));
        vec![id(self.quantity), value, low, high, number(self.measured), number(self.deviation_percent()), outcome]
    }

    fn texts(&self, lang: Lang) -> Vec<String> {
        let shown = |text: Option<String>| text.unwrap_or_else(|| ABSENT.to_owned());
        let outcome = match self.outcome {
            Outcome::Agrees => text::agrees(lang).to_owned(),
            Outcome::Deviates => text::deviates(lang).to_owned(),
            Outcome::NotMeasured => common::not_measured(lang).to_owned(),
            Outcome::NoExpectation(absent) => text::no_expectation(lang, text::absent(lang, absent)),
        };
        vec![
            text::quantity(lang, self.quantity),
            shown(self.expected.map(|expected| self.shown(expected.value))),
            shown(self.measured.map(|measured| self.shown(measured))),
            shown(self.deviation_percent().map(signed)),
            shown(self.expected.map(|expected| self.bound(expected, lang))),
            outcome,
        ]
    }
}

/// To a tenth, and with its sign unless it is 0.
fn signed(number: f64) -> String {
    let text = format!("{number:+.1}");
    if matches!(text.as_str(), "+0.0" | "-0.0") { "0.0".to_owned() } else { text }
}

/// How the figures came about, for people.
pub(crate) fn method(lang: Lang) -> String {
    text::method(lang, super::FAN_OUT_SHARE * 100.0, 99)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
