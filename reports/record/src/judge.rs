//! The verdict on a record. Every bound is a constant here, with its unit, and appears in the text of the reason. A
//! verdict is computed from the record alone, so that a report can check it again.

use crate::gates::{Gate, gates};
use crate::run::Record;
use crate::transport::{Manner, Transport};
use crate::verdict::{Code, Reason, Verdict, Workload};

/// The publisher may be this late (us, 99th percentile) …
pub const PUBLISH_LAG_P99_US: u64 = 5_000;
/// … or this share of the delivery latency at the same percentile beyond what transport and scenario explain, whichever is
/// more. Latency runs from the intended instant, so the lag is part of it; where several servers share a core, each waits
/// for the fan-out of the others, and a twentieth of what clients wait for changes no conclusion.
pub const PUBLISH_LAG_SHARE: f64 = 0.05;
/// A worker may take this long from its wake-up to a delivery (us, 99th percentile) …
pub const WORKER_LAG_P99_US: u64 = 10_000;
/// … or this share of the delivery latency at the same percentile, whichever is more: a release to thousands of clients
/// is read in one go, and the wait of the last one is the fan-out's, not the load generator's.
pub const WORKER_LAG_SHARE: f64 = 0.5;
/// A timer of a worker may be this late (us, 99th percentile of evenly spread instants) …
pub const LOOP_LAG_P99_US: u64 = 10_000;
/// … or this share of the delivery latency at the same percentile beyond what transport and scenario explain, whichever
/// is more. A release to ten thousand clients keeps a worker busy for tens of milliseconds, and its timer with it: that is
/// the fan-out's latency, of which the load generator may be the smaller part. A load generator that is starved or too slow
/// is late by as much as everything else that waits for it, and so by more than half of the latency that it causes.
pub const LOOP_LAG_SHARE: f64 = 0.5;
/// A poll may start this late (us, 99th percentile) …
pub const POLL_LATENESS_P99_US: u64 = 10_000;
/// … or this share of the poll interval, whichever is more.
pub const POLL_LATENESS_SHARE: f64 = 0.02;
/// The distance may move what is due so late (us, 99th percentile) where clients poll at instants of their own: a hundredth
/// of an RTT of 100 ms. A fan-out is a burst that the link has to carry like everything else: there its error is reported,
/// and no reason.
pub const LINK_ERROR_P99_US: u64 = 1_000;
/// The line of a connection may be offered so much of what it carries: all of it. Beyond that there is no latency that a
/// longer window would show again, only one that grows with it.
pub const LINE_SHARE: f64 = 1.0;
/// This share of the planned polls may be skipped because the one before was outstanding.
pub const POLLS_SKIPPED_SHARE: f64 = 0.01;
/// A side may use this share of its cores' time.
pub const CPU_SHARE: f64 = 0.9;
/// What is not feedbench may use this share of the time of a side's cores. A process that wants a core and does not get it
/// uses little of it: its own CPU share says nothing then, and the time of the others says all.
pub const FOREIGN_CPU_SHARE: f64 = 0.05;
/// The host may take this share of all cores' time.
pub const STEAL_SHARE: f64 = 0.05;
/// A control group may be throttled for this share of the time.
pub const THROTTLED_SHARE: f64 = 0.01;
/// This share of all segments may be sent again: a sender that was kept waiting for the processor sends some of them
/// twice even on loopback.
pub const RETRANSMITTED_SHARE: f64 = 0.001;
/// The wall clock may be set by this much (us) at once. Slewing moves it by a tenth of that from one look to the next.
pub const CLOCK_STEP_US: u64 = 1_000;
/// The machine may be suspended for this long (us).
pub const SUSPENDED_US: u64 = 1_000;
/// CLOCK_MONOTONIC may run this much faster or slower than the hardware's clock (parts per million): twice what the kernel
/// slews at.
pub const CLOCK_RATE_PPM: u64 = 1_000;
/// Tasks may wait for memory for this share of the time: as much as the host may take.
pub const MEMORY_STALL_SHARE: f64 = 0.05;
/// The machine may read this many pages back from swap: a MiB of them.
pub const SWAP_INS: u64 = 256;
/// The control group may meet its memory limit this often. Filling it with cached files is no harm, and each MiB of them that
/// makes room is a few hits.
pub const MEMORY_LIMIT_HITS: u64 = 1_000;
/// A side may wait for this many pages from a disk in the window.
pub const MAJOR_FAULTS: u64 = 100;
/// The window has at least this many events.
pub const WINDOW_EVENTS: u64 = 10;
/// The window of a closed workload has at least this many requests.
pub const WINDOW_REQUESTS: u64 = 1_000;
/// The window has at least this many poll intervals.
pub const WINDOW_INTERVALS: u64 = 2;
/// The window of an idle workload has at least this many poll intervals, hold times or heartbeats.
pub const WINDOW_SILENCES: u64 = 2;
/// No event takes this much longer (us) than its transport and scenario explain …
pub const STALL_US: u64 = 1_000_000;
/// … or this many times what the median takes beyond that, whichever is more: where a release to many clients takes long for
/// all of them, the last one was not stalled.
pub const STALL_MEDIANS: u64 = 4;
/// A read brings at least this many bytes on average; less, and the other end trickles.
pub const BYTES_PER_READ: u64 = 16;

