//! A client of HTTP/2 that is not ours: the h2 crate, over a socket whose bytes are counted.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use feedbench_server::Server;
use h2::client::{self, SendRequest};
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use hyper::http::response::Parts;
use hyper::{Method, Request};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::PATIENCE;

/// A socket whose bytes are counted. Dropped, it reads to the end: the library stops before it.
struct Counting {
    socket: Option<TcpStream>,
    bytes: Arc<Traffic>,
    read_out: Option<oneshot::Sender<()>>,
}

impl Drop for Counting {
    fn drop(&mut self) {
        let (mut socket, bytes) = (self.socket.take().unwrap(), Arc::clone(&self.bytes));
        let read_out = self.read_out.take();
        tokio::spawn(async move {
            let rest = socket.read_to_end(&mut Vec::new()).await.unwrap_or(0);
            bytes.received.fetch_add(rest as u64, Relaxed);
            drop(read_out);
        });
    }
}

impl Counting {
    fn socket(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(self.socket.as_mut().unwrap())
    }
}

/// What went over a socket.
#[derive(Default)]
pub(crate) struct Traffic {
    pub(crate) sent: AtomicU64,
    pub(crate) received: AtomicU64,
}

impl AsyncRead for Counting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(self.socket().poll_read(cx, buf));
        self.bytes.received.fetch_add((buf.filled().len() - before) as u64, Relaxed);
        Poll::Ready(result)
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(self.socket().poll_write(cx, buf));
        self.bytes.sent.fetch_add(*result.as_ref().unwrap_or(&0) as u64, Relaxed);
        Poll::Ready(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_shutdown(cx)
    }
}

/// A connection.
pub(crate) struct Client {
    pub(crate) send: SendRequest<Bytes>,
    /// Ends with the connection.
    pub(crate) over: JoinHandle<Result<(), h2::Error>>,
    pub(crate) address: SocketAddr,
    pub(crate) bytes: Arc<Traffic>,
    /// Host and port that it asks for.
    pub(crate) authority: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) head: Parts,
    pub(crate) body: RecvStream,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The content of the next DATA frame; `None` at the end of the stream.
    pub(crate) async fn frame(&mut self) -> Option<Result<Bytes, h2::Error>> {
        let data = timeout(PATIENCE, self.body.data()).await.expect("nothing came");
        if let Some(Ok(data)) = &data {
            self.body.flow_control().release_capacity(data.len()).unwrap();
        }
        data
    }

    /// The rest of the body.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(data) = self.frame().await {
            body.extend_from_slice(&data.unwrap());
        }
        body
    }
}

impl Client {
    pub(crate) async fn connect(server: &Server) -> Client {
        Client::with(server, client::Builder::new().initial_connection_window_size(i32::MAX as u32)).await
    }

    pub(crate) async fn with(server: &Server, builder: &client::Builder) -> Client {
        let socket = TcpStream::connect(server.address()).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (address, bytes) = (socket.local_addr().unwrap(), Arc::<Traffic>::default());
        let (read_out, is_over) = oneshot::channel();
        let counting = Counting { socket: Some(socket), bytes: Arc::clone(&bytes), read_out: Some(read_out) };
        let (send, connection) = builder.handshake(counting).await.unwrap();
        let over = tokio::spawn(async move {
            let result = connection.await;
            let _ = is_over.await;
            result
        });
        Client { send, over, address, bytes, authority: "test".to_owned() }
    }

    /// Sends a request, with its body if it has one, and gives the head of the answer.
    pub(crate) async fn request(&self, mut request: Request<()>, body: Option<&[u8]>) -> (Answer, SendStream<Bytes>) {
        *request.version_mut() = hyper::Version::HTTP_2;
        let ends = body.is_some_and(<[u8]>::is_empty);
        let mut send = self.send.clone().ready().await.unwrap();
        let (answer, mut stream) = send.send_request(request, ends).unwrap();
        if let Some(body) = body.filter(|body| !body.is_empty()) {
            stream.send_data(Bytes::copy_from_slice(body), true).unwrap();
        }
        let (head, body) = timeout(PATIENCE, answer).await.expect("no answer").unwrap().into_parts();
        (Answer { head, body }, stream)
    }

    fn uri(&self, target: &str) -> String {
        format!("http://{}{target}", self.authority)
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.request(Request::get(self.uri(target)).body(()).unwrap(), Some(b"")).await.0
    }

    /// Gives the status and the body.
    pub(crate) async fn post(&self, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let (mut answer, _) = self.request(Request::post(self.uri(target)).body(()).unwrap(), Some(body)).await;
        (answer.status(), answer.rest().await)
    }

    /// An extended CONNECT (RFC 8441).
    pub(crate) async fn tunnel(&self, target: &str, protocol: &str, version: &str) -> (Answer, SendStream<Bytes>) {
        // The server says that it knows the method before it answers anything.
        while !self.send.is_extended_connect_protocol_enabled() {
            tokio::task::yield_now().await;
        }
        let request = Request::builder().method(Method::CONNECT).uri(self.uri(target));
        let request = request.extension(Protocol::from(protocol)).header("sec-websocket-version", version);
        self.request(request.body(()).unwrap(), None).await
    }

    /// Leaves, and gives what it has sent and received.
    pub(crate) async fn leave(self) -> (u64, u64) {
        let Client { send, over, bytes, .. } = self;
        drop(send);
        Client::over(over, &bytes).await
    }

    /// The same when the server ends the connection.
    pub(crate) async fn stay(self) -> (u64, u64) {
        let _send = self.send;
        Client::over(self.over, &self.bytes).await
    }

    async fn over(over: JoinHandle<Result<(), h2::Error>>, bytes: &Traffic) -> (u64, u64) {
        timeout(PATIENCE, over).await.expect("the connection does not end").unwrap().unwrap();
        (bytes.sent.load(Relaxed), bytes.received.load(Relaxed))
    }
}
