//! A socket to the target, from the right source address, and its exact end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use feedbench_record::ledger::IpBytes;
use feedbench_wire::io::ip::{self, Closing};
use feedbench_wire::io::{Account, Distance, Meter};
use feedbench_wire::sys::bind_late;
use socket2::{Domain, Protocol, SockRef, Type};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use crate::scratch::Scratch;
use crate::sources::Sources;
use crate::wake::ClientStack;

/// How long a connection may take to open.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Ports that are tried before there are none.
const PORT_TRIES: u32 = 100;
/// How long it may take to end, beside the round trip.
const END_TIMEOUT: Duration = Duration::from_secs(5);

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

/// Opens a client's next connection, with TCP_NODELAY. Over a distance it takes a round trip: half of it before the SYN is
/// there, and half before its answer is back, or the news that there is none.
///
/// # Errors
/// The kernel's, or a time-out after 10 s.
pub(crate) async fn open(
    client: u32,
    sources: &Sources,
    target: SocketAddr,
    distance: Option<&Distance>,
) -> io::Result<TcpStream> {
    let Some(distance) = distance else { return connect(client, sources, target).await };
    distance.cross().await;
    let connected = connect(client, sources, target).await;
    distance.cross().await;
    connected
}

async fn connect(client: u32, sources: &Sources, target: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket2::Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    bind(&socket, client, sources)?;
    let socket = TcpSocket::from_std_stream(socket.into());
    match tokio::time::timeout(TIMEOUT, socket.connect(target)).await {
        Ok(connected) => connected,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
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
    rtt: Duration,
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
    let fin = matches!(tokio::time::timeout(END_TIMEOUT + rtt, to_end).await, Ok(Ok(())));
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
