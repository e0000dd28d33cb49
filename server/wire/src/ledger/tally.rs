//! The sums of what was found.

use feedbench_record::ledger::{Exchanges, Layer, Ledger, Way};

use super::sums::{Kind, Sums};
use super::{Dissector, ExchangeKind, Found, wide};

/// The ledger of one connection, up to what it has carried so far.
#[derive(Debug, Default)]
pub struct Tally {
    dissector: Dissector,
    sums: Sums,
    /// Bytes carried, up and down.
    carried: [u64; Way::ALL.len()],
}

impl Tally {
    /// Adds the next bytes of one direction.
    // Of its own in every profile, so that `scripts/ledger-cost` can tell what it costs.
    #[inline(never)]
    pub fn push(&mut self, way: Way, bytes: &[u8]) {
        self.carried[way.index()] += wide(bytes.len());
        let sums = &mut self.sums;
        self.dissector.push(way, bytes, |found| add(sums, way, found));
    }

    /// What is held of parts that are not whole (bytes): bounded, whatever a peer sends.
    pub fn held_bytes(&self) -> usize {
        self.dissector.held_bytes()
    }

    /// The ledger. What is not whole by now is unclassified.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = self.sums.ledger();
        ledger.polls += ledger.empty_polls;
        for way in Way::ALL {
            ledger.layers_mut(way).control += self.dissector.reset_bytes(way);
            let unclassified = self.carried[way.index()] - ledger.total(way);
            *ledger.layers_mut(way).get_mut(Layer::Unclassified) = unclassified;
        }
        ledger
    }
}

fn add(sums: &mut Sums, way: Way, found: Found<'_>) {
    match found {
        Found::Head { layer, bytes } => sums.add_bytes(way, layer, bytes.len()),
        // All bytes without a layer are counted by what is missing from those that were carried.
        Found::Bytes { layer: Layer::Unclassified, .. } => {}
        Found::Bytes { layer, count, .. } => sums.add_bytes(way, layer, count),
        Found::Chunking { count, .. } => sums.add_bytes(way, Layer::BodyFraming, count),
        Found::Event { text, wire_bytes, .. } => {
            sums.add_bytes(way, Layer::EventFraming, wire_bytes - text.len());
            sums.add_bytes(way, Layer::Payload, text.len());
        }
        Found::Admin { count } => {
            let mut exchange = Exchanges::default();
            *exchange.bytes_mut(way) = wide(count);
            sums.add_exchanges(Kind::Admin, exchange);
        }
        Found::Step(_) => {}
        Found::Repeated(repetition) => sums.add_repetition(repetition),
        Found::Hpack { is_first, heads } => sums.add_heads(way, is_first, heads),
        Found::Compressed(compressed) => sums.add_compressed(compressed),
        Found::Exchange(kind, exchange) => match kind {
            ExchangeKind::Poll => sums.add_exchanges(Kind::Polls, exchange),
            // They are polls, too, which the ledger sees to.
            ExchangeKind::EmptyPoll => sums.add_exchanges(Kind::EmptyPolls, exchange),
            ExchangeKind::PushedEvent => sums.add_exchanges(Kind::PushedEvents, exchange),
            ExchangeKind::Heartbeat => sums.add_exchanges(Kind::Heartbeats, exchange),
            ExchangeKind::Publish => sums.add_exchanges(Kind::Publishes, exchange),
            // Its bytes were counted as they came.
            ExchangeKind::Admin => {
                sums.add_exchanges(Kind::Admin, Exchanges { count: exchange.count, ..Exchanges::default() });
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_costs_little_memory_beside_what_it_holds() {
        assert!(size_of::<Tally>() <= 232, "{}", size_of::<Tally>());
    }
}
