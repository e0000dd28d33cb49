//! What one worker counts. Each worker has one, and they are added up when the cell is over.

use std::collections::BTreeMap;

use feedbench_record::Histogram;
use feedbench_record::agreement::ConnectionBytes;
use feedbench_record::histogram::Precision;
use feedbench_record::ledger::{IpBytes, Ledger, Way};
use feedbench_record::run::{EndBytes, Polls, Second, Window};
use feedbench_wire::event::Stamp;
use feedbench_wire::io::Account;

use crate::sequence::{Seen, Sequence};

/// Seconds of a cell that have a histogram of their own; later ones are only in the cell's.
const SECONDS_MAX: u64 = 3_600;

/// Counts of events by fate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fates {
    pub(crate) delivered: u64,
    pub(crate) duplicated: u64,
    pub(crate) reordered: u64,
}

impl Fates {
    fn count(&mut self, seen: Seen) {
        match seen {
            Seen::New => self.delivered += 1,
            Seen::Late => {
                self.delivered += 1;
                self.reordered += 1;
            }
            Seen::Again => self.duplicated += 1,
        }
    }

    fn add(&mut self, other: Fates) {
        self.delivered += other.delivered;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
    }
}

/// The counts of one worker.
#[derive(Debug)]
pub struct Recorder {
    pub(crate) window: Option<Window>,
    /// How much the publisher's clock is ahead of ours (us).
    clock_ahead_us: i64,
    pub(crate) in_window: Fates,
    pub(crate) in_cell: Fates,
    pub(crate) skipped: u64,
    pub(crate) malformed: u64,
    pub(crate) errors: BTreeMap<&'static str, u64>,
    pub(crate) reconnects: u64,
    pub(crate) restarts: u64,
    pub(crate) recycles: u64,
    pub(crate) polls_in_window: Polls,
    pub(crate) polls: Polls,
    pub(crate) payload_down: u64,
    pub(crate) reads: u64,
    pub(crate) connections: Vec<ConnectionBytes>,
    pub(crate) ledger: Ledger,
    ip: IpBytes,
    pub(crate) delivery_latency: Histogram,
    pub(crate) connect_time: Histogram,
    /// `None` without TLS.
    pub(crate) tls_handshake_time: Option<Histogram>,
    pub(crate) worker_lag: Histogram,
    pub(crate) poll_lateness: Histogram,
    pub(crate) loop_lag: Histogram,
    /// `None` without a distance.
    pub(crate) link_error: Option<Histogram>,
    /// By second of the window; `None` where nothing was delivered.
    seconds: Vec<Option<Histogram>>,
    /// Bytes of all connections so far, both directions: at the window's start, at every second after it, and at the end.
    totals: Vec<u64>,
}

