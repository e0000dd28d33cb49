//! A sweep: the values of which a run has several, and the cells that they make.

use std::time::Duration;

use anyhow::ensure;
use feedbench_record::Scenario;
use feedbench_record::scenario::Protocol;
use feedbench_record::transport::Transport;
use serde::Deserialize;

use crate::args::ScenarioOptions;
use crate::progress;
use crate::values::Changes;

/// Cells of a run at most: their names have three digits, and so keep their order.
pub(crate) const CELLS_MAX: usize = 999;

/// The values that a suite file, or the options, name. The number of clients is one more axis, which every suite has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sweep {
    rate_per_s: Option<Vec<f64>>,
    payload_bytes: Option<Vec<u64>>,
    interval_ms: Option<Vec<u64>>,
    rtt_ms: Option<Vec<u64>>,
    protocol: Option<Vec<Protocol>>,
    tls: Option<Vec<bool>>,
    /// The window of a point is as long as this many events take at its rate, on average, if that is longer than
    /// `window_ms`: what is rare needs more time than what is frequent.
    window_events: Option<u32>,
}

impl Sweep {
    /// What the options say instead: an option with one value is an axis with one.
    pub(crate) fn with(&self, options: &ScenarioOptions) -> Sweep {
        fn axis<T: Clone>(options: &[T], suite: &Option<Vec<T>>) -> Option<Vec<T>> {
            if options.is_empty() { suite.clone() } else { Some(options.to_vec()) }
        }
        Sweep {
            rate_per_s: axis(&options.rate, &self.rate_per_s),
            payload_bytes: axis(&options.payload, &self.payload_bytes),
            interval_ms: axis(&options.interval, &self.interval_ms),
            rtt_ms: axis(&options.rtt, &self.rtt_ms),
            protocol: axis(&options.http, &self.protocol),
            tls: if options.tls { Some(vec![true]) } else { self.tls.clone() },
            // A window that somebody asks for is as long as they say.
            window_events: self.window_events.filter(|_| options.duration.is_none()),
        }
    }

    /// Checks what a suite file says: each axis has a value, and no other one stands in `[scenario]`.
    ///
    /// # Errors
    /// With the name of the axis.
    pub(crate) fn check(&self, scenario: &Changes) -> anyhow::Result<()> {
        let axes = [
            ("rate_per_s", self.rate_per_s.as_ref().map(Vec::len), scenario.rate_per_s.is_some()),
            ("payload_bytes", self.payload_bytes.as_ref().map(Vec::len), scenario.payload_bytes.is_some()),
            ("interval_ms", self.interval_ms.as_ref().map(Vec::len), scenario.interval_ms.is_some()),
            ("rtt_ms", self.rtt_ms.as_ref().map(Vec::len), scenario.rtt_ms.is_some()),
            ("protocol", self.protocol.as_ref().map(Vec::len), scenario.protocol.is_some()),
            ("tls", self.tls.as_ref().map(Vec::len), scenario.tls.is_some()),
        ];
        for (name, values, elsewhere) in axes {
            ensure!(values != Some(0), "{name} in [sweep] has no value; give it one, or leave it out");
            ensure!(
                values.is_none() || !elsewhere,
                "{name} stands in [sweep] and in [scenario]; leave one of them out"
            );
        }
        Ok(())
    }

