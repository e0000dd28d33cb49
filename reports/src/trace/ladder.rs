//! The ladder diagram: client and server as two life lines, time downwards, each step an arrow between its instants.

use feedbench_record::Way;
use feedbench_record::ledger::LayerBytes;
use feedbench_record::trace::{Step, Trace};

use super::ladder_head::{self, CONNECTION_TINT, HEADS, MARGIN, small};
use super::layout::{
    self, About, Arrow, ArrowKind, BAR_PX, BAR_X, CLIENT_X, LAYERS_X, LETTERS, LINE_HEIGHT, Label, Layout, SERVER_X,
    WIDTH,
};
use super::svg::{Anchor, Letters, Line, Pen, Point};
use super::time_axis::TimeAxis;
use super::{sums, words};
use crate::charts::letters::wrap;
use crate::number::sentence_case;
use crate::style::{self, GRID_MINOR, INK, INVALID, MUTED, PAPER, layer_colour, tint};

const CAPTION_LINE: f64 = 16.0;
/// The shortest part of a bar (px): a byte must not vanish.
const SEGMENT_MIN_PX: f64 = 2.5;
/// A displaced label gets a line to its place from here on (px).
const DISPLACED: f64 = 3.0;

/// What a drawing of several traces has in common.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    /// The bytes of the longest bar.
    pub(crate) bar_bytes: u64,
}

/// The bytes of the largest step.
pub(crate) fn largest_step(trace: &Trace) -> u64 {
    trace.steps.iter().map(|step| step.bytes() as u64).max().unwrap_or(0).max(1)
}

/// The drawing to stand alone, with title and caption.
pub(super) fn file(trace: &Trace) -> String {
    draw(trace, "ladder", Shared { bar_bytes: largest_step(trace) }, true)
}

/// The drawing for the page, which has title and caption beside it.
pub(super) fn inline(trace: &Trace, id: &str, shared: Shared) -> String {
    draw(trace, id, shared, false)
}

fn draw(trace: &Trace, id: &str, shared: Shared, alone: bool) -> String {
    let title = format!("{}: each step of one client", sentence_case(trace.transport.title()));
    let mut pen = Pen::default();
    let mut y = if alone { 46.0 } else { 8.0 };
    if alone {
        let letters = Letters { size: 19.0, colour: INK, bold: true, anchor: Anchor::Start };
        pen.text((MARGIN, 25.0), &title, letters);
    }
    y += ladder_head::key(&mut pen, trace, y);
    let layout = layout::of(trace, y + HEADS);
    ladder_head::scale(&mut pen, layout.axis.sample(), y);
    ladder_head::heads(&mut pen, trace, y);
    body(&mut pen, trace, &layout, shared);
    let mut height = layout.bottom + 18.0;
    if alone {
        for line in wrap(&caption(trace), LETTERS, WIDTH - 2.0 * MARGIN) {
            pen.text((MARGIN, height + CAPTION_LINE / 2.0), &line, small(MUTED, Anchor::Start));
            height += CAPTION_LINE;
        }
        height += 8.0;
    }
    pen.document((WIDTH, height), id, &title, &description(trace, &layout.axis))
}

/// What stands below a ladder.
pub(super) fn caption(trace: &Trace) -> String {
    format!(
        "{} · Instants: before the sender's write, and after the receiver's read. Dashed: segments of TCP without payload; \
         what the server saw of a TCP handshake is not measured and drawn half-way.",
        words::caption(trace)
    )
}

fn description(trace: &Trace, axis: &TimeAxis) -> String {
    let [up, down] = Way::ALL.map(|way| sums::of_trace(trace, way).total());
    let breaks = axis.breaks().len();
    format!(
        "Time runs downwards from 0 to {}, client left, server right. {} steps: {} from client to server, {} from server \
         to client. The scale is linear, but for {breaks} marked gaps without any step.",
        words::instant(sums::end_us(trace)),
        trace.steps.len(),
        words::bytes(up),
        words::bytes(down)
    )
}

fn body(pen: &mut Pen, trace: &Trace, layout: &Layout, shared: Shared) {
    let colour = style::of(trace.transport).colour;
    let bottom = layout.axis.bottom();
    for gap in layout.axis.breaks() {
        let area = (SERVER_X - CLIENT_X + 40.0, gap.bottom - gap.top - 12.0);
        pen.rectangle((CLIENT_X - 20.0, gap.top + 6.0), area, GRID_MINOR);
    }
    for life in &layout.lives {
        for (x, outwards) in [(CLIENT_X, -1.0), (SERVER_X, 1.0)] {
            let left = x - 3.5 + outwards * 8.0 * life.lane as f64;
            let height = (life.bottom - life.top).max(2.0);
            pen.rectangle((left, life.top), (7.0, height), tint(colour, CONNECTION_TINT));
        }
    }
    let first = layout.arrows.iter().map(|arrow| arrow.points[0].1).fold(bottom, f64::min) - 8.0;
    for hold in &layout.holds {
        pen.rectangle((SERVER_X - 5.0, hold.top), (10.0, hold.bottom - hold.top), MUTED);
    }
    for x in [CLIENT_X, SERVER_X] {
        pen.line(&[(x, first), (x, bottom + 10.0)], Line { colour: INK, width: 1.4, dash: "" });
        layout.axis.breaks().iter().for_each(|gap| zigzag(pen, x, (gap.top + gap.bottom) / 2.0));
    }
    layout.labels.iter().for_each(|label| leader(pen, label, layout));
    for arrow in &layout.arrows {
        draw_arrow(pen, trace, arrow);
    }
    layout.labels.iter().for_each(|label| draw_label(pen, label, shared));
}

