//! Moves the bytes of a [`Machine`]: the only reader and writer of its connection.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{future::poll_fn, time::Duration};

use tokio::io::AsyncWrite as _;
use tokio::time::timeout;

use super::Arrival;
use super::machine::Machine;
use crate::fault::Fault;
use crate::scratch::Scratch;
use crate::shared::Shared;
use crate::wake::{Bell, ClientStack};

/// Moves bytes until the server has closed, the connection is broken, or all clients have left. Then whoever ends it ends
/// it: the server if the feed is over or it said so, else the client by a GOAWAY. True when the server has closed.
pub(super) async fn drive(
    machine: &RefCell<Machine>,
    stack: &mut ClientStack,
    bell: &Bell,
    shared: &Shared,
    patience: Duration,
) -> bool {
    let mut driver = Driver { machine, stack, bell, scratch: shared.scratch() };
    driver.until(|machine| machine.is_over() || machine.clients.is_empty()).await;
    let server_ends = shared.feed_ended() || !machine.borrow().takes_requests();
    if server_ends && !shared.over() {
        // It may still have a question: a PING is how a server finds out that its GOAWAY has come (RFC 9113 section 6.8).
        let _ = timeout(patience, driver.until(Machine::is_over)).await;
    }
    if !machine.borrow().is_over() {
        machine.borrow_mut().say_goodbye();
    }
    if !machine.borrow().is_closed() {
        // Who does not read it in time does not want to know.
        let _ = timeout(patience, poll_fn(|cx| driver.poll_send(cx))).await;
    }
    machine.borrow().is_closed()
}

struct Driver<'d> {
    machine: &'d RefCell<Machine>,
    stack: &'d mut ClientStack,
    bell: &'d Bell,
    scratch: &'d Scratch,
}

impl Driver<'_> {
    async fn until(&mut self, done: impl Fn(&Machine) -> bool) {
        poll_fn(|cx| self.poll_until(cx, &done)).await;
    }

    /// Moves bytes until `done` finds that it is enough.
    fn poll_until(&mut self, cx: &mut Context<'_>, done: &impl Fn(&Machine) -> bool) -> Poll<()> {
        while !done(&self.machine.borrow()) {
            // What cannot be sent now does not keep anything from being read.
            let _ = self.poll_send(cx);
            let read = match self.machine.borrow().may_read() {
                true => self.scratch.poll_read(cx, self.stack),
                false => Poll::Pending,
            };
            let mut machine = self.machine.borrow_mut();
            match read {
                Poll::Ready(Ok(bytes)) if !bytes.is_empty() => machine.receive(&bytes, Arrival::last(self.bell)),
                Poll::Ready(Ok(_)) => machine.end(Ok(())),
                Poll::Ready(Err(_)) => machine.end(Err(Fault::Reset)),
                Poll::Pending => {
                    machine.driven_by(cx.waker());
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(())
    }

    /// Sends what waits. A connection that takes nothing more shows in the next read why.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut machine = self.machine.borrow_mut();
        while !machine.to_send().is_empty() {
            match ready!(Pin::new(&mut *self.stack).poll_write(cx, machine.to_send())) {
                Ok(n @ 1..) => machine.sent(n),
                Ok(0) | Err(_) => machine.drop_unsent(),
            }
        }
        Pin::new(&mut *self.stack).poll_flush(cx).map(|_| ())
    }
}
