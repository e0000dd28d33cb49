//! A server: a feed, a listener or somebody else who accepts, and a task for each connection.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use feedbench_record::Scenario;
use feedbench_wire::Clock;
use feedbench_wire::headers::Profile;
use feedbench_wire::io::tls::Acceptor;
use feedbench_wire::io::transcript::Transcript;
use feedbench_wire::io::{Distance, Socket};
use socket2::{Domain, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::classroom::{Classroom, Ports, ports};
use crate::connection;
use crate::fan_out::{self, FanOuts};
use crate::feed::Feed;
use crate::ledger::Ledger;
use crate::site::Site;

/// Connections that the kernel completes before they are accepted; it takes its own limit if that is lower.
const BACKLOG: i32 = 16_384;

/// How long to wait before the next try when the process has no file left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a server is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 for any.
    pub listen: SocketAddr,
    /// Fan-out, history, heartbeat, recycling.
    pub scenario: Scenario,
    /// How answers are headed.
    pub headers: Profile,
    /// Which life of the server this is ([`crate::feed::random_epoch`]).
    pub epoch: u16,
    /// May clients publish?
    pub allow_publish: bool,
    /// Connections at once; one more is closed as soon as it is accepted.
    pub connections_max: usize,
    /// The one clock.
    pub clock: Clock,
    /// The server's end of TLS, which every connection is to begin with; `None` in clear. Not with a classroom.
    pub tls: Option<Acceptor>,
    /// Where a trace has everything written down that its connections read and write.
    pub transcript: Option<Transcript>,
    /// The page in a browser, and what it needs; it takes the ports after `listen`, too.
    pub classroom: Option<Arc<Classroom>>,
}

/// Why a server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address cannot be had.
    #[error("cannot listen on {address}; choose another address or port, or end what uses it")]
    Taken {
        /// The address.
        address: SocketAddr,
        /// What the kernel says.
        #[source]
        error: io::Error,
    },
    /// There are no ports after it.
    #[error(transparent)]
    NoRoom(#[from] ports::NoRoom),
}

/// A server that can be connected to.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    connections_max: usize,
    site: Arc<Site>,
    /// The tasks that accept; none once they were waited for.
    accepting: Mutex<Vec<JoinHandle<()>>>,
    fan_outs: Vec<JoinHandle<()>>,
}

impl Server {
    /// Binds and begins to accept, on the runtime that calls this.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub fn bind(config: &Config) -> Result<Server, BindError> {
        Server::with_feed(config, Feed::of(&config.scenario, config.epoch))
    }

    /// The same with a feed that is there already, which has the epoch of its own.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub fn with_feed(config: &Config, feed: Feed) -> Result<Server, BindError> {
        let mss_bytes = config.scenario.mss_bytes;
        let (listener, address) = listen(config.listen, mss_bytes)?;
        let open = |classroom| open(classroom, config.listen, address.port(), mss_bytes);
        let beside = config.classroom.as_deref().map(open).transpose()?;
        let mut server = Server { address, ..Server::without_listener(config, feed) };
        let distance = config.classroom.as_ref().map(|classroom| classroom.distance().clone());
        let listeners = [(listener, distance)].into_iter().chain(beside.into_iter().flatten());
        let accepting = listeners.map(|(listener, distance)| {
            tokio::spawn(accept(listener, Arc::clone(&server.site), distance, config.connections_max))
        });
        server.accepting = Mutex::new(accepting.collect());
        Ok(server)
    }

    /// A server that listens nowhere: somebody else accepts, on a simulated network for example, and has it
    /// [serve](Server::serve) what came. Its address is what the configuration says.
    pub fn without_listener(config: &Config, feed: Feed) -> Server {
        // One for each thread of the runtime.
        let workers = NonZeroUsize::new(Handle::current().metrics().num_workers()).unwrap_or(NonZeroUsize::MIN);
        let (fan_outs, queues) = FanOuts::new(workers);
        let site = Arc::new(Site::with_feed(config, feed, fan_outs));
        let run =
            |queue| tokio::spawn(fan_out::run(queue, site.feed.listen(), Arc::clone(&site), connection::come_back));
        let fan_outs = queues.into_iter().map(run).collect();
        let (address, connections_max) = (config.listen, config.connections_max);
        Server { address, connections_max, site, accepting: Mutex::default(), fan_outs }
    }

    /// Serves a connection that was accepted elsewhere, in a task of its own. It closes at once when there are too many.
    pub fn serve(&self, socket: Socket, client: SocketAddr) {
        serve(socket, client, &self.site, None, self.connections_max);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its feed.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.site.feed
    }

    /// Its books.
    pub fn ledger(&self) -> &Ledger {
        &self.site.ledger
    }

    /// Ends the feed, accepts nobody more, and waits until every connection is over, which they are within 11 seconds, and
    /// inside TLS within 16.
    pub async fn end(&self) {
        self.site.feed.end();
        for accepting in self.accepting.lock().await.drain(..) {
            // A panic there has nobody to tell; what was accepted before is still waited for.
            let _ = accepting.await;
        }
        self.site.ledger.all_closed().await;
        self.fan_outs.iter().for_each(JoinHandle::abort);
    }
}

