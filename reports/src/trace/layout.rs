//! Where everything of a ladder stands: a pure function, so that it can be asked whether two labels touch.

use feedbench_record::Way;
use feedbench_record::ledger::LayerBytes;
use feedbench_record::trace::{Step, StepKind, Trace};
use feedbench_record::transport::Manner;

use super::apart::apart;
use super::svg::{Anchor, Point};
use super::time_axis::TimeAxis;
use super::{sums, words};
use crate::charts::letters::{text_width, wrap};

/// The width of a ladder (px).
pub(crate) const WIDTH: f64 = 1_020.0;
/// The client's life line (px from the left).
pub(crate) const CLIENT_X: f64 = 138.0;
/// The server's life line (px from the left).
pub(crate) const SERVER_X: f64 = 430.0;
/// The size of every label's letters (px).
pub(crate) const LETTERS: f64 = 12.5;
/// The bar of a step's layers (px).
pub(crate) const BAR_X: f64 = 554.0;
/// The longest bar (px).
pub(crate) const BAR_PX: f64 = 62.0;
/// The texts behind the bars (px from the left).
pub(crate) const LAYERS_X: f64 = BAR_X + BAR_PX + 9.0;
/// From a life line to its instants (px).
const BESIDE: f64 = 20.0;
/// From one line of a label to the next (px).
pub(crate) const LINE_HEIGHT: f64 = 16.0;
/// How steep a step is that is slower than three of four (px).
const FLIGHT_PX: f64 = 26.0;
/// A hold that is shorter is no more than the time to answer (us).
const HOLD_MIN_US: u64 = 3_000;

/// A step between the life lines.
#[derive(Debug)]
pub(crate) struct Arrow {
    /// Index of the step.
    pub(crate) step: usize,
    /// From the sender to the receiver; a TCP handshake goes there and back and there again.
    pub(crate) points: Vec<Point>,
    pub(crate) kind: ArrowKind,
}

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrowKind {
    /// It carries bytes.
    Bytes,
    /// A segment of TCP alone.
    Segment,
}

/// A request that the server holds.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// The life of a connection, a strip along both life lines.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    /// Connections that live at the same time are beside each other.
    pub(crate) lane: usize,
}

/// What a label is about.
#[derive(Debug, PartialEq)]
pub(crate) enum About {
    /// The kind of a step, on its arrow.
    Step,
    /// An instant at the client.
    Client,
    /// An instant at the server, with the step's bytes.
    Server(LayerBytes),
    /// A break of the axis.
    Silence,
    /// A request that the server holds.
    Held,
}

/// A text with its place.
#[derive(Debug)]
pub(crate) struct Label {
    pub(crate) about: About,
    /// What stands at `x`.
    pub(crate) text: String,
    /// Lines at [`LAYERS_X`].
    pub(crate) layers: Vec<String>,
    /// The height that its first line belongs to (px).
    pub(crate) wish: f64,
    /// The height of its middle (px).
    pub(crate) y: f64,
}

/// A rectangle (px).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// Everything but the header and the caption.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) axis: TimeAxis,
    pub(crate) arrows: Vec<Arrow>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) lives: Vec<Life>,
    pub(crate) labels: Vec<Label>,
    pub(crate) bottom: f64,
}

impl Label {
    fn new(about: About, text: String, wish: f64) -> Label {
        let layers = match &about {
            About::Server(bytes) if bytes.total() > 0 => {
                // Words that belong together are not parted.
                let text = words::layers(bytes).replace(' ', "\u{a0}").replace("\u{a0}+\u{a0}", " + ");
                wrap(&text, LETTERS, WIDTH - 10.0 - LAYERS_X)
            }
            _ => Vec::new(),
        };
        Label { about, text, layers, wish, y: wish }
    }

    /// The point of its text, and which part of the text stands there.
    pub(crate) fn anchor(&self) -> (f64, Anchor) {
        match self.about {
            About::Step | About::Silence => ((CLIENT_X + SERVER_X) / 2.0, Anchor::Middle),
            About::Client => (CLIENT_X - BESIDE, Anchor::End),
            About::Server(_) | About::Held => (SERVER_X + BESIDE, Anchor::Start),
        }
    }

    pub(crate) fn height(&self) -> f64 {
        LINE_HEIGHT * self.layers.len().max(1) as f64
    }

    /// The height of the middle of its first line (px).
    pub(crate) fn first_line(&self) -> f64 {
        self.area().top + LINE_HEIGHT / 2.0
    }

    /// The room that it takes at most.
    pub(crate) fn area(&self) -> Area {
        let width = text_width(&self.text, LETTERS) * if self.about == About::Step { 1.13 } else { 1.0 };
        let (x, anchor) = self.anchor();
        let left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let layers = self.layers.iter().map(|line| LAYERS_X + text_width(line, LETTERS));
        let right = layers.fold(left + width, f64::max);
        Area { left, top: self.y - self.height() / 2.0, right, bottom: self.y + self.height() / 2.0 }
    }
}

