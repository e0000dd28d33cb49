//! A connection that answers one request at a time: the socket and one bit.

use std::cell::Ref;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::io::AsyncWriteExt as _;

use super::answer::Answer;
use crate::fault::{Ended, Fault};
use crate::scratch::Scratch;
use crate::session::Session;
use crate::wake::ClientStack;

/// An HTTP/1.1 connection.
pub(super) struct Http {
    stack: ClientStack,
    scratch: Scratch,
    /// Another request may follow.
    open: bool,
}

/// Speaks HTTP/1.1 over a connection for as long as `speak` does and the cell lasts, and gives it back.
pub(super) fn over(
    session: &mut Session,
    stack: ClientStack,
    speak: impl AsyncFnOnce(&mut Session, &mut Http) -> Result<(), Fault>,
) -> impl Future<Output = Ended> {
    // Made here, and pinned below: what is handed to an async function by value has its room once more in it.
    let mut http = Http { stack, scratch: session.scratch(), open: true };
    let cell = session.cell();
    async move {
        let fault = cell.unless_over(pin!(speak(session, &mut http))).await.and_then(Result::err);
        Ended { stack: Some(http.stack), fault }
    }
}

impl Http {
    /// Asks the session's question.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(super) async fn ask(&mut self, session: &Session) -> Result<Answer, Fault> {
        self.open = false;
        self.stack.write_all(&session.head()).await.map_err(|_| Fault::Reset)?;
        self.stack.flush().await.map_err(|_| Fault::Reset)?;
        Ok(Answer::default())
    }

    /// The next bytes of the answer, to be taken before anything else is waited for; none when the server has closed.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(super) async fn read(&mut self) -> Result<Ref<'_, [u8]>, Fault> {
        self.scratch.read(&mut self.stack).await.map_err(|_| Fault::Reset)
    }

    /// The answer is over: does the connection go on?
    pub(super) fn answered(&mut self, session: &Session, answer: &Answer) {
        self.open = answer.keeps_alive() && !session.asks_anew();
    }

    /// Waits for `future`, but no longer than the connection lasts: `None` when the server ends it first, or is to.
    ///
    /// # Errors
    /// When the server says something that it was not asked.
    pub(super) async fn while_open<F: Future>(&mut self, mut future: Pin<&mut F>) -> Result<Option<F::Output>, Fault> {
        if !self.open {
            return Ok(None);
        }
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(Some(output))),
            Poll::Pending => match self.scratch.poll_read(cx, &mut self.stack) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(bytes)) if !bytes.is_empty() => Poll::Ready(Err(Fault::Protocol)),
                Poll::Ready(_) => Poll::Ready(Ok(None)),
            },
        })
        .await
    }

    /// May another request follow: has the server left the connection open, as far as is known by now?
    ///
    /// # Errors
    /// When the server says something that it was not asked.
    pub(super) async fn is_open(&mut self) -> Result<bool, Fault> {
        if !self.open {
            return Ok(false);
        }
        poll_fn(|cx| match self.scratch.poll_read(cx, &mut self.stack) {
            Poll::Pending => Poll::Ready(Ok(true)),
            Poll::Ready(Ok(bytes)) if !bytes.is_empty() => Poll::Ready(Err(Fault::Protocol)),
            Poll::Ready(_) => Poll::Ready(Ok(false)),
        })
        .await
    }
}
