//! The way down: from whoever writes to the socket, and the driver that passes on what is due.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::AsyncWrite;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::distance::Timer;
use super::one_way::OneWay;
use super::transit::Transit;

/// What was written and is not passed on yet, with the socket to which it goes.
#[derive(Debug)]
pub(super) struct Departures<S> {
    socket: S,
    transit: Transit,
    /// The end was passed on, or the socket has failed: nothing is left to do.
    is_over: bool,
    /// How the socket failed, until somebody was told.
    failed: Option<io::Error>,
    /// Whoever waits for room or for the end.
    waiting: Option<Waker>,
    /// The task that passes on what is in transit, as long as anything is.
    driver: Option<AbortHandle>,
}

impl<S> Departures<S> {
    /// Nothing is passed on before this instant.
    pub(super) fn new(socket: S, one_way: OneWay, not_before: Instant) -> Departures<S> {
        let transit = Transit::new(one_way, not_before);
        Departures { socket, transit, is_over: false, failed: None, waiting: None, driver: None }
    }

    pub(super) fn stream(&self) -> &S {
        &self.socket
    }

    pub(super) fn stream_mut(&mut self) -> &mut S {
        &mut self.socket
    }

    /// Ends the driver, wherever it waits.
    pub(super) fn abort_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            driver.abort();
        }
    }

    /// How the socket has failed, if nobody was told before.
    fn failure(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn next_due(&self) -> Option<Instant> {
        if self.is_over { None } else { self.transit.next_due() }
    }

    fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.waiting {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.waiting = Some(cx.waker().clone()),
        }
    }
}

impl<S: AsyncWrite + Unpin + Send + 'static> Departures<S> {
    /// The socket, when there is no distance and nothing in transit.
    pub(super) fn straight(&mut self) -> Option<Pin<&mut S>> {
        self.transit.is_open(Instant::now()).then(|| Pin::new(&mut self.socket))
    }

    /// Puts on their way as many of the bytes as there is room for.
    pub(super) fn poll_write(&mut self, cx: &Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.failure()?;
        if self.transit.has_ended() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        if self.transit.room() == 0 {
            self.wait(cx);
            return Poll::Pending;
        }
        let transit = self.transit.next_transit();
        Poll::Ready(Ok(self.transit.push(bufs.iter().map(|buf| &**buf), Instant::now(), transit)))
    }

    /// Flushes the socket if nothing is in transit. Otherwise the driver flushes it behind what is.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.failure()?;
        if self.transit.is_clear(Instant::now()) {
            return Pin::new(&mut self.socket).poll_flush(cx);
        }
        Poll::Ready(Ok(()))
    }

    /// Puts the end on its way, and is ready once it was passed on.
    pub(super) fn poll_shutdown(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.failure()?;
        if self.is_over {
            return Poll::Ready(Ok(()));
        }
        self.transit.push_end(Instant::now());
        self.wait(cx);
        Poll::Pending
    }

    /// Is ready once all that was written was passed on, or cannot be any more.
    pub(super) fn poll_departed(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.next_due().is_none() {
            return Poll::Ready(());
        }
        self.wait(cx);
        Poll::Pending
    }

    /// Starts the driver if there is something to pass on. `this` is where these departures are.
    pub(super) fn ensure_driver(&mut self, this: &Arc<Mutex<Departures<S>>>) {
        if self.driver.is_none() && self.next_due().is_some() {
            self.driver = Some(tokio::spawn(drive(Arc::downgrade(this))).abort_handle());
        }
    }

    /// Passes on what is due.
    fn poll_pass_on(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let now = Instant::now();
        loop {
            let due = self.transit.due(now);
            if due.is_empty() {
                break;
            }
            let n = ready!(Pin::new(&mut self.socket).poll_write(cx, due))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.transit.arrived(n);
        }
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        if self.transit.end_is_due(now) {
            ready!(Pin::new(&mut self.socket).poll_shutdown(cx))?;
            self.is_over = true;
        }
        Poll::Ready(Ok(()))
    }

    /// The socket takes no more, and this is heard of.
    fn fail(&mut self, error: io::Error) {
        self.transit.cut();
        (self.failed, self.is_over, self.driver) = (Some(error), true, None);
    }
}

/// The departures, for a moment.
pub(super) fn lock<S>(departures: &Mutex<Departures<S>>) -> MutexGuard<'_, Departures<S>> {
    departures.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes on what is in transit, each piece when it is due, until nothing is left or the link is dropped.
async fn drive<S: AsyncWrite + Unpin + Send + 'static>(link: Weak<Mutex<Departures<S>>>) {
    while let Some(timer) = next_timer(&link) {
        timer.await;
        let pass_on = |cx: &mut Context<'_>| change(&link, |departures| departures.poll_pass_on(cx));
        if let Err(error) = poll_fn(|cx| pass_on(cx).unwrap_or(Poll::Ready(Ok(())))).await {
            // The peer's reset has the same way back.
            let one_way = |departures: &Departures<S>| departures.transit.one_way().way_back();
            if let Some((distance, way)) = link.upgrade().map(|departures| one_way(&lock(&departures))) {
                distance.cross(way).await;
            }
            change(&link, |departures| departures.fail(error));
            return;
        }
    }
}

/// When the driver has something to do; else it has ended. Whoever writes looks for a driver under the same lock, so it
/// finds this one, or none and starts another.
fn next_timer<S>(link: &Weak<Mutex<Departures<S>>>) -> Option<Timer> {
    let departures = link.upgrade()?;
    let mut departures = lock(&departures);
    let next_due = departures.next_due();
    if next_due.is_none() {
        departures.driver = None;
    }
    next_due.map(|due| departures.transit.one_way().timer(due))
}

/// Changes something that may be waited for, unless the link was dropped.
fn change<S, T>(link: &Weak<Mutex<Departures<S>>>, act: impl FnOnce(&mut Departures<S>) -> T) -> Option<T> {
    let departures = link.upgrade()?;
    let mut departures = lock(&departures);
    let done = act(&mut departures);
    let waiting = departures.waiting.take();
    // Only now: whoever is woken may need the lock at once.
    drop(departures);
    waiting.into_iter().for_each(Waker::wake);
    Some(done)
}