/// A gap in a life line: time is left out here.
fn zigzag(pen: &mut Pen, x: f64, y: f64) {
    pen.rectangle((x - 6.0, y - 5.0), (12.0, 10.0), GRID_MINOR);
    for by in [-5.0, 5.0] {
        let points =
            [(x - 8.0, y + by + 2.5), (x - 2.5, y + by - 2.5), (x + 2.5, y + by + 2.5), (x + 8.0, y + by - 2.5)];
        pen.line(&points, Line { colour: INK, width: 1.4, dash: "" });
    }
}

fn draw_arrow(pen: &mut Pen, trace: &Trace, arrow: &Arrow) {
    let step = &trace.steps[arrow.step];
    pen.begin(&format!("step {:?}", step.kind).to_lowercase(), &name(step));
    let line = match arrow.kind {
        ArrowKind::Bytes => Line { colour: INK, width: 1.8, dash: "" },
        ArrowKind::Segment => Line { colour: MUTED, width: 1.1, dash: "5 3" },
    };
    for pair in arrow.points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1).max(1e-9);
        let along = ((to.0 - from.0) / length, (to.1 - from.1) / length);
        let back = |by: f64, aside: f64| (to.0 - along.0 * by - along.1 * aside, to.1 - along.1 * by + along.0 * aside);
        pen.line(&[from, to], line);
        match step.received_us {
            Some(_) => pen.area(&[to, back(10.0, 4.2), back(10.0, -4.2)], line.colour),
            None => {
                let cross = Line { colour: INVALID, width: 2.0, dash: "" };
                for (one, other) in [((-5.0, -5.0), (5.0, 5.0)), ((-5.0, 5.0), (5.0, -5.0))] {
                    pen.line(&[(to.0 + one.0, to.1 + one.1), (to.0 + other.0, to.1 + other.1)], cross);
                }
            }
        }
    }
    pen.end();
}

/// A step in words, for those who point at it.
fn name(step: &Step) -> String {
    let (from, to) = words::ends(step.way);
    let read = step.received_us.map_or("never read".to_owned(), |us| format!("read at {}", words::instant(us)));
    let layers = words::layers(&sums::of_runs(&step.runs));
    let layers = if layers.is_empty() { layers } else { format!(": {layers}") };
    let sent = words::instant(step.sent_us);
    let connection = words::connection(step);
    format!("{} from {from} to {to}, {connection}, sent at {sent}, {read}{layers}", words::step(step))
}

/// From a displaced label to its place.
fn leader(pen: &mut Pen, label: &Label, layout: &Layout) {
    if (label.first_line() - label.wish).abs() < DISPLACED || label.about == About::Held {
        return;
    }
    let area = label.area();
    let line = Line { colour: style::GRID, width: 1.0, dash: "" };
    match label.about {
        About::Client => pen.line(&[(area.right + 3.0, label.y), (CLIENT_X - 4.0, label.wish)], line),
        About::Server(_) => pen.line(&[(area.left - 3.0, label.first_line()), (SERVER_X + 4.0, label.wish)], line),
        About::Step => {
            // The arrow with this height in its middle has it at the label's edge, too, or nearly.
            let x = area.right + 12.0;
            let middle = (CLIENT_X + SERVER_X) / 2.0;
            let own = layout
                .arrows
                .iter()
                .find(|arrow| ((arrow.points[0].1 + arrow.points[1].1) / 2.0 - label.wish).abs() < 1e-6);
            let slope = own.map_or(0.0, |arrow| {
                let (from, to) = (arrow.points[0], arrow.points[1]);
                (to.1 - from.1) / (to.0 - from.0)
            });
            let at = (x, label.wish + slope * (x - middle));
            pen.line(&[(area.right - 2.0, label.y), at], Line { colour: MUTED, ..line });
        }
        About::Silence | About::Held => {}
    }
}

fn draw_label(pen: &mut Pen, label: &Label, shared: Shared) {
    let (x, anchor) = label.anchor();
    let colour = match label.about {
        About::Step | About::Held => INK,
        About::Client | About::Server(_) | About::Silence => MUTED,
    };
    let bold = matches!(label.about, About::Step | About::Held);
    if label.about == About::Step {
        let area = label.area();
        pen.rectangle((area.left, area.top + 2.0), (area.right - area.left, area.bottom - area.top - 4.0), PAPER);
    }
    let first = label.first_line();
    pen.text((x, first), &label.text, Letters { size: LETTERS, colour, bold, anchor });
    let About::Server(bytes) = &label.about else { return };
    bar(pen, (BAR_X, first), bytes, shared);
    for (index, line) in label.layers.iter().enumerate() {
        pen.text((LAYERS_X, first + LINE_HEIGHT * index as f64), line, small(INK, Anchor::Start));
    }
}

/// The bytes of a step, each layer as long as its share.
fn bar(pen: &mut Pen, (left, y): Point, bytes: &LayerBytes, shared: Shared) {
    let mut x = left;
    for (layer, number) in sums::present(bytes) {
        let width = (number as f64 / shared.bar_bytes as f64 * BAR_PX).max(SEGMENT_MIN_PX);
        pen.rectangle((x, y - 5.0), (width, 10.0), layer_colour(layer));
        x += width;
    }
}
