//! HTTP/2 over real sockets, with a client that is not ours as the witness. Most tests loop over the table of transports.

#![allow(clippy::unwrap_used)]

mod answers;
mod client;
mod delivery;
mod follower;
mod lifecycle;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use feedbench_record::Transport;
use feedbench_record::transport::Manner;
use feedbench_server::Server;
use tokio::time::timeout;

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn pushed() -> impl Iterator<Item = Transport> {
    Transport::ALL.into_iter().filter(|transport| transport.manner() == Manner::Pushed)
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

/// How many hold the first topic: each member of a fan-out does.
pub(crate) fn holders(server: &Server) -> usize {
    Arc::strong_count(&server.feed().topics()[0])
}