/// The kind of error of a connection that found no free port.
pub(crate) const PORTS_EXHAUSTED: &str = "ports-exhausted";

/// Collects the reasons.
#[derive(Default)]
struct Bench {
    reasons: Vec<Reason>,
}

impl Bench {
    fn against(&mut self, code: Code, holds: bool, text: impl FnOnce() -> String) {
        if holds {
            self.reasons.push(Reason { class: code.class(), code, text: text() });
        }
    }
}

/// The verdict on a record. The record's own `verdict` is not looked at.
pub fn judge(record: &Record) -> Verdict {
    let mut bench = Bench::default();
    integrity(record, &mut bench);
    oddities(record, &mut bench);
    bench.reasons.extend(gates(record).iter().filter_map(Gate::reason));
    too_short(record, &mut bench);
    bench.against(Code::Interrupted, record.interrupted, || "the cell was stopped before its end".to_owned());
    shards(record, &mut bench);
    let workload = record.workload();
    if workload == Workload::Closed {
        bench.reasons.retain(|reason| !reason.code.is_of_open_workloads());
    }
    bench.reasons.sort_by_key(|reason| reason.class);
    Verdict { valid: bench.reasons.is_empty(), workload, reasons: bench.reasons }
}

fn integrity(record: &Record, bench: &mut Bench) {
    let (window, cell) = (&record.counts, &record.cell_counts);
    let lost = window.lost.unwrap_or(0).max(cell.lost.unwrap_or(0));
    bench.against(Code::Lost, lost > 0, || {
        let of = cell.expected.map_or(String::new(), |expected| format!(" of {expected}"));
        format!("{lost}{of} events were lost")
    });
    bench.against(Code::Duplicated, cell.duplicated > 0, || {
        format!("{} events were delivered more than once", cell.duplicated)
    });
    bench.against(Code::Reordered, cell.reordered > 0, || format!("{} events came after a later one", cell.reordered));
    bench.against(Code::Malformed, cell.malformed > 0, || {
        format!("{} texts were no event, or their framing was broken", cell.malformed)
    });
    let agreement = &record.bytes.agreement;
    bench.against(Code::BytesDisagree, agreement.differences > 0, || {
        format!(
            "{} byte counts disagree, the first: {}",
            agreement.differences,
            agreement.difference_names.first().map_or("", String::as_str)
        )
    });
    bench.against(Code::Unclassified, agreement.unclassified > 0, || {
        format!("{} bytes belong to no layer of the ledger", agreement.unclassified)
    });
    for (kind, &count) in &record.errors {
        let code = match kind.as_str() {
            "closed-early" => Code::ClosedEarly,
            // A gate: it is the machine that has no more.
            PORTS_EXHAUSTED => continue,
            _ => Code::Errors,
        };
        bench.against(code, count > 0, || match code {
            Code::ClosedEarly => format!("{count} connections ended before the feed did"),
            // With the code of the error (RFC 9113 section 7): what a server thinks of its clients is a finding.
            _ => format!("{count} errors: {kind}"),
        });
    }
}

