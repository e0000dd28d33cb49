//! HTTP/2 as a program has it: hyper's client, on the h2 crate. What it says, and how, is its own: its HPACK encoder never
//! remembers a path or a cookie, so that a repeated poll costs more than a browser's.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use feedbench_wire::h2::settings::WINDOW_MAX_BYTES;
use http_body_util::Empty;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::ext::Protocol;
use hyper::rt::Executor;
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;

use super::asked::{Asked, fault_of};
use super::lent::Home;
use super::{Arrival, Asks};
use crate::fault::Fault;
use crate::requests::Fields;
use crate::wake::{Bell, ClientStack};

/// What the clients of a connection see of hyper.
pub(super) struct Reference {
    bell: Arc<Bell>,
    /// `None` before the connection is ready, and when all clients have left.
    sender: RefCell<Option<SendRequest<Empty<Bytes>>>>,
    /// Does the server take tunnels? `None` before it has said so.
    tunnels: Cell<Option<bool>>,
    /// No more requests are taken, and why.
    over: Cell<Option<Result<(), Fault>>>,
    /// Who waits for one of these.
    waiting: RefCell<Vec<Waker>>,
    left: Notify,
}

/// hyper's tasks run beside the clients'.
#[derive(Clone)]
struct InThisThread;

impl<F: Future + 'static> Executor<F> for InThisThread {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

impl Reference {
    pub(super) fn new(bell: Arc<Bell>) -> Reference {
        Reference {
            bell,
            sender: RefCell::default(),
            tunnels: Cell::default(),
            over: Cell::default(),
            waiting: RefCell::default(),
            left: Notify::new(),
        }
    }

    pub(super) fn takes_requests(&self) -> bool {
        self.over.get().is_none()
    }

    /// The last read: what it brought is taken before the next one (`lent`).
    pub(super) fn last_arrival(&self) -> Arrival {
        Arrival::last(&self.bell)
    }

    /// Nothing more is asked: hyper ends the connection by itself.
    pub(super) fn all_left(&self) {
        self.sender.take();
        self.left.notify_one();
    }

    /// Lends the stack to hyper until it is done with it. Gives it back, unless hyper does not in time, and whether the
    /// server has closed.
    pub(super) async fn drive(&self, stack: ClientStack, patience: Duration) -> (Option<ClientStack>, bool) {
        let home = Home::of(stack);
        let Some(lent) = home.lend() else { return home.take() };
        let mut builder = Builder::new(InThisThread);
        let window = Some(WINDOW_MAX_BYTES);
        builder.initial_stream_window_size(window).initial_connection_window_size(window);
        let over = match builder.handshake(TokioIo::new(lent)).await {
            Ok((sender, connection)) => {
                self.sender.replace(Some(sender));
                self.wake_all();
                let mut connection = pin!(connection);
                poll_fn(|cx| {
                    if self.tunnels.get().is_none() && home.settings_have_come(cx) {
                        self.tunnels.set(Some(connection.is_extended_connect_protocol_enabled()));
                        self.wake_all();
                    }
                    connection.as_mut().poll(cx)
                })
                .await
            }
            Err(error) => Err(error),
        };
        self.over.set(Some(match over.as_ref().map_err(fault_of) {
            Ok(()) | Err(Fault::Closed) => Ok(()),
            Err(fault) => Err(fault),
        }));
        self.wake_all();
        let left = async {
            self.left.notified().await;
            tokio::time::sleep(patience).await;
        };
        tokio::select! {
            () = home.returned() => {}
            () = left => {}
        }
        home.take()
    }

    /// Begins a request once the connection is ready; for a tunnel, once the server has said that it takes those.
    ///
    /// # Errors
    /// When the connection takes no more requests, or no tunnel.
    pub(super) fn poll_ask(
        &self,
        cx: &mut Context<'_>,
        asked: &mut Asked,
        fields: &Fields,
        asks: Asks,
    ) -> Poll<Result<(), Fault>> {
        *asked = Asked::Nothing;
        if let Some(over) = self.over.get() {
            return Poll::Ready(Err(over.err().unwrap_or(Fault::Closed)));
        }
        let mut sender = self.sender.borrow_mut();
        match (sender.as_mut(), asks, self.tunnels.get()) {
            (Some(_), Asks::Tunnel, Some(false)) => Poll::Ready(Err(Fault::NoTunnel)),
            (None, ..) | (_, Asks::Tunnel, None) => {
                self.wait(cx);
                Poll::Pending
            }
            (Some(sender), ..) => {
                *asked = Asked::Request(Box::pin(sender.send_request(request(fields)?)));
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Waits for the connection to take no more requests.
    ///
    /// # Errors
    /// When it is for an error.
    pub(super) fn poll_over(&self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        match self.over.get() {
            Some(over) => Poll::Ready(over),
            None => {
                self.wait(cx);
                Poll::Pending
            }
        }
    }

    fn wait(&self, cx: &mut Context<'_>) {
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
    }

    fn wake_all(&self) {
        self.waiting.take().into_iter().for_each(Waker::wake);
    }
}

/// The fields as hyper has them (RFC 9113 section 8.3.1, RFC 8441 section 4).
///
/// # Errors
/// When one of them cannot stand in a request.
fn request(fields: &Fields) -> Result<Request<Empty<Bytes>>, Fault> {
    let of = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let uri = Uri::builder().scheme(of(":scheme")).authority(of(":authority")).path_and_query(of(":path"));
    let mut request = Request::builder().uri(uri.build().map_err(|_| Fault::Protocol)?).method(of(":method"));
    for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with(':')) {
        request = request.header(name, value);
    }
    let mut request = request.body(Empty::new()).map_err(|_| Fault::Protocol)?;
    if request.method() == Method::CONNECT {
        let protocol = fields.iter().find(|(name, _)| name == ":protocol").map_or("", |(_, value)| value.as_str());
        request.extensions_mut().insert(Protocol::from(protocol));
    }
    Ok(request)
}
