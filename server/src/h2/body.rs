//! The body of an answer on a stream of HTTP/2, between who writes it and the library that sends it. What waits is bounded:
//! a client that does not read, or gives the stream no window (RFC 9113 section 5.2), is not written to either.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::Reason;
use hyper::body::{Body, Frame};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What one piece has at most (bytes): as much as a DATA frame where nobody asks for more (RFC 9113 section 4.2).
const PIECE_MAX_BYTES: usize = 16 << 10;
/// What may wait for the library (bytes), a last piece not counted.
const WAITING_MAX_BYTES: usize = 64 << 10;
/// What a piece costs beside its bytes, so that many small ones are bounded, too.
const PIECE_COST_BYTES: usize = 64;

/// A body, from both ends. What is written in one piece is read in one, and goes out as one DATA frame where the windows let
/// it.
pub(super) fn body() -> (Writer, Reader) {
    let shared = Arc::new(Shared::default());
    (Writer(Arc::clone(&shared)), Reader(shared))
}

/// The end that writes. Dropped before it has [finished](Writer::finish), it has the stream reset.
#[derive(Debug)]
pub struct Writer(Arc<Shared>);

/// The end that is read.
#[derive(Debug)]
pub struct Reader(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Bytes>,
    /// What they cost (bytes).
    cost: usize,
    /// All is written …
    is_whole: bool,
    /// … or the writer is gone.
    is_cut: bool,
    /// Nobody reads any more.
    is_abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes, without the lock: who is woken takes it.
fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Notes who waits.
fn wait<T>(place: &mut Option<Waker>, context: &Context<'_>) -> Poll<T> {
    match place {
        Some(waker) => waker.clone_from(context.waker()),
        None => *place = Some(context.waker().clone()),
    }
    Poll::Pending
}

impl Writer {
    /// The body is whole.
    pub fn finish(&self) {
        let mut state = self.0.lock();
        state.is_whole = true;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
    }
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.0.lock();
        if state.is_abandoned || state.is_whole {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if state.cost >= WAITING_MAX_BYTES {
            return wait(&mut state.writer, cx);
        }
        let piece = &buf[..buf.len().min(PIECE_MAX_BYTES)];
        state.waiting.push_back(Bytes::copy_from_slice(piece));
        state.cost += piece.len() + PIECE_COST_BYTES;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.finish();
        Poll::Ready(Ok(()))
    }
}

/// The client says nothing on this stream any more: an end, as soon as nobody reads what is written.
impl AsyncRead for Writer {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.lock();
        if state.is_abandoned { Poll::Ready(Ok(())) } else { wait(&mut state.writer, cx) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_cut = true;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
    }
}

impl Body for Reader {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let mut state = self.0.lock();
        let Some(piece) = state.waiting.pop_front() else {
            return match (state.is_whole, state.is_cut) {
                (true, _) => Poll::Ready(None),
                (false, true) => Poll::Ready(Some(Err(Reason::CANCEL.into()))),
                (false, false) => wait(&mut state.reader, cx),
            };
        };
        let was_full = state.cost >= WAITING_MAX_BYTES;
        state.cost -= piece.len() + PIECE_COST_BYTES;
        let writer = if was_full { state.writer.take() } else { None };
        drop(state);
        wake(writer);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        let state = self.0.lock();
        state.is_whole && state.waiting.is_empty()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_abandoned = true;
        state.waiting = VecDeque::new();
        let writer = state.writer.take();
        drop(state);
        wake(writer);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn piece(reader: &mut Reader) -> Option<Result<Bytes, h2::Error>> {
        reader.frame().await.map(|frame| frame.map(|frame| frame.into_data().unwrap()))
    }

    #[tokio::test]
    async fn what_is_written_in_one_piece_is_read_in_one_and_the_last_one_knows_it() {
        let (mut writer, mut reader) = body();
        writer.write_all(b"one").await.unwrap();
        writer.write_all(b"two").await.unwrap();
        assert_eq!(piece(&mut reader).await.unwrap().unwrap(), "one");
        assert!(!reader.is_end_stream());
        writer.finish();
        drop(writer);
        assert_eq!(piece(&mut reader).await.unwrap().unwrap(), "two");
        assert!(reader.is_end_stream());
        assert!(piece(&mut reader).await.is_none());
    }

    #[tokio::test]
    async fn a_writer_that_is_dropped_in_the_middle_cancels_after_what_it_wrote() {
        let (mut writer, mut reader) = body();
        writer.write_all(b"one").await.unwrap();
        drop(writer);
        assert_eq!(piece(&mut reader).await.unwrap().unwrap(), "one");
        assert_eq!(piece(&mut reader).await.unwrap().unwrap_err().reason(), Some(Reason::CANCEL));
    }

    #[tokio::test]
    async fn little_waits_whatever_the_size_of_the_pieces_and_a_read_makes_room() {
        for piece_bytes in [1, 100, PIECE_MAX_BYTES, 1 << 20] {
            let (mut writer, mut reader) = body();
            let long = vec![b'x'; piece_bytes];
            let (mut pieces, mut bytes) = (0, 0);
            while let Some(n) = writer.write(&long).now_or_never() {
                (pieces, bytes) = (pieces + 1, bytes + n.unwrap());
            }
            assert!(bytes < WAITING_MAX_BYTES + PIECE_MAX_BYTES, "{piece_bytes}");
            assert!(pieces <= WAITING_MAX_BYTES / PIECE_COST_BYTES, "{piece_bytes}");
            let blocked = tokio::spawn(async move { writer.write(&long).await.unwrap() });
            tokio::task::yield_now().await;
            assert!(!blocked.is_finished());
            piece(&mut reader).await.unwrap().unwrap();
            assert_eq!(blocked.await.unwrap(), piece_bytes.min(PIECE_MAX_BYTES));
        }
    }

    #[tokio::test]
    async fn a_writer_hears_an_end_when_nobody_reads_any_more() {
        let (mut writer, reader) = body();
        let listening = tokio::spawn(async move { (writer.read(&mut [0; 1]).await.unwrap(), writer) });
        tokio::task::yield_now().await;
        assert!(!listening.is_finished());
        drop(reader);
        let (read, mut writer) = listening.await.unwrap();
        assert_eq!(read, 0);
        assert_eq!(writer.write(b"x").await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