/// A listener, and how far away its clients are.
type Door = (TcpListener, Option<Distance>);

/// Listens on the ports after the page's, which turned out to be `main`: on any where any was wanted. Only the last, the
/// control port, is at no distance.
fn open(classroom: &Classroom, wanted: SocketAddr, main: u16, mss_bytes: Option<u32>) -> Result<Vec<Door>, BindError> {
    let listen = |address| listen(address, mss_bytes);
    let listeners = Ports::beside(wanted)?.into_iter().map(listen).collect::<Result<Vec<_>, _>>()?;
    let ports: Vec<u16> = listeners.iter().map(|(_, address)| address.port()).collect();
    let (&control, others) = ports.split_last().expect("there are ports beside the page's");
    let others = others.try_into().expect("each transport but the page's has one");
    classroom.opened(Ports::of(main, others, control));
    let distance = |port| (port != control).then(|| classroom.distance().clone());
    Ok(listeners.into_iter().map(|(listener, address)| (listener, distance(address.port()))).collect())
}

/// Listens for connections with segments of that size at most, in both directions.
fn listen(address: SocketAddr, mss_bytes: Option<u32>) -> Result<(TcpListener, SocketAddr), BindError> {
    let listener = try_listen(address, mss_bytes).and_then(|listener| Ok((listener.local_addr()?, listener)));
    listener.map(|(address, listener)| (listener, address)).map_err(|error| BindError::Taken { address, error })
}

fn try_listen(address: SocketAddr, mss_bytes: Option<u32>) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that starts again takes its port back although old connections linger.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    if let Some(mss_bytes) = mss_bytes {
        // What is accepted has it from the listener.
        socket.set_tcp_mss(mss_bytes)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections until the feed ends. Who is already in the queue then is not reset, but served as all the others
/// are at the end.
async fn accept(listener: TcpListener, site: Arc<Site>, distance: Option<Distance>, connections_max: usize) {
    let serve = |socket, client| serve(socket, client, &site, distance.as_ref(), connections_max);
    loop {
        let accepted = tokio::select! {
            biased;
            () = site.feed.ended() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, client)) => serve(socket.into(), client),
            // The client has given up before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    // The kernel's own queue: the runtime may not have heard of the last ones yet.
    let Ok(queue) = listener.into_std() else { return };
    while let Ok((socket, client)) = queue.accept() {
        if let Ok(socket) = socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket)) {
            serve(socket.into(), client);
        }
    }
}

/// A task for a connection, or its end when there are too many.
fn serve(socket: Socket, client: SocketAddr, site: &Arc<Site>, distance: Option<&Distance>, connections_max: usize) {
    if site.ledger.open_now() >= connections_max {
        connection::refuse(&socket, client, site);
        return;
    }
    // Counted before its task runs, so that nobody takes the server for idle in between.
    let open = site.ledger.open();
    tokio::spawn(connection::accepted(socket, client, Arc::clone(site), distance.cloned(), open));
}
