//! One figure over the repetitions of a point.
//!
//! The figure is the **median** of the valid repetitions: no mean, which one disturbed run can move at will, and never the
//! best of them. From six repetitions on it has an **interval from order statistics**: of n independent values of one
//! continuous distribution, the number below its median is binomial (n, 1/2), so the k-th smallest and the k-th largest hold
//! the median between them with the probability 1 - 2 P(B < k), whatever the distribution (H. A. David and H. N. Nagaraja,
//! Order Statistics, 3rd edition, section 7.1). The largest k that covers 95 % is taken: at six the smallest and the largest
//! value cover 96.9 %. At five they would cover 93.8 %, at three 75 %; so few repetitions have a range and no interval.

/// The fewest repetitions that have an interval.
pub(crate) const FEWEST: usize = 6;
/// What an interval covers at least.
const COVERAGE: f64 = 0.95;

/// How far the repetitions lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spread {
    /// Holds the median of the distribution with this probability.
    Interval { low: f64, high: f64, coverage: f64 },
    /// The smallest and the largest of too few values for an interval.
    Range { low: f64, high: f64 },
}

impl Spread {
    /// Both ends.
    pub(crate) fn ends(self) -> (f64, f64) {
        match self {
            Spread::Interval { low, high, .. } | Spread::Range { low, high } => (low, high),
        }
    }

    /// `[low – high]` for an interval, `(low – high)` for a range.
    pub(crate) fn text(self, shown: impl Fn(f64) -> String) -> String {
        match self {
            Spread::Interval { low, high, .. } => format!("[{} – {}]", shown(low), shown(high)),
            Spread::Range { low, high } => format!("({} – {})", shown(low), shown(high)),
        }
    }
}

/// One repetition's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dot {
    pub(crate) value: f64,
    /// Is the repetition's cell valid? Only such values count.
    pub(crate) valid: bool,
}

/// A figure over repetitions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) median: f64,
    /// `None` where there is one value.
    pub(crate) spread: Option<Spread>,
    /// Every repetition that has a value, in their order.
    pub(crate) dots: Vec<Dot>,
    /// Do valid repetitions stand behind it? Where there is none, the invalid ones do, and the figure is marked.
    pub(crate) valid: bool,
}

impl Estimate {
    /// The figure of these repetitions; `None` where none has a value.
    pub(crate) fn of(dots: Vec<Dot>) -> Option<Estimate> {
        let valid = dots.iter().any(|dot| dot.valid);
        let mut values: Vec<f64> = dots.iter().filter(|dot| dot.valid == valid).map(|dot| dot.value).collect();
        values.sort_by(f64::total_cmp);
        Some(Estimate { median: median(&values)?, spread: spread(&values), dots, valid })
    }

    /// The number of repetitions that count.
    pub(crate) fn n(&self) -> usize {
        self.dots.iter().filter(|dot| dot.valid == self.valid).count()
    }

    /// The lowest and the highest value that a drawing has to have room for.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        let values = || self.dots.iter().map(|dot| dot.value);
        (values().fold(self.median, f64::min), values().fold(self.median, f64::max))
    }
}

/// The middle of sorted values, or the mean of both middle ones.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

fn spread(sorted: &[f64]) -> Option<Spread> {
    let (&low, &high) = (sorted.first()?, sorted.last()?);
    match sorted.len() {
        1 => None,
        few if few < FEWEST => Some(Spread::Range { low, high }),
        many => {
            let (k, coverage) = interval(many);
            Some(Spread::Interval { low: sorted[k - 1], high: sorted[many - k], coverage })
        }
    }
}

/// The largest k (from 1) for which the k-th smallest and the k-th largest of n values cover 95 %, and what they cover.
fn interval(n: usize) -> (usize, f64) {
    // P(B = 0) for B binomial (n, 1/2); each next one by the ratio of the binomial coefficients.
    let mut point = 0.5f64.powi(n as i32);
    let (mut below, mut best) = (0.0, (1, 1.0 - 2.0 * point));
    for k in 1..=n / 2 {
        below += point;
        point *= (n - k + 1) as f64 / k as f64;
        let coverage = 1.0 - 2.0 * below;
        if coverage < COVERAGE {
            break;
        }
        best = (k, coverage);
    }
    best
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Estimate {
        Estimate::of(values.iter().map(|&value| Dot { value, valid: true }).collect()).unwrap()
    }

    #[test]
    fn an_interval_needs_six_repetitions() {
        assert_eq!(of(&[3.0]).spread, None);
        assert_eq!(of(&[5.0, 1.0, 2.0, 4.0, 3.0]).spread, Some(Spread::Range { low: 1.0, high: 5.0 }));
        let Some(Spread::Interval { low, high, coverage }) = of(&[6.0, 5.0, 1.0, 2.0, 4.0, 3.0]).spread else {
            panic!("six have an interval");
        };
        assert_eq!((low, high), (1.0, 6.0));
        assert!((coverage - 0.968_75).abs() < 1e-12, "{coverage}");
    }

    #[test]
    fn the_ranks_are_those_of_the_published_tables() {
        // Conover, Practical Nonparametric Statistics, table of the binomial distribution at 1/2.
        for (n, k) in [(6, 1), (8, 1), (9, 2), (10, 2), (12, 3), (15, 4), (20, 6), (30, 10)] {
            assert_eq!(interval(n).0, k, "{n}");
        }
        assert!((interval(10).1 - 0.978_515_625).abs() < 1e-12);
    }

    #[test]
    fn an_invalid_repetition_is_kept_as_a_dot_and_does_not_count() {
        let dots = [(1.0, true), (100.0, false), (3.0, true)].map(|(value, valid)| Dot { value, valid });
        let estimate = Estimate::of(dots.to_vec()).unwrap();
        assert_eq!((estimate.median, estimate.n(), estimate.dots.len(), estimate.valid), (2.0, 2, 3, true));
        let none = Estimate::of(vec![Dot { value: 7.0, valid: false }]).unwrap();
        assert_eq!((none.median, none.valid), (7.0, false));
        assert_eq!(Estimate::of(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn the_median_lies_within_its_spread(values in proptest::collection::vec(-1e6f64..1e6, 2..40)) {
            let estimate = of(&values);
            let (low, high) = estimate.spread.unwrap().ends();
            prop_assert!(low <= estimate.median && estimate.median <= high);
            prop_assert!(estimate.bounds().0 <= low && high <= estimate.bounds().1);
        }

        #[test]
        fn an_interval_covers_at_least_what_it_says_and_its_narrower_neighbour_does_not(n in 6usize..400) {
            let (k, coverage) = interval(n);
            prop_assert!(coverage >= COVERAGE && k <= n / 2);
            // By sums of binomial probabilities through logarithms, another way than above.
            let ln_choose = |r: usize| (1..=r).map(|i| ((n - r + i) as f64 / i as f64).ln()).sum::<f64>();
            let tail = |k: usize| (0..k).map(|r| (ln_choose(r) - n as f64 * 2f64.ln()).exp()).sum::<f64>();
            prop_assert!((1.0 - 2.0 * tail(k) - coverage).abs() < 1e-9);
            prop_assert!(1.0 - 2.0 * tail(k + 1) < COVERAGE);
        }
    }
}
