//! Records made for each case.

use feedbench_record::scenario::{Arrivals, Recycle, Source};
use feedbench_record::{Record, Scenario, Transport, judge};

use super::*;
use crate::{fixture, set, theory};

fn rows_of(records: &[Record]) -> Vec<Row> {
    let items = set::of(records, Lang::En);
    let points = set::points(&items);
    assert_eq!(points.len(), 1);
    rows(&points[0])
}

fn row(rows: &[Row], quantity: Quantity) -> Row {
    *rows.iter().find(|row| row.quantity == quantity).unwrap()
}

/// The CPU time of each side in the window, for each delivery (us).
fn with_cpu(mut record: Record, server_us: f64, loadgen_us: f64) -> Record {
    let us = |per_delivery: f64| Some((per_delivery * record.counts.delivered as f64) as u64);
    for (usage, cpu_us) in [(record.server.as_mut().unwrap(), us(server_us)), (&mut record.loadgen, us(loadgen_us))] {
        (usage.cpu_window_us, usage.cpu_idle_us_per_s) = (cpu_us, Some(0.0));
    }
    record
}

#[test]
fn the_pace_of_a_release_decides_whether_what_is_pushed_agrees() {
    // The fixture's WebSocket takes 9 us from client to client, 150 us for all, and 250 us in the mean for each.
    let outcome = |server_us, loadgen_us| {
        let rows = rows_of(&[with_cpu(fixture::record(Transport::WebSocket), server_us, loadgen_us)]);
        row(&rows, Quantity::MeanLatency).outcome
    };
    assert_eq!(outcome(9.0, 4.0), Outcome::Agrees);
    assert_eq!(outcome(4.0, 9.0), Outcome::Agrees, "the slower side sets the pace");
    assert_eq!(outcome(18.0, 4.0), Outcome::Deviates);
    assert_eq!(outcome(4.0, 4.0), Outcome::Deviates);
}

#[test]
fn sides_that_share_the_cores_add_their_times_up() {
    let mean_ms = |pinned| {
        let mut record = with_cpu(fixture::record(Transport::Sse), 6.0, 3.0);
        record.scenario.pinned = pinned;
        row(&rows_of(&[record]), Quantity::MeanLatency).expected.unwrap().value
    };
    assert!((mean_ms(false) - mean_ms(true) - 1.5).abs() < 1e-3, "half of 1,000 times 3 us");
}

#[test]
fn polling_is_uniform_over_the_interval_and_needs_no_cpu_time() {
    let mut record = fixture::record(Transport::Polling);
    record.loadgen.cpu_window_us = None;
    let rows = rows_of(&[record]);
    for (quantity, ms) in [(Quantity::MeanLatency, 500.0), (Quantity::LatencyP50, 500.0), (Quantity::LatencyP99, 990.0)]
    {
        let row = row(&rows, quantity);
        assert!((row.expected.unwrap().value - ms).abs() < 0.2, "{row:?}");
        assert_eq!(row.outcome, Outcome::Agrees, "{row:?}");
    }
}

#[test]
fn the_emulated_round_trip_sets_the_gap_of_a_long_poll() {
    let scenario = Scenario { rtt_ms: 100, rate_per_s: 4.0, ..Scenario::default() };
    let record = with_cpu(fixture::record_of(Transport::LongPolling, scenario, 1), 0.0, 0.0);
    let lag_ms = record.histograms.publish_lag.as_ref().unwrap().mean_us().unwrap() / 1e3;
    let rows = rows_of(&[record]);
    let mean = row(&rows, Quantity::MeanLatency).expected.unwrap();
    assert!((mean.value - lag_ms - 68.7).abs() < 0.05, "{mean:?}");
    // At 10 s the standard deviation of one realisation is 7.4 %.
    let bound = (mean.high - 0.2) / mean.value - 1.0;
    assert!((bound - 2.576 * 0.0743).abs() < 0.003, "{bound}");
    let answers = row(&rows, Quantity::PollsPerS).expected.unwrap();
    assert!((answers.value / 1_000.0 - 3.74).abs() < 0.01, "{answers:?}");
}

/// What stands against an expectation, as a change of a record that has one.
type Spoil = fn(&mut Record);

