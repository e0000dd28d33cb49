//! A socket to the target, from the right source address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use feedbench_wire::sys::bind_late;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpSocket, TcpStream};

/// Clients of one source address: past half of the port range, `connect()` has to search for a free port.
pub(crate) const CLIENTS_PER_SOURCE: u32 = 5_000;

/// How long a connection may take.
const TIMEOUT: Duration = Duration::from_secs(10);

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

/// Makes the coming close of a socket immediate: no TIME_WAIT is left behind. For a connection that has been read to
/// its end.
pub(crate) fn close_at_once(socket: &TcpStream) {
    // A socket that refuses the option is closed all the same, and leaves a TIME_WAIT.
    let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
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
