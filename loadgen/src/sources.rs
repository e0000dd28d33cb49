//! Source addresses: which of 127.0.0.1, 127.0.0.2, … a connection leaves from, so that no pair of source and destination
//! runs out of ports. A target elsewhere is reached from the one address that the route says.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

use feedbench_record::scenario::ConnectionPolicy;
use feedbench_wire::sys::ports;

/// Clients of one source address: past half of the port range, `connect()` has to search for a free port.
pub const CLIENTS_PER_SOURCE: u32 = 5_000;

/// Source addresses that connections which are closed take turns with: 127.0.0.2 to 127.0.255.254. What else runs on
/// the machine leaves from 127.0.0.1.
const SOURCES: u64 = 0xfffd;
/// The ports to clients where the kernel does not tell (its default).
const EPHEMERAL: RangeInclusive<u16> = 32_768..=60_999;

/// The source addresses of one worker.
#[derive(Debug)]
pub(crate) struct Sources {
    loopback: bool,
    policy: ConnectionPolicy,
    worker: u64,
    workers: u64,
    /// The first port, and how many connections leave from one address before the next one has its turn.
    first: u16,
    turn: u64,
    opened: Cell<u64>,
}

impl Sources {
    pub(crate) fn new(target: SocketAddr, policy: ConnectionPolicy, worker: u32, workers: u32) -> Sources {
        let ports = ports::ephemeral().unwrap_or(EPHEMERAL);
        Sources {
            loopback: matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback()),
            policy,
            worker: worker.into(),
            workers: workers.max(1).into(),
            first: *ports.start(),
            turn: (ports.len() as u64 / 2).max(1),
            opened: Cell::new(0),
        }
    }

    /// Where a client's next connection leaves from, port 0 for any; `None` for where the route says.
    ///
    /// Connections that are closed after a request get each port once: of the kernel's choice, which begins anew
    /// every few seconds, some would come back while the server still has them in TIME_WAIT, and end that.
    pub(crate) fn next(&self, client: u32) -> Option<SocketAddr> {
        let (host, port) = match self.policy {
            ConnectionPolicy::KeepAlive => (client / CLIENTS_PER_SOURCE + 1, 0),
            ConnectionPolicy::Close | ConnectionPolicy::Http10 => {
                let nth = self.opened.replace(self.opened.get() + 1);
                // Each worker has addresses of its own, and so many of them that the first rests for minutes.
                let turns = (SOURCES / self.workers).max(1);
                let host = nth / self.turn % turns * self.workers + self.worker;
                (host as u32 + 2, self.first + (nth % self.turn) as u16)
            }
        };
        self.loopback.then(|| (Ipv4Addr::from_bits(0x7f00_0000 + host), port).into())
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
        let of = |client| sources.next(client).map(|source| source.to_string());
        assert_eq!(of(4_999).as_deref(), Some("127.0.0.1:0"));
        assert_eq!(of(5_000).as_deref(), Some("127.0.0.2:0"));
        assert_eq!(of(99_999).as_deref(), Some("127.0.0.20:0"));
        let elsewhere = Sources::new(SocketAddr::from(([192, 0, 2, 1], 80)), ConnectionPolicy::Close, 0, 1);
        assert_eq!(elsewhere.next(0), None);
    }

    #[test]
    fn connections_that_are_closed_take_half_of_an_address_s_ports_and_each_of_them_once() {
        let range = ports::ephemeral().unwrap_or(EPHEMERAL);
        let mut seen = BTreeSet::new();
        let mut owners = BTreeMap::<IpAddr, BTreeSet<u32>>::new();
        for worker in 0..3 {
            let sources = Sources::new(loopback(), ConnectionPolicy::Close, worker, 3);
            for client in 0..100_000 {
                let Some(source) = sources.next(client % 10) else { panic!("the target is on loopback") };
                assert!(range.contains(&source.port()) && seen.insert(source), "{source} comes again");
                owners.entry(source.ip()).or_default().insert(worker);
            }
        }
        assert!(owners.values().all(|workers| workers.len() == 1), "no two workers share an address");
        assert!(owners.keys().all(|source| matches!(source, IpAddr::V4(ip) if ip.octets()[..2] == [127, 0])));
        let of_first = seen.iter().filter(|source| Some(&source.ip()) == owners.keys().next()).count();
        assert_eq!(of_first, range.len() / 2);
    }
}
