//! Counts over a trace: bytes by layer, and which steps belong together.

use feedbench_record::ledger::LayerBytes;
use feedbench_record::trace::{Run, Step, StepKind, Trace};
use feedbench_record::{Layer, Way};

/// Bytes by layer of some runs.
pub(crate) fn of_runs<'t>(runs: impl IntoIterator<Item = &'t Run>) -> LayerBytes {
    let mut sum = LayerBytes::default();
    runs.into_iter().for_each(|run| *sum.get_mut(run.layer) += run.bytes.len() as u64);
    sum
}

/// Bytes by layer of a whole trace in one direction.
pub(crate) fn of_trace(trace: &Trace, way: Way) -> LayerBytes {
    of_runs(trace.steps.iter().filter(|step| step.way == way).flat_map(|step| &step.runs))
}

/// The layers that have bytes, with how many.
pub(crate) fn present(bytes: &LayerBytes) -> Vec<(Layer, u64)> {
    Layer::ALL.into_iter().map(|layer| (layer, bytes.get(layer))).filter(|&(_, bytes)| bytes > 0).collect()
}

/// A request with its answer on the same connection.
pub(crate) struct Exchange<'t> {
    pub(crate) request: &'t Step,
    pub(crate) answer: &'t Step,
}

impl Exchange<'_> {
    /// Bytes of both directions.
    pub(crate) fn bytes(&self) -> u64 {
        (self.request.bytes() + self.answer.bytes()) as u64
    }

    /// Bytes of event text in the answer.
    pub(crate) fn payload(&self) -> u64 {
        of_runs(&self.answer.runs).payload
    }

    /// How long the server had the request before it answered (us); `None` where the request's arrival is not known.
    pub(crate) fn held_us(&self) -> Option<u64> {
        self.request.received_us.map(|received| self.answer.sent_us.saturating_sub(received))
    }
}

/// Every request that got a whole answer.
pub(crate) fn exchanges(trace: &Trace) -> Vec<Exchange<'_>> {
    let mut open: Vec<&Step> = Vec::new();
    let mut exchanges = Vec::new();
    for step in &trace.steps {
        match (step.kind, step.way) {
            (StepKind::Request, Way::Up) => open.push(step),
            (StepKind::Answer | StepKind::AnswerHead, Way::Down) => {
                let asked = open.iter().position(|request| request.connection == step.connection);
                let Some(request) = asked.map(|index| open.remove(index)) else { continue };
                if step.kind == StepKind::Answer {
                    exchanges.push(Exchange { request, answer: step });
                }
            }
            _ => {}
        }
    }
    exchanges
}

/// Events of a trace that the server pushed.
pub(crate) fn pushed(trace: &Trace) -> impl Iterator<Item = &Step> {
    trace.steps.iter().filter(|step| step.kind == StepKind::Event && step.way == Way::Down)
}

/// The last instant of a trace (us).
pub(crate) fn end_us(trace: &Trace) -> u64 {
    trace.steps.iter().map(|step| step.sent_us.max(step.received_us.unwrap_or(0))).max().unwrap_or(0)
}
