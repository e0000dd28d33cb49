//! When events are published: pure functions of rate, arrivals and seed, or of a recorded series. No clock, no thread.
//!
//! Every server process of a cell makes the same schedule from the same seed, and so does a test.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use feedbench_record::scenario::Arrivals;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rand_distr::{Distribution as _, Exp1, Open01};

/// One event to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// The intended instant (us after the publisher's start).
    pub after_us: u64,
    /// The topic, counted from 0 among those of the schedule.
    pub topic: u32,
    /// How many events the topic has before this one.
    pub nth: u64,
}

/// The intended instants of one topic (us after the start), without end.
#[derive(Clone, Debug)]
pub struct TopicArrivals {
    arrivals: Arrivals,
    gap_us: f64,
    /// The last instant; for equal gaps, the first one.
    base_us: f64,
    given: u64,
    random: ChaCha8Rng,
}

impl TopicArrivals {
    /// `rate_per_s` is above 0. Each topic draws from a stream of its own, so that it is the same whatever else there is.
    pub fn new(arrivals: Arrivals, rate_per_s: f64, seed: u64, topic: u32) -> TopicArrivals {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(u64::from(topic));
        let gap_us = 1e6 / rate_per_s;
        let base_us = match arrivals {
            Arrivals::Poisson => 0.0,
            // Topics with equal gaps and equal phases would publish in step.
            Arrivals::Fixed => {
                let phase: f64 = Open01.sample(&mut random);
                gap_us * phase
            }
        };
        TopicArrivals { arrivals, gap_us, base_us, given: 0, random }
    }

    /// Arrivals that were not begun yet, as they go on after so many: with other gaps than the first ones had.
    fn after(mut self, events: u64) -> TopicArrivals {
        self.random.set_word_pos(u128::from(events) * WORDS_PER_ARRIVAL);
        self
    }
}

impl Iterator for TopicArrivals {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let at_us = match self.arrivals {
            Arrivals::Poisson => {
                let gap: f64 = Exp1.sample(&mut self.random);
                self.base_us += gap * self.gap_us;
                self.base_us
            }
            // A product, not a sum: rounding errors do not add up.
            Arrivals::Fixed => self.base_us + self.given as f64 * self.gap_us,
        };
        self.given += 1;
        Some(at_us as u64)
    }
}

/// Room for one arrival in the stream of random numbers: mostly it takes two words.
const WORDS_PER_ARRIVAL: u128 = 16;

/// All topics together, in the order of time.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// At a rate.
    Rate {
        /// The instants of each topic.
        topics: Vec<TopicArrivals>,
        /// The next event of each topic, the earliest first.
        next: BinaryHeap<Reverse<Planned>>,
    },
    /// As recorded, the same on every topic.
    Recorded {
        /// Instants (us after the start), never decreasing.
        times_us: Vec<u64>,
        /// How many topics.
        topics: u32,
        /// How many events were given, or passed over.
        given: u64,
        /// How many events each topic had before; none where it is not named.
        position: Vec<u64>,
        /// The recorded instant that counts as 0 (us).
        base_us: u64,
    },
}

impl Schedule {
    /// These topics of the cell, each with so many events a second. `rate_per_s` is above 0. [`Planned`] counts the topics
    /// in the order given; when one is published follows from its number in the cell and the seed alone, whichever
    /// others are given.
    pub fn at_rate(arrivals: Arrivals, rate_per_s: f64, seed: u64, topics: impl IntoIterator<Item = u32>) -> Schedule {
        let of_topic = |topic| TopicArrivals::new(arrivals, rate_per_s, seed, topic);
        let mut all: Vec<_> = topics.into_iter().map(of_topic).collect();
        let next = (0..).zip(&mut all).filter_map(|(topic, arrivals)| {
            arrivals.next().map(|after_us| Reverse(Planned { after_us, topic, nth: 0 }))
        });
        let next = next.collect();
        Schedule::Rate { topics: all, next }
    }

    /// Nothing at all: a feed that stays silent.
    pub fn silent() -> Schedule {
        Schedule::Rate { topics: Vec::new(), next: BinaryHeap::new() }
    }

    /// The recorded instants (us since any point, never decreasing), `speed` times faster, from the first one on.
    /// `speed` is above 0.
    pub fn recorded(times_us: &[u64], speed: f64, topics: u32) -> Schedule {
        let first = times_us.first().copied().unwrap_or(0);
        let times_us = times_us.iter().map(|&at_us| ((at_us - first) as f64 / speed) as u64).collect();
        Schedule::Recorded { times_us, topics, given: 0, position: Vec::new(), base_us: 0 }
    }

