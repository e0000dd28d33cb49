//! The I/O stack that every connection runs through, at both ends:
//!
//! ```text
//! socket -> Counted (bytes on the wire) -> Link (the network) -> Tls (or clear) -> Tap (what the bytes are) -> transport
//! ```
//!
//! What TLS adds is on the wire, and is not the transport's: the ledger knows it as what was counted and not seen by the
//! [`Tap`]. With a distance the bytes of a [`Meter`] are those at the socket, and all instants are the transport's. Each
//! part is generic over `AsyncRead + AsyncWrite`, and the [`Socket`] may be one of a simulated network.
//!
//! - [`Meter`]: what the stack knows about its connection. [`ip`]: what that was on IP.
//! - [`transcript`]: everything that was read and written, for a trace.

mod counted;
pub mod ip;
pub mod link;
mod socket;
mod tap;
pub mod tls;
pub mod transcript;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use feedbench_record::agreement::ConnectionBytes;
use feedbench_record::ledger::{Ledger, Way};
use feedbench_record::run::Segments;

use crate::clock::Clock;
use crate::ledger::Tally;
use crate::sys::tcp_info::{self, TcpInfo};
use transcript::Scribe;

pub use counted::{Counted, Counts};
pub use link::{Distance, Link, Path};
pub use socket::{Simulated, Socket};
pub use tap::{End, Tap};
pub use tls::Tls;

/// The whole stack over a socket.
pub type Stack<S> = Tap<Tls<Link<Counted<S>>>>;

/// What the stack knows about its connection, readable beside whoever holds the stack.
#[derive(Clone, Debug)]
pub struct Meter(Arc<Gauges>);

/// All of it lies in one place: connections are many.
#[derive(Debug)]
struct Gauges {
    end: End,
    clock: Clock,
    counts: Counts,
    marks: tls::Marks,
    tally: Mutex<Tally>,
}

/// The account of a connection that is over.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// What both ends and their kernels are compared by.
    pub bytes: ConnectionBytes,
    /// The same bytes by layer.
    pub ledger: Ledger,
    /// What the kernel counted; `None` where it does not tell, or the socket was gone.
    pub kernel: Option<TcpInfo>,
}

/// The lower half of the stack, over a socket that was just accepted. A server that shows distance gives it to the
/// connections that it accepts, as [`Link::over`] says.
pub fn link<S>(socket: S, meter: &Meter, distance: Option<Distance>) -> Link<Counted<S>> {
    Link::over(Counted::new(socket, meter.clone()), distance)
}

/// Puts the rest of the stack over what is inside TLS, or in clear. A trace gives a scribe.
pub fn stack<S>(tls: Tls<Link<Counted<S>>>, meter: &Meter, scribe: Option<Scribe>) -> Stack<S> {
    Tap::new(tls, meter.clone(), scribe)
}

impl Meter {
    /// The meter of a new connection.
    pub fn new(clock: Clock, end: End) -> Meter {
        Meter(Arc::new(Gauges {
            end,
            clock,
            counts: Counts::default(),
            marks: tls::Marks::default(),
            tally: Mutex::default(),
        }))
    }

    /// The bytes of the connection.
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// The same bytes by layer.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = self.tally().ledger();
        for (way, carried) in
            [(self.end().writes(), self.counts().written()), (self.end().reads(), self.counts().read())]
        {
            let content = ledger.total(way);
            self.marks().add_to(ledger.layers_mut(way), way, carried, content);
        }
        ledger
    }

    fn marks(&self) -> &tls::Marks {
        &self.0.marks
    }

    fn end(&self) -> End {
        self.0.end
    }

    /// Now (us), by the clock of the connection's instants.
    pub fn now_us(&self) -> u64 {
        self.0.clock.now_us()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This end's account of the connection once it is over: what was counted, and what the kernel counted.
    /// `client` names the connection; `fin` says whether the peer's FIN came, which the kernel counts as a byte.
    pub fn account(&self, socket: &Socket, client: SocketAddr, fin: bool, clean: bool) -> Account {
        let kernel = socket.tcp().and_then(tcp_info::read);
        let account = self.account_lost(client);
        let bytes = ConnectionBytes {
            kernel_written: kernel.map(|info| info.bytes_sent - info.bytes_retrans),
            kernel_read: kernel.map(|info| info.bytes_received - u64::from(fin)),
            segments: kernel.as_ref().map(segments),
            clean,
            ..account.bytes
        };
        Account { bytes, kernel, ..account }
    }

    /// The account of a connection whose socket is gone before the kernel could be asked.
    pub fn account_lost(&self, client: SocketAddr) -> Account {
        let ledger = self.ledger();
        let bytes = ConnectionBytes {
            client,
            written: self.counts().written(),
            read: self.counts().read(),
            kernel_written: None,
            kernel_read: None,
            segments: None,
            ledger_written: ledger.total(self.end().writes()),
            ledger_read: ledger.total(self.end().reads()),
            unclassified: Way::ALL.iter().map(|&way| ledger.layers(way).unclassified).sum(),
            clean: false,
        };
        Account { bytes, ledger, kernel: None }
    }
}

/// What the kernel sent. Without payload among it, what was sent again is a SYN or a FIN.
fn segments(info: &TcpInfo) -> Segments {
    let again = if info.bytes_retrans > 0 { info.segs_retrans } else { 0 };
    Segments { out: info.segs_out.into(), again: again.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fin_that_is_sent_again_is_no_segment_sent_again_and_payload_is() {
        let info = TcpInfo {
            bytes_sent: 900,
            bytes_retrans: 0,
            bytes_received: 10,
            segs_out: 12,
            segs_retrans: 1,
            segs_in: 9,
            segment_bytes: 1_448,
            timestamps: true,
        };
        assert_eq!(segments(&info), Segments { out: 12, again: 0 });
        assert_eq!(segments(&TcpInfo { bytes_retrans: 17, segs_retrans: 2, ..info }), Segments { out: 12, again: 2 });
    }
}
