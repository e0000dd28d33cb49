//! What bounds say about a comparison, and how the command ends.
//!
//! A bound is passed over by a figure that is *shown* to be worse, its interval lying above no change, and whose estimate is
//! above the bound. An estimate alone is no regression, for it may be noise; and to ask that the whole interval be above the
//! bound would need many repetitions to find what is just above it.

use serde::Serialize;

use super::bound::{Bound, Limit};
use super::weigh::{Verdict, Weighed};
use super::{ComparedCell, Figure};

/// What a bound, or all of them, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// No figure is shown to be worse by more than its bound.
    Passed,
    /// One is.
    Failed,
    /// A cell was invalid, or there are too few repetitions, or the figure was not measured.
    CannotTell,
}

/// A bound at one cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The bound.
    pub bound: Bound,
    /// The cell; absent where no cell has such a figure.
    pub cell: Option<String>,
    /// The verdict on the figure.
    pub verdict: Verdict,
    /// What follows.
    pub outcome: Outcome,
}

/// Every bound at every cell that has its figure.
pub(super) fn judge(bounds: &[Bound], cells: &[ComparedCell]) -> Vec<Judged> {
    bounds.iter().flat_map(|bound| judge_one(bound, cells)).collect()
}

fn judge_one(bound: &Bound, cells: &[ComparedCell]) -> Vec<Judged> {
    let judged: Vec<_> = cells
        .iter()
        .flat_map(|cell| cell.figures.iter().map(move |figure| (cell, figure)))
        .filter(|(_, weighed)| weighed.figure == bound.figure && !weighed.is_absent())
        .map(|(cell, weighed)| Judged {
            bound: bound.clone(),
            cell: Some(cell.label.clone()),
            verdict: weighed.verdict,
            outcome: outcome(bound.limit, weighed),
        })
        .collect();
    if !judged.is_empty() {
        return judged;
    }
    let (verdict, outcome) = (Verdict::NotMeasured, Outcome::CannotTell);
    vec![Judged { bound: bound.clone(), cell: None, verdict, outcome }]
}

fn outcome(limit: Limit, weighed: &Weighed) -> Outcome {
    let (grown, allowed) = match limit {
        Limit::Percent(share) => (weighed.ratio.map(|ratio| (ratio.estimate - 1.0) * 100.0), share),
        Limit::Absolute(amount) => (weighed.difference.map(|difference| difference.estimate), amount),
    };
    match (weighed.verdict, grown) {
        (Verdict::Better | Verdict::NoDifferenceShown, _) => Outcome::Passed,
        (Verdict::Worse, Some(grown)) if grown > allowed => Outcome::Failed,
        (Verdict::Worse, Some(_)) => Outcome::Passed,
        // Percent of nothing.
        (Verdict::Worse, None) => Outcome::CannotTell,
        (Verdict::NotEnoughRepetitions | Verdict::NotMeasured | Verdict::Invalid, _) => Outcome::CannotTell,
    }
}

/// What all of it says. A machine that made one cell invalid may have slowed the others: then nothing is a regression, but
/// for events that were lost where nothing disturbed, which no machine excuses.
pub(super) fn overall(judged: &[Judged], has_invalid: bool) -> Outcome {
    let failed = |judged: &&Judged| judged.outcome == Outcome::Failed;
    if judged.iter().filter(failed).any(|judged| judged.bound.figure == Figure::Lost) {
        Outcome::Failed
    } else if has_invalid {
        Outcome::CannotTell
    } else if judged.iter().any(|judged| failed(&judged)) {
        Outcome::Failed
    } else if judged.iter().any(|judged| judged.outcome == Outcome::CannotTell) {
        Outcome::CannotTell
    } else {
        Outcome::Passed
    }
}
