//! A server: a feed, a listener, and a task for each connection.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use feedbench_record::Scenario;
use feedbench_wire::Clock;
use feedbench_wire::headers::Profile;
use feedbench_wire::io::transcript::Transcript;
use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

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
    /// Where a trace has everything written down that its connections read and write.
    pub transcript: Option<Transcript>,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    site: Arc<Site>,
    /// The task that accepts; `None` once it was waited for.
    accepting: Mutex<Option<JoinHandle<()>>>,
    fan_outs: Vec<JoinHandle<()>>,
}

impl Server {
    /// Binds and begins to accept, on the runtime that calls this.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub fn bind(config: &Config) -> io::Result<Server> {
        Server::with_feed(config, Feed::of(&config.scenario, config.epoch))
    }

    /// The same with a feed that is there already, which has the epoch of its own.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub fn with_feed(config: &Config, feed: Feed) -> io::Result<Server> {
        let listener = listen(config.listen)?;
        let address = listener.local_addr()?;
        // One for each thread of the runtime.
        let workers = NonZeroUsize::new(Handle::current().metrics().num_workers()).unwrap_or(NonZeroUsize::MIN);
        let (fan_outs, queues) = FanOuts::new(workers);
        let site = Arc::new(Site::with_feed(config, feed, fan_outs));
        let run =
            |queue| tokio::spawn(fan_out::run(queue, site.feed.listen(), Arc::clone(&site), connection::come_back));
        let fan_outs = queues.into_iter().map(run).collect();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&site), config.connections_max));
        Ok(Server { address, site, accepting: Mutex::new(Some(accepting)), fan_outs })
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

    /// Ends the feed, accepts nobody more, and waits until every connection is over, which they are within 11 seconds.
    pub async fn end(&self) {
        self.site.feed.end();
        if let Some(accepting) = self.accepting.lock().await.take() {
            // A panic there has nobody to tell; what was accepted before is still waited for.
            let _ = accepting.await;
        }
        self.site.ledger.all_closed().await;
        self.fan_outs.iter().for_each(JoinHandle::abort);
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that starts again takes its port back although old connections linger.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections until the feed ends. Who is already in the queue then is not reset, but served as all the others
/// are at the end.
async fn accept(listener: TcpListener, site: Arc<Site>, connections_max: usize) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = site.feed.ended() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, client)) => serve(socket, client, &site, connections_max),
            // The client has given up before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    // The kernel's own queue: the runtime may not have heard of the last ones yet.
    let Ok(queue) = listener.into_std() else { return };
    while let Ok((socket, client)) = queue.accept() {
        if let Ok(socket) = socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket)) {
            serve(socket, client, &site, connections_max);
        }
    }
}

/// A task for a connection, or its end when there are too many.
fn serve(socket: TcpStream, client: SocketAddr, site: &Arc<Site>, connections_max: usize) {
    if site.ledger.open_now() >= connections_max {
        connection::refuse(&socket, client, site);
        return;
    }
    // Counted before its task runs, so that nobody takes the server for idle in between.
    let open = site.ledger.open();
    tokio::spawn(connection::accepted(socket, client, Arc::clone(site), open));
}
