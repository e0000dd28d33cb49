//! The first paragraph of the page, in the figures of its traces.

use feedbench_record::Way;
use feedbench_record::trace::Trace;

use super::{sums, words};
use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::sentence_case;
use crate::text::common::listed;

/// What a reader has to know before the first figure.
pub(super) fn notices(traces: &[Trace]) -> Vec<String> {
    let unclassified = |trace: &Trace| Way::ALL.map(|way| sums::of_trace(trace, way).unclassified).iter().sum::<u64>();
    let not_understood = traces.iter().filter(|trace| unclassified(trace) > 0).map(|trace| {
        format!(
            "{}: no reader understood {}.",
            sentence_case(trace.transport.title()),
            words::bytes(unclassified(trace))
        )
    });
    let mut notices: Vec<_> = not_understood.collect();
    if traces.iter().any(|trace| trace.tool.profile != "release") {
        notices.push("Traced with a build that is not optimised: the instants are later than they need be.".to_owned());
    }
    notices
}

/// What is to be seen, in the figures of these traces.
pub(super) fn sentences(traces: &[Trace]) -> Vec<String> {
    let titles: Vec<_> = traces.iter().map(|trace| trace.transport.title().to_owned()).collect();
    let places = distinct(traces.iter().map(words::place));
    let mut sentences = vec![format!(
        "One client of {}, {}: all that it says to the server and the server to it, above TCP, each byte in one layer.",
        listed(Lang::En, &titles),
        places.iter().map(|place| format!("on {place}")).collect::<Vec<_>>().join(" and ")
    )];
    for trace in traces {
        let exchanges = sums::exchanges(trace);
        let (empty, full): (Vec<_>, Vec<_>) = exchanges.iter().partition(|exchange| exchange.payload() == 0);
        let costs = |polls: &[&sums::Exchange<'_>]| words::byte_range(polls.iter().map(|exchange| exchange.bytes()));
        let empty = costs(&empty).map(|bytes| format!("{bytes} when no event came"));
        let payload = words::byte_range(full.iter().map(|exchange| exchange.payload())).unwrap_or_default();
        let full = costs(&full).map(|bytes| format!("{bytes} when events came, of which {payload} were payload"));
        let costs: Vec<_> = empty.into_iter().chain(full).collect();
        if !costs.is_empty() {
            let name = trace.transport.title();
            sentences.push(format!("With {name}, a request and its answer took {}.", listed(Lang::En, &costs)));
        }
    }
    let pushed = |trace: &Trace| words::byte_range(sums::pushed(trace).map(|step| step.bytes() as u64));
    let pushed: Vec<_> = traces
        .iter()
        .filter_map(|trace| Some(format!("{} with {}", pushed(trace)?, trace.transport.title())))
        .collect();
    if !pushed.is_empty() {
        let all = traces.iter().flat_map(|trace| sums::pushed(trace).map(|step| sums::of_runs(&step.runs).payload));
        let payload = words::byte_range(all.collect::<Vec<_>>().into_iter()).unwrap_or_default();
        sentences.push(format!(
            "An event that the server pushed took {}; {payload} of each were payload.",
            listed(Lang::En, &pushed)
        ));
    }
    sentences
}