fn oddities(record: &Record, bench: &mut Bench) {
    let latency = record.histograms.delivery_latency.as_ref();
    if let Some(latency) = latency {
        bench.against(Code::OutOfBounds, latency.outside() > 0, || {
            format!("{} deliveries took less than 0 or more than 60 s", latency.outside())
        });
        let explained = explained_latency_us(record);
        let max = latency.max_us().unwrap_or(u64::MAX);
        let beyond = latency.quantile_us(0.5).unwrap_or(0).saturating_sub(explained);
        let more = STALL_US.max(beyond.saturating_mul(STALL_MEDIANS));
        bench.against(Code::Stalled, latency.count() > 0 && max > explained.saturating_add(more), || {
            let max = latency.max_us().map_or("more than 60,000".to_owned(), ms);
            format!(
                "an event took {max} ms, where {} explains {} ms and the bound adds {} ms",
                record.transport.title(),
                ms(explained),
                ms(more)
            )
        });
    }
    let reads = record.bytes.reads;
    let down = record.bytes.loadgen.down;
    // A heartbeat is shorter than that, and with a silent feed there is little else.
    let trickled = record.workload() != Workload::Idle && down < reads * BYTES_PER_READ;
    bench.against(Code::Trickled, trickled, || {
        format!("{down} bytes came in {reads} reads: fewer than {BYTES_PER_READ} bytes a read")
    });
}

/// The longest latency (us) that transport and scenario explain by themselves.
pub(crate) fn explained_latency_us(record: &Record) -> u64 {
    let round_trip_us = record.scenario.round_trip_max_ms() * 1_000;
    match record.transport.manner() {
        Manner::Asks => record.scenario.interval_ms * 1_000 + round_trip_us * 2,
        Manner::Waits | Manner::Pushed => round_trip_us * 2,
    }
}

/// What the sum of the shards does not show: those that are missing, and what holds for one of them alone.
fn shards(record: &Record, bench: &mut Bench) {
    let of = record.shards.len();
    let of_the_sum: Vec<_> = bench.reasons.iter().map(|reason| reason.code).collect();
    for part in &record.shards {
        if let Some(why) = &part.lost {
            bench.against(Code::ShardLost, true, || {
                format!("shard {} of {of}: {why}; its {} clients are in no figure", part.number, part.clients)
            });
        }
        for reason in &part.reasons {
            let hidden = reason.code.may_hide_in_a_sum() && !of_the_sum.contains(&reason.code);
            bench.against(reason.code, hidden, || format!("shard {} of {of}: {}", part.number, reason.text));
        }
    }
}

fn too_short(record: &Record, bench: &mut Bench) {
    if record.workload() == Workload::Closed {
        let requests = record.polls.map_or(0, |polls| polls.total);
        return bench.against(Code::WindowTooShort, requests < WINDOW_REQUESTS, || {
            format!("the window has {requests} requests, at least {WINDOW_REQUESTS} are needed")
        });
    }
    if record.workload() == Workload::Idle {
        return too_short_for_silence(record, bench);
    }
    let published = record.events_in_window;
    bench.against(Code::WindowTooShort, published.is_some_and(|events| events < WINDOW_EVENTS), || {
        format!("the window has {} events, at least {WINDOW_EVENTS} are needed", published.unwrap_or(0))
    });
    let needed_ms = record.scenario.interval_ms * WINDOW_INTERVALS;
    let short = record.transport == Transport::Polling && record.scenario.window_ms < needed_ms;
    bench.against(Code::WindowTooShort, short, || {
        format!("the window has fewer than {WINDOW_INTERVALS} poll intervals ({} ms)", record.scenario.interval_ms)
    });
}

