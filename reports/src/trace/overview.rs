//! All transports on one axis of time, side by side: when is there anything on the wire at all?

use feedbench_record::trace::{Step, StepKind, Trace};
use feedbench_record::transport::Manner;
use feedbench_record::{Layer, Way};

use super::svg::{Anchor, Letters, Line, Pen};
use super::{sums, words};
use crate::charts::letters::text_width;
use crate::number::sentence_case;
use crate::style::{GRID, INK, MUTED, layer_colour};

const WIDTH: f64 = 1_000.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 62.0;
const HEIGHT: f64 = 430.0;
const SIZE: f64 = 12.5;
/// The widest distance of two life lines (px).
const RUNGS_MAX: f64 = 120.0;

/// The drawing; the axis is linear, from 0 to the end of the longest trace.
pub(super) fn svg(traces: &[Trace]) -> String {
    let mut pen = Pen::default();
    let end_us = traces.iter().map(sums::end_us).max().unwrap_or(0).max(1);
    let y_of = |us: u64| TOP + us as f64 / end_us as f64 * HEIGHT;
    let letters = |colour, anchor| Letters { size: SIZE, colour, bold: false, anchor };
    let tick_us = tick(end_us);
    for us in (0..=end_us / tick_us).map(|number| number * tick_us) {
        let y = y_of(us);
        pen.line(&[(LEFT, y), (WIDTH - 8.0, y)], Line { colour: GRID, width: 1.0, dash: "" });
        let text = if us == 0 { "0".to_owned() } else { crate::number::duration_ms(us / 1_000) };
        pen.text((LEFT - 8.0, y), &text, letters(MUTED, Anchor::End));
    }
    let column = (WIDTH - 8.0 - LEFT) / traces.len().max(1) as f64;
    for (index, trace) in (0..).zip(traces) {
        let middle = LEFT + column * (f64::from(index) + 0.5);
        let half = (column * 0.32).min(RUNGS_MAX / 2.0);
        let title = sentence_case(trace.transport.title());
        // Six names fit; of more, the largest letters that do.
        let size = (SIZE + 1.5).min((column - 6.0) / (text_width(&title, 1.0) * 1.13));
        pen.text((middle, 16.0), &title, Letters { size, colour: INK, bold: true, anchor: Anchor::Middle });
        for (x, name) in [(middle - half, "client"), (middle + half, "server")] {
            pen.text((x, 40.0), name, letters(MUTED, Anchor::Middle));
            pen.line(&[(x, TOP - 8.0), (x, TOP + HEIGHT + 6.0)], Line { colour: INK, width: 1.2, dash: "" });
        }
        rungs(&mut pen, trace, (middle - half, middle + half), &y_of);
    }
    let description = format!(
        "One column for each transport, time downwards from 0 to {} on a linear scale: each request, answer, frame and \
         heartbeat is a line between client and server, in the colour of payload if it carries event text.",
        words::span(end_us)
    );
    pen.document((WIDTH, TOP + HEIGHT + 14.0), "overview", "When is anything on the wire?", &description)
}

/// What a step is drawn as: event text where it carries some, a head, or control.
fn layer_of(step: &Step) -> Layer {
    let bytes = sums::of_runs(&step.runs);
    match step.kind {
        _ if bytes.payload > 0 => Layer::Payload,
        StepKind::Request | StepKind::Answer | StepKind::AnswerHead if bytes.opening_handshake > 0 => {
            Layer::OpeningHandshake
        }
        StepKind::Request => Layer::RequestHeaders,
        StepKind::Answer | StepKind::AnswerHead => Layer::ResponseHeaders,
        _ => Layer::Control,
    }
}

fn rungs(pen: &mut Pen, trace: &Trace, (client, server): (f64, f64), y_of: &dyn Fn(u64) -> f64) {
    for exchange in sums::exchanges(trace) {
        let (Some(from), to) = (exchange.request.received_us, exchange.answer.sent_us) else { continue };
        if trace.transport.manner() == Manner::Waits {
            let (top, bottom) = (y_of(from), y_of(to));
            pen.rectangle((server - 3.5, top), (7.0, (bottom - top).max(0.0)), MUTED);
        }
    }
    let mut steps: Vec<_> = trace.steps.iter().filter(|step| step.bytes() > 0).collect();
    // What comes within microseconds is drawn over each other: heads over control, event text over both.
    steps.sort_by_key(|step| match layer_of(step) {
        Layer::Payload => 2,
        Layer::Control => 0,
        _ => 1,
    });
    for step in steps {
        let layer = layer_of(step);
        let (from, to) = match step.way {
            Way::Up => (client, server),
            Way::Down => (server, client),
        };
        let (sent, received) = (y_of(step.sent_us), y_of(step.received_us.unwrap_or(step.sent_us)));
        let width = if step.kind == StepKind::Heartbeat || step.kind == StepKind::HeartbeatAnswer { 1.2 } else { 2.2 };
        let colour = layer_colour(layer);
        pen.begin("rung", &words::step(step));
        pen.line(&[(from, sent), (to, received)], Line { colour, width, dash: "" });
        let back = if to > from { -8.0 } else { 8.0 };
        pen.area(&[(to, received), (to + back, received - 3.5), (to + back, received + 3.5)], colour);
        pen.end();
    }
}

/// A round distance of ticks, at most ten of them (us, whole milliseconds).
fn tick(end_us: u64) -> u64 {
    let round = (3..12).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    round.into_iter().find(|us| end_us / us <= 10).unwrap_or(end_us)
}
