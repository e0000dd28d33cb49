//! The parts of a cell that is split over several pairs of processes: which clients each of them has.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One part of a cell. A cell's clients are numbered from 0, and each shard has a contiguous run of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which part this is, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
    /// The clients of all of them together.
    pub cell_clients: u32,
}

impl Shard {
    /// The numbers of its clients. All shards of a cell together have each client once, and none has more than one
    /// client more than another.
    pub fn clients(self) -> Range<u32> {
        let first = |number: u32| u64::from(self.cell_clients) * u64::from(number) / u64::from(self.of.max(1));
        first(self.number.saturating_sub(1)) as u32..first(self.number) as u32
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_client_is_in_one_shard_and_all_shards_are_alike(cell_clients in 1u32..200_000, of in 1u32..100) {
            let mut next = 0;
            for number in 1..=of {
                let clients = Shard { number, of, cell_clients }.clients();
                prop_assert_eq!(clients.start, next);
                prop_assert!((cell_clients / of..=cell_clients.div_ceil(of)).contains(&(clients.len() as u32)));
                next = clients.end;
            }
            prop_assert_eq!(next, cell_clients);
        }
    }
}