/// What a silent client costs is what it says now and then: the window is to hold that more than once.
fn too_short_for_silence(record: &Record, bench: &mut Bench) {
    let every_ms = record.scenario.silence_ms(record.transport);
    let needed_ms = every_ms.saturating_mul(WINDOW_SILENCES);
    bench.against(Code::WindowTooShort, record.scenario.window_ms < needed_ms, || {
        let what = match record.transport.manner() {
            Manner::Asks => "poll intervals",
            Manner::Waits => "hold times",
            Manner::Pushed => "heartbeats",
        };
        format!(
            "the window has fewer than {WINDOW_SILENCES} {what} ({every_ms} ms each); it is to have {needed_ms} ms at least"
        )
    });
}

fn ms(us: u64) -> String {
    format!("{:.1}", us as f64 / 1_000.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::histogram::{Histogram, Precision};
    use crate::ledger::{LayerBytes, Ledger};
    use crate::run::{Clocks, Segments, ShardPart};
    use crate::verdict::Class;

    /// A real record of the published run, valid as it stands.
    fn valid(transport: Transport) -> Record {
        let text = match transport {
            Transport::Polling => include_str!("../../published/2026-11-20-default/records/001-polling-1000-r1.json"),
            _ => include_str!("../../published/2026-11-20-default/records/006-websocket-1000-r1.json"),
        };
        serde_json::from_str(text).unwrap()
    }

    fn all(duration_us: i64) -> Histogram {
        let mut histogram = Histogram::new(Precision::Fine);
        (0..1_000).for_each(|_| histogram.record(duration_us));
        histogram
    }

    #[test]
    fn every_published_record_is_judged_again_as_it_was() {
        let published = concat!(env!("CARGO_MANIFEST_DIR"), "/../published");
        let suites = std::fs::read_dir(published).unwrap().map(|suite| suite.unwrap().path().join("records"));
        let mut judged = 0;
        for file in suites.filter_map(|records| std::fs::read_dir(records).ok()).flatten() {
            let record: Record = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            assert_eq!(judge(&record), record.verdict, "{}", record.id);
            judged += 1;
        }
        assert!(judged > 0, "nothing was published");
        assert!(valid(Transport::Polling).verdict.valid && valid(Transport::WebSocket).verdict.valid);
    }

    fn clocks(step_us: u64, suspended_us: u64, rate_ppm: i64) -> Option<Clocks> {
        Some(Clocks { step_us, suspended_us, rate_ppm })
    }

    type Spoil = fn(&mut Record);

    #[test]
    fn every_code_has_a_record_that_it_alone_is_said_of() {
        let lost = |r: &mut Record| {
            let why = Some("the server process ended by itself".to_owned());
            r.shards = vec![ShardPart { number: 1, clients: 10, lost: why, reasons: vec![] }];
        };
        let late = |r: &mut Record| {
            let reason = Reason { class: Class::Timing, code: Code::PublishLag, text: "late".to_owned() };
            r.shards = vec![ShardPart { number: 1, clients: 10, lost: None, reasons: vec![reason] }];
        };
        let cases: [(Code, Transport, Spoil); 37] = [
            (Code::ShardLost, Transport::WebSocket, lost),
            (Code::PublishLag, Transport::WebSocket, late),
            (Code::Lost, Transport::WebSocket, |r| r.cell_counts.lost = Some(1)),
            (Code::Duplicated, Transport::WebSocket, |r| r.cell_counts.duplicated = 1),
            (Code::Reordered, Transport::WebSocket, |r| r.cell_counts.reordered = 1),
            (Code::Malformed, Transport::WebSocket, |r| r.cell_counts.malformed = 1),
            (Code::BytesDisagree, Transport::WebSocket, |r| r.bytes.agreement.differences = 1),
            (Code::Unclassified, Transport::WebSocket, |r| r.bytes.agreement.unclassified = 1),
            (Code::ClosedEarly, Transport::WebSocket, |r| _ = r.errors.insert("closed-early".to_owned(), 1)),
            (Code::Errors, Transport::WebSocket, |r| _ = r.errors.insert("reset".to_owned(), 1)),
            (Code::PublishLag, Transport::WebSocket, |r| r.histograms.publish_lag = Some(all(6_000))),
            (Code::WorkerLag, Transport::WebSocket, |r| r.histograms.worker_lag = all(50_000)),
            (Code::WorkerLoopLag, Transport::WebSocket, |r| r.histograms.loop_lag = Some(all(12_000))),
            (Code::LatePolls, Transport::Polling, |r| r.histograms.poll_lateness = Some(all(30_000))),
            (Code::LinkError, Transport::Polling, |r| r.histograms.link_error = Some(all(1_100))),
            (Code::LatePolls, Transport::Polling, |r| r.polls.as_mut().unwrap().skipped = 10_000),
            (Code::Stalled, Transport::WebSocket, |r| {
                r.histograms.delivery_latency.as_mut().unwrap().record(1_100_000);
            }),
            (Code::Trickled, Transport::WebSocket, |r| r.bytes.reads = r.bytes.loadgen.down),
            (Code::Saturated, Transport::WebSocket, |r| r.loadgen.cpu_window_us = Some(59_000_000)),
            (Code::Starved, Transport::WebSocket, |r| r.loadgen.cores_busy_us = Some(4_000_000)),
            (Code::Starved, Transport::WebSocket, |r| r.server.as_mut().unwrap().cores_busy_us = Some(5_000_000)),
            (Code::PortsExhausted, Transport::WebSocket, |r| _ = r.errors.insert("ports-exhausted".to_owned(), 1)),
            (Code::ListenOverflow, Transport::WebSocket, |r| r.kernel.listen_overflows = Some(1)),
            (Code::Retransmitted, Transport::WebSocket, |r| r.kernel.retrans_segs = r.kernel.out_segs),
            (Code::Retransmitted, Transport::WebSocket, |r| {
                r.bytes.loadgen.segments = Some(Segments { out: 10_000, again: 11 });
            }),
            (Code::Steal, Transport::WebSocket, |r| r.kernel.steal_us = Some(r.kernel.over_us)),
            (Code::Throttled, Transport::WebSocket, |r| r.kernel.throttled_us = Some(r.kernel.over_us)),
            (Code::ClockStep, Transport::WebSocket, |r| r.kernel.clocks = clocks(1_001, 0, 0)),
            (Code::ClockStep, Transport::WebSocket, |r| r.kernel.clocks = clocks(0, 1_001, 0)),
            (Code::ClockStep, Transport::WebSocket, |r| r.kernel.clocks = clocks(0, 0, -1_001)),
            (Code::MemoryPressure, Transport::WebSocket, |r| r.kernel.memory.stalled_us = Some(r.kernel.over_us / 10)),
            (Code::MemoryPressure, Transport::WebSocket, |r| r.kernel.memory.swap_ins = Some(257)),
            (Code::MemoryPressure, Transport::WebSocket, |r| r.kernel.memory.limit_hits = Some(1_001)),
            (Code::MemoryPressure, Transport::WebSocket, |r| r.kernel.memory.oom_kills = Some(1)),
            (Code::MemoryPressure, Transport::WebSocket, |r| r.loadgen.major_faults = Some(101)),
            (Code::WindowTooShort, Transport::WebSocket, |r| r.events_in_window = Some(WINDOW_EVENTS - 1)),
            (Code::Interrupted, Transport::WebSocket, |r| r.interrupted = true),
        ];
        for (code, transport, spoil) in cases {
            let mut record = valid(transport);
            spoil(&mut record);
            let verdict = judge(&record);
            let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code).collect();
            assert_eq!(codes, [code], "{:?}", verdict.reasons);
            assert!(!verdict.valid && verdict.reasons[0].class == code.class());
        }
    }

    #[test]
    fn a_silent_feed_needs_no_events_but_two_heartbeats_holds_or_polls() {
        for (transport, what) in
            [(Transport::Polling, "intervals"), (Transport::LongPolling, "holds"), (Transport::WebSocket, "heartbeats")]
        {
            let mut record = valid(if transport == Transport::Polling { transport } else { Transport::WebSocket });
            record.transport = transport;
            record.scenario.rate_per_s = 0.0;
            (record.cell_counts.delivered, record.events_in_window) = (0, Some(0));
            record.histograms.delivery_latency = None;
            record.bytes.reads = record.bytes.loadgen.down;
            record.scenario.window_ms = 2 * record.scenario.silence_ms(transport);
            let verdict = judge(&record);
            assert_eq!((verdict.valid, verdict.workload), (true, Workload::Idle), "{what}: {:?}", verdict.reasons);
            record.scenario.window_ms -= 1;
            let reasons = judge(&record).reasons;
            assert!(reasons.len() == 1 && reasons[0].code == Code::WindowTooShort, "{what}: {reasons:?}");
        }
    }

    #[test]
    fn a_shard_s_reason_is_said_where_the_sum_does_not_say_it_and_names_the_shard() {
        let reason = |code: Code| Reason { class: code.class(), code, text: "its own".to_owned() };
        let part = |number, reasons| ShardPart { number, clients: 10, lost: None, reasons };
        let mut record = valid(Transport::WebSocket);
        record.shards = vec![part(1, vec![]), part(2, vec![reason(Code::WorkerLag), reason(Code::WindowTooShort)])];
        let texts = |record: &Record| judge(record).reasons.into_iter().map(|r| r.text).collect::<Vec<_>>();
        assert_eq!(texts(&record), ["shard 2 of 2: its own"], "the window of all shards has events enough");
        record.histograms.worker_lag = all(50_000);
        let texts = texts(&record);
        assert!(texts.len() == 1 && texts[0].starts_with("the load generator was late"), "{texts:?}");
    }

    #[test]
    fn a_closed_workload_is_not_judged_by_latency_and_load_but_by_everything_else() {
        let closed = |spoil: Spoil| {
            let mut record = valid(Transport::Polling);
            record.scenario.interval_ms = 0;
            spoil(&mut record);
            judge(&record)
        };
        let spared: [Spoil; 7] = [
            |r| r.histograms.publish_lag = Some(all(6_000)),
            |r| r.histograms.worker_lag = all(50_000_000),
            |r| r.histograms.loop_lag = Some(all(50_000_000)),
            |r| r.histograms.poll_lateness = Some(all(30_000)),
            |r| r.polls.as_mut().unwrap().skipped = 10_000,
            |r| r.server.as_mut().unwrap().cpu_window_us = Some(60_000_000),
            |r| r.events_in_window = Some(0),
        ];
        for spoil in spared {
            let verdict = closed(spoil);
            assert_eq!((verdict.valid, verdict.workload), (true, Workload::Closed), "{:?}", verdict.reasons);
        }
        let against: [(Code, Spoil); 5] = [
            (Code::Lost, |r| r.cell_counts.lost = Some(1)),
            (Code::BytesDisagree, |r| r.bytes.agreement.differences = 1),
            (Code::Steal, |r| r.kernel.steal_us = Some(r.kernel.over_us)),
            (Code::WindowTooShort, |r| r.polls.as_mut().unwrap().total = WINDOW_REQUESTS - 1),
            (Code::Interrupted, |r| r.interrupted = true),
        ];
        for (code, spoil) in against {
            let verdict = closed(spoil);
            let codes: Vec<_> = verdict.reasons.iter().map(|reason| reason.code).collect();
            assert_eq!((codes, verdict.workload), (vec![code], Workload::Closed));
        }
    }

    #[test]
    fn the_error_of_the_distance_is_a_reason_only_where_clients_ask_one_by_one() {
        let late = |transport, synchronised| {
            let mut record = valid(if transport == Transport::Polling { transport } else { Transport::WebSocket });
            (record.transport, record.scenario.synchronised) = (transport, synchronised);
            record.histograms.link_error = Some(all(1_100));
            let gate = gates(&record).into_iter().find(|gate| gate.code == Code::LinkError);
            assert_eq!(gate.unwrap().figure.map(|ms| ms as u32), Some(1));
            judge(&record).reasons.iter().any(|reason| reason.code == Code::LinkError)
        };
        assert!(late(Transport::Polling, false) && !late(Transport::Polling, true));
        assert!(!late(Transport::LongPolling, false) && !late(Transport::WebSocket, false));
    }

    #[test]
    fn a_line_is_full_when_more_is_offered_than_it_carries() {
        let with_line = |bits_per_s| {
            let mut record = valid(Transport::WebSocket);
            record.scenario.bandwidth_bits_per_s = Some(bits_per_s);
            // 10 connections in the window of 60 s and a warm-up, 800 bit/s each; and a handshake that is paid once.
            record.scenario.clients = 10;
            let seconds = record.window.seconds() as u64 + record.scenario.warmup_ms / 1_000;
            let down = LayerBytes { tls_handshake: 99_000, ..LayerBytes::default() };
            record.bytes.loadgen.down = 10 * seconds * 100 + 99_000;
            record.bytes.reads = 10;
            record.bytes.loadgen.ledger = Some(Ledger { down, ..Ledger::default() });
            judge(&record)
        };
        assert!(with_line(800).valid, "{:?}", with_line(800).reasons);
        let verdict = with_line(799);
        assert_eq!(verdict.reasons[0].code, Code::LineFull);
        assert_eq!(verdict.reasons[0].text, "the line was full: offered 800 bit/s of 799 bit/s to each connection");
    }

    #[test]
    fn segments_of_others_do_not_count_where_ours_are_known() {
        let mut record = valid(Transport::WebSocket);
        record.kernel.retrans_segs = record.kernel.out_segs;
        record.bytes.loadgen.segments = Some(Segments { out: 10_000, again: 10 });
        record.bytes.server.as_mut().unwrap().segments = Some(Segments { out: 10_000, again: 0 });
        assert!(judge(&record).valid);
    }

    #[test]
    fn a_side_does_not_starve_by_what_the_sides_use_themselves() {
        let mut record = valid(Transport::WebSocket);
        let (loadgen, server) = (record.loadgen.cpu_window_us.unwrap(), record.server.unwrap().cpu_window_us.unwrap());
        record.loadgen.cores_busy_us = Some(loadgen + 60_000);
        assert!(judge(&record).valid, "0.1 % of 60 s");
        // Not pinned, both sides share all cores.
        (record.scenario.pinned, record.loadgen.cores) = (false, 2);
        record.loadgen.cores_busy_us = Some(loadgen + server + 5_900_000);
        assert!(judge(&record).valid, "less than 5 % of 120 s");
        record.server = None;
        record.loadgen.cores_busy_us = Some(100_000_000);
        assert!(judge(&record).valid, "a server that is not ours may be the one that used them");
    }

    #[test]
    fn a_worker_may_be_late_by_its_part_of_the_fan_out_and_not_of_the_poll_interval() {
        let mut record = valid(Transport::WebSocket);
        record.histograms.loop_lag = Some(all(40_000));
        record.histograms.delivery_latency = Some(all(100_000));
        assert!(judge(&record).valid);
        let mut record = valid(Transport::Polling);
        record.histograms.loop_lag = Some(all(40_000));
        assert_eq!(judge(&record).reasons[0].code, Code::WorkerLoopLag);
    }

    #[test]
    fn the_last_of_many_is_not_stalled_where_all_of_them_took_long() {
        let mut record = valid(Transport::WebSocket);
        let mut latency = all(300_000);
        latency.record(1_150_000);
        record.histograms.delivery_latency = Some(latency.clone());
        assert!(judge(&record).valid, "{:?}", judge(&record).reasons);
        latency.record(1_250_000);
        record.histograms.delivery_latency = Some(latency);
        assert_eq!(judge(&record).reasons[0].code, Code::Stalled);
    }

    #[test]
    fn a_poll_may_take_its_interval_and_an_hour_is_out_of_bounds() {
        let mut record = valid(Transport::Polling);
        record.histograms.delivery_latency = Some(all(1_900_000));
        assert!(judge(&record).valid, "an interval of 1 s explains 1 s, and the bound adds another");
        record.histograms.delivery_latency = Some(all(3_600_000_000));
        assert!(judge(&record).reasons.iter().any(|reason| reason.code == Code::OutOfBounds));
    }
}
