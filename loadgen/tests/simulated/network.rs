//! The clients' way into the simulated network.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use feedbench_loadgen::simulated::Dial;
use feedbench_wire::io::Socket;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, Sleep, sleep_until};
use turmoil::net::TcpStream;

/// Connects as TCP does (RFC 9293 section 3.5): turmoil has the SYN take a transit, and its answer none. A connection that is
/// open at `breaks` is given up then, as TCP does when nothing is acknowledged for too long (section 3.8.3).
pub(crate) fn dial(transit: Duration, breaks: Option<Instant>) -> Dial {
    let inside = wake_inside();
    Box::new(move |target| {
        let inside = inside.clone();
        Box::pin(async move {
            let stream = TcpStream::connect(target).await?;
            tokio::time::sleep(transit).await;
            let address = stream.local_addr()?;
            let breaks = breaks.filter(|breaks| Instant::now() < *breaks).map(|breaks| Box::pin(sleep_until(breaks)));
            Ok((address, Socket::simulated(Stream { stream, inside, breaks })))
        })
    })
}

/// A connection of the simulated network.
#[derive(Debug)]
struct Stream {
    stream: TcpStream,
    inside: UnboundedSender<Waker>,
    breaks: Option<Pin<Box<Sleep>>>,
}

/// Wakes a reader in its own time. The network moves what is under way between the turns of its hosts, when no runtime is
/// the current one: whoever looked at the clock there would see the time of the machine.
struct Inside {
    reader: Waker,
    inside: UnboundedSender<Waker>,
}

/// Wakes whoever is sent to it.
fn wake_inside() -> UnboundedSender<Waker> {
    let (inside, mut woken) = unbounded_channel::<Waker>();
    tokio::task::spawn_local(async move {
        while let Some(reader) = woken.recv().await {
            reader.wake();
        }
    });
    inside
}

impl Wake for Inside {
    fn wake(self: Arc<Self>) {
        // When the host is over, nobody is waited for.
        let _ = self.inside.send(self.reader.clone());
    }
}

impl Stream {
    fn poll_broken(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.breaks.as_mut().map(|breaks| breaks.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => Err(io::ErrorKind::TimedOut.into()),
            Some(Poll::Pending) | None => Ok(()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_broken(cx)?;
        let waker = Arc::new(Inside { reader: cx.waker().clone(), inside: self.inside.clone() }).into();
        Pin::new(&mut self.stream).poll_read(&mut Context::from_waker(&waker), buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_broken(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