#[test]
fn what_theory_has_no_word_on_says_why() {
    let latency: [(Transport, Absent, Spoil); 10] = [
        (Transport::Sse, Absent::Invalid, |r| r.cell_counts.lost = Some(1)),
        (Transport::Polling, Absent::Closed, |r| r.scenario.interval_ms = 0),
        (Transport::Sse, Absent::Stdin, |r| r.scenario.source = Source::Stdin),
        (Transport::Sse, Absent::Replay, |r| {
            r.scenario.source = Source::Replay { name: "ticks".to_owned(), own_pace: true, speed: 1.0 };
        }),
        (Transport::Sse, Absent::OtherServer, |r| r.server = None),
        (Transport::Sse, Absent::Network, |r| (r.scenario.rtt_ms, r.scenario.jitter_ms) = (40, 10)),
        (Transport::Polling, Absent::Network, |r| r.scenario.bandwidth_bits_per_s = Some(1_000_000_000)),
        (Transport::Sse, Absent::NoCpu, |r| r.loadgen.cpu_window_us = None),
        (Transport::Polling, Absent::InStep, |r| {
            (r.scenario.synchronised, r.scenario.arrivals) = (true, Arrivals::Fixed);
        }),
        (Transport::Sse, Absent::Overlap, |r| *r = with_cpu(r.clone(), 800.0, 1.0)),
    ];
    for (transport, reason, spoil) in latency {
        let mut record = fixture::record(transport);
        spoil(&mut record);
        if reason == Absent::Invalid {
            record.verdict = judge::judge(&record);
        }
        assert_eq!(theory::of(&record).latency(), Err(reason));
    }
    let bytes: [(Transport, Absent, Spoil); 4] = [
        (Transport::Sse, Absent::Protocol, |r| r.scenario.tls = true),
        (Transport::Sse, Absent::Recycled, |r| r.scenario.recycle = Some(Recycle::Ms(500))),
        (Transport::Polling, Absent::NoLedger, |r| r.bytes.loadgen.ledger = None),
        (Transport::WebSocket, Absent::NoEvents, |r| r.cell_counts.expected = None),
    ];
    for (transport, reason, spoil) in bytes {
        let mut record = fixture::record(transport);
        spoil(&mut record);
        assert_eq!(theory::of(&record).figure(Quantity::Bytes), Err(reason));
        assert!(theory::of(&record).latency().is_ok(), "{reason:?}");
    }
}

#[test]
fn an_invalid_cell_is_shown_without_an_expectation() {
    let records = [fixture::lossy(Transport::Polling)];
    let items = set::of(&records, Lang::En);
    let table = table(&set::points(&items), Lang::En);
    assert_eq!(table.rows.len(), 4, "latency, bytes, empty polls and requests: {:?}", table.rows);
    for row in &table.rows {
        assert_eq!((row[0].as_str(), row[2].as_str(), row[4].as_str()), ("polling ✗ invalid", ABSENT, ABSENT));
        assert_ne!(row[3], ABSENT, "what was measured is shown");
        assert_eq!(row[6], "no expectation: no repetition is valid");
    }
}

#[test]
fn repetitions_count_when_they_are_valid_and_narrow_the_bound_when_their_arrivals_differ() {
    let repetitions = |seeds: [u64; 3]| -> Vec<Record> {
        let scenario = |seed| Scenario { seed, ..Scenario::default() };
        let record = |(repetition, seed)| fixture::record_of(Transport::LongPolling, scenario(seed), repetition);
        (1..).zip(seeds).map(record).collect()
    };
    let width = |records: &[Record]| {
        let expected = row(&rows_of(records), Quantity::PollsPerS).expected.unwrap();
        expected.high - expected.low
    };
    let (same, different) = (width(&repetitions([1; 3])), width(&repetitions([1, 2, 3])));
    assert!(different < same * 0.85, "{different} {same}");
    let mut records = repetitions([1, 2, 3]);
    let alone = row(&rows_of(&records[..1]), Quantity::MeanLatency);
    for record in &mut records[1..] {
        record.cell_counts.lost = Some(1);
        record.verdict = judge::judge(record);
    }
    assert_eq!(row(&rows_of(&records), Quantity::MeanLatency), alone, "of three, one is valid");
}

#[test]
fn a_line_is_drawn_in_microseconds_and_a_curve_over_rates() {
    let record = fixture::record(Transport::Polling);
    let line = theory::of(&record).latency().unwrap();
    assert!((line.quantile_s(0.5) - 0.5).abs() < 0.000_2);
    assert!((line.share_within(0.5) - 0.5).abs() < 1e-3);
    let share = theory::empty_polls_at(&record, 1.0).unwrap();
    assert!((share - (-1.0f64).exp()).abs() < 1e-9);
    assert_eq!(theory::empty_polls_at(&fixture::record(Transport::Sse), 1.0), None);
}

#[test]
fn a_bound_is_in_percent_unless_nothing_is_expected() {
    let row = |value, low, high| {
        let expected = Some(Expectation { value, low, high });
        let row = Row { quantity: Quantity::Bytes, expected, measured: Some(0.0), outcome: Outcome::Deviates };
        row.texts(Lang::En)[4].clone()
    };
    assert_eq!(row(200.0, 190.0, 210.0), "±5.0 %");
    assert_eq!(row(200.0, 190.0, 230.0), "-5.0 % to +15.0 %");
    assert_eq!(row(0.0, 0.0, 0.5), "0 to 0.500");
}

