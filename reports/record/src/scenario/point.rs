//! A point of a suite: what of a scenario concerns a transport, and the seed of each repetition.

use super::{Compression, ConnectionPolicy, Protocol, Scenario, Source};
use crate::transport::{Manner, Transport};

/// The increment of SplitMix64: 2^64 divided by the golden ratio, made odd.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output of SplitMix64 (Steele, Lea and Flood, 2014, figure 17) with this number, from 1, when it starts from that
/// seed. Number 0 is the output of the seed before.
pub fn split_mix(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(GOLDEN_GAMMA.wrapping_mul(number));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The seed of a repetition, from 1. Repetitions are to be independent: with one seed they would all see the same
/// arrivals, and their median would be that of one realisation. The first keeps the scenario's own seed; a later one has
/// the upper 53 bits of the output that [`split_mix`] gives for it: as many bits as every reader of JSON keeps exactly.
pub fn repetition_seed(seed: u64, repetition: u32) -> u64 {
    if repetition <= 1 {
        return seed;
    }
    split_mix(seed, u64::from(repetition) - 1) >> 11
}

impl Scenario {
    /// The scenario with the default for every value that has no effect on this transport or on where its events come
    /// from: two scenarios that look alike to a transport are one point of its own.
    pub fn as_seen_by(&self, transport: Transport) -> Scenario {
        let usual = Scenario::default();
        let mut seen = self.clone();
        match transport.manner() {
            Manner::Asks => {}
            Manner::Waits | Manner::Pushed => {
                (seen.interval_ms, seen.synchronised) = (usual.interval_ms, usual.synchronised);
            }
        }
        if transport.manner() != Manner::Waits {
            seen.hold_ms = usual.hold_ms;
        }
        if transport.manner() == Manner::Pushed {
            seen.connection = ConnectionPolicy::KeepAlive;
        } else {
            seen.heartbeat_ms = usual.heartbeat_ms;
            (seen.slow_readers, seen.queue_events) = (usual.slow_readers, usual.queue_events);
        }
        if transport.manner() != Manner::Pushed || transport == Transport::WebSocket {
            seen.recycle = usual.recycle;
        }
        if transport != Transport::WebSocket {
            seen.binary = usual.binary;
        }
        if transport.manner() != Manner::Pushed && seen.compression == Compression::PerConnection {
            seen.compression = Compression::PerEvent;
        }
        if seen.protocol == Protocol::Http1 {
            seen.clients_per_connection = usual.clients_per_connection;
        }
        seen.tls_resumption &= seen.tls;
        let (sets_payload, sets_rate) = match self.source {
            Source::Synthetic => (!self.is_silent(), true),
            Source::Replay { own_pace, .. } => (false, !own_pace),
            Source::Stdin => (false, false),
        };
        if !sets_payload {
            seen.payload_bytes = usual.payload_bytes;
        }
        if !sets_rate {
            seen.rate_per_s = usual.rate_per_s;
        }
        if !sets_rate || self.is_silent() {
            seen.arrivals = usual.arrivals;
        }
        seen
    }

    /// Is nothing published, because the rate is 0? A replay at its own pace and standard input have no rate.
    pub fn is_silent(&self) -> bool {
        let has_rate = match self.source {
            Source::Synthetic => true,
            Source::Replay { own_pace, .. } => !own_pace,
            Source::Stdin => false,
        };
        has_rate && self.rate_per_s == 0.0
    }

    /// From one thing that a client of a silent feed hears or says to the next (ms): the poll interval, the hold time, or
    /// the time to a heartbeat.
    pub fn silence_ms(&self, transport: Transport) -> u64 {
        match transport.manner() {
            Manner::Asks => self.interval_ms,
            Manner::Waits => self.hold_ms,
            Manner::Pushed => self.heartbeat_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Arrivals, Recycle, SlowReaders};
    use proptest::prelude::*;

    #[test]
    fn the_first_repetition_has_the_scenario_s_own_seed_and_the_others_what_splitmix64_gives() {
        assert_eq!(repetition_seed(7, 1), 7);
        // The first output of SplitMix64 from 0 is e220a8397b1dcdaf.
        assert_eq!(repetition_seed(0, 2), 0xe220_a839_7b1d_cdaf >> 11);
        assert_eq!(repetition_seed(0, 3), 0x6e78_9e6a_a1b9_65f4 >> 11);
    }

    #[test]
    fn a_feed_is_silent_at_a_rate_of_0_unless_it_has_a_pace_of_its_own() {
        let replay = |own_pace| Source::Replay { name: "x.csv".to_owned(), own_pace, speed: 1.0 };
        let silent = |rate_per_s, source| Scenario { rate_per_s, source, ..Scenario::default() }.is_silent();
        assert!(silent(0.0, Source::Synthetic) && silent(0.0, replay(false)));
        assert!(!silent(0.1, Source::Synthetic) && !silent(0.0, replay(true)) && !silent(0.0, Source::Stdin));
    }

    fn scenarios() -> impl Strategy<Value = Scenario> {
        let recycle = prop_oneof![Just(None), Just(Some(Recycle::Bytes(7))), Just(Some(Recycle::Ms(7)))];
        let source = prop_oneof![
            Just(Source::Synthetic),
            any::<bool>().prop_map(|own_pace| Source::Replay { name: "x.csv".to_owned(), own_pace, speed: 2.0 }),
            Just(Source::Stdin)
        ];
        let paces = (prop_oneof![Just(0.0), 0.1f64..10.0], 64u32..70, 1u64..4, 1u64..4, 1u64..4);
        let choices = (any::<[bool; 4]>(), proptest::option::of(1u32..4), recycle, source);
        (paces, choices).prop_map(|(paces, (flags, queue_events, recycle, source))| {
            let (rate_per_s, payload_bytes, interval_ms, hold_ms, heartbeat_ms) = paces;
            let [synchronised, binary, fixed, drops] = flags;
            Scenario {
                rate_per_s,
                payload_bytes,
                interval_ms,
                hold_ms,
                heartbeat_ms,
                synchronised,
                binary,
                queue_events,
                recycle,
                source,
                arrivals: if fixed { Arrivals::Fixed } else { Arrivals::Poisson },
                slow_readers: if drops { SlowReaders::Drop } else { SlowReaders::Miss },
                ..Scenario::default()
            }
        })
    }

    proptest! {
        #[test]
        fn no_two_repetitions_of_a_point_have_one_seed(seed: u64) {
            let mut seeds: Vec<_> = (1..=500).map(|repetition| repetition_seed(seed, repetition)).collect();
            prop_assert!(seeds[1..].iter().all(|&seed| seed < 1 << 53));
            seeds.sort_unstable();
            seeds.dedup();
            prop_assert_eq!(seeds.len(), 500);
        }

        #[test]
        fn what_a_transport_sees_looks_the_same_to_it_again(scenario in scenarios()) {
            for transport in Transport::ALL {
                let seen = scenario.as_seen_by(transport);
                prop_assert_eq!(&seen.as_seen_by(transport), &seen);
                prop_assert_eq!(seen.is_silent(), scenario.is_silent());
                prop_assert_eq!(seen.silence_ms(transport), scenario.silence_ms(transport));
                prop_assert_eq!(seen.is_closed(transport), scenario.is_closed(transport));
            }
        }

        #[test]
        fn an_interval_concerns_who_asks_and_a_hold_time_who_waits(scenario in scenarios(), other_ms in 10u64..20) {
            for transport in Transport::ALL {
                let same = |other: Scenario| other.as_seen_by(transport) == scenario.as_seen_by(transport);
                let manner = transport.manner();
                prop_assert_eq!(same(Scenario { interval_ms: other_ms, ..scenario.clone() }), manner != Manner::Asks);
                prop_assert_eq!(same(Scenario { hold_ms: other_ms, ..scenario.clone() }), manner != Manner::Waits);
                prop_assert_eq!(
                    same(Scenario { heartbeat_ms: other_ms, ..scenario.clone() }),
                    manner != Manner::Pushed
                );
                prop_assert_eq!(same(Scenario { clients: scenario.clients + 1, ..scenario.clone() }), false);
                prop_assert_eq!(same(Scenario { window_ms: scenario.window_ms + 1, ..scenario.clone() }), false);
                prop_assert_eq!(same(Scenario { seed: scenario.seed + 1, ..scenario.clone() }), false);
            }
        }
    }
}
