//! What a simulation is judged by.

use feedbench_record::Ledger;
use feedbench_record::agreement::{Agreement, ConnectionBytes, agree};
use feedbench_wire::control::LoadResult;

use crate::simulation::TRANSIT_MS;

/// The shortest time that a histogram has (us).
const AT_ONCE_US: u64 = 1;

/// What both sides tell at the end.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) load: LoadResult,
    pub(crate) server: Books,
    /// When the last connection was over (ms).
    pub(crate) over_ms: u64,
}

/// What the server tells.
#[derive(Debug, PartialEq)]
pub(crate) struct Books {
    /// Events of the window, and how late the last of them was published (us).
    pub(crate) published: u64,
    pub(crate) late_us: Option<u64>,
    pub(crate) connections: Vec<ConnectionBytes>,
    pub(crate) layers: Ledger,
}

impl Outcome {
    /// The latency of every event of the window at every client (ms), in ascending order.
    pub(crate) fn latencies_ms(&self) -> Vec<u64> {
        let histogram = self.load.delivery_latency.as_ref().unwrap();
        // Below that, a class of the histogram is narrower than a millisecond: it holds one whole number of them.
        assert!(histogram.outside() == 0 && histogram.max_us().is_none_or(|max_us| max_us < 1_000_000));
        let values = histogram.steps().map(|(us, count)| (us / 1_000, count as usize));
        values.flat_map(|(ms, count)| std::iter::repeat_n(ms, count)).collect()
    }

    /// How long connections took to open (ms), in ascending order.
    pub(crate) fn connect_times_ms(&self) -> Vec<u64> {
        let steps = self.load.connect_time.steps();
        steps.flat_map(|(us, count)| std::iter::repeat_n(us / 1_000, count as usize)).collect()
    }

    /// Both ends' account of every byte.
    pub(crate) fn agreement(&self) -> Agreement {
        let mut agreement = agree(&self.load.connections, Some(&self.server.connections));
        agreement.compare_layers(&self.load.bytes.ledger.unwrap(), &self.server.layers);
        agreement
    }

    /// What holds in every simulation: no event is lost, comes twice, or out of order; every byte has its layer, and both
    /// ends know the same of it. No kernel counts here.
    pub(crate) fn assert_complete(&self) {
        let LoadResult { skipped, duplicated, reordered, malformed, .. } = self.load;
        assert_eq!((skipped, duplicated, reordered, malformed, self.load.restarts), (0, 0, 0, 0, 0));
        let agreement = self.agreement();
        assert_eq!(agreement.difference_names, [""; 0]);
        assert_eq!((agreement.differences, agreement.unclassified, agreement.compared_with_kernel), (0, 0, 0));
        assert_eq!(agreement.compared + agreement.excluded, self.load.connections.len() as u64);
        // Nobody waited for the load generator.
        assert!(self.load.worker_lag.max_us().is_none_or(|lag_us| lag_us == AT_ONCE_US));
        assert!(self.load.connections.iter().all(|connection| connection.read > 0 || !connection.clean));
    }

    /// Every client has every event of the window, every connection was the client's first, and ended as agreed.
    pub(crate) fn assert_undisturbed(&self, clients: u64) {
        assert_eq!(self.load.delivered_in_window, self.server.published * clients);
        assert_eq!((self.load.reconnects, self.agreement().excluded), (0, 0));
        assert_eq!((self.load.connections.len() as u64, self.load.errors.len()), (clients, 0));
        assert!(self.server.late_us.is_none_or(|late_us| late_us == AT_ONCE_US), "published on time");
    }
}

/// The least, the mean and the greatest of latencies (ms), in transits: the unit of RFC 6202.
pub(crate) fn in_transits(latencies_ms: &[u64]) -> (f64, f64, f64) {
    let transits = |ms: f64| ms / TRANSIT_MS as f64;
    let mean_ms = latencies_ms.iter().sum::<u64>() as f64 / latencies_ms.len() as f64;
    let (min_ms, max_ms) = (latencies_ms.iter().min().unwrap(), latencies_ms.iter().max().unwrap());
    (transits(*min_ms as f64), transits(mean_ms), transits(*max_ms as f64))
}
