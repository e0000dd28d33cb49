//! What a bar is made of.

use feedbench_record::Transport;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::super::canvas::{Canvas, Stroke, corners};
use super::super::letters::{Letters, text_width};
use crate::style::{self, ink_on, tint};

/// Letters inside a part.
const INSIDE: f64 = 10.5;

/// How a part of a bar is filled.
#[derive(Clone, Copy)]
pub(in super::super) enum Fill {
    /// With the colour of the point's transport.
    Full,
    /// With a tint of it.
    Light,
    /// With a colour of its own.
    Solid(RGBColor),
    /// With a tint of its own colour, inside an outline.
    Outlined(RGBColor),
}

impl Fill {
    /// The colour of the area, and that of the outline if there is one.
    pub(super) fn colours(self, of_transport: RGBColor) -> (RGBColor, Option<RGBColor>) {
        match self {
            Fill::Full => (of_transport, None),
            Fill::Light => (tint(of_transport, 0.4), None),
            Fill::Solid(colour) => (colour, None),
            Fill::Outlined(colour) => (tint(colour, 0.3), Some(colour)),
        }
    }
}

/// A part of a bar.
#[derive(Clone)]
pub(in super::super) struct Part {
    /// In units of the axis.
    pub(in super::super) length: f64,
    pub(in super::super) fill: Fill,
    /// What stands inside where there is room.
    pub(in super::super) text: String,
    /// What a reader gets who points at it; empty for nothing.
    pub(in super::super) reading: String,
}

impl Part {
    /// A part with nothing inside.
    pub(in super::super) fn plain(length: f64, fill: Fill) -> Part {
        Part { length, fill, text: String::new(), reading: String::new() }
    }

    /// Between these sides (px).
    pub(super) fn draw(&self, canvas: &Canvas<'_>, sides: Sides, Ground { transport, valid }: Ground) {
        let (left, top, right, bottom) = sides;
        let (area, outline) = self.fill.colours(style::of(transport).colour);
        if !valid {
            canvas.fill(&corners(left, top, right, bottom), tint(area, 0.3));
            canvas.hatch(left, top, right, bottom, Stroke { colour: area, width: 1.4, dash: &[] });
            return frame(canvas, sides, outline.unwrap_or(area), &[4.0, 2.5]);
        }
        canvas.fill(&corners(left, top, right, bottom), area);
        if let Some(colour) = outline {
            // Inside the area, so that two parts beside each other keep their lengths.
            let inset = ((right - left) / 2.0).min(0.7);
            frame(canvas, (left + inset, top + 0.7, right - inset, bottom - 0.7), colour, &[]);
        }
        if !self.text.is_empty() && text_width(&self.text, INSIDE) + 4.0 <= right - left {
            let letters = Letters::new(INSIDE, ink_on(area)).anchored(HPos::Center);
            canvas.text((f64::midpoint(left, right), f64::midpoint(top, bottom)), &self.text, letters);
        }
    }
}

/// Whose bar a part belongs to.
#[derive(Clone, Copy)]
pub(super) struct Ground {
    pub(super) transport: Transport,
    /// Is there a valid repetition behind it? Otherwise it is hatched.
    pub(super) valid: bool,
}

/// The left, upper, right and lower side of a rectangle.
pub(super) type Sides = (f64, f64, f64, f64);

/// The outline of a rectangle.
pub(super) fn frame(canvas: &Canvas<'_>, (left, top, right, bottom): Sides, colour: RGBColor, dash: &'static [f64]) {
    let outline = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    canvas.line(&outline, Stroke { colour, width: 1.4, dash });
}
