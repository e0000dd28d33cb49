//! Is a cell valid, and if not, for which reasons? The words; [`crate::judge`] has the bounds and decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a reason says about the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// What was sent is not what arrived: a fault, on any machine.
    Integrity,
    /// The machine or the load generator was too slow or disturbed: the figures may not be the transport's.
    Timing,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Published and not delivered.
    Lost,
    /// Delivered twice to one client.
    Duplicated,
    /// Delivered after a later one.
    Reordered,
    /// No event, or no framing.
    Malformed,
    /// Two of the witnesses name different numbers of bytes.
    BytesDisagree,
    /// Bytes that belong to no layer of the ledger.
    Unclassified,
    /// A connection ended before the feed did.
    ClosedEarly,
    /// Requests or connections failed.
    Errors,
    /// A part of the cell ended before its time, and its figures are missing.
    ShardLost,
    /// The publisher was late.
    PublishLag,
    /// The load generator was late to read.
    WorkerLag,
    /// The load generator's workers were late to everything.
    WorkerLoopLag,
    /// The load generator was late to ask.
    LatePolls,
    /// The load generator's distance was longer than it was to be.
    LinkError,
    /// More came down a connection than its line carries: what is behind waits ever longer.
    LineFull,
    /// Events took longer than the transport explains.
    Stalled,
    /// The other end wrote in crumbs.
    Trickled,
    /// A side had no CPU left.
    Saturated,
    /// Something else used a side's cores.
    Starved,
    /// There was no port left to connect from.
    PortsExhausted,
    /// The listener's queue overflowed.
    ListenOverflow,
    /// The kernel sent segments again.
    Retransmitted,
    /// The host took CPU time away.
    Steal,
    /// The control group was throttled.
    Throttled,
    /// A clock was set, stood still, or ran at another rate.
    ClockStep,
    /// Memory was short.
    MemoryPressure,
    /// Durations lie outside the histogram's bounds.
    OutOfBounds,
    /// Too few events, or too few polls.
    WindowTooShort,
    /// Stopped before its end.
    Interrupted,
}

impl Code {
    /// Does it speak of instants that a closed workload does not have, or of the full load that it is there for?
    pub fn is_of_open_workloads(self) -> bool {
        matches!(
            self,
            Code::PublishLag
                | Code::WorkerLag
                | Code::WorkerLoopLag
                | Code::LatePolls
                | Code::LinkError
                | Code::LineFull
                | Code::Stalled
                | Code::OutOfBounds
                | Code::Saturated
        )
    }

    /// The class of every reason with this code.
    pub fn class(self) -> Class {
        match self {
            Code::Lost
            | Code::Duplicated
            | Code::Reordered
            | Code::Malformed
            | Code::BytesDisagree
            | Code::Unclassified
            | Code::ClosedEarly
            | Code::Errors
            | Code::ShardLost => Class::Integrity,
            Code::PublishLag
            | Code::WorkerLag
            | Code::WorkerLoopLag
            | Code::LatePolls
            | Code::LinkError
            | Code::LineFull
            | Code::Stalled
            | Code::Trickled
            | Code::Saturated
            | Code::Starved
            | Code::PortsExhausted
            | Code::ListenOverflow
            | Code::Retransmitted
            | Code::Steal
            | Code::Throttled
            | Code::ClockStep
            | Code::MemoryPressure
            | Code::OutOfBounds
            | Code::WindowTooShort
            | Code::Interrupted => Class::Timing,
        }
    }

    /// May it hold for one shard of a cell and yet not for the sum of all? A percentile or a share of one can hide in those
    /// of the others; a count or a longest duration cannot. What holds for the sum may be more than holds for a shard,
    /// as the number of events in the window: then only the sum counts.
    pub fn may_hide_in_a_sum(self) -> bool {
        match self {
            Code::PublishLag
            | Code::WorkerLag
            | Code::WorkerLoopLag
            | Code::LatePolls
            | Code::LinkError
            | Code::LineFull
            | Code::Trickled
            | Code::Saturated
            | Code::Retransmitted
            | Code::Steal
            | Code::Throttled
            | Code::MemoryPressure => true,
            // To a shard that is looked at by itself, the others are strangers that use its cores.
            Code::Starved => false,
            Code::Lost
            | Code::Duplicated
            | Code::Reordered
            | Code::Malformed
            | Code::BytesDisagree
            | Code::Unclassified
            | Code::ClosedEarly
            | Code::Errors
            | Code::ShardLost
            | Code::Stalled
            | Code::ListenOverflow
            | Code::PortsExhausted
            | Code::ClockStep
            | Code::OutOfBounds
            | Code::WindowTooShort
            | Code::Interrupted => false,
        }
    }
}

/// One reason against a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Integrity or timing.
    pub class: Class,
    /// What is wrong.
    pub code: Code,
    /// The same for people, with the figure and the bound.
    pub text: String,
}

/// What the figures of a cell can say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Workload {
    /// Questions and events come by a schedule of their own: latency, bytes and CPU of an event.
    #[default]
    #[serde(rename = "open")]
    Open,
    /// Each answer brings the next question: requests a second and what one costs, and nothing else.
    #[serde(rename = "closed: throughput only")]
    Closed,
    /// Nothing is published: bytes and CPU of a client a minute.
    #[serde(rename = "idle")]
    Idle,
}

impl Workload {
    /// The words of records and tables.
    pub const fn id(self) -> &'static str {
        match self {
            Workload::Open => "open",
            Workload::Closed => "closed: throughput only",
            Workload::Idle => "idle",
        }
    }
}

/// Valid, or invalid with every reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// No reason against it?
    pub valid: bool,
    /// What the figures can say.
    #[serde(default)]
    pub workload: Workload,
    /// Every reason, integrity first.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The reasons of one class.
    pub fn of_class(&self, class: Class) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(move |reason| reason.class == class)
    }
}
