//! A figure over repetitions, as texts and as rows.

use super::{Bar, Fill, Part};
use crate::estimate::{Dot, Estimate, Spread};
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::number::significant;
use crate::set::Point;
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::{charts_bars as text, common};

/// A figure with its unit.
#[derive(Clone, Copy)]
pub(in super::super) struct Figure<'u> {
    pub(in super::super) look: Look,
    /// Behind the number, with the space before it: ` µs`, `/s`.
    pub(in super::super) unit: &'u str,
}

impl Figure<'_> {
    /// A bar as long as the median, with its text and its reading.
    pub(in super::super) fn bar(self, name: &str, estimate: Estimate, fill: Fill) -> Bar {
        Bar {
            parts: vec![Part::plain(estimate.median, fill)],
            text: self.text(&estimate),
            reading: self.reading(name, &estimate),
            estimate: Some(estimate),
            expected: None,
        }
    }

    /// At a bar's end: the median, with the number of repetitions if there are more than one. In a column of a journal the
    /// number alone: the axis has its unit.
    pub(in super::super) fn text(self, estimate: &Estimate) -> String {
        let median = significant(estimate.median);
        match self.look.medium {
            Medium::Paper => median,
            Medium::Page | Medium::Slide => {
                with_repetitions(self.look.lang, format!("{median}{}", self.unit), estimate)
            }
        }
    }

    /// For a reader who points at it: with its spread.
    pub(in super::super) fn reading(self, name: &str, estimate: &Estimate) -> String {
        let lang = self.look.lang;
        let value = format!("{}{}", significant(estimate.median), self.unit);
        let value = match estimate.spread {
            None => value,
            Some(spread) => {
                let (low, high) = spread.ends();
                let kind = kind(lang, Some(spread));
                text::reading(lang, value, kind, significant(low), significant(high), estimate.n())
            }
        };
        if name.is_empty() { value } else { format!("{name}{}{value}", text::colon(lang)) }
    }
}

/// A text with the number of repetitions behind it, if there are more than one.
pub(in super::super) fn with_repetitions(lang: Lang, text: String, estimate: &Estimate) -> String {
    if estimate.dots.len() > 1 { format!("{text}{}n = {}", common::label_comma(lang), estimate.n()) } else { text }
}

/// What a spread is, in a word.
fn kind(lang: Lang, spread: Option<Spread>) -> String {
    match spread {
        None => ABSENT.to_owned(),
        Some(Spread::Interval { coverage, .. }) => text::interval(lang, significant(coverage * 100.0)),
        Some(Spread::Range { .. }) => text::range(lang).to_owned(),
    }
}

/// A row of a chart's data: one figure of one point. `name` has the unit.
pub(in super::super) fn row(point: &Point<'_>, name: &str, estimate: Option<&Estimate>) -> Vec<String> {
    figures(&point.marked_label(), name, estimate, point.lang())
}

/// What theory expects of a point, among the rows of what was measured.
pub(in super::super) fn row_of_theory(point: &Point<'_>, name: &str, expected: Option<f64>) -> Vec<String> {
    let mut row = figures(&point.marked_label(), name, None, point.lang());
    row[2] = expected.map_or_else(|| ABSENT.to_owned(), significant);
    ABSENT.clone_into(&mut row[6]);
    row
}

/// The same of anything that has a label.
pub(in super::super) fn figures(label: &str, name: &str, estimate: Option<&Estimate>, lang: Lang) -> Vec<String> {
    let mut row = vec![label.to_owned(), name.to_owned()];
    let Some(estimate) = estimate else {
        row.extend([(); 4].map(|()| ABSENT.to_owned()));
        row.extend(["0".to_owned(), ABSENT.to_owned()]);
        return row;
    };
    let ends = estimate.spread.map(Spread::ends);
    let shown = |end: Option<f64>| end.map_or_else(|| ABSENT.to_owned(), significant);
    row.push(significant(estimate.median));
    row.extend([shown(ends.map(|ends| ends.0)), shown(ends.map(|ends| ends.1))]);
    row.push(kind(lang, estimate.spread));
    row.push(estimate.n().to_string());
    let repetition = |dot: &Dot| {
        let mark = if dot.valid { String::new() } else { format!(" {}", common::invalid(lang)) };
        format!("{}{mark}", significant(dot.value))
    };
    row.push(estimate.dots.iter().map(repetition).collect::<Vec<_>>().join("; "));
    row
}

/// The data of a chart from its rows: median, lower and upper end and what they are, how many repetitions count, and
/// every repetition.
pub(in super::super) fn data(lang: Lang, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let heading = |(text, align): (&str, Align)| Heading { text: text.to_owned(), align };
    let header = [
        (common::cell(lang), Align::Left),
        (text::figure(lang), Align::Left),
        (text::median(lang), Align::Right),
        (text::low(lang), Align::Right),
        (text::high(lang), Align::Right),
        (text::kind(lang), Align::Left),
        (text::number(lang), Align::Right),
        (text::repetitions(lang), Align::Left),
    ];
    Table { header: header.map(heading).to_vec(), rows: rows.into_iter().collect() }
}
