//! A socket to the target, from the right source address, and its exact end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use feedbench_record::ledger::IpBytes;
use feedbench_wire::io::ip::{self, Closing};
use feedbench_wire::io::{Account, Meter};
use feedbench_wire::sys::bind_late;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::wake::ClientStack;

/// Clients of one source address: past half of the port range, `connect()` has to search for a free port.
pub(crate) const CLIENTS_PER_SOURCE: u32 = 5_000;

/// How long a connection may take to open.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// The source address of a client: 127.0.0.1, 127.0.0.2, … for a target on loopback, else whatever the route says.
fn source(client: u32, target: SocketAddr) -> Option<IpAddr> {
    let host = client / CLIENTS_PER_SOURCE + 1;
    match target.ip() {
        IpAddr::V4(ip) if ip.is_loopback() => Some(Ipv4Addr::from_bits(0x7f00_0000 + host).into()),
        _ => None,
    }
}

/// Opens a connection with TCP_NODELAY.
///
/// # Errors
/// The kernel's, or a time-out after 10 s.
pub(crate) async fn open(client: u32, target: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if let Some(source) = source(client, target) {
        bind_late::set(&socket)?;
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    let socket = TcpSocket::from_std_stream(socket.into());
    match tokio::time::timeout(TIMEOUT, socket.connect(target)).await {
        Ok(connected) => connected,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// The kind of error for the record.
pub(crate) fn error_kind(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connect-refused",
        io::ErrorKind::TimedOut => "connect-timeout",
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse => "ports-exhausted",
        _ => "connect-failed",
    }
}

/// The end of a connection: the server has shut down its side, or the client does so now because it leaves; the client
/// reads to the end, asks the kernel, and closes with nothing left behind. Gives the account, and the bytes on IP where
/// the kernel told.
pub(crate) async fn end(
    mut stack: ClientStack,
    meter: &Meter,
    address: SocketAddr,
    leaving: bool,
) -> (Account, Option<IpBytes>) {
    if leaving {
        // A connection that is already broken shows it in the read that follows.
        let _ = stack.shutdown().await;
    }
    let mut scratch = [0; 4096];
    let to_end = async {
        while stack.read(&mut scratch).await? > 0 {}
        io::Result::Ok(())
    };
    let fin = matches!(tokio::time::timeout(END_TIMEOUT, to_end).await, Ok(Ok(())));
    let socket = stack.get_ref().get_ref().get_ref();
    let account = meter.account(socket, address, fin, fin);
    if fin {
        // Nothing is on its way any more, so the close may be immediate, and no TIME_WAIT is left behind. A socket that
        // refuses the option is closed all the same.
        let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
    }
    let ip =
        account.kernel.map(|info| ip::of_connection(&info, address.is_ipv6(), Closing::Reset, &account.ledger, true));
    (account, ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_thousand_clients_share_a_source_address() {
        let target = SocketAddr::from(([127, 0, 0, 1], 80));
        let of = |client| source(client, target).map(|ip| ip.to_string());
        assert_eq!(of(4_999).as_deref(), Some("127.0.0.1"));
        assert_eq!(of(5_000).as_deref(), Some("127.0.0.2"));
        assert_eq!(of(99_999).as_deref(), Some("127.0.0.20"));
        assert_eq!(source(0, SocketAddr::from(([192, 0, 2, 1], 80))), None);
    }
}
