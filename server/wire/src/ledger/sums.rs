//! The counters of one connection's ledger. Most of a [`Ledger`] is 0 on any connection, and connections are many: so,
//! but for a few that are always at hand, only the counters that are not 0 take room.

use feedbench_record::ledger::{Compressed, Exchanges, Heads, Hpack, Layer, Ledger, Repetition, Way};

/// Which exchanges of a ledger.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Polls,
    EmptyPolls,
    PushedEvents,
    Heartbeats,
    Publishes,
    Admin,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Those in [`AT_HAND`].
    at_hand: [u64; AT_HAND.len()],
    /// A bit for each of the others that is not 0 …
    present: u64,
    /// … and its count, in the order of their numbers.
    counts: Box<[u64]>,
}

/// What every pushed event adds to.
const AT_HAND: [usize; 5] = [
    layer_number(Way::Down, Layer::BodyFraming),
    layer_number(Way::Down, Layer::EventFraming),
    layer_number(Way::Down, Layer::Payload),
    exchange_number(Kind::PushedEvents),
    exchange_number(Kind::PushedEvents) + 2,
];

/// The numbers of the counters, each below 64: layers up and down, three for each kind of exchange, two for repetition,
/// two for compression, four for each kind of heads.
const EXCHANGES: usize = Way::ALL.len() * Layer::ALL.len();
const REPETITION: usize = EXCHANGES + 3 * 6;
const COMPRESSED: usize = REPETITION + 2;
const HEADS: usize = COMPRESSED + 2;
const _: () = assert!(HEADS + 4 * 4 <= u64::BITS as usize);

const fn layer_number(way: Way, layer: Layer) -> usize {
    way.index() * Layer::ALL.len() + layer as usize
}

const fn exchange_number(kind: Kind) -> usize {
    EXCHANGES + 3 * kind as usize
}

const fn heads_number(way: Way, is_first: bool) -> usize {
    HEADS + 8 * way.index() + if is_first { 0 } else { 4 }
}

impl Sums {
    /// More bytes of a layer.
    pub(super) fn add_bytes(&mut self, way: Way, layer: Layer, bytes: usize) {
        self.add(layer_number(way, layer), bytes as u64);
    }

    /// More exchanges of a kind.
    pub(super) fn add_exchanges(&mut self, kind: Kind, exchanges: Exchanges) {
        self.add_run(exchange_number(kind), [exchanges.count, exchanges.up, exchanges.down]);
    }

    /// More repetition.
    pub(super) fn add_repetition(&mut self, repetition: Repetition) {
        self.add_run(REPETITION, [repetition.heads, repetition.identical]);
    }

    /// More heads that HPACK has compressed, of requests (up) or answers (down).
    pub(super) fn add_heads(&mut self, way: Way, is_first: bool, heads: Heads) {
        let Heads { count, wire, compressed, uncompressed } = heads;
        self.add_run(heads_number(way, is_first), [count, wire, compressed, uncompressed]);
    }

    /// More compressed content.
    pub(super) fn add_compressed(&mut self, compressed: Compressed) {
        self.add_run(COMPRESSED, [compressed.before, compressed.after]);
    }

