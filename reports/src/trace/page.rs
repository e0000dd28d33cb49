//! `trace.html`: what the template shows, made from the traces.

use askama::Template;
use feedbench_record::trace::{StepKind, Trace};
use feedbench_record::{Layer, Way};

use super::ladder::{self, Shared};
use super::part::{self, Part};
use super::{lead, overview, sums, words};
use crate::conditions::distinct;
use crate::number::{grouped, sentence_case, word};
use crate::style::layer_colour;
use crate::table::ABSENT;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Nothing to show.
    #[error("there is no trace to show")]
    NoTraces,
    /// The template failed.
    #[error("the page could not be made: {0}")]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "trace.html")]
struct Page {
    title: String,
    tools: String,
    sentences: Vec<String>,
    notices: Vec<String>,
    layers: Vec<LayerName>,
    overview: String,
    caption: String,
    costs: Vec<Costs>,
    parts: Vec<Part>,
}

/// A layer's name and colour.
struct LayerName {
    id: &'static str,
    title: &'static str,
    colour: String,
}

/// What one thing costs on a transport: a row of the table.
struct Costs {
    id: String,
    transport: String,
    cells: Vec<String>,
}

pub(super) fn html(traces: &[Trace]) -> Result<String, PageError> {
    if traces.is_empty() {
        return Err(PageError::NoTraces);
    }
    let shared = Shared { bar_bytes: traces.iter().map(ladder::largest_step).max().unwrap_or(1) };
    let name = |layer: Layer| LayerName {
        id: layer.id(),
        title: layer.title(),
        colour: crate::style::hex(layer_colour(layer)),
    };
    let page = Page {
        title: match traces {
            [one] => format!("{}, byte by byte", sentence_case(one.transport.title())),
            several => format!("{} transports, byte by byte", sentence_case(&word(several.len()))),
        },
        tools: distinct(traces.iter().map(words::tool)).join(" / "),
        sentences: lead::sentences(traces),
        notices: lead::notices(traces),
        layers: Layer::ALL.map(name).into(),
        overview: overview::svg(traces),
        caption: distinct(traces.iter().map(|trace| format!("{} · {}", words::place(trace), words::tool(trace))))
            .join(" / "),
        costs: traces.iter().enumerate().map(|(index, trace)| costs(index, trace)).collect(),
        parts: traces.iter().enumerate().map(|(index, trace)| part::of(id(index, trace), trace, shared)).collect(),
    };
    Ok(page.render()?)
}

fn id(index: usize, trace: &Trace) -> String {
    format!("{}-{}", trace.transport.id(), index + 1)
}

fn costs(index: usize, trace: &Trace) -> Costs {
    let exchanges = sums::exchanges(trace);
    let polls = |empty: bool| {
        let of_kind = exchanges.iter().filter(move |exchange| (exchange.payload() == 0) == empty);
        words::range(of_kind.map(sums::Exchange::bytes))
    };
    let steps = |kind: StepKind| {
        words::range(trace.steps.iter().filter(move |step| step.kind == kind).map(|step| step.bytes() as u64))
    };
    let sums = Way::ALL.map(|way| sums::of_trace(trace, way));
    let opening = sums.iter().map(|sum| sum.opening_handshake).sum::<u64>();
    let heartbeat = match (steps(StepKind::Heartbeat), steps(StepKind::HeartbeatAnswer)) {
        (Some(heartbeat), Some(answer)) => Some(format!("{heartbeat} + {answer}")),
        (heartbeat, _) => heartbeat,
    };
    let cells = [
        (opening > 0).then(|| grouped(opening)),
        polls(true),
        polls(false),
        words::range(sums::pushed(trace).map(|step| step.bytes() as u64)),
        heartbeat,
        Some(grouped(sums[0].total())),
        Some(grouped(sums[1].total())),
        Some(grouped(sums.iter().map(|sum| sum.payload).sum())),
    ];
    let absent = |cell: Option<String>| cell.unwrap_or_else(|| ABSENT.to_owned());
    Costs { id: id(index, trace), transport: sentence_case(trace.transport.title()), cells: cells.map(absent).into() }
}
