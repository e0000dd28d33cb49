//! A comparison as rows: for the terminal, Markdown, CSV and the page.

use super::{ComparedCell, Comparison, Difference, Figure, Sample, Shift, Verdict, Weighed};
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::compare as text;

fn headings<const L: usize, const R: usize>(left: [String; L], right: [String; R]) -> Vec<Heading> {
    let of = |text, align| Heading { text, align };
    let left = left.into_iter().map(|text| of(text, Align::Left));
    left.chain(right.into_iter().map(|text| of(text, Align::Right))).collect()
}

impl Comparison {
    /// Every figure of every cell that at least one side has: both medians, the change, its interval and the verdict. What
    /// is not comparable says why in a column of its own.
    pub fn table(&self) -> Table {
        self.table_of(self.measured())
    }

    /// Is the figure in this row of the table worse?
    pub fn is_worse(&self, row: usize) -> bool {
        self.measured().nth(row).is_some_and(|(_, weighed)| weighed.verdict == Verdict::Worse)
    }

    /// The figures that at least one side has.
    pub(super) fn measured(&self) -> impl Iterator<Item = (&ComparedCell, &Weighed)> {
        self.figures().filter(|(_, weighed)| !weighed.is_absent())
    }

    /// The figures of one cell.
    pub(super) fn table_of_cell(&self, cell: &ComparedCell) -> Table {
        let figures = cell.figures.iter().filter(|weighed| !weighed.is_absent()).map(|weighed| (cell, weighed));
        let mut table = self.table_of(figures);
        table.header.remove(0);
        table.rows.iter_mut().for_each(|row| drop(row.remove(0)));
        table
    }

    fn table_of<'c>(&self, figures: impl Iterator<Item = (&'c ComparedCell, &'c Weighed)>) -> Table {
        let lang = self.lang;
        let mut header = headings(
            [text::cell(lang), text::figure_head(lang)].map(str::to_owned),
            [
                text::side_head(lang, "A"),
                text::side_head(lang, "B"),
                text::change_head(lang).to_owned(),
                text::interval_head(lang).to_owned(),
            ],
        );
        header.push(Heading { text: text::verdict_head(lang).to_owned(), align: Align::Left });
        if !self.comparable {
            header.push(Heading { text: text::caveat_head(lang).to_owned(), align: Align::Left });
        }
        let row = |(cell, weighed): (&ComparedCell, &Weighed)| {
            let mut row = vec![
                cell.label.clone(),
                text::figure(lang, weighed.figure).to_owned(),
                sampled(weighed.figure, &weighed.a, lang),
                sampled(weighed.figure, &weighed.b, lang),
                change(weighed).unwrap_or(ABSENT.to_owned()),
                interval(weighed, lang).unwrap_or(ABSENT.to_owned()),
                verdict(weighed, lang),
            ];
            if !self.comparable {
                let caveats = weighed.caveats.join("; ");
                row.push(if caveats.is_empty() { ABSENT.to_owned() } else { caveats });
            }
            row
        };
        Table { header, rows: figures.map(row).collect() }
    }

    /// Every bound at every cell; no rows without bounds.
    pub(super) fn table_of_bounds(&self) -> Table {
        let lang = self.lang;
        let header = headings(
            [text::bound_head(lang), text::cell(lang), text::outcome_head(lang), text::verdict_head(lang)]
                .map(str::to_owned),
            [],
        );
        let row = |judged: &super::Judged| {
            vec![
                judged.bound.to_string(),
                judged.cell.clone().unwrap_or(ABSENT.to_owned()),
                text::outcome(lang, judged.outcome).to_owned(),
                text::verdict(lang, judged.verdict).to_owned(),
            ]
        };
        Table { header, rows: self.bounds.iter().map(row).collect() }
    }

    /// Tool, libraries and seeds, where they are not the same.
    pub(super) fn table_of_changes(&self) -> Table {
        let header = headings([text::what_head(self.lang), "A", "B"].map(str::to_owned), []);
        let row = |Difference { name, a, b }: &Difference| vec![name.clone(), a.clone(), b.clone()];
        Table { header, rows: self.changes.iter().map(row).collect() }
    }
}

/// A value in the unit of the tables.
pub(super) fn shown(figure: Figure, value: f64) -> f64 {
    match figure {
        Figure::P50 | Figure::P90 | Figure::P99 | Figure::P999 | Figure::Mean => value / 1_000.0,
        Figure::Memory | Figure::LoadgenMemory => value / 1_024.0,
        Figure::Bytes | Figure::Overhead | Figure::Ip | Figure::Cpu | Figure::LoadgenCpu | Figure::Lost => value,
    }
}

fn amount(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Lost if value.fract() == 0.0 && value >= 0.0 => grouped(value as u64),
        _ => significant(shown(figure, value)),
    }
}

fn sampled(figure: Figure, sample: &Sample, lang: Lang) -> String {
    sample.median.map_or(ABSENT.to_owned(), |median| text::sampled(lang, amount(figure, median), sample.values.len()))
}

fn signed(text: &str, number: f64) -> String {
    if number > 0.0 { format!("+{text}") } else { text.to_owned() }
}

/// A ratio as a change: `+12.3 %`.
fn percent(ratio: f64) -> String {
    let share = (ratio - 1.0) * 100.0;
    // Beyond a thousandth of a percent there is only rounding.
    let share = if share.abs() < 0.001 { 0.0 } else { share };
    format!("{} %", signed(&significant(share), share))
}

/// How a value of the change is written, and from which shift it is taken.
fn scale(weighed: &Weighed) -> Option<(Shift, impl Fn(f64) -> String)> {
    let figure = weighed.figure;
    let is_ratio = weighed.ratio.is_some();
    let text = move |value: f64| if is_ratio { percent(value) } else { signed(&amount(figure, value), value) };
    Some((weighed.ratio.or(weighed.difference)?, text))
}

/// The change from A to B: in percent, or where there is no ratio in the figure's unit.
pub(super) fn change(weighed: &Weighed) -> Option<String> {
    scale(weighed).map(|(shift, text)| text(shift.estimate))
}

/// The interval of the change; `None` with too few repetitions.
pub(super) fn interval(weighed: &Weighed, lang: Lang) -> Option<String> {
    let (shift, of) = scale(weighed)?;
    let interval = shift.interval?;
    Some(text::range(lang, of(interval.low), of(interval.high)))
}

/// The verdict, with what is missing, and what was left out.
pub(super) fn verdict(weighed: &Weighed, lang: Lang) -> String {
    let Weighed { a, b, .. } = weighed;
    let mut words = text::verdict(lang, weighed.verdict).to_owned();
    if let Some(needed) = weighed.repetitions_needed {
        words = text::counted_verdict(lang, words, a.values.len(), b.values.len(), needed);
    }
    match (a.left_out.len(), b.left_out.len()) {
        (0, 0) => words,
        (of_a, of_b) => text::left_out(lang, words, of_a, of_b),
    }
}
