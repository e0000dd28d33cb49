//! How far one sample lies from another one: the estimate of Hodges and Lehmann, with the interval that belongs to the
//! rank-sum test of Wilcoxon, Mann and Whitney.
//!
//! Of samples `a` (m figures) and `b` (n figures) take all m × n differences `b - a`. The estimate is their median; the
//! interval runs from the k-th smallest to the k-th largest. The number of differences below the true shift is the
//! statistic U, and its distribution is the same whatever the figures' own one: all orders in which m and n figures can
//! stand are equally likely. So the interval covers the true shift with probability `1 - 2 P(U < k)`, or more where
//! figures are equal. Nothing is assumed but that the repetitions are independent and that `b` is `a` moved, in its form
//! unchanged. See Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, sections 4.1 to 4.3.
//!
//! Ratios are shifts of logarithms. The logarithm keeps the order, so a difference is shown by both or by neither.

use serde::Serialize;

/// An interval covers at least this share of the time.
pub const CONFIDENCE: f64 = 0.95;

/// So many repetitions on each side are enough for an interval; with 3 and 3 the widest one covers 90 %.
pub const REPETITIONS_NEEDED: usize = 4;

/// From this number of pairs on the distribution of U is taken as normal.
const EXACT_PAIRS: usize = 2_500;

/// The distance of two samples, as a difference or as a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// The best guess.
    pub estimate: f64,
    /// Where the distance lies; absent with fewer repetitions than an interval needs.
    pub interval: Option<Interval>,
}

/// Both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How often such an interval covers the true distance, at least (0.95 to 1).
    pub coverage: f64,
}

impl Shift {
    fn map(self, by: impl Fn(f64) -> f64) -> Shift {
        let interval = self.interval.map(|i| Interval { low: by(i.low), high: by(i.high), ..i });
        Shift { estimate: by(self.estimate), interval }
    }
}

/// How much larger the figures of `b` are than those of `a`, as a difference; `None` when one of them is empty.
pub(crate) fn difference(a: &[f64], b: &[f64]) -> Option<Shift> {
    let mut differences: Vec<f64> = a.iter().flat_map(|a| b.iter().map(move |b| b - a)).collect();
    differences.sort_by(f64::total_cmp);
    let interval = rank(a.len(), b.len()).map(|Rank { k, coverage }| Interval {
        low: differences[k - 1],
        high: differences[differences.len() - k],
        coverage,
    });
    Some(Shift { estimate: median_of_sorted(&differences)?, interval })
}

/// How many times as large the figures of `b` are as those of `a`; `None` when one of them is empty, or has a figure
/// that is not above 0.
pub(crate) fn ratio(a: &[f64], b: &[f64]) -> Option<Shift> {
    let logarithms = |figures: &[f64]| -> Option<Vec<f64>> {
        figures.iter().map(|&figure| (figure > 0.0).then(|| figure.ln())).collect()
    };
    Some(difference(&logarithms(a)?, &logarithms(b)?)?.map(f64::exp))
}

/// The middle of figures in any order; `None` when there are none.
pub(crate) fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    median_of_sorted(&sorted)
}

fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let (lower, upper) = (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    // An odd number has one middle, and the mean of a figure with itself may be rounded.
    Some(if sorted.len() % 2 == 1 { *upper } else { (lower + upper) / 2.0 })
}

/// Which of the sorted differences end the interval, counted from 1 from either end.
struct Rank {
    k: usize,
    coverage: f64,
}

/// The narrowest interval that covers [`CONFIDENCE`]; `None` where the widest one does not.
fn rank(m: usize, n: usize) -> Option<Rank> {
    let outside = (1.0 - CONFIDENCE) / 2.0;
    let mut below = 0.0;
    let mut found = None;
    for (u, chance) in chances(m, n).into_iter().enumerate() {
        below += chance;
        if below > outside {
            break;
        }
        found = Some(Rank { k: u + 1, coverage: 1.0 - 2.0 * below });
    }
    found
}

/// The chance of each value of U, from 0 on, when m and n figures come from one distribution without equal figures: all
/// of them, or of large samples those of the lower half.
fn chances(m: usize, n: usize) -> Vec<f64> {
    if m * n > EXACT_PAIRS { normal_chances(m, n) } else { exact_chances(m, n) }
}

/// The largest of all figures belongs to the second sample with probability n / (m + n); then it is above all m figures of
/// the first one, and the rest are m and n - 1 figures. Otherwise it adds nothing, and the rest are m - 1 and n.
fn exact_chances(m: usize, n: usize) -> Vec<f64> {
    // For the number of the first sample that the loop has come to: one distribution for each number of the second.
    let mut of_fewer: Vec<Vec<f64>> = vec![vec![1.0]; n + 1];
    for i in 1..=m {
        let mut of_this: Vec<Vec<f64>> = vec![vec![1.0]];
        for j in 1..=n {
            let first = i as f64 / (i + j) as f64;
            let chance = |u: usize| {
                let largest_in_first = of_fewer[j].get(u).copied().unwrap_or(0.0);
                let largest_in_second = u.checked_sub(i).and_then(|u| of_this[j - 1].get(u)).copied().unwrap_or(0.0);
                first * largest_in_first + (1.0 - first) * largest_in_second
            };
            of_this.push((0..=i * j).map(chance).collect());
        }
        of_fewer = of_this;
    }
    of_fewer.pop().unwrap_or_default()
}

