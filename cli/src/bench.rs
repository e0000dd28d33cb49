//! What every cell of a run shares.

use std::net::SocketAddr;

use feedbench_record::run::{Machine, Tool};
use feedbench_wire::io::tls::{Identity, Trust};
use feedbench_wire::sys;

use crate::interrupt::Interrupt;

/// What every cell of a run shares.
pub(crate) struct Bench {
    pub(crate) tool: Tool,
    pub(crate) machine: Machine,
    /// The cores of the server and of the load generator; empty for all.
    pub(crate) cores: Cores,
    pub(crate) interrupt: Interrupt,
    /// A server that is already running; `None` for a fresh one in each cell.
    pub(crate) target: Option<Target>,
    /// Who a fresh server is inside TLS; `None` where no cell has TLS.
    pub(crate) identity: Option<Identity>,
}

/// A server that is not ours, and was asked what it is.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// What the `Host` field says.
    pub(crate) host: String,
    /// How much its CLOCK_MONOTONIC is ahead of ours (us); 0 when both are the same.
    pub(crate) clock_ahead_us: i64,
    /// Why its events' instants cannot be compared with our clock.
    pub(crate) latency_absent: Option<String>,
    /// Whom to trust there inside TLS; `None` in clear.
    pub(crate) tls: Option<Trust>,
}

/// Which cores each side keeps to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cores {
    pub(crate) server: Vec<usize>,
    pub(crate) loadgen: Vec<usize>,
}

impl Cores {
    /// A half for each side, where there are at least two.
    pub(crate) fn halves() -> Cores {
        let mut server = sys::cores::allowed();
        if server.len() < 2 {
            return Cores::default();
        }
        let loadgen = server.split_off(server.len() / 2);
        Cores { server, loadgen }
    }

    pub(crate) fn pinned(&self) -> bool {
        !self.server.is_empty()
    }
}
