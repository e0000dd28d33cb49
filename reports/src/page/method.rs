//! How it was measured and how to read it, as sentences: each only where these records bear it out.

use crate::charts::POINTS_APART;
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::set::{self, Item};
use crate::text::common::or;
use crate::text::page as text;

/// Cells, repetitions and their order, and how a figure comes of them.
pub(super) fn sentences(items: &[Item<'_>], lang: Lang) -> Vec<String> {
    let mut counts: Vec<_> = set::points(items).iter().map(|point| point.items().len()).collect();
    counts.sort_unstable();
    let mut sentences = vec![text::method_cell(lang).to_owned()];
    if counts.len() > POINTS_APART {
        sentences.push(text::method_swept(lang, POINTS_APART));
    }
    let counts = distinct(counts);
    if counts == [1] {
        sentences.push(text::method_once(lang).to_owned());
        return sentences;
    }
    let numbers: Vec<_> = counts.iter().map(usize::to_string).collect();
    sentences.push(text::method_repeated(lang, numbers.join(or(lang))));
    sentences.push(match is_interleaved(items) {
        true => text::method_interleaved(lang).to_owned(),
        false => text::method_not_interleaved(lang).to_owned(),
    });
    sentences.extend([text::method_median, text::method_interval, text::method_range].map(|of| of(lang).to_owned()));
    sentences
}

/// Does each repetition of a suite start after all earlier ones have?
fn is_interleaved(items: &[Item<'_>]) -> bool {
    let mut order: Vec<_> = items
        .iter()
        .map(|item| (item.record.suite.as_str(), item.record.started_at.as_str(), item.record.repetition))
        .collect();
    order.sort_unstable();
    order.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].2)
}

/// What the words mean, and what the figures do not say.
pub(super) fn limits(items: &[Item<'_>], lang: Lang) -> Vec<(&'static str, &'static str)> {
    let own_server = items.iter().any(|item| item.record.processes.server > 0);
    let loopback = own_server.then(|| (text::limit_loopback(lang), text::limit_loopback_text(lang)));
    let words = [
        (text::limit_latency(lang), text::limit_latency_text(lang)),
        (text::limit_bytes(lang), text::limit_bytes_text(lang)),
        (text::limit_layers(lang), text::limit_layers_text(lang)),
        (text::limit_computed(lang), text::limit_computed_text(lang)),
        (text::limit_cpu(lang), text::limit_cpu_text(lang)),
        (text::limit_memory(lang), text::limit_memory_text(lang)),
    ];
    let ends = [
        (text::limit_invalid(lang), text::limit_invalid_text(lang)),
        (text::limit_beyond(lang), text::limit_beyond_text(lang)),
    ];
    words.into_iter().chain(loopback).chain(ends).collect()
}
