//! A client's share of a connection: one request after the other, each with its answer, or a tunnel. Reading is reading
//! the content of the last answer, or what comes through the tunnel; writing is for the tunnel.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::asked::Asked;
use super::connection::Speaker;
use super::machine::Machine;
use super::{Arrival, Asks, Connection, Head};
use crate::fault::Fault;
use crate::requests::Fields;

/// The share; a client without one has no connection. On the heap, because a client's connection of its own is small.
#[derive(Debug)]
pub(crate) struct Share(Box<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Rc<Connection>,
    /// The read that brought what the client took last.
    arrival: Rc<Cell<Arrival>>,
    speaks: Speaks,
    /// The connection has been told that the client leaves.
    has_left: Option<IsLast>,
}

/// Was it the last client?
type IsLast = bool;

#[derive(Debug)]
enum Speaks {
    /// The client's number on the connection.
    Ours(usize),
    Reference(Asked),
}

/// Does the same with whoever speaks the protocol.
macro_rules! on_either {
    ($share:expr, $machine:ident, $client:ident => $ours:expr, $reference:ident, $asked:ident => $theirs:expr) => {{
        let inner = &mut *$share.0;
        match (&inner.connection.speaker, &mut inner.speaks) {
            (Speaker::Ours(machine), Speaks::Ours(client)) => {
                let ($machine, $client): (&RefCell<Machine>, usize) = (machine, *client);
                $ours
            }
            (Speaker::Reference($reference), Speaks::Reference($asked)) => $theirs,
            _ => unreachable!("a share speaks as its connection does"),
        }
    }};
}

impl Share {
    /// One more client's share. It notes in `arrival` by which read came what the client takes.
    pub(crate) fn of(connection: Rc<Connection>, arrival: Rc<Cell<Arrival>>) -> Share {
        connection.join();
        let speaks = match &connection.speaker {
            Speaker::Ours(machine) => Speaks::Ours(machine.borrow_mut().join()),
            Speaker::Reference(_) => Speaks::Reference(Asked::default()),
        };
        Share(Box::new(Inner { connection, arrival, speaks, has_left: None }))
    }

    /// Asks as soon as the server takes another request. What was asked before is of no use any more.
    ///
    /// # Errors
    /// When the connection takes no more requests, or no tunnel.
    pub(crate) async fn ask(&mut self, fields: &Fields, asks: Asks) -> Result<(), Fault> {
        poll_fn(|cx| {
            on_either!(self,
                machine, client => machine.borrow_mut().poll_ask(cx, client, fields, asks),
                reference, asked => reference.poll_ask(cx, asked, fields, asks))
        })
        .await
    }

    /// The head of the answer.
    ///
    /// # Errors
    /// When the stream or the connection ends before it.
    pub(crate) async fn head(&mut self) -> Result<Head, Fault> {
        poll_fn(|cx| self.poll_head(cx)).await
    }

    /// As [`Share::head`].
    pub(crate) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Head, Fault>> {
        let head = on_either!(self,
            machine, client => machine.borrow_mut().poll_head(cx, client),
            _reference, asked => asked.poll_head(cx));
        if head.is_ready() {
            self.note_arrival();
        }
        head
    }

    /// hyper does not say by which read something came: it was the last one.
    fn note_arrival(&self) {
        if let Speaker::Reference(reference) = &self.0.connection.speaker {
            self.0.arrival.set(reference.last_arrival());
        }
    }

    /// Waits for the connection to take no more requests.
    ///
    /// # Errors
    /// When it is for an error.
    pub(crate) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        on_either!(self,
            machine, client => machine.borrow_mut().poll_over(cx, client),
            reference, _asked => reference.poll_over(cx))
    }

    /// May another request follow, as far as is known by now?
    ///
    /// # Errors
    /// When none may for an error.
    pub(crate) async fn is_open(&mut self) -> Result<bool, Fault> {
        poll_fn(|cx| match self.poll_over(cx) {
            Poll::Pending => Poll::Ready(Ok(true)),
            Poll::Ready(over) => Poll::Ready(over.map(|()| false)),
        })
        .await
    }

    /// The client has no more use for the connection. Whoever leaves last waits until its account was taken.
    pub(crate) async fn leave(mut self) {
        if self.tell_that_it_leaves() {
            self.0.connection.accounted().await;
        }
    }

    fn tell_that_it_leaves(&mut self) -> IsLast {
        if let Some(is_last) = self.0.has_left {
            return is_last;
        }
        on_either!(self,
            machine, client => machine.borrow_mut().leave(client),
            _reference, asked => *asked = Asked::default());
        let is_last = self.0.connection.leave();
        self.0.has_left = Some(is_last);
        is_last
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.tell_that_it_leaves();
    }
}

impl AsyncRead for Share {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let arrival = on_either!(self,
        machine, client => ready!(machine.borrow_mut().poll_content(cx, client, |bytes| {
            let n = bytes.len().min(buf.remaining());
            buf.put_slice(&bytes[..n]);
            n
        }))?,
        reference, asked => {
            ready!(asked.poll_read(cx, buf))?;
            Some(reference.last_arrival())
        });
        if let Some(arrival) = arrival {
            self.0.arrival.set(arrival);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Share {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        on_either!(self,
            machine, client => machine.borrow_mut().poll_write(cx, client, buf).map_err(io::Error::from),
            _reference, asked => asked.tunnel()?.poll_write(cx, buf))
    }

    /// The connection's own task sends what was written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_either!(self,
            _machine, _client => Poll::Ready(Ok(())),
            _reference, asked => asked.tunnel()?.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_either!(self,
            machine, client => {
                machine.borrow_mut().finish_tunnel(client);
                Poll::Ready(Ok(()))
            },
            _reference, asked => asked.tunnel()?.poll_shutdown(cx))
    }
}
