//! One direction of a connection: how long each piece takes on it.

use std::time::Duration;

use feedbench_record::ledger::Way;
use tokio::time::Instant;

use super::distance::{Distance, Timer};

/// What a line carries in one go (bytes), as Ethernet does with TCP: of a long piece the first part is there before the
/// last one has left.
pub(super) const PART_BYTES: usize = 1_460;

/// What happens to the pieces of one direction, in their order.
#[derive(Debug)]
pub(super) struct OneWay {
    distance: Distance,
    way: Way,
    /// Those so far, with the one of the handshake.
    pieces: u32,
    busy: Busy,
}

/// A time in which the line has always something to carry.
#[derive(Clone, Copy, Debug)]
struct Busy {
    since: Instant,
    /// What it has carried when this is over.
    bytes: u64,
}

impl OneWay {
    pub(super) fn new(distance: Distance, way: Way) -> OneWay {
        OneWay { distance, way, pieces: 1, busy: Busy { since: Instant::now(), bytes: 0 } }
    }

    /// Does it let through everything at once?
    pub(super) fn is_none(&self) -> bool {
        self.distance.is_none()
    }

    /// The transit of the next piece, of all its parts.
    pub(super) fn next_transit(&mut self) -> Duration {
        let transit = self.distance.transit(self.way, self.pieces);
        self.pieces = self.pieces.wrapping_add(1);
        transit
    }

    /// The most bytes that leave as one.
    pub(super) fn part_bytes(&self) -> usize {
        if self.distance.bandwidth_bits_per_s().is_some() { PART_BYTES } else { usize::MAX }
    }

    /// When so many bytes that start at this instant have left: once the line has carried what is ahead, and them.
    pub(super) fn leave(&mut self, start: Instant, bytes: usize) -> Instant {
        let Some(bits_per_s) = self.distance.bandwidth_bits_per_s() else { return start };
        let Busy { since, bytes: ahead } = self.busy;
        if start >= since + carried_in(ahead, bits_per_s) {
            self.busy = Busy { since: start, bytes: 0 };
        }
        // Counted from its beginning, so that no rounding adds up.
        self.busy.bytes += bytes as u64;
        self.busy.since + carried_in(self.busy.bytes, bits_per_s)
    }

    /// Something that started at this instant and was due at that one has just been moved.
    pub(super) fn moved(&self, start: Instant, due: Instant) {
        self.distance.moved(start, due);
    }

    /// Waits for an instant.
    pub(super) fn timer(&self, due: Instant) -> Timer {
        self.distance.timer(due)
    }

    /// What a reset crosses that comes back on what was sent.
    pub(super) fn way_back(&self) -> (Distance, Way) {
        let back = match self.way {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
        };
        (self.distance.clone(), back)
    }
}

/// How long a line takes for so many bytes, rounded up to the nanosecond.
fn carried_in(bytes: u64, bits_per_s: u64) -> Duration {
    let ns = (u128::from(bytes) * 8 * 1_000_000_000).div_ceil(bits_per_s.into());
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::io::link::Path;
    use proptest::prelude::*;

    #[test]
    fn a_line_takes_eight_bits_a_byte_and_never_less() {
        assert_eq!(carried_in(1_000, 8_000), Duration::from_secs(1));
        assert_eq!(carried_in(1, 3_000_000_000), Duration::from_nanos(3));
        assert_eq!(carried_in(0, 1_000), Duration::ZERO);
        assert_eq!(carried_in(u64::MAX, 1), Duration::from_nanos(u64::MAX));
    }

    proptest! {
        #[test]
        fn the_last_byte_leaves_when_the_line_has_carried_them_all(
            pieces in prop::collection::vec((0..100_000_u64, 0..20_000_usize), 1..50),
            bits_per_s in 1_000..1_000_000_000_u64,
        ) {
            let path = Path { bandwidth_bits_per_s: Some(bits_per_s), ..Path::default() };
            let (mut one_way, origin) = (OneWay::new(Distance::of(path), Way::Up), Instant::now());
            let (mut start, mut free) = (origin, origin);
            for (pause_us, bytes) in pieces {
                start += Duration::from_micros(pause_us);
                let left = one_way.leave(start, bytes);
                prop_assert!(left >= start.max(free), "nothing leaves before what is ahead of it");
                let exact = start.max(free) + carried_in(bytes as u64, bits_per_s);
                // Each of the two is rounded up.
                prop_assert!(left <= exact && left + Duration::from_nanos(1) >= exact, "{:?} {:?}", left, exact);
                free = left;
            }
        }
    }
}
