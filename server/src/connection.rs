//! One connection, from the accepted socket to its account: HTTP/1.1 while it asks, the fan-out while it is pushed to, HTTP
//! again if it asks for something else; or HTTP/2 from the first byte to the last; and one teardown for all.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use feedbench_record::scenario::Protocol;
use feedbench_wire::headers::HEAD_MAX_BYTES;
use feedbench_wire::io::transcript::{Moment, Transcript};
use feedbench_wire::io::{self, Distance, End, Meter, Socket, Stack, Tls};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use crate::exchange;
use crate::exit::{ConnectionExit, Exit, Lent};
use crate::fan_out::{Joining, LAST_WORDS, Left, Next, Pushed};
use crate::h2::{self, preface};
use crate::ledger::Open;
use crate::peer::{PeerEnd, Watched};
use crate::side::Side;
use crate::site::Site;

/// After the server's FIN: how long the client has to close, beside the round trip.
const LINGER: Duration = Duration::from_secs(6);
/// After the end of the feed: how long a client that was just accepted has to say what it speaks, beside the round trip.
const FIRST_WORDS: Duration = Duration::from_secs(1);
/// How long a TLS handshake may take, beside its two round trips.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// What hyper may buffer in each direction (bytes), a last write not counted.
const BUFFER_MAX_BYTES: usize = 64 << 10;

/// The stack over a socket.
pub type ServerStack = Stack<Watched<Socket>>;

/// A connection, and what it is accounted for with.
#[derive(Debug)]
pub struct Connection {
    pub(crate) stack: ServerStack,
    papers: Papers,
}

/// What a connection is accounted for with.
#[derive(Debug)]
struct Papers {
    client: SocketAddr,
    meter: Meter,
    site: Arc<Site>,
    _open: Open,
}

/// Serves a connection that was just accepted, and has been counted as open.
pub async fn accepted(socket: Socket, client: SocketAddr, site: Arc<Site>, distance: Option<Distance>, open: Open) {
    if let Some(socket) = socket.tcp() {
        // Without it, Nagle's algorithm would hold a small event back until the client has acknowledged the one before.
        let _ = socket.set_nodelay(true);
    }
    let mut scribe = site.transcript.as_ref().map(Transcript::connection);
    if let Some(scribe) = &mut scribe {
        scribe.note(scribe.now_us(), Moment::Connected);
    }
    let meter = Meter::new(site.clock, End::Server);
    let link = io::link(watch(socket), &meter, distance);
    let secured = match &site.tls {
        None => Ok(Tls::clear(link)),
        // Boxed, so that a connection has no room for it afterwards.
        Some(tls) => Box::pin(tls.accept(link, &meter, HANDSHAKE + 2 * site.rules.rtt)).await,
    };
    let (tls, failed) = match secured {
        Ok(tls) => (tls, false),
        Err(failed) => (failed.stream, true),
    };
    let stack = io::stack(tls, &meter, scribe);
    let mut connection = Connection { stack, papers: Papers { client, meter, site, _open: open } };
    if failed {
        return close(connection).await;
    }
    match protocol(&mut connection).await {
        Some((Protocol::Http1, unread)) => serve(connection, unread).await,
        // Apart, because it is larger than a connection of HTTP/1.1 is to be.
        Some((Protocol::Http2, unread)) => Box::pin(serve_h2(connection, unread)).await,
        None => close(connection).await,
    }
}

/// What the client speaks, and what was read of it to tell. `None` when it has said nothing by the end of the feed.
async fn protocol(connection: &mut Connection) -> Option<(Protocol, Bytes)> {
    if let Some(agreed) = connection.stack.get_ref().protocol() {
        return Some((agreed, Bytes::new()));
    }
    let site = &connection.papers.site;
    let ended = async {
        site.feed.ended().await;
        // Who was accepted just before the end may be asking.
        sleep(FIRST_WORDS + site.rules.rtt).await;
    };
    tokio::select! {
        biased;
        // In clear, only the first bytes tell; inside TLS both ends agree before them (ALPN, RFC 9113 section 3.2).
        said = preface::read(&mut connection.stack) => Some(said),
        () = ended => None,
    }
}

/// Takes a connection or a stream back from the fan-out.
pub fn come_back(left: Left<Side>) {
    match (left.stream, left.next) {
        (Side::Connection(connection), Next::Http) => {
            tokio::spawn(serve(connection, left.unread));
        }
        (Side::Connection(connection), Next::Close | Next::Cut) => {
            tokio::spawn(close(connection));
        }
        (Side::Body(body), Next::Http | Next::Close) => body.finish(),
        // The library resets it.
        (Side::Body(_), Next::Cut) => {}
        // The library ends it; if that was too early, the client misses the close frame.
        (Side::Tunnel(_), _) => {}
    }
}

