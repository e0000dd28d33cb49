//! Lines through medians, with bands for their spreads, the repetitions as dots, and a label at each end.

use feedbench_record::Transport;
use plotters::style::text_anchor::HPos;

use super::curve::{Curve, Drawn};
use crate::charts::canvas::{Canvas, Point, Reading, Stroke};
use crate::charts::frame::{Chart, LABEL, Plan, Room, SMALL, base_line, bottom_title, left_axis, left_title};
use crate::charts::letters::{Letters, text_width};
use crate::charts::place::place;
use crate::charts::scale::Scale;
use crate::charts::scene::Scene;
use crate::estimate::{Estimate, Spread};
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::{plain, significant};
use crate::style::{self, GRID, INK, MUTED, Marker, Style, tint};
use crate::sweep::Axis;
use crate::table::{Align, Heading, Table};
use crate::text::{charts_sweep as text, common};

/// An axis whose largest value is so many times its smallest is logarithmic.
const X_DECADES: f64 = 8.0;
const Y_DECADES: f64 = 20.0;

/// What an axis shows.
#[derive(Clone, Copy)]
pub(crate) struct Quantity {
    pub(crate) name: &'static str,
    /// Empty for a number.
    pub(crate) unit: &'static str,
}

/// A line that was not measured here.
pub(crate) struct Thin {
    pub(crate) transport: Transport,
    /// What stands at its end; empty for none.
    pub(crate) label: String,
    pub(crate) points: Vec<Point>,
    pub(crate) dash: &'static [f64],
    /// Are its points figures, and not only the course of a formula?
    pub(crate) has_points: bool,
}

/// Everything that one chart draws.
pub(crate) struct Picture {
    /// Left to right.
    pub(crate) axis: Axis,
    pub(crate) y: Quantity,
    pub(crate) curves: Vec<Curve>,
    /// What the table has instead, where not every curve is drawn; otherwise empty.
    pub(crate) tabled: Vec<Curve>,
    pub(crate) thin: Vec<Thin>,
    /// Does a line join the points of a curve? Not where a thin one says how they lie.
    pub(crate) is_joined: bool,
    /// Where the vertical axis ends, if it is linear and has an end of its own.
    pub(crate) y_end: Option<f64>,
}

/// What a chart is called.
pub(crate) struct Words {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) notes: Vec<String>,
}

impl Picture {
    /// The chart; `None` when no curve has a point.
    pub(crate) fn chart(self, scene: &Scene<'_>, words: Words) -> Option<Chart> {
        if self.curves.iter().all(|curve| curve.spots.is_empty()) {
            return None;
        }
        let Look { lang, .. } = scene.look;
        let Words { name, title, description, mut notes } = words;
        notes.extend(self.notes(lang));
        let height = self.height(scene.look.medium);
        let plan = Plan { name, title, description, notes, data: self.data(lang), height };
        let (low, high) = self.heights();
        // Without a height above 0 there is no logarithm, and what has an end of its own is a share.
        if low <= 0.0 || self.y_end.is_some() {
            return Some(plan.draw(scene.look, &scene.caption, |canvas| self.draw(canvas, false)));
        }
        let first = high / low >= Y_DECADES;
        let name = |is_logarithmic| if is_logarithmic { text::logarithmic(lang) } else { text::linear(lang) };
        Some(plan.draw_either(
            scene.look,
            &scene.caption,
            [name(first), name(!first)],
            |canvas| self.draw(canvas, first),
            |canvas| self.draw(canvas, !first),
        ))
    }

    fn height(&self, medium: Medium) -> f64 {
        let usual = match medium {
            Medium::Page => 440.0,
            // A slide is low, and a column of a journal narrow.
            Medium::Slide => 350.0,
            Medium::Paper => 340.0,
        };
        let labels = self.curves.len() + self.thin.iter().filter(|thin| !thin.label.is_empty()).count();
        (labels as f64 * (LABEL + 5.0) + 80.0).max(usual)
    }