    /// Every point, TLS changing fastest, then the protocol, then the RTT. What is not swept is as in `scenario`.
    fn points<'s>(&'s self, scenario: &'s Scenario) -> impl Iterator<Item = Scenario> + 's {
        fn values<T: Copy>(axis: &Option<Vec<T>>, otherwise: T) -> impl Iterator<Item = T> + Clone + '_ {
            let one = axis.is_none().then_some(otherwise);
            axis.iter().flatten().copied().chain(one)
        }
        let payload_bytes = u64::from(scenario.payload_bytes);
        values(&self.rate_per_s, scenario.rate_per_s).flat_map(move |rate_per_s| {
            values(&self.payload_bytes, payload_bytes).flat_map(move |payload_bytes| {
                values(&self.interval_ms, scenario.interval_ms).flat_map(move |interval_ms| {
                    values(&self.rtt_ms, scenario.rtt_ms).flat_map(move |rtt_ms| {
                        values(&self.protocol, scenario.protocol).flat_map(move |protocol| {
                            values(&self.tls, scenario.tls).map(move |tls| Scenario {
                                rate_per_s,
                                payload_bytes: u32::try_from(payload_bytes).unwrap_or(u32::MAX),
                                interval_ms,
                                rtt_ms,
                                protocol,
                                tls,
                                window_ms: self.window_ms(rate_per_s, scenario.window_ms),
                                ..scenario.clone()
                            })
                        })
                    })
                })
            })
        })
    }

    fn window_ms(&self, rate_per_s: f64, least_ms: u64) -> u64 {
        let events = self.window_events.filter(|_| rate_per_s > 0.0).map_or(0.0, f64::from);
        least_ms.max((events * 1_000.0 / rate_per_s.max(f64::MIN_POSITIVE)).ceil() as u64)
    }

    /// The cells of one repetition: every transport at every point, and none twice. What does not concern a transport
    /// does not multiply its cells: only polling has one for each interval. After more than [`CELLS_MAX`] it stops.
    pub(crate) fn cells(
        &self,
        scenario: &Scenario,
        clients: &[u32],
        transports: &[Transport],
    ) -> Vec<(Transport, Scenario)> {
        let mut cells: Vec<(Transport, Scenario)> = Vec::new();
        let mut seen: Vec<(Transport, Scenario)> = Vec::new();
        for &clients in clients {
            for point in self.points(scenario) {
                let point = Scenario { clients, ..point };
                for &transport in transports {
                    let as_seen = (transport, point.as_seen_by(transport));
                    if seen.contains(&as_seen) {
                        continue;
                    }
                    seen.push(as_seen);
                    cells.push((transport, point.clone()));
                    if cells.len() > CELLS_MAX {
                        return cells;
                    }
                }
            }
        }
        cells
    }
}

/// Refuses more cells than a run may have. `cells` are those of one repetition.
///
/// # Errors
/// With how many there are, and how long they would take.
pub(crate) fn check_count(cells: &[(Transport, Scenario)], repeat: u32) -> anyhow::Result<()> {
    let count = cells.len() as u64 * u64::from(repeat);
    let once: Duration = cells.iter().map(|(_, scenario)| progress::expected_of(scenario)).sum();
    let more = if cells.len() > CELLS_MAX { "at least " } else { "" };
    ensure!(
        count <= CELLS_MAX as u64,
        "these are {more}{count} cells, which would take {more}{}; a run has at most {CELLS_MAX}: take fewer values, or a \
         smaller --repeat",
        progress::about(once.saturating_mul(repeat))
    );
    Ok(())
}