impl Recorder {
    /// Nothing yet. `clock_ahead_us` says how much the publisher's clock is ahead of ours (us).
    pub fn new(clock_ahead_us: i64) -> Recorder {
        let fine = || Histogram::new(Precision::Fine);
        Recorder {
            window: None,
            clock_ahead_us,
            in_window: Fates::default(),
            in_cell: Fates::default(),
            skipped: 0,
            malformed: 0,
            errors: BTreeMap::new(),
            reconnects: 0,
            restarts: 0,
            recycles: 0,
            polls_in_window: Polls::default(),
            polls: Polls::default(),
            payload_down: 0,
            reads: 0,
            connections: Vec::new(),
            ledger: Ledger::default(),
            ip: IpBytes::default(),
            delivery_latency: fine(),
            connect_time: fine(),
            tls_handshake_time: None,
            worker_lag: fine(),
            poll_lateness: fine(),
            loop_lag: Histogram::new(Precision::Coarse),
            link_error: None,
            seconds: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// Events intended for this window count apart from now on.
    pub fn measure(&mut self, window: Window) {
        self.window = Some(window);
    }

    /// A text that reached a client by a read that returned at `read_us`, `lag_us` after the worker woke up.
    pub fn deliver(&mut self, text: &[u8], sequence: &mut Sequence, read_us: u64, lag_us: u64) {
        let Some(stamp) = Stamp::read(text) else {
            self.malformed += 1;
            return;
        };
        let (seen, missing) = sequence.see(stamp.seq);
        self.skipped += missing;
        self.skipped -= u64::from(seen == Seen::Late);
        self.payload_down += text.len() as u64;
        self.in_cell.count(seen);
        let at_us = stamp.at_us.saturating_add_signed(-self.clock_ahead_us);
        if !self.window.is_some_and(|window| window.contains(at_us)) {
            return;
        }
        self.in_window.count(seen);
        if seen != Seen::Again {
            let latency_us = read_us as i64 - at_us as i64;
            self.delivery_latency.record(latency_us);
            self.worker_lag.record(lag_us as i64);
            self.second(read_us).record(latency_us);
        }
    }

    /// A poll that was planned for `planned_us` begins at `now_us`. During the ramp the load generator has other things to do:
    /// only the window's polls are to be on time.
    pub(crate) fn start_poll(&mut self, planned_us: u64, now_us: u64) {
        if self.window.is_some_and(|window| window.contains(planned_us)) {
            self.poll_lateness.record(now_us.saturating_sub(planned_us) as i64);
        }
    }

    /// Polls that were answered or skipped at `now_us`.
    pub(crate) fn poll(&mut self, polls: Polls, now_us: u64) {
        add_polls(&mut self.polls, polls);
        if self.window.is_some_and(|window| window.contains(now_us)) {
            add_polls(&mut self.polls_in_window, polls);
        }
    }

    fn second(&mut self, now_us: u64) -> &mut Histogram {
        let start_us = self.window.map_or(0, |window| window.start_us);
        let second = (now_us.saturating_sub(start_us) / 1_000_000).min(SECONDS_MAX) as usize;
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, None);
        }
        self.seconds[second].get_or_insert_with(|| Histogram::new(Precision::Coarse))
    }

    /// All connections have moved so many bytes: at the window's start, then at every second, then at the end.
    pub(crate) fn total(&mut self, bytes: u64) {
        // The start, every second that is kept, and one for all later ones.
        if self.totals.len() as u64 == SECONDS_MAX + 2 {
            self.totals.pop();
        }
        self.totals.push(bytes);
    }

    /// Has the window begun?
    pub(crate) fn has_totals(&self) -> bool {
        !self.totals.is_empty()
    }

    /// An error by kind.
    pub(crate) fn error(&mut self, kind: &'static str) {
        *self.errors.entry(kind).or_default() += 1;
    }

    /// A connection took so long to open (us); it may take up what another one left.
    pub(crate) fn connected(&mut self, us: u64, again: bool) {
        self.connect_time.record(us as i64);
        self.reconnects += u64::from(again);
    }

    /// A TLS handshake took so long (us).
    pub(crate) fn secured(&mut self, us: u64) {
        let time = self.tls_handshake_time.get_or_insert_with(|| Histogram::new(Precision::Fine));
        time.record(us as i64);
    }

    /// A connection that is over. `ip` is what it was on IP, where the kernel told; `reads` brought at least a byte each.
    pub(crate) fn close(&mut self, account: &Account, ip: Option<IpBytes>, reads: u64) {
        self.ledger += account.ledger;
        self.ip += ip.unwrap_or_default();
        self.reads += reads;
        self.connections.push(account.bytes);
    }

    /// The bytes of all connections that are over.
    pub(crate) fn bytes(&self) -> EndBytes {
        EndBytes::of(&self.connections, Way::Up, self.ledger)
    }

    /// The same on IP, if the kernel told of every one of them.
    pub(crate) fn ip(&self) -> Option<IpBytes> {
        (self.ip.connections == self.connections.len() as u64).then_some(self.ip)
    }

