//! HTTP/2 (RFC 9113): a connection that carries many requests at once, each on a stream of its own. What is pushed is
//! written by the same fan-outs that write to connections of HTTP/1.1.
//!
//! ```text
//! first bytes -> preface -> library -> exchange -> whole answers
//!                              |           \-> StreamExit -> fan-out -> Writer -> DATA frames
//!                              \-> Loan: the connection comes home when the library is done
//! ```

mod body;
mod exit;
mod loan;
pub(crate) mod preface;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use feedbench_record::scenario::CLIENTS_PER_CONNECTION_MAX;
use feedbench_wire::headers::HEAD_MAX_BYTES;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::timeout;

use crate::answer::Body;
use crate::connection::ServerStack;
use crate::exchange;
use crate::exit::Exit;
use crate::fan_out::LAST_WORDS;
use crate::site::Site;
use loan::Loan;

pub use body::{Reader, Writer};
pub use exit::StreamExit;

/// Requests that a client may have open on one connection: more than clients may share it, so that one that comes again
/// need not wait until its last stream is forgotten.
const STREAMS_MAX: u32 = 200;
const _: () = assert!(STREAMS_MAX > CLIENTS_PER_CONNECTION_MAX);
/// What a client may send on a stream before it is read (bytes): what it may without being told.
const STREAM_WINDOW_BYTES: u32 = (64 << 10) - 1;
/// The same on all streams together, so that one that is not read stops no other one.
const CONNECTION_WINDOW_BYTES: u32 = 512 << 10;
/// What the library may hold of one answer (bytes), a last piece not counted.
const SEND_BUFFER_MAX_BYTES: usize = 64 << 10;

/// Speaks HTTP/2 until the connection closes, or the feed has ended and every stream has. `unread` was read before. Gives
/// the connection back.
pub(crate) async fn speak(stack: ServerStack, unread: Bytes, site: &Arc<Site>) -> ServerStack {
    let (loan, home) = Loan::of(stack, unread);
    until_over(loan, site).await;
    home.await.expect("the library is dropped, and with it what was lent to it")
}

async fn until_over(loan: Loan<ServerStack>, site: &Arc<Site>) {
    let service = {
        let site = Arc::clone(site);
        service_fn(move |request| {
            let site = Arc::clone(&site);
            async move { Ok::<_, Infallible>(answer(request, site).await) }
        })
    };
    // The library's own bounds on streams that are reset stay as they are (CVE-2023-44487, "rapid reset").
    let http = http2::Builder::new(TokioExecutor::new())
        .enable_connect_protocol()
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(HEAD_MAX_BYTES as u32)
        .max_send_buf_size(SEND_BUFFER_MAX_BYTES)
        .serve_connection(TokioIo::new(loan), service);
    let mut http = pin!(http);
    tokio::select! {
        biased;
        // GOAWAY without an error (section 6.8): the streams say their last words, and none is opened any more.
        () = site.feed.ended() => {
            http.as_mut().graceful_shutdown();
            let _ = timeout(LAST_WORDS + site.rules.rtt, http).await;
        }
        // An error was told to the client by a GOAWAY.
        _ = http.as_mut() => {}
    }
}

async fn answer(mut request: Request<Incoming>, site: Arc<Site>) -> Response<Body> {
    let tunnel = (request.method() == Method::CONNECT).then(|| hyper::upgrade::on(&mut request));
    let exit = Exit::Stream(Arc::new(StreamExit::new(Arc::clone(&site), tunnel)));
    exchange::answer(request, &site, &exit).await
}
