//! Source addresses: which of 127.0.0.1, 127.0.0.2, … a connection leaves from, so that no pair of source and destination
//! runs out of ports. A target elsewhere is reached from the one address that the route says.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::sys::ports;

/// Clients of one source address: past half of the port range, `connect()` has to search for a free port.
pub const CLIENTS_PER_SOURCE: u32 = 5_000;

/// Linux goes on by at most so many ports from one `connect()` to the next.
const PORT_STEP_MAX: u64 = 16;
/// Source addresses that connections which are closed take turns with: 127.0.0.1 to 127.0.255.254.
const SOURCES: u64 = 0xfffe;

/// The source addresses of one worker.
#[derive(Debug)]
pub(crate) struct Sources {
    loopback: bool,
    policy: ConnectionPolicy,
    worker: u64,
    workers: u64,
    /// Connections from one address before the next one has its turn.
    turn: u64,
    opened: Cell<u64>,
}

impl Sources {
    pub(crate) fn new(target: SocketAddr, policy: ConnectionPolicy, worker: u32, workers: u32) -> Sources {
        let ports = ports::ephemeral().map_or(28_000, |ports| ports.len() as u64);
        Sources {
            loopback: matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback()),
            policy,
            worker: worker.into(),
            workers: workers.max(1).into(),
            // No port comes again within a turn: a connection in TIME_WAIT at the server is left to wait.
            turn: (ports / PORT_STEP_MAX).max(1),
            opened: Cell::new(0),
        }
    }

    /// Where a client's next connection leaves from; `None` for where the route says.
    pub(crate) fn next(&self, client: u32) -> Option<IpAddr> {
        let host = match self.policy {
            ConnectionPolicy::KeepAlive => client / CLIENTS_PER_SOURCE + 1,
            ConnectionPolicy::Close | ConnectionPolicy::Http10 => {
                let nth = self.opened.replace(self.opened.get() + 1);
                // Each worker has addresses of its own, and so many of them that the first rests for minutes.
                let turns = (SOURCES / self.workers).max(1);
                (nth / self.turn % turns * self.workers + self.worker) as u32 + 1
            }
        };
        self.loopback.then(|| Ipv4Addr::from_bits(0x7f00_0000 + host).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 80))
    }

    #[test]
    fn five_thousand_clients_share_a_source_address() {
        let sources = Sources::new(loopback(), ConnectionPolicy::KeepAlive, 0, 1);
        let of = |client| sources.next(client).map(|ip| ip.to_string());
        assert_eq!(of(4_999).as_deref(), Some("127.0.0.1"));
        assert_eq!(of(5_000).as_deref(), Some("127.0.0.2"));
        assert_eq!(of(99_999).as_deref(), Some("127.0.0.20"));
        let elsewhere = Sources::new(SocketAddr::from(([192, 0, 2, 1], 80)), ConnectionPolicy::Close, 0, 1);
        assert_eq!(elsewhere.next(0), None);
    }

    #[test]
    fn connections_that_are_closed_need_less_than_half_of_an_address_s_ports_and_no_two_workers_share_one() {
        let half = ports::ephemeral().map_or(0, |ports| ports.len() / 2);
        let mut seen = BTreeMap::<IpAddr, BTreeSet<u32>>::new();
        for worker in 0..3 {
            let sources = Sources::new(loopback(), ConnectionPolicy::Close, worker, 3);
            let mut used = BTreeMap::<IpAddr, usize>::new();
            for client in 0..100_000 {
                if let Some(source) = sources.next(client % 10) {
                    *used.entry(source).or_default() += 1;
                    seen.entry(source).or_default().insert(worker);
                }
            }
            assert_eq!(used.values().sum::<usize>(), 100_000);
            assert!(used.values().all(|&connections| connections <= half), "{used:?}");
        }
        assert!(seen.values().all(|workers| workers.len() == 1));
        assert!(seen.keys().all(|source| matches!(source, IpAddr::V4(ip) if ip.octets()[..2] == [127, 0])));
    }
}
