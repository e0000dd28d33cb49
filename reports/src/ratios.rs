//! The ratio table: how many times as much one transport takes as another one. "Header overhead" is 8:1 or 1000:1
//! depending on which bytes are counted, so every ratio here names its quantity, its layer and both cells.

use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Transport};

use crate::estimate::{Dot, Estimate};
use crate::lang::Lang;
use crate::number::significant;
use crate::set::{self, Item, Point};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::ratios as text;

/// What two cells are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Overhead,
    Total,
    OverheadOnIp,
    TotalOnIp,
    /// What carries one event or none, against what carries one event: only where one cell polls and the other one is
    /// pushed.
    HeadsAgainstFraming,
}

const QUANTITIES: [Quantity; 5] =
    [Quantity::Overhead, Quantity::Total, Quantity::OverheadOnIp, Quantity::TotalOnIp, Quantity::HeadsAgainstFraming];

impl Quantity {
    fn name(self, baseline: Transport, lang: Lang) -> &'static str {
        match (self, baseline) {
            (Quantity::Overhead | Quantity::OverheadOnIp, _) => text::overhead(lang),
            (Quantity::Total | Quantity::TotalOnIp, _) => text::total(lang),
            (Quantity::HeadsAgainstFraming, Transport::WebSocket) => text::heads_against_frame(lang),
            (Quantity::HeadsAgainstFraming, _) => text::heads_against_event(lang),
        }
    }

    fn layer(self, lang: Lang) -> &'static str {
        match self {
            Quantity::Overhead | Quantity::Total | Quantity::HeadsAgainstFraming => text::above_tcp(lang),
            Quantity::OverheadOnIp | Quantity::TotalOnIp => text::on_ip(lang),
        }
    }

    /// The bytes of both cells; `None` where one of them was not measured.
    fn bytes(self, cell: &Item<'_>, baseline: &Item<'_>) -> Option<(f64, f64)> {
        let both = |of: fn(&Item<'_>) -> Option<f64>| Some((of(cell)?, of(baseline)?));
        match self {
            Quantity::Overhead => both(|item| item.cell.bytes_per_event.overhead),
            Quantity::Total => both(|item| item.cell.bytes_per_event.total),
            Quantity::OverheadOnIp => {
                both(|item| Some(item.cell.bytes_per_event.ip? - item.cell.bytes_per_event.payload?))
            }
            Quantity::TotalOnIp => both(|item| item.cell.bytes_per_event.ip),
            Quantity::HeadsAgainstFraming => Some((heads_of_a_poll(cell)?, framing_of_an_event(baseline)?)),
        }
    }
}

fn heads_of_a_poll(item: &Item<'_>) -> Option<f64> {
    let ledger = item.record.bytes.loadgen.ledger.filter(|ledger| ledger.polls.count > 0)?;
    let heads = ledger.up.get(Layer::RequestHeaders) + ledger.down.get(Layer::ResponseHeaders);
    Some(heads as f64 / ledger.polls.count as f64)
}

fn framing_of_an_event(item: &Item<'_>) -> Option<f64> {
    let ledger = item.record.bytes.loadgen.ledger.filter(|ledger| ledger.pushed_events.count > 0)?;
    let pushed = item.record.transport.manner() == Manner::Pushed;
    pushed.then(|| ledger.down.get(Layer::EventFraming) as f64 / ledger.pushed_events.count as f64)
}

/// The repetitions of both points that were measured alike.
fn pairs<'p, 'a>(of: &'p Point<'a>, other: &'p Point<'a>) -> Vec<(&'p Item<'a>, &'p Item<'a>)> {
    let partner = |item: &Item<'a>| other.items().iter().find(|other| other.is_comparable(item));
    of.items().iter().filter_map(|item| Some((item, partner(item)?))).collect()
}

/// What every other transport at the same point is compared with: WebSocket, or else what costs least.
fn baseline<'p, 'a>(points: &'p [Point<'a>], of: &Point<'a>) -> Option<&'p Point<'a>> {
    let alike = || points.iter().filter(|point| !pairs(point, of).is_empty());
    let overhead = |point: &Point<'_>| point.estimate(|item| item.cell.bytes_per_event.overhead);
    let measured = || alike().filter_map(|point| Some((point, overhead(point)?.median)));
    let least = || measured().min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(point, _)| point);
    alike().find(|point| point.transport() == Transport::WebSocket).or_else(least)
}

/// The bytes of both points and their ratio over the repetitions that were measured alike, so that what one repetition has
/// of its own is in both.
fn estimates(quantity: Quantity, of: &Point<'_>, baseline: &Point<'_>) -> Option<[Estimate; 3]> {
    let pairs = pairs(of, baseline);
    let over_pairs = |figure: fn(f64, f64) -> f64| {
        let dot = |&(one, other): &(&Item<'_>, &Item<'_>)| {
            let (numerator, denominator) = quantity.bytes(one, other).filter(|&(_, other)| other > 0.0)?;
            Some(Dot { value: figure(numerator, denominator), valid: one.valid() && other.valid() })
        };
        Estimate::of(pairs.iter().filter_map(dot).collect())
    };
    Some([over_pairs(|one, _| one)?, over_pairs(|_, other| other)?, over_pairs(|one, other| one / other)?])
}

