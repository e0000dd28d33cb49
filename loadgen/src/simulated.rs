//! The clients of a cell in a simulated network, where time is simulated, too: what takes so many transits of the network
//! takes exactly so long, and the same seed gives the same result.
//!
//! Everything else is what a cell has: the same transports, readers, recorder and ledger. There is one worker and no thread,
//! and nothing is said of processor, memory and kernel, because none of them is what it would be.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use anyhow::bail;
use feedbench_wire::Clock;
use feedbench_wire::control::{LoadPlan, LoadResult, Timeline};
use feedbench_wire::io::Socket;
use tokio::sync::watch;

use crate::cell;
use crate::connect::Network;
use crate::shared::{Phase, Phases, Progress};
use crate::worker::Worker;

/// Opens a connection of a simulated network to an address, and tells the address that it comes from.
pub type Dial = Box<dyn Fn(SocketAddr) -> Connecting>;

/// A connection of a simulated network that is being opened.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<(SocketAddr, Socket)>>>>;

/// Runs the clients of a plan, which begin to connect at `connect_us`, along a timeline. `clock` is the runtime's; the
/// distance of the plan comes on top of the network's own.
///
/// # Errors
/// When the plan cannot be carried out, or a client never gets a place in the feed.
///
/// # Panics
/// Outside of a set of local tasks.
pub async fn run(
    plan: LoadPlan,
    clock: Clock,
    connect_us: u64,
    timeline: Timeline,
    dial: Dial,
) -> anyhow::Result<LoadResult> {
    let phase = Phase { connect_us: Some(connect_us), timeline: Some(timeline), over: false };
    let phase = watch::Sender::new(phase);
    let progress = Arc::new(Progress::new(1));
    let worker = Worker {
        index: 0,
        of: 1,
        plan: plan.clone(),
        clock,
        phases: Phases(phase.subscribe()),
        progress: Arc::clone(&progress),
        transcript: None,
    };
    let mut clients = pin!(worker.clients(Network::Simulated(dial)));
    let left = tokio::select! {
        biased;
        left = &mut clients => left,
        () = clock.sleep_until_us(cell::leave_us(&plan, timeline)) => {
            phase.send_modify(|phase| phase.over = true);
            clients.await
        }
    }?;
    if let Some(why) = progress.gave_up() {
        bail!(why);
    }
    Ok(cell::counted(&plan, left.recorder, left.bytes_in_window))
}
