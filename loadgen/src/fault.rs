//! How a connection ended, and what may have gone wrong with it.

use crate::wake::ClientStack;

/// Why a connection did not go on as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The other end closed the connection before it had said what it was asked for.
    Closed,
    /// The other end reset the connection, or the network failed.
    Reset,
    /// Bytes that are no HTTP/1.1, no WebSocket, or not the framing that was asked for.
    Protocol,
    /// A status other than the one that was asked for.
    Status,
    /// No TLS came about: the server is not to be trusted, speaks something else, or takes too long.
    TlsHandshake,
}

impl Fault {
    /// The name in the record.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Fault::Closed => "closed-early",
            Fault::Reset => "reset",
            Fault::Protocol => "protocol",
            Fault::Status => "http-status",
            Fault::TlsHandshake => "tls-handshake",
        }
    }
}

/// How a transport left its connection.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The connection, unless the fault took it along.
    pub(crate) stack: Option<ClientStack>,
    /// What went wrong; `None` when the server ended it, or the cell is over.
    pub(crate) fault: Option<Fault>,
}