    /// All of them.
    pub(super) fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        for way in Way::ALL {
            for layer in Layer::ALL {
                *ledger.layers_mut(way).get_mut(layer) = self.get(layer_number(way, layer));
            }
        }
        let of_kind = |kind| {
            let number = exchange_number(kind);
            Exchanges { count: self.get(number), up: self.get(number + 1), down: self.get(number + 2) }
        };
        let of_heads = |way, is_first| {
            let number = heads_number(way, is_first);
            let [count, wire, compressed, uncompressed] = [0, 1, 2, 3].map(|n| self.get(number + n));
            Heads { count, wire, compressed, uncompressed }
        };
        Ledger {
            polls: of_kind(Kind::Polls),
            empty_polls: of_kind(Kind::EmptyPolls),
            pushed_events: of_kind(Kind::PushedEvents),
            heartbeats: of_kind(Kind::Heartbeats),
            publishes: of_kind(Kind::Publishes),
            admin: of_kind(Kind::Admin),
            repetition: Repetition { heads: self.get(REPETITION), identical: self.get(REPETITION + 1) },
            hpack: Hpack {
                first_requests: of_heads(Way::Up, true),
                repeated_requests: of_heads(Way::Up, false),
                first_answers: of_heads(Way::Down, true),
                repeated_answers: of_heads(Way::Down, false),
            },
            compressed: Compressed { before: self.get(COMPRESSED), after: self.get(COMPRESSED + 1) },
            ..ledger
        }
    }

    /// Adds to counters with numbers that follow each other. Where none of them is 0 any more, so do their counts.
    fn add_run<const N: usize>(&mut self, first: usize, more: [u64; N]) {
        let run = ((1 << N) - 1) << first;
        if self.present & run == run {
            let index = self.index(first);
            self.counts[index..index + N].iter_mut().zip(more).for_each(|(count, more)| *count += more);
            return;
        }
        more.into_iter().enumerate().for_each(|(n, more)| self.add(first + n, more));
    }

    fn add(&mut self, number: usize, more: u64) {
        if let Some(at) = at_hand(number) {
            self.at_hand[at] += more;
            return;
        }
        if more == 0 {
            return;
        }
        let index = self.index(number);
        if self.present >> number & 1 == 0 {
            self.present |= 1 << number;
            let mut counts = std::mem::take(&mut self.counts).into_vec();
            counts.reserve_exact(1);
            counts.insert(index, 0);
            self.counts = counts.into();
        }
        self.counts[index] += more;
    }

    fn get(&self, number: usize) -> u64 {
        match at_hand(number) {
            Some(at) => self.at_hand[at],
            None if self.present >> number & 1 == 0 => 0,
            None => self.counts[self.index(number)],
        }
    }

    /// How many counters stand before this one.
    fn index(&self, number: usize) -> usize {
        (self.present & ((1 << number) - 1)).count_ones() as usize
    }
}

fn at_hand(number: usize) -> Option<usize> {
    AT_HAND.iter().position(|&at_hand| at_hand == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [Kind; 6] =
        [Kind::Polls, Kind::EmptyPolls, Kind::PushedEvents, Kind::Heartbeats, Kind::Publishes, Kind::Admin];

    fn exchanges(ledger: &mut Ledger, kind: Kind) -> &mut Exchanges {
        match kind {
            Kind::Polls => &mut ledger.polls,
            Kind::EmptyPolls => &mut ledger.empty_polls,
            Kind::PushedEvents => &mut ledger.pushed_events,
            Kind::Heartbeats => &mut ledger.heartbeats,
            Kind::Publishes => &mut ledger.publishes,
            Kind::Admin => &mut ledger.admin,
        }
    }

    fn heads(ledger: &mut Ledger, way: Way, is_first: bool) -> &mut Heads {
        match (way, is_first) {
            (Way::Up, true) => &mut ledger.hpack.first_requests,
            (Way::Up, false) => &mut ledger.hpack.repeated_requests,
            (Way::Down, true) => &mut ledger.hpack.first_answers,
            (Way::Down, false) => &mut ledger.hpack.repeated_answers,
        }
    }

    proptest! {
        #[test]
        fn whatever_is_added_in_whatever_order_is_in_the_ledger(
            steps in proptest::collection::vec((0usize..31, 0u64..1_000, 0u64..3), 0..60),
        ) {
            let (mut sums, mut expected) = (Sums::default(), Ledger::default());
            for (what, amount, count) in steps {
                if what < 20 {
                    let (way, layer) = (Way::ALL[what / 10], Layer::ALL[what % 10]);
                    sums.add_bytes(way, layer, amount as usize);
                    *expected.layers_mut(way).get_mut(layer) += amount;
                } else if let Some(&kind) = KINDS.get(what - 20) {
                    let more = Exchanges { count, up: amount, down: 2 * amount };
                    sums.add_exchanges(kind, more);
                    *exchanges(&mut expected, kind) += more;
                } else if what < 30 {
                    let (way, is_first) = (Way::ALL[what % 2], what < 28);
                    let more = Heads { count, wire: amount, compressed: 2 * amount, uncompressed: 3 * amount };
                    sums.add_heads(way, is_first, more);
                    *heads(&mut expected, way, is_first) += more;
                } else if count == 0 {
                    let more = Compressed { before: 2 * amount, after: amount };
                    sums.add_compressed(more);
                    expected.compressed += more;
                } else {
                    let more = Repetition { heads: amount, identical: count };
                    sums.add_repetition(more);
                    expected.repetition += more;
                }
            }
            prop_assert_eq!(sums.ledger(), expected);
        }
    }
}
