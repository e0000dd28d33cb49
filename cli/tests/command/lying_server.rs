//! A server that lies, in every transport: the verdict names each lie.

use crate::common::{Outcome, demand_integrity, errors, feedbench};
use feedbench_record::verdict::Code;
use feedbench_record::{Record, Transport};

use crate::liar::{Liar, Lie};

/// Measures a lying server with the real load generator.
fn measure(transport: Transport, lie: Lie) -> Record {
    let liar = Liar::start(transport, lie);
    let out = tempfile::tempdir().unwrap();
    let output = feedbench(&["load", "--json", "--clients", "4", "--interval", "100ms", "--warmup", "100ms"])
        .args(["--transport", transport.id(), "--duration", "4s", "--target", &format!("http://{}", liar.address())])
        .args(["--out", out.path().to_str().unwrap()])
        .output()
        .unwrap();
    Outcome::of(&output).records.pop().unwrap_or_else(|| panic!("{transport} {lie:?}: {}", errors(&output)))
}

fn codes(record: &Record) -> Vec<Code> {
    record.verdict.reasons.iter().map(|reason| reason.code).collect()
}

/// Measures every transport, side by side: none of this is timed.
fn every_transport(lie: Lie, demand: impl Fn(&Record) + Sync) {
    std::thread::scope(|scope| {
        for transport in Transport::ALL {
            let demand = &demand;
            scope.spawn(move || demand(&measure(transport, lie)));
        }
    });
}

/// The verdict on `lie` names `code` for every transport.
fn is_named(lie: Lie, code: Code, more: impl Fn(&Record) + Sync) {
    every_transport(lie, |record| {
        assert!(!record.verdict.valid);
        assert!(codes(record).contains(&code), "{} {lie:?}: {:?}", record.transport, record.verdict.reasons);
        more(record);
    });
}

#[test]
fn an_honest_server_is_accused_of_nothing() {
    every_transport(Lie::None, |record| {
        demand_integrity(record);
        assert_eq!(record.counts.lost, Some(0), "{}", record.transport);
        assert!(record.counts.delivered > 0, "{}", record.transport);
        assert_eq!(record.cell_counts.lost, None, "{}: no gap was seen", record.transport);
    });
}

#[test]
fn events_that_are_dropped_are_lost() {
    is_named(Lie::Drops, Code::Lost, |record| {
        let (lost, expected) = (record.counts.lost.unwrap(), record.counts.expected.unwrap());
        assert!(lost * 5 <= expected && lost * 10 >= expected, "one in seven, not {lost} of {expected}");
        assert!(record.cell_counts.expected.is_none() && record.cell_counts.lost > Some(0), "the clients saw the gaps");
        assert!(!codes(record).contains(&Code::Duplicated) && !codes(record).contains(&Code::Reordered));
    });
}

#[test]
fn events_that_come_twice_are_duplicated() {
    is_named(Lie::Duplicates, Code::Duplicated, |record| {
        assert_eq!(record.counts.lost, Some(0));
        assert!(!codes(record).contains(&Code::Reordered));
    });
}

#[test]
fn events_that_come_after_a_later_one_are_reordered() {
    is_named(Lie::Reorders, Code::Reordered, |record| {
        assert_eq!(record.counts.lost, Some(0));
        assert!(!codes(record).contains(&Code::Duplicated));
    });
}

#[test]
fn texts_that_are_no_event_are_malformed() {
    is_named(Lie::Garbles, Code::Malformed, |_| {});
}

#[test]
fn a_stall_of_two_seconds_shows_as_seconds_in_the_latency_and_not_as_one_slow_sample() {
    is_named(Lie::Stalls, Code::Stalled, |record| {
        let latency = record.histograms.delivery_latency.as_ref().unwrap();
        assert!(latency.max_us().unwrap() > 1_500_000, "{:?}", latency.max_us());
        assert!(latency.quantile_us(0.7).unwrap() > 500_000, "what was due in the stall waited for its end");
        assert_eq!(record.counts.lost, Some(0));
    });
}

#[test]
fn a_server_that_writes_byte_by_byte_trickles() {
    is_named(Lie::Trickles, Code::Trickled, |record| assert_eq!(record.counts.lost, Some(0)));
}

#[test]
fn a_connection_that_ends_before_the_feed_is_named_and_taken_up_again() {
    is_named(Lie::ClosesEarly, Code::ClosedEarly, |record| {
        assert!(record.reconnects > 0);
        assert_eq!(record.counts.lost, Some(0), "the cursor brings back what was missed");
    });
}