    fn x_named(&self, lang: Lang, is_logarithmic: bool) -> String {
        text::axis_title(lang, text::axis_name(lang, self.axis), text::axis_unit(lang, self.axis), is_logarithmic)
    }

    fn x_title(&self, lang: Lang) -> String {
        self.x_named(lang, self.x_is_logarithmic())
    }

    fn y_title(&self, lang: Lang, is_logarithmic: bool) -> String {
        text::axis_title(lang, self.y.name, self.y.unit, is_logarithmic)
    }

    /// What stands left to right and bottom to top, for those who do not see the drawing.
    pub(crate) fn description(&self, lang: Lang) -> String {
        let (low, high) = self.heights();
        let is_logarithmic = low > 0.0 && self.y_end.is_none() && high / low >= Y_DECADES;
        text::lines(lang, self.x_title(lang), self.y_title(lang, is_logarithmic))
    }

    fn values(&self) -> Vec<f64> {
        let moving = || self.curves.iter().filter(|curve| !curve.is_level);
        let thin = self.thin.iter().filter(|thin| thin.has_points).flat_map(|thin| &thin.points);
        let measured = moving().flat_map(|curve| curve.spots.iter().map(|spot| spot.0));
        let mut values: Vec<f64> = measured.chain(thin.map(|point| point.0)).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    fn x_is_logarithmic(&self) -> bool {
        let values = self.values();
        values.first().zip(values.last()).is_some_and(|(low, high)| *low > 0.0 && high / low >= X_DECADES)
    }

    /// The lowest and the highest that the vertical axis has to show.
    fn heights(&self) -> (f64, f64) {
        let measured = self.curves.iter().flat_map(|curve| curve.spots.iter().map(|spot| spot.1.bounds()));
        let thin = self.thin.iter().flat_map(|thin| thin.points.iter().map(|point| (point.1, point.1)));
        measured.chain(thin).fold((f64::INFINITY, 0.0), |(low, high), (a, b)| (low.min(a), high.max(b)))
    }

    fn notes(&self, lang: Lang) -> Vec<String> {
        let estimates = || self.curves.iter().flat_map(|curve| curve.spots.iter().map(|spot| &spot.1));
        let mut notes = Vec::new();
        let range = |of: &dyn Fn(&Estimate) -> bool| {
            let numbers = || estimates().filter(|estimate| of(estimate)).map(Estimate::n);
            let (low, high) = (numbers().min()?, numbers().max()?);
            Some(if low == high { low.to_string() } else { format!("{low}–{high}") })
        };
        if let Some(number) = range(&|estimate| matches!(estimate.spread, Some(Spread::Interval { .. }))) {
            let least = estimates().filter_map(|estimate| match estimate.spread {
                Some(Spread::Interval { coverage, .. }) => Some(coverage * 100.0),
                _ => None,
            });
            notes.push(text::interval_bands(lang, significant(least.fold(100.0, f64::min)), number));
        }
        if let Some(number) = range(&|estimate| matches!(estimate.spread, Some(Spread::Range { .. }))) {
            notes.push(text::range_bands(lang, number));
        }
        let invalid: Vec<_> = self
            .curves
            .iter()
            .flat_map(|curve| curve.spots.iter().map(move |spot| (curve, spot)))
            .filter(|(_, spot)| !spot.1.valid)
            .map(|(curve, &(x, _))| self.at_value(lang, curve, x))
            .collect();
        if !invalid.is_empty() {
            notes.push(text::invalid_points(lang, common::listed(lang, &invalid)));
        }
        let level = self.curves.iter().filter(|curve| curve.is_level);
        let level: Vec<_> =
            crate::conditions::distinct(level.map(|curve| common::transport(lang, curve.transport).to_owned()));
        if !level.is_empty() {
            notes.push(text::level_lines(lang, common::listed(lang, &level)));
        }
        notes
    }

    fn at_value(&self, lang: Lang, curve: &Curve, x: f64) -> String {
        if curve.is_level {
            return curve.label.clone();
        }
        text::at_value(lang, &curve.label, text::value_of(lang, self.axis, x))
    }

    fn reading(&self, lang: Lang, curve: &Curve, x: f64, estimate: &Estimate) -> String {
        let figure = text::with_unit(&significant(estimate.median), self.y.unit);
        let spread = estimate.spread.map(|spread| {
            let (low, high) = spread.ends();
            text::spread(lang, significant(low), significant(high), estimate.n())
        });
        let mark = (!estimate.valid).then(|| common::invalid(lang).to_owned());
        let parts = [Some(format!("{}: {figure}", self.at_value(lang, curve, x))), spread, mark];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Every point as a row.
    fn data(&self, lang: Lang) -> Table {
        let heading = |text: &str, align| Heading { text: text.to_owned(), align };
        let figure = text::axis_title(lang, self.y.name, self.y.unit, false);
        let header = vec![
            heading(common::cell(lang), Align::Left),
            heading(&self.x_named(lang, false), Align::Right),
            heading(&figure, Align::Right),
            heading(text::low(lang), Align::Right),
            heading(text::high(lang), Align::Right),
            heading(text::repetitions(lang), Align::Right),
            heading(text::invalid_repetitions(lang), Align::Right),
        ];
        let row = |curve: &Curve, x: f64, estimate: &Estimate| {
            let (low, high) = estimate.spread.map_or((estimate.median, estimate.median), Spread::ends);
            let counted = if estimate.valid { estimate.n() } else { 0 };
            let invalid = estimate.dots.iter().filter(|dot| !dot.valid).count();
            vec![
                curve.label.clone(),
                if curve.is_level { crate::table::ABSENT.to_owned() } else { plain(x) },
                significant(estimate.median),
                significant(low),
                significant(high),
                counted.to_string(),
                invalid.to_string(),
            ]
        };
        let curves = if self.tabled.is_empty() { &self.curves } else { &self.tabled };
        let rows = curves.iter().flat_map(|curve| curve.spots.iter().map(move |(x, e)| row(curve, *x, e)));
        Table { header, rows: rows.collect() }
    }

    fn draw(&self, canvas: &Canvas<'_>, y_is_logarithmic: bool) {
        let Look { lang, medium } = canvas.look();
        let (label_size, gap) = if medium == Medium::Paper { (SMALL, 36.0) } else { (LABEL, 50.0) };
        let curves: Vec<_> = self.curves.iter().filter(|curve| !curve.spots.is_empty()).collect();
        let labels = curves.iter().map(|curve| &curve.label).chain(self.thin.iter().map(|thin| &thin.label));
        let longest = labels.map(|label| text_width(label, label_size)).fold(0.0, f64::max);
        let right = (canvas.look().width() - gap - longest - 10.0).max(canvas.look().width() / 2.0);
        let bottom = self.height(medium) - 52.0;
        let y_title = y_title_lines(&self.y_title(lang, y_is_logarithmic), bottom - 12.0);
        let left = 84.0 + 16.0 * (y_title.len() as f64 - 1.0);
        let room = Room { left, top: 12.0, right, bottom };
        let x = self.x_scale().between(room.left + 14.0, room.right - 6.0);
        let (low, high) = self.heights();
        let y = if y_is_logarithmic {
            Scale::logarithmic(low, high)
        } else {
            Scale::linear(self.y_end.unwrap_or(if high > 0.0 { high * 1.05 } else { 1.0 }))
        };
        let y = y.between(room.bottom, room.top);
        value_axis(canvas, room, &x, &self.values());
        left_axis(canvas, room, &y, 6, true);
        base_line(canvas, (room.left, room.bottom), (room.right, room.bottom));
        bottom_title(canvas, room, &self.x_title(lang));
        for (line, title) in y_title.iter().enumerate() {
            left_title(canvas, 16.0 + 16.0 * line as f64, room, title);
        }

        let drawn = Drawn { x, y, room };
        // All bands first: one that is drawn later would cover the lines before it.
        for curve in &curves {
            canvas.series(curve.transport, &curve.label, &[], |canvas| drawn.band(canvas, curve));
        }
        for thin in &self.thin {
            let path: Vec<_> = thin.points.iter().map(|&(value, height)| (x.at(value), y.at(height))).collect();
            let colour = style::of(thin.transport).colour;
            canvas.series(thin.transport, &thin.label, &[], |canvas| {
                canvas.line(&path, Stroke { colour, width: 1.2, dash: thin.dash });
                for &at in path.iter().filter(|_| thin.has_points) {
                    canvas.marker(at, Marker::Circle, 2.2, colour);
                }
            });
        }
        let mut ends = Vec::new();
        for curve in &curves {
            let readings = curve.spots.iter().map(|(value, estimate)| Reading {
                at: drawn.at(curve, *value, estimate.median),
                text: self.reading(lang, curve, *value, estimate),
            });
            canvas.series(curve.transport, &curve.label, &readings.collect::<Vec<_>>(), |canvas| {
                drawn.line(canvas, curve, self.is_joined);
            });
            ends.push(drawn.end(curve));
        }
        let named: Vec<_> = self.thin.iter().filter(|thin| !thin.label.is_empty()).collect();
        ends.extend(named.iter().map(|thin| {
            thin.points.last().map_or((room.right, room.bottom), |&(value, height)| (x.at(value), y.at(height)))
        }));
        let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
        let placed = place(&wanted, label_size + 5.0, room.top + 4.0, room.bottom + 18.0);
        let measured = curves.iter().map(|curve| (curve.transport, &curve.label, true));
        let thin = named.iter().map(|thin| (thin.transport, &thin.label, false));
        for (((transport, label, is_measured), &end), middle) in measured.chain(thin).zip(&ends).zip(placed) {
            let at = (room.right + gap, middle);
            canvas.series(transport, label, &[], |canvas| {
                let Style { colour, marker, .. } = style::of(transport);
                // Through the data it must not be taken for a line.
                let leader = Stroke { colour: tint(colour, 0.7), width: 1.0, dash: &[2.0, 2.0] };
                canvas.line(&[end, (room.right + 4.0, end.1), (at.0 - 18.0, at.1), (at.0 - 12.0, at.1)], leader);
                if is_measured {
                    canvas.marker((at.0 - 9.0, at.1), marker, 4.2, colour);
                }
                canvas.text(at, label, Letters::new(label_size, if is_measured { INK } else { MUTED }));
            });
        }
    }

    fn x_scale(&self) -> Scale {
        let values = self.values();
        let (low, high) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(1.0));
        if self.x_is_logarithmic() {
            Scale::logarithmic(low, high / 1.02)
        } else {
            Scale::linear(if high > 0.0 { high } else { 1.0 })
        }
    }
}

/// The title of an axis, in two lines where it is longer than the axis: the name, and what stands in brackets.
fn y_title_lines(title: &str, height: f64) -> Vec<String> {
    let bracket = title.find(['(', '（']).filter(|_| text_width(title, SMALL) > height);
    match bracket {
        Some(at) => [&title[..at], &title[at..]].map(|line| line.trim().to_owned()).to_vec(),
        None => vec![title.to_owned()],
    }
}

/// The axis at the bottom, with a tick at every value that was measured.
fn value_axis(canvas: &Canvas<'_>, room: Room, x: &Scale, values: &[f64]) {
    let mut free_from = f64::NEG_INFINITY;
    for &value in values {
        let (at, text) = (x.at(value), plain(value));
        canvas.line(&[(at, room.top), (at, room.bottom)], Stroke { colour: GRID, width: 1.0, dash: &[] });
        let half = text_width(&text, SMALL) / 2.0;
        if at - half >= free_from {
            free_from = at + half + 6.0;
            canvas.text((at, room.bottom + 15.0), &text, Letters::new(SMALL, MUTED).anchored(HPos::Center));
        }
    }
}
