//! A trace for the terminal: every byte with its meaning, at most 100 columns wide.

use feedbench_record::trace::{Run, Step, StepKind, Trace};
use feedbench_record::{Layer, Way};

use super::frame_bits::{self, Frame};
use super::{frame_figure, handshake, hex, sums, words};
use crate::number::grouped;
use crate::style::layer_colour;

/// The widest line (characters).
const WIDTH: usize = 100;
/// What stands beside the bytes (characters).
const NOTE_WIDTH: usize = WIDTH - 2 - hex::DIGITS_WIDTH - 2 - hex::TEXT_WIDTH - 2;

/// The dump as it grows. Writing to a String does not fail.
struct Dump {
    text: String,
    colour: bool,
}

pub(super) fn text(trace: &Trace, colour: bool) -> String {
    let mut dump = Dump { text: String::new(), colour };
    dump.head(trace);
    trace.steps.iter().for_each(|step| dump.step(step));
    dump.ledger(trace);
    if let Some(proof) = &trace.handshake {
        dump.title("The opening handshake: RFC 6455 section 4.2.2, item 5.4");
        for line in handshake::lines(proof) {
            dump.paragraph(&format!("{:<38}{}", line.what, line.value));
        }
        dump.paragraph(handshake::verdict(proof));
    }
    for way in Way::ALL {
        if let Some((step, frame)) = frame_bits::example(trace, way) {
            dump.frame(step, &frame);
        }
    }
    dump.text
}

