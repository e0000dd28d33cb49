//! One transport on the page: its ladder, its ledger, its bytes, and for WebSocket its handshake and frames.

use feedbench_record::ledger::LayerBytes;
use feedbench_record::trace::{Run, Step, StepKind, Trace};
use feedbench_record::{Layer, Way};

use super::frame_bits::{self, Field, Frame, Unmasked};
use super::frame_figure::{self, Cell};
use super::ladder::{self, Shared};
use super::{handshake, hex, sums, words};
use crate::number::{grouped, sentence_case};

/// One transport.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) ladder: String,
    pub(super) caption: String,
    pub(super) ledger: Vec<Row>,
    pub(super) steps: Vec<Said>,
    pub(super) proof: Option<Proof>,
    pub(super) frames: Vec<Drawn>,
}

/// A row of the ledger.
pub(super) struct Row {
    pub(super) layer: Option<&'static str>,
    pub(super) title: &'static str,
    pub(super) numbers: [String; 3],
}

/// A step.
pub(super) struct Said {
    pub(super) at: String,
    pub(super) ends: &'static str,
    pub(super) what: String,
    pub(super) read: String,
    pub(super) connection: Option<String>,
    pub(super) layers: Vec<(&'static str, &'static str, String)>,
    pub(super) runs: Vec<Explained>,
}

/// A run of bytes.
pub(super) struct Explained {
    pub(super) layer: &'static str,
    pub(super) layer_title: &'static str,
    pub(super) what: &'static str,
    pub(super) rule: &'static str,
    pub(super) number: String,
    pub(super) lines: String,
}

/// The opening handshake.
pub(super) struct Proof {
    pub(super) lines: Vec<handshake::Line>,
    pub(super) verdict: &'static str,
}

/// A frame.
pub(super) struct Drawn {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) figure: Vec<Vec<Cell>>,
    pub(super) more: Option<String>,
    pub(super) fields: Vec<Field>,
    pub(super) unmasking: Vec<Unmasking>,
    pub(super) says: String,
}

/// A row of the table that takes a mask off.
pub(super) struct Unmasking {
    pub(super) index: usize,
    pub(super) wire: String,
    pub(super) key: String,
    pub(super) plain: String,
    pub(super) character: char,
}

/// The section of a trace; `id` is the only one of its kind on the page.
pub(super) fn of(id: String, trace: &Trace, shared: Shared) -> Part {
    let frames = Way::ALL.into_iter().filter_map(|way| Some((way, frame_bits::example(trace, way)?)));
    Part {
        name: sentence_case(trace.transport.title()),
        title: words::title(trace.transport),
        ladder: ladder::inline(trace, &format!("ladder-{id}"), shared),
        caption: ladder::caption(trace),
        ledger: ledger(trace),
        steps: trace.steps.iter().map(|step| said(trace, step)).collect(),
        proof: trace
            .handshake
            .as_ref()
            .map(|proof| Proof { lines: handshake::lines(proof), verdict: handshake::verdict(proof) }),
        frames: frames.map(|(way, (step, frame))| drawn(&id, way, step, &frame)).collect(),
        id,
    }
}

fn ledger(trace: &Trace) -> Vec<Row> {
    let [up, down] = Way::ALL.map(|way| sums::of_trace(trace, way));
    let row = |layer, title, up, down| Row { layer, title, numbers: [up, down, up + down].map(grouped) };
    let rows =
        Layer::ALL.into_iter().filter(|&layer| up.get(layer) + down.get(layer) > 0 || layer == Layer::Unclassified);
    let rows = rows.map(|layer| row(Some(layer.id()), layer.title(), up.get(layer), down.get(layer)));
    rows.chain([row(None, "total", up.total(), down.total())]).collect()
}

fn said(trace: &Trace, step: &Step) -> Said {
    let layers = |sum: &LayerBytes| {
        let present = sums::present(sum).into_iter();
        present.map(|(layer, number)| (layer.id(), layer.title(), grouped(number))).collect()
    };
    let until = if step.kind == StepKind::Connect { "connected at" } else { "read at" };
    Said {
        at: words::instant(step.sent_us),
        ends: match step.way {
            Way::Up => "client → server",
            Way::Down => "client ← server",
        },
        what: words::step(step),
        read: step.received_us.map_or("never read".to_owned(), |us| format!("{until} {}", words::instant(us))),
        connection: (trace.clients.len() > 1).then(|| words::connection(step)),
        layers: layers(&sums::of_runs(&step.runs)),
        runs: step.runs.iter().map(explained).collect(),
    }
}

fn explained(run: &Run) -> Explained {
    let width = hex::DIGITS_WIDTH;
    let lines = hex::lines(&run.bytes).into_iter().map(|line| format!("{:<width$}  {}", line.digits, line.text));
    Explained {
        layer: run.layer.id(),
        layer_title: run.layer.title(),
        what: run.what.title(),
        rule: run.what.rule(),
        number: words::bytes(run.bytes.len() as u64),
        lines: lines.collect::<Vec<_>>().join("\n"),
    }
}

fn drawn(id: &str, way: Way, step: &Step, frame: &Frame) -> Drawn {
    let (from, _) = words::ends(way);
    let masked = if frame.masked() { "masked" } else { "not masked" };
    let more = frame.not_drawn_bytes();
    let unmasking = |byte: Unmasked| Unmasking {
        index: byte.index,
        wire: bits_and_digits(byte.wire),
        key: bits_and_digits(byte.key),
        plain: bits_and_digits(byte.plain),
        character: hex::character(byte.plain),
    };
    Drawn {
        id: format!("frame-{id}-{}", way.id()),
        title: format!(
            "A frame of the {from}, {masked}: {}, sent at {}",
            step.kind.title(),
            words::instant(step.sent_us)
        ),
        figure: frame_figure::lines(frame),
        more: (more > 0).then(|| format!("{} of payload follow.", words::bytes(more))),
        fields: frame.fields(),
        unmasking: frame.unmasking().into_iter().map(unmasking).collect(),
        says: frame.says(),
    }
}

fn bits_and_digits(byte: u8) -> String {
    format!("{byte:08b} ({byte:02x})")
}
