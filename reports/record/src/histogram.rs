//! Bounded histograms of durations in microseconds, and their text form.
//!
//! Bounds are fixed, and what falls outside is counted apart: a value is never clamped silently. Two histograms of the
//! same precision add exactly, so that the record of many processes is the sum of theirs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::serialization::{Deserializer as HdrDeserializer, Serializer as _, V2Serializer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest duration that is told apart from a longer one (us).
pub const MAX_US: u64 = 60_000_000;

/// How finely values are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Three significant digits: 136 KiB in memory.
    Fine,
    /// Two significant digits: 20 KiB in memory, for one histogram a second.
    Coarse,
}

impl Precision {
    /// Significant digits.
    const fn digits(self) -> u8 {
        match self {
            Precision::Fine => 3,
            Precision::Coarse => 2,
        }
    }
}

/// Durations in microseconds, from 1 us to [`MAX_US`]; a duration below 1 us counts as 1 us.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    counts: hdrhistogram::Histogram<u64>,
    below: u64,
    above: u64,
}

impl Histogram {
    /// An empty histogram.
    pub fn new(precision: Precision) -> Self {
        let counts = hdrhistogram::Histogram::new_with_bounds(1, MAX_US, precision.digits())
            .expect("the bounds and the digits are constants that hdrhistogram allows");
        Histogram { counts, below: 0, above: 0 }
    }

    /// Counts one duration (us). A negative one (a clock that went back) and one above [`MAX_US`] are counted outside.
    pub fn record(&mut self, duration_us: i64) {
        match u64::try_from(duration_us) {
            Err(_) => self.below += 1,
            Ok(us) if us > MAX_US => self.above += 1,
            Ok(us) => self.counts.record(us.max(1)).expect("the value was just compared with the bounds"),
        }
    }

    /// Adds every count of `other`.
    ///
    /// # Panics
    /// If `other` has another precision.
    pub fn add(&mut self, other: &Histogram) {
        assert_eq!(self.counts.sigfig(), other.counts.sigfig(), "histograms of two precisions do not add");
        self.counts.add(&other.counts).expect("both have the same bounds");
        self.below += other.below;
        self.above += other.above;
    }

    /// Are values told apart so finely?
    pub fn is(&self, precision: Precision) -> bool {
        self.counts.sigfig() == precision.digits()
    }

    /// How many durations were counted, those outside the bounds included.
    pub fn count(&self) -> u64 {
        self.counts.len() + self.below + self.above
    }

    /// How many lay outside the bounds.
    pub fn outside(&self) -> u64 {
        self.below + self.above
    }

    /// How many were negative.
    pub fn below(&self) -> u64 {
        self.below
    }

    /// How many were longer than [`MAX_US`].
    pub fn above(&self) -> u64 {
        self.above
    }

    /// The duration (us) that the share `q` (0 to 1) does not exceed. `None` when nothing was counted, or when that
    /// duration lies outside the bounds.
    pub fn quantile_us(&self, q: f64) -> Option<u64> {
        let rank = ((q * self.count() as f64).ceil() as u64).clamp(1, self.count().max(1));
        let inside = rank.checked_sub(self.below).filter(|&r| r > 0 && r <= self.counts.len())?;
        // Half a rank back: the library rounds up, and a share that rounding made too large would be the next value.
        let share = (inside as f64 - 0.5) / self.counts.len() as f64;
        Some(self.counts.value_at_quantile(share).min(self.counts.max()))
    }

    /// The mean (us) of what lies inside the bounds. `None` when there is nothing.
    pub fn mean_us(&self) -> Option<f64> {
        (!self.counts.is_empty()).then(|| self.counts.mean())
    }

    /// The largest duration (us). `None` when there is none, or when it lies above the bounds.
    pub fn max_us(&self) -> Option<u64> {
        (self.above == 0 && !self.counts.is_empty()).then(|| self.counts.max())
    }

    /// The smallest duration (us). `None` when there is none, or when it lies below the bounds.
    pub fn min_us(&self) -> Option<u64> {
        (self.below == 0 && !self.counts.is_empty()).then(|| self.counts.min())
    }

