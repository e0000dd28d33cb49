//! One connection, from the accepted socket to its account: HTTP, then WebSocket if the client asks for it, then one
//! teardown for all.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use feedbench_wire::headers::HEAD_MAX_BYTES;
use feedbench_wire::io::transcript::{Moment, Transcript};
use feedbench_wire::io::{self, End, Stack};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::exchange;
use crate::peer::{PeerEnd, Watched};
use crate::push::Subscription;
use crate::site::Site;
use crate::transport::websocket::WebSocket;

/// After the end of the feed: how long a connection has to write what is due and to close.
const LAST_WORDS: Duration = Duration::from_secs(4);
/// After the server's FIN: how long the client has to close.
const LINGER: Duration = Duration::from_secs(6);
/// What hyper may buffer in each direction (bytes), a last write not counted.
const BUFFER_MAX_BYTES: usize = 64 << 10;

/// The stack over a real socket.
type ServerStack = Stack<Watched<TcpStream>>;

/// Serves a connection until it is over, and writes its account.
pub async fn run(socket: TcpStream, client: SocketAddr, site: &Arc<Site>) {
    // Without it, Nagle's algorithm would hold a small event back until the client has acknowledged the one before.
    let _ = socket.set_nodelay(true);
    let scribe = site.transcript.as_ref().map(Transcript::connection);
    if let Some(scribe) = &scribe {
        scribe.note(scribe.now_us(), Moment::Connected);
    }
    let (stack, meter) = io::stack(watch(socket), site.clock, End::Server, scribe);
    let mut stack = speak(stack, site).await;
    let end = tear_down(&mut stack).await;
    let clean = matches!(end, PeerEnd::Fin | PeerEnd::ResetAfterShutdown);
    let socket = watched(&stack).get_ref();
    site.ledger.add(&meter.account(socket, client, end == PeerEnd::Fin, clean));
}

/// Writes the account of a connection that is refused because there are too many.
pub fn refuse(socket: TcpStream, client: SocketAddr, site: &Site) {
    let (stack, meter) = io::stack(watch(socket), site.clock, End::Server, None);
    site.ledger.add(&meter.account(watched(&stack).get_ref(), client, false, false));
}

fn watch(socket: TcpStream) -> Watched<TcpStream> {
    Watched::new(socket, |socket| socket.peer_addr().is_ok())
}

fn watched(stack: &ServerStack) -> &Watched<TcpStream> {
    stack.get_ref().get_ref()
}

/// HTTP, and WebSocket after it if the client asked for that. Gives the stack back when nothing more is to be said.
async fn speak(stack: ServerStack, site: &Arc<Site>) -> ServerStack {
    let (stack, read_already, upgraded) = speak_http(stack, site).await;
    match upgraded {
        None => stack,
        Some(subscription) => speak_websocket(stack, read_already, subscription, site).await,
    }
}

/// Serves requests until the connection closes, is upgraded, or the feed ends.
async fn speak_http(stack: ServerStack, site: &Arc<Site>) -> (ServerStack, Bytes, Option<Subscription>) {
    let upgraded = Arc::new(OnceLock::new());
    let service = {
        let (site, upgraded) = (Arc::clone(site), Arc::clone(&upgraded));
        service_fn(move |request| {
            let (site, upgraded) = (Arc::clone(&site), Arc::clone(&upgraded));
            async move { Ok::<_, Infallible>(exchange::answer(request, &site, &upgraded).await) }
        })
    };
    let mut http = http1::Builder::new()
        .max_header_size(HEAD_MAX_BYTES)
        .max_buf_size(BUFFER_MAX_BYTES)
        .title_case_headers(site.headers.answers_in_title_case())
        .serve_connection(TokioIo::new(stack), service);
    let feed_ended = tokio::select! {
        // First, so that an answer that goes out after the feed's end says that the connection closes.
        biased;
        () = site.feed.ended() => true,
        // Whatever broke the connection, the stack knows it.
        _ = &mut http => false,
    };
    if feed_ended {
        Pin::new(&mut http).graceful_shutdown();
        let _ = timeout(LAST_WORDS, &mut http).await;
    }
    let parts = http.into_parts();
    (parts.io.into_inner(), parts.read_buf, upgraded.get().cloned())
}

async fn speak_websocket(
    stack: ServerStack,
    read_already: Bytes,
    subscription: Subscription,
    site: &Site,
) -> ServerStack {
    let mut websocket = WebSocket::new(stack, read_already, subscription, site).await;
    let last_words = async {
        site.feed.ended().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        _ = websocket.serve(site) => {}
        () = last_words => {}
    }
    websocket.into_inner()
}

/// Shuts down the write side and reads until the client has closed, within bounds: then every byte is counted.
async fn tear_down(stack: &mut ServerStack) -> PeerEnd {
    let _ = stack.shutdown().await;
    let mut scratch = [0; 512];
    let read_out = async { while matches!(stack.read(&mut scratch).await, Ok(1..)) {} };
    let _ = timeout(LINGER, read_out).await;
    watched(stack).end()
}