/// The layout of a trace; the first instant stands at `top` (px).
pub(crate) fn of(trace: &Trace, top: f64) -> Layout {
    let instants = trace.steps.iter().flat_map(|step| [Some(step.sent_us), step.received_us]).flatten();
    let axis = TimeAxis::new(instants.collect(), FLIGHT_PX / slow_flight_us(trace), LINE_HEIGHT, top);
    let arrows: Vec<_> = trace.steps.iter().enumerate().map(|(index, step)| arrow(index, step, &axis)).collect();
    let (holds, held) = holds(trace, &axis);
    let mut labels = step_labels(trace, &arrows, &axis);
    labels.extend(held);
    labels.extend(axis.breaks().iter().map(|gap| {
        let text = format!("… {} …", words::span(gap.to_us - gap.from_us));
        Label::new(About::Silence, text, (gap.top + gap.bottom) / 2.0)
    }));
    for column in [Anchor::End, Anchor::Middle, Anchor::Start] {
        let mut column: Vec<&mut Label> = labels.iter_mut().filter(|label| label.anchor().1 == column).collect();
        // Its first line stands at the wish.
        let wish = |label: &Label| (label.wish + (label.height() - LINE_HEIGHT) / 2.0, label.height());
        let wishes: Vec<_> = column.iter().map(|label| wish(label)).collect();
        column.iter_mut().zip(apart(&wishes, top - LINE_HEIGHT / 2.0)).for_each(|(label, y)| label.y = y);
    }
    let bottom = labels.iter().map(|label| label.area().bottom).fold(axis.bottom(), f64::max);
    Layout { lives: lives(trace, &axis), axis, arrows, holds, labels, bottom }
}

/// What a step takes that is slower than three of four (us): of a median, the slower half would be broken up.
fn slow_flight_us(trace: &Trace) -> f64 {
    let with_bytes = trace.steps.iter().filter(|step| step.bytes() > 0);
    let mut flights: Vec<_> = with_bytes.filter_map(|step| step.received_us?.checked_sub(step.sent_us)).collect();
    flights.sort_unstable();
    flights.get(flights.len() * 3 / 4).map_or(100.0, |&us| us.max(1) as f64)
}

fn x_of(way: Way) -> (f64, f64) {
    match way {
        Way::Up => (CLIENT_X, SERVER_X),
        Way::Down => (SERVER_X, CLIENT_X),
    }
}

fn arrow(index: usize, step: &Step, axis: &TimeAxis) -> Arrow {
    let (from, to) = x_of(step.way);
    let sent = axis.y(step.sent_us);
    let points = match (step.kind, step.received_us) {
        // The server's instants are not known: half-way. The third segment takes as long as the first.
        (StepKind::Connect, Some(done)) => {
            let (half, done) = ((sent + axis.y(done)) / 2.0, axis.y(done));
            vec![(from, sent), (to, half), (from, done), (to, done + half - sent)]
        }
        (_, Some(received)) => vec![(from, sent), (to, axis.y(received))],
        (_, None) => vec![(from, sent), (from + (to - from) * 0.85, sent + 4.0)],
    };
    let kind = if step.bytes() > 0 { ArrowKind::Bytes } else { ArrowKind::Segment };
    Arrow { step: index, points, kind }
}

fn step_labels(trace: &Trace, arrows: &[Arrow], axis: &TimeAxis) -> Vec<Label> {
    let mut labels = Vec::new();
    for (step, arrow) in trace.steps.iter().zip(arrows) {
        let [(_, from), (_, to), ..] = arrow.points[..] else { continue };
        labels.push(Label::new(About::Step, kind(trace, step), (from + to) / 2.0));
        let (client, server) = match step.way {
            Way::Up => (Some(step.sent_us), step.received_us),
            Way::Down => (step.received_us, Some(step.sent_us)),
        };
        let text = |us: Option<u64>| us.map_or("never read".to_owned(), words::instant);
        let end = |us: Option<u64>| us.map_or(to, |us| axis.y(us));
        labels.push(Label::new(About::Client, text(client), end(client)));
        if step.kind == StepKind::Connect {
            // Both of its instants are the client's.
            labels.extend(server.map(|done| Label::new(About::Client, words::instant(done), axis.y(done))));
        } else {
            labels.push(Label::new(About::Server(sums::of_runs(&step.runs)), text(server), end(server)));
        }
    }
    labels
}

fn kind(trace: &Trace, step: &Step) -> String {
    if trace.clients.len() < 2 {
        return words::step(step);
    }
    format!("#{} {}", u64::from(step.connection) + 1, words::step(step))
}

fn holds(trace: &Trace, axis: &TimeAxis) -> (Vec<Hold>, Vec<Label>) {
    let waits = trace.transport.manner() == Manner::Waits;
    let exchanges = sums::exchanges(trace).into_iter().filter(|_| waits);
    let held = exchanges.filter_map(|exchange| {
        let received_us = exchange.request.received_us?;
        let held_us = exchange.held_us().filter(|&us| us >= HOLD_MIN_US)?;
        let hold = Hold { top: axis.y(received_us), bottom: axis.y(exchange.answer.sent_us) };
        let text = format!("held for {}", words::span(held_us));
        let label = Label::new(About::Held, text, (hold.top + hold.bottom) / 2.0);
        Some((hold, label))
    });
    held.unzip()
}

fn lives(trace: &Trace, axis: &TimeAxis) -> Vec<Life> {
    let mut lives: Vec<Life> = Vec::new();
    for connection in 0..trace.clients.len() {
        let steps = trace.steps.iter().filter(|step| step.connection as usize == connection);
        let instants: Vec<u64> = steps.flat_map(|step| [Some(step.sent_us), step.received_us]).flatten().collect();
        let (Some(&first), Some(&last)) = (instants.iter().min(), instants.iter().max()) else { continue };
        let (top, bottom) = (axis.y(first), axis.y(last));
        let taken =
            |lane: usize| lives.iter().any(|life| life.lane == lane && life.bottom >= top && life.top <= bottom);
        // Past the last lane they share it: a strip is no label.
        let lane = (0..3).find(|&lane| !taken(lane)).unwrap_or(3);
        lives.push(Life { top, bottom, lane });
    }
    lives
}

#[cfg(test)]
#[path = "layout/tests.rs"]
mod tests;
