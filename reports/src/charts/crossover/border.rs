//! Where theory lets polling become cheaper in bytes than a transport that pushes.
//!
//! A poll costs H bytes whether it brings something or not, and each event in its answer e bytes more. With λ events a second
//! and an interval of T a poll has λT events on average, whatever their arrivals, so polling costs H / (λT) + e bytes per
//! event. A pushed event costs p bytes. Polling is the cheaper one where
//!
//! ```text
//! λT > H / (p - e)
//! ```
//!
//! and nowhere where p is not larger than e. H and e are fitted to the bytes that the polling cells of the same report took
//! (bytes per event against polls per event, least squares of the relative deviation), p is measured.

use feedbench_record::Transport;
use feedbench_record::transport::Manner;

use super::square::Grid;
use crate::set::Item;

/// The bytes that decide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BreakEven {
    /// H: a poll (bytes).
    pub(super) poll: f64,
    /// e: an event in its answer (bytes).
    pub(super) event: f64,
    /// p: an event of the cheapest other transport (bytes).
    pub(super) pushed: f64,
    pub(super) cheapest: Transport,
}

impl BreakEven {
    /// Measured by the valid cells of a grid; `None` where they do not tell.
    pub(super) fn of(grid: &Grid<'_, '_>, figure: fn(&Item<'_>) -> Option<f64>) -> Option<BreakEven> {
        let polling = grid.points.iter().filter(|point| point.transport().manner() == Manner::Asks);
        let sample = |item: &Item<'_>| {
            let (polls, events) = (item.record.cell_polls?.total, item.record.cell_counts.delivered);
            (events > 0).then_some((polls as f64 / events as f64, figure(item)?))
        };
        let samples: Vec<_> = polling.flat_map(|point| point.valid().filter_map(sample)).collect();
        let (poll, event) = fit(&samples)?;
        let others = grid.transports.iter().filter(|transport| transport.manner() != Manner::Asks);
        let cost = |&transport: &Transport| {
            let of_transport = grid.points.iter().filter(|point| point.transport() == transport);
            let estimates = of_transport.filter_map(|point| point.estimate(figure).filter(|estimate| estimate.valid));
            let mut costs: Vec<f64> = estimates.map(|estimate| estimate.median).collect();
            costs.sort_by(f64::total_cmp);
            costs.get(costs.len() / 2).map(|&cost| (cost, transport))
        };
        let (pushed, cheapest) = others.filter_map(cost).min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(BreakEven { poll, event, pushed, cheapest })
    }

    /// λT of the border: events in an interval; `None` where polling is dearer at any.
    pub(super) fn events_per_interval(&self) -> Option<f64> {
        (self.pushed > self.event && self.poll > 0.0).then(|| self.poll / (self.pushed - self.event))
    }
}

/// Slope and intercept of y against x, which deviate least from the given points in proportion to y. `None` where all x are
/// the same, or a y is not above 0.
fn fit(samples: &[(f64, f64)]) -> Option<(f64, f64)> {
    if samples.iter().any(|&(_, y)| y <= 0.0) {
        return None;
    }
    let sum = |of: &dyn Fn(f64, f64) -> f64| samples.iter().map(|&(x, y)| of(x, y) / (y * y)).sum::<f64>();
    let (w, wx, wy) = (sum(&|_, _| 1.0), sum(&|x, _| x), sum(&|_, y| y));
    let (wxx, wxy) = (sum(&|x, _| x * x), sum(&|x, y| x * y));
    let determinant = w * wxx - wx * wx;
    // Rounding alone leaves this much of equal values.
    if determinant <= 1e-9 * w * wxx {
        return None;
    }
    Some(((w * wxy - wx * wy) / determinant, (wxx * wy - wx * wxy) / determinant))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::charts::crossover::square;
    use crate::fixture::sweeps;
    use crate::lang::Lang;
    use crate::set;
    use proptest::prelude::*;

    #[test]
    fn at_the_border_a_poll_shared_by_its_events_costs_what_a_pushed_event_costs() {
        let even = BreakEven { poll: 353.0, event: 101.0, pushed: 206.0, cheapest: Transport::WebSocket };
        let events = even.events_per_interval().unwrap();
        assert!((even.poll / events + even.event - even.pushed).abs() < 1e-9);
        let dearer = BreakEven { event: 206.0, ..even };
        assert_eq!(dearer.events_per_interval(), None);
    }

    #[test]
    fn the_border_is_where_the_cells_of_the_same_report_change_their_winner() {
        let on_ip = |item: &Item<'_>| item.cell.bytes_per_event.ip;
        let records = sweeps::crossover(1);
        let points = set::points(&set::of(&records, Lang::En));
        let grid = &square::grids(&points)[0];
        let even = BreakEven::of(grid, on_ip).unwrap();
        // 197 bytes and three segments of 52; a payload of 100 and its comma.
        assert!((even.poll - 353.0).abs() < 0.01 && (even.event - 101.0).abs() < 0.01, "{even:?}");
        assert_eq!(even.cheapest, Transport::WebSocket);
        let border = even.events_per_interval().unwrap();
        for square in grid.squares(on_ip) {
            let events = square.rate_per_s * square.interval_ms / 1_000.0;
            // A window has more or fewer events than its rate says.
            if !(0.6..=1.6).contains(&(events / border)) {
                let polls = square.winning_transports() == [Transport::Polling];
                assert_eq!(polls, events > border, "{} at {}", square.rate_per_s, square.interval_ms);
            }
        }
    }

    #[test]
    fn polls_that_all_bring_the_same_number_of_events_do_not_tell_what_an_event_costs() {
        assert_eq!(fit(&[(2.0, 500.0), (2.0, 510.0)]), None);
        assert_eq!(fit(&[]), None);
    }

    proptest! {
        #[test]
        fn the_bytes_of_a_poll_and_of_an_event_are_found_again(
            poll in 50.0f64..2_000.0,
            event in 64.0f64..5_000.0,
            shares in proptest::collection::btree_set(1u32..500, 2..12),
        ) {
            let samples: Vec<_> = shares.iter().map(|&x| f64::from(x) / 10.0).map(|x| (x, poll * x + event)).collect();
            let (slope, intercept) = fit(&samples).unwrap();
            prop_assert!((slope / poll - 1.0).abs() < 1e-6 && (intercept / event - 1.0).abs() < 1e-6);
        }
    }
}
