//! What stands above the bars: fills and marks with their meaning.

use super::super::canvas::{Canvas, Point, corners};
use super::super::frame::SMALL;
use super::super::letters::{Letters, text_width};
use super::part::{Fill, frame};
use super::{Bar, marks};
use crate::estimate::Spread;
use crate::lang::Lang;
use crate::number::significant;
use crate::style::{INK, MUTED};
use crate::text::charts_bars as text;

/// One line of the key.
const LINE: f64 = 20.0;
const SAMPLE: f64 = 20.0;
const TEXT_AT: f64 = SAMPLE + 7.0;

/// What an entry shows.
#[derive(Clone, Copy)]
pub(in super::super) enum Sign {
    Fill(Fill),
    Whisker(Spread),
    Dot { valid: bool },
    Theory,
}

/// The entries, in their order.
#[derive(Clone, Default)]
pub(in super::super) struct Key(Vec<(Sign, String)>);

impl Key {
    /// Fills with their meaning.
    pub(in super::super) fn of(fills: impl IntoIterator<Item = (Fill, impl Into<String>)>) -> Key {
        Key(fills.into_iter().map(|(fill, text)| (Sign::Fill(fill), text.into())).collect())
    }

    /// With the marks that stand on these bars.
    pub(super) fn with_marks<'b>(mut self, lang: Lang, bars: &(impl Iterator<Item = &'b Bar> + Clone)) -> Key {
        let repeated = || bars.clone().filter_map(|bar| bar.estimate.as_ref()).filter(|figure| figure.dots.len() > 1);
        let spreads = || repeated().filter_map(|figure| figure.spread);
        let is_interval = |spread: &Spread| matches!(spread, Spread::Interval { .. });
        if let Some(interval) = spreads().find(is_interval) {
            self.0.push((Sign::Whisker(interval), interval_text(lang, spreads())));
        }
        if let Some(range) = spreads().find(|spread| !is_interval(spread)) {
            self.0.push((Sign::Whisker(range), text::range_key(lang).to_owned()));
        }
        for (valid, meaning) in [(true, text::dot_key(lang)), (false, text::ring_key(lang))] {
            if repeated().any(|figure| figure.dots.iter().any(|dot| dot.valid == valid)) {
                self.0.push((Sign::Dot { valid }, meaning.to_owned()));
            }
        }
        if bars.clone().any(|bar| bar.expected.is_some()) {
            self.0.push((Sign::Theory, text::theory_key(lang).to_owned()));
        }
        self
    }

    /// Each entry with the place of its left upper corner, in lines from `left` to `right`.
    fn places(&self, (left, right): (f64, f64)) -> impl Iterator<Item = (Point, &(Sign, String))> {
        let width = |text: &str| TEXT_AT + text_width(text, SMALL);
        let (mut x, mut y) = (left, 6.0);
        self.0.iter().map(move |entry| {
            if x > left && x + width(&entry.1) > right {
                (x, y) = (left, y + LINE);
            }
            let at = (x, y);
            x += width(&entry.1) + 20.0;
            (at, entry)
        })
    }

    /// The height of all lines (px).
    pub(super) fn height(&self, room: (f64, f64)) -> f64 {
        self.places(room).last().map_or(10.0, |((_, y), _)| y + 24.0)
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>, room: (f64, f64)) {
        for ((x, y), (sign, text)) in self.places(room) {
            let middle = y + 6.0;
            match *sign {
                Sign::Fill(fill) => {
                    let (area, outline) = fill.colours(MUTED);
                    canvas.fill(&corners(x, y, x + SAMPLE, y + 12.0), area);
                    outline.into_iter().for_each(|colour| frame(canvas, (x, y, x + SAMPLE, y + 12.0), colour, &[]));
                }
                Sign::Whisker(spread) => marks::whisker(canvas, (x + 1.0, x + SAMPLE - 1.0), middle, spread),
                Sign::Dot { valid } => marks::dot(canvas, (x + SAMPLE / 2.0, middle), valid),
                Sign::Theory => marks::theory(canvas, x + SAMPLE / 2.0, (y, y + 12.0)),
            }
            canvas.text((x + TEXT_AT, middle), text, Letters::new(SMALL, INK));
        }
    }
}

/// What all intervals cover, or at least cover where that is not the same.
fn interval_text(lang: Lang, spreads: impl Iterator<Item = Spread>) -> String {
    let coverage = |spread| match spread {
        Spread::Interval { coverage, .. } => Some(significant(coverage * 100.0)),
        Spread::Range { .. } => None,
    };
    match crate::conditions::distinct(spreads.filter_map(coverage)).as_slice() {
        [one] => text::interval_key(lang, one),
        _ => text::interval_at_least_key(lang).to_owned(),
    }
}
