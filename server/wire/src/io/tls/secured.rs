//! A stream inside TLS.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use feedbench_record::scenario::Protocol;
use tokio::io::{AsyncBufRead as _, AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsStream;

use super::gate::Gate;
use crate::io::Meter;

/// A stream whose handshake is over.
#[derive(Debug)]
pub(super) struct Secured<S> {
    stream: TlsStream<Gate<S>>,
    meter: Meter,
    /// Content was written.
    wrote: bool,
    /// The peer has said that nothing more comes.
    ended: bool,
}

impl<S> Secured<S> {
    pub(super) fn new(mut stream: TlsStream<Gate<S>>, meter: Meter) -> Secured<S> {
        stream.get_mut().0.in_time();
        Secured { stream, meter, wrote: false, ended: false }
    }

    /// The protocol that both ends agreed on. A peer without ALPN speaks HTTP/1.1.
    pub(super) fn protocol(&self) -> Protocol {
        match self.stream.get_ref().1.alpn_protocol() {
            Some(name) if name == Protocol::Http2.id().as_bytes() => Protocol::Http2,
            _ => Protocol::Http1,
        }
    }

    /// The stream below.
    pub(super) fn get_ref(&self) -> &S {
        self.stream.get_ref().0.get_ref()
    }

    pub(super) fn into_inner(self) -> S {
        match self.stream {
            TlsStream::Client(stream) => stream.into_inner().0.into_inner(),
            TlsStream::Server(stream) => stream.into_inner().0.into_inner(),
        }
    }

    /// What is written now is content.
    fn write_content(&mut self) {
        if !std::mem::replace(&mut self.wrote, true) {
            // All that TLS has said by itself was passed on: by the handshake, or by the flush before every write.
            let after = self.stream.get_ref().0.written();
            self.meter.marks().content(self.meter.end().writes(), after);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Secured<S> {
    /// Waits for the end of what the stream below brings: TLS's own end comes before it.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_discard(self.stream.get_mut().0, cx)
    }

    /// Passes on the records of the writes before. A writer that does not flush has no other reason to look again.
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.get_ref().1.wants_write() {
            true => Pin::new(&mut self.stream).poll_flush(cx),
            false => Poll::Ready(Ok(())),
        }
    }

    /// Reads content; none at the end.
    fn poll_content(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.stream.get_ref().0.is_open() {
            let has_content = !ready!(Pin::new(&mut self.stream).poll_fill_buf(cx))?.is_empty();
            if !has_content {
                return Poll::Ready(Ok(()));
            }
            if let Some(start) = self.stream.get_mut().0.open() {
                self.meter.marks().content(self.meter.end().reads(), start);
            }
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secured<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(sent) = self.poll_sent(cx) {
            sent?;
        }
        if self.ended {
            return self.poll_end(cx);
        }
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        match ready!(self.poll_content(cx, buf)) {
            // An end of TCP without one of TLS. Whether something is missing, framing tells (RFC 9112 section 9.8).
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.ended = true,
            Err(error) => return Poll::Ready(Err(error)),
            Ok(()) => self.ended = buf.filled().len() == before,
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secured<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_sent(cx))?;
        self.write_content();
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_sent(cx))?;
        self.write_content();
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Reads and throws away until the end.
pub(super) fn poll_discard<S: AsyncRead + Unpin>(stream: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    let mut scratch = [0; 512];
    loop {
        let mut buffer = ReadBuf::new(&mut scratch);
        ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(()));
        }
    }
}
