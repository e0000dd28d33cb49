//! The figure of RFC 6455 section 5.2, 32 bits in a line, with the bits of a real frame.

use super::frame_bits::{Frame, bits};
use super::hex;

/// Bits in a line.
pub(crate) const LINE_BITS: usize = 32;

/// A box of the figure. A field that does not end with its line has a box in the next line, too.
pub(crate) struct Cell {
    pub(crate) name: String,
    pub(crate) value: String,
    /// `0` and `1`.
    pub(crate) bits: String,
    pub(crate) payload: bool,
}

/// The boxes of a frame's header and of the first bytes of its payload, line by line.
pub(crate) fn lines(frame: &Frame) -> Vec<Vec<Cell>> {
    let mut cells = Vec::new();
    for field in frame.fields() {
        if field.name == "RSV1 to RSV3" {
            for (number, bit) in (1..).zip(field.bits.chars()) {
                let bit = bit.to_string();
                cells.push(Cell { name: format!("RSV{number}"), value: bit.clone(), bits: bit, payload: false });
            }
            continue;
        }
        let bits = field.bits.replace(' ', "");
        cells.push(Cell { name: field.name.to_owned(), value: field.value, bits, payload: false });
    }
    for (index, &byte) in frame.drawn_payload().iter().enumerate() {
        let value =
            if frame.masked() { format!("{byte:02x}") } else { format!("{byte:02x} '{}'", hex::character(byte)) };
        cells.push(Cell { name: format!("payload {index}"), value, bits: bits(&[byte]), payload: true });
    }
    cut(cells)
}

fn cut(cells: Vec<Cell>) -> Vec<Vec<Cell>> {
    let mut lines: Vec<Vec<Cell>> = vec![Vec::new()];
    let mut used = 0;
    for mut cell in cells {
        loop {
            if used == LINE_BITS {
                lines.push(Vec::new());
                used = 0;
            }
            let line = lines.last_mut().expect("there is always a line");
            let room = LINE_BITS - used;
            if cell.bits.len() <= room {
                used += cell.bits.len();
                line.push(cell);
                break;
            }
            let rest = cell.bits.split_off(room);
            let name = if cell.name.ends_with(')') { cell.name.clone() } else { format!("{} (continued)", cell.name) };
            used += room;
            line.push(cell);
            cell = Cell { name, value: String::new(), bits: rest, payload: false };
        }
    }
    lines
}

/// The figure in characters: two columns a bit.
pub(crate) fn text(frame: &Frame) -> Vec<String> {
    let tens: String =
        (0..LINE_BITS).map(|bit| if bit % 10 == 0 { format!(" {}", bit / 10) } else { "  ".to_owned() }).collect();
    let ones: String = (0..LINE_BITS).map(|bit| format!(" {}", bit % 10)).collect();
    let mut text = vec![tens.trim_end().to_owned(), ones];
    let mut above = String::new();
    for line in lines(frame) {
        let border = border(&line);
        text.push(longer(&above, &border));
        text.extend(boxes(&line));
        above = border;
    }
    text.push(above);
    if frame.not_drawn_bytes() > 0 {
        text.push(format!(": {} more bytes of payload", crate::number::grouped(frame.not_drawn_bytes())));
    }
    text
}

fn border(line: &[Cell]) -> String {
    let boxes = line.iter().map(|cell| format!("{}+", "-".repeat(2 * cell.bits.len() - 1)));
    format!("+{}", boxes.collect::<String>())
}

/// Two borders on each other: a corner where either has one.
fn longer(above: &str, below: &str) -> String {
    let width = above.len().max(below.len());
    let at = |text: &str, index| text.as_bytes().get(index).copied();
    let both = (0..width).map(|index| match (at(above, index), at(below, index)) {
        (Some(b'+'), _) | (_, Some(b'+')) => '+',
        _ => '-',
    });
    both.collect()
}

fn boxes(line: &[Cell]) -> Vec<String> {
    // A name of one bit is written downwards, as in the standard.
    let rows_of = |cell: &Cell| match cell.bits.len() {
        1 => cell.name.chars().map(String::from).collect(),
        _ => vec![cell.name.clone(), cell.value.clone()],
    };
    let height = line.iter().map(|cell| rows_of(cell).len()).max().unwrap_or(0);
    let row = |text: &dyn Fn(&Cell) -> String| {
        let cells = line.iter().map(|cell| format!("{:^width$}|", text(cell), width = 2 * cell.bits.len() - 1));
        format!("|{}", cells.collect::<String>())
    };
    let spaced = |cell: &Cell| cell.bits.chars().map(String::from).collect::<Vec<_>>().join(" ");
    let mut rows: Vec<String> =
        (0..height).map(|index| row(&|cell| rows_of(cell).get(index).cloned().unwrap_or_default())).collect();
    rows.push(row(&spaced));
    rows
}
