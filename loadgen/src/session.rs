//! All that a transport may do. The fields are private: a transport cannot reach the clock, a histogram or a counter.

mod connections;

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use bytes::Bytes;
use feedbench_record::Transport;
use feedbench_record::run::Polls;
use feedbench_record::scenario::{ClientKind, Compression, ConnectionPolicy, topic_name};
use feedbench_wire::Cursor;
use http_body_util::Empty;
use hyper::Request;

use crate::dialect::{Dialect, Question};
use crate::fault::Fault;
use crate::h2::Arrival;
use crate::lean::LastHead;
use crate::poll_grid::{self, PollGrid};
use crate::requests::Fields;
use crate::scratch::Scratch;
use crate::sequence::Sequence;
use crate::session::connections::Connection;
use crate::shared::{InCell, Shared};

/// One client of one transport.
pub(crate) struct Session {
    shared: Rc<Shared>,
    client: u32,
    failures: u32,
    /// The life of the server that the client's place in the feed belongs to; `None` before it has one.
    epoch: Option<u16>,
    sequence: Sequence,
    /// `None` before the first poll.
    grid: Option<Box<PollGrid>>,
    connection: Option<Connection>,
    /// The connection was opened at a poll's instant, and the poll is still to come.
    due: bool,
    /// The next connection takes up what another one left against the plan.
    reconnects: bool,
    left: bool,
}

impl Session {
    pub(crate) fn new(client: u32, shared: Rc<Shared>) -> Session {
        Session {
            shared,
            client,
            failures: 0,
            epoch: None,
            sequence: Sequence::default(),
            grid: None,
            connection: None,
            due: false,
            reconnects: false,
            left: false,
        }
    }

    /// The request for what comes next, with the client's place in the feed.
    ///
    /// # Errors
    /// When the place cannot stand in a request.
    pub(crate) fn request(&self) -> Result<Request<Empty<Bytes>>, Fault> {
        self.shared.requests().request(&self.question())
    }

    /// The same as HTTP/2 has it.
    pub(crate) fn fields(&self) -> Fields {
        self.shared.requests().fields_at((self.topic(), self.cursor()), || self.question())
    }

    /// The head of a WebSocket's opening handshake with the key, asking for what comes next.
    pub(crate) fn handshake(&self, key: &str) -> Vec<u8> {
        self.shared.requests().head(&self.question(), Some(key))
    }

    /// Do the clients of the cell ask for what is compressed?
    pub(crate) fn takes_compressed(&self) -> bool {
        self.shared.plan().scenario.compression != Compression::None
    }

    /// The bytes of [`Session::request`].
    pub(crate) fn head(&self) -> Rc<[u8]> {
        self.shared.requests().head_at((self.topic(), self.cursor()), || self.question())
    }

    /// The last head that an answer to any client of the worker had.
    pub(crate) fn last_head(&self) -> &RefCell<LastHead> {
        self.shared.last_head()
    }

    /// Where the bytes of a read go, for as long as they are looked at.
    pub(crate) fn scratch(&self) -> Scratch {
        self.shared.scratch().clone()
    }

    /// A key to mask a frame with.
    pub(crate) fn mask_key(&self) -> [u8; 4] {
        self.shared.mask_key()
    }

    /// What to ask for.
    fn question(&self) -> Question {
        // A client without a place in the feed asks for it, and does not wait for an event to tell it.
        let (plan, cursor) = (self.shared.plan(), self.cursor());
        let hold_ms = if cursor.is_some() { plan.scenario.hold_ms } else { 0 };
        Dialect::Feedbench.question(plan.transport, &topic_name(self.topic()), cursor, hold_ms)
    }

    fn topic(&self) -> u32 {
        self.shared.plan().scenario.fanout.topic_of(self.client)
    }

    /// Does each request have a connection of its own?
    pub(crate) fn asks_anew(&self) -> bool {
        self.shared.plan().scenario.connection != ConnectionPolicy::KeepAlive
    }