/// Writes the account of a connection that is refused because there are too many.
pub fn refuse(socket: &Socket, client: SocketAddr, site: &Site) {
    let meter = Meter::new(site.clock, End::Server);
    site.ledger.add(&meter.account(socket, client, false, false));
}

/// Serves requests until the connection is to be pushed to, which is the fan-out's business, or is over. `unread` was read
/// from it before.
async fn serve(connection: Connection, unread: Bytes) {
    let Connection { stack, papers } = connection;
    let (stack, unread, pushed) = speak_http(stack, unread, &papers.site).await;
    let site = Arc::clone(&papers.site);
    let connection = Connection { stack, papers };
    let Some(pushed) = pushed else { return close(connection).await };
    let refused = site.fan_outs.join(Joining { stream: Side::Connection(connection), unread, pushed });
    if let Some(Joining { stream: Side::Connection(connection), .. }) = refused {
        close(connection).await;
    }
}

/// The same over HTTP/2, where streams are pushed to and the connection stays.
async fn serve_h2(connection: Connection, unread: Bytes) {
    let Connection { stack, papers } = connection;
    let stack = h2::speak(stack, unread, &papers.site).await;
    close(Connection { stack, papers }).await;
}

/// Speaks HTTP until the connection closes, leaves, or the feed ends.
async fn speak_http(stack: ServerStack, unread: Bytes, site: &Arc<Site>) -> (ServerStack, Bytes, Option<Pushed>) {
    let exit = Arc::<ConnectionExit>::default();
    let service = {
        let (site, exit) = (Arc::clone(site), Exit::Connection(Arc::clone(&exit)));
        service_fn(move |request| {
            let (site, exit) = (Arc::clone(&site), exit.clone());
            async move { Ok::<_, Infallible>(exchange::answer(request, &site, &exit).await) }
        })
    };
    let mut http = http1::Builder::new()
        .max_header_size(HEAD_MAX_BYTES)
        .max_buf_size(BUFFER_MAX_BYTES)
        .title_case_headers(site.headers.answers_in_title_case())
        .serve_connection(TokioIo::new(Lent::new(stack, unread, Arc::clone(&exit))), service);
    let stopped = tokio::select! {
        // First, so that an answer that goes out after the feed's end says that the connection closes.
        biased;
        () = site.feed.ended() => None,
        ended_well = stop(&mut http, &exit) => Some(ended_well),
    };
    let ended_well = match stopped {
        Some(ended_well) => ended_well,
        None => {
            Pin::new(&mut http).graceful_shutdown();
            timeout(LAST_WORDS, stop(&mut http, &exit)).await.unwrap_or(false)
        }
    };
    let parts = http.into_parts();
    let (stack, _) = parts.io.into_inner().into_parts();
    (stack, parts.read_buf, exit.pushed(ended_well))
}

/// Until HTTP is over, or the connection can leave although HTTP would go on. True when it ended by itself, and well.
async fn stop(http: &mut (impl Future<Output = hyper::Result<()>> + Unpin), exit: &ConnectionExit) -> bool {
    poll_fn(|context| match Pin::new(&mut *http).poll(context) {
        Poll::Ready(result) => Poll::Ready(result.is_ok()),
        Poll::Pending if exit.is_free() => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Shuts down the write side and reads until the client has closed, within bounds: then every byte is counted.
async fn close(connection: Connection) {
    let Connection { mut stack, papers } = connection;
    let limit = LINGER + papers.site.rules.rtt;
    let mut scratch = [0; 512];
    // TLS has something to say about its end, for which a client that does not read may have no room.
    if timeout(limit, stack.shutdown()).await.is_ok() {
        let read_out = async {
            while matches!(stack.read(&mut scratch).await, Ok(1..)) {}
            stack.get_mut().ended().await
        };
        let _ = timeout(limit, read_out).await;
    }
    let account = stack.get_ref().look(|counted| {
        let watched = counted.get_ref();
        let clean = matches!(watched.end(), PeerEnd::Fin | PeerEnd::ResetAfterShutdown);
        papers.meter.account(watched.get_ref(), papers.client, watched.end() == PeerEnd::Fin, clean)
    });
    papers.site.ledger.add(&account);
}

fn watch(socket: Socket) -> Watched<Socket> {
    Watched::new(socket, |socket| socket.tcp().is_none_or(|socket| socket.peer_addr().is_ok()))
}
