//! What every chart has around it: a title, axes, a caption; and its two forms.

use plotters::style::text_anchor::HPos;

use super::canvas::{self, Canvas, Names, Point, Sheet, Stroke};
use super::letters::{Letters, text_width, wrap};
use super::scale::{Scale, Tick};
use crate::look::{Look, Medium};
use crate::style::{GRID, GRID_MINOR, INK, MUTED};
use crate::table::Table;
use crate::text::charts_lines;

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
    pub(crate) name: String,
    pub(crate) title: String,
    /// Cells that the drawing cannot show, and why.
    pub(crate) notes: Vec<String>,
    /// For the page, which has title and caption beside it.
    pub(crate) inline: String,
    /// The same with another axis, for the page to change to.
    pub(crate) alternative: Option<Alternative>,
    /// To stand alone, with title, notes and caption inside.
    pub(crate) file: String,
    /// What is drawn, as a table.
    pub(crate) data: Table,
}

/// Another drawing of the same data.
#[derive(Clone)]
pub(crate) struct Alternative {
    /// What the axis of the drawing that stands first is called, and that of this one: `logarithmic`, `linear`.
    pub(crate) names: [&'static str; 2],
    pub(crate) inline: String,
}

/// What a chart is made of, but for the drawing.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) title: String,
    /// What the axes and the marks mean, for those who do not see the drawing.
    pub(crate) description: String,
    pub(crate) notes: Vec<String>,
    pub(crate) data: Table,
    /// The height of the drawing without title and caption (px).
    pub(crate) height: f64,
}

impl Plan {
    /// Draws both forms.
    pub(crate) fn draw(self, look: Look, caption: &str, body: impl Fn(&Canvas<'_>)) -> Chart {
        let inline = self.inline(look, &self.name, &body);
        let file = self.file(look, caption, &body);
        let Plan { name, title, notes, data, .. } = self;
        Chart { name, title, notes, inline, alternative: None, file, data }
    }

    /// The same, and a second form for the page: with the axis that `other` draws. `names` are those of both axes.
    pub(crate) fn draw_either(
        self,
        look: Look,
        caption: &str,
        names: [&'static str; 2],
        body: impl Fn(&Canvas<'_>),
        other: impl Fn(&Canvas<'_>),
    ) -> Chart {
        let inline = self.inline(look, &format!("{}-2", self.name), &other);
        Chart { alternative: Some(Alternative { names, inline }), ..self.draw(look, caption, body) }
    }

    fn inline(&self, look: Look, id: &str, body: impl Fn(&Canvas<'_>)) -> String {
        let names = Names { id, title: &self.title, description: &self.description };
        let sheet = Sheet { size: (look.width(), self.height), look, interactive: true };
        canvas::svg(sheet, &names, |canvas| body(canvas))
    }

    fn file(&self, look: Look, caption: &str, body: impl Fn(&Canvas<'_>)) -> String {
        let names = Names { id: &self.name, title: &self.title, description: &self.description };
        let width = look.width() - 2.0 * MARGIN;
        let mut lines: Vec<String> = self.notes.iter().flat_map(|note| wrap(note, SMALL, width)).collect();
        lines.extend(wrap(caption, SMALL, width));
        // The caption of a journal's figure stands below it, in the journal's type.
        let header = if look.medium == Medium::Paper { 0.0 } else { 46.0 };
        let height = header + self.height + 10.0 + CAPTION_LINE * lines.len() as f64 + 6.0;
        let size = match look.medium {
            Medium::Page | Medium::Paper => (look.width(), height),
            Medium::Slide => sixteen_by_nine((look.width(), height)),
        };
        let sheet = Sheet { size, look, interactive: false };
        canvas::svg(sheet, &names, |canvas| {
            canvas.shift(((size.0 - look.width()) / 2.0, (size.1 - height) / 2.0));
            if header > 0.0 {
                canvas.text((MARGIN, 25.0), &self.title, Letters::new(19.0, INK).bold());
                canvas.shift((0.0, header));
            }
            body(canvas);
            for (index, line) in lines.iter().enumerate() {
                let y = self.height + 10.0 + CAPTION_LINE * (index as f64 + 0.5);
                canvas.text((MARGIN, y), line, Letters::new(SMALL, MUTED));
            }
        })
    }
}

/// The smallest rectangle of a slide's shape that holds the given one.
fn sixteen_by_nine((width, height): Point) -> Point {
    let width = width.max(height * 16.0 / 9.0);
    (width, width * 9.0 / 16.0)
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
    let text = charts_lines::nothing(canvas.look().lang);
    canvas.text((canvas.look().width() / 2.0, height / 2.0), text, letters);
}
