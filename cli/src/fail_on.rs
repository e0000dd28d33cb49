//! `--fail-on 'p99>10%'`: how much worse a figure may be before a comparison is a failure.

use std::fmt;
use std::str::FromStr;

/// A figure of a cell that a comparison can be bounded by. Of all of them less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Delivery latency: arithmetic mean.
    Mean,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 99th percentile.
    P99,
    /// 99.9th percentile.
    P999,
    /// The largest.
    Max,
    /// Bytes above TCP for each delivered event.
    Bytes,
    /// The same on IP.
    IpBytes,
    /// CPU time of the server for each delivered event.
    ServerCpu,
    /// CPU time of the load generator for each delivered event.
    LoadgenCpu,
    /// Memory of the server for each client.
    ServerMemory,
    /// Memory of the load generator for each client.
    LoadgenMemory,
}

impl Figure {
    const ALL: [Figure; 12] = [
        Figure::Mean,
        Figure::P50,
        Figure::P90,
        Figure::P99,
        Figure::P999,
        Figure::Max,
        Figure::Bytes,
        Figure::IpBytes,
        Figure::ServerCpu,
        Figure::LoadgenCpu,
        Figure::ServerMemory,
        Figure::LoadgenMemory,
    ];

    const fn id(self) -> &'static str {
        match self {
            Figure::Mean => "mean",
            Figure::P50 => "p50",
            Figure::P90 => "p90",
            Figure::P99 => "p99",
            Figure::P999 => "p999",
            Figure::Max => "max",
            Figure::Bytes => "bytes",
            Figure::IpBytes => "ip-bytes",
            Figure::ServerCpu => "server-cpu",
            Figure::LoadgenCpu => "loadgen-cpu",
            Figure::ServerMemory => "server-memory",
            Figure::LoadgenMemory => "loadgen-memory",
        }
    }
}

/// A bound: it is passed when the figure is worse by more than this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FailOn {
    pub(crate) figure: Figure,
    /// Per cent of the figure of the first of both, 0 or more.
    pub(crate) percent: f64,
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<FailOn, String> {
        let (name, bound) =
            text.split_once('>').ok_or_else(|| format!("\"{text}\" is no bound; type one as 'p99>10%'"))?;
        let figure = Figure::ALL.into_iter().find(|figure| figure.id() == name.trim()).ok_or_else(|| {
            let known = Figure::ALL.map(Figure::id).join(", ");
            format!("\"{}\" is no figure of a comparison; there are: {known}", name.trim())
        })?;
        let percent = bound.trim().strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
        match percent {
            Some(percent) if percent >= 0.0 && percent.is_finite() => Ok(FailOn { figure, percent }),
            _ => Err(format!("\"{}\" is no bound; type the per cent that may be worse, as 'p99>10%'", bound.trim())),
        }
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}>{}%", self.figure.id(), self.percent)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_reads_back_as_it_was_written() {
        for figure in Figure::ALL {
            let bound = FailOn { figure, percent: 2.5 };
            assert_eq!(bound.to_string().parse(), Ok(bound));
        }
        assert_eq!(" p99 > 10 %".parse(), Ok(FailOn { figure: Figure::P99, percent: 10.0 }));
    }

    #[test]
    fn what_is_no_bound_is_refused_with_what_would_be_one() {
        for (text, says) in [
            ("p99", "'p99>10%'"),
            ("p98>10%", "p90, p99, p999"),
            ("p99>10", "'p99>10%'"),
            ("p99>-1%", "'p99>10%'"),
            ("p99>inf%", "'p99>10%'"),
            ("p99>%", "'p99>10%'"),
        ] {
            let told = text.parse::<FailOn>().unwrap_err();
            assert!(told.contains(says), "{text}: {told}");
        }
    }
}
