//! What stands above a ladder: the key of its colours, its scale, and the names of both ends.

use feedbench_record::Way;
use feedbench_record::ledger::LayerBytes;
use feedbench_record::trace::Trace;
use feedbench_record::transport::Manner;

use super::layout::{BAR_X, CLIENT_X, LETTERS, SERVER_X, WIDTH};
use super::svg::{Anchor, Letters, Line, Pen};
use super::{sums, words};
use crate::charts::letters::text_width;
use crate::style::{self, INK, MUTED, layer_colour, tint};

/// The room beside everything (px).
pub(super) const MARGIN: f64 = 16.0;
/// What remains of a transport's colour in the strip of a connection.
pub(super) const CONNECTION_TINT: f64 = 0.35;
const KEY_LINE: f64 = 20.0;
/// Room for the names of both ends and of the columns (px).
pub(super) const HEADS: f64 = 58.0;

/// Letters of captions and labels.
pub(super) fn small(colour: plotters::style::RGBColor, anchor: Anchor) -> Letters {
    Letters { size: LETTERS, colour, bold: false, anchor }
}

/// What the colours mean; gives its height (px).
pub(super) fn key(pen: &mut Pen, trace: &Trace, top: f64) -> f64 {
    let mut bytes = LayerBytes::default();
    Way::ALL.into_iter().for_each(|way| bytes += sums::of_trace(trace, way));
    let layers = sums::present(&bytes).into_iter().map(|(layer, _)| (layer_colour(layer), layer.title()));
    let colour = style::of(trace.transport).colour;
    let held = (trace.transport.manner() == Manner::Waits).then_some((MUTED, "request held by the server"));
    let (mut x, mut y) = (MARGIN, top + KEY_LINE / 2.0);
    for (colour, title) in layers.chain([(tint(colour, CONNECTION_TINT), "connection")]).chain(held) {
        let width = 17.0 + text_width(title, LETTERS) + 12.0;
        if x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + KEY_LINE);
        }
        pen.rectangle((x, y - 5.5), (11.0, 11.0), colour);
        pen.text((x + 17.0, y), title, small(INK, Anchor::Start));
        x += width;
    }
    y + KEY_LINE / 2.0 - top
}

/// How long a round duration is; upright, as time is, in the margin.
pub(super) fn scale(pen: &mut Pen, (us, px): (u64, f64), top: f64) {
    let (from, to) = (top + 12.0, top + 12.0 + px);
    let line = Line { colour: INK, width: 1.4, dash: "" };
    for points in [[(14.0, from), (14.0, to)], [(10.0, from), (18.0, from)], [(10.0, to), (18.0, to)]] {
        pen.line(&points, line);
    }
    pen.text((24.0, from + 5.0), &words::span(us), small(INK, Anchor::Start));
}

/// The names of both ends and of the columns.
pub(super) fn heads(pen: &mut Pen, trace: &Trace, top: f64) {
    let bold = |anchor| Letters { size: 14.0, colour: INK, bold: true, anchor };
    let client = match trace.clients.as_slice() {
        [one] => one.clone(),
        several => format!("{} connections", several.len()),
    };
    for (x, name, address) in [(CLIENT_X, "client", client.as_str()), (SERVER_X, "server", trace.server.as_str())] {
        pen.text((x, top + 14.0), name, bold(Anchor::Middle));
        pen.text((x, top + 31.0), &shortened(address), small(MUTED, Anchor::Middle));
    }
    pen.text((BAR_X, top + 14.0), "bytes by layer, above TCP", small(MUTED, Anchor::Start));
}

fn shortened(text: &str) -> String {
    const MAX: usize = 30;
    if text.chars().count() <= MAX { text.to_owned() } else { text.chars().take(MAX - 1).chain(['…']).collect() }
}
