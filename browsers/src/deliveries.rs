//! What pages noted: as latencies, and as what is missing.

use std::collections::HashSet;

use feedbench_record::Histogram;
use feedbench_record::histogram::Precision;
use feedbench_record::run::Window;
use serde::Deserialize;

/// An event in a page's callback.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    /// Its number.
    pub(crate) seq: u64,
    /// Its intended publish instant (us of the server's clock).
    pub(crate) at_us: u64,
    /// From there to the callback (ms).
    pub(crate) latency_ms: f64,
}

/// All pages together.
#[derive(Debug, PartialEq)]
pub(crate) struct Deliveries {
    /// Events of the window.
    pub(crate) delivered: u64,
    /// Events before, in and after it.
    pub(crate) events: u64,
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    /// Of the events of the window.
    pub(crate) latency: Histogram,
}

impl Deliveries {
    /// Adds up what each page noted.
    pub(crate) fn of<'p>(pages: impl Iterator<Item = &'p [Delivery]>, window: Window) -> Deliveries {
        let latency = Histogram::new(Precision::Fine);
        let mut all = Deliveries { delivered: 0, events: 0, lost: 0, duplicated: 0, latency };
        for page in pages {
            all.add(page, window);
        }
        all
    }

    fn add(&mut self, page: &[Delivery], window: Window) {
        let mut seen = HashSet::new();
        let first_time: Vec<_> = page.iter().filter(|delivery| seen.insert(delivery.seq)).collect();
        let numbers = || first_time.iter().map(|delivery| delivery.seq);
        let span = numbers().min().zip(numbers().max()).map_or(0, |(first, last)| (last - first).saturating_add(1));
        self.lost += span - first_time.len() as u64;
        self.duplicated += (page.len() - first_time.len()) as u64;
        self.events += first_time.len() as u64;
        for delivery in first_time {
            if window.contains(delivery.at_us) {
                self.delivered += 1;
                self.latency.record((delivery.latency_ms * 1e3).round() as i64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(events: &[(u64, u64, f64)]) -> Vec<Delivery> {
        events.iter().map(|&(seq, at_us, latency_ms)| Delivery { seq, at_us, latency_ms }).collect()
    }

    const WINDOW: Window = Window { start_us: 100, end_us: 200 };

    #[test]
    fn only_events_of_the_window_have_a_latency_and_all_of_them_count_for_bytes() {
        let page = noted(&[(1, 99, 50.0), (2, 100, 1.5), (3, 199, 2.0), (4, 200, 50.0)]);
        let deliveries = Deliveries::of([page.as_slice()].into_iter(), WINDOW);
        assert_eq!((deliveries.delivered, deliveries.events, deliveries.lost), (2, 4, 0));
        assert_eq!(deliveries.latency.max_us(), Some(2_000));
    }

    #[test]
    fn a_gap_is_a_loss_of_its_page_and_an_event_seen_again_is_none() {
        let (one, other) = (noted(&[(7, 0, 1.0), (9, 0, 1.0), (9, 0, 1.0)]), noted(&[(1, 0, 1.0), (2, 0, 1.0)]));
        let deliveries = Deliveries::of([one.as_slice(), other.as_slice(), &[]].into_iter(), WINDOW);
        assert_eq!((deliveries.events, deliveries.lost, deliveries.duplicated), (4, 1, 1));
    }

    #[test]
    fn a_latency_that_is_no_number_is_not_taken_for_a_long_one() {
        let page = noted(&[(1, 150, f64::INFINITY), (2, 150, -3.0)]);
        let deliveries = Deliveries::of([page.as_slice()].into_iter(), WINDOW);
        assert_eq!((deliveries.latency.below(), deliveries.latency.above()), (1, 1));
    }
}