/// By the normal distribution of the same mean and variance, each value of U from its half below to its half above.
fn normal_chances(m: usize, n: usize) -> Vec<f64> {
    let (m, n) = (m as f64, n as f64);
    let (mean, deviation) = (m * n / 2.0, (m * n * (m + n + 1.0) / 12.0).sqrt());
    let below = |u: f64| normal_below((u - mean) / deviation);
    (0..=mean as usize).map(|u| below(u as f64 + 0.5) - if u == 0 { 0.0 } else { below(u as f64 - 0.5) }).collect()
}

/// The share of the standard normal distribution below `z`, to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
fn normal_below(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let upper = series.into_iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-x * x).exp() / 2.0;
    if z < 0.0 { upper } else { 1.0 - upper }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_distr::{Cauchy, Distribution as _, Exp1, StandardNormal};

    /// The chances of U by looking at every subset of the ranks.
    fn by_hand(m: usize, n: usize) -> Vec<f64> {
        let mut counts = vec![0.0; m * n + 1];
        for set in 0u32..1 << (m + n) {
            if set.count_ones() as usize == m {
                let is_first = |rank: &usize| set >> rank & 1 == 1;
                let above = |rank: usize| (rank + 1..m + n).filter(|other| !is_first(other)).count();
                counts[(0..m + n).filter(is_first).map(above).sum::<usize>()] += 1.0;
            }
        }
        let all: f64 = counts.iter().sum();
        counts.into_iter().map(|count| count / all).collect()
    }

    #[test]
    fn the_distribution_of_u_is_that_of_all_orders() {
        for m in 1..=6 {
            for n in 1..=6 {
                let (exact, counted) = (exact_chances(m, n), by_hand(m, n));
                assert_eq!(exact.len(), counted.len());
                let same = exact.iter().zip(&counted).all(|(a, b)| (a - b).abs() < 1e-12);
                assert!(same, "{m} and {n}: {exact:?} {counted:?}");
            }
        }
    }

    /// Printed tables: for two samples of 5, U may be 2 at most; of 10, 23; of 8 and 12, 22; of 20, 127.
    #[test]
    fn the_critical_values_are_those_of_printed_tables() {
        for (m, n, critical) in [(4, 4, 0), (5, 5, 2), (6, 6, 5), (10, 10, 23), (8, 12, 22), (20, 20, 127)] {
            assert_eq!(rank(m, n).unwrap().k - 1, critical, "{m} and {n}");
        }
    }

    #[test]
    fn four_repetitions_on_each_side_are_the_fewest_for_an_interval() {
        assert!(rank(REPETITIONS_NEEDED, REPETITIONS_NEEDED).is_some());
        assert!(rank(REPETITIONS_NEEDED - 1, REPETITIONS_NEEDED - 1).is_none());
        assert!(rank(3, 4).is_none() && rank(1, 30).is_none() && rank(0, 5).is_none());
        assert!((rank(4, 4).unwrap().coverage - (1.0 - 2.0 / 70.0)).abs() < 1e-12);
        let three = difference(&[1.0, 2.0, 3.0], &[11.0, 12.0, 13.0]).unwrap();
        assert_eq!((three.estimate, three.interval), (10.0, None));
    }

    #[test]
    fn large_samples_have_nearly_the_interval_that_counting_gives() {
        let k = |chances: Vec<f64>| {
            let sums = chances.iter().scan(0.0, |sum, chance| {
                *sum += chance;
                Some(*sum)
            });
            sums.take_while(|&below| below <= 0.025).count()
        };
        let (exact, normal) = (k(exact_chances(50, 50)), k(normal_chances(50, 50)));
        assert!(exact.abs_diff(normal) <= 1, "{exact} {normal}");
        assert!(rank(200, 300).is_some());
    }

    /// How often an interval of samples of m and n covers the true shift, of so many trials; and how often it promises to.
    fn covered(m: usize, n: usize, draw: impl Fn(&mut rand_chacha::ChaCha8Rng) -> f64) -> (f64, f64) {
        const TRIALS: usize = 4_000;
        const SHIFT: f64 = 0.75;
        let mut numbers = rand_chacha::ChaCha8Rng::seed_from_u64(17);
        let mut hits = 0;
        for _ in 0..TRIALS {
            let a: Vec<f64> = (0..m).map(|_| draw(&mut numbers)).collect();
            let b: Vec<f64> = (0..n).map(|_| draw(&mut numbers) + SHIFT).collect();
            let Interval { low, high, .. } = difference(&a, &b).unwrap().interval.unwrap();
            hits += usize::from((low..=high).contains(&SHIFT));
        }
        (hits as f64 / TRIALS as f64, rank(m, n).unwrap().coverage)
    }

    #[test]
    fn the_interval_covers_the_true_shift_as_often_as_it_promises_whatever_the_distribution() {
        for (m, n) in [(4, 4), (6, 6), (5, 9), (10, 10)] {
            let cauchy = Cauchy::new(0.0, 1.0).unwrap();
            for (name, (seen, promised)) in [
                ("normal", covered(m, n, |numbers| StandardNormal.sample(numbers))),
                ("exponential", covered(m, n, |numbers| Exp1.sample(numbers))),
                ("Cauchy", covered(m, n, |numbers| cauchy.sample(numbers))),
            ] {
                // Four standard errors of 4,000 trials.
                let error = 4.0 * (promised * (1.0 - promised) / 4_000.0_f64).sqrt();
                assert!(promised >= CONFIDENCE && (seen - promised).abs() < error, "{name} {m} {n}: {seen} {promised}");
            }
        }
    }

    #[test]
    fn equal_figures_make_the_interval_cover_more_and_never_less() {
        let halves = |numbers: &mut rand_chacha::ChaCha8Rng| {
            let figure: f64 = StandardNormal.sample(numbers);
            (figure * 2.0).round() / 2.0 + 0.25
        };
        let (seen, promised) = covered(6, 6, |numbers| halves(numbers));
        assert!(seen >= promised, "{seen} {promised}");
    }

    #[test]
    fn figures_that_never_vary_have_an_interval_without_width() {
        let shift = ratio(&[100.0; 4], &[101.0; 4]).unwrap();
        let interval = shift.interval.unwrap();
        assert!(
            (shift.estimate - 1.01).abs() < 1e-12 && (interval.low, interval.high) == (shift.estimate, shift.estimate)
        );
    }

    #[test]
    fn there_is_no_ratio_to_nothing() {
        assert_eq!(ratio(&[0.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!((ratio(&[], &[1.0]), difference(&[1.0], &[])), (None, None));
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        // Few different figures, so that some are equal.
        proptest::collection::vec((1u32..40).prop_map(|figure| f64::from(figure) / 8.0), 1..9)
    }

    proptest! {
        #[test]
        fn the_other_way_round_the_shift_is_the_opposite(a in sample(), b in sample()) {
            let (there, back) = (difference(&a, &b).unwrap(), difference(&b, &a).unwrap());
            prop_assert_eq!(there.estimate, -back.estimate);
            if let (Some(there), Some(back)) = (there.interval, back.interval) {
                prop_assert_eq!((there.low, there.high), (-back.high, -back.low));
            }
            prop_assert_eq!(there.interval.is_some(), back.interval.is_some());
        }

        #[test]
        fn an_interval_contains_its_estimate(a in sample(), b in sample()) {
            let shift = difference(&a, &b).unwrap();
            if let Some(Interval { low, high, coverage }) = shift.interval {
                prop_assert!(low <= shift.estimate && shift.estimate <= high);
                prop_assert!((CONFIDENCE..=1.0).contains(&coverage));
            }
        }

        #[test]
        fn a_ratio_does_not_depend_on_the_unit(a in sample(), b in sample(), unit in 0.001f64..1_000.0) {
            let scaled = |figures: &[f64]| figures.iter().map(|figure| figure * unit).collect::<Vec<_>>();
            let (one, other) = (ratio(&a, &b).unwrap(), ratio(&scaled(&a), &scaled(&b)).unwrap());
            prop_assert!((one.estimate / other.estimate - 1.0).abs() < 1e-9);
            if let (Some(one), Some(other)) = (one.interval, other.interval) {
                prop_assert!((one.low / other.low - 1.0).abs() < 1e-9 && (one.high / other.high - 1.0).abs() < 1e-9);
            }
        }

        #[test]
        fn a_difference_and_a_ratio_show_the_same_direction_or_none(a in sample(), b in sample()) {
            if let (Some(by), Some(times)) =
                (difference(&a, &b).unwrap().interval, ratio(&a, &b).unwrap().interval)
            {
                prop_assert_eq!((by.low > 0.0, by.high < 0.0), (times.low > 1.0, times.high < 1.0));
            }
        }

        #[test]
        fn the_order_of_repetitions_does_not_matter(a in sample(), b in sample()) {
            let back = |figures: &[f64]| figures.iter().rev().copied().collect::<Vec<_>>();
            prop_assert_eq!(difference(&a, &b), difference(&back(&a), &back(&b)));
        }
    }
}
