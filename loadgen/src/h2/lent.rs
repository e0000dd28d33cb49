//! A connection that is lent to a library: it comes home when the library drops it, so that its end is exact.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use feedbench_wire::h2::frame::{Part, Reader};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::wake::ClientStack;

/// Turns that other tasks have between two reads: what one brought goes from hyper's connection to the request's task, and
/// from there to the client, which is to take it as that read's.
const TURNS: u8 = 2;

/// Where the connection belongs.
pub(super) struct Home {
    stack: Cell<Option<ClientStack>>,
    returned: Notify,
    /// The server has closed.
    server_closed: Cell<bool>,
    /// Reads until the server's first frame is whole, its settings; who waits for it.
    first_frame: RefCell<Option<Reader>>,
    waits: RefCell<Option<Waker>>,
}

/// The connection away from home.
pub(super) struct Lent {
    /// `None` is never seen: it is taken when this is dropped.
    stack: Option<ClientStack>,
    home: Rc<Home>,
    turns: u8,
}

impl Home {
    /// Of a connection on which nothing was said yet.
    pub(super) fn of(stack: ClientStack) -> Rc<Home> {
        Rc::new(Home {
            stack: Cell::new(Some(stack)),
            returned: Notify::new(),
            server_closed: Cell::default(),
            first_frame: RefCell::new(Some(Reader::default())),
            waits: RefCell::default(),
        })
    }

    /// Lends the connection; `None` when it is away already.
    pub(super) fn lend(self: &Rc<Home>) -> Option<Lent> {
        let stack = self.stack.take();
        stack.is_some().then(|| Lent { stack, home: Rc::clone(self), turns: 0 })
    }

    /// Waits until it is back.
    pub(super) async fn returned(&self) {
        self.returned.notified().await;
    }

    /// The connection, if it is at home, and whether the server has closed it.
    pub(super) fn take(&self) -> (Option<ClientStack>, bool) {
        (self.stack.take(), self.server_closed.get())
    }

    /// Have the server's settings been read? Wakes the task when they are.
    pub(super) fn settings_have_come(&self, cx: &Context<'_>) -> bool {
        self.waits.replace(Some(cx.waker().clone()));
        self.first_frame.borrow().is_none()
    }

    fn look(&self, bytes: &[u8]) {
        let mut first_frame = self.first_frame.borrow_mut();
        let Some(reader) = &mut *first_frame else { return };
        let mut rest = bytes;
        let whole = loop {
            match reader.next(&mut rest) {
                Ok(Some(Part::Header(header))) if header.payload_bytes == 0 => break true,
                Ok(Some(Part::Header(_) | Part::Payload { last: false, .. })) => {}
                Ok(Some(Part::Payload { last: true, .. })) | Err(_) => break true,
                Ok(None) => break false,
            }
        };
        if whole {
            *first_frame = None;
            self.waits.take().into_iter().for_each(Waker::wake);
        }
    }
}

impl Lent {
    fn stack(&mut self) -> io::Result<Pin<&mut ClientStack>> {
        self.stack.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.home.stack.set(self.stack.take());
        self.home.returned.notify_one();
    }
}

impl AsyncRead for Lent {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.turns > 0 {
            self.turns -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        ready!(self.stack()?.poll_read(cx, buf))?;
        let bytes = &buf.filled()[before..];
        if bytes.is_empty() {
            self.home.server_closed.set(true);
        } else {
            self.turns = TURNS;
            self.home.look(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Lent {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stack()?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stack()?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stack.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stack()?.poll_flush(cx)
    }

    /// Who lent it ends it.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