    /// Waits for the next instant of the poll schedule; the first poll of all goes out at once, and so does every one of a
    /// closed workload. `None` when the cell is over.
    pub(crate) async fn next_poll(&mut self) -> Option<()> {
        let plan = self.shared.plan();
        if std::mem::take(&mut self.due) || plan.scenario.is_closed(plan.transport) {
            return (!self.over()).then_some(());
        }
        let clock = self.shared.clock();
        let now_us = clock.now_us();
        let interval_us = plan.scenario.interval_ms * 1_000;
        let Some(grid) = self.grid.as_mut() else {
            let phase_us = poll_grid::phase_us(&plan.scenario, self.client);
            self.grid = Some(Box::new(PollGrid::after(now_us, phase_us, interval_us)));
            return (!self.over()).then_some(());
        };
        let (planned_us, skipped) = grid.next(now_us);
        self.shared.recorder().poll(Polls { skipped, ..Polls::default() }, now_us);
        let until_us = self
            .shared
            .phases()
            .end_us()
            .filter(|_| self.asks_anew())
            .map_or(planned_us, |end_us| end_us.min(planned_us));
        self.unless_over(pin!(clock.sleep_until_us(until_us))).await?;
        if until_us < planned_us {
            return None;
        }
        self.shared.recorder().start_poll(planned_us, clock.now_us());
        Some(())
    }

    /// Waits for `future`, but no longer than the cell lasts.
    pub(crate) async fn unless_over<F: Future>(&self, future: F) -> Option<F::Output> {
        self.cell().unless_over(pin!(future)).await
    }

    /// The cell, for a future that has the session to itself.
    pub(crate) fn cell(&self) -> InCell {
        InCell { shared: Rc::clone(&self.shared), client: self.client }
    }

    /// The client's place in the feed.
    fn cursor(&self) -> Option<Cursor> {
        let (epoch, seq) = self.epoch.zip(self.sequence.last())?;
        Some(Cursor { epoch, seq })
    }

    /// Has the time come when the server ends the feed? A stream that ends then was not recycled.
    pub(crate) fn feed_ended(&self) -> bool {
        self.shared.feed_ended()
    }

    fn over(&self) -> bool {
        self.left || self.shared.over()
    }

    /// The server named the client's position.
    pub(crate) fn position(&mut self, position: Cursor) {
        self.failures = 0;
        match self.epoch {
            None => self.shared.positioned(self.shared.plan().scenario.clients),
            Some(epoch) if epoch != position.epoch => self.shared.recorder().restarts += 1,
            // The server repeats what the client told it, or has overwritten what follows: the next event will show.
            Some(_) => return,
        }
        self.sequence.begin(position.seq);
        self.epoch = Some(position.epoch);
    }

    /// A text was taken of what the connection's last read brought; of a shared connection, the read that brought it.
    pub(crate) fn deliver(&mut self, text: &[u8]) {
        let Some(connection) = &self.connection else { return };
        let Arrival { read_us, lag_us } = connection.arrival();
        self.shared.recorder().deliver(text, &mut self.sequence, read_us, lag_us);
        self.shared.delivered();
    }

    /// Bytes that are no framing, or a text that is none.
    pub(crate) fn malformed(&mut self) {
        self.shared.recorder().malformed += 1;
    }

    /// A request was answered with so many events.
    pub(crate) fn answered(&mut self, events: usize) {
        self.failures = 0;
        let Some(connection) = &mut self.connection else { return };
        connection.answer();
        let polls = Polls { total: 1, empty: u64::from(events == 0), skipped: 0 };
        self.shared.recorder().poll(polls, connection.arrival().read_us);
    }

    /// The server ended a stream, and the client took it up again.
    pub(crate) fn recycled(&mut self) {
        self.shared.recorder().recycles += 1;
    }

    /// The transport of every client of the cell.
    pub(crate) fn transport(&self) -> Transport {
        self.shared.plan().transport
    }

    /// How every client of the cell is built.
    pub(crate) fn client_kind(&self) -> ClientKind {
        self.shared.plan().scenario.client
    }

    /// Waits for the client's instant of the ramp; `None` when the cell is over before.
    pub(crate) async fn wait_until(&self, at_us: u64) -> Option<()> {
        self.unless_over(self.shared.clock().sleep_until_us(at_us)).await
    }
}
