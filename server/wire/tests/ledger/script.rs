//! A conversation as bytes, for the fuzz target and its corpus: any bytes are one.
//!
//! ```text
//! a run: 1 byte: bit 7 the direction (1 = down), bits 0 to 6 the high part of its length
//!        1 byte: the low part of its length
//!        so many bytes, or as many as there are
//! ```

use feedbench_record::ledger::{LayerBytes, Ledger, Way};
use feedbench_wire::h2::frame::{FrameHeader, FrameKind, HEADER_BYTES, PREFACE};
use feedbench_wire::ledger::{Explainer, Tally, Told};

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

/// What is told of a conversation, each run shown in parts of at most so many bytes.
pub(crate) fn told<'r>(
    mut explainer: Explainer,
    runs: impl IntoIterator<Item = (Way, &'r [u8])>,
    part: usize,
) -> Vec<Told> {
    let mut all = Vec::new();
    for (way, run) in runs {
        run.chunks(part).for_each(|part| explainer.push(way, part, |told| all.push(told)));
    }
    explainer.finish(|told| all.push(told));
    all
}

/// What must hold of every conversation: every byte has one layer and is told once, and no split changes any.
pub(crate) fn check(runs: &[(Way, &[u8])]) -> Ledger {
    let whole = ledger(runs.iter().copied(), usize::MAX);
    let all = told(Explainer::whole(), runs.iter().copied(), usize::MAX);
    for way in Way::ALL {
        let carried: Vec<u8> = runs.iter().filter(|run| run.0 == way).flat_map(|run| run.1).copied().collect();
        assert_eq!(whole.total(way), carried.len() as u64, "every byte has a layer");
        assert_eq!(told_bytes(&all, way), carried, "every byte is told");
        if !speaks_http2(runs) {
            assert_eq!(told_layers(&all, way), *whole.layers(way), "every byte is told with its layer");
        }
    }
    for part in [1, 7] {
        assert_eq!(ledger(runs.iter().copied(), part), whole, "in parts of {part}");
        assert_eq!(told(Explainer::whole(), runs.iter().copied(), part), all, "in parts of {part}");
    }
    whole
}

/// Only HTTP/1.1 is explained.
fn speaks_http2(runs: &[(Way, &[u8])]) -> bool {
    let first = |way, bytes| runs.iter().filter(move |run| run.0 == way).flat_map(|run| run.1).copied().take(bytes);
    let settings = first(Way::Down, HEADER_BYTES).collect::<Vec<u8>>();
    let kind = settings.first_chunk().map(|header| FrameHeader::decode(header).kind);
    first(Way::Up, PREFACE.len()).eq(PREFACE.iter().copied()) || kind == Some(FrameKind::Settings)
}

/// The bytes of one direction, in the order in which they were told.
fn told_bytes(all: &[Told], way: Way) -> Vec<u8> {
    let runs = all.iter().flat_map(|told| match told {
        Told::Step(step) if step.way == way => &step.runs[..],
        Told::More { way: more, run } if *more == way => std::slice::from_ref(run),
        Told::Step(_) | Told::More { .. } => &[],
    });
    runs.flat_map(|run| run.bytes.clone()).collect()
}

/// The sums of one direction, as they were told.
pub(crate) fn told_layers(all: &[Told], way: Way) -> LayerBytes {
    let mut sums = LayerBytes::default();
    for told in all {
        match told {
            Told::Step(step) if step.way == way => sums += step.layers,
            Told::More { way: more, run } if *more == way => *sums.get_mut(run.layer) += run.bytes.len() as u64,
            Told::Step(_) | Told::More { .. } => {}
        }
    }
    sums
}
