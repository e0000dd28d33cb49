//! A connection on loan to the HTTP/2 library, which keeps what it is given until it is dropped.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use crate::exit::read_ahead;

/// What the library holds. Dropped, it sends the connection home.
#[derive(Debug)]
pub(super) struct Loan<S> {
    /// `None` only once it is on its way home.
    stream: Option<S>,
    unread: Bytes,
    home: Option<oneshot::Sender<S>>,
}

impl<S> Loan<S> {
    /// Lends a connection; `unread` was read from it before, and comes first. It comes back where the receiver is.
    pub(super) fn of(stream: S, unread: Bytes) -> (Loan<S>, oneshot::Receiver<S>) {
        let (home, back) = oneshot::channel();
        (Loan { stream: Some(stream), unread, home: Some(home) }, back)
    }

    fn stream(&mut self) -> &mut S {
        self.stream.as_mut().expect("it goes home only when this is dropped")
    }
}

impl<S> Drop for Loan<S> {
    fn drop(&mut self) {
        if let (Some(stream), Some(home)) = (self.stream.take(), self.home.take()) {
            // Nobody is at home when the runtime ends.
            let _ = home.send(stream);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Loan<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if read_ahead(&mut self.unread, buf) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(self.stream()).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Loan<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(self.stream()).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.stream()).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream()).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream()).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn what_was_read_before_comes_first_and_the_connection_comes_home() {
        let (near, mut far) = duplex(64);
        far.write_all(b"lo").await.unwrap();
        let (mut loan, home) = Loan::of(near, Bytes::from_static(b"hel"));
        let mut read = [0; 5];
        loan.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"hello");
        drop(loan);
        home.await.unwrap().write_all(b"back").await.unwrap();
        far.read_exact(&mut read[..4]).await.unwrap();
        assert_eq!(&read[..4], b"back");
    }
}