/// Every ratio that these records carry, quantity by quantity; no rows where there is nothing to compare.
pub(crate) fn table(items: &[Item<'_>]) -> Table {
    let lang = items.first().map_or(Lang::En, |item| item.lang);
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let names = [text::cells(lang), text::quantity(lang), text::layer(lang)];
    let mut header = names.map(|text| heading(text, Align::Left)).to_vec();
    let numbers = [text::bytes(lang), text::ratio(lang), text::spread(lang), text::n(lang)];
    header.extend(numbers.map(|text| heading(text, Align::Right)));
    let points = set::points(items);
    let row = |quantity: Quantity, point: &Point<'_>| {
        let baseline = baseline(&points, point).filter(|baseline| !std::ptr::eq(*baseline, point))?;
        let [one, other, ratio] = estimates(quantity, point, baseline)?;
        Some(vec![
            format!("{} : {}", point.marked_label(), baseline.marked_label()),
            quantity.name(baseline.transport(), lang).to_owned(),
            quantity.layer(lang).to_owned(),
            format!("{} : {}", significant(one.median), significant(other.median)),
            format!("{} : 1", significant(ratio.median)),
            ratio.spread.map_or_else(|| ABSENT.to_owned(), |spread| spread.text(significant)),
            ratio.n().to_string(),
        ])
    };
    let rows = QUANTITIES.iter().flat_map(|&quantity| points.iter().filter_map(move |point| row(quantity, point)));
    Table { header, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, set};

    fn rows(records: &[feedbench_record::Record]) -> Vec<Vec<String>> {
        table(&set::of(records, crate::lang::Lang::En)).rows
    }

    #[test]
    fn every_ratio_is_that_of_the_bytes_beside_it() {
        let rows = rows(&fixture::suite());
        assert_eq!(rows.len(), 5 * 4 + 2, "four quantities for five transports, and the heads of two that poll");
        let number = |text: &str| text.replace(',', "").parse::<f64>().unwrap_or(f64::NAN);
        for row in &rows {
            let (one, other) = row[3].split_once(" : ").unwrap_or_default();
            let ratio = number(row[4].trim_end_matches(" : 1"));
            assert!((number(one) / number(other) / ratio - 1.0).abs() < 0.02, "{row:?}");
            assert!(row[0].ends_with(": WebSocket") && ["above TCP", "on IP"].contains(&row[2].as_str()), "{row:?}");
        }
    }

    #[test]
    fn without_websocket_the_smallest_overhead_is_the_measure() {
        let records = [Transport::Polling, Transport::FetchStreaming, Transport::Sse].map(fixture::record);
        let rows = rows(&records);
        assert!(rows.iter().all(|row| row[0].ends_with(": fetch streaming")), "{rows:?}");
    }

    #[test]
    fn what_a_record_does_not_carry_has_no_ratio() {
        let mut records = fixture::suite();
        for record in &mut records {
            (record.bytes.loadgen.ledger, record.bytes.ip) = (None, None);
        }
        assert_eq!(rows(&records).len(), 5 * 2);
        assert_eq!(rows(&records[5..]).len(), 0, "one cell alone");
    }

    #[test]
    fn cells_of_different_scenarios_are_not_compared() {
        let mut records = [Transport::Polling, Transport::WebSocket].map(fixture::record);
        records[0].scenario.rate_per_s = 9.0;
        assert_eq!(rows(&records).len(), 0);
    }

    #[test]
    fn a_ratio_is_the_median_of_those_of_its_repetitions_and_not_of_two_medians() {
        let mut records = Vec::new();
        for (repetition, extra) in [(1, 0), (2, 40_000), (3, 4_000_000)] {
            let scenario = || feedbench_record::Scenario { clients: 20, ..Default::default() };
            for transport in [Transport::Polling, Transport::WebSocket] {
                let mut record = fixture::record_of(transport, scenario(), repetition);
                // Something of this repetition, on both.
                record.bytes.loadgen.down += extra;
                records.push(record);
            }
        }
        let overhead = |record: &feedbench_record::Record| {
            feedbench_record::summary::Cell::of(record).bytes_per_event.overhead.unwrap_or(f64::NAN)
        };
        let mut ratios: Vec<_> = records.chunks(2).map(|pair| overhead(&pair[0]) / overhead(&pair[1])).collect();
        ratios.sort_by(f64::total_cmp);
        let rows = rows(&records);
        assert_eq!(rows[0][4], format!("{} : 1", significant(ratios[1])));
        assert_eq!(rows[0][5], format!("({} – {})", significant(ratios[0]), significant(ratios[2])));
        assert_eq!(rows[0][6], "3");
    }

    #[test]
    fn an_invalid_cell_is_marked_in_its_ratio() {
        let records = [fixture::lossy(Transport::Polling), fixture::record(Transport::WebSocket)];
        assert!(rows(&records).iter().all(|row| row[0].starts_with("polling ✗ invalid :")));
    }
}
