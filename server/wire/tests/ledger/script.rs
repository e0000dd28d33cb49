//! A conversation as bytes, for the fuzz target and its corpus: any bytes are one.
//!
//! ```text
//! a run: 1 byte: bit 7 the direction (1 = down), bits 0 to 6 the high part of its length
//!        1 byte: the low part of its length
//!        so many bytes, or as many as there are
//! ```

use feedbench_record::ledger::{Ledger, Way};
use feedbench_wire::ledger::Tally;

/// The runs of a conversation.
pub(crate) fn runs(mut bytes: &[u8]) -> Vec<(Way, &[u8])> {
    let mut runs = Vec::new();
    while let [first, second, rest @ ..] = bytes {
        let way = if first & 0x80 == 0 { Way::Up } else { Way::Down };
        let length = (usize::from(first & 0x7f) << 8 | usize::from(*second)).min(rest.len());
        let (run, rest) = rest.split_at(length);
        runs.push((way, run));
        bytes = rest;
    }
    runs
}

/// The same, the other way. A run longer than 32,767 bytes becomes several.
#[allow(dead_code, reason = "the fuzz target only reads")]
pub(crate) fn bytes(runs: &[(Way, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (way, run) in runs {
        for part in run.chunks(0x7fff) {
            let direction = if *way == Way::Down { 0x80 } else { 0 };
            bytes.extend([direction | (part.len() >> 8) as u8, (part.len() & 0xff) as u8]);
            bytes.extend_from_slice(part);
        }
    }
    bytes
}

/// The ledger of a conversation, each run shown in parts of at most so many bytes.
pub(crate) fn ledger<'r>(runs: impl IntoIterator<Item = (Way, &'r [u8])>, part: usize) -> Ledger {
    let mut tally = Tally::default();
    for (way, run) in runs {
        run.chunks(part).for_each(|part| tally.push(way, part));
    }
    tally.ledger()
}

/// What must hold of every conversation: every byte has one layer, and no split changes any.
pub(crate) fn check(runs: &[(Way, &[u8])]) -> Ledger {
    let whole = ledger(runs.iter().copied(), usize::MAX);
    for way in Way::ALL {
        let carried: usize = runs.iter().filter(|run| run.0 == way).map(|run| run.1.len()).sum();
        assert_eq!(whole.total(way), carried as u64, "every byte has a layer");
    }
    for part in [1, 7] {
        assert_eq!(ledger(runs.iter().copied(), part), whole, "in parts of {part}");
    }
    whole
}
