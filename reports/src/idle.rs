//! What one client costs while nothing is published: the bytes of one exchange, and how often the scenario has it. The
//! exchange is measured where the ledger saw one; the minute is always computed.

use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Record};

use crate::lang::Lang;
use crate::number::grouped;
use crate::text::{charts_bars as text, common};

/// `[]`, the body of an answer without events.
const EMPTY_ARRAY: f64 = 2.0;

/// What an idle client says, both directions above TCP.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Idle {
    /// One exchange (bytes).
    pub(crate) exchange: f64,
    /// From one exchange to the next (ms).
    pub(crate) every_ms: u64,
    pub(crate) basis: Basis,
}

/// Where the bytes of one exchange come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Measured: the mean of so many empty polls.
    EmptyPolls(u64),
    /// Measured heads, the mean of so many polls, and the two bytes of an empty array.
    HeadsOfPolls(u64),
    /// Measured: the mean of so many heartbeats.
    Heartbeats(u64),
    /// No heartbeat was seen: one by the rules of the framing.
    Rule,
}

impl Idle {
    /// Bytes a minute.
    pub(crate) fn per_minute(self) -> f64 {
        self.exchange * 60_000.0 / self.every_ms as f64
    }
}

impl Basis {
    /// The same of several repetitions: their counts together. `None` where they do not have the same basis.
    fn with(self, other: Basis) -> Option<Basis> {
        match (self, other) {
            (Basis::EmptyPolls(one), Basis::EmptyPolls(other)) => Some(Basis::EmptyPolls(one + other)),
            (Basis::HeadsOfPolls(one), Basis::HeadsOfPolls(other)) => Some(Basis::HeadsOfPolls(one + other)),
            (Basis::Heartbeats(one), Basis::Heartbeats(other)) => Some(Basis::Heartbeats(one + other)),
            (Basis::Rule, Basis::Rule) => Some(Basis::Rule),
            _ => None,
        }
    }

    /// For people.
    fn text(self, lang: Lang) -> String {
        match self {
            Basis::EmptyPolls(1) => text::idle_empty_poll(lang).to_owned(),
            Basis::EmptyPolls(n) => text::idle_empty_polls(lang, grouped(n)),
            Basis::HeadsOfPolls(1) => text::idle_head(lang).to_owned(),
            Basis::HeadsOfPolls(n) => text::idle_heads(lang, grouped(n)),
            Basis::Heartbeats(1) => text::idle_heartbeat(lang).to_owned(),
            Basis::Heartbeats(n) => text::idle_heartbeats(lang, grouped(n)),
            Basis::Rule => text::idle_rule(lang).to_owned(),
        }
    }
}

/// Where the exchanges of these repetitions come from, for people; `None` where none has one.
pub(crate) fn source<'r>(records: impl Iterator<Item = &'r Record>, lang: Lang) -> Option<String> {
    let mut bases: Vec<Basis> = Vec::new();
    for basis in records.filter_map(|record| Some(of(record)?.basis)) {
        match bases.iter_mut().find_map(|other| Some((other.with(basis)?, other))) {
            Some((both, other)) => *other = both,
            None => bases.push(basis),
        }
    }
    let texts: Vec<_> = bases.into_iter().map(|basis| basis.text(lang)).collect();
    (!texts.is_empty()).then(|| common::listed(lang, &texts))
}

