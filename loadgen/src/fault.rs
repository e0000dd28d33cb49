//! How a connection ended, and what may have gone wrong with it.

use std::io;

use crate::h2::ErrorCode;
use crate::line::Line;

/// Why a connection did not go on as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.kind())]
pub(crate) enum Fault {
    /// The other end closed the connection before it had said what it was asked for.
    Closed,
    /// The other end reset the connection, or the network failed.
    Reset,
    /// Bytes that are no HTTP, no WebSocket, or not the framing that was asked for.
    Protocol,
    /// A status other than the one that was asked for.
    Status,
    /// No TLS came about: the server is not to be trusted, speaks something else, or takes too long.
    TlsHandshake,
    /// An HTTP/2 server said that an error ends the connection (RFC 9113 section 6.8).
    Goaway(ErrorCode),
    /// An HTTP/2 server ended one stream by an error (RFC 9113 section 6.4).
    StreamReset(ErrorCode),
    /// An HTTP/2 server that takes no WebSocket (RFC 8441 section 3).
    NoTunnel,
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
            Fault::Goaway(code) => code.of_goaway(),
            Fault::StreamReset(code) => code.of_stream(),
            Fault::NoTunnel => "no-websocket-over-h2",
        }
    }
}

/// A broken network, unless the error says more.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        error.get_ref().and_then(|inner| inner.downcast_ref()).copied().unwrap_or(Fault::Reset)
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> io::Error {
        io::Error::other(fault)
    }
}

/// How a transport left its connection.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The connection, unless the fault took it along.
    pub(crate) line: Option<Line>,
    /// What went wrong; `None` when the server ended it, or the cell is over.
    pub(crate) fault: Option<Fault>,
}
