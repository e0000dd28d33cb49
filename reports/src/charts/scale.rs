//! From a value to a pixel, and where the ticks stand.

use crate::lang::Lang;
use crate::number::{plain, significant};
use crate::text::charts_lines as text;

/// How values are spread over the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    Linear,
    Logarithmic,
    /// Shares from 0 to below 1; each further nine takes the same length.
    Nines,
}

impl Spread {
    fn stretch(self, value: f64) -> f64 {
        match self {
            Spread::Linear => value,
            Spread::Logarithmic => value.log10(),
            Spread::Nines => -(1.0 - value).log10(),
        }
    }

    fn unstretch(self, length: f64) -> f64 {
        match self {
            Spread::Linear => length,
            Spread::Logarithmic => 10f64.powf(length),
            Spread::Nines => 1.0 - 10f64.powf(-length),
        }
    }
}

/// No axis is finer, and none goes further: what lies beyond is no figure, and its ticks would have no end.
const LEAST: f64 = 1e-9;
const MOST: f64 = 1e15;
/// How far a logarithmic axis goes where only one of its ends is known.
const DECADES: f64 = 1_000.0;

/// An axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    spread: Spread,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

/// How an axis of figures that can be shown either way is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// With equal lengths for equal factors.
    Logarithmic,
    /// From 0.
    Linear,
}

impl Form {
    /// Both, first the one that a file has.
    pub(crate) const ALL: [Form; 2] = [Form::Logarithmic, Form::Linear];

    pub(crate) const fn name(self, lang: Lang) -> &'static str {
        match self {
            Form::Logarithmic => text::logarithmic(lang),
            Form::Linear => text::linear(lang),
        }
    }

    /// An axis that holds `low` to `high`.
    pub(crate) fn scale(self, low: f64, high: f64) -> Scale {
        match self {
            Form::Logarithmic => Scale::logarithmic(low, high),
            Form::Linear => Scale::linear(high * 1.02),
        }
    }
}

/// A tick, and its text if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) text: Option<String>,
}

impl Scale {
    /// From 0 to `high`; to 1 where `high` is not above 0, or not a number.
    pub(crate) fn linear(high: f64) -> Self {
        let high = if high > 0.0 { high.clamp(LEAST, MOST) } else { 1.0 };
        Scale { spread: Spread::Linear, low: 0.0, high, from: 0.0, to: 1.0 }
    }

    /// From `low` to `high`, widened to 1, 2 or 5 times a power of ten. Where one of them is not above 0, or not a number,
    /// the axis has three decades at the other one; without any it goes from 1 to 1,000.
    pub(crate) fn logarithmic(low: f64, high: f64) -> Self {
        let bounded = |value: f64| (value > 0.0).then(|| value.clamp(LEAST, MOST));
        let (low, high) = match (bounded(low), bounded(high)) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low * DECADES),
            (None, Some(high)) => (high / DECADES, high),
            (None, None) => (1.0, DECADES),
        };
        let (low, high) = (round_down(low), round_up(high * 1.02));
        let high = if high <= low { round_up(low * 2.0) } else { high };
        Scale { spread: Spread::Logarithmic, low, high, from: 0.0, to: 1.0 }
    }

    /// Percentiles of so many samples: from 0 to the share that all samples but one do not exceed.
    pub(crate) fn nines(samples: u64) -> Self {
        let high = 1.0 - 1.0 / samples.max(4) as f64;
        Scale { spread: Spread::Nines, low: 0.0, high, from: 0.0, to: 1.0 }
    }

    /// The same axis between two pixels.
    pub(crate) fn between(self, from: f64, to: f64) -> Self {
        Scale { from, to, ..self }
    }

    /// The pixel of a value; a value beyond the axis stands at its end, and one that is no number at its start.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let stretch = |value| self.spread.stretch(value);
        let value = if value.is_nan() { self.low } else { value.clamp(self.low, self.high) };
        let share = (stretch(value) - stretch(self.low)) / (stretch(self.high) - stretch(self.low));
        self.from + (self.to - self.from) * share
    }

    /// The value of a pixel.
    pub(crate) fn value_at(&self, pixel: f64) -> f64 {
        let (low, high) = (self.spread.stretch(self.low), self.spread.stretch(self.high));
        self.spread.unstretch(low + (high - low) * (pixel - self.from) / (self.to - self.from))
    }

    /// The ticks, in ascending order.
    pub(crate) fn ticks(&self, about: usize) -> Vec<Tick> {
        match self.spread {
            Spread::Linear => self.linear_ticks(about),
            Spread::Logarithmic => self.logarithmic_ticks(),
            Spread::Nines => self.nines_ticks(),
        }
    }

    fn linear_ticks(&self, about: usize) -> Vec<Tick> {
        let step = round_up(self.high / about.max(1) as f64);
        let last = (self.high / step * (1.0 + 1e-9)).floor() as usize;
        // Multiples of the step, not sums, which would add up its rounding; the text is rounded to its digits.
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let text = |value: f64| if decimals == 0 { plain(value.round()) } else { format!("{value:.decimals$}") };
        (0..=last).map(|n| n as f64 * step).map(|value| Tick { value, text: Some(text(value)) }).collect()
    }

    fn logarithmic_ticks(&self) -> Vec<Tick> {
        let few = self.high / self.low < 110.0;
        let mut ticks = Vec::new();
        for exponent in self.low.log10().floor() as i32..=self.high.log10().ceil() as i32 {
            for digit in 1..=9 {
                let value = f64::from(digit) * 10f64.powi(exponent);
                if value < self.low * 0.999 || value > self.high * 1.001 {
                    continue;
                }
                let named = digit == 1 || (few && matches!(digit, 2 | 5));
                let text = || if value >= 1.0 { plain(value.round()) } else { trim(&significant(value)) };
                ticks.push(Tick { value, text: named.then(text) });
            }
        }
        ticks
    }

    fn nines_ticks(&self) -> Vec<Tick> {
        let mut ticks: Vec<_> =
            [(0.0, "0 %"), (0.5, "50 %")].map(|(value, text)| Tick { value, text: Some(text.to_owned()) }).into();
        for nines in 1..=9_usize {
            let value = 1.0 - 10f64.powi(-(nines as i32));
            if value <= self.high + 1e-12 {
                ticks.push(Tick { value, text: Some(percent(nines)) });
            }
        }
        ticks
    }
}

