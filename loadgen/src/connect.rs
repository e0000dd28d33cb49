//! A socket to the target, from the right source address, and its exact end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use feedbench_record::ledger::{IpBytes, Way};
use feedbench_wire::io::ip::{self, Closing};
use feedbench_wire::io::{Account, Distance, Meter, Socket};
use feedbench_wire::sys::bind_late;
use socket2::{Domain, Protocol, SockRef, Type};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use crate::scratch::Scratch;
use crate::simulated::Dial;
use crate::sources::Sources;
use crate::wake::ClientStack;

/// How long a connection may take to open.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Ports that are tried before there are none.
const PORT_TRIES: u32 = 100;
/// How long it may take to end, beside the round trip.
pub(crate) const END_TIMEOUT: Duration = Duration::from_secs(5);

/// What makes connections.
pub(crate) enum Network {
    /// The kernel, from these source addresses.
    Kernel(Sources),
    /// A simulated network.
    Simulated(Dial),
}

/// How a connection comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The request asked for it: the server closes first, and both close as connections do.
    Planned,
    /// The server ends it, with the feed or for a reason of its own.
    Theirs,
    /// The client leaves although the server would go on.
    Ours,
}

/// Opens a client's next connection, whose segments are no longer than that, and tells its own address. Over a distance it
/// takes a round trip: half of it before the SYN is there, and half before its answer is back, or the news that there is
/// none.
///
/// # Errors
/// The network's, or a time-out after 10 s.
pub(crate) async fn open(
    client: u32,
    network: &Network,
    target: SocketAddr,
    mss_bytes: Option<u32>,
    distance: Option<&Distance>,
) -> io::Result<(SocketAddr, Socket)> {
    let Some(distance) = distance else { return connect(client, network, target, mss_bytes).await };
    distance.cross(Way::Up).await;
    let connected = connect(client, network, target, mss_bytes).await;
    distance.cross(Way::Down).await;
    connected
}

async fn connect(
    client: u32,
    network: &Network,
    target: SocketAddr,
    mss_bytes: Option<u32>,
) -> io::Result<(SocketAddr, Socket)> {
    let connecting = async {
        match network {
            Network::Kernel(sources) => {
                let socket = connect_kernel(client, sources, target, mss_bytes).await?;
                Ok((socket.local_addr()?, socket.into()))
            }
            Network::Simulated(dial) => dial(target).await,
        }
    };
    match tokio::time::timeout(TIMEOUT, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// A socket of the kernel, with TCP_NODELAY.
async fn connect_kernel(
    client: u32,
    sources: &Sources,
    target: SocketAddr,
    mss_bytes: Option<u32>,
) -> io::Result<TcpStream> {
    let socket = socket2::Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if let Some(mss_bytes) = mss_bytes {
        socket.set_tcp_mss(mss_bytes)?;
    }
    bind(&socket, client, sources)?;
    TcpSocket::from_std_stream(socket.into()).connect(target).await
}

/// Binds a socket to its source address. A port that somebody has already is passed over.
fn bind(socket: &socket2::Socket, client: u32, sources: &Sources) -> io::Result<()> {
    let mut tries = 0;
    while let Some(source) = sources.next(client) {
        if source.port() == 0 {
            bind_late::set(socket)?;
        }
        tries += 1;
        match socket.bind(&source.into()) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < PORT_TRIES => {}
            bound => return bound,
        }
    }
    Ok(())
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
/// reads to the end, lets what it said itself get there, asks the kernel, and closes. Nothing is left behind but after a
/// planned end, whose TIME_WAIT is the server's, as in real life. Gives the account, and the bytes on IP where the kernel
/// told; `kept` says whether more than one request was meant to use the connection.
pub(crate) async fn end(
    mut stack: ClientStack,
    scratch: &Scratch,
    meter: &Meter,
    address: SocketAddr,
    ending: Ending,
    kept: bool,
    round_trip: Duration,
) -> (Account, Option<IpBytes>) {
    let to_end = async {
        if ending == Ending::Ours {
            // A connection that is already broken shows it in the read that follows.
            let _ = stack.shutdown().await;
        }
        while !scratch.read(&mut stack).await?.is_empty() {}
        stack.get_mut().get_mut().ended().await?;
        stack.get_ref().get_ref().departed().await;
        io::Result::Ok(())
    };
    let fin = matches!(tokio::time::timeout(END_TIMEOUT + round_trip, to_end).await, Ok(Ok(())));
    let account = stack.get_ref().get_ref().look(|counted| {
        let socket = counted.get_ref();
        let account = meter.account(socket, address, fin, fin);
        if fin && ending != Ending::Planned {
            // Nothing is on its way any more, so the close may be immediate, and no TIME_WAIT is left behind. A socket
            // that refuses the option is closed all the same.
            let _ = socket.tcp().map(|socket| SockRef::from(socket).set_linger(Some(Duration::ZERO)));
        }
        account
    });
    let closing = if ending == Ending::Planned { Closing::Fin } else { Closing::Reset };
    let ip = account.kernel.map(|info| ip::of_connection(&info, address.is_ipv6(), closing, &account.ledger, kept));
    (account, ip)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feedbench_record::scenario::ConnectionPolicy;
    use feedbench_wire::sys::tcp_info;
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn what_comes_down_a_connection_is_cut_as_its_maximum_says_and_the_kernel_counts_the_segments() {
        const BYTES: u32 = 100_000;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        let network = Network::Kernel(Sources::new(target, ConnectionPolicy::KeepAlive, 0, 1));
        let mut segments = Vec::new();
        for mss_bytes in [Some(1_460), None] {
            let (_, mut client) = open(0, &network, target, mss_bytes, None).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            let answer = vec![7; BYTES as usize];
            let mut read = vec![0; BYTES as usize];
            let (wrote, heard) = tokio::join!(server.write_all(&answer), client.read_exact(&mut read));
            wrote.and(heard).unwrap();
            let info = tcp_info::read(&server).unwrap();
            if mss_bytes.is_some() {
                assert_eq!(info.segment_bytes, 1_460 - if info.timestamps { 12 } else { 0 });
            }
            segments.push(info.segs_out - info.segs_retrans);
        }
        let least = BYTES.div_ceil(1_460);
        // The answer to the SYN is one more, and a write may end in a segment that is not full.
        assert!((least..least + 15).contains(&segments[0]), "{segments:?}");
        assert!(segments[1] < least / 2, "{segments:?}");
    }
}
