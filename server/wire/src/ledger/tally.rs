//! The sums of what was found.

use feedbench_record::ledger::{Layer, Ledger, Way};

use super::{Dissector, ExchangeKind, Found, wide};

/// The ledger of one connection, up to what it has carried so far.
#[derive(Debug, Default)]
pub struct Tally {
    dissector: Dissector,
    ledger: Ledger,
    /// Bytes carried, up and down.
    carried: [u64; Way::ALL.len()],
}

impl Tally {
    /// Adds the next bytes of one direction.
    // Of its own in every profile, so that `scripts/ledger-cost` can tell what it costs.
    #[inline(never)]
    pub fn push(&mut self, way: Way, bytes: &[u8]) {
        self.carried[way.index()] += wide(bytes.len());
        let ledger = &mut self.ledger;
        self.dissector.push(way, bytes, |found| add(ledger, way, found));
    }

    /// What is held of parts that are not whole (bytes): bounded, whatever a peer sends.
    pub fn held_bytes(&self) -> usize {
        self.dissector.held_bytes()
    }

    /// The ledger. What is not whole by now is unclassified.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = self.ledger;
        for way in Way::ALL {
            let unclassified = self.carried[way.index()] - ledger.total(way);
            *ledger.layers_mut(way).get_mut(Layer::Unclassified) = unclassified;
        }
        ledger
    }
}

fn add(ledger: &mut Ledger, way: Way, found: Found<'_>) {
    let layers = ledger.layers_mut(way);
    match found {
        Found::Head { layer, bytes } => *layers.get_mut(layer) += wide(bytes.len()),
        Found::Bytes { layer, count, .. } => *layers.get_mut(layer) += wide(count),
        Found::Event { text, wire_bytes, .. } => {
            layers.event_framing += wide(wire_bytes - text.len());
            layers.payload += wide(text.len());
        }
        Found::Admin { count } => *ledger.admin.bytes_mut(way) += wide(count),
        Found::Step(_) => {}
        Found::Repeated(repetition) => ledger.repetition += repetition,
        Found::Exchange(kind, exchange) => match kind {
            ExchangeKind::Poll => ledger.polls += exchange,
            ExchangeKind::EmptyPoll => {
                ledger.polls += exchange;
                ledger.empty_polls += exchange;
            }
            ExchangeKind::PushedEvent => ledger.pushed_events += exchange,
            ExchangeKind::Heartbeat => ledger.heartbeats += exchange,
            ExchangeKind::Publish => ledger.publishes += exchange,
            // Its bytes were counted as they came.
            ExchangeKind::Admin => ledger.admin.count += exchange.count,
        },
    }
}