impl Dump {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        self.line("");
        let title = self.bold(title);
        self.line(&title);
    }

    fn bold(&self, text: &str) -> String {
        if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A bar in the layer's colour where there is colour, and room for it where there is none.
    fn bar(&self, layer: Layer) -> String {
        if !self.colour {
            return "  ".to_owned();
        }
        let colour = layer_colour(layer);
        format!("\x1b[38;2;{};{};{}m▌\x1b[0m ", colour.0, colour.1, colour.2)
    }

    /// A text of any length, in lines.
    fn paragraph(&mut self, text: &str) {
        wrapped(text, WIDTH - 2).iter().for_each(|line| self.line(&format!("  {line}")));
    }

    fn head(&mut self, trace: &Trace) {
        let title = self.bold(&words::title(trace.transport));
        self.line(&title);
        self.paragraph(&words::caption(trace));
        self.paragraph(&format!("server {}", words::printable(&trace.server)));
        for (number, client) in (1..).zip(&trace.clients) {
            self.paragraph(&format!("connection {number} from {}", words::printable(client)));
        }
        self.paragraph("Instants since the trace began: before the sender's write, and after the receiver's read.");
    }

    fn step(&mut self, step: &Step) {
        let (from, to) = words::ends(step.way);
        let received = step.received_us.map_or("never read".to_owned(), words::instant);
        let connection = words::connection(step);
        let what = words::step(step);
        let arrow = if step.way == Way::Up { "──▶" } else { "◀──" };
        // The client stands left in every line, as in the ladder.
        let ends = if step.way == Way::Up { format!("{from} {arrow} {to}") } else { format!("{to} {arrow} {from}") };
        let at = words::instant(step.sent_us);
        self.line("");
        let head = self.bold(&format!("{at:>14}  {ends}  {what}"));
        self.line(&head);
        let until = if step.kind == StepKind::Connect { "connected at" } else { "read at" };
        self.line(&format!("{:16}{until} {received}, {connection}", ""));
        step.runs.iter().for_each(|run| self.run(run));
    }

    fn run(&mut self, run: &Run) {
        let number = grouped(run.bytes.len() as u64);
        let mut notes = wrapped(&format!("{}, {number} B", run.what.title()), NOTE_WIDTH);
        notes.extend(wrapped(run.layer.title(), NOTE_WIDTH));
        notes.extend(wrapped(run.what.rule(), NOTE_WIDTH));
        let bytes = hex::lines(&run.bytes);
        for index in 0..bytes.len().max(notes.len()) {
            let (digits, text) = bytes.get(index).map_or(("", ""), |line| (line.digits.as_str(), line.text.as_str()));
            let note = notes.get(index).map_or("", String::as_str);
            let bar = self.bar(run.layer);
            let (digits_width, text_width) = (hex::DIGITS_WIDTH, hex::TEXT_WIDTH);
            self.line(&format!("{bar}{digits:<digits_width$}  {text:<text_width$}  {note}"));
        }
    }

    fn ledger(&mut self, trace: &Trace) {
        self.title("Bytes by layer, above TCP");
        let sums = Way::ALL.map(|way| sums::of_trace(trace, way));
        let row = |name: &str, numbers: [u64; 2]| {
            let [up, down] = numbers;
            format!("{name:<20}{:>14}{:>14}{:>14}", grouped(up), grouped(down), grouped(up + down))
        };
        self.line(&format!("  {:<20}{:>14}{:>14}{:>14}", "layer", "up", "down", "both"));
        for layer in Layer::ALL {
            let numbers = sums.map(|sum| sum.get(layer));
            // Always shown: that it is 0 is the claim of the ledger.
            if numbers != [0, 0] || layer == Layer::Unclassified {
                let line = format!("{}{}", self.bar(layer), row(layer.title(), numbers));
                self.line(&line);
            }
        }
        self.line(&format!("  {}", row("total", sums.map(|sum| sum.total()))));
    }

    fn frame(&mut self, step: &Step, frame: &Frame) {
        let (from, _) = words::ends(step.way);
        let masked = if frame.masked() { "masked" } else { "not masked" };
        self.title(&format!(
            "A frame of the {from}, {masked}: {}, sent at {}",
            step.kind.title(),
            words::instant(step.sent_us)
        ));
        frame_figure::text(frame).iter().for_each(|line| self.line(&format!("  {line}")));
        self.line("");
        for field in frame.fields() {
            self.bits(field.name, &field.bits, &format!("{}, {}", field.value, field.meaning));
        }
        let unmasking = frame.unmasking();
        if !unmasking.is_empty() {
            self.paragraph("Unmasking: byte i XOR byte i mod 4 of the masking-key (section 5.3)");
        }
        for byte in unmasking {
            let character = hex::character(byte.plain);
            self.line(&format!(
                "  i = {}   {:08b} XOR {:08b} = {:08b}   {:02x} XOR {:02x} = {:02x} '{character}'",
                byte.index, byte.wire, byte.key, byte.plain, byte.wire, byte.key, byte.plain
            ));
        }
        self.paragraph(&format!("It says: {}", frame.says()));
    }

    fn bits(&mut self, name: &str, bits: &str, meaning: &str) {
        let (bits, meaning) = (wrapped(bits, 36), wrapped(meaning, WIDTH - 64));
        for index in 0..bits.len().max(meaning.len()) {
            let name = if index == 0 { name } else { "" };
            let part = |lines: &[String]| lines.get(index).cloned().unwrap_or_default();
            self.line(&format!("  {name:<24}{:<38}{}", part(&bits), part(&meaning)));
        }
    }
}

/// Lines of at most `width` characters, broken at spaces where there are some.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words::printable(text).split(' ') {
        let mut letters: Vec<char> = word.chars().collect();
        let line = lines.last_mut().expect("there is always a line");
        if line.chars().count() + 1 + letters.len() <= width && !line.is_empty() {
            line.push(' ');
        } else if !line.is_empty() {
            lines.push(String::new());
        }
        while letters.len() > width {
            let rest = letters.split_off(width);
            lines.last_mut().expect("there is always a line").extend(letters);
            lines.push(String::new());
            letters = rest;
        }
        lines.last_mut().expect("there is always a line").extend(letters);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_text_keeps_its_letters_and_its_width() {
        let text = format!("a rule with {} in it", "x".repeat(70));
        let lines = wrapped(&text, 29);
        assert!(lines.iter().all(|line| line.chars().count() <= 29), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn a_control_character_does_not_reach_the_terminal() {
        assert_eq!(wrapped("\x1b[2J", 29), [".[2J"]);
    }
}
