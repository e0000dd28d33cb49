//! What every chart has around it: a title, axes, a caption; and its two forms.

use plotters::style::text_anchor::HPos;

use super::canvas::{self, Canvas, Names, Point, Stroke};
use super::letters::{Letters, text_width, wrap};
use super::scale::{Scale, Tick};
use crate::style::{GRID, GRID_MINOR, INK, MUTED};
use crate::table::Table;

/// The width of every chart (px).
pub(crate) const WIDTH: f64 = 880.0;
/// Labels of lines and bars.
pub(crate) const LABEL: f64 = 14.0;
/// Ticks and notes.
pub(crate) const SMALL: f64 = 12.5;
const MARGIN: f64 = 16.0;
const CAPTION_LINE: f64 = 16.0;

/// A finished chart.
#[derive(Clone)]
pub(crate) struct Chart {
    /// The file's name without its ending.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    /// Cells that the drawing cannot show, and why.
    pub(crate) notes: Vec<String>,
    /// For the page, which has title and caption beside it.
    pub(crate) inline: String,
    /// To stand alone, with title, notes and caption inside.
    pub(crate) file: String,
    /// What is drawn, as a table.
    pub(crate) data: Table,
}

/// What a chart is made of, but for the drawing.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What the axes and the marks mean, for those who do not see the drawing.
    pub(crate) description: String,
    pub(crate) notes: Vec<String>,
    pub(crate) data: Table,
    /// The height of the drawing without title and caption (px).
    pub(crate) height: f64,
}

impl Plan {
    /// Draws both forms.
    pub(crate) fn draw(self, caption: &str, body: impl Fn(&Canvas<'_>)) -> Chart {
        let names = Names { id: self.name, title: self.title, description: &self.description };
        let inline = canvas::svg((WIDTH, self.height), &names, |canvas| body(canvas));
        let width = WIDTH - 2.0 * MARGIN;
        let mut lines: Vec<String> = self.notes.iter().flat_map(|note| wrap(note, SMALL, width)).collect();
        lines.extend(wrap(caption, SMALL, width));
        let header = 46.0;
        let height = header + self.height + 10.0 + CAPTION_LINE * lines.len() as f64 + 6.0;
        let file = canvas::svg((WIDTH, height), &names, |canvas| {
            canvas.text((MARGIN, 25.0), self.title, Letters::new(19.0, INK).bold());
            canvas.move_down(header);
            body(canvas);
            for (index, line) in lines.iter().enumerate() {
                let y = self.height + 10.0 + CAPTION_LINE * (index as f64 + 0.5);
                canvas.text((MARGIN, y), line, Letters::new(SMALL, MUTED));
            }
        });
        let Plan { name, title, notes, data, .. } = self;
        Chart { name, title: title.to_owned(), notes, inline, file, data }
    }
}

/// The rectangle that data is drawn in (px).
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

fn thin(colour: plotters::style::RGBColor) -> Stroke {
    Stroke { colour, width: 1.0, dash: &[] }
}

/// The texts of ticks that have room: one that would touch its neighbour is left out.
fn spaced(ticks: &[Tick], scale: &Scale) -> Vec<(f64, String)> {
    let mut kept: Vec<(f64, String)> = Vec::new();
    let mut free_from = f64::NEG_INFINITY;
    for tick in ticks {
        let Some(text) = &tick.text else { continue };
        let (x, half) = (scale.at(tick.value), text_width(text, SMALL) / 2.0);
        if x - half >= free_from {
            free_from = x + half + 8.0;
            kept.push((x, text.clone()));
        }
    }
    kept
}

/// The axis at the bottom, with its grid, and its texts if `named`.
pub(crate) fn bottom_axis(canvas: &Canvas<'_>, room: Room, scale: &Scale, about: usize, named: bool) {
    let ticks = scale.ticks(about);
    for tick in &ticks {
        let x = scale.at(tick.value);
        let colour = if tick.text.is_some() { GRID } else { GRID_MINOR };
        canvas.line(&[(x, room.top), (x, room.bottom)], thin(colour));
    }
    for (x, text) in spaced(&ticks, scale).into_iter().filter(|_| named) {
        canvas.text((x, room.bottom + 15.0), &text, Letters::new(SMALL, MUTED).anchored(HPos::Center));
    }
}

/// The axis at the left, with its grid, and its texts if `named`.
pub(crate) fn left_axis(canvas: &Canvas<'_>, room: Room, scale: &Scale, about: usize, named: bool) {
    for tick in scale.ticks(about) {
        let y = scale.at(tick.value);
        let colour = if tick.text.is_some() { GRID } else { GRID_MINOR };
        canvas.line(&[(room.left, y), (room.right, y)], thin(colour));
        if let Some(text) = tick.text.filter(|_| named) {
            canvas.text((room.left - 7.0, y), &text, Letters::new(SMALL, MUTED).anchored(HPos::Right));
        }
    }
}

/// The line that data stands on.
pub(crate) fn base_line(canvas: &Canvas<'_>, from: Point, to: Point) {
    canvas.line(&[from, to], thin(MUTED));
}

/// The title below an axis, in its middle.
pub(crate) fn bottom_title(canvas: &Canvas<'_>, room: Room, text: &str) {
    let at = ((room.left + room.right) / 2.0, room.bottom + 38.0);
    canvas.text(at, text, Letters::new(SMALL + 0.5, INK).anchored(HPos::Center));
}

/// The title beside the left axis, read from bottom to top.
pub(crate) fn left_title(canvas: &Canvas<'_>, x: f64, room: Room, text: &str) {
    let at = (x, (room.top + room.bottom) / 2.0);
    canvas.text(at, text, Letters::new(SMALL + 0.5, INK).anchored(HPos::Center).upwards());
}

/// What a chart without any data says.
pub(crate) fn nothing(canvas: &Canvas<'_>, height: f64) {
    let letters = Letters::new(LABEL, MUTED).anchored(HPos::Center);
    canvas.text((WIDTH / 2.0, height / 2.0), "nothing to draw for any of these cells", letters);
}
