//! The I/O stack that every connection runs through, at both ends:
//!
//! ```text
//! socket -> Counted (bytes on the wire) -> Tap (what the bytes are) -> transport
//! ```
//!
//! Delay and TLS belong between [`Counted`] and [`Tap`]: what they add is on the wire, and is not the transport's.
//! Each part is generic over `AsyncRead + AsyncWrite`, so the same stack runs over a simulated network.

mod counted;
mod tap;

use std::net::SocketAddr;
use std::sync::Arc;

use feedbench_record::agreement::ConnectionBytes;
use tokio::net::TcpStream;

use crate::clock::Clock;
use crate::sys::tcp_info;

pub use counted::{Counted, Counts};
pub use tap::{Openings, Tap};

/// The whole stack over a socket.
pub type Stack<S> = Tap<Counted<S>>;

/// What the stack knows about its connection, readable beside whoever holds the stack.
#[derive(Clone, Debug)]
pub struct Meter {
    counts: Arc<Counts>,
    openings: Arc<Openings>,
}

/// Puts the stack over a socket.
pub fn stack<S>(socket: S, clock: Clock) -> (Stack<S>, Meter) {
    let counts = Arc::new(Counts::default());
    let openings = Arc::new(Openings::default());
    let stack = Tap::new(Counted::new(socket, Arc::clone(&counts), clock), Arc::clone(&openings));
    (stack, Meter { counts, openings })
}

impl Meter {
    /// The bytes of the connection.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The first message head in each direction.
    pub fn openings(&self) -> &Openings {
        &self.openings
    }

    /// This end's account of the connection once it is over: what was counted, and what the kernel counted.
    /// `client` names the connection; `fin` says whether the peer's FIN came, which the kernel counts as a byte.
    pub fn account(&self, socket: &TcpStream, client: SocketAddr, fin: bool, clean: bool) -> ConnectionBytes {
        let kernel = tcp_info::read(socket);
        ConnectionBytes {
            client,
            written: self.counts.written(),
            read: self.counts.read(),
            kernel_written: kernel.map(|info| info.bytes_sent - info.bytes_retrans),
            kernel_read: kernel.map(|info| info.bytes_received - u64::from(fin)),
            ledger_written: self.counts.written(),
            ledger_read: self.counts.read(),
            unclassified: 0,
            clean,
        }
    }

    /// The account of a connection whose socket is gone before the kernel could be asked.
    pub fn account_lost(&self, client: SocketAddr) -> ConnectionBytes {
        let (written, read) = (self.counts.written(), self.counts.read());
        ConnectionBytes {
            client,
            written,
            read,
            kernel_written: None,
            kernel_read: None,
            ledger_written: written,
            ledger_read: read,
            unclassified: 0,
            clean: false,
        }
    }
}