    /// Adds the counts of another worker of the same cell.
    pub(crate) fn add(&mut self, other: Recorder) {
        self.window = self.window.or(other.window);
        self.in_window.add(other.in_window);
        self.in_cell.add(other.in_cell);
        self.skipped += other.skipped;
        self.malformed += other.malformed;
        other.errors.into_iter().for_each(|(kind, count)| *self.errors.entry(kind).or_default() += count);
        self.reconnects += other.reconnects;
        self.restarts += other.restarts;
        self.recycles += other.recycles;
        add_polls(&mut self.polls, other.polls);
        add_polls(&mut self.polls_in_window, other.polls_in_window);
        self.payload_down += other.payload_down;
        self.reads += other.reads;
        self.ledger += other.ledger;
        self.ip += other.ip;
        self.connections.extend(other.connections);
        self.delivery_latency.add(&other.delivery_latency);
        self.connect_time.add(&other.connect_time);
        self.worker_lag.add(&other.worker_lag);
        self.poll_lateness.add(&other.poll_lateness);
        self.loop_lag.add(&other.loop_lag);
        add_optional(&mut self.tls_handshake_time, other.tls_handshake_time);
        add_optional(&mut self.link_error, other.link_error);
        add_totals(&mut self.totals, other.totals);
        if self.seconds.len() < other.seconds.len() {
            self.seconds.resize(other.seconds.len(), None);
        }
        self.seconds.iter_mut().zip(other.seconds).for_each(|(mine, theirs)| add_optional(mine, theirs));
    }

    /// The cell second by second. With `latency` false the clocks cannot be compared and only counts are given.
    pub(crate) fn seconds(&self, latency: bool) -> Vec<Second> {
        let count = self.seconds.len().max(self.totals.len().saturating_sub(1));
        let second = |second: usize| {
            let histogram = self.seconds.get(second).and_then(Option::as_ref);
            let bytes = self.totals.get(second).zip(self.totals.get(second + 1));
            Second {
                second: second as u32,
                delivered: histogram.map_or(0, Histogram::count),
                latency: histogram.filter(|_| latency).cloned(),
                bytes: bytes.map(|(before, after)| after - before),
            }
        };
        (0..count).map(second).collect()
    }
}

