//! The buffer that all clients of a worker read into. What a read brought is looked at before the next one, so that no
//! client needs a buffer of its own.

use std::cell::{Ref, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// The most that one read brings (bytes).
const READ_MAX_BYTES: usize = 64 * 1024;

/// The buffer of a worker; a clone is the same one.
#[derive(Clone, Debug)]
pub(crate) struct Scratch(Rc<RefCell<Box<[u8]>>>);

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch(Rc::new(RefCell::new(vec![0; READ_MAX_BYTES].into_boxed_slice())))
    }
}

impl Scratch {
    /// Reads once. The bytes must be let go before the task waits for anything; none are the end of the stream.
    ///
    /// # Errors
    /// The stream's.
    ///
    /// # Panics
    /// If somebody kept the bytes of another read.
    pub(crate) async fn read<S: AsyncRead + Unpin>(&self, stream: &mut S) -> io::Result<Ref<'_, [u8]>> {
        poll_fn(|cx| self.poll_read(cx, stream)).await
    }

    /// What a stream that has ended gives.
    ///
    /// # Panics
    /// As [`Scratch::read`].
    pub(crate) fn nothing(&self) -> Ref<'_, [u8]> {
        Ref::map(self.0.borrow(), |bytes| &bytes[..0])
    }

    /// As [`Scratch::read`], for one that has something else to wait for.
    pub(crate) fn poll_read<S: AsyncRead + Unpin>(
        &self,
        cx: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<io::Result<Ref<'_, [u8]>>> {
        let n = {
            let mut bytes = self.0.borrow_mut();
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
            buffer.filled().len()
        };
        Poll::Ready(Ok(Ref::map(self.0.borrow(), |bytes| &bytes[..n])))
    }
}