    /// The rest of a schedule of which nothing was given yet: after so many events of each topic, in the order of the
    /// topics. Instants count from the last of those events, so the first one comes after the gap that it has; at a rate,
    /// after a gap of its own.
    #[must_use]
    pub fn starting_at(self, from: &[u64]) -> Schedule {
        if from.iter().all(|&events| events == 0) {
            return self;
        }
        match self {
            Schedule::Rate { topics, .. } => {
                let of_topic = |topic: usize| from.get(topic).copied().unwrap_or(0);
                let mut topics: Vec<_> =
                    topics.into_iter().enumerate().map(|(topic, arrivals)| arrivals.after(of_topic(topic))).collect();
                let next = topics.iter_mut().enumerate().filter_map(|(topic, arrivals)| {
                    let after_us = arrivals.next()?;
                    Some(Reverse(Planned { after_us, topic: topic as u32, nth: of_topic(topic) }))
                });
                let next = next.collect();
                Schedule::Rate { topics, next }
            }
            Schedule::Recorded { times_us, topics, .. } => {
                let mut position = from.to_vec();
                position.resize(topics as usize, 0);
                let least = position.iter().copied().min().unwrap_or(0);
                let last = least.checked_sub(1).map_or(0, |nth| (nth as usize).min(times_us.len().saturating_sub(1)));
                let base_us = times_us.get(last).copied().unwrap_or(0);
                // Where the topics differ, those that are further have to be passed over until the others are as far.
                let given = least.saturating_mul(u64::from(topics));
                Schedule::Recorded { times_us, topics, given, position, base_us }
            }
        }
    }
}

