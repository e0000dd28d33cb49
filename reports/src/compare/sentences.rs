//! A comparison in sentences. Each is made from its figures, and says no more than they do.

use super::tables::change;
use super::{ComparedCell, Comparison, Judged, Outcome, Verdict};
use crate::lang::Lang;
use crate::text::common::{counted, listed};
use crate::text::compare as text;

impl Comparison {
    /// What a reader has to know before the first figure: what is not comparable, what is invalid.
    pub fn notices(&self) -> Vec<String> {
        let lang = self.lang;
        let differences = super::by_difference(&self.cells).into_iter().map(|(difference, cells)| {
            let what = text::caveat(lang, &difference.name, &difference.a, &difference.b);
            text::not_comparable(lang, what, listed(lang, &cells))
        });
        let invalid: Vec<_> = self.cells.iter().filter_map(|cell| invalid(cell, lang)).collect();
        let invalid = (!invalid.is_empty()).then(|| text::invalid_cells(lang, listed(lang, &invalid)));
        differences.chain(invalid).collect()
    }

    /// What was found, cell by cell, and what cannot be said.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![self.tally()];
        for cell in &self.cells {
            sentences.extend(self.shown(cell, Verdict::Worse).map(|list| text::worse_in(self.lang, &cell.label, list)));
            sentences
                .extend(self.shown(cell, Verdict::Better).map(|list| text::better_in(self.lang, &cell.label, list)));
        }
        if self.figures().any(|(_, weighed)| matches!(weighed.verdict, Verdict::Better | Verdict::Worse)) {
            sentences.push(text::by_chance(self.lang).to_owned());
        }
        sentences.extend(self.too_few());
        for (side, cells) in [("A", &self.only_in_a), ("B", &self.only_in_b)] {
            let is_there = !cells.is_empty();
            sentences.extend(is_there.then(|| text::only_in(self.lang, side, listed(self.lang, cells))));
        }
        if self.steps_left_out > 0 {
            let records = counted(self.lang, self.steps_left_out as u64, "record", "records", "条记录");
            sentences.push(text::steps(self.lang, records));
        }
        sentences
    }

    /// What each bound says, and all of them together; empty without bounds.
    pub fn judgements(&self) -> Vec<String> {
        let lang = self.lang;
        let one = |Judged { bound, cell, verdict, outcome }: &Judged| {
            let cell = cell.as_deref().unwrap_or(text::no_cell(lang));
            text::bound_at(lang, bound, cell, text::outcome(lang, *outcome), text::verdict(lang, *verdict))
        };
        let has_invalid = self.cells.iter().any(|cell| cell.a.invalid + cell.b.invalid > 0);
        let outcome = text::outcome(lang, self.outcome);
        let overall = match self.outcome {
            Outcome::CannotTell if has_invalid => text::overall_invalid(lang, outcome),
            _ => text::overall(lang, outcome),
        };
        let all = (!self.bounds.is_empty()).then_some(overall);
        self.bounds.iter().map(one).chain(all).collect()
    }

    fn tally(&self) -> String {
        let count =
            |wanted: &[Verdict]| self.measured().filter(|(_, weighed)| wanted.contains(&weighed.verdict)).count();
        let figures = self.measured().count();
        let figures = counted(self.lang, figures as u64, "figure", "figures", "项指标");
        let cells = counted(self.lang, self.cells.len() as u64, "cell", "cells", "个单元");
        let [better, worse, neither] =
            [Verdict::Better, Verdict::Worse, Verdict::NoDifferenceShown].map(|verdict| count(&[verdict]));
        let open = count(&[Verdict::NotEnoughRepetitions, Verdict::NotMeasured, Verdict::Invalid]);
        let mut tally = joined(
            self.lang,
            text::summary(self.lang, figures, cells),
            &text::tally(self.lang, better, worse, neither),
        );
        if open > 0 {
            tally = joined(self.lang, tally, &text::open(self.lang, open));
        }
        tally
    }

    /// The figures of a cell with a verdict; `None` where there is none.
    fn shown(&self, cell: &ComparedCell, verdict: Verdict) -> Option<String> {
        let named = cell.figures.iter().filter(|weighed| weighed.verdict == verdict).filter_map(|weighed| {
            let name = if weighed.ratio.is_some() { text::share_of } else { text::figure };
            Some(text::changed(self.lang, name(self.lang, weighed.figure), change(weighed)?))
        });
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| listed(self.lang, &named))
    }

    fn too_few(&self) -> Option<String> {
        let few = |cell: &&ComparedCell| cell.figures.iter().any(|weighed| weighed.repetitions_needed.is_some());
        let told = |cell: &ComparedCell| text::repetitions(self.lang, &cell.label, cell.a.counted(), cell.b.counted());
        let cells: Vec<_> = self.cells.iter().filter(few).map(told).collect();
        let needed = super::REPETITIONS_NEEDED;
        (!cells.is_empty()).then(|| text::too_few(self.lang, listed(self.lang, &cells), needed))
    }
}

impl super::Repetitions {
    /// Those that count.
    pub(super) fn counted(self) -> usize {
        self.measured - self.invalid
    }
}

fn invalid(cell: &ComparedCell, lang: Lang) -> Option<String> {
    let (a, b) = (cell.a, cell.b);
    (a.invalid + b.invalid > 0)
        .then(|| text::invalid_of(lang, &cell.label, a.invalid, a.measured, b.invalid, b.measured))
}

/// Two sentences one after the other.
fn joined(lang: Lang, one: String, other: &str) -> String {
    match lang {
        Lang::En => format!("{one} {other}"),
        Lang::Zh => one + other,
    }
}