/// Refuses several values of an option, for a command that measures no sweep.
///
/// # Errors
/// With the option and the command.
pub(crate) fn refuse(options: &ScenarioOptions, command: &str) -> anyhow::Result<()> {
    let counts = [
        ("--rate", options.rate.len()),
        ("--payload", options.payload.len()),
        ("--interval", options.interval.len()),
        ("--rtt", options.rtt.len()),
        ("--http", options.http.len()),
    ];
    for (name, count) in counts {
        ensure!(
            count <= 1,
            "{name} has {count} values, and feedbench {command} takes one; feedbench run sweeps over them"
        );
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sweep(rates: &[f64], payloads: &[u64], intervals: &[u64]) -> Sweep {
        let options = ScenarioOptions {
            rate: rates.to_vec(),
            payload: payloads.to_vec(),
            interval: intervals.to_vec(),
            ..ScenarioOptions::default()
        };
        Sweep::default().with(&options)
    }

    fn cells(sweep: &Sweep, clients: &[u32], transports: &[Transport]) -> Vec<(Transport, u32, f64, u32, u64)> {
        let cell = |(transport, scenario): &(Transport, Scenario)| {
            let Scenario { clients, rate_per_s, payload_bytes, interval_ms, .. } = *scenario;
            (*transport, clients, rate_per_s, payload_bytes, interval_ms)
        };
        sweep.cells(&Scenario::default(), clients, transports).iter().map(cell).collect()
    }

    #[test]
    fn cells_are_the_product_and_an_interval_multiplies_polling_alone() {
        use Transport::{Polling, Sse};
        let both = [Polling, Sse];
        let swept = cells(&sweep(&[1.0, 2.0], &[], &[500, 5_000]), &[10], &both);
        let expected = [
            (Polling, 10, 1.0, 100, 500),
            (Sse, 10, 1.0, 100, 500),
            (Polling, 10, 1.0, 100, 5_000),
            (Polling, 10, 2.0, 100, 500),
            (Sse, 10, 2.0, 100, 500),
            (Polling, 10, 2.0, 100, 5_000),
        ];
        assert_eq!(swept, expected);
        let swept = cells(&sweep(&[], &[64, 1_000], &[]), &[10, 20], &[Sse]);
        let expected = [
            (Sse, 10, 2.0, 64, 1_000),
            (Sse, 10, 2.0, 1_000, 1_000),
            (Sse, 20, 2.0, 64, 1_000),
            (Sse, 20, 2.0, 1_000, 1_000),
        ];
        assert_eq!(swept, expected);
    }

    #[test]
    fn a_distance_multiplies_the_cells_of_every_transport() {
        let options = ScenarioOptions { rtt: vec![0, 50], interval: vec![100, 200], ..ScenarioOptions::default() };
        let cells =
            Sweep::default().with(&options).cells(&Scenario::default(), &[1], &[Transport::Polling, Transport::Sse]);
        let cells: Vec<_> = cells.iter().map(|(transport, s)| (*transport, s.interval_ms, s.rtt_ms)).collect();
        use Transport::{Polling, Sse};
        let first = [(Polling, 100, 0), (Sse, 100, 0), (Polling, 100, 50), (Sse, 100, 50)];
        assert_eq!(cells, [&first[..], &[(Polling, 200, 0), (Polling, 200, 50)]].concat());
    }

    #[test]
    fn what_is_not_swept_has_the_value_of_the_scenario_and_a_value_named_twice_gives_one_cell() {
        assert_eq!(cells(&Sweep::default(), &[7], &[Transport::Sse]), [(Transport::Sse, 7, 2.0, 100, 1_000)]);
        assert_eq!(cells(&sweep(&[2.0, 2.0], &[], &[1, 2]), &[7, 7], &[Transport::Sse]).len(), 1);
    }

    #[test]
    fn an_option_takes_the_place_of_the_suite_s_axis() {
        let suite: Sweep = toml::from_str("rate_per_s = [1, 2]\ninterval_ms = [10, 20]\nwindow_events = 16").unwrap();
        let options = ScenarioOptions { rate: vec![4.0], duration: Some(1_000), ..ScenarioOptions::default() };
        let swept = cells(&suite.with(&options), &[1], &[Transport::Polling]);
        assert_eq!(swept, [(Transport::Polling, 1, 4.0, 100, 10), (Transport::Polling, 1, 4.0, 100, 20)]);
        assert_eq!(suite.with(&options).window_ms(0.1, 1_000), 1_000);
    }

    #[test]
    fn a_window_is_as_long_as_its_events_take_and_never_shorter_than_the_scenario_s() {
        let sweep = Sweep { window_events: Some(16), ..Sweep::default() };
        assert_eq!([0.5, 10.0, 0.0].map(|rate| sweep.window_ms(rate, 20_000)), [32_000, 20_000, 20_000]);
    }

    #[test]
    fn more_cells_than_names_have_digits_for_are_refused_with_how_long_they_would_take() {
        let rates: Vec<_> = (1..=500).map(f64::from).collect();
        let of = |count: usize| {
            sweep(&rates[..count], &[], &[]).cells(&Scenario::default(), &[1], &[Transport::Polling, Transport::Sse])
        };
        assert!(check_count(&of(499), 1).is_ok());
        let message = |count, repeat| check_count(&of(count), repeat).unwrap_err().to_string();
        assert!(message(100, 5).contains("these are 1000 cells, which would take 4 h"), "{}", message(100, 5));
        assert!(message(500, 1).contains("at least 1000 cells"), "{}", message(500, 1));
    }

    #[test]
    fn an_axis_without_a_value_or_with_one_elsewhere_is_refused() {
        let refused = |sweep: &str, scenario: &str| {
            let sweep: Sweep = toml::from_str(sweep).unwrap();
            sweep.check(&toml::from_str(scenario).unwrap()).unwrap_err().to_string()
        };
        assert!(refused("rate_per_s = []", "").contains("rate_per_s in [sweep] has no value"));
        assert!(refused("interval_ms = [1]", "interval_ms = 2").contains("interval_ms stands in [sweep] and in"));
    }
}
