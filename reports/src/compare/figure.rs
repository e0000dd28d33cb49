//! What is compared of a cell. Of every figure here less is better.

use std::fmt;
use std::str::FromStr;

use feedbench_record::summary::{Cell, Latency};
use serde::{Serialize, Serializer};

/// One figure of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Median delivery latency.
    P50,
    /// 90th percentile of the delivery latency.
    P90,
    /// 99th percentile of the delivery latency.
    P99,
    /// 99.9th percentile of the delivery latency.
    P999,
    /// Mean delivery latency.
    Mean,
    /// Bytes per event above TCP.
    Bytes,
    /// Bytes per event above TCP without the payload.
    Overhead,
    /// Bytes per event on IP.
    Ip,
    /// CPU time of the server per event.
    Cpu,
    /// CPU time of the load generator per event.
    LoadgenCpu,
    /// Resident memory of the server per client.
    Memory,
    /// Resident memory of the load generator per client.
    LoadgenMemory,
    /// Events of the window that did not reach their client.
    Lost,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Microseconds.
    Us,
    /// Bytes.
    Bytes,
    /// Events.
    Events,
}

/// A name that no figure has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no figure; there are: {list}", list = Figure::ALL.map(Figure::id).join(", "))]
pub struct UnknownFigure(String);

impl Figure {
    /// Every figure, in the order of every table.
    pub const ALL: [Figure; 13] = [
        Figure::P50,
        Figure::P90,
        Figure::P99,
        Figure::P999,
        Figure::Mean,
        Figure::Bytes,
        Figure::Overhead,
        Figure::Ip,
        Figure::Cpu,
        Figure::LoadgenCpu,
        Figure::Memory,
        Figure::LoadgenMemory,
        Figure::Lost,
    ];

    /// The name for options and scripts.
    pub const fn id(self) -> &'static str {
        match self {
            Figure::P50 => "p50",
            Figure::P90 => "p90",
            Figure::P99 => "p99",
            Figure::P999 => "p99.9",
            Figure::Mean => "mean",
            Figure::Bytes => "bytes",
            Figure::Overhead => "overhead",
            Figure::Ip => "ip",
            Figure::Cpu => "cpu",
            Figure::LoadgenCpu => "loadgen-cpu",
            Figure::Memory => "memory",
            Figure::LoadgenMemory => "loadgen-memory",
            Figure::Lost => "lost",
        }
    }

    /// What its values are counted in.
    pub const fn unit(self) -> Unit {
        match self {
            Figure::P50
            | Figure::P90
            | Figure::P99
            | Figure::P999
            | Figure::Mean
            | Figure::Cpu
            | Figure::LoadgenCpu => Unit::Us,
            Figure::Bytes | Figure::Overhead | Figure::Ip | Figure::Memory | Figure::LoadgenMemory => Unit::Bytes,
            Figure::Lost => Unit::Events,
        }
    }

    /// The figure of a cell, in its unit; `None` where it was not measured.
    pub(crate) fn of(self, cell: &Cell) -> Option<f64> {
        let percentile = |pick: fn(&Latency) -> Option<u64>| Some(pick(cell.latency_us.as_ref()?)? as f64);
        match self {
            Figure::P50 => percentile(|latency| latency.p50),
            Figure::P90 => percentile(|latency| latency.p90),
            Figure::P99 => percentile(|latency| latency.p99),
            Figure::P999 => percentile(|latency| latency.p999),
            Figure::Mean => Some(cell.latency_us?.mean),
            Figure::Bytes => cell.bytes_per_event.total,
            Figure::Overhead => cell.bytes_per_event.overhead,
            Figure::Ip => cell.bytes_per_event.ip,
            Figure::Cpu => cell.cpu_us_per_event.server,
            Figure::LoadgenCpu => cell.cpu_us_per_event.loadgen,
            Figure::Memory => cell.rss_bytes_per_client.server,
            Figure::LoadgenMemory => cell.rss_bytes_per_client.loadgen,
            Figure::Lost => cell.lost.map(|lost| lost as f64),
        }
    }
}

impl Unit {
    /// What may stand behind a number, and how much of the unit it is.
    pub(crate) const fn names(self) -> &'static [(&'static str, f64)] {
        match self {
            Unit::Us => &[("us", 1.0), ("µs", 1.0), ("ms", 1e3), ("s", 1e6)],
            Unit::Bytes => &[("B", 1.0), ("kB", 1e3), ("KiB", 1_024.0), ("MiB", 1_048_576.0)],
            Unit::Events => &[("", 1.0)],
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Figure {
    type Err = UnknownFigure;

    fn from_str(text: &str) -> Result<Figure, UnknownFigure> {
        Figure::ALL.into_iter().find(|figure| figure.id() == text).ok_or_else(|| UnknownFigure(text.to_owned()))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
