//! The ratio table: how many times as much one transport takes as another one. "Header overhead" is 8:1 or 1000:1
//! depending on which bytes are counted, so every ratio here names its quantity, its layer and both cells.

use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Transport};

use crate::lang::Lang;
use crate::number::significant;
use crate::set::Item;
use crate::table::{Align, Heading, Table};
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

/// What every other transport of the cell's scenario is compared with: WebSocket, or else what costs least.
fn baseline<'a>(items: &'a [Item<'a>], of: &Item<'_>) -> Option<&'a Item<'a>> {
    let alike = || items.iter().filter(|item| item.is_comparable(of));
    let measured = || alike().filter_map(|item| Some((item, item.cell.bytes_per_event.overhead?)));
    let least = || measured().min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(item, _)| item);
    alike().find(|item| item.record.transport == Transport::WebSocket).or_else(least)
}

/// Every ratio that these records carry, quantity by quantity; no rows where there is nothing to compare.
pub(crate) fn table(items: &[Item<'_>]) -> Table {
    let lang = items.first().map_or(Lang::En, |item| item.lang);
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let names = [text::cells(lang), text::quantity(lang), text::layer(lang)];
    let mut header = names.map(|text| heading(text, Align::Left)).to_vec();
    header.extend([text::bytes(lang), text::ratio(lang)].map(|text| heading(text, Align::Right)));
    let row = |quantity: Quantity, item: &Item<'_>| {
        let baseline = baseline(items, item).filter(|baseline| !std::ptr::eq(baseline.record, item.record))?;
        let (one, other) = quantity.bytes(item, baseline).filter(|&(_, other)| other > 0.0)?;
        Some(vec![
            format!("{} : {}", item.marked_label(), baseline.marked_label()),
            quantity.name(baseline.record.transport, lang).to_owned(),
            quantity.layer(lang).to_owned(),
            format!("{} : {}", significant(one), significant(other)),
            format!("{} : 1", significant(one / other)),
        ])
    };
    let rows = QUANTITIES.iter().flat_map(|&quantity| items.iter().filter_map(move |item| row(quantity, item)));
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
    fn an_invalid_cell_is_marked_in_its_ratio() {
        let records = [fixture::lossy(Transport::Polling), fixture::record(Transport::WebSocket)];
        assert!(rows(&records).iter().all(|row| row[0].starts_with("polling ✗ invalid :")));
    }
}
