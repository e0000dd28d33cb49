//! Where events come from: made up, a recorded series, or standard input.

pub mod csv_line;
pub mod replay;
pub mod stdin;
pub mod synthetic;

use feedbench_record::Scenario;
use feedbench_record::scenario::{PAYLOAD_MAX_BYTES, PAYLOAD_MIN_BYTES, Source};
use feedbench_wire::event::Data;

use crate::schedule::Schedule;
use replay::{Replay, ReplayError};
use synthetic::Synthetic;

/// What the publisher publishes, and when.
#[derive(Debug)]
pub struct Program {
    /// When.
    pub schedule: Schedule,
    /// What.
    pub content: Content,
}

/// The data of the events.
#[derive(Debug)]
pub enum Content {
    /// Made up.
    Synthetic(Box<Synthetic>),
    /// Recorded.
    Replay(Replay),
}

/// A scenario that cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The series is not usable.
    #[error("replay {name}: {error}")]
    Replay {
        /// The file's name.
        name: String,
        /// What is wrong with it.
        error: ReplayError,
    },
    /// No built-in series of this name.
    #[error("unknown series \"{name}\"; there are: {}", replay::BUILT_IN.map(|(name, _)| name).join(", "))]
    UnknownSeries {
        /// What was asked for.
        name: String,
    },
    /// Not a rate.
    #[error("a rate of {0} events per second: it must not be below 0")]
    Rate(f64),
    /// Not a speed.
    #[error("a replay speed of {0}: it must be above 0")]
    Speed(f64),
    /// Not a size.
    #[error("a payload of {0} bytes: it must be from {PAYLOAD_MIN_BYTES} to {PAYLOAD_MAX_BYTES}")]
    Payload(u32),
}

impl Program {
    /// The program of a scenario; `None` when its events come from standard input. `replay_file` is the text of the
    /// recorded file; without it the series that [`Source::Replay`] names is a built-in one.
    ///
    /// # Errors
    /// When the series, the rate, the speed or the payload cannot be used.
    pub fn of(scenario: &Scenario, replay_file: Option<&str>) -> Result<Option<Program>, SourceError> {
        let topics = scenario.topics();
        let at_rate = || match scenario.rate_per_s {
            0.0 => Ok(Schedule::silent()),
            rate if rate > 0.0 && rate.is_finite() => {
                Ok(Schedule::at_rate(scenario.arrivals, rate, scenario.seed, topics.iter().copied()))
            }
            rate => Err(SourceError::Rate(rate)),
        };
        let program = match &scenario.source {
            Source::Stdin => return Ok(None),
            Source::Synthetic if !(PAYLOAD_MIN_BYTES..=PAYLOAD_MAX_BYTES).contains(&scenario.payload_bytes) => {
                return Err(SourceError::Payload(scenario.payload_bytes));
            }
            Source::Synthetic => {
                let content = Content::Synthetic(Box::new(Synthetic::new(scenario.seed, scenario.payload_bytes)));
                Program { schedule: at_rate()?, content }
            }
            Source::Replay { name, own_pace, speed } => {
                let unusable = |error| SourceError::Replay { name: name.clone(), error };
                let replay = match replay_file {
                    Some(text) => replay::parse(name, text).map_err(unusable)?,
                    None => replay::built_in(name).ok_or_else(|| SourceError::UnknownSeries { name: name.clone() })?,
                };
                let schedule = match (own_pace, speed) {
                    (false, _) => at_rate()?,
                    (true, speed) if !(*speed > 0.0 && speed.is_finite()) => return Err(SourceError::Speed(*speed)),
                    (true, speed) => {
                        Schedule::recorded(replay.times_us().map_err(unusable)?, *speed, topics.len() as u32)
                    }
                };
                Program { schedule, content: Content::Replay(replay) }
            }
        };
        Ok(Some(program))
    }

    /// Has a recorded series at its own pace come to its end?
    pub fn is_over(&self) -> bool {
        matches!(self.schedule, Schedule::Recorded { .. }) && self.schedule.clone().next().is_none()
    }

    /// The program as it goes on after so many events of each topic, in the order of the topics; those that are not named
    /// begin at their first. The next event comes after a gap of its schedule.
    #[must_use]
    pub fn starting_at(self, position: &[u64]) -> Program {
        let content = match self.content {
            Content::Synthetic(source) => {
                let events = position.iter().copied().map(u128::from).sum();
                Content::Synthetic(Box::new(source.after(events)))
            }
            Content::Replay(replay) => Content::Replay(replay),
        };
        Program { schedule: self.schedule.starting_at(position), content }
    }
}

impl Content {
    /// The data of a topic's `nth` event (from 0). A recorded series begins again when it has ended.
    pub fn data(&mut self, nth: u64) -> Data<'_> {
        match self {
            Content::Synthetic(synthetic) => synthetic.data(),
            Content::Replay(replay) => replay.data(nth),
        }
    }
}