/// The percentile with so many nines: `90 %`, `99 %`, `99.9 %`.
fn percent(nines: usize) -> String {
    match nines {
        0 | 1 => "90 %".to_owned(),
        2 => "99 %".to_owned(),
        _ => format!("99.{} %", "9".repeat(nines - 2)),
    }
}

fn trim(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= value * (1.0 - 1e-9)).unwrap_or(10.0);
    digit * power
}

fn round_down(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let digit = [5.0, 2.0].into_iter().find(|digit| digit * power <= value * (1.0 + 1e-9)).unwrap_or(1.0);
    digit * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(scale: Scale) -> Vec<String> {
        scale.ticks(5).into_iter().filter_map(|tick| tick.text).collect()
    }

    #[test]
    fn percentiles_go_only_as_far_as_the_samples() {
        assert_eq!(texts(Scale::nines(20_000)), ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"]);
        assert_eq!(texts(Scale::nines(99)), ["0 %", "50 %", "90 %"]);
    }

    #[test]
    fn each_nine_takes_the_same_length() {
        let scale = Scale::nines(10_000).between(0.0, 400.0);
        for (share, pixel) in [(0.0, 0.0), (0.9, 100.0), (0.99, 200.0), (0.999, 300.0)] {
            assert!((scale.at(share) - pixel).abs() < 1e-6);
            assert!((scale.value_at(pixel) - share).abs() < 1e-9);
        }
    }

    #[test]
    fn logarithmic_ticks_name_more_where_there_are_few_decades() {
        assert_eq!(texts(Scale::logarithmic(0.3, 900.0)), ["1", "10", "100", "1,000"]);
        assert_eq!(texts(Scale::logarithmic(0.3, 4.0)), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(texts(Scale::logarithmic(5.0, 5.0)).first().map(String::as_str), Some("5"));
    }

    #[test]
    fn linear_ticks_are_round_and_stay_inside() {
        assert_eq!(texts(Scale::linear(1_130.0)), ["0", "500", "1,000"]);
        assert_eq!(texts(Scale::linear(0.9)), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
    }

    #[test]
    fn an_axis_without_a_usable_end_still_has_ends() {
        assert_eq!(texts(Scale::linear(f64::NAN)), texts(Scale::linear(1.0)));
        assert_eq!(texts(Scale::logarithmic(0.0, 100.0)), ["0.1", "1", "10", "100"].map(str::to_owned).to_vec());
        assert_eq!(texts(Scale::logarithmic(f64::NAN, 0.0)).first().map(String::as_str), Some("1"));
    }

    proptest! {
        #[test]
        fn whatever_the_bounds_an_axis_has_few_ticks_and_every_value_a_place(
            low in proptest::num::f64::ANY,
            high in proptest::num::f64::ANY,
            value in proptest::num::f64::ANY,
        ) {
            for scale in [Scale::linear(high), Scale::logarithmic(low, high)] {
                let scale = scale.between(10.0, 200.0);
                prop_assert!(scale.ticks(5).len() < 250);
                prop_assert!((10.0 - 1e-6..=200.0 + 1e-6).contains(&scale.at(value)));
                prop_assert!(scale.value_at(60.0).is_finite());
            }
        }
    }
}