    /// Every counted value (us, the upper edge of its class) with its count, in ascending order.
    pub fn steps(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value()))
    }
}

/// The text form: HdrHistogram V2 (not compressed) in base64, with what fell outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Histogram")]
struct Encoded {
    /// Everything counted, `below` and `above` included.
    count: u64,
    /// Below zero.
    below: u64,
    /// Above 60 s.
    above: u64,
    /// HdrHistogram V2 encoding in base64; the unit is the microsecond.
    hdr_v2_base64: String,
}

/// A text that is no histogram.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// The base64 text is broken.
    #[error("not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// The bytes are no HdrHistogram.
    #[error("not an HdrHistogram V2: {0}")]
    Hdr(#[from] hdrhistogram::serialization::DeserializeError),
    /// The bounds are not those of this tool.
    #[error("a histogram with other bounds than 1 us to 60 s")]
    Bounds,
}

impl TryFrom<Encoded> for Histogram {
    type Error = HistogramError;

    fn try_from(text: Encoded) -> Result<Self, Self::Error> {
        let bytes = BASE64.decode(&text.hdr_v2_base64)?;
        let counts: hdrhistogram::Histogram<u64> = HdrDeserializer::new().deserialize(&mut bytes.as_slice())?;
        if counts.low() != 1 || counts.high() != MAX_US || !matches!(counts.sigfig(), 2 | 3) {
            return Err(HistogramError::Bounds);
        }
        Ok(Histogram { counts, below: text.below, above: text.above })
    }
}

impl From<&Histogram> for Encoded {
    fn from(histogram: &Histogram) -> Self {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&histogram.counts, &mut bytes).expect("writing to a Vec does not fail");
        Encoded {
            count: histogram.count(),
            below: histogram.below,
            above: histogram.above,
            hdr_v2_base64: BASE64.encode(bytes),
        }
    }
}

impl Serialize for Histogram {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Encoded::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Encoded::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Histogram {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Histogram".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Encoded::json_schema(generator)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[i64]) -> Histogram {
        let mut histogram = Histogram::new(Precision::Fine);
        values.iter().for_each(|&v| histogram.record(v));
        histogram
    }

    #[test]
    fn what_falls_outside_is_counted_and_never_clamped() {
        let histogram = of(&[-5, 10, 20, 61_000_000]);
        assert_eq!((histogram.count(), histogram.outside()), (4, 2));
        assert_eq!(histogram.max_us(), None);
        assert_eq!(histogram.min_us(), None);
        assert_eq!(histogram.quantile_us(0.5), Some(10));
        assert_eq!(histogram.quantile_us(1.0), None, "the largest value is above the bounds");
    }

    #[test]
    fn an_empty_histogram_has_no_figures() {
        let empty = of(&[]);
        assert_eq!(empty.quantile_us(0.99), None);
        assert_eq!(empty.mean_us(), None);
        assert_eq!(empty.max_us(), None);
    }

    proptest! {
        #[test]
        fn the_text_form_reads_back_equal(values in proptest::collection::vec(-10i64..70_000_000, 0..200)) {
            let histogram = of(&values);
            let text = serde_json::to_string(&histogram).unwrap();
            prop_assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), histogram);
        }

        #[test]
        fn adding_is_the_same_as_recording_in_one(
            a in proptest::collection::vec(-10i64..70_000_000, 0..100),
            b in proptest::collection::vec(-10i64..70_000_000, 0..100),
        ) {
            let mut sum = of(&a);
            sum.add(&of(&b));
            prop_assert_eq!(sum, of(&[a, b].concat()));
        }

        #[test]
        fn a_quantile_is_within_a_thousandth_of_the_sorted_value(
            mut values in proptest::collection::vec(1i64..60_000_000, 1..200),
            q in 0.0f64..=1.0,
        ) {
            let measured = of(&values).quantile_us(q).unwrap() as f64;
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1] as f64;
            prop_assert!((measured - exact).abs() <= exact / 1_000.0 + 1.0, "{measured} against {exact}");
        }
    }
}