impl Iterator for Schedule {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        match self {
            Schedule::Rate { topics, next } => {
                let Reverse(planned) = next.pop()?;
                if let Some(after_us) = topics[planned.topic as usize].next() {
                    next.push(Reverse(Planned { after_us, topic: planned.topic, nth: planned.nth + 1 }));
                }
                Some(planned)
            }
            Schedule::Recorded { times_us, topics, given, position, base_us } => loop {
                let nth = *given / u64::from(*topics);
                let topic = (*given % u64::from(*topics)) as u32;
                let after_us = times_us.get(nth as usize)? - *base_us;
                *given += 1;
                if position.get(topic as usize).is_none_or(|&before| nth >= before) {
                    return Some(Planned { after_us, topic, nth });
                }
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arrivals() -> impl Strategy<Value = Arrivals> {
        prop_oneof![Just(Arrivals::Poisson), Just(Arrivals::Fixed)]
    }

    fn first(schedule: &Schedule, n: usize) -> Vec<Planned> {
        schedule.clone().take(n).collect()
    }

    #[test]
    fn equal_gaps_are_equal_and_their_errors_do_not_add_up() {
        let all: Vec<u64> = TopicArrivals::new(Arrivals::Fixed, 3.0, 1, 0).take(3_000_001).collect();
        assert_eq!((all[3_000_000] - all[0]).abs_diff(1_000_000_000_000), 0);
        assert!(all.windows(2).all(|pair| (333_333..=333_334).contains(&(pair[1] - pair[0]))));
        assert!(all[0] < 333_334, "the first comes within a gap");
    }

    #[test]
    fn a_recorded_series_keeps_its_gaps_on_every_topic() {
        let schedule = Schedule::recorded(&[5_000, 5_000, 9_000], 2.0, 2);
        let given: Vec<_> = schedule.map(|planned| (planned.after_us, planned.topic, planned.nth)).collect();
        assert_eq!(given, [(0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (2_000, 0, 2), (2_000, 1, 2)]);
    }

    #[test]
    fn a_recorded_series_goes_on_after_the_gap_that_its_next_event_has() {
        let schedule = Schedule::recorded(&[5_000, 6_000, 9_000, 9_500], 1.0, 2);
        let after = |position: &[u64]| -> Vec<_> {
            let rest = schedule.clone().starting_at(position);
            rest.map(|planned| (planned.after_us, planned.topic, planned.nth)).collect()
        };
        assert_eq!(after(&[0, 0]).len(), 8);
        assert_eq!(after(&[2, 2]), [(3_000, 0, 2), (3_000, 1, 2), (3_500, 0, 3), (3_500, 1, 3)]);
        assert_eq!(after(&[3, 2]), [(3_000, 1, 2), (3_500, 0, 3), (3_500, 1, 3)], "stopped between two topics");
        assert_eq!(after(&[4]).len(), 4, "a topic that is not named begins at its first event");
        assert!(after(&[4, 4]).is_empty() && after(&[u64::MAX, u64::MAX]).is_empty());
    }

    #[test]
    fn a_schedule_without_topics_or_times_is_empty() {
        assert_eq!(Schedule::silent().next(), None);
        assert_eq!(Schedule::at_rate(Arrivals::Poisson, 1.0, 1, []).next(), None);
        assert_eq!(Schedule::recorded(&[], 1.0, 1).next(), None);
    }

    proptest! {
        #[test]
        fn the_mean_rate_is_the_one_asked_for(arrivals in arrivals(), rate in 0.01f64..10_000.0, seed: u64) {
            let n = 10_000;
            let last = TopicArrivals::new(arrivals, rate, seed, 0).nth(n - 1).unwrap();
            let measured = n as f64 / (last as f64 / 1e6);
            // The mean of n exponential gaps has a relative standard deviation of 1 / sqrt(n): six of them.
            prop_assert!((measured / rate - 1.0).abs() < 6.0 / (n as f64).sqrt(), "{measured} instead of {rate}");
        }

        #[test]
        fn instants_never_go_back_and_count_from_zero(
            arrivals in arrivals(), rate in 0.01f64..100_000.0, seed: u64, topics in 1u32..20,
        ) {
            let planned = first(&Schedule::at_rate(arrivals, rate, seed, 0..topics), 500);
            prop_assert!(planned.is_sorted_by_key(|p| p.after_us));
            for topic in 0..topics {
                let nths: Vec<_> = planned.iter().filter(|p| p.topic == topic).map(|p| p.nth).collect();
                prop_assert_eq!(&nths, &(0..nths.len() as u64).collect::<Vec<_>>());
            }
        }

        #[test]
        fn the_same_seed_gives_the_same_schedule_and_another_one_another(
            arrivals in arrivals(), rate in 0.01f64..1_000.0, seed: u64, topics in 1u32..10,
        ) {
            let schedule = Schedule::at_rate(arrivals, rate, seed, 0..topics);
            prop_assert_eq!(first(&schedule, 100), first(&Schedule::at_rate(arrivals, rate, seed, 0..topics), 100));
            prop_assert_ne!(first(&schedule, 100), first(&Schedule::at_rate(arrivals, rate, seed ^ 1, 0..topics), 100));
        }

        #[test]
        fn the_parts_of_a_cell_publish_together_what_the_whole_would(
            arrivals in arrivals(), seed: u64, topics in 1u32..30, at in 0u32..30,
        ) {
            let at = at.min(topics);
            let until = |of: Vec<u32>| {
                let schedule = Schedule::at_rate(arrivals, 5.0, seed, of.clone());
                let in_cell = |planned: Planned| Planned { topic: of[planned.topic as usize], ..planned };
                schedule.map(in_cell).take_while(|planned| planned.after_us < 2_000_000).collect::<Vec<_>>()
            };
            let mut parts = [until((0..at).collect()), until((at..topics).collect())].concat();
            parts.sort_unstable();
            prop_assert_eq!(parts, until((0..topics).collect()));
        }

        #[test]
        fn a_schedule_at_a_rate_goes_on_at_its_rate_where_each_topic_stood(
            arrivals in arrivals(), seed: u64, position in proptest::collection::vec(0u64..1 << 53, 1..5),
        ) {
            let topics = position.len() as u32;
            let rest = first(&Schedule::at_rate(arrivals, 100.0, seed, 0..topics).starting_at(&position), 4_000);
            prop_assert!(rest.is_sorted_by_key(|planned| planned.after_us));
            for (topic, &from) in (0..).zip(&position) {
                let nths: Vec<_> = rest.iter().filter(|p| p.topic == topic).map(|p| p.nth).collect();
                prop_assert_eq!(&nths, &(from..from + nths.len() as u64).collect::<Vec<_>>());
            }
            let measured = 4_000.0 / (rest[3_999].after_us as f64 / 1e6) / f64::from(topics);
            prop_assert!((measured / 100.0 - 1.0).abs() < 6.0 / 4_000f64.sqrt(), "{measured}");
        }

        #[test]
        fn a_topic_is_the_same_whatever_other_topics_there_are(arrivals in arrivals(), seed: u64) {
            let alone: Vec<_> = TopicArrivals::new(arrivals, 5.0, seed, 3).take(20).collect();
            let among: Vec<_> = Schedule::at_rate(arrivals, 5.0, seed, 0..10)
                .filter(|planned| planned.topic == 3).map(|planned| planned.after_us).take(20).collect();
            prop_assert_eq!(alone, among);
        }
    }
}
