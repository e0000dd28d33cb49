//! TLS between the distance and what the bytes are (RFC 8446), or nothing at all.
//!
//! - [`Identity`], [`Trust`]: what is known beforehand. [`Acceptor`], [`Connector`]: the two ends of a handshake.
//! - `gate`: right below TLS. `secured`: a stream inside it. `marks`: where the handshake ends, for the ledger.
//!
//! **The layers.** All that goes in a direction before its first record with content is the handshake, session tickets
//! included; what goes beside content after it, the ends of TLS included, is records. Both ends find the same: who
//! writes knows how much went before, and who reads takes one record a time until content has come. A direction without
//! content is all handshake.
//!
//! **Ends.** TLS's own end is told above as soon as it comes, because a peer may wait for ours before it closes. TCP's end
//! comes behind it: [`Tls::ended`] waits for it, so that the kernel's count can be compared.

mod ends;
mod gate;
mod marks;
mod secured;
#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use feedbench_record::scenario::Protocol;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Link;

pub use ends::{Acceptor, Connector, Identity, TlsError, Trust};
pub(super) use marks::Marks;
use secured::{Secured, poll_discard};

/// A stream inside TLS, or just a stream.
#[derive(Debug)]
pub struct Tls<S>(Inner<S>);

#[derive(Debug)]
enum Inner<S> {
    Clear(S),
    /// Apart, because only who has TLS is to have room for it.
    Secured(Box<Secured<S>>),
    /// A handshake has failed. What still comes is nobody's.
    Failed(Box<S>),
}

/// A handshake that failed.
#[derive(Debug)]
pub struct Failed<S> {
    /// Why.
    pub error: io::Error,
    /// The stream, for its end: what comes is thrown away.
    pub stream: Tls<S>,
}

impl<S> Failed<S> {
    /// Why, for people.
    pub fn reason(&self) -> String {
        use rustls::{CertificateError, Error};
        match self.error.get_ref().and_then(|error| error.downcast_ref()) {
            Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                "its certificate is neither one of those that are trusted nor signed by one of them".to_owned()
            }
            Some(Error::InvalidCertificate(error)) => format!("its certificate is not to be trusted: {error}"),
            Some(Error::InvalidMessage(_)) => "what it says is no TLS".to_owned(),
            _ if self.error.kind() == io::ErrorKind::TimedOut => "the handshake takes too long".to_owned(),
            _ => self.error.to_string(),
        }
    }
}

impl<S> Tls<S> {
    /// No TLS: the stream itself.
    pub fn clear(stream: S) -> Tls<S> {
        Tls(Inner::Clear(stream))
    }

    fn secured(secured: Secured<S>) -> Tls<S> {
        Tls(Inner::Secured(Box::new(secured)))
    }

    fn failed(stream: S) -> Tls<S> {
        Tls(Inner::Failed(Box::new(stream)))
    }

    /// What both ends agreed to speak inside TLS (RFC 7301); `None` in clear.
    pub fn protocol(&self) -> Option<Protocol> {
        match &self.0 {
            Inner::Secured(secured) => Some(secured.protocol()),
            Inner::Clear(_) | Inner::Failed(_) => None,
        }
    }

    /// The stream below.
    pub fn get_ref(&self) -> &S {
        match &self.0 {
            Inner::Clear(stream) => stream,
            Inner::Secured(secured) => secured.get_ref(),
            Inner::Failed(stream) => stream,
        }
    }
}

impl<S> Tls<Link<S>> {
    /// Looks at the stream below the link.
    pub fn look<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        self.get_ref().look(look)
    }
}

impl<S: AsyncWrite + Unpin + Send + 'static> Tls<Link<S>> {
    /// Waits as [`Link::departed`] does.
    pub async fn departed(&self) {
        self.get_ref().departed().await;
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Tls<S> {
    /// To be called when a read has brought the end: waits until the stream below is at its end, too.
    ///
    /// # Errors
    /// The stream's.
    pub async fn ended(&mut self) -> io::Result<()> {
        poll_fn(|cx| match &mut self.0 {
            Inner::Clear(_) => Poll::Ready(Ok(())),
            Inner::Secured(secured) => secured.poll_end(cx),
            Inner::Failed(stream) => poll_discard(stream, cx),
        })
        .await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Tls<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Clear(stream) => Pin::new(stream).poll_read(cx, buf),
            Inner::Secured(secured) => Pin::new(secured).poll_read(cx, buf),
            Inner::Failed(stream) => poll_discard(stream, cx),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Tls<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Inner::Clear(stream) => Pin::new(stream).poll_write(cx, buf),
            Inner::Secured(secured) => Pin::new(secured).poll_write(cx, buf),
            Inner::Failed(_) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Inner::Clear(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Inner::Secured(secured) => Pin::new(secured).poll_write_vectored(cx, bufs),
            Inner::Failed(_) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.0 {
            Inner::Clear(stream) => stream.is_write_vectored(),
            Inner::Secured(secured) => secured.is_write_vectored(),
            Inner::Failed(_) => false,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Clear(stream) => Pin::new(stream).poll_flush(cx),
            Inner::Secured(secured) => Pin::new(secured).poll_flush(cx),
            Inner::Failed(stream) => Pin::new(&mut **stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Inner::Clear(stream) => Pin::new(stream).poll_shutdown(cx),
            Inner::Secured(secured) => Pin::new(secured).poll_shutdown(cx),
            Inner::Failed(stream) => Pin::new(&mut **stream).poll_shutdown(cx),
        }
    }
}