/// What an idle client of this cell says; `None` where no part of it was measured, or the period is 0.
pub(crate) fn of(record: &Record) -> Option<Idle> {
    let scenario = &record.scenario;
    let ledger = record.bytes.loadgen.ledger;
    let mean = |bytes: u64, count: u64| (count > 0).then(|| bytes as f64 / count as f64);
    let heads = || {
        let (ledger, polls) = (ledger?, ledger?.polls.count);
        let heads = ledger.up.get(Layer::RequestHeaders) + ledger.down.get(Layer::ResponseHeaders);
        Some((mean(heads, polls)? + EMPTY_ARRAY, Basis::HeadsOfPolls(polls)))
    };
    let (every_ms, exchange) = match record.transport.manner() {
        Manner::Asks => {
            let empty = ledger.map(|ledger| ledger.empty_polls);
            let measured = empty.and_then(|e| Some((mean(e.up + e.down, e.count)?, Basis::EmptyPolls(e.count))));
            (scenario.interval_ms, measured.or_else(heads))
        }
        Manner::Waits => (scenario.hold_ms, heads()),
        Manner::Pushed => {
            let seen = ledger.map(|ledger| ledger.heartbeats);
            let measured = seen.and_then(|h| Some((mean(h.up + h.down, h.count)?, Basis::Heartbeats(h.count))));
            let rule = || record.bytes.heartbeat.and_then(|h| Some((mean(h.up + h.down, h.count)?, Basis::Rule)));
            (scenario.heartbeat_ms, measured.or_else(rule))
        }
    };
    exchange.filter(|_| every_ms > 0).map(|(exchange, basis)| Idle { exchange, every_ms, basis })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixture;
    use feedbench_record::Transport;
    use feedbench_record::ledger::Exchanges;

    #[test]
    fn an_idle_polling_client_says_its_mean_empty_poll_at_each_interval() {
        let mut record = fixture::record(Transport::Polling);
        record.scenario.interval_ms = 500;
        record.bytes.loadgen.ledger.as_mut().unwrap().empty_polls = Exchanges { count: 4, up: 280, down: 508 };
        let idle = of(&record).unwrap();
        assert_eq!((idle.per_minute(), idle.basis), (197.0 * 120.0, Basis::EmptyPolls(4)));
    }

    #[test]
    fn polls_that_were_never_empty_are_computed_from_their_heads() {
        for transport in [Transport::Polling, Transport::LongPolling] {
            let mut record = fixture::record(transport);
            let ledger = record.bytes.loadgen.ledger.as_mut().unwrap();
            ledger.empty_polls = Exchanges::default();
            (ledger.polls.count, ledger.up.request_headers, ledger.down.response_headers) = (10, 700, 1_250);
            let idle = of(&record).unwrap();
            assert_eq!((idle.exchange, idle.basis), (197.0, Basis::HeadsOfPolls(10)), "{transport}");
        }
    }

    #[test]
    fn a_heartbeat_by_rule_is_never_called_measured() {
        let mut record = fixture::record(Transport::WebSocket);
        let by_rule = of(&record).unwrap();
        assert_eq!((by_rule.per_minute(), by_rule.basis), (14.0 * 4.0, Basis::Rule));
        assert!(!by_rule.basis.text(Lang::En).contains("measured"));
        record.bytes.loadgen.ledger.as_mut().unwrap().heartbeats = Exchanges { count: 10, up: 80, down: 60 };
        let seen = of(&record).unwrap();
        assert!(seen.basis == Basis::Heartbeats(10) && seen.basis.text(Lang::En).contains("measured"));
    }

    #[test]
    fn what_repetitions_were_measured_on_is_told_once_for_each_basis() {
        let seen = |count| {
            let mut record = fixture::record(Transport::WebSocket);
            record.bytes.loadgen.ledger.as_mut().unwrap().heartbeats = Exchanges { count, up: 8 * count, down: 0 };
            record
        };
        let records = [seen(700), seen(0), seen(800)];
        let text = source(records.iter(), Lang::En).unwrap();
        assert_eq!(text, "measured on 1,500 heartbeats and by rule: a heartbeat of this framing, none was seen");
        assert_eq!(source(records[..1].iter(), Lang::Zh).unwrap(), "在 700 次心跳上测得");
    }

    #[test]
    fn a_record_without_a_ledger_has_no_idle_figure() {
        for transport in Transport::ALL {
            let mut record = fixture::record(transport);
            (record.bytes.loadgen.ledger, record.bytes.heartbeat) = (None, None);
            assert_eq!(of(&record), None, "{transport}");
        }
        let mut record = fixture::record(Transport::LongPolling);
        record.scenario.hold_ms = 0;
        assert_eq!(of(&record), None, "polls without a pause have no rate of their own");
    }
}