/// A worker whose connections are over moves no more bytes.
fn add_totals(sum: &mut Vec<u64>, mut more: Vec<u64>) {
    let count = sum.len().max(more.len());
    for totals in [&mut *sum, &mut more] {
        totals.resize(count, totals.last().copied().unwrap_or(0));
    }
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

fn add_optional(sum: &mut Option<Histogram>, more: Option<Histogram>) {
    match (sum, more) {
        (Some(sum), Some(more)) => sum.add(&more),
        (sum @ None, more) => *sum = more,
        (Some(_), None) => {}
    }
}

fn add_polls(sum: &mut Polls, more: Polls) {
    sum.total += more.total;
    sum.empty += more.empty;
    sum.skipped += more.skipped;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use feedbench_wire::event::{self, Data};

    fn text(seq: u64, at_us: u64) -> Vec<u8> {
        let mut text = Vec::new();
        event::encode(seq, at_us, Data::Text("x"), &mut text);
        text
    }

    fn recorder() -> Recorder {
        let window = Some(Window { start_us: 1_000_000, end_us: 2_000_000 });
        Recorder { window, ..Recorder::new(0) }
    }

    #[test]
    fn an_event_belongs_to_the_window_by_its_intended_instant_not_by_its_delivery() {
        let mut recorder = recorder();
        let mut sequence = Sequence::default();
        sequence.begin(0);
        for (seq, at_us, read_us) in [(1, 999_999, 1_500_000), (2, 1_999_999, 2_700_000), (3, 2_000_000, 2_000_001)] {
            recorder.deliver(&text(seq, at_us), &mut sequence, read_us, 1);
        }
        assert_eq!((recorder.in_cell.delivered, recorder.in_window.delivered), (3, 1));
        assert_eq!(recorder.delivery_latency.count(), 1);
        assert!(recorder.delivery_latency.max_us().unwrap().abs_diff(700_001) < 700, "to three digits");
        assert_eq!(recorder.seconds(true)[1].delivered, 1);
    }

    #[test]
    fn a_poll_belongs_to_the_window_by_the_instant_of_its_answer() {
        let mut recorder = recorder();
        for now_us in [999_999, 1_000_000, 1_999_999, 2_000_000] {
            recorder.poll(Polls { total: 1, empty: 1, skipped: 0 }, now_us);
        }
        assert_eq!((recorder.polls.total, recorder.polls_in_window.total), (4, 2));
        assert_eq!(recorder.polls_in_window.empty, 2);
    }

    #[test]
    fn a_poll_of_the_ramp_may_be_late() {
        let mut recorder = recorder();
        for planned_us in [900_000, 1_000_000, 2_000_000] {
            recorder.start_poll(planned_us, planned_us + 70);
        }
        assert_eq!((recorder.poll_lateness.count(), recorder.poll_lateness.max_us()), (1, Some(70)));
    }

    #[test]
    fn an_event_that_comes_again_has_no_second_latency() {
        let mut recorder = recorder();
        let mut sequence = Sequence::default();
        sequence.begin(0);
        for _ in 0..3 {
            recorder.deliver(&text(1, 1_500_000), &mut sequence, 1_500_100, 1);
        }
        assert_eq!((recorder.in_window.delivered, recorder.in_window.duplicated), (1, 2));
        assert_eq!(recorder.delivery_latency.count(), 1);
    }

    #[test]
    fn a_text_that_is_no_event_is_malformed_and_nothing_else() {
        let mut recorder = recorder();
        recorder.deliver(b"{\"seq\":1}", &mut Sequence::default(), 1, 1);
        assert_eq!((recorder.malformed, recorder.in_cell.delivered, recorder.payload_down), (1, 0, 0));
    }

    #[test]
    fn the_bytes_of_a_second_are_what_all_workers_moved_in_it_and_one_that_is_over_moves_no_more() {
        let of = |totals: &[u64]| {
            let mut recorder = recorder();
            totals.iter().for_each(|&total| recorder.total(total));
            recorder
        };
        let mut sum = Recorder::new(0);
        for worker in [of(&[100, 110, 150, 151]), of(&[1_000, 1_002]), of(&[])] {
            sum.add(worker);
        }
        let bytes: Vec<_> = sum.seconds(true).iter().map(|second| second.bytes).collect();
        assert_eq!(bytes, [Some(12), Some(40), Some(1)]);
        let mut long = recorder();
        (0..SECONDS_MAX + 9).for_each(|second| long.total(second * 2));
        let last = long.seconds(true).pop().unwrap();
        assert_eq!((u64::from(last.second), last.bytes), (SECONDS_MAX, Some(16)), "the last one has what is left");
    }

    #[test]
    fn the_sum_of_two_workers_is_what_one_would_have_counted() {
        let events = [(1, 1_100_000), (2, 1_200_000), (4, 1_900_000), (3, 1_950_000)];
        let mut one = recorder();
        let mut parts = [recorder(), recorder()];
        for client in 0..6 {
            for recorder in [&mut one, &mut parts[client % 2]] {
                let mut sequence = Sequence::default();
                sequence.begin(0);
                for (seq, at_us) in events {
                    recorder.deliver(&text(seq, at_us), &mut sequence, at_us + 10 * client as u64, 1);
                }
                recorder.error("reset");
            }
        }
        let [mut sum, second] = parts;
        sum.add(second);
        assert_eq!(sum.delivery_latency, one.delivery_latency);
        assert_eq!(sum.seconds(true), one.seconds(true));
        assert_eq!(sum.errors, one.errors);
        assert_eq!(sum.in_window.reordered, one.in_window.reordered);
    }
}
