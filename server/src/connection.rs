//! One connection, from the accepted socket to its account: HTTP while it asks, the fan-out while it is pushed to, HTTP
//! again if it asks for something else, and one teardown for all.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use feedbench_wire::headers::HEAD_MAX_BYTES;
use feedbench_wire::io::transcript::{Moment, Transcript};
use feedbench_wire::io::{self, Distance, End, Meter, Socket, Stack};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::exchange;
use crate::exit::{Exit, Lent};
use crate::fan_out::{Joining, LAST_WORDS, Left, Next, Pushed};
use crate::ledger::Open;
use crate::peer::{PeerEnd, Watched};
use crate::site::Site;

/// After the server's FIN: how long the client has to close, beside the round trip.
const LINGER: Duration = Duration::from_secs(6);
/// What hyper may buffer in each direction (bytes), a last write not counted.
const BUFFER_MAX_BYTES: usize = 64 << 10;

/// The stack over a socket.
pub type ServerStack = Stack<Watched<Socket>>;

/// What a connection is accounted for with.
#[derive(Debug)]
pub struct Papers {
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
    let stack = io::stack(watch(socket), &meter, scribe, distance);
    serve(stack, Bytes::new(), Papers { client, meter, site, _open: open }).await;
}

/// Takes a connection back from the fan-out.
pub fn come_back(left: Left<ServerStack, Papers>) {
    match left.next {
        Next::Http => tokio::spawn(serve(left.stream, left.unread, left.luggage)),
        Next::Close => tokio::spawn(close(left.stream, left.luggage)),
    };
}

/// Writes the account of a connection that is refused because there are too many.
pub fn refuse(socket: &Socket, client: SocketAddr, site: &Site) {
    let meter = Meter::new(site.clock, End::Server);
    site.ledger.add(&meter.account(socket, client, false, false));
}

/// Serves requests until the connection is to be pushed to, which is the fan-out's business, or is over. `unread` was read
/// from it before.
async fn serve(stack: ServerStack, unread: Bytes, papers: Papers) {
    let (stream, unread, pushed) = speak_http(stack, unread, &papers.site).await;
    let Some(pushed) = pushed else { return close(stream, papers).await };
    let site = Arc::clone(&papers.site);
    let joining = Joining { stream, luggage: papers, unread, pushed };
    if let Some(refused) = site.fan_outs.join(joining) {
        close(refused.stream, refused.luggage).await;
    }
}

/// Speaks HTTP until the connection closes, leaves, or the feed ends.
async fn speak_http(stack: ServerStack, unread: Bytes, site: &Arc<Site>) -> (ServerStack, Bytes, Option<Pushed>) {
    let exit = Arc::new(Exit::default());
    let service = {
        let (site, exit) = (Arc::clone(site), Arc::clone(&exit));
        service_fn(move |request| {
            let (site, exit) = (Arc::clone(&site), Arc::clone(&exit));
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
async fn stop(http: &mut (impl Future<Output = hyper::Result<()>> + Unpin), exit: &Exit) -> bool {
    poll_fn(|context| match Pin::new(&mut *http).poll(context) {
        Poll::Ready(result) => Poll::Ready(result.is_ok()),
        Poll::Pending if exit.is_free() => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Shuts down the write side and reads until the client has closed, within bounds: then every byte is counted.
async fn close(mut stack: ServerStack, papers: Papers) {
    let _ = stack.shutdown().await;
    let mut scratch = [0; 512];
    let read_out = async { while matches!(stack.read(&mut scratch).await, Ok(1..)) {} };
    let _ = timeout(LINGER + papers.site.rules.rtt, read_out).await;
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
