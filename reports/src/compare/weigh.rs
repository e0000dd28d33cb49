//! The verdict on one figure of one cell.

use feedbench_record::summary::Cell;
use feedbench_record::verdict::Class;
use serde::{Serialize, Serializer};

use super::figure::{Figure, Unit};
use super::shift::{self, REPETITIONS_NEEDED, Shift};
use super::tables;

/// What two sides of a figure say. Two intervals that overlap do not make two figures equal, so no verdict says that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Less in B: the interval lies below no change.
    Better,
    /// More in B: the interval lies above no change.
    Worse,
    /// The interval holds no change, and maybe much else.
    NoDifferenceShown,
    /// There is no interval: too few repetitions were measured.
    NotEnoughRepetitions,
    /// A side has no such figure.
    NotMeasured,
    /// There is no interval, for invalid repetitions were left out.
    Invalid,
}

impl Verdict {
    /// The word for scripts.
    pub const fn id(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NoDifferenceShown => "no-difference-shown",
            Verdict::NotEnoughRepetitions => "not-enough-repetitions",
            Verdict::NotMeasured => "not-measured",
            Verdict::Invalid => "invalid",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// One side of a figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample {
    /// Each repetition that counts, in the order of measurement.
    pub values: Vec<f64>,
    /// Their median.
    pub median: Option<f64>,
    /// Those that were left out as invalid: in no median and in no interval.
    pub left_out: Vec<f64>,
}

/// One figure of a cell on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighed {
    /// Which.
    pub figure: Figure,
    /// What its values are counted in.
    pub unit: Unit,
    /// The side before.
    pub a: Sample,
    /// The side after.
    pub b: Sample,
    /// How many times as much B is (1 for no change); absent where a value is not above 0.
    pub ratio: Option<Shift>,
    /// How much more B is, in the unit.
    pub difference: Option<Shift>,
    /// What that says.
    pub verdict: Verdict,
    /// How many repetitions each side needs, where there are too few for a verdict.
    pub repetitions_needed: Option<usize>,
    /// What differs although it should not; empty where both sides can be compared.
    pub caveats: Vec<String>,
}

impl Weighed {
    /// Weighs the repetitions of both sides.
    pub(super) fn of(figure: Figure, a: &[Cell], b: &[Cell], caveats: &[String]) -> Weighed {
        let [a, b] = [a, b].map(|side| Sample::of(figure, side));
        // A share of no event is none.
        let ratio = (figure.unit() != Unit::Events).then(|| shift::ratio(&a.values, &b.values)).flatten();
        let difference = shift::difference(&a.values, &b.values);
        let verdict = verdict(&a, &b, difference);
        let too_few = matches!(verdict, Verdict::NotEnoughRepetitions | Verdict::Invalid);
        Weighed {
            figure,
            unit: figure.unit(),
            a,
            b,
            ratio,
            difference,
            verdict,
            repetitions_needed: too_few.then_some(REPETITIONS_NEEDED),
            caveats: caveats.to_vec(),
        }
    }

    /// The change from A to B for people: in percent, or where there is no ratio in the unit of the tables.
    pub(crate) fn change(&self) -> Option<String> {
        tables::change(self)
    }

    /// Has neither side such a figure?
    pub(crate) fn is_absent(&self) -> bool {
        self.a.is_absent() && self.b.is_absent()
    }
}

impl Sample {
    fn of(figure: Figure, cells: &[Cell]) -> Sample {
        let all = |counted: bool| {
            let cells = cells.iter().filter(move |cell| counts(figure, cell) == counted);
            cells.filter_map(|cell| figure.of(cell)).collect::<Vec<_>>()
        };
        let values = all(true);
        Sample { median: shift::median(&values), left_out: all(false), values }
    }

    fn is_absent(&self) -> bool {
        self.values.is_empty() && self.left_out.is_empty()
    }
}

/// Does the repetition count? An invalid one does not; but a loss is a reason against its cell, and what is lost is counted
/// all the same, unless the machine may be to blame.
fn counts(figure: Figure, cell: &Cell) -> bool {
    match figure {
        Figure::Lost => cell.verdict.of_class(Class::Timing).next().is_none(),
        _ => cell.verdict.valid,
    }
}

/// The order of figures is that of their logarithms: the interval of the ratio would give the same verdict.
fn verdict(a: &Sample, b: &Sample, difference: Option<Shift>) -> Verdict {
    match difference.and_then(|shift| shift.interval) {
        Some(interval) if interval.low > 0.0 => Verdict::Worse,
        Some(interval) if interval.high < 0.0 => Verdict::Better,
        Some(_) => Verdict::NoDifferenceShown,
        None if a.is_absent() || b.is_absent() => Verdict::NotMeasured,
        None if !(a.left_out.is_empty() && b.left_out.is_empty()) => Verdict::Invalid,
        None => Verdict::NotEnoughRepetitions,
    }
}
