//! A connection that answers one request at a time: the line and one bit.

use std::cell::Ref;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWriteExt as _;

use super::answer::Answer;
use crate::fault::{Ended, Fault};
use crate::h2::Asks;
use crate::line::Line;
use crate::scratch::Scratch;
use crate::session::Session;

/// An HTTP connection.
pub(super) struct Http {
    line: Line,
    scratch: Scratch,
    /// Another request may follow.
    open: bool,
}

/// Speaks HTTP over a line for as long as `speak` does and the cell lasts, and gives it back.
pub(super) fn over(
    session: &mut Session,
    line: Line,
    speak: impl AsyncFnOnce(&mut Session, &mut Http) -> Result<(), Fault>,
) -> impl Future<Output = Ended> {
    // Made here, and pinned below: what is handed to an async function by value has its room once more in it.
    let mut http = Http { line, scratch: session.scratch(), open: true };
    let cell = session.cell();
    async move {
        let fault = cell.unless_over(pin!(speak(session, &mut http))).await.and_then(Result::err);
        Ended { line: Some(http.line), fault }
    }
}

impl Http {
    /// Asks the session's question.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(super) async fn ask(&mut self, session: &Session) -> Result<Answer, Fault> {
        self.open = false;
        match &mut self.line {
            Line::Http1(stack) => {
                stack.write_all(&session.head()).await.map_err(|_| Fault::Reset)?;
                stack.flush().await.map_err(|_| Fault::Reset)?;
            }
            Line::Http2(share) => match share.ask(&session.fields(), Asks::Answer).await {
                // To read shows it, as on a connection of its own.
                Ok(()) | Err(Fault::Closed) => {}
                Err(fault) => return Err(fault),
            },
        }
        Ok(Answer::default())
    }

    /// The next bytes of the answer, to be taken before anything else is waited for; none when the server has closed, or
    /// ended an answer that says by itself where it ends.
    ///
    /// # Errors
    /// When the connection is broken, or the status is not 200.
    pub(super) async fn read(&mut self, answer: &mut Answer) -> Result<Ref<'_, [u8]>, Fault> {
        let (line, scratch) = (&mut self.line, &self.scratch);
        // One future and not one after the other, which would each have its room.
        poll_fn(move |cx| {
            if let Line::Http2(share) = line
                && !answer.has_begun()
            {
                match ready!(share.poll_head(cx)) {
                    Ok(head) => answer.begin(&head)?,
                    Err(Fault::Closed) => return Poll::Ready(Ok(scratch.nothing())),
                    Err(fault) => return Poll::Ready(Err(fault)),
                }
            }
            scratch.poll_read(cx, line).map_err(Fault::from)
        })
        .await
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
            Poll::Pending => self.poll_over(cx).map_ok(|()| None),
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
        poll_fn(|cx| match self.poll_over(cx) {
            Poll::Pending => Poll::Ready(Ok(true)),
            Poll::Ready(over) => Poll::Ready(over.map(|()| false)),
        })
        .await
    }

    /// Waits for the server to end the connection, between two requests.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        match &mut self.line {
            Line::Http1(stack) => match ready!(self.scratch.poll_read(cx, stack)) {
                Ok(bytes) if !bytes.is_empty() => Poll::Ready(Err(Fault::Protocol)),
                _ => Poll::Ready(Ok(())),
            },
            Line::Http2(share) => share.poll_over(cx),
        }
    }
}