#[test]
fn a_deviation_that_rounds_to_nothing_has_no_sign() {
    let expected = Some(Expectation::within(100.0, 1.0));
    let row = |measured| {
        let row = Row { quantity: Quantity::Bytes, expected, measured: Some(measured), outcome: Outcome::Agrees };
        row.texts(Lang::En)[3].clone()
    };
    assert_eq!([99.99, 100.0, 100.06, 98.0].map(row), ["0.0", "0.0", "+0.1", "-2.0"]);
}

#[test]
fn programs_get_raw_values_with_both_ends() {
    let records = [fixture::record(Transport::Polling), fixture::lossy(Transport::WebSocket)];
    let items = set::of(&records, Lang::En);
    let csv = csv(&set::points(&items));
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert!(lines.iter().all(|line| line.len() == 8), "{csv}");
    let mean: Vec<f64> = lines[1][2..7].iter().map(|text| text.parse().unwrap()).collect();
    let [expected, low, high, measured, deviation] = mean[..] else { panic!("five numbers") };
    assert!(low < measured && measured < high && (measured / expected - 1.0 - deviation / 100.0).abs() < 1e-9);
    assert_eq!(lines[1][..2], ["polling", "latency_mean_ms"]);
    let last = lines.last().unwrap();
    assert_eq!((last[0], last[1], last[2]), ("WebSocket", "bytes_per_event", ""));
    assert_eq!(last[7], "no expectation: no repetition is valid");
}

#[test]
fn every_text_is_there_in_both_languages() {
    for lang in Lang::ALL {
        let records = fixture::suite();
        let items = set::of(&records, lang);
        let table = table(&set::points(&items), lang);
        assert!(
            table.rows.iter().all(|row| row.len() == table.header.len() && row.iter().all(|text| !text.is_empty()))
        );
        assert!(method(lang).contains("25 %") && method(lang).contains("99 %"));
    }
}

#[test]
fn a_long_poll_that_is_not_held_or_whose_cpu_time_is_not_known_has_no_expectation() {
    let mut record = fixture::record(Transport::LongPolling);
    record.server.as_mut().unwrap().cpu_window_us = None;
    for quantity in [Quantity::MeanLatency, Quantity::Bytes, Quantity::EmptyPolls, Quantity::PollsPerS] {
        assert_eq!(theory::of(&record).figure(quantity), Err(Absent::NoCpu));
    }
    record.scenario.hold_ms = 0;
    assert_eq!(theory::of(&record).figure(Quantity::PollsPerS), Err(Absent::Closed));
}

#[test]
fn of_a_silent_feed_the_requests_are_known_and_nothing_else() {
    for (transport, per_client) in [(Transport::Polling, 1.0), (Transport::LongPolling, 1.0 / 25.0)] {
        let mut record = with_cpu(fixture::record(transport), 0.0, 0.0);
        record.scenario.rate_per_s = 0.0;
        (record.counts.delivered, record.cell_counts.delivered, record.cell_counts.expected) = (0, 0, Some(0));
        record.histograms.delivery_latency = None;
        let expected = theory::of(&record);
        if transport == Transport::Polling {
            assert_eq!(expected.latency(), Err(Absent::NoEvents));
            assert_eq!(expected.figure(Quantity::Bytes), Err(Absent::NoEvents));
        }
        let figure = |quantity| expected.figure(quantity).unwrap().unwrap().value;
        assert_eq!(figure(Quantity::EmptyPolls), 1.0, "{transport}");
        assert!((figure(Quantity::PollsPerS) - 1_000.0 * per_client).abs() < 1e-9, "{transport}");
    }
}

#[test]
fn no_number_of_a_record_makes_a_figure_that_is_none() {
    let spoils: [Spoil; 7] = [
        |r| r.scenario.rate_per_s = 1e300,
        |r| r.scenario.rate_per_s = 1e-300,
        |r| (r.scenario.warmup_ms, r.scenario.window_ms) = (0, 0),
        |r| (r.scenario.clients, r.counts.delivered) = (0, 0),
        |r| r.cell_counts.expected = Some(u64::MAX),
        |r| (r.scenario.heartbeat_ms, r.scenario.hold_ms, r.scenario.interval_ms) = (0, 1, 1),
        |r| r.scenario.payload_bytes = u32::MAX,
    ];
    for transport in Transport::ALL {
        for arrivals in [Arrivals::Poisson, Arrivals::Fixed] {
            for spoil in spoils {
                let mut record = fixture::record(transport);
                record.scenario.arrivals = arrivals;
                spoil(&mut record);
                for row in rows_of(&[record]) {
                    let ends = row.expected.map(|expected| [expected.low, expected.value, expected.high]);
                    assert!(ends.is_none_or(|ends| ends.iter().all(|end| !end.is_nan())), "{transport} {row:?}");
                }
            }
        }
    }
}
