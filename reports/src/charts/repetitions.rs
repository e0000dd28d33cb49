//! How a chart tells of repetitions: in its data, in its notes, and where a reader points.

use super::canvas::{Canvas, Point as Place};
use crate::estimate::{Dot, Estimate, FEWEST, Spread};
use crate::lang::Lang;
use crate::number::significant;
use crate::set::{Item, Point};
use crate::style::{Marker, PAPER};
use crate::table::{ABSENT, Align, Heading};
use crate::text::charts_lines as text;
use plotters::style::RGBColor;

/// A share as people write it: `96.9`.
fn percent(share: f64) -> String {
    significant(share * 100.0)
}

/// A figure with how sure it is: `p99: 12.3 ms, range 11.9 to 12.8 ms, n = 3`.
pub(super) fn reading(lang: Lang, name: &str, estimate: &Estimate, unit: &str) -> String {
    let n = estimate.n();
    let spread = match estimate.spread {
        None => text::reading_alone(lang).to_owned(),
        Some(Spread::Range { low, high }) => text::reading_range(lang, significant(low), significant(high), unit, n),
        Some(Spread::Interval { low, high, coverage }) => {
            text::reading_interval(lang, significant(low), significant(high), unit, percent(coverage), n)
        }
    };
    text::reading(lang, name, significant(estimate.median), unit) + &spread
}

/// How medians, bands and dots came about; `None` where nothing was repeated. The numbers are of the repetitions that
/// count at each point.
pub(super) fn note(lang: Lang, counts: &[usize]) -> Option<String> {
    let (low, high) = (counts.iter().copied().min()?, counts.iter().copied().max()?);
    let between = if low == high { low.to_string() } else { text::from_to(lang, low, high) };
    match (low, high) {
        (_, ..=1) => None,
        (_, high) if high < FEWEST => Some(text::repetitions_range(lang, between, FEWEST)),
        (low, _) if low >= FEWEST => Some(text::repetitions_interval(lang, between)),
        _ => Some(text::repetitions_mixed(lang, between, FEWEST)),
    }
}

/// The columns of a figure in the data of a chart: the median, how sure it is, and each repetition.
pub(super) struct Columns {
    lang: Lang,
    unit: String,
    /// Those that occur, in ascending order.
    repetitions: Vec<u32>,
}

impl Columns {
    pub(super) fn of(lang: Lang, points: &[Point<'_>], unit: &str) -> Columns {
        let items = points.iter().flat_map(Point::items);
        let mut repetitions: Vec<_> = items.map(|item| item.record.repetition).collect();
        repetitions.sort_unstable();
        repetitions.dedup();
        Columns { lang, unit: unit.to_owned(), repetitions }
    }

    pub(super) fn headings(&self) -> Vec<Heading> {
        let (lang, unit) = (self.lang, self.unit.as_str());
        let figures = [text::median(lang, unit), text::low(lang, unit), text::high(lang, unit)];
        let each = self.repetitions.iter().map(|number| right(text::one_repetition(lang, number, unit)));
        let mut headings = figures.map(right).to_vec();
        headings.push(left(text::low_and_high_are(lang)));
        headings.push(right(text::repetitions(lang).to_owned()));
        headings.extend(each);
        headings.push(left(text::invalid_repetitions(lang)));
        headings
    }

    /// The texts of one point, whose repetitions have this figure. Those that `counted` has are the estimate's.
    pub(super) fn texts<'a>(
        &self,
        point: &Point<'a>,
        counted: Option<&Estimate>,
        figure: impl Fn(&Item<'a>) -> Option<f64>,
    ) -> Vec<String> {
        let absent = || ABSENT.to_owned();
        let mut texts = match counted {
            None => vec![absent(), absent(), absent(), absent(), "0".to_owned()],
            Some(estimate) => {
                let ends = estimate.spread.map(Spread::ends);
                let kind = match estimate.spread {
                    None => absent(),
                    Some(Spread::Range { .. }) => text::range(self.lang).to_owned(),
                    Some(Spread::Interval { coverage, .. }) => text::interval_of(self.lang, percent(coverage)),
                };
                let end = |end: Option<f64>| end.map_or_else(absent, significant);
                let (low, high) = (end(ends.map(|ends| ends.0)), end(ends.map(|ends| ends.1)));
                vec![significant(estimate.median), low, high, kind, estimate.n().to_string()]
            }
        };
        let of = |number: u32| point.items().iter().find(|item| item.record.repetition == number);
        let value = |&number: &u32| of(number).and_then(&figure).map_or_else(absent, significant);
        texts.extend(self.repetitions.iter().map(value));
        let invalid = point.items().iter().filter(|item| !item.valid()).map(|item| item.record.repetition.to_string());
        let invalid = invalid.collect::<Vec<_>>().join(" ");
        texts.push(if invalid.is_empty() { absent() } else { invalid });
        texts
    }
}

/// The heading of names.
pub(super) fn left(text: impl Into<String>) -> Heading {
    Heading { text: text.into(), align: Align::Left }
}

/// The heading of numbers.
pub(super) fn right(text: impl Into<String>) -> Heading {
    Heading { text: text.into(), align: Align::Right }
}

/// One repetition's value: filled where it counts, hollow where it is invalid.
pub(super) fn dot(canvas: &Canvas<'_>, at: Place, dot: Dot, colour: RGBColor) {
    canvas.marker(at, Marker::Circle, if dot.valid { 1.9 } else { 2.7 }, colour);
    if !dot.valid {
        canvas.marker(at, Marker::Circle, 0.4, PAPER);
    }
}

/// A transport's marker with nothing inside: no valid repetition stands behind it.
pub(super) fn hollow(canvas: &Canvas<'_>, at: Place, marker: Marker, radius: f64, colour: RGBColor) {
    canvas.marker(at, marker, radius + 0.8, colour);
    canvas.marker(at, marker, radius - 2.4, PAPER);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Estimate {
        Estimate::of(values.iter().map(|&value| Dot { value, valid: true }).collect()).unwrap()
    }

    #[test]
    fn a_note_says_interval_only_where_there_are_enough_repetitions() {
        let note = |counts: &[usize]| note(Lang::En, counts).unwrap_or_default();
        assert_eq!(note(&[1, 1]), "");
        assert!(note(&[3, 5]).contains("medians over 3 to 5 valid repetitions, bands their range"));
        assert!(!note(&[3, 5]).contains("95 %"));
        assert!(note(&[6, 6]).contains("medians over 6 valid repetitions, bands their intervals"));
        assert!(note(&[2, 10]).contains("or their range where there are fewer than 6"));
    }

    #[test]
    fn a_reading_says_how_sure_it_is() {
        let reading = |values: &[f64]| reading(Lang::En, "p99", &of(values), "ms");
        assert_eq!(reading(&[2.0]), "p99: 2.00 ms, n = 1");
        assert_eq!(reading(&[2.0, 4.0, 3.0]), "p99: 3.00 ms, range 2.00 to 4.00 ms, n = 3");
        let six = reading(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(six, "p99: 3.50 ms, 96.9 % interval 1.00 to 6.00 ms, n = 6");
    }
}
