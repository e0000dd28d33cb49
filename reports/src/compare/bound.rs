//! How much worse a figure may be: `p99>10%`, `memory>4KiB`, `lost>0`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::figure::{Figure, UnknownFigure};

/// A bound that a script gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// What it is about.
    pub figure: Figure,
    /// By how much the figure may grow.
    pub limit: Limit,
    text: String,
}

/// By how much a figure may grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// So many percent of what it was.
    Percent(f64),
    /// So many of the figure's unit.
    Absolute(f64),
}

/// Why a text is no bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBound {
    /// Its form is another one.
    #[error("\"{0}\" is no bound; type a figure, >, and by how much it may grow: p99>10%")]
    Form(String),
    /// The figure does not exist.
    #[error(transparent)]
    Figure(#[from] UnknownFigure),
    /// The number is none, or below 0, or its unit is not one of the figure's.
    #[error("\"{limit}\" is no bound of {figure}; type {examples}", examples = examples(*figure))]
    Limit {
        /// What it is about.
        figure: Figure,
        /// What was typed.
        limit: String,
    },
}

fn examples(figure: Figure) -> String {
    match figure {
        // A share of no event is none.
        Figure::Lost => "a number of events: lost>0".to_owned(),
        _ => {
            let units: Vec<_> = figure.unit().names().iter().map(|(name, _)| format!("5{name}")).collect();
            format!("a share or an amount: 10%, {}", units.join(", "))
        }
    }
}

fn limit(figure: Figure, text: &str) -> Option<Limit> {
    let number = |text: &str| text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    match text.strip_suffix('%') {
        Some(_) if figure == Figure::Lost => None,
        Some(share) => number(share).map(Limit::Percent),
        // "5ms" ends with "s", too, but "5m" is no number.
        None => figure
            .unit()
            .names()
            .iter()
            .find_map(|(name, factor)| Some(Limit::Absolute(number(text.strip_suffix(name)?)? * factor))),
    }
}

impl FromStr for Bound {
    type Err = NoBound;

    fn from_str(text: &str) -> Result<Bound, NoBound> {
        let (figure, number) = text.split_once('>').ok_or_else(|| NoBound::Form(text.to_owned()))?;
        let figure: Figure = figure.trim().parse()?;
        let number = number.trim();
        let limit = limit(figure, number).ok_or_else(|| NoBound::Limit { figure, limit: number.to_owned() })?;
        Ok(Bound { figure, limit, text: format!("{figure}>{number}") })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Figure, Limit) {
        let bound: Bound = text.parse().unwrap();
        (bound.figure, bound.limit)
    }

    #[test]
    fn a_bound_is_a_figure_and_a_share_or_an_amount() {
        assert_eq!(read("p99>10%"), (Figure::P99, Limit::Percent(10.0)));
        assert_eq!(read(" p99.9 > 2.5 % "), (Figure::P999, Limit::Percent(2.5)));
        assert_eq!(read("p50>5ms"), (Figure::P50, Limit::Absolute(5_000.0)));
        assert_eq!(read("mean>1s"), (Figure::Mean, Limit::Absolute(1e6)));
        assert_eq!(read("cpu>3us"), (Figure::Cpu, Limit::Absolute(3.0)));
        assert_eq!(read("memory>4KiB"), (Figure::Memory, Limit::Absolute(4_096.0)));
        assert_eq!(read("bytes>12B"), (Figure::Bytes, Limit::Absolute(12.0)));
        assert_eq!(read("lost>0"), (Figure::Lost, Limit::Absolute(0.0)));
        assert_eq!(" p99 > 10% ".parse::<Bound>().unwrap().to_string(), "p99>10%");
    }

    #[test]
    fn every_figure_is_found_by_its_name_and_an_unknown_one_is_told_all_names() {
        for figure in Figure::ALL {
            assert_eq!(figure.id().parse(), Ok(figure));
        }
        let message = "p98>10%".parse::<Bound>().unwrap_err().to_string();
        for figure in Figure::ALL {
            assert!(message.contains(figure.id()), "{message}");
        }
    }

    #[test]
    fn what_is_no_bound_says_what_to_type() {
        for (text, says) in [
            ("p99", "p99>10%"),
            ("p99<10%", "p99>10%"),
            ("", "p99>10%"),
            ("p99>", "10%"),
            ("p99>10", "5ms"),
            ("p99>-1%", "5ms"),
            ("p99>NaN%", "5ms"),
            ("p99>inf%", "5ms"),
            ("p99>5KiB", "5ms"),
            ("bytes>5ms", "5KiB"),
            ("lost>5%", "lost>0"),
            ("lost>many", "lost>0"),
        ] {
            let message = text.parse::<Bound>().unwrap_err().to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_bound_or_an_error(text in ".{0,24}") {
            let _ = text.parse::<Bound>();
        }

        #[test]
        fn a_bound_reads_back_as_it_is_shown(figure in proptest::sample::select(&Figure::ALL[..12]), share in 0u32..500) {
            let bound: Bound = format!("{figure} > {share}%").parse().unwrap();
            prop_assert_eq!(bound.to_string().parse::<Bound>().unwrap(), bound);
        }
    }
}
